// Package suggest finds the name that was likely meant, for messages that ask "did you
// mean". It knows nothing of what the names are of.
package suggest

import "strings"

// Closest returns the candidate with the fewest letters to insert, drop or change to
// turn it into name, regardless of case; of several the first. It returns "" when none
// is near: at most a third of the letters of name may be wrong, which is still likely a
// slip. Letters are bytes.
func Closest(name string, candidates []string) string {
	best, least := "", len(name)/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is the edit distance of Levenshtein, kept as one row of his table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
