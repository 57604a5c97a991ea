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
	"math/big"
	"strconv"
	"strings"
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

// AppendString appends text as a JSON string, with no more escapes than JSON needs.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ':
			b = append(b, c)
		case strings.IndexByte("\b\f\n\r\t", c) >= 0:
			b = append(b, '\\', "bfnrt"[strings.IndexByte("\b\f\n\r\t", c)])
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, '"')
}

// Num is a number: an integer, a decimal or a double.
type Num struct {
	// Int is the value of an integer.
	Int int64
	// Wide marks integers of the type bigint; others are of the type integer.
	Wide bool
	// Dec is not nil for decimals: the value without its point. Scale is the number
	// of digits behind the point, which may be negative.
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

// maxExponent bounds the exponents of decimals: as they are read, and as they would be
// written with one digit before the point. What is written can so be read again.
const maxExponent = 10_000

// parseNum reads a number of JSON's grammar. One with a point or an exponent is a
// decimal, as in Trino.
func parseNum(s string) (Num, error) {
	if !strings.ContainsAny(s, ".eE") {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return Num{Raw: s}, nil
		}
		return intNum(n), nil
	}
	mantissa, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			return Num{}, errors.New("the exponent of " + s + " is too large")
		}
		mantissa, exp = s[:i], e
	}
	scale := 0
	if i := strings.IndexByte(mantissa, '.'); i >= 0 {
		scale = len(mantissa) - i - 1
		mantissa = mantissa[:i] + mantissa[i+1:]
	}
	d, ok := new(big.Int).SetString(mantissa, 10)
	if !ok {
		return Num{}, errors.New(s + " is no number")
	}
	n := Num{Dec: d, Scale: scale - exp}
	if adjusted := digits(d) - 1 - n.Scale; adjusted > maxExponent || adjusted < -maxExponent {
		return Num{}, errors.New("the exponent of " + s + " is too large")
	}
	return n, nil
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
	if n.Scale >= 0 && adjusted >= -6 {
		return sign + point(digits, n.Scale)
	}
	out := sign + digits[:1]
	if len(digits) > 1 {
		out += "." + digits[1:]
	}
	switch {
	case adjusted > 0:
		out += "E+" + strconv.Itoa(adjusted)
	case adjusted < 0:
		out += "E" + strconv.Itoa(adjusted)
	}
	return out
}

// Plain writes the number without an exponent, as a cast of a decimal to varchar does.
func (n Num) Plain(double func(float64) string) string {
	if n.Dec == nil {
		return n.Text(double)
	}
	d, scale := n.Dec, n.Scale
	if scale < 0 {
		d, scale = new(big.Int).Mul(d, pow10(-scale)), 0
	}
	sign := ""
	if d.Sign() < 0 {
		sign = "-"
	}
	return sign + point(new(big.Int).Abs(d).String(), scale)
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
