package encode

import (
	"encoding/hex"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// textOf returns how values of a type are written in the text formats.
func textOf(t arrow.DataType) appender {
	if f, _, ok := scalar(t); ok {
		return f
	}
	if get, bits, ok := floatAt(t); ok {
		return func(dst []byte, a arrow.Array, i int) []byte {
			dst, _ = appendFloat(dst, get(a, i), bits)
			return dst
		}
	}
	switch t := t.(type) {
	case *arrow.StringType:
		return func(dst []byte, a arrow.Array, i int) []byte { return append(dst, a.(*array.String).Value(i)...) }
	case *arrow.BinaryType:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return hex.AppendEncode(dst, a.(*array.Binary).Value(i))
		}
	case *arrow.TimestampType:
		loc, zone := zoneOf(t)
		return func(dst []byte, a arrow.Array, i int) []byte {
			when, special := timestamp(t, a.(*array.Timestamp).Value(i))
			if special != "" {
				return append(dst, special...)
			}
			layout := textTime
			if when.Nanosecond()%1e6 != 0 {
				layout = "2006-01-02 15:04:05.999999999"
			}
			dst = when.In(loc).AppendFormat(dst, layout)
			if zone != "" {
				dst = append(append(dst, ' '), zone...)
			}
			return dst
		}
	case *arrow.MapType:
		key, value := textOf(t.KeyType()), orNull(textOf(t.ItemType()))
		return func(dst []byte, a arrow.Array, i int) []byte {
			m := a.(*array.Map)
			from, to := m.ValueOffsets(i)
			dst = append(dst, '{')
			for k := int(from); k < int(to); k++ {
				if k > int(from) {
					dst = append(dst, ", "...)
				}
				dst = append(key(dst, m.Keys(), k), '=')
				dst = value(dst, m.Items(), k)
			}
			return append(dst, '}')
		}
	case *arrow.StructType:
		members := make([]appender, t.NumFields())
		for k := range members {
			members[k] = orNull(textOf(t.Field(k).Type))
		}
		return func(dst []byte, a arrow.Array, i int) []byte {
			s := a.(*array.Struct)
			dst = append(dst, '{')
			for k, member := range members {
				if k > 0 {
					dst = append(dst, ", "...)
				}
				dst = append(append(dst, t.Field(k).Name...), '=')
				dst = member(dst, s.Field(k), i)
			}
			return append(dst, '}')
		}
	case arrow.ListLikeType:
		elem := orNull(textOf(t.Elem()))
		return func(dst []byte, a arrow.Array, i int) []byte {
			l := a.(array.ListLike)
			from, to := l.ValueOffsets(i)
			dst = append(dst, '[')
			for k := int(from); k < int(to); k++ {
				if k > int(from) {
					dst = append(dst, ", "...)
				}
				dst = elem(dst, l.ListValues(), k)
			}
			return append(dst, ']')
		}
	default:
		return func(dst []byte, a arrow.Array, i int) []byte { return fmt.Append(dst, a.ValueStr(i)) }
	}
}

// orNull writes null for NULL.
func orNull(f appender) appender {
	return func(dst []byte, a arrow.Array, i int) []byte {
		if isNull(a, i) {
			return append(dst, "null"...)
		}
		return f(dst, a, i)
	}
}
