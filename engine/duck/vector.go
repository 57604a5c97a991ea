package duck

import (
	"errors"
	"math"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// errTooLong reports that the text of the rows does not fit into one Arrow array,
// whose offsets have 32 bits. The caller splits the rows.
var errTooLong = errors.New("more than 2 GiB of text in one row")

// maxArrayBytes is a variable for the test of splitting.
var maxArrayBytes = math.MaxInt32

// stringSize is the size of duckdb_string_t: a length and then either twelve bytes
// of text or four of them and a pointer to all.
const stringSize = 16

const inlineLen = 12

// view is a C vector as Go slices. They die with the chunk.
type view struct {
	vec   duckdb.Vector
	data  unsafe.Pointer
	valid unsafe.Pointer // nil: every value is valid
}

func viewOf(v duckdb.Vector) view {
	return view{vec: v, data: duckdb.VectorGetData(v), valid: duckdb.VectorGetValidity(v)}
}

// bytes returns n values of width bytes each, from value number from.
func (v view) bytes(width, from, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Add(v.data, from*width)), n*width)
}

func (v view) isValid(i int) bool {
	if v.valid == nil {
		return true
	}
	return *(*uint64)(unsafe.Add(v.valid, i/64*8))>>(i%64)&1 == 1
}

// bitmap copies the validity of rows from..to. It returns nil when all are valid.
func (v view) bitmap(from, to int) (*memory.Buffer, int) {
	if v.valid == nil {
		return nil, 0
	}
	n := to - from
	buf := make([]byte, bitutil.BytesForBits(int64(n)))
	if from%8 == 0 {
		// Both sides are little-endian with the lowest bit first.
		copy(buf, unsafe.Slice((*byte)(unsafe.Add(v.valid, from/8)), len(buf)))
		if n%8 != 0 {
			buf[len(buf)-1] &= 1<<(n%8) - 1
		}
	} else {
		for i := range n {
			if v.isValid(from + i) {
				bitutil.SetBit(buf, i)
			}
		}
	}
	ones := 0
	for _, b := range buf {
		ones += bits.OnesCount8(b)
	}
	if ones == n {
		return nil, 0
	}
	return memory.NewBufferBytes(buf), n - ones
}

// convert copies rows from..to of a vector into Arrow data, which the caller
// releases.
func (c *column) convert(vec duckdb.Vector, from, to int) (arrow.ArrayData, error) {
	v := viewOf(vec)
	n := to - from
	valid, nulls := v.bitmap(from, to)
	switch {
	case c.text != nil:
		return c.convertText(v, valid, nulls, from, to)
	case c.width > 0:
		buf := append([]byte(nil), v.bytes(c.width, from, n)...)
		return c.array(n, nulls, []*memory.Buffer{valid, memory.NewBufferBytes(buf)}, nil), nil
	}
	switch c.arrow.ID() {
	case arrow.NULL:
		return array.NewData(c.arrow, n, []*memory.Buffer{nil}, nil, n, 0), nil
	case arrow.BOOL:
		buf := make([]byte, bitutil.BytesForBits(int64(n)))
		for i, b := range v.bytes(1, from, n) {
			if b != 0 {
				bitutil.SetBit(buf, i)
			}
		}
		return c.array(n, nulls, []*memory.Buffer{valid, memory.NewBufferBytes(buf)}, nil), nil
	case arrow.STRING, arrow.BINARY:
		return c.convertString(v, valid, nulls, from, to)
	case arrow.DECIMAL128:
		return c.array(n, nulls, []*memory.Buffer{valid, memory.NewBufferBytes(c.decimals(v, from, n))}, nil), nil
	case arrow.STRUCT:
		return c.convertStruct(v, valid, nulls, from, to)
	case arrow.FIXED_SIZE_LIST:
		child, err := c.children[0].convert(duckdb.ArrayVectorGetChild(vec), from*c.size, to*c.size)
		if err != nil {
			return nil, err
		}
		defer child.Release()
		return c.array(n, nulls, []*memory.Buffer{valid}, []arrow.ArrayData{child}), nil
	default:
		return c.convertList(v, valid, nulls, from, to)
	}
}

func (c *column) array(n, nulls int, bufs []*memory.Buffer, children []arrow.ArrayData) arrow.ArrayData {
	return array.NewData(c.arrow, n, bufs, children, nulls, 0)
}

// str returns the bytes of string number i.
func (v view) str(i int) []byte {
	p := unsafe.Add(v.data, i*stringSize)
	n := int(*(*uint32)(p))
	if n == 0 {
		return nil
	}
	if n <= inlineLen {
		return unsafe.Slice((*byte)(unsafe.Add(p, 4)), n)
	}
	return unsafe.Slice(*(**byte)(unsafe.Add(p, 8)), n)
}

func (c *column) convertString(v view, valid *memory.Buffer, nulls, from, to int) (arrow.ArrayData, error) {
	n := to - from
	total := 0
	for i := from; i < to; i++ {
		if nulls == 0 || v.isValid(i) {
			total += int(*(*uint32)(unsafe.Add(v.data, i*stringSize)))
		}
	}
	isBit := c.logical == "bit"
	if isBit {
		total *= 8
	}
	if total > maxArrayBytes {
		return nil, errTooLong
	}
	offsets := make([]int32, n+1)
	text := make([]byte, 0, total)
	for i := range n {
		if nulls == 0 || v.isValid(from+i) {
			if isBit {
				text = appendBits(text, v.str(from+i))
			} else {
				text = append(text, v.str(from+i)...)
			}
		}
		offsets[i+1] = int32(len(text))
	}
	return c.array(n, nulls, []*memory.Buffer{valid, offsetsBuffer(offsets), memory.NewBufferBytes(text)}, nil), nil
}

// convertText writes fixed-width values as text.
func (c *column) convertText(v view, valid *memory.Buffer, nulls, from, to int) (arrow.ArrayData, error) {
	n := to - from
	offsets := make([]int32, n+1)
	var text []byte
	for i := range n {
		if v.isValid(from + i) {
			text = append(text, c.text(c, v.bytes(c.width, from+i, 1))...)
		}
		if len(text) > maxArrayBytes {
			return nil, errTooLong
		}
		offsets[i+1] = int32(len(text))
	}
	return c.array(n, nulls, []*memory.Buffer{valid, offsetsBuffer(offsets), memory.NewBufferBytes(text)}, nil), nil
}

func offsetsBuffer(o []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(o))
}

// decimals widens the stored integers to 128 bits.
func (c *column) decimals(v view, from, n int) []byte {
	if c.kind == duckdb.TypeHugeInt {
		return append([]byte(nil), v.bytes(16, from, n)...)
	}
	words := make([]int64, 2*n)
	for i := range n {
		var x int64
		switch c.kind {
		case duckdb.TypeSmallInt:
			x = int64(*(*int16)(unsafe.Add(v.data, (from+i)*2)))
		case duckdb.TypeInteger:
			x = int64(*(*int32)(unsafe.Add(v.data, (from+i)*4)))
		default:
			x = *(*int64)(unsafe.Add(v.data, (from+i)*8))
		}
		words[2*i], words[2*i+1] = x, x>>63
	}
	return arrow.Int64Traits.CastToBytes(words)
}

func (c *column) convertStruct(v view, valid *memory.Buffer, nulls, from, to int) (arrow.ArrayData, error) {
	children := make([]arrow.ArrayData, 0, len(c.children))
	defer release(&children)
	for i := range c.children {
		d, err := c.children[i].convert(duckdb.StructVectorGetChild(v.vec, duckdb.IdxT(i)), from, to)
		if err != nil {
			return nil, err
		}
		children = append(children, d)
	}
	return c.array(to-from, nulls, []*memory.Buffer{valid}, children), nil
}

func release(d *[]arrow.ArrayData) {
	for _, x := range *d {
		x.Release()
	}
}

// convertList converts lists and maps. The entries of DuckDB's lists may lie in
// any order in the child vector; Arrow's follow each other.
func (c *column) convertList(v view, valid *memory.Buffer, nulls, from, to int) (arrow.ArrayData, error) {
	n := to - from
	entries := unsafe.Slice((*[2]uint64)(v.data), to)[from:] // offset, length
	child := duckdb.ListVectorGetChild(v.vec)
	offsets := make([]int32, n+1)
	total := 0
	// Runs of entries that follow each other in the child are converted at once.
	type run struct{ from, to int }
	var runs []run
	for i, e := range entries {
		if e[1] > 0 && v.isValid(from+i) {
			a, b := int(e[0]), int(e[0]+e[1])
			if k := len(runs) - 1; k >= 0 && runs[k].to == a {
				runs[k].to = b
			} else {
				runs = append(runs, run{a, b})
			}
			total += b - a
		}
		if total > math.MaxInt32 {
			return nil, errTooLong
		}
		offsets[i+1] = int32(total)
	}
	if len(runs) == 0 {
		runs = append(runs, run{0, 0})
	}
	parts := make([]arrow.ArrayData, 0, len(runs))
	defer release(&parts)
	for _, r := range runs {
		d, err := c.convertEntries(child, r.from, r.to)
		if err != nil {
			return nil, err
		}
		parts = append(parts, d)
	}
	all, err := concat(parts)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	return c.array(n, nulls, []*memory.Buffer{valid, offsetsBuffer(offsets)}, []arrow.ArrayData{all}), nil
}

// convertEntries converts a part of a list's child vector; for a map that is a
// struct of key and value.
func (c *column) convertEntries(child duckdb.Vector, from, to int) (arrow.ArrayData, error) {
	if c.kind != duckdb.TypeMap {
		return c.children[0].convert(child, from, to)
	}
	entries := column{kind: duckdb.TypeStruct, arrow: c.arrow.(*arrow.MapType).Elem(), children: c.children}
	return entries.convert(child, from, to)
}

func concat(parts []arrow.ArrayData) (arrow.ArrayData, error) {
	if len(parts) == 1 {
		parts[0].Retain()
		return parts[0], nil
	}
	arrs := make([]arrow.Array, len(parts))
	for i, p := range parts {
		arrs[i] = array.MakeFromData(p)
		defer arrs[i].Release()
	}
	all, err := array.Concatenate(arrs, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	all.Data().Retain()
	return all.Data(), nil
}
