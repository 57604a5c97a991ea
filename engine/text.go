package engine

import (
	"regexp"
	"sort"
	"strings"
)

// source is a statement as it was given and as the parser gets it: with $EDS_ID and
// bare event data store ids written as quoted identifiers.
type source struct {
	given  string
	sql    string
	shifts []shift
}

// shift says that sql[at:at+len] stands for given[from:].
type shift struct{ at, len, from, fromLen int }

// offset translates an offset in sql to one in given.
func (s *source) offset(at int) int {
	if at < 0 {
		return at
	}
	i := sort.Search(len(s.shifts), func(i int) bool { return s.shifts[i].at > at }) - 1
	if i < 0 {
		return at
	}
	sh := s.shifts[i]
	if at < sh.at+sh.len {
		return sh.from
	}
	return min(at-(sh.at+sh.len)+sh.from+sh.fromLen, len(s.given))
}

// errorAt returns an error at an offset in sql.
func (s *source) errorAt(offset int, format string, args ...any) *StatementError {
	return errorAt(s.given, s.offset(offset), format, args...)
}

const placeholder = "$EDS_ID"

var bareID = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)

// newSource finds $EDS_ID, which becomes store, and event data store ids where a
// table is expected, outside strings, quoted names and comments. It decides nothing:
// what is allowed is decided on the tree that the parser makes of the result.
func newSource(given, store string) *source {
	s := &source{given: given}
	var out strings.Builder
	last := 0
	replace := func(from, to int, name string) {
		out.WriteString(given[last:from])
		quoted := quoteName(name)
		s.shifts = append(s.shifts, shift{out.Len(), len(quoted), from, to - from})
		out.WriteString(quoted)
		last = to
	}
	var tables tablePosition
	for i := 0; i < len(given); {
		c := given[i]
		if end := skipOpaque(given, i); end > i {
			if c != '-' && c != '/' {
				tables.other() // a string or a quoted name
			}
			i = end
			continue
		}
		switch {
		case isSpace(c):
			i++
			continue
		case strings.HasPrefix(given[i:], placeholder) && !wordAt(given, i+len(placeholder)):
			replace(i, i+len(placeholder), store)
			i += len(placeholder)
			tables.other()
			continue
		case tables.expected && isWord(c):
			if id := bareID.FindString(given[i:]); id != "" && !wordAt(given, i+len(id)) {
				replace(i, i+len(id), strings.ToLower(id))
				i += len(id)
				tables.other()
				continue
			}
		}
		if isWord(c) {
			end := i
			for end < len(given) && isWord(given[end]) {
				end++
			}
			tables.word(given[i:end])
			i = end
			continue
		}
		tables.symbol(c)
		i++
	}
	out.WriteString(given[last:])
	s.sql = out.String()
	return s
}

// tablePosition follows the text to where a table name is expected.
type tablePosition struct {
	expected bool
	inFrom   bool
	outer    []bool // inFrom outside each open parenthesis
}

func (t *tablePosition) word(w string) {
	t.expected = false
	switch strings.ToUpper(w) {
	case "FROM", "JOIN":
		t.expected, t.inFrom = true, true
	case "SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "QUALIFY", "WINDOW", "UNION", "EXCEPT", "INTERSECT", "ON", "USING":
		t.inFrom = false
	}
}

func (t *tablePosition) symbol(c byte) {
	switch c {
	case '(':
		t.outer = append(t.outer, t.inFrom)
	case ')':
		t.expected = false
		if n := len(t.outer); n > 0 {
			t.inFrom, t.outer = t.outer[n-1], t.outer[:n-1]
		}
	case ',':
		t.expected = t.inFrom
	default:
		t.expected = false
	}
}

func (t *tablePosition) other() { t.expected = false }

// skipOpaque returns the end of the string, quoted name or comment that begins at i,
// or i when none does. What is not closed reaches to the end: the parser reports it.
func skipOpaque(s string, i int) int {
	rest := s[i:]
	switch {
	case rest[0] == '\'' || rest[0] == '"':
		return skipQuoted(s, i+1, rest[0], false)
	case (rest[0] == 'e' || rest[0] == 'E') && len(rest) > 1 && rest[1] == '\'' && (i == 0 || !isWord(s[i-1])):
		return skipQuoted(s, i+2, '\'', true)
	case strings.HasPrefix(rest, "--"):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			return i + n + 1
		}
		return len(s)
	case strings.HasPrefix(rest, "/*"):
		return skipComment(s, i)
	case rest[0] == '$':
		tag := dollarTag.FindString(rest)
		if tag == "" || i > 0 && isWord(s[i-1]) {
			return i
		}
		if n := strings.Index(rest[len(tag):], tag); n >= 0 {
			return i + n + 2*len(tag)
		}
		return len(s)
	default:
		return i
	}
}

var dollarTag = regexp.MustCompile(`^\$([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$`)

func skipQuoted(s string, i int, quote byte, escapes bool) int {
	for i < len(s) {
		switch {
		case escapes && s[i] == '\\':
			i += 2
		case s[i] != quote:
			i++
		case i+1 < len(s) && s[i+1] == quote:
			i += 2
		default:
			return i + 1
		}
	}
	return len(s)
}

// skipComment skips a comment; they nest, as in PostgreSQL, whose parser DuckDB has.
func skipComment(s string, i int) int {
	depth := 0
	for i < len(s) {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(s)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// isWord reports bytes of unquoted names and numbers.
func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c >= 0x80
}

func wordAt(s string, i int) bool { return i < len(s) && (isWord(s[i]) || s[i] == '-' || s[i] == '$') }

// quoteName writes a quoted identifier.
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoteText writes a string literal.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
