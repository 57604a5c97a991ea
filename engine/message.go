package engine

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"traillake/internal/suggest"
	"traillake/schema"
)

var (
	noColumn   = regexp.MustCompile(`(?s)^Referenced column "(.*?)" not found in FROM clause!(?:\nCandidate bindings: (.*))?$`)
	noMember   = regexp.MustCompile(`(?s)^(?:Values list|Table) "(.*?)" does not have a column named "(.*?)"(?:.*Candidate bindings: *: *(.*))?$`)
	noKey      = regexp.MustCompile(`(?s)^Could not find key "(.*?)" in struct\n+Candidate Entries: (.*)$`)
	noFunction = regexp.MustCompile(`(?s)^.*Function with name (\S+) does not exist!(?:\nDid you mean "(.*?)"\?)?`)
)

// message rewrites what the database says most often into what the user can act
// on; the rest only begins in lower case.
func message(s string) string {
	if m := noColumn.FindStringSubmatch(s); m != nil {
		return "no column " + quoteName(m[1]) + didYouMean(m[1], strings.Split(m[2], ", "))
	}
	if m := noMember.FindStringSubmatch(s); m != nil {
		return "no column " + quoteName(m[2]) + " in " + quoteName(m[1]) + didYouMean(m[2], strings.Split(m[3], ", "))
	}
	if m := noKey.FindStringSubmatch(s); m != nil {
		return "no member " + quoteName(m[1]) + didYouMean(m[1], strings.Split(m[2], ", "))
	}
	if m := noFunction.FindStringSubmatch(s); m != nil {
		return "no function " + quoteName(m[1]) + didYouMean(m[1], []string{m[2]})
	}
	return lowerFirst(s)
}

// didYouMean names the candidate that is likely meant, in the record's spelling.
func didYouMean(name string, candidates []string) string {
	names := make([]string, len(candidates))
	for i, c := range candidates {
		c = strings.Trim(strings.TrimSpace(c), `"`)
		names[i] = c[strings.LastIndexByte(c, '.')+1:]
	}
	best := suggest.Closest(name, names)
	if best == "" {
		return ""
	}
	for _, c := range schema.DeliveredColumns() {
		if c.Name == best {
			best = c.Key
		}
	}
	return "; did you mean " + quoteName(best) + "?"
}

// lowerFirst makes a message of the database read like ours.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(next) {
		return s // an abbreviation
	}
	return string(unicode.ToLower(r)) + s[n:]
}
