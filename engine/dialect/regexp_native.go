package dialect

import (
	"regexp/syntax"
	"slices"
	"strings"

	"traillake/engine/dialect/scalar"
)

// native is a pattern of Java as RE2 has it, which DuckDB runs itself and which is many times
// faster.
type native struct {
	text string
	tree *syntax.Regexp
	ends bool // there is a $, which takes the line feed before which it may stand into the match
}

// lineEnd is what $ means: Java's also stands before a last line feed.
const lineEnd = `(?:\n?\z)`

// nativeRegexp writes a pattern of Java for RE2. ok is false where the two do not mean the same,
// or may not.
func nativeRegexp(java string) (_ native, ok bool) {
	java, err := scalar.PlainPattern(java)
	if err != nil {
		return native{}, false
	}
	var n native
	var b strings.Builder
	class := false
	for i := 0; i < len(java); i++ {
		c := java[i]
		switch {
		case c == '\\' && i+1 < len(java):
			i++
			if strings.IndexByte("pPvbBZGk", java[i]) >= 0 || '0' <= java[i] && java[i] <= '9' {
				return native{}, false
			}
			b.WriteString(java[i-1 : i+1])
			continue
		case c == '[' && class:
			return native{}, false // a set that is not closed
		case c == '$' && !class:
			n.ends = true
			b.WriteString(lineEnd)
			continue
		case c == '[':
			if rest := strings.TrimPrefix(java[i+1:], "^"); strings.HasPrefix(rest, "]") {
				return native{}, false // a member of the class
			}
			class = true
		case c == ']':
			class = false
		case c == '(' && !class && strings.HasPrefix(java[i:], "(?"):
			// U and m are other things in Java than in RE2, and groups have other names.
			if strings.HasPrefix(java[i:], "(?<") || strings.ContainsAny(flagsOf(java[i+2:]), "UmP") {
				return native{}, false
			}
		}
		b.WriteByte(c)
	}
	n.text = b.String()
	n.tree, err = syntax.Parse(n.text, syntax.Perl)
	return n, err == nil && size(n.tree) <= maxSize && (!n.ends || endsLast(n.tree, true))
}

// maxSize bounds the ranges of characters of a pattern whose repetitions are written out: RE2 refuses
// what is too large only when the query runs. It takes a set of 1,000 ranges 350 times, and not
// 400 times (DuckDB 1.5.5).
const maxSize = 100_000

func size(re *syntax.Regexp) int {
	n := 1
	switch re.Op {
	case syntax.OpCharClass:
		n = len(re.Rune) / 2
	case syntax.OpLiteral:
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += size(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// anchoredOutside says whether the ends of the text, and nothing empty, stand nowhere but at the ends
// of a pattern. DuckDB's optimizer makes wrong conditions of other patterns for regexp_matches (version
// 1.5.5).
func anchoredOutside(re *syntax.Regexp) bool {
	subs := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		subs = re.Sub
	}
	if len(subs) > 0 && subs[0].Op == syntax.OpBeginText {
		subs = subs[1:]
	}
	if len(subs) > 0 && subs[len(subs)-1].Op == syntax.OpEndText {
		subs = subs[:len(subs)-1]
	}
	var inside func(*syntax.Regexp) bool
	inside = func(re *syntax.Regexp) bool {
		switch re.Op {
		case syntax.OpBeginText, syntax.OpEndText, syntax.OpEmptyMatch, syntax.OpNoMatch:
			return true
		}
		return slices.ContainsFunc(re.Sub, inside)
	}
	return len(subs) > 0 && !slices.ContainsFunc(subs, inside)
}

// endsLast says whether nothing that a pattern matches comes behind an end of the text. last says
// whether nothing comes behind re.
func endsLast(re *syntax.Regexp, last bool) bool {
	switch re.Op {
	case syntax.OpEndText:
		return last
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		last = false
	}
	for i, sub := range re.Sub {
		if !endsLast(sub, last && (re.Op != syntax.OpConcat || i == len(re.Sub)-1)) {
			return false
		}
	}
	return true
}

// captured returns what group n of a pattern is, or nil.
func captured(re *syntax.Regexp, n int) *syntax.Regexp {
	if n == 0 {
		return re
	}
	for _, sub := range re.Sub {
		if re.Op == syntax.OpCapture && re.Cap == n {
			return sub
		}
		if found := captured(sub, n); found != nil {
			return found
		}
	}
	return nil
}

// extracts says whether RE2 gives what Java does for group n of a match, and an empty text where
// there is no match and only there.
func (n native) extracts(group int) bool {
	if group < 0 || group > 9 || !alwaysCaptures(n.tree, group) {
		return false
	}
	re := captured(n.tree, group)
	return re != nil && neverEmpty(re) && !hasEnd(re)
}

// hasEnd says whether there is an end of the text in a pattern.
func hasEnd(re *syntax.Regexp) bool {
	return re.Op == syntax.OpEndText || slices.ContainsFunc(re.Sub, hasEnd)
}

// flagsOf returns the letters of flags with which a group begins.
func flagsOf(group string) string {
	return group[:len(group)-len(strings.TrimLeft(group, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"))]
}

// alwaysCaptures says whether every match of a pattern has text for group n, so that
// there is no difference between a group that took no part and one that was empty.
func alwaysCaptures(re *syntax.Regexp, n int) bool {
	switch re.Op {
	case syntax.OpCapture:
		return re.Cap == n || alwaysCaptures(re.Sub[0], n)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if alwaysCaptures(sub, n) {
				return true
			}
		}
	case syntax.OpPlus:
		return alwaysCaptures(re.Sub[0], n)
	case syntax.OpRepeat:
		return re.Min > 0 && alwaysCaptures(re.Sub[0], n)
	}
	return n == 0
}

// neverEmpty says whether every match of a pattern has at least one character: after
// an empty match engines go on at different places.
func neverEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) > 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return neverEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && neverEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if neverEmpty(sub) {
				return true
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !neverEmpty(sub) {
				return false
			}
		}
		return true
	}
	return false
}
