package engine

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Functions that the views call, which an Executor provides. Statements cannot: the
// prefix is a denied one. DuckDB's own JSON functions write numbers and escapes anew,
// where CloudTrail Lake shows them as they were delivered.
const (
	// MembersFunction makes a MAP(VARCHAR, VARCHAR) of the text of a JSON object, by
	// AppendMembers. It is NULL for NULL and for what is no object.
	MembersFunction = "__internal_json_members"
	// ElementsFunction makes a VARCHAR[] of the text of a JSON array, by
	// AppendElements. It is NULL for NULL and for what is no array.
	ElementsFunction = "__internal_json_elements"
)

// Member is one entry of the map that a JSON object is shown as.
type Member struct {
	Key []byte
	// Value is the text of a string, and the JSON text, as it stands, of any other
	// value. It is nil for null.
	Value []byte
}

// AppendMembers appends the members of the JSON object in text to dst, in the byte
// order of their keys; of a key that stands twice, the last one. ok is false, and dst
// as it was, for text that is no object. The members share memory with text, which
// should be valid JSON: of other text, no more than what shows is refused.
func AppendMembers(dst []Member, text []byte) (_ []Member, ok bool) {
	first := len(dst)
	sorted := true
	ok = cut(text, '{', '}', func(key, value []byte) {
		m := Member{unquote(key), valueText(value)}
		if n := len(dst); n > first && bytes.Compare(dst[n-1].Key, m.Key) >= 0 {
			sorted = false
		}
		dst = append(dst, m)
	})
	if !ok {
		return dst[:first], false
	}
	if sorted {
		return dst, true
	}
	own := dst[first:]
	slices.SortStableFunc(own, func(a, b Member) int { return bytes.Compare(a.Key, b.Key) })
	n := 0
	for i, m := range own {
		if i+1 == len(own) || !bytes.Equal(m.Key, own[i+1].Key) {
			own[n] = m
			n++
		}
	}
	return dst[:first+n], true
}

// AppendElements appends the JSON texts of the elements of the JSON array in text to
// dst. What AppendMembers says of ok, memory and other text goes for it, too.
func AppendElements(dst [][]byte, text []byte) (_ [][]byte, ok bool) {
	first := len(dst)
	if !cut(text, '[', ']', func(_, value []byte) { dst = append(dst, value) }) {
		return dst[:first], false
	}
	return dst, true
}

// cut calls f for the values between two brackets, in braces with their keys.
func cut(s []byte, open, end byte, f func(key, value []byte)) bool {
	i := skipSpace(s, 0)
	if i == len(s) || s[i] != open {
		return false
	}
	i = skipSpace(s, i+1)
	if i < len(s) && s[i] == end {
		return skipSpace(s, i+1) == len(s)
	}
	for {
		var key []byte
		if open == '{' {
			if i == len(s) || s[i] != '"' {
				return false
			}
			to := skipString(s, i)
			key = s[i:to]
			if i = skipSpace(s, to); i == len(s) || s[i] != ':' {
				return false
			}
			i = skipSpace(s, i+1)
		}
		to := skipValue(s, i)
		if to == i {
			return false
		}
		f(key, s[i:to])
		if i = skipSpace(s, to); i == len(s) {
			return false
		}
		switch s[i] {
		case end:
			return skipSpace(s, i+1) == len(s)
		case ',':
			i = skipSpace(s, i+1)
		default:
			return false
		}
	}
}

// skipSpace returns the offset of the first byte at or after i that is no white space.
func skipSpace(s []byte, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the offset behind the string that begins at i. One without an
// end goes to the end of the text.
func skipString(s []byte, i int) int {
	for i++; i < len(s); {
		k := bytes.IndexByte(s[i:], '"')
		if k < 0 {
			break
		}
		// A quote after an odd number of backslashes is part of the string.
		j := i + k
		n := 0
		for n < k && s[j-1-n] == '\\' {
			n++
		}
		if i = j + 1; n%2 == 0 {
			return i
		}
	}
	return len(s)
}

// skipValue returns the offset behind the value that begins at i, which is i where
// there is none.
func skipValue(s []byte, i int) int {
	depth := 0
	for i < len(s) {
		switch s[i] {
		case '"':
			if i = skipString(s, i); depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of a number or word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// valueText returns the value of a map for the JSON text of a member's value.
func valueText(v []byte) []byte {
	switch v[0] {
	case '"':
		return unquote(v)
	case 'n':
		return nil
	}
	return v
}

// unquote returns the text of a JSON string, never nil. Half of a surrogate pair
// becomes U+FFFD.
func unquote(s []byte) []byte {
	s = s[1:max(1, len(s)-1)]
	k := bytes.IndexByte(s, '\\')
	if k < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for k >= 0 && k+1 < len(s) {
		b = append(b, s[:k]...)
		c := s[k+1]
		s = s[k+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		}
		if c == 'u' {
			var r rune
			r, s = codePoint(s)
			b = utf8.AppendRune(b, r)
		} else {
			b = append(b, c)
		}
		k = bytes.IndexByte(s, '\\')
	}
	return append(b, s...)
}

// codePoint returns the code point whose digits begin s, with those of a second half
// that follows, and what is left of s.
func codePoint(s []byte) (rune, []byte) {
	r := hex4(s)
	if r < 0 {
		return utf8.RuneError, s
	}
	s = s[4:]
	if utf16.IsSurrogate(r) {
		if len(s) < 2 || s[0] != '\\' || s[1] != 'u' {
			return utf8.RuneError, s
		}
		if r = utf16.DecodeRune(r, hex4(s[2:])); r != utf8.RuneError {
			s = s[6:]
		}
	}
	return r, s
}

// hex4 returns the code unit that four hexadecimal digits say, or -1.
func hex4(s []byte) rune {
	if len(s) < 4 {
		return -1
	}
	n, err := strconv.ParseUint(string(s[:4]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
