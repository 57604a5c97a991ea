package scalar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A set of characters is written in Trino's engine as no other reads it: POSIX brackets, and sets
// inside of sets and && between them. Such a set is worked out here and written as its ranges.

// patternError says what is wrong with a regular expression.
type patternError struct{ reason string }

func (e *patternError) Error() string { return e.reason }

func patternErrorf(format string, args ...any) error {
	return &patternError{fmt.Sprintf(format, args...)}
}

// maxPattern bounds the bytes of a pattern, and maxNestedSets the sets in a set. Some patterns take
// longer to compile than in proportion to their length, and sets are read by a function that calls
// itself.
const (
	maxPattern    = 64 << 10
	maxNestedSets = 200
)

// PlainPattern writes a regular expression of Java without quotations, options behind its beginning,
// needless escapes, sets of sets, POSIX brackets, \d, \s and \w, which are of ASCII in Trino's engine
// alone, and those names of properties that only it has.
func PlainPattern(text string) (string, error) {
	if len(text) > maxPattern {
		return "", patternErrorf("it has more than %d bytes; match with several shorter ones", maxPattern)
	}
	var b strings.Builder
	// What closes each group that is open, and whether blanks do not count in it, nor what is behind a #.
	type group struct {
		end    string
		spaced bool
	}
	groups := []group{{}}
	for i := 0; i < len(text); {
		top := groups[len(groups)-1]
		switch {
		case text[i] == '(':
			m := options.FindStringSubmatch(text[i:])
			switch {
			case m == nil:
				groups = append(groups, group{")", top.spaced})
				b.WriteByte('(')
				i++
				continue
			case strings.Trim(m[1], "imsx-") != "":
				return "", patternErrorf("there is no option %s; those that there are are i, m, s and x", strings.Trim(m[1], "imsx-"))
			case m[2] == ":":
				groups = append(groups, group{")", spaced(m[1], top.spaced)})
			default:
				top.spaced = spaced(m[1], top.spaced)
				if i > 0 {
					// They begin a group that ends with the one around: a(?i)b|c is a(?i:b|c).
					if top.end = ")" + top.end; top.spaced {
						top.end = "\n" + top.end // behind a #, too
					}
					m[0] = "(?" + m[1] + ":"
				}
				groups[len(groups)-1] = top
			}
			b.WriteString(m[0])
			i += len(m[0])
		case text[i] == ')' && len(groups) > 1:
			b.WriteString(top.end)
			groups = groups[:len(groups)-1]
			i++
		case text[i] == '[':
			c := classReader{text: text, i: i + 1}
			if _, _, err := c.class(); !c.nested {
				// The engines read it themselves, or find that it is not closed.
				b.WriteString(withASCII(text[i:c.i]))
			} else if err != nil {
				return "", err
			} else {
				c = classReader{text: text, i: i + 1, sets: true}
				set, negated, _ := c.class()
				b.WriteString(set.class(negated))
			}
			i = c.i
		case text[i] != '\\' || i+1 == len(text):
			b.WriteByte(text[i])
			i++
		case text[i+1] == 'Q':
			quoted, _, _ := strings.Cut(text[i+2:], `\E`)
			for _, r := range quoted {
				b.WriteString(escaped(r))
			}
			i = min(i+len(quoted)+4, len(text))
		case (text[i+1] == 'p' || text[i+1] == 'P') && strings.HasPrefix(text[i+2:], "{"):
			c := classReader{text: text, i: i + 2, sets: true}
			set, known, err := c.property()
			switch {
			case err != nil:
				return "", err
			case known:
				b.WriteString(text[i:c.i])
			default:
				b.WriteString(set.class(text[i+1] == 'P'))
			}
			i = c.i
		case text[i+1]|0x20 == 'p': // a letter is the name of a property, but not in a set
			name := strings.ToUpper(text[i+2 : min(i+3, len(text))])
			if unicode.Categories[name] == nil {
				return "", patternErrorf("behind \\p stands a name in braces at character %d", utf8.RuneCountInString(text[:i])+1)
			}
			b.WriteString(text[i:i+2] + "{" + name + "}")
			i += 3
		case asciiSets[text[i+1]|0x20] != "":
			not := ""
			if text[i+1]&0x20 == 0 {
				not = "^"
			}
			b.WriteString("[" + not + asciiSets[text[i+1]|0x20] + "]")
			i += 2
		case (isLetter(text[i+1]) || text[i+1] == '_' || text[i+1] >= utf8.RuneSelf) && strings.IndexByte(escapes, text[i+1]) < 0:
			b.WriteByte(text[i+1])
			i += 2
		default:
			b.WriteString(text[i : i+2])
			i += 2
		}
	}
	b.WriteString(groups[0].end)
	return b.String(), nil
}

// options are those of a group, or of what follows in one.
var options = regexp.MustCompile(`^\(\?([A-Za-z]*(?:-[A-Za-z]*)?)([:)])`)

// spaced says whether the option x is on behind others.
func spaced(options string, before bool) bool {
	on, off, _ := strings.Cut(options, "-")
	return (before || strings.Contains(on, "x")) && !strings.Contains(off, "x")
}

// escapes are the letters that mean something behind a \; any other stands for itself, which the engines do
// not take for granted.
const escapes = "AaBbcefGknrtuvxZz"

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// asciiSets are \d, \s and \w as they stand in brackets. Each ends in a range, so that a - behind it
// stands for itself.
var asciiSets = map[byte]string{'d': `0-9`, 's': ` \t-\r`, 'w': `_0-9A-Za-z`}

// withASCII writes a set in brackets with what \d, \s and \w stand for.
func withASCII(class string) string {
	var b strings.Builder
	for i := 0; i < len(class); i++ {
		n := 1
		if class[i] == '\\' && i+1 < len(class) {
			if set := asciiSets[class[i+1]]; set != "" {
				b.WriteString(set)
				i++
				continue
			}
			n = 2
		}
		b.WriteString(class[i : i+n])
		i += n - 1
	}
	return b.String()
}

// runeSet is a set of characters: the first and last ones of its ranges.
type runeSet []rune

// sorted returns the ranges in order, none of which touches another.
func (s runeSet) sorted() runeSet {
	var pairs [][2]rune
	for i := 0; i < len(s); i += 2 {
		pairs = append(pairs, [2]rune{s[i], s[i+1]})
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var out runeSet
	for _, p := range pairs {
		if n := len(out); n > 0 && p[0] <= out[n-1]+1 {
			out[n-1] = max(out[n-1], p[1])
			continue
		}
		out = append(out, p[0], p[1])
	}
	return out
}

func (s runeSet) negated() runeSet {
	var out runeSet
	next := rune(0)
	for i, sorted := 0, s.sorted(); i < len(sorted); i += 2 {
		if sorted[i] > next {
			out = append(out, next, sorted[i]-1)
		}
		next = sorted[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

func (s runeSet) and(t runeSet) runeSet { return append(s.negated(), t.negated()...).negated() }

// class writes the set in brackets.
func (s runeSet) class(negated bool) string {
	var b strings.Builder
	s = s.sorted()
	if len(s) == 0 {
		s, negated = runeSet{0, unicode.MaxRune}, !negated
	}
	b.WriteByte('[')
	if negated {
		b.WriteByte('^')
	}
	for i := 0; i < len(s); i += 2 {
		// Half characters stand in no text, and cannot be written.
		first, last := s[i], s[i+1]
		if 0xD800 <= first && first <= 0xDFFF {
			first = 0xE000
		}
		if 0xD800 <= last && last <= 0xDFFF {
			last = 0xD7FF
		}
		if first > last {
			continue
		}
		b.WriteString(escaped(first))
		if last > first {
			b.WriteString("-" + escaped(last))
		}
	}
	b.WriteByte(']')
	return b.String()
}

// escaped writes a character so that it stands for itself, also as the end of a range.
func escaped(r rune) string {
	switch {
	case r < ' ' || r == 0x7F || r == '-':
		return fmt.Sprintf(`\x%02x`, r)
	case r < utf8.RuneSelf && r != '_' && !('0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z'):
		return `\` + string(r)
	}
	return string(r)
}

func tables(list ...*unicode.RangeTable) (s runeSet) {
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			s = append(s, lo, hi)
			return
		}
		for c := lo; c <= hi; c += stride {
			s = append(s, c, c)
		}
	}
	for _, t := range list {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s.sorted()
}

// kept returns a function that keeps the sets it was asked for: to make one takes milliseconds. They
// must not be changed.
func kept(of func(name string) (runeSet, bool)) func(name string) (runeSet, bool) {
	var sets sync.Map
	return func(name string) (runeSet, bool) {
		if s, ok := sets.Load(name); ok {
			return s.(runeSet), true
		}
		s, ok := of(name)
		if ok {
			sets.Store(name, s)
		}
		return s, ok
	}
}

var posix, property = kept(posixSet), kept(propertySet)

// posixSet returns the set of a name of POSIX, which is one of Unicode.
func posixSet(name string) (runeSet, bool) {
	alpha := []*unicode.RangeTable{unicode.L, unicode.Nl, unicode.Other_Alphabetic}
	graph := []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf, unicode.Co}
	switch name {
	case "alnum":
		return tables(append(alpha, unicode.Nd)...), true
	case "alpha":
		return tables(alpha...), true
	case "ascii":
		return runeSet{0, 0x7F}, true
	case "blank":
		return append(tables(unicode.Zs), '\t', '\t'), true
	case "cntrl":
		return tables(unicode.Cc), true
	case "digit":
		return tables(unicode.Nd), true
	case "graph":
		return tables(graph...), true
	case "lower":
		return tables(unicode.Ll, unicode.Other_Lowercase), true
	case "print":
		return tables(append(graph, unicode.Zs)...), true
	case "punct":
		return tables(unicode.P), true
	case "space":
		return tables(unicode.White_Space), true
	case "upper":
		return tables(unicode.Lu, unicode.Other_Uppercase), true
	case "word":
		return tables(append(alpha, unicode.M, unicode.Nd, unicode.Pc)...), true
	case "xdigit":
		return runeSet{'0', '9', 'A', 'F', 'a', 'f'}, true
	}
	return nil, false
}

// propertyNames are the names of properties and the tables of Unicode, in small letters.
var propertyNames = sync.OnceValue(func() map[string]*unicode.RangeTable {
	names := map[string]*unicode.RangeTable{}
	for _, m := range []map[string]*unicode.RangeTable{unicode.Properties, unicode.Scripts, unicode.Categories} {
		for name, t := range m {
			names[plainName(name)] = t
		}
	}
	for name, short := range unicode.CategoryAliases {
		names[plainName(name)] = unicode.Categories[short]
	}
	return names
})

// propertySet returns the set of a property, by the plain form of its name.
func propertySet(name string) (runeSet, bool) {
	if s, ok := posixSet(name); ok {
		return s, true
	}
	switch name {
	case "alphabetic":
		return posixSet("alpha")
	case "uppercase":
		return posixSet("upper")
	case "lowercase":
		return posixSet("lower")
	case "any":
		return runeSet{0, unicode.MaxRune}, true
	case "assigned":
		return tables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C), true
	}
	t := propertyNames()[name]
	if t == nil {
		return nil, false
	}
	return tables(t), true
}

// plainName is the name of a property as names are compared.
func plainName(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
}

// classReader reads a set in brackets.
type classReader struct {
	text   string
	i      int
	depth  int  // how many sets are being read, one in the other
	nested bool // there is something in it that the engines read otherwise
	open   bool // its end is missing
	sets   bool // it is worked out, not only read to its end
}

// place names a place in the text for people.
func (c *classReader) place(i int) string {
	return "at character " + strconv.Itoa(utf8.RuneCountInString(c.text[:i])+1)
}

func (c *classReader) rest() string { return c.text[c.i:] }

// class reads the set up to its ], which is taken in. The first error is kept, and the set
// is read to its end nevertheless.
func (c *classReader) class() (set runeSet, negated bool, err error) {
	start := c.i - 1
	fail := func(e error) {
		if err == nil {
			err = e
		}
	}
	if strings.HasPrefix(c.rest(), "^") {
		negated = true
		c.i++
	}
	var before runeSet // what stands before &&
	and := false
	for first := true; ; first = false {
		rest := c.rest()
		switch {
		case rest == "":
			c.open = true
			return nil, false, patternErrorf("a [ is not closed %s; the character itself is \\[", c.place(start))
		case rest[0] == ']' && !(first && strings.Contains(rest[1:], "]")):
			c.i++
			if and && c.sets {
				set = before.and(set)
			}
			return set, negated, err
		case strings.HasPrefix(rest, "&&"):
			c.nested = true
			c.i += 2
			if and && c.sets {
				set = before.and(set)
			}
			before, set, and = set, nil, true
			continue
		case strings.HasPrefix(rest, "[:") && posixEnd(rest) > 0:
			c.nested = true
			name, not := strings.CutPrefix(rest[2:posixEnd(rest)], "^")
			s, ok := posix(name)
			if !ok {
				fail(patternErrorf("there is no set of characters [:%s:] %s", name, c.place(c.i)))
			}
			c.i += posixEnd(rest) + 2
			if !c.sets {
				continue
			}
			if not {
				s = s.negated()
			}
			set = append(set, s...)
			continue
		case rest[0] == '[':
			c.nested = true
			if c.depth++; c.depth > maxNestedSets {
				c.open = true // nobody reads on
				return nil, false, patternErrorf("more than %d sets of characters are nested %s", maxNestedSets, c.place(c.i))
			}
			c.i++
			s, not, e := c.class()
			c.depth--
			if c.open {
				return nil, false, e
			}
			if e != nil {
				fail(e)
			}
			if not && c.sets {
				s = s.negated()
			}
			set = append(set, s...)
			continue
		}
		from := c.i
		lo, s, e := c.member()
		if e != nil {
			fail(e)
		}
		if s != nil {
			set = append(set, s...)
			continue
		}
		hi := lo
		if rest := c.rest(); strings.HasPrefix(rest, "-[") {
			fail(patternErrorf("-[ is not supported %s; write && and [^…] to leave characters out, or \\- for the character itself", c.place(c.i)))
		} else if strings.HasPrefix(rest, "-") && !strings.HasPrefix(rest, "-]") && !strings.HasPrefix(rest, "-&&") && len(rest) > 1 {
			c.i++
			at := c.i
			if hi, s, e = c.member(); e != nil {
				fail(e)
			}
			// regexp2 takes this for a character of its own at either end of a range.
			c.nested = c.nested || strings.HasPrefix(c.text[from:], `\-`) || strings.HasPrefix(c.text[at:], `\-`)
			switch {
			case s != nil:
				c.nested = true
				fail(patternErrorf("a range of characters ends in a set of them %s; the character itself is \\-", c.place(at-1)))
				hi = lo
			case hi < lo:
				fail(patternErrorf("a range of characters is the wrong way round %s", c.place(at-2)))
				hi = lo
			}
			if strings.HasPrefix(c.rest(), "-[") {
				fail(patternErrorf("-[ is not supported %s; write && and [^…] to leave characters out, or \\- for the character itself", c.place(c.i)))
			}
		}
		set = append(set, lo, hi)
	}
}

// posixEnd returns where the :] stands of what begins with [: or 0.
func posixEnd(s string) int {
	if end := strings.IndexByte(s[2:], ']') + 1; end > 1 && s[end] == ':' {
		return end
	}
	return 0
}

// member reads a character, or what stands for a set of them.
func (c *classReader) member() (rune, runeSet, error) {
	r, n := utf8.DecodeRuneInString(c.rest())
	start := c.i
	c.i += n
	if r != '\\' || c.i == len(c.text) {
		return r, nil, nil
	}
	r, n = utf8.DecodeRuneInString(c.rest())
	c.i += n
	number := func(digits string, base, bits int) (rune, runeSet, error) {
		v, err := strconv.ParseUint(digits, base, bits)
		if err != nil {
			return 0, nil, patternErrorf("the number of a character is not supported %s", c.place(start))
		}
		return rune(v), nil, nil
	}
	switch r {
	case 'p', 'P':
		if !strings.HasPrefix(c.rest(), "{") {
			break
		}
		s, known, err := c.property()
		if !known {
			c.nested = true
		}
		if r == 'P' && c.sets {
			s = s.negated()
		}
		return 0, s, err
	case 'd', 'D':
		return 0, c.ascii(r, runeSet{'0', '9'}), nil
	case 's', 'S':
		return 0, c.ascii(r, runeSet{'\t', '\r', ' ', ' '}), nil
	case 'w', 'W':
		return 0, c.ascii(r, runeSet{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}), nil
	case 'x':
		digits := c.rest()[:min(2, len(c.rest()))]
		c.i += len(digits)
		return number(digits, 16, 8)
	case 'u':
		digits := c.rest()[:min(4, len(c.rest()))]
		c.i += len(digits)
		return number(digits, 16, 16)
	}
	if i := strings.IndexRune("tnrfvaeb", r); i >= 0 {
		return rune("\t\n\r\f\v\a\x1b\b"[i]), nil, nil
	}
	if r == 'c' || '0' <= r && r <= '9' {
		return 0, nil, patternErrorf("\\%c is not supported in a set of sets %s", r, c.place(start))
	}
	c.nested = c.nested || r < utf8.RuneSelf && isLetter(byte(r))
	return r, nil, nil
}

// ascii returns a set, or what is not in it for a capital letter.
func (c *classReader) ascii(letter rune, s runeSet) runeSet {
	if unicode.IsUpper(letter) {
		c.nested = true
		return s.negated()
	}
	return s
}

// property reads the name of a property in braces. known says that the engines know it by that name.
func (c *classReader) property() (s runeSet, known bool, err error) {
	start := c.i - 2
	name, _, ok := strings.Cut(strings.TrimPrefix(c.rest(), "{"), "}")
	if !ok || !strings.HasPrefix(c.rest(), "{") {
		return runeSet{}, false, patternErrorf("behind \\p stands a name in braces %s", c.place(start))
	}
	c.i += len(name) + 2
	known = unicode.Categories[name] != nil && len(name) <= 2 && name != "Cn" && name != "LC" || unicode.Scripts[name] != nil
	s, ok = property(plainName(name))
	switch {
	case !ok:
		return runeSet{}, false, patternErrorf("there is no property of characters {%s} %s", name, c.place(start))
	case !c.sets:
		s = runeSet{}
	}
	return s, known, nil
}
