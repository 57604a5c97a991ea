package jsonpath

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxPrecision is the most digits that a decimal has in Trino.
const maxPrecision = 38

// typed checks that a number has a type in SQL.
func (n Num) typed() (Num, error) {
	if n.Raw != "" {
		return n, fail("cannot convert %s to Trino value (value too big)", n.Raw)
	}
	if n.Dec != nil && (digits(n.Dec) > maxPrecision || n.Scale > maxPrecision) {
		return n, fail("cannot convert %s to Trino value (precision too big)", n.Text(plainDouble))
	}
	return n, nil
}

func digits(d *big.Int) int { return len(new(big.Int).Abs(d).String()) }

func plainDouble(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// double returns the number as a double.
func (n Num) double() float64 {
	switch {
	case n.IsDouble:
		return n.Float
	case n.Dec == nil:
		return float64(n.Int)
	}
	f, _ := n.rat().Float64()
	return f
}

func (n Num) rat() *big.Rat {
	if n.Dec == nil {
		return new(big.Rat).SetInt64(n.Int)
	}
	return new(big.Rat).SetFrac(n.Dec, pow10(n.Scale))
}

// compare orders two typed numbers. NaN equals nothing.
func compare(a, b Num) (order int, ok bool) {
	if a.IsDouble || b.IsDouble {
		x, y := a.double(), b.double()
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, x == y
	}
	return a.rat().Cmp(b.rat()), true
}

// arithmetic computes what the operator gives in SQL: integers stay integers, and
// overflow is an error.
func arithmetic(op byte, a, b Num) (Num, error) {
	switch {
	case a.IsDouble || b.IsDouble:
		return doubles(op, a.double(), b.double()), nil
	case a.Dec == nil && b.Dec == nil:
		return integers(op, a, b)
	}
	return decimals(op, a.decimal(), b.decimal())
}

func (n Num) decimal() Num {
	if n.Dec != nil {
		return n
	}
	return Num{Dec: big.NewInt(n.Int)}
}

func doubles(op byte, x, y float64) Num {
	n := Num{IsDouble: true}
	switch op {
	case '+':
		n.Float = x + y
	case '-':
		n.Float = x - y
	case '*':
		n.Float = x * y
	case '/':
		n.Float = x / y
	default:
		n.Float = math.Mod(x, y)
	}
	return n
}

func integers(op byte, a, b Num) (Num, error) {
	if (op == '/' || op == '%') && b.Int == 0 {
		return Num{}, fail("Division by zero")
	}
	x, y, r := big.NewInt(a.Int), big.NewInt(b.Int), new(big.Int)
	switch op {
	case '+':
		r.Add(x, y)
	case '-':
		r.Sub(x, y)
	case '*':
		r.Mul(x, y)
	case '/':
		r.Quo(x, y)
	default:
		r.Rem(x, y)
	}
	wide := a.Wide || b.Wide
	if !r.IsInt64() || !wide && r.Int64() != int64(int32(r.Int64())) {
		name := map[bool]string{true: "bigint", false: "integer"}[wide]
		return Num{}, fail("%s overflow: %d %c %d", name, a.Int, op, b.Int)
	}
	return Num{Int: r.Int64(), Wide: wide}, nil
}

func decimals(op byte, a, b Num) (Num, error) {
	scale := max(a.Scale, b.Scale)
	x := new(big.Int).Mul(a.Dec, pow10(scale-a.Scale))
	y := new(big.Int).Mul(b.Dec, pow10(scale-b.Scale))
	r := new(big.Int)
	switch op {
	case '+':
		r.Add(x, y)
	case '-':
		r.Sub(x, y)
	case '*':
		r.Mul(a.Dec, b.Dec)
		scale = a.Scale + b.Scale
	default:
		if y.Sign() == 0 {
			return Num{}, fail("Division by zero")
		}
		if op == '%' {
			r.Rem(x, y)
			break
		}
		q := new(big.Rat).SetFrac(x, y)
		r = half(q.Mul(q, new(big.Rat).SetInt(pow10(scale))))
	}
	n := Num{Dec: r, Scale: scale}
	if digits(r) > maxPrecision || scale > maxPrecision {
		return n, fail("Decimal overflow")
	}
	return n, nil
}

// half rounds to an integer, away from zero at one half.
func half(v *big.Rat) *big.Int {
	num := new(big.Int).Mul(new(big.Int).Abs(v.Num()), big.NewInt(2))
	num.Add(num, v.Denom())
	q := num.Quo(num, new(big.Int).Mul(v.Denom(), big.NewInt(2)))
	if v.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func negate(n Num) (Num, error) {
	switch {
	case n.IsDouble:
		n.Float = -n.Float
	case n.Dec != nil:
		n.Dec = new(big.Int).Neg(n.Dec)
	case n.Int == math.MinInt64 || !n.Wide && n.Int == math.MinInt32:
		return n, fail("overflow: -(%d)", n.Int)
	default:
		n.Int = -n.Int
	}
	return n, nil
}

// towards rounds up, or down, to a whole number.
func towards(n Num, up bool) Num {
	switch {
	case n.IsDouble && up:
		n.Float = math.Ceil(n.Float)
	case n.IsDouble:
		n.Float = math.Floor(n.Float)
	case n.Dec != nil:
		q, rest := new(big.Int).DivMod(n.Dec, pow10(n.Scale), new(big.Int))
		if up && rest.Sign() != 0 {
			q.Add(q, big.NewInt(1))
		}
		return Num{Dec: q}
	}
	return n
}

// index returns the number as the index of an element.
func (n Num) index() (int64, error) {
	if n.IsDouble {
		f := math.Round(n.Float)
		if math.IsNaN(f) || f < math.MinInt64 || f >= math.MaxInt64 {
			return 0, fail("cannot convert value %s to long", plainDouble(n.Float))
		}
		return int64(f), nil
	}
	if n.Dec == nil {
		return n.Int, nil
	}
	i := half(n.rat())
	if !i.IsInt64() {
		return 0, fail("cannot convert value %s to long", n.Text(plainDouble))
	}
	return i.Int64(), nil
}

// toDouble is the method double(). Text is read as a cast to double does.
func toDouble(v Value) (Value, error) {
	switch v.Kind {
	case Number:
		n, err := v.Num.typed()
		return Value{Kind: Number, Num: Num{IsDouble: true, Float: n.double()}}, err
	case String:
		f, ok := ParseDouble(v.Str)
		if !ok {
			return Value{}, fail("Cannot cast '%s' to DOUBLE", v.Str)
		}
		return Value{Kind: Number, Num: Num{IsDouble: true, Float: f}}, nil
	}
	return Value{}, wrongType("NUMBER or TEXT", v)
}

// ParseDouble reads what Java's Double.parseDouble reads, without hexadecimal numbers.
func ParseDouble(s string) (f float64, ok bool) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) // as String.trim
	switch s {
	case "NaN", "+NaN", "-NaN":
		return math.NaN(), true
	case "Infinity", "+Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	if n := len(s); n > 1 && strings.IndexByte("dDfF", s[n-1]) >= 0 {
		s = s[:n-1]
	}
	for i := range len(s) {
		if strings.IndexByte("0123456789+-.eE", s[i]) < 0 {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

// As returns the text of a number as SQL has it: whole rounds a decimal or a double half
// up as a cast to an integer does, boolean gives true or false. double writes doubles.
func (n Num) As(whole, boolean bool, double func(float64) string) (string, error) {
	n, err := n.typed()
	switch {
	case err != nil:
		return "", err
	case boolean:
		order, ok := compare(n, Num{})
		return strconv.FormatBool(order != 0 || !ok), nil
	case whole && (n.IsDouble || n.Dec != nil):
		i, err := n.index()
		return strconv.FormatInt(i, 10), err
	}
	return n.Plain(double), nil
}
