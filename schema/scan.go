package schema

import (
	"encoding/binary"
	"math/bits"
)

// Scanning eight bytes at a time. The functions of this file look at whole words, and
// so beyond what they are asked about: the caller gives them a slice with at least
// wordSize bytes behind the text, and checks where they came to.

const (
	wordSize = 8
	each     = 0x0101010101010101 // times a byte: a word of that byte
	tops     = 0x80 * each
)

func word(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// zeros marks the bytes of w that are zero by their top bits. Bytes above the lowest
// one that it marks may be marked wrongly.
func zeros(w uint64) uint64 { return (w - each) &^ w & tops }

// textEnd returns the index, from i on, of the first byte that needs attention inside
// a string: a quotation mark, a backslash or a control character. It is len(b) when there is
// none. The top bits of high tell of bytes outside
// ASCII; some may lie behind the end of the string.
func textEnd(b []byte, i int) (end int, high uint64) {
	for i+wordSize <= len(b) {
		w := word(b, i)
		high |= w
		control := (w - 0x20*each) &^ w & tops
		if m := control | zeros(w^'"'*each) | zeros(w^'\\'*each); m != 0 {
			return i + bits.TrailingZeros64(m)/8, high
		}
		i += wordSize
	}
	return len(b), high
}

// maxScanDepth is how deep blockEnd can look.
const maxScanDepth = 64

// blockEnd returns the index behind the JSON value that starts at i, if it is valid,
// has no white space outside strings, no escape of a surrogate, and no more than
// maxScanDepth levels. What is not is left to the parser, which tells errors apart.
func blockEnd(b []byte, i int) (end int, high uint64, ok bool) {
	var (
		lists uint64 // bit n: level n is a list, not an object
		depth int
		h     uint64
	)
	if i >= len(b) {
		return 0, 0, false
	}
	for {
		// A value starts at i.
		switch c := b[i]; c {
		case '"':
			if i, h, ok = stringEnd(b, i+1); !ok {
				return 0, 0, false
			}
			high |= h
		case '{', '[':
			if depth == maxScanDepth || i+1 >= len(b) {
				return 0, 0, false
			}
			lists <<= 1
			if c == '[' {
				lists |= 1
			}
			i++
			if b[i] != c+2 { // in ASCII, the bracket that closes it
				depth++
				if c == '[' {
					continue
				}
				if i, h, ok = keyEnd(b, i); !ok {
					return 0, 0, false
				}
				high |= h
				continue
			}
			lists >>= 1
			i++
		default:
			if i = plainEnd(b, i); i == 0 {
				return 0, 0, false
			}
		}
		// A value ends before i.
		for {
			if depth == 0 {
				return i, high, true
			}
			if i >= len(b)-1 {
				return 0, 0, false
			}
			list := lists&1 == 1
			if b[i] == ',' {
				i++
				if !list {
					if i, h, ok = keyEnd(b, i); !ok {
						return 0, 0, false
					}
					high |= h
				}
				break
			}
			if list && b[i] != ']' || !list && b[i] != '}' {
				return 0, 0, false
			}
			i++
			lists >>= 1
			depth--
		}
	}
}

// keyEnd returns the index behind the key and colon that start at i. A byte follows.
func keyEnd(b []byte, i int) (end int, high uint64, ok bool) {
	if b[i] != '"' {
		return 0, 0, false
	}
	i, high, ok = stringEnd(b, i+1)
	if !ok || i >= len(b)-1 || b[i] != ':' {
		return 0, 0, false
	}
	return i + 1, high, true
}

// stringEnd returns the index behind the closing quotation mark of the string whose
// text starts at i.
func stringEnd(b []byte, i int) (end int, high uint64, ok bool) {
	for {
		end, h := textEnd(b, i)
		high |= h
		if end >= len(b)-wordSize {
			return 0, 0, false
		}
		switch b[end] {
		case '"':
			return end + 1, high, true
		case '\\':
			if c := b[end+1]; c < 128 && unescapes[c] != 0 {
				i = end + 2
				continue
			}
			if r, ok := hex4(b[end+2:]); b[end+1] == 'u' && ok && r>>11 != 0xD800>>11 {
				i = end + 6
				continue
			}
		}
		return 0, 0, false
	}
}

// plainEnd returns the index behind the literal or number that starts at i, 0 if
// there is none.
func plainEnd(b []byte, i int) int {
	if i+wordSize > len(b) {
		return 0
	}
	switch w := uint32(word(b, i)); {
	case w == 'n'|'u'<<8|'l'<<16|'l'<<24, w == 't'|'r'<<8|'u'<<16|'e'<<24:
		return i + 4
	case w == 'f'|'a'<<8|'l'<<16|'s'<<24:
		if b[i+4] == 'e' {
			return i + 5
		}
		return 0
	}
	p := parser{data: b, pos: i}
	if p.number() != nil {
		return 0
	}
	return p.pos
}
