package schema

import (
	"bytes"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// pad appends nulls until s has n elements, and leaves room for one more. It doubles
// where append would add a quarter: columns grow large, and each growth copies them.
func pad[T any](s []T, n int, null T) []T {
	if n >= cap(s) {
		s = slices.Grow(s, max(n+1, 2*cap(s), 16)-len(s))
	}
	for len(s) < n {
		s = append(s, null)
	}
	return s
}

// dictColumn is text that repeats.
type dictColumn struct {
	dict dictionary
	ids  []int32 // -1 is NULL
}

func (c *dictColumn) add(row int, _ *Record, v *value) int { return c.addText(row, v.text) }

func (c *dictColumn) addText(row int, s []byte) int {
	id, added := c.dict.index(s)
	c.ids = append(pad(c.ids, row, -1), id)
	return added
}

// repeat gives a row the value of the one before, which was s; none if s is empty.
func (c *dictColumn) repeat(row int, s string) {
	if s != "" {
		c.ids = append(pad(c.ids, row, -1), c.dict.last)
	}
}

func (c *dictColumn) take(rows int) arrow.ArrayData {
	if len(c.ids) == 0 {
		return allNull(dictionaryType, rows)
	}
	ids := pad(c.ids, rows, -1)
	c.ids = nil
	return c.dict.take(ids)
}

// push appends v, and doubles as pad does.
func push[T any](s []T, v T) []T {
	if len(s) == cap(s) {
		s = pad(s, len(s), v)
	}
	return append(s, v)
}

// textColumn is text that does not repeat. It is collected in pieces, so that no room is
// left over and growing copies nothing.
type textColumn struct {
	full  [][]byte // pieces, before the last one
	last  []byte
	size  int     // of all pieces
	ends  []int32 // of each row
	valid []byte  // bitmap
	set   int
}

// Sizes of pieces: a batch may have few rows, and there may be many builders.
const (
	minPiece = 1 << 10
	maxPiece = 64 << 10
)

func (c *textColumn) add(row int, _ *Record, v *value) int { return c.addText(row, v.text) }

func (c *textColumn) addText(row int, s []byte) int {
	if cap(c.last)-len(c.last) < len(s) {
		if len(c.last) > 0 {
			c.full = append(c.full, c.last)
		}
		c.last = make([]byte, 0, max(len(s), minPiece, min(maxPiece, 2*cap(c.last))))
	}
	c.ends = pad(c.ends, row+1, int32(c.size))
	c.last = append(c.last, s...)
	c.size += len(s)
	c.ends = append(c.ends, int32(c.size))
	c.valid = pad(c.valid, row/8+1, 0)
	c.valid[row/8] |= 1 << (row % 8)
	c.set++
	return len(s)
}

func (c *textColumn) take(rows int) arrow.ArrayData {
	if c.set == 0 {
		return allNull(arrow.BinaryTypes.String, rows)
	}
	text := c.last
	if len(c.full) > 0 {
		text = bytes.Join(append(c.full, c.last), nil)
	}
	ends := pad(c.ends, rows+1, int32(c.size))
	valid := memory.NewBufferBytes(pad(c.valid, (rows+7)/8, 0))
	data := array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{valid, int32Buffer(ends), memory.NewBufferBytes(text)}, nil, rows-c.set, 0)
	*c = textColumn{}
	return data
}

// boolColumn is true or false.
type boolColumn struct{ values []int32 } // 0, 1, -1 for NULL

func (c *boolColumn) add(row int, _ *Record, v *value) int {
	c.values = append(pad(c.values, row, -1), int32(v.n))
	return 0
}

func (c *boolColumn) take(rows int) arrow.ArrayData {
	if len(c.values) == 0 {
		return allNull(arrow.FixedWidthTypes.Boolean, rows)
	}
	values := pad(c.values, rows, -1)
	c.values = nil
	return bools(values)
}

// bools returns a column of truth values: 0, 1, -1 for NULL. It changes values.
func bools(values []int32) arrow.ArrayData {
	valid, nulls := validity(values)
	bits := make([]byte, (len(values)+7)/8)
	for i, v := range values {
		bits[i/8] |= byte(v) << (i % 8)
	}
	return array.NewData(arrow.FixedWidthTypes.Boolean, len(values), []*memory.Buffer{valid, memory.NewBufferBytes(bits)}, nil, nulls, 0)
}

// noTime stands for NULL. No time that is stored lies that far back.
const noTime = math.MinInt64

// timeColumn is microseconds since 1970-01-01 UTC.
type timeColumn struct{ values []int64 }

func (c *timeColumn) add(row int, _ *Record, v *value) int {
	c.values = append(pad(c.values, row, noTime), v.n)
	return 0
}

func (c *timeColumn) take(rows int) arrow.ArrayData {
	values := pad(c.values, rows, noTime)
	c.values = nil
	return times(values)
}

// times returns a column of times. It changes values.
func times(values []int64) arrow.ArrayData {
	bits := make([]byte, (len(values)+7)/8)
	nulls := 0
	for i, v := range values {
		if v == noTime {
			values[i] = 0
			nulls++
			continue
		}
		bits[i/8] |= 1 << (i % 8)
	}
	return numbers(timestampType, values, memory.NewBufferBytes(bits), nulls)
}

func numbers(t arrow.DataType, values []int64, valid *memory.Buffer, nulls int) arrow.ArrayData {
	return array.NewData(t, len(values), []*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(values))}, nil, nulls, 0)
}

// zeroPage is read only, so that it takes no memory.
var zeroPage [1 << 20]byte

// allNull returns a column without a value. Such columns share their memory.
func allNull(t arrow.DataType, rows int) arrow.ArrayData {
	zeros := zeroPage[:]
	if 8*(rows+1) > len(zeros) {
		zeros = make([]byte, 8*(rows+1))
	}
	buffer := func(n int) *memory.Buffer { return memory.NewBufferBytes(zeros[:n:n]) }
	valid := buffer((rows + 7) / 8)
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return array.NewDataWithDictionary(t, rows, []*memory.Buffer{valid, buffer(4 * rows)}, rows, 0, allNull(t.ValueType, 0).(*array.Data))
	case *arrow.StringType:
		return array.NewData(t, rows, []*memory.Buffer{valid, buffer(4 * (rows + 1)), buffer(0)}, nil, rows, 0)
	case *arrow.ListType:
		return array.NewData(t, rows, []*memory.Buffer{valid, buffer(4 * (rows + 1))}, []arrow.ArrayData{allNull(t.Elem(), 0)}, rows, 0)
	case *arrow.StructType:
		var members []arrow.ArrayData
		for _, f := range t.Fields() {
			members = append(members, allNull(f.Type, rows))
		}
		return array.NewData(t, rows, []*memory.Buffer{valid}, members, rows, 0)
	default: // of eight bytes at most
		return array.NewData(t, rows, []*memory.Buffer{valid, buffer(8 * rows)}, nil, rows, 0)
	}
}
