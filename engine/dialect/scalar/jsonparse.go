package scalar

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"traillake/engine/dialect/jsonpath"
)

// maxDepth bounds the nesting of JSON that is parsed, as Trino's parser does.
const maxDepth = 1000

// Canonical returns JSON text as json_parse keeps it: without blanks, keys sorted, the
// last of a key that stands twice, numbers with a point as doubles.
func Canonical(s string) (string, error) {
	p := parsers.Get().(*parser)
	p.s, p.i = s, 0
	b, ok := p.value(p.text[:0], 0)
	if ok {
		ok = space(s, p.i) == len(s)
		p.text = b
	}
	text := string(b)
	// What is kept must not point into the text, which may be memory of others.
	p.s = ""
	if p.members = p.members[:cap(p.members)]; len(p.members) > 4096 {
		p.members = nil
	}
	clear(p.members)
	p.members = p.members[:0]
	parsers.Put(p)
	if !ok {
		return "", badArgument("Cannot convert value to JSON: '%s'", s)
	}
	return text, nil
}

// parsers are used again for their memory.
var parsers = sync.Pool{New: func() any { return new(parser) }}

type parser struct {
	s    string
	i    int
	asIs bool // the keys of objects keep their order, and all count
	tree bool // they keep their order, and the last of each counts; see jsonArrayGet
	// members are those of the objects that are not at their end.
	members []member
	// moved and text are bytes that are used again.
	moved, text []byte
}

// member is a member of an object, which is written in some bytes with its key.
type member struct {
	key      string
	from, to int
}

// value appends the canonical text of the next value.
func (p *parser) value(b []byte, depth int) ([]byte, bool) {
	p.i = space(p.s, p.i)
	if p.i >= len(p.s) || depth > maxDepth {
		return nil, false
	}
	switch c := p.s[p.i]; {
	case c == '{':
		return p.object(b, depth)
	case c == '[':
		p.i++
		b = append(b, '[')
		if p.next(']') {
			return append(b, ']'), true
		}
		for {
			var ok bool
			if b, ok = p.value(b, depth+1); !ok {
				return nil, false
			}
			if p.next(']') {
				return append(b, ']'), true
			}
			if !p.next(',') {
				return nil, false
			}
			b = append(b, ',')
		}
	case c == '"':
		s, ok := p.str()
		return p.appendString(b, s), ok
	case c == '-' || c >= '0' && c <= '9':
		end := skip(p.s, p.i)
		n := p.s[p.i:end]
		p.i = end
		if !isNumber(n) {
			return nil, false
		}
		return append(b, numberText(n)...), true
	default:
		for _, w := range []string{"true", "false", "null"} {
			if strings.HasPrefix(p.s[p.i:], w) {
				p.i += len(w)
				return append(b, w...), true
			}
		}
		return nil, false
	}
}

// next takes a character behind blanks.
func (p *parser) next(c byte) bool {
	p.i = space(p.s, p.i)
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *parser) object(b []byte, depth int) ([]byte, bool) {
	p.i++
	start, first := len(b), len(p.members)
	b = append(b, '{')
	for more := !p.next('}'); more; more = !p.next('}') {
		if len(p.members) > first {
			if !p.next(',') {
				return nil, false
			}
			b = append(b, ',')
		}
		if p.i = space(p.s, p.i); p.i >= len(p.s) || p.s[p.i] != '"' {
			return nil, false
		}
		from := len(b)
		key, ok := p.str()
		if !ok || !p.next(':') {
			return nil, false
		}
		b = append(p.appendString(b, key), ':')
		if b, ok = p.value(b, depth+1); !ok {
			return nil, false
		}
		p.members = append(p.members, member{key, from, len(b)})
	}
	list := p.members[first:]
	p.members = p.members[:first]
	switch {
	case p.tree:
		b = p.lastOfEach(b, start, list)
	case !p.asIs:
		b = p.inOrder(b, start, list)
	}
	return append(b, '}'), true
}

func (p *parser) appendString(b []byte, s string) []byte {
	if p.tree {
		return jsonpath.AppendPlain(b, s)
	}
	return jsonpath.AppendString(b, s)
}

// lastOfEach puts the last member of each key of the object that begins at start where its first was.
func (p *parser) lastOfEach(b []byte, start int, list []member) []byte {
	last := make(map[string]member, len(list))
	for _, m := range list {
		last[m.key] = m
	}
	if len(last) == len(list) {
		return b
	}
	p.moved = append(p.moved[:0], b[start:]...)
	b = b[:start+1]
	for _, m := range list {
		l, ok := last[m.key]
		if !ok {
			continue
		}
		delete(last, m.key)
		if len(b) > start+1 {
			b = append(b, ',')
		}
		b = append(b, p.moved[l.from-start:l.to-start]...)
	}
	return b
}

// inOrder sorts the members of the object that begins at start by their keys, and leaves the
// last of each.
func (p *parser) inOrder(b []byte, start int, list []member) []byte {
	byKey := func(a, b member) int { return strings.Compare(a.key, b.key) }
	sorted := true
	for i := 1; i < len(list) && sorted; i++ {
		sorted = list[i-1].key < list[i].key
	}
	if sorted {
		return b
	}
	slices.SortStableFunc(list, byKey)
	p.moved = append(p.moved[:0], b[start:]...)
	b = b[:start+1]
	for i, m := range list {
		if i+1 < len(list) && list[i+1].key == m.key {
			continue
		}
		if len(b) > start+1 {
			b = append(b, ',')
		}
		b = append(b, p.moved[m.from-start:m.to-start]...)
	}
	return b
}

// str takes a string.
func (p *parser) str() (string, bool) {
	for i := p.i + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			raw := p.s[p.i+1 : i]
			p.i = i + 1
			return raw, true
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return p.oddStr()
		}
	}
	return "", false
}

// oddStr takes a string with escapes or letters beyond ASCII.
func (p *parser) oddStr() (string, bool) {
	end := skipString(p.s, p.i)
	if end < 0 {
		return "", false
	}
	raw := p.s[p.i+1 : end-1]
	p.i = end
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] < ' ':
			return "", false
		case raw[i] == '\\':
			i++
			if i == len(raw) || strings.IndexByte(`"\/bfnrtu`, raw[i]) < 0 {
				return "", false
			}
			if raw[i] == 'u' {
				if len(raw) < i+5 {
					return "", false
				}
				if _, err := strconv.ParseUint(raw[i+1:i+5], 16, 16); err != nil {
					return "", false
				}
			}
		}
	}
	return unescape(raw), utf8.ValidString(raw)
}

// isNumber says whether s is a number of JSON's grammar.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	zero := strings.HasPrefix(s, "0")
	before := len(s)
	if !digits() || zero && before-len(s) > 1 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

// numberText is a number as Trino writes it again: whole ones as they are, others as
// Java's doubles, which are text where they are infinite.
func numberText(n string) string {
	if n == "-0" {
		return "0"
	}
	if !strings.ContainsAny(n, ".eE") {
		return n
	}
	f, _ := strconv.ParseFloat(n, 64)
	if math.IsInf(f, 0) {
		return `"` + DoubleText(f) + `"`
	}
	return DoubleText(f)
}

// castNumber is a number of JSON as Trino casts it to varchar: as numberText, but doubles as these are
// cast.
func castNumber(n string) string {
	if n == "-0" {
		return "0"
	}
	if !strings.ContainsAny(n, ".eE") {
		return n
	}
	f, err := strconv.ParseFloat(n, 64)
	if err != nil && !math.IsInf(f, 0) {
		return n
	}
	return CastDouble(f)
}
