package schema

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// pad appends nulls until s has n elements.
func pad[T any](s []T, n int, null T) []T {
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

func (c *dictColumn) take(rows int) arrow.ArrayData {
	ids := pad(c.ids, rows, -1)
	c.ids = nil
	return c.dict.take(ids)
}

// textColumn is text that does not repeat.
type textColumn struct {
	data  []byte
	ends  []int32 // of each row
	valid []byte  // bitmap
	set   int
}

func (c *textColumn) add(row int, _ *Record, v *value) int { return c.addText(row, v.text) }

func (c *textColumn) addText(row int, s []byte) int {
	c.ends = pad(c.ends, row+1, int32(len(c.data)))
	c.data = append(c.data, s...)
	c.ends = append(c.ends, int32(len(c.data)))
	c.valid = pad(c.valid, row/8+1, 0)
	c.valid[row/8] |= 1 << (row % 8)
	c.set++
	return len(s)
}

func (c *textColumn) take(rows int) arrow.ArrayData {
	ends := pad(c.ends, rows+1, int32(len(c.data)))
	valid := memory.NewBufferBytes(pad(c.valid, (rows+7)/8, 0))
	data := array.NewData(arrow.BinaryTypes.String, rows, []*memory.Buffer{valid, int32Buffer(ends), memory.NewBufferBytes(c.data)}, nil, rows-c.set, 0)
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
