package dialect

import (
	"regexp/syntax"
	"strings"
)

// nativeRegexp writes a pattern of Java for RE2, which DuckDB runs itself and which is
// many times faster. ok is false where the two do not mean the same, or may not.
func nativeRegexp(java string) (re2 string, parsed *syntax.Regexp, ok bool) {
	// $ also stands before a last line feed in Java; && makes sets of sets.
	if strings.ContainsAny(java, "$") || strings.Contains(java, "&&") {
		return "", nil, false
	}
	var b strings.Builder
	class := false
	for i := 0; i < len(java); i++ {
		c := java[i]
		switch {
		case c == '\\' && i+1 < len(java):
			i++
			set, isSet := unicodeSets[java[i]|0x20]
			negated := java[i]&0x20 == 0
			switch {
			case isSet && class && !negated:
				b.WriteString(set)
			case isSet && !class && negated:
				b.WriteString("[^" + set + "]")
			case isSet && !class:
				b.WriteString("[" + set + "]")
			case strings.IndexByte("WSDpPhHvVbBCRXQEZGk", java[i]) >= 0, '0' <= java[i] && java[i] <= '9':
				return "", nil, false
			default:
				b.WriteString(java[i-1 : i+1])
			}
			continue
		case c == '[' && class:
			return "", nil, false // Java's union of sets
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '(' && !class && strings.HasPrefix(java[i:], "(?"):
			// U and m are other things in Java than in RE2, and groups have other names.
			if strings.HasPrefix(java[i:], "(?<") || strings.ContainsAny(flagsOf(java[i+2:]), "UmP") {
				return "", nil, false
			}
		}
		b.WriteByte(c)
	}
	parsed, err := syntax.Parse(b.String(), syntax.Perl)
	return b.String(), parsed, err == nil
}

// unicodeSets are what \d, \s and \w stand for in the engine that runs all other patterns.
var unicodeSets = map[byte]string{'d': `\p{Nd}`, 's': `\t\n\v\f\r\x85\p{Z}`, 'w': `\p{L}\p{Mn}\p{Nd}\p{Pc}`}

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
