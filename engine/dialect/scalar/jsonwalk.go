package scalar

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The walk over JSON text looks at no more of it than it needs, as Trino's does: what
// stands behind the value that is looked for is not checked. What stands before it is
// not checked either, but for its quotes and brackets, where Trino finds mistakes;
// json_array_get of an index from the end reads the whole array.

// space returns the offset of the first byte at or after i that is no blank.
func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the offset behind the string that begins at i, or -1. Most strings
// are short: eight bytes at a time beat both a plain loop and a search.
func skipString(s string, i int) int {
	for i++; i+8 <= len(s); {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		found := bytesOf(w, '"') | bytesOf(w, '\\')
		if found == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(found) / 8
		if s[i] == '"' {
			return i + 1
		}
		i += 2
	}
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// bytesOf marks the bytes of w that are c with their highest bit. Above the lowest mark
// there may be wrong ones.
func bytesOf(w uint64, c byte) uint64 {
	const ones = 0x0101010101010101
	w ^= ones * uint64(c)
	return (w - ones) &^ w & (ones << 7)
}

// structural marks the bytes at which a walk over nested values has to look.
var structural = [256]bool{'"': true, '{': true, '[': true, '}': true, ']': true}

// skip returns the offset behind the value that begins at i, or -1.
func skip(s string, i int) int {
	if i >= len(s) {
		return -1
	}
	switch c := s[i]; {
	case c == '"':
		return skipString(s, i)
	case c == '{' || c == '[':
		depth := 0
		for i < len(s) {
			if !structural[s[i]] {
				i++
				continue
			}
			switch s[i] {
			case '"':
				if i = skipString(s, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return -1
	case c == 't':
		return word(s, i, "true")
	case c == 'f':
		return word(s, i, "false")
	case c == 'n':
		return word(s, i, "null")
	case c == '-' || c >= '0' && c <= '9':
		i++
		for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' || s[i] == 'e' || s[i] == 'E' || s[i] == '+' || s[i] == '-') {
			i++
		}
		return i
	}
	return -1
}

func word(s string, i int, w string) int {
	if strings.HasPrefix(s[i:], w) {
		return i + len(w)
	}
	return -1
}

// members calls f for each member of the object that begins at i, with the raw key
// without quotes and the bounds of the value, until f returns false. ok is false
// where the text is no object up to where the walk went.
func members(s string, i int, f func(key string, from, to int) bool) (ok bool) {
	if i >= len(s) || s[i] != '{' {
		return false
	}
	i = space(s, i+1)
	if i < len(s) && s[i] == '}' {
		return true
	}
	for {
		if i >= len(s) || s[i] != '"' {
			return false
		}
		end := skipString(s, i)
		if end < 0 {
			return false
		}
		key := s[i+1 : end-1]
		if i = space(s, end); i >= len(s) || s[i] != ':' {
			return false
		}
		i = space(s, i+1)
		to := skip(s, i)
		if to < 0 {
			// A value that is cut off may hold what is looked for.
			if i < len(s) && (s[i] == '{' || s[i] == '[') {
				f(key, i, len(s))
			}
			return false
		}
		if !f(key, i, to) {
			return true
		}
		if i = space(s, to); i >= len(s) {
			return false
		}
		if s[i] == '}' {
			return true
		}
		if s[i] != ',' {
			return false
		}
		i = space(s, i+1)
	}
}

// elements is members for an array.
func elements(s string, i int, f func(from, to int) bool) (ok bool) {
	if i >= len(s) || s[i] != '[' {
		return false
	}
	i = space(s, i+1)
	if i < len(s) && s[i] == ']' {
		return true
	}
	for {
		to := skip(s, i)
		if to < 0 {
			return false
		}
		if !f(i, to) {
			return true
		}
		if i = space(s, to); i >= len(s) {
			return false
		}
		if s[i] == ']' {
			return true
		}
		if s[i] != ',' {
			return false
		}
		i = space(s, i+1)
	}
}

// sameKey says whether a raw key is the given one. An escape is longer than what it
// stands for, so that most keys differ by their length or their first byte alone.
func sameKey(raw, key string) bool {
	if raw != "" && key != "" && raw[0] != key[0] && raw[0] != '\\' {
		return false
	}
	switch {
	case len(raw) < len(key):
		return false
	case len(raw) == len(key):
		return raw == key && strings.IndexByte(raw, '\\') < 0
	}
	return strings.IndexByte(raw, '\\') >= 0 && unescape(raw) == key
}

// find returns where the value of a key begins in the object at i, the first of that key, or -1.
func find(s string, i int, key string) int {
	for i = space(s, i+1); i < len(s) && s[i] == '"'; i = space(s, i+1) {
		end := skipString(s, i)
		if end < 0 {
			return -1
		}
		raw := s[i+1 : end-1]
		if i = space(s, end); i >= len(s) || s[i] != ':' {
			return -1
		}
		i = space(s, i+1)
		if sameKey(raw, key) {
			return i
		}
		if i = skip(s, i); i < 0 {
			return -1
		}
		if i = space(s, i); i >= len(s) || s[i] != ',' {
			return -1
		}
	}
	return -1
}

// nth returns where element number n of the array at i begins, or -1.
func nth(s string, i, n int) int {
	if i = space(s, i+1); i < len(s) && s[i] == ']' {
		return -1
	}
	for ; n > 0; n-- {
		if i = skip(s, i); i < 0 {
			return -1
		}
		if i = space(s, i); i >= len(s) || s[i] != ',' {
			return -1
		}
		i = space(s, i+1)
	}
	return i
}

// at returns the text of the value at a JSON pointer. An object or array that is cut off is
// all that there is of it.
func at(s, pointer string) (string, bool) {
	i := space(s, 0)
	whole := pointer == ""
	for pointer != "" {
		step := pointer[1:]
		if k := strings.IndexByte(step, '/'); k >= 0 {
			step, pointer = step[:k], step[k:]
		} else {
			pointer = ""
		}
		if strings.IndexByte(step, '~') >= 0 {
			step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		}
		switch {
		case i < len(s) && s[i] == '{':
			i = find(s, i, step)
		case i < len(s) && s[i] == '[':
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 {
				return "", false
			}
			i = nth(s, i, n)
		default:
			return "", false
		}
		if i < 0 {
			return "", false
		}
	}
	to := skip(s, i)
	if to < 0 {
		if whole || i >= len(s) || s[i] != '{' && s[i] != '[' {
			return "", false
		}
		to = len(s)
	}
	return s[i:to], true
}

// scalarText returns what a value is as text: false for null, objects and arrays.
func scalarText(v string) (string, bool) {
	switch v[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		return unquote(v), true
	}
	return v, true
}

// unquote is the text of a string. Values of type json need not be JSON: json_array_get
// gives strings without quotes, which may begin with one of their own.
func unquote(v string) string {
	if len(v) < 2 || v[len(v)-1] != '"' {
		return v
	}
	return textOf(unescape(v[1 : len(v)-1]))
}

// textOf puts a question mark in the place of each half of a character, as Java's text becomes UTF-8.
func textOf(s string) string {
	if strings.IndexByte(s, 0xED) < 0 {
		return s
	}
	return validText(s, "?", func(s string) int {
		if s[0] == 0xED {
			return min(3, len(s))
		}
		return 1
	})
}

// unescape resolves the escapes of a JSON string. Half a pair of UTF-16 becomes three bytes as UTF-8
// would have it, which is equal to no text, and which jsonpath.AppendString writes as the escape again.
func unescape(s string) string {
	k := strings.IndexByte(s, '\\')
	if k < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for {
		b = append(b, s[:k]...)
		s = s[k+1:]
		if s == "" {
			return string(b)
		}
		c := s[0]
		s = s[1:]
		switch c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r, n := unit(s)
			if s = s[n:]; utf16.IsSurrogate(r) {
				low, m := rune(0), 0
				if strings.HasPrefix(s, `\u`) {
					low, m = unit(s[2:])
				}
				if p := utf16.DecodeRune(r, low); p != utf8.RuneError {
					r, s = p, s[2+m:]
				} else {
					b = append(b, 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
					break
				}
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, c)
		}
		if k = strings.IndexByte(s, '\\'); k < 0 {
			return string(append(b, s...))
		}
	}
}

func unit(s string) (rune, int) {
	if len(s) < 4 {
		return utf8.RuneError, len(s)
	}
	v, err := strconv.ParseUint(s[:4], 16, 16)
	if err != nil {
		return utf8.RuneError, 4
	}
	return rune(v), 4
}
