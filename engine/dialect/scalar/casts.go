package scalar

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"traillake/engine/dialect/jsonpath"
)

// castFuncs are the strict casts from and to text. The last argument of those from
// text says that NULL is wanted instead of an error.
var castFuncs = []Func{
	{"t_to_boolean", "sb", Bool, func(r *Row) error {
		b, err := toBoolean(r.S[0])
		r.Bool = b
		return r.tried(r.B[1], err)
	}},
	{"t_to_integer", "ssb", Int, func(r *Row) error {
		n, err := toInteger(r.S[0], r.S[1])
		r.Num = n
		return r.tried(r.B[2], err)
	}},
	{"t_to_double", "sb", Float, func(r *Row) error {
		f, err := ParseDouble(r.S[0])
		r.Float = f
		return r.tried(r.B[1], err)
	}},
	{"t_to_decimal", "siib", Text, func(r *Row) error {
		s, err := toDecimal(r.S[0], int(r.I[1]), int(r.I[2]))
		r.Str = s
		return r.tried(r.B[3], err)
	}},
	{"t_double_text", "f", Text, func(r *Row) error { return r.setText(DoubleText(r.F[0]), true) }},
	{"t_real_text", "f", Text, func(r *Row) error { return r.setText(RealText(r.F[0]), true) }},
	{"t_double_cast", "f", Text, func(r *Row) error { return r.setText(CastDouble(r.F[0]), true) }},
	{"t_real_cast", "f", Text, func(r *Row) error { return r.setText(castReal(r.F[0]), true) }},
	{"t_as_real", "f", Float, func(r *Row) error {
		r.Float = float64(float32(r.F[0])) // what is too large is infinite
		return nil
	}},
	{"t_decimal_div", "ssi", Text, decimalDiv},
}

func toBoolean(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "t", "true", "1":
		return true, nil
	case "f", "false", "0":
		return false, nil
	}
	return false, badCast("Cannot cast '%s' to BOOLEAN", s)
}

// integerBits are the widths of the integer types, and their names in messages.
var integerBits = map[string]struct {
	bits int
	name string
}{"tinyint": {8, "TINYINT"}, "smallint": {16, "SMALLINT"}, "integer": {32, "INT"}, "bigint": {64, "BIGINT"}}

// trimmed takes away what Java's String.trim does.
func trimmed(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

func toInteger(s, typ string) (int64, error) {
	t := integerBits[typ]
	n, err := strconv.ParseInt(trimmed(s), 10, t.bits)
	if err != nil {
		return 0, badCast("Cannot cast '%s' to %s", s, t.name)
	}
	return n, nil
}

func roundInteger(f float64, typ string) (int64, error) {
	t := integerBits[typ]
	f = math.Round(f)
	if limit := math.Ldexp(1, t.bits-1); !(f >= -limit && f < limit) {
		return 0, badCast("Unable to cast %s to %s", DoubleText(f), typ)
	}
	return int64(f), nil
}

// ParseDouble reads what jsonpath.ParseDouble reads. The error is that of a cast.
func ParseDouble(s string) (float64, error) {
	f, ok := jsonpath.ParseDouble(s)
	if !ok {
		return 0, badCast("Cannot cast '%s' to DOUBLE", s)
	}
	return f, nil
}

// toDecimal returns the text of a decimal(precision,scale), rounded half up.
func toDecimal(s string, precision, scale int) (string, error) {
	bad := func() (string, error) {
		return "", badCast("Cannot cast VARCHAR '%s' to DECIMAL(%d, %d)", s, precision, scale)
	}
	if len(s) > 400 || strings.Trim(s, "0123456789+-.eE") != "" {
		return bad()
	}
	// An exponent could make a number of any length.
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > 400 || e < -400 {
			return bad()
		}
	}
	v, ok := new(big.Rat).SetString(s)
	if !ok {
		return bad()
	}
	u := roundHalfUp(v.Mul(v, new(big.Rat).SetInt(pow10(scale))))
	if new(big.Int).Abs(u).Cmp(pow10(precision)) >= 0 {
		return bad()
	}
	return decimalText(u, scale), nil
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// roundHalfUp rounds away from zero at one half.
func roundHalfUp(v *big.Rat) *big.Int {
	num := new(big.Int).Mul(new(big.Int).Abs(v.Num()), big.NewInt(2))
	num.Add(num, v.Denom())
	q := num.Quo(num, new(big.Int).Mul(v.Denom(), big.NewInt(2)))
	if v.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func decimalText(u *big.Int, scale int) string {
	s := new(big.Int).Abs(u).String()
	if scale > 0 {
		if len(s) <= scale {
			s = strings.Repeat("0", scale+1-len(s)) + s
		}
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if u.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// decimalDiv divides decimals given as text, to the given scale.
func decimalDiv(r *Row) error {
	a, ok1 := new(big.Rat).SetString(r.S[0])
	b, ok2 := new(big.Rat).SetString(r.S[1])
	if !ok1 || !ok2 {
		return fmt.Errorf("BUG: divide %q by %q", r.S[0], r.S[1])
	}
	if b.Sign() == 0 {
		return &Error{"DIVISION_BY_ZERO", "Division by zero"}
	}
	scale := int(r.I[2])
	q := a.Quo(a, b)
	u := roundHalfUp(q.Mul(q, new(big.Rat).SetInt(pow10(scale))))
	if new(big.Int).Abs(u).Cmp(pow10(38)) >= 0 {
		return decimalOverflow()
	}
	return r.setText(decimalText(u, scale), true)
}

func decimalOverflow() error { return &Error{"NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow"} }

// DoubleText writes a double as Java's Double.toString does, and as results show it.
func DoubleText(f float64) string { return javaFloat(f, 64) }

// RealText writes a real as Java's Float.toString does, and as results show it.
func RealText(f float64) string { return javaFloat(float64(float32(f)), 32) }

func javaFloat(f float64, size int) string {
	switch a := math.Abs(f); {
	case f == 0 && math.Signbit(f):
		return "-0.0"
	case f == 0:
		return "0.0"
	case a >= 1e-3 && a < 1e7:
		s := strconv.FormatFloat(f, 'f', -1, size)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	return javaExponent(shortest(f, size))
}

// shortest has at least two digits, and of those the nearest: 4.9E-324.
func shortest(f float64, size int) string {
	s := strconv.FormatFloat(f, 'E', -1, size)
	if !strings.Contains(s, ".") {
		s = strconv.FormatFloat(f, 'E', 1, size)
	}
	return s
}

// CastDouble writes a double as Trino casts it to varchar: always with an exponent.
func CastDouble(f float64) string {
	switch {
	case f == 0 && math.Signbit(f):
		return "-0E0"
	case f == 0:
		return "0E0"
	}
	if a := math.Abs(f); a >= 1<<53 && a < 1<<63 {
		s := wholeDigits(uint64(a))
		s = s[:1] + "." + s[1:] + "E" + strconv.Itoa(len(s)-1)
		if f < 0 {
			s = "-" + s
		}
		return javaExponent(s)
	}
	return javaExponent(shortest(f, 64))
}

// wholeDigits writes a double of 2⁵³ or more, and below 2⁶³, as Java's DecimalFormat reads it
// (FloatingDecimal.dtoa): with all its digits, but for one of those of 2⁵⁸ or more, and two of those of
// 2⁶¹ or more, by which these are rounded.
func wholeDigits(n uint64) string {
	unit := uint64(1)
	switch {
	case n >= 1<<61:
		unit = 100
	case n >= 1<<58:
		unit = 10
	}
	return strconv.FormatUint((n+unit/2)/unit*unit, 10)
}

// castReal writes a real as Trino casts it to varchar: as a double of no more than seven digits.
func castReal(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 {
		return CastDouble(f)
	}
	f, _ = strconv.ParseFloat(shortest(f, 32), 64)
	return javaExponent(strconv.FormatFloat(f, 'E', 6, 64))
}

// javaExponent writes Go's 1.50E+07 as Java's 1.5E7.
func javaExponent(s string) string {
	m, e, finite := strings.Cut(s, "E")
	switch {
	case s == "+Inf":
		return "Infinity"
	case s == "-Inf":
		return "-Infinity"
	case !finite:
		return s
	}
	if m = strings.TrimRight(m, "0"); m[len(m)-1] == '.' {
		m += "0"
	}
	n, _ := strconv.Atoi(e)
	return m + "E" + strconv.Itoa(n)
}
