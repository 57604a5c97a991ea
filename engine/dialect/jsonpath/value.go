// Package jsonpath evaluates the path language of SQL/JSON, as JSON_VALUE, JSON_QUERY
// and JSON_EXISTS of Trino take it: lax and strict mode, filters, methods, arithmetic
// and variables.
//
// The rules are those of Trino's documentation («JSON functions and operators») and of
// its evaluator. A path is compiled once and may then be used by several goroutines.
// What it does for one document is bounded: see Eval.
package jsonpath

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the kind of a value.
type Kind uint8

// The kinds. The zero value is JSON's null.
const (
	Null Kind = iota
	Bool
	String
	Number
	Array
	Object
)

// String returns the name of the kind, as the method type() gives it.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "string", "number", "array", "object"}[k]
}

// Value is an item: a JSON value.
type Value struct {
	Kind Kind
	Bool bool
	// Str is the text of a String.
	Str string
	// Num is the value of a Number.
	Num Num
	// List are the elements of an Array, or the values of an Object in the order of
	// the text.
	List []Value
	// Keys are the keys of an Object, each once.
	Keys []string
}

// member returns the value of a key.
func (v *Value) member(key string) (Value, bool) {
	for i, k := range v.Keys {
		if k == key {
			return v.List[i], true
		}
	}
	return Value{}, false
}

// Text returns a value as JSON text. double writes doubles.
func (v Value) Text(double func(float64) string) string {
	return string(v.append(nil, double))
}

// Wrap writes values as an array, false where that takes more than max bytes: a path can
// find the same large value many times.
func Wrap(items []Value, max int, double func(float64) string) (string, bool) {
	b := []byte{'['}
	for i, v := range items {
		if i > 0 {
			b = append(b, ',')
		}
		if b = v.append(b, double); len(b) > max {
			return "", false
		}
	}
	return string(append(b, ']')), true
}

func (v Value) append(b []byte, double func(float64) string) []byte {
	switch v.Kind {
	case Null:
		return append(b, "null"...)
	case Bool:
		return strconv.AppendBool(b, v.Bool)
	case String:
		return AppendString(b, v.Str)
	case Number:
		if v.Num.IsDouble && (math.IsNaN(v.Num.Float) || math.IsInf(v.Num.Float, 0)) {
			return AppendString(b, double(v.Num.Float))
		}
		return append(b, v.Num.Text(double)...)
	case Array:
		b = append(b, '[')
		for i, e := range v.List {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.append(b, double)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, k := range v.Keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, k), ':')
		b = v.List[i].append(b, double)
	}
	return append(b, '}')
}

// AppendString appends text as a JSON string, with no more escapes than Trino writes: those that
// JSON needs, two for a character beyond the first 65,536, and one for half of such, which a text that
// was read may hold as three bytes that are no UTF-8.
func AppendString(b []byte, s string) []byte { return appendString(b, s, true) }

// AppendPlain appends text as a JSON string with those escapes alone that JSON needs, and a question mark
// for half a character.
func AppendPlain(b []byte, s string) []byte { return appendString(b, s, false) }

func appendString(b []byte, s string, escapes bool) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		half := c == 0xED && i+2 < len(s) && s[i+1] >= 0xA0
		if c >= ' ' && c != '"' && c != '\\' && (c < 0xF0 || !escapes) && !half {
			continue
		}
		b = append(b, s[start:i]...)
		if half {
			if escapes {
				b = appendUnit(b, 0xD000|rune(s[i+1]&0x3F)<<6|rune(s[i+2]&0x3F))
			} else {
				b = append(b, '?')
			}
			i += 2
			start = i + 1
			continue
		}
		if c >= 0xF0 {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = appendRune(b, r)
			i += n - 1
			start = i + 1
			continue
		}
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = appendUnit(b, rune(c))
		}
		start = i + 1
	}
	return append(append(b, s[start:]...), '"')
}

// Escaped escapes in JSON text what AppendString escapes beyond the needs of JSON.
func Escaped(s string) string {
	i := Beyond(s)
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)+len(s)/2), s[:i]...)
	for _, r := range s[i:] {
		b = appendRune(b, r)
	}
	return string(b)
}

// Beyond returns where the first character beyond the first 65,536 stands, or -1. Most text has none
// beyond ASCII, eight bytes of which are seen at once.
func Beyond(s string) int {
	for i := 0; i < len(s); {
		if i+8 <= len(s) && (s[i]|s[i+1]|s[i+2]|s[i+3]|s[i+4]|s[i+5]|s[i+6]|s[i+7]) < utf8.RuneSelf {
			i += 8
			continue
		}
		if s[i] >= 0xF0 {
			return i
		}
		i++
	}
	return -1
}

// appendRune appends a character, or the escapes of one beyond the first 65,536.
func appendRune(b []byte, r rune) []byte {
	if r < 0x10000 {
		return utf8.AppendRune(b, r)
	}
	high, low := utf16.EncodeRune(r)
	return appendUnit(appendUnit(b, high), low)
}

// appendUnit appends the escape of a unit of UTF-16.
func appendUnit(b []byte, r rune) []byte {
	const hex = "0123456789ABCDEF"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// Num is a number: an integer, a decimal or a double.
type Num struct {
	// Int is the value of an integer.
	Int int64
	// Wide marks integers of the type bigint; others are of the type integer.
	Wide bool
	// Dec is not nil for decimals: the value without its point. Scale is the number
	// of digits behind the point.
	Dec   *big.Int
	Scale int
	// Float is the value of a double.
	Float    float64
	IsDouble bool
	// Raw is the text of an integer that is too large for a bigint. It can be passed
	// on, and nothing else.
	Raw string
}

func intNum(n int64) Num { return Num{Int: n, Wide: n != int64(int32(n))} }

// parseNum reads a number of JSON's grammar. One with a point or an exponent is a double,
// as in Trino, and infinite where it is too large.
func parseNum(s string) Num {
	if strings.ContainsAny(s, ".eE") {
		f, _ := strconv.ParseFloat(s, 64)
		return Num{IsDouble: true, Float: f}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return Num{Raw: s}
	}
	return intNum(n)
}

// Decimal reads a decimal as SQL and paths write it, with a point and without an exponent.
func Decimal(s string) (Num, error) {
	whole, behind, _ := strings.Cut(s, ".")
	d, ok := new(big.Int).SetString(whole+behind, 10)
	if !ok {
		return Num{}, errors.New(s + " is no number")
	}
	return Num{Dec: d, Scale: len(behind)}, nil
}

// Text writes the number: a decimal as Java's BigDecimal does.
func (n Num) Text(double func(float64) string) string {
	switch {
	case n.Raw != "":
		return n.Raw
	case n.IsDouble:
		return double(n.Float)
	case n.Dec == nil:
		return strconv.FormatInt(n.Int, 10)
	}
	digits := new(big.Int).Abs(n.Dec).String()
	sign := ""
	if n.Dec.Sign() < 0 {
		sign = "-"
	}
	adjusted := len(digits) - 1 - n.Scale
	if adjusted >= -6 {
		return sign + point(digits, n.Scale)
	}
	out := sign + digits[:1]
	if len(digits) > 1 {
		out += "." + digits[1:]
	}
	return out + "E" + strconv.Itoa(adjusted)
}

// Plain writes the number without an exponent, as a cast of a decimal to varchar does.
func (n Num) Plain(double func(float64) string) string {
	if n.Dec == nil {
		return n.Text(double)
	}
	sign := ""
	if n.Dec.Sign() < 0 {
		sign = "-"
	}
	return sign + point(new(big.Int).Abs(n.Dec).String(), n.Scale)
}

func point(digits string, scale int) string {
	if scale == 0 {
		return digits
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	return digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
