package encode

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// jsonEncoder writes objects, as lines or as one array.
type jsonEncoder struct {
	w     io.Writer
	lines bool
	keys  []string // `{"a":` for the first, `,"b":` for the others
	cols  []appender
	buf   []byte
	rows  int
}

func newJSON(w io.Writer, schema *arrow.Schema, lines bool) Encoder {
	e := &jsonEncoder{w: w, lines: lines}
	for i, name := range ColumnNames(schema) {
		lead := byte(',')
		if i == 0 {
			lead = '{'
		}
		e.keys = append(e.keys, string(append(appendJSONString([]byte{lead}, name), ':')))
		e.cols = append(e.cols, orNull(jsonOf(schema.Field(i))))
	}
	return e
}

func (e *jsonEncoder) Write(b arrow.RecordBatch) error {
	e.buf = e.buf[:0]
	cols := b.Columns()
	for i := range int(b.NumRows()) {
		switch {
		case e.lines:
		case e.rows == 0:
			e.buf = append(e.buf, "[\n"...)
		default:
			e.buf = append(e.buf, ",\n"...)
		}
		e.rows++
		if len(cols) == 0 {
			e.buf = append(e.buf, '{')
		}
		for k, c := range cols {
			e.buf = append(e.buf, e.keys[k]...)
			e.buf = e.cols[k](e.buf, c, i)
		}
		e.buf = append(e.buf, '}')
		if e.lines {
			e.buf = append(e.buf, '\n')
		}
	}
	_, err := e.w.Write(e.buf)
	return err
}

func (e *jsonEncoder) Close() error {
	if e.lines {
		return nil
	}
	end := "\n]\n"
	if e.rows == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(e.w, end)
	return err
}

// jsonOf returns how the values of a column are written in JSON.
func jsonOf(f arrow.Field) appender {
	if v, ok := f.Metadata.GetValue(LogicalType); ok && v == TypeJSON {
		return appendJSONColumn
	}
	if s, quoted, ok := scalar(f.Type); ok {
		if !quoted {
			return s
		}
		return func(dst []byte, a arrow.Array, i int) []byte {
			return append(s(append(dst, '"'), a, i), '"')
		}
	}
	if get, bits, ok := floatAt(f.Type); ok {
		return func(dst []byte, a arrow.Array, i int) []byte {
			out, ok := appendFloat(dst, get(a, i), bits)
			if !ok {
				return appendJSONString(dst, string(out[len(dst):]))
			}
			return out
		}
	}
	switch t := f.Type.(type) {
	case *arrow.StringType:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return appendJSONString(dst, a.(*array.String).Value(i))
		}
	case *arrow.BinaryType:
		return func(dst []byte, a arrow.Array, i int) []byte {
			return append(base64.StdEncoding.AppendEncode(append(dst, '"'), a.(*array.Binary).Value(i)), '"')
		}
	case *arrow.TimestampType:
		loc, _ := zoneOf(t)
		return func(dst []byte, a arrow.Array, i int) []byte {
			when, special := timestamp(t, a.(*array.Timestamp).Value(i))
			dst = append(dst, '"')
			if special != "" {
				dst = append(dst, special...)
			} else {
				local := when.In(loc)
				if _, offset := local.Zone(); offset%60 != 0 { // RFC 3339 has no seconds there
					local = when
				}
				dst = local.AppendFormat(dst, time.RFC3339Nano)
			}
			return append(dst, '"')
		}
	case *arrow.MapType:
		key, value := jsonKey(t.KeyType()), orNull(jsonOf(t.ItemField()))
		return func(dst []byte, a arrow.Array, i int) []byte {
			m := a.(*array.Map)
			from, to := m.ValueOffsets(i)
			dst = append(dst, '{')
			for k := int(from); k < int(to); k++ {
				if k > int(from) {
					dst = append(dst, ',')
				}
				dst = append(key(dst, m.Keys(), k), ':')
				dst = value(dst, m.Items(), k)
			}
			return append(dst, '}')
		}
	case *arrow.StructType:
		members := make([]appender, t.NumFields())
		keys := make([][]byte, t.NumFields())
		for k := range members {
			members[k] = orNull(jsonOf(t.Field(k)))
			keys[k] = append(appendJSONString(nil, t.Field(k).Name), ':')
		}
		return func(dst []byte, a arrow.Array, i int) []byte {
			s := a.(*array.Struct)
			dst = append(dst, '{')
			for k, member := range members {
				if k > 0 {
					dst = append(dst, ',')
				}
				dst = member(append(dst, keys[k]...), s.Field(k), i)
			}
			return append(dst, '}')
		}
	case arrow.ListLikeType:
		elem := orNull(jsonOf(t.ElemField()))
		return func(dst []byte, a arrow.Array, i int) []byte {
			l := a.(array.ListLike)
			from, to := l.ValueOffsets(i)
			dst = append(dst, '[')
			for k := int(from); k < int(to); k++ {
				if k > int(from) {
					dst = append(dst, ',')
				}
				dst = elem(dst, l.ListValues(), k)
			}
			return append(dst, ']')
		}
	default:
		return func(dst []byte, a arrow.Array, i int) []byte { return appendJSONString(dst, a.ValueStr(i)) }
	}
}

// jsonKey writes a map's key, which is a string in JSON whatever its type is.
func jsonKey(t arrow.DataType) appender {
	text := textOf(t)
	return func(dst []byte, a arrow.Array, i int) []byte {
		return appendJSONString(dst, string(text(nil, a, i)))
	}
}

// appendJSONColumn writes text that is JSON already, on one line. Text that claims
// to be JSON and is not is written as a string.
func appendJSONColumn(dst []byte, a arrow.Array, i int) []byte {
	s := a.(*array.String).Value(i)
	if !json.Valid([]byte(s)) {
		return appendJSONString(dst, s)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		return appendJSONString(dst, s)
	}
	return append(dst, PrintableJSON(b.Bytes())...)
}

// PrintableJSON returns JSON whose texts have no character that Printable takes out: each is
// written as an escape, which every reader takes for the same value.
func PrintableJSON(text []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7f && odd(r) } // blanks stand between the values
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if hidden(r) {
			out = appendEscape(out, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

const hexDigits = "0123456789abcdef"

// appendEscape writes a character of the basic plane as \u and four hexadecimal digits.
func appendEscape(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// appendJSONString writes s as a JSON string, with escapes for what PrintableJSON escapes.
// encoding/json has no append form, would escape <, > and &, and leaves those.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || odd(r) {
				dst = appendEscape(append(dst, s[start:i]...), r)
				start = i + size
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = appendEscape(dst, rune(c))
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
