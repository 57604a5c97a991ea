package scalar

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// limits are the greatest numbers of the integer types.
var limits = map[string]int64{"tinyint": math.MaxInt8, "smallint": math.MaxInt16, "integer": math.MaxInt32, "bigint": math.MaxInt64}

// numberFuncs are functions of numbers.
var numberFuncs = []Func{
	{"t_cbrt", "f", Float, func(r *Row) error {
		r.Float = math.Cbrt(r.F[0])
		return nil
	}},
	{"t_from_base", "si", Int, func(r *Row) error {
		if r.I[1] < 2 || r.I[1] > 36 {
			return badArgument("Radix must be between 2 and 36")
		}
		n, err := strconv.ParseInt(r.S[0], int(r.I[1]), 64)
		if err != nil {
			return badArgument("Not a valid base-%d number: %s", r.I[1], r.S[0])
		}
		r.Num = n
		return nil
	}},
	{"t_to_base", "ii", Text, func(r *Row) error {
		if r.I[1] < 2 || r.I[1] > 36 {
			return badArgument("Radix must be between 2 and 36")
		}
		return r.setText(strconv.FormatInt(r.I[0], int(r.I[1])), true)
	}},
	{"t_bit_count", "ii", Int, func(r *Row) error {
		n := r.I[1]
		if n < 2 || n > 64 {
			return badArgument("Bits specified in bit_count must be between 2 and 64, got %d", n)
		}
		if n < 64 && (r.I[0] >= 1<<(n-1) || r.I[0] < -(1<<(n-1))) {
			return badArgument("Number must be representable with the bits specified. %d cannot be represented with %d bits", r.I[0], n)
		}
		u := uint64(r.I[0])
		if n < 64 {
			u &= 1<<n - 1
		}
		r.Num = int64(bits.OnesCount64(u))
		return nil
	}},
	{"t_shift", "iisi", Int, shift},
	{"t_round", "iis", Int, func(r *Row) error {
		r.Num = r.I[0]
		if r.I[1] >= 0 {
			return nil
		}
		overflow := &Error{"NUMERIC_VALUE_OUT_OF_RANGE", fmt.Sprintf("numerical overflow: %d", r.I[0])}
		if r.I[1] < -18 {
			return overflow
		}
		factor := pow10(int(-r.I[1])).Int64()
		n, rest := r.I[0]/factor, r.I[0]%factor
		switch {
		case rest >= factor-rest:
			n++
		case -rest >= factor+rest:
			n--
		}
		if r.Num = n * factor; r.Num/factor != n {
			return overflow
		}
		if most := limits[r.S[2]]; r.Num > most || r.Num < -most-1 {
			return &Error{"NUMERIC_VALUE_OUT_OF_RANGE", fmt.Sprintf("Out of range for %s: %d", r.S[2], r.Num)}
		}
		return nil
	}},
	{"t_round_decimal", "sisi", Text, roundDecimal},
	{"t_log", "ff", Float, func(r *Row) error {
		r.Float = math.Log(r.F[1]) / math.Log(r.F[0])
		return nil
	}},
	{"t_width_bucket", "fffi", Int, widthBucket},
	{"t_format_number", "f", Text, func(r *Row) error { return r.setText(shortNumber(float64(javaLong(r.F[0]))), true) }},
}

// javaLong is a double as Java's long: without its fraction, NaN as 0, and the greatest number for what is greater.
func javaLong(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// shortNumber writes a number with three digits, or two behind the point, and a letter for its size.
func shortNumber(f float64) string {
	for i, unit := range []string{"", "K", "M", "B", "T", "Q"} {
		v := f / math.Pow(1000, float64(i))
		if math.Abs(v) < 1000 || unit == "Q" {
			digits := 2
			switch { // of what is below zero, too, as in Trino: -25.75K, and 25.7K
			case v >= 100:
				digits = 0
			case v >= 10:
				digits = 1
			}
			s := strconv.FormatFloat(v, 'f', digits, 64)
			if strings.Contains(s, ".") {
				s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
			}
			return s + unit
		}
	}
	return ""
}

// shift shifts the bits of a number of the given width; a whole word or more leaves
// nothing but, in an arithmetic shift, the sign.
func shift(r *Row) error {
	v, n, width := r.I[0], uint(min(uint64(r.I[1]), 64)), uint(r.I[3])
	switch r.S[2] {
	case "left":
		v <<= n
	case "right":
		if n > 0 {
			v = int64(uint64(v) & (math.MaxUint64 >> (64 - width)) >> n)
		}
	default:
		v >>= n
	}
	r.Num = v << (64 - width) >> (64 - width)
	return nil
}

// roundDecimal rounds the text of a decimal number to a number of digits behind the
// point, half up or towards zero; the second number is its scale, which the result has.
func roundDecimal(r *Row) error {
	x, ok := new(big.Rat).SetString(r.S[0])
	if !ok {
		return badArgument("not a decimal number: %s", r.S[0])
	}
	digits, scale := r.I[1], r.I[3]
	if digits >= scale {
		return r.setText(r.S[0], true)
	}
	unit := new(big.Rat).SetInt(pow10(int(min(max(digits, -digits), 100))))
	if digits < 0 {
		unit.Inv(unit)
	}
	x.Mul(x, unit)
	n := new(big.Int)
	if r.S[2] == "up" {
		n = roundHalfUp(x)
	} else {
		n.Quo(x.Num(), x.Denom())
	}
	return r.setText(x.Quo(x.SetInt(n), unit).FloatString(int(scale)), true)
}

func widthBucket(r *Row) error {
	x, first, second, n := r.F[0], r.F[1], r.F[2], r.I[3]
	finite := func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
	switch {
	case n <= 0:
		return badArgument("bucketCount must be greater than 0")
	case math.IsNaN(x):
		return badArgument("operand must not be NaN")
	case !finite(first):
		return badArgument("first bound must be finite")
	case !finite(second):
		return badArgument("second bound must be finite")
	case first == second:
		return badArgument("bounds cannot equal each other")
	}
	low, high := min(first, second), max(first, second)
	switch {
	case x < low:
		r.Num = 0
	case x >= high && n == math.MaxInt64:
		return &Error{"NUMERIC_VALUE_OUT_OF_RANGE", fmt.Sprintf("Bucket for value %s is out of range", DoubleText(x))}
	case x >= high:
		r.Num = n + 1
	default:
		// Bounds far apart make NaN of infinite differences, and many buckets a number that is too great.
		r.Num = javaLong(float64(n)*(x-low)/(high-low) + 1)
	}
	if first > second {
		r.Num = n - r.Num + 1
	}
	return nil
}
