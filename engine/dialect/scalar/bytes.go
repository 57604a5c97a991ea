package scalar

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/twmb/murmur3"
)

// MaxPadded bounds the characters, or bytes, that lpad and rpad make: one call cannot be cancelled, and for
// the 2^31 that Trino allows it takes DuckDB more than a minute.
const MaxPadded = 64 << 20

var byteFuncs = []Func{
	{"t_crc32", "x", Int, func(r *Row) error {
		r.Num = int64(crc32.ChecksumIEEE([]byte(r.S[0])))
		return nil
	}},
	{"t_hash", "sx", Bytes, func(r *Row) error {
		b := []byte(r.S[1])
		switch r.S[0] {
		case "sha512":
			h := sha512.Sum512(b)
			r.Str = string(h[:])
		case "xxhash64":
			r.Str = string(binary.BigEndian.AppendUint64(nil, xxhash.Sum64(b)))
		default:
			h1, h2 := murmur3.Sum128(b)
			r.Str = string(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, h1), h2))
		}
		return nil
	}},
	{"t_hmac", "sxx", Bytes, func(r *Row) error {
		m := hmac.New(map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}[r.S[0]], []byte(r.S[2]))
		m.Write([]byte(r.S[1]))
		r.Str = string(m.Sum(nil))
		return nil
	}},
	{"t_encode", "sx", Text, func(r *Row) error {
		if r.S[0] == "base32" {
			return r.setText(base32.StdEncoding.EncodeToString([]byte(r.S[1])), true)
		}
		return r.setText(base64.URLEncoding.EncodeToString([]byte(r.S[1])), true)
	}},
	{"t_decode", "ss", Bytes, func(r *Row) error {
		var b []byte
		var err error
		s := r.S[1]
		digits := strings.TrimRight(s, "=")
		switch r.S[0] {
		case "hex":
			if len(s)%2 != 0 {
				return badArgument("The input string must have an even number of hex digits: %s", s)
			}
			b, err = hex.DecodeString(s)
		case "base32":
			if strings.IndexByte("\x01\x03\x06", byte(len(digits)%8)) >= 0 {
				return badArgument("Invalid input length %d", len(digits))
			}
			b, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(digits)
		case "base64url":
			b, err = base64.RawURLEncoding.DecodeString(digits)
		default:
			b, err = base64.RawStdEncoding.DecodeString(digits)
		}
		// Java takes text without =, but not with too few or too many, and no ends of lines.
		if strings.ContainsAny(s, "\r\n") || strings.HasPrefix(r.S[0], "base64") && len(digits) < len(s) && (len(s)%4 != 0 || len(s)-len(digits) > 2) {
			return badArgument("Not a valid %s value: %s", r.S[0], s)
		}
		if err != nil {
			return badArgument("Not a valid %s value: %s", r.S[0], s)
		}
		r.Str = string(b)
		return nil
	}},
	{"t_to_bytes", "is", Bytes, func(r *Row) error {
		if r.S[1] == "big4" {
			r.Str = string(binary.BigEndian.AppendUint32(nil, uint32(r.I[0])))
		} else {
			r.Str = string(binary.BigEndian.AppendUint64(nil, uint64(r.I[0])))
		}
		return nil
	}},
	{"t_from_bytes", "xs", Int, func(r *Row) error {
		switch {
		case r.S[1] == "big4" && len(r.S[0]) == 4:
			r.Num = int64(int32(binary.BigEndian.Uint32([]byte(r.S[0]))))
		case r.S[1] == "big8" && len(r.S[0]) == 8:
			r.Num = int64(binary.BigEndian.Uint64([]byte(r.S[0])))
		default:
			return badArgument("expected %s-byte input, but got instead: %d", strings.TrimPrefix(r.S[1], "big"), len(r.S[0]))
		}
		return nil
	}},
	{"t_to_ieee", "f", Bytes, func(r *Row) error {
		r.Str = string(binary.BigEndian.AppendUint64(nil, math.Float64bits(r.F[0])))
		return nil
	}},
	{"t_from_ieee", "x", Float, func(r *Row) error {
		if len(r.S[0]) != 8 {
			return badArgument("Input floating-point value must be exactly 8 bytes long")
		}
		r.Float = math.Float64frombits(binary.BigEndian.Uint64([]byte(r.S[0])))
		return nil
	}},
	{"t_to_ieee32", "f", Bytes, func(r *Row) error {
		r.Str = string(binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(r.F[0]))))
		return nil
	}},
	{"t_from_ieee32", "x", Float, func(r *Row) error {
		if len(r.S[0]) != 4 {
			return badArgument("Input floating-point value must be exactly 4 bytes long")
		}
		r.Float = float64(math.Float32frombits(binary.BigEndian.Uint32([]byte(r.S[0]))))
		return nil
	}},
	{"t_pad_bytes", "xixs", Bytes, func(r *Row) error {
		s, n, pad := r.S[0], r.I[1], r.S[2]
		switch {
		case n < 0 || n > math.MaxInt32:
			return badArgument("Target length must be in the range [0..2147483647]")
		case pad == "":
			return badArgument("Padding bytes must not be empty")
		case n > MaxPadded:
			return &Error{"NOT_SUPPORTED", fmt.Sprintf("lpad and rpad make at most %d bytes", MaxPadded)}
		case n <= int64(len(s)):
			return r.setText(s[:n], true)
		}
		more := int(n) - len(s)
		fill := strings.Repeat(pad, more/len(pad)) + pad[:more%len(pad)]
		if r.S[3] == "left" {
			return r.setText(fill+s, true)
		}
		return r.setText(s+fill, true)
	}},
	{"t_reverse_bytes", "x", Bytes, func(r *Row) error {
		b := []byte(r.S[0])
		slices.Reverse(b)
		r.Str = string(b)
		return nil
	}},
	{"t_substr_bytes", "xii", Bytes, func(r *Row) error {
		s, from, n := r.S[0], r.I[1], r.I[2]
		if from < 0 {
			from += int64(len(s)) + 1
		}
		r.Str = ""
		if from >= 1 && n > 0 && from <= int64(len(s)) {
			r.Str = s[from-1:][:min(n, int64(len(s))-from+1)]
		}
		return nil
	}},
	{"t_from_utf8", "xs", Text, func(r *Row) error {
		if utf8.RuneCountInString(r.S[1]) > 1 {
			return badArgument("Replacement character string must empty or a single character")
		}
		return r.setText(validText(r.S[0], r.S[1], badBytes), true)
	}},
}

// validText puts another text in the place of bytes that are no characters. bad counts those that a text
// begins with.
func validText(s, other string, bad func(s string) int) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		c, n := utf8.DecodeRuneInString(s)
		if c == utf8.RuneError && n == 1 {
			n = bad(s)
			b.WriteString(other)
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// badBytes counts the bytes up to where a character would end, or another begin.
func badBytes(s string) int {
	n, all := 1, 1
	if s[0] >= 0xc0 && s[0] < 0xfe {
		all = bits.LeadingZeros8(^s[0])
	}
	for n < min(all, len(s)) && s[n]&0xc0 == 0x80 {
		n++
	}
	return n
}
