package scalar

import (
	"strconv"
	"strings"
)

// levenshtein counts the code points to put in, take out or change.
func levenshtein(r *Row) error {
	a, b := []rune(r.S[0]), []rune(r.S[1])
	long, short := a, b
	if len(a) < len(b) {
		long, short = b, a
	}
	if len(long)*(len(short)-1) > 1_000_000 { // as Trino counts
		return badArgument("The combined inputs size exceeded max Levenshtein distance combined input size, code points left is %d, code points right is %d", len(a), len(b))
	}
	a, b = long, short
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, d := range b {
			cost := diagonal
			if c != d {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	r.Num = int64(row[len(b)])
	return nil
}

// maxCombinations is Trino's bound of the elements in what combinations makes.
const maxCombinations = 100_000

// combinations gives the places, from 1, of the elements of each choice of n out of a
// list, with commas: in the order of the last place, then the one before.
func combinations(r *Row) error {
	size, n := int(r.I[0]), int(r.I[1])
	switch {
	case n < 0:
		return badArgument("combination size must not be negative: %d", n)
	case n > 5:
		return badArgument("combination size must not exceed 5: %d", n)
	}
	r.List = List{V: []string{}}
	if n > size {
		return nil
	}
	count := 1
	for k := 1; k <= n; k++ {
		if count = count * (size - n + k) / k; count > maxCombinations {
			break
		}
	}
	if count*n > maxCombinations {
		return badArgument("combinations exceed max size")
	}
	at := make([]int, n)
	for i := range at {
		at[i] = i + 1
	}
	for {
		var b strings.Builder
		for i, v := range at {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(v))
		}
		r.List.V = append(r.List.V, b.String())
		i := 0
		for i < n-1 && at[i]+1 == at[i+1] {
			i++
		}
		if n == 0 || i == n-1 && at[i] == size {
			return nil
		}
		at[i]++
		for k := range i {
			at[k] = k + 1
		}
	}
}
