package scalar

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	"github.com/dlclark/regexp2/syntax"
)

// Regular expressions are Java's: back-references and look-around need an engine that
// tries and goes back. It gives up after a time, since some patterns never end.
const matchTimeout = 5 * time.Second

// maxPatterns bounds the compiled patterns that are kept.
const maxPatterns = 256

var patterns = struct {
	sync.RWMutex
	m map[string]*pattern
}{m: map[string]*pattern{}}

// pattern is a compiled pattern. Named groups have numbers only, since Java counts them
// with the others; names finds them.
type pattern struct {
	*regexp2.Regexp
	names map[string]int
}

func compile(text string) (*pattern, error) {
	patterns.RLock()
	re := patterns.m[text]
	patterns.RUnlock()
	if re != nil {
		return re, nil
	}
	text = strings.Clone(text) // the names of groups are parts of it, and its memory is the database's
	re, err := compilePattern(text)
	if err != nil {
		return nil, patternFailure(text, err)
	}
	re.MatchTimeout = matchTimeout
	patterns.Lock()
	defer patterns.Unlock()
	if len(patterns.m) >= maxPatterns {
		clear(patterns.m)
	}
	patterns.m[text] = re
	return re, nil
}

// patternMistakes are the mistakes that Java sees in a pattern, too.
var patternMistakes = map[syntax.ErrorCode]string{
	syntax.ErrMissingParen:          "a ( is not closed; the character itself is \\(",
	syntax.ErrUnexpectedParen:       "there is no ( for a ); the character itself is \\)",
	syntax.ErrUnterminatedBracket:   "a [ is not closed; the character itself is \\[",
	syntax.ErrMissingRepeatArgument: "there is nothing in front of *, + or ? to repeat; the character itself is \\*, \\+ or \\?",
	syntax.ErrIllegalEndEscape:      "there is nothing behind the last \\; the character itself is \\\\",
	syntax.ErrReversedCharRange:     "a range of characters is the wrong way round",
	syntax.ErrInvalidRepeatSize:     "a number of repetitions {m,n} is the wrong way round, or too large",
}

// PatternMistake says what is wrong with a regular expression, "" where nothing is, or where
// Java may take what this engine does not.
func PatternMistake(text string) string {
	_, err := compilePattern(text)
	return mistake(text, err)
}

func mistake(text string, err error) string {
	var ours *patternError
	if errors.As(err, &ours) {
		return ours.reason
	}
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return ""
	}
	if strings.Contains(text, "(?P<") {
		return "a group is named as (?<name>…), without the P"
	}
	return patternMistakes[bad.Code]
}

// maxShown bounds the characters of a pattern that an error shows.
const maxShown = 200

// patternFailure is the error of a pattern that does not compile.
func patternFailure(text string, err error) error {
	reason := mistake(text, err)
	if runes := []rune(text); len(runes) > maxShown {
		text = string(runes[:maxShown]) + "…"
	}
	switch {
	case errors.As(err, new(*patternError)):
		return badArgument("Invalid regular expression: %s: %s", text, reason)
	case reason != "":
		return badArgument("Invalid regular expression: %s", text)
	}
	why, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "error parsing regexp: "), " in `")
	return &Error{"NOT_SUPPORTED", fmt.Sprintf("Regular expression is not supported: %s: %s", text, why)}
}

func compilePattern(text string) (*pattern, error) {
	plain, err := PlainPattern(text)
	if err != nil {
		return nil, err
	}
	plain, names, err := numbered(plain)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(javaPattern(plain), regexp2.None)
	return &pattern{re, names}, err
}

// numbered takes the names out of groups. The error is of \k<name> where there is no such group before it.
func numbered(p string) (string, map[string]int, error) {
	if !strings.Contains(p, "(?<") && !strings.Contains(p, `\k<`) {
		return p, nil, nil
	}
	names := map[string]int{}
	var b strings.Builder
	groups, class := 0, false
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			if p[i+1] == 'k' && strings.HasPrefix(p[i+2:], "<") {
				if end := strings.IndexByte(p[i:], '>'); end > 0 {
					name := p[i+3 : i+end]
					n := names[name]
					if n == 0 {
						n, _ = strconv.Atoi(name)
					}
					if n <= 0 {
						return "", nil, patternErrorf("there is no group %s before \\k<%s>", name, name)
					}
					fmt.Fprintf(&b, `(?:\%d)`, n)
					i += end
					continue
				}
			}
			b.WriteString(p[i : i+2])
			i++
			continue
		case p[i] == '[':
			class = true
		case p[i] == ']':
			class = false
		case p[i] == '(' && !class:
			rest := p[i+1:]
			if strings.HasPrefix(rest, "?<") && !strings.HasPrefix(rest, "?<=") && !strings.HasPrefix(rest, "?<!") {
				groups++
				if end := strings.IndexByte(rest, '>'); end > 0 {
					names[rest[2:end]] = groups
					b.WriteByte('(')
					i += end + 1
					continue
				}
			} else if !strings.HasPrefix(rest, "?") {
				groups++
			}
		}
		b.WriteByte(p[i])
	}
	return b.String(), names, nil
}

// interval is a count of repetitions.
var interval = regexp.MustCompile(`^\{\d+(?:,\d*)?\}`)

// quantifier returns the length of the quantifier that a pattern begins with, without ? or + behind it.
func quantifier(p string) int {
	if strings.IndexByte("*+?", p[0]) >= 0 {
		return 1
	}
	return len(interval.FindString(p))
}

// longEscape is an escape of more than one letter, but for those in braces.
var longEscape = regexp.MustCompile(`(?s)^\\(?:x[[:xdigit:]]{1,2}|u[[:xdigit:]]{4}|0[0-7]{1,2}|c.)`)

// lines finds the option by which ^ also stands behind a line feed.
var lines = regexp.MustCompile(`\(\?[a-z]*m`)

// javaPattern writes a pattern of Java in the spelling of the engine, which lacks possessive
// quantifiers: x++ is (?>x+). Its ^ also stands behind a line feed that ends the text.
func javaPattern(p string) string {
	begins := "^"
	if lines.MatchString(p) {
		begins = `(?:\A|^(?!\z))`
	}
	var out []byte
	var groups []int
	atom := -1     // where in out that begins which a quantifier repeats
	again := false // it ends in a quantifier, and another makes a group of it
	for i := 0; i < len(p); {
		n := 1
		if n = quantifier(p[i:]); n > 0 && atom >= 0 {
			if again {
				out = append(slices.Insert(out, atom, []byte("(?:")...), ')')
			}
			out = append(out, p[i:i+n]...)
			i += n
			again = true
			switch {
			case strings.HasPrefix(p[i:], "+"):
				out = append(slices.Insert(out, atom, []byte("(?>")...), ')')
				i++
			case strings.HasPrefix(p[i:], "?"):
				// Joni has rules of its own for what repeats x+?, which is left to the engine to refuse.
				again = n > 1
				out = append(out, '?')
				i++
			}
			continue
		}
		n, again = 1, false
		switch p[i] {
		case '(':
			groups = append(groups, len(out))
			atom = -1
			if strings.HasPrefix(p[i:], "(?") {
				n = 2 // no quantifier
			}
		case ')':
			if last := len(groups) - 1; last >= 0 {
				atom, groups = groups[last], groups[:last]
			}
		case '^':
			out = append(out, begins...)
			atom = -1
			i++
			continue
		case '|', '$':
			atom = -1
		case '[':
			c := classReader{text: p, i: i + 1}
			_, _, _ = c.class()
			n = c.i - i
			atom = len(out)
		case '\\':
			n = max(len(longEscape.FindString(p[i:])), min(2, len(p)-i))
			if braced := strings.HasPrefix(p[i+n:], "{") && strings.ContainsAny(p[i+1:i+n], "pPx"); braced {
				if end := strings.IndexByte(p[i+n:], '}'); end >= 0 {
					n += end + 1
				} else {
					n = len(p) - i
				}
			}
			atom = len(out)
		default:
			_, n = utf8.DecodeRuneInString(p[i:])
			atom = len(out)
		}
		out = append(out, p[i:i+n]...)
		i += n
	}
	return string(out)
}

var regexpFuncs = []Func{
	{"t_rx_like", "ss", Bool, func(r *Row) error {
		re, err := compile(r.S[1])
		if err != nil {
			return err
		}
		r.Bool, err = re.MatchString(r.S[0])
		return slow(err)
	}},
	{"t_rx_count", "ss", Int, func(r *Row) error {
		r.Num = 0
		return each(r, func(*regexp2.Match) bool { r.Num++; return true })
	}},
	{"t_rx_extract", "ssi", Text, func(r *Row) error {
		r.Null = true
		return each(r, func(m *regexp2.Match) bool {
			if g := m.GroupByNumber(int(r.I[2])); len(g.Captures) > 0 {
				r.Str, r.Null = g.String(), false
			}
			return false
		})
	}},
	{"t_rx_extract_all", "ssi", Texts, func(r *Row) error {
		r.List = List{V: []string{}, Null: []bool{}}
		return each(r, func(m *regexp2.Match) bool {
			g := m.GroupByNumber(int(r.I[2]))
			r.List.V = append(r.List.V, g.String())
			r.List.Null = append(r.List.Null, len(g.Captures) == 0)
			return true
		})
	}},
	{"t_rx_position", "ssii", Int, func(r *Row) error {
		if r.I[2] < 1 {
			return badArgument("start position cannot be smaller than 1")
		}
		if r.I[3] < 1 {
			return badArgument("occurrence cannot be smaller than 1")
		}
		if r.Num = -1; r.I[2] > int64(utf8.RuneCountInString(r.S[0])) {
			return nil // also at the end, where something empty would match
		}
		re, err := compile(r.S[1])
		if err != nil {
			return err
		}
		// The search begins there: what is found may overlap with what begins before.
		m, err := re.FindRunesMatchStartingAt([]rune(r.S[0]), int(r.I[2]-1))
		for n := r.I[3]; m != nil && err == nil; m, err = re.FindNextMatch(m) {
			if n--; n == 0 {
				r.Num = int64(m.Index) + 1
				break
			}
		}
		return slow(err)
	}},
	{"t_rx_replace", "sss", Text, regexpReplace},
	{"t_rx_stride", "s", Int, func(r *Row) error {
		re, err := compile(r.S[0])
		if err == nil {
			r.Num = int64(len(re.GetGroupNumbers()))
		}
		return err
	}},
	{"t_rx_pieces", "ss", Texts, func(r *Row) error {
		runes := []rune(r.S[0])
		last := 0
		r.List = List{V: []string{}, Null: []bool{}}
		put := func(s string, null bool) {
			r.List.V, r.List.Null = append(r.List.V, s), append(r.List.Null, null)
		}
		err := each(r, func(m *regexp2.Match) bool {
			put(string(runes[last:m.Index]), false)
			last = m.Index + m.Length
			for n := 1; n < m.GroupCount(); n++ {
				g := m.GroupByNumber(n)
				put(g.String(), len(g.Captures) == 0)
			}
			return true
		})
		put(string(runes[last:]), false)
		return err
	}},
	{"t_rx_split", "ss", Texts, func(r *Row) error {
		runes := []rune(r.S[0])
		last := 0
		r.List = List{}
		err := each(r, func(m *regexp2.Match) bool {
			r.List.V = append(r.List.V, string(runes[last:m.Index]))
			last = m.Index + m.Length
			return true
		})
		r.List.V = append(r.List.V, string(runes[last:]))
		return err
	}},
}

// PatternGroups returns how many groups a regular expression has, if it is one.
func PatternGroups(text string) (groups int, ok bool) {
	re, err := compile(text)
	if err != nil {
		return 0, false
	}
	return len(re.GetGroupNumbers()) - 1, true
}

func slow(err error) error {
	if err != nil {
		return &Error{"EXCEEDED_TIME_LIMIT", fmt.Sprintf("the regular expression did not end within %s", matchTimeout)}
	}
	return nil
}

// each calls f for the matches of the pattern, the second argument, in the first, until
// it returns false.
func each(r *Row, f func(*regexp2.Match) bool) error {
	re, err := compile(r.S[1])
	if err != nil {
		return err
	}
	// The number of a group is the third argument where there is one.
	if g := r.I[2]; g < 0 || g > 0 && int(g) >= len(re.GetGroupNumbers()) {
		return badArgument("Pattern has %d groups. Cannot access group %d", len(re.GetGroupNumbers())-1, g)
	}
	m, err := re.FindStringMatch(r.S[0])
	for m != nil && err == nil && f(m) {
		m, err = re.FindNextMatch(m)
	}
	return slow(err)
}

// regexpReplace puts groups in the place of $1, ${name} and \$.
func regexpReplace(r *Row) error {
	runes := []rune(r.S[0])
	var b strings.Builder
	last := 0
	var bad error
	var names map[string]int
	if re, err := compile(r.S[1]); err == nil {
		names = re.names
	}
	err := each(r, func(m *regexp2.Match) bool {
		b.WriteString(string(runes[last:m.Index]))
		last = m.Index + m.Length
		bad = expand(&b, r.S[2], m, names)
		return bad == nil
	})
	if bad != nil {
		return bad
	}
	b.WriteString(string(runes[last:]))
	return firstError(err, r.setText(b.String(), true))
}

func firstError(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

func expand(b *strings.Builder, t string, m *regexp2.Match, names map[string]int) error {
	for i := 0; i < len(t); i++ {
		switch {
		case t[i] == '\\' && i+1 < len(t):
			i++
			b.WriteByte(t[i])
		case t[i] == '\\':
			return badArgument("Illegal replacement sequence: %s", t)
		case t[i] == '$':
			var g *regexp2.Group
			if i+1 < len(t) && t[i+1] == '{' {
				end := strings.IndexByte(t[i:], '}')
				if end < 0 {
					return badArgument("Illegal replacement sequence: %s", t)
				}
				if n := names[t[i+2:i+end]]; n > 0 {
					g = m.GroupByNumber(n)
				}
				i += end
			} else {
				n, digits := 0, 0
				for i+1+digits < len(t) && t[i+1+digits] >= '0' && t[i+1+digits] <= '9' {
					next := n*10 + int(t[i+1+digits]-'0')
					if digits > 0 && m.GroupByNumber(next) == nil || digits > 0 && next >= m.GroupCount() {
						break
					}
					n = next
					digits++
				}
				if digits == 0 {
					return badArgument("Illegal replacement sequence: %s", t)
				}
				if n < m.GroupCount() {
					g = m.GroupByNumber(n)
				}
				i += digits
			}
			if g == nil {
				return badArgument("Illegal replacement sequence: unknown group in %s", t)
			}
			b.WriteString(g.String())
		default:
			_, n := utf8.DecodeRuneInString(t[i:])
			b.WriteString(t[i : i+n])
			i += n - 1
		}
	}
	return nil
}
