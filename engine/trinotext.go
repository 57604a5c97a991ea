package engine

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine/dialect"
	"traillake/engine/dialect/scalar"
)

// AppendTrino appends value i of a column as the text in which Trino, and CloudTrail
// Lake, show a value of type t: a timestamp with as many digits as its type has, maps
// as {k=v}, arrays as [a, b], rows as {field=value}. The text of NULL is NULL, which
// only stands inside of other values.
func AppendTrino(dst []byte, t *dialect.Type, a arrow.Array, i int) []byte {
	if a.IsNull(i) {
		return append(dst, "NULL"...)
	}
	switch t.Kind {
	case dialect.KindDouble:
		if v, ok := a.(*array.Float64); ok {
			return append(dst, scalar.DoubleText(v.Value(i))...)
		}
	case dialect.KindReal:
		if v, ok := a.(*array.Float32); ok {
			return append(dst, scalar.RealText(float64(v.Value(i)))...)
		}
	case dialect.KindDate:
		if v, ok := a.(*array.Date32); ok {
			return time.Unix(int64(v.Value(i))*86400, 0).UTC().AppendFormat(dst, "2006-01-02")
		}
	case dialect.KindTime:
		if v, ok := a.(*array.Time64); ok {
			return appendClock(dst, time.UnixMicro(int64(v.Value(i))).UTC(), "15:04:05", t.Precision)
		}
	case dialect.KindTimestamp, dialect.KindTimestampTZ:
		if v, ok := a.(*array.Timestamp); ok {
			return appendTimestamp(dst, t, int64(v.Value(i)))
		}
	case dialect.KindDecimal:
		if v, ok := a.(*array.Decimal128); ok {
			return append(dst, v.Value(i).ToString(int32(t.Scale))...)
		}
	case dialect.KindVarbinary:
		if v, ok := a.(*array.Binary); ok {
			return appendHex(dst, v.Value(i))
		}
	case dialect.KindIPAddress:
		if v, ok := a.(*array.Binary); ok {
			return append(dst, scalar.IPText(v.Value(i))...)
		}
	case dialect.KindChar:
		if v, ok := a.(*array.String); ok {
			s := v.Value(i)
			return append(append(dst, s...), strings.Repeat(" ", max(0, t.Length-len([]rune(s))))...)
		}
	case dialect.KindArray:
		if v, ok := a.(*array.List); ok {
			from, to := v.ValueOffsets(i)
			dst = append(dst, '[')
			for k := from; k < to; k++ {
				if k > from {
					dst = append(dst, ", "...)
				}
				dst = AppendTrino(dst, t.Elem(), v.ListValues(), int(k))
			}
			return append(dst, ']')
		}
	case dialect.KindMap:
		if v, ok := a.(*array.Map); ok {
			from, to := v.ValueOffsets(i)
			dst = append(dst, '{')
			for k := from; k < to; k++ {
				if k > from {
					dst = append(dst, ", "...)
				}
				dst = append(AppendTrino(dst, t.Key(), v.Keys(), int(k)), '=')
				dst = AppendTrino(dst, t.Value(), v.Items(), int(k))
			}
			return append(dst, '}')
		}
	case dialect.KindRow:
		if v, ok := a.(*array.Struct); ok {
			dst = append(dst, '{')
			for k, e := range t.Elems {
				if k > 0 {
					dst = append(dst, ", "...)
				}
				dst = append(append(dst, rowField(t, k)...), '=')
				dst = AppendTrino(dst, e, v.Field(k), i)
			}
			return append(dst, '}')
		}
	}
	return append(dst, a.ValueStr(i)...)
}

// rowField is the name of a row's field; those without one are numbered from 0.
func rowField(t *dialect.Type, i int) string {
	if n := t.Names[i]; n != "" {
		return n
	}
	return "field" + strconv.Itoa(i)
}

func appendTimestamp(dst []byte, t *dialect.Type, micros int64) []byte {
	when := time.UnixMicro(micros).UTC()
	zone := ""
	if t.Kind == dialect.KindTimestampTZ {
		zone = " UTC"
		if loc, err := scalar.Zone(t.Zone); err == nil && t.Zone != "" {
			when, zone = when.In(loc), " "+t.Zone
		}
	}
	return append(appendClock(dst, when, "2006-01-02 15:04:05", t.Precision), zone...)
}

func appendClock(dst []byte, t time.Time, layout string, precision int) []byte {
	if precision > 0 {
		layout += "." + strings.Repeat("0", min(precision, 9))
	}
	dst = t.AppendFormat(dst, layout)
	for range precision - 9 {
		dst = append(dst, '0')
	}
	return dst
}

// appendHex writes bytes as Trino's clients do: 68 65 6c 6c 6f.
func appendHex(dst, b []byte) []byte {
	for i := range b {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = hex.AppendEncode(dst, b[i:i+1])
	}
	return dst
}
