package encode

import (
	"math"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// appender appends value i of an array, which is not NULL.
type appender func(dst []byte, a arrow.Array, i int) []byte

// isNull also knows columns of the null type, which have no bitmap to say so.
func isNull(a arrow.Array, i int) bool { return a.DataType().ID() == arrow.NULL || a.IsNull(i) }

// Layouts of timestamps in text and in JSON. Text has three digits at least, as
// CloudTrail Lake; more where the value has more.
const (
	textTime = "2006-01-02 15:04:05.000"
	clock    = "15:04:05.999999999"
)

// scalar returns how values of the types that text and JSON write alike are
// written; quoted says that JSON needs quotes around them. ok is false for strings
// and nested types.
func scalar(t arrow.DataType) (f appender, quoted, ok bool) {
	switch t := t.(type) {
	case *arrow.NullType:
		return func(dst []byte, _ arrow.Array, _ int) []byte { return append(dst, "null"...) }, false, true
	case *arrow.BooleanType:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return strconv.AppendBool(dst, a.(*array.Boolean).Value(i))
		}, false, true
	case *arrow.Int8Type:
		return signed(func(a arrow.Array, i int) int64 { return int64(a.(*array.Int8).Value(i)) }), false, true
	case *arrow.Int16Type:
		return signed(func(a arrow.Array, i int) int64 { return int64(a.(*array.Int16).Value(i)) }), false, true
	case *arrow.Int32Type:
		return signed(func(a arrow.Array, i int) int64 { return int64(a.(*array.Int32).Value(i)) }), false, true
	case *arrow.Int64Type:
		return signed(func(a arrow.Array, i int) int64 { return a.(*array.Int64).Value(i) }), false, true
	case *arrow.Uint8Type:
		return unsigned(func(a arrow.Array, i int) uint64 { return uint64(a.(*array.Uint8).Value(i)) }), false, true
	case *arrow.Uint16Type:
		return unsigned(func(a arrow.Array, i int) uint64 { return uint64(a.(*array.Uint16).Value(i)) }), false, true
	case *arrow.Uint32Type:
		return unsigned(func(a arrow.Array, i int) uint64 { return uint64(a.(*array.Uint32).Value(i)) }), false, true
	case *arrow.Uint64Type:
		return unsigned(func(a arrow.Array, i int) uint64 { return a.(*array.Uint64).Value(i) }), false, true
	case *arrow.Decimal128Type:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return appendDecimal(dst, a.(*array.Decimal128).Value(i), int(t.Scale))
		}, false, true
	case *arrow.Date32Type:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return appendDate(dst, a.(*array.Date32).Value(i))
		}, true, true
	case *arrow.Time64Type:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return a.(*array.Time64).Value(i).ToTime(t.Unit).AppendFormat(dst, clock)
		}, true, true
	default:
		return nil, false, false
	}
}

func signed(get func(arrow.Array, int) int64) appender {
	return func(dst []byte, a arrow.Array, i int) []byte { return strconv.AppendInt(dst, get(a, i), 10) }
}

func unsigned(get func(arrow.Array, int) uint64) appender {
	return func(dst []byte, a arrow.Array, i int) []byte { return strconv.AppendUint(dst, get(a, i), 10) }
}

func appendDecimal(dst []byte, n decimal128.Num, scale int) []byte {
	if hi := n.HighBits(); hi == int64(n.LowBits())>>63 && scale == 0 {
		return strconv.AppendInt(dst, int64(n.LowBits()), 10)
	}
	b := n.BigInt()
	if b.Sign() < 0 {
		dst = append(dst, '-')
		b.Neg(b)
	}
	digits := b.Append(nil, 10)
	for len(digits) <= scale {
		digits = append([]byte{'0'}, digits...)
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[len(digits)-scale:]...)
	}
	return dst
}

// appendFloat writes the shortest decimal text that reads back as v; ok is false
// for values that are no numbers. A whole number keeps its .0, so that it looks
// like what it is.
func appendFloat(dst []byte, v float64, bits int) (_ []byte, ok bool) {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...), false
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...), false
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...), false
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e16) {
		format = 'e'
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, format, -1, bits)
	for _, c := range dst[start:] {
		if c == '.' || c == 'e' {
			return dst, true
		}
	}
	return append(dst, ".0"...), true
}

// floatAt reads a float column.
func floatAt(t arrow.DataType) (get func(arrow.Array, int) float64, bits int, ok bool) {
	switch t.ID() {
	case arrow.FLOAT32:
		return func(a arrow.Array, i int) float64 { return float64(a.(*array.Float32).Value(i)) }, 32, true
	case arrow.FLOAT64:
		return func(a arrow.Array, i int) float64 { return a.(*array.Float64).Value(i) }, 64, true
	default:
		return nil, 0, false
	}
}

// DuckDB's infinite dates and times are the ends of the integers' range.
func infinite(v, limit int64) (text string, ok bool) {
	switch v {
	case limit:
		return "infinity", true
	case -limit:
		return "-infinity", true
	default:
		return "", false
	}
}

func appendDate(dst []byte, d arrow.Date32) []byte {
	if s, ok := infinite(int64(d), math.MaxInt32); ok {
		return append(dst, s...)
	}
	return time.Unix(int64(d)*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
}

// zoneOf returns the zone that values of a type are shown in, and its name; empty for a type without
// one.
func zoneOf(t *arrow.TimestampType) (*time.Location, string) {
	loc, err := t.GetZone()
	switch {
	case t.TimeZone == "":
		return time.UTC, ""
	case err != nil:
		return time.UTC, "UTC"
	}
	return loc, t.TimeZone
}

// timestamp reads a timestamp, in UTC; special is set for the infinite ones.
func timestamp(t *arrow.TimestampType, v arrow.Timestamp) (_ time.Time, special string) {
	if s, ok := infinite(int64(v), math.MaxInt64); ok {
		return time.Time{}, s
	}
	switch t.Unit {
	case arrow.Second:
		return time.Unix(int64(v), 0).UTC(), ""
	case arrow.Millisecond:
		return time.UnixMilli(int64(v)).UTC(), ""
	case arrow.Microsecond:
		return time.UnixMicro(int64(v)).UTC(), ""
	default:
		return time.Unix(0, int64(v)).UTC(), ""
	}
}
