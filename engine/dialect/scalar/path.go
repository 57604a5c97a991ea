package scalar

import (
	"strings"
	"sync"
)

var paths sync.Map // path to pointer; at most maxPatterns

// atPath gives a function the pointer of its second argument, a path.
func atPath(f func(r *Row, pointer string) error) func(*Row) error {
	return func(r *Row) error {
		if p, ok := paths.Load(r.S[1]); ok {
			return f(r, p.(string))
		}
		steps, err := ParsePath(r.S[1])
		if err != nil {
			return badArgument("Invalid JSON path: '%s'", r.S[1])
		}
		p := Pointer(steps...)
		n := 0
		paths.Range(func(any, any) bool { n++; return n < maxPatterns })
		if n >= maxPatterns {
			paths.Clear()
		}
		paths.Store(strings.Clone(r.S[1]), p)
		return f(r, p)
	}
}

// Pointer writes steps as a JSON pointer, whose numeric steps mean an index or a key.
func Pointer(steps ...string) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// PathError says that a text is no JSON path.
type PathError struct {
	// Path is the text, At the byte where it goes wrong.
	Path string
	At   int
}

func (e *PathError) Error() string { return "Invalid JSON path: '" + e.Path + "'" }

// ParsePath reads a path of json_extract: $ and then .name, [n], [name] and
// ["quoted"]. Beyond Trino's rules a name may hold a hyphen, as paths written for
// CloudTrail do (L5).
func ParsePath(path string) (steps []string, err error) {
	bad := func(i int) ([]string, error) { return nil, &PathError{path, i} }
	if path == "" {
		return bad(0)
	}
	if path[0] != '$' {
		return bad(0)
	}
	i := 1
	for i < len(path) {
		switch path[i] {
		case '.':
			j := pathName(path, i+1)
			if j == i+1 {
				return bad(i)
			}
			steps, i = append(steps, path[i+1:j]), j
		case '[':
			i++
			if i < len(path) && path[i] == '"' {
				step, n := pathQuoted(path[i:])
				if n == 0 || i+n >= len(path) || path[i+n] != ']' {
					return bad(i)
				}
				steps, i = append(steps, step), i+n+1
				continue
			}
			j := i
			for j < len(path) && (wordByte(path[j]) || letterByte(path[j])) {
				j++
			}
			if j == i || j == len(path) || path[j] != ']' {
				return bad(i)
			}
			steps, i = append(steps, path[i:j]), j+1
		default:
			return bad(i)
		}
	}
	return steps, nil
}

func pathByte(c byte) bool {
	return wordByte(c) || c == ':' || c == '-' || letterByte(c)
}

// letterByte says whether a byte is one of a character beyond ASCII. Those beyond the first 65,536 are
// no letters to Trino.
func letterByte(c byte) bool { return c >= 0x80 && c < 0xF0 }

func pathName(path string, i int) int {
	for i < len(path) && pathByte(path[i]) {
		i++
	}
	return i
}

// pathQuoted reads a quoted step; n is its length with the quotes, 0 if it has no end.
func pathQuoted(s string) (step string, n int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), i + 1
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0
}
