package duck

import (
	"sync"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// textBuffer collects the texts of a vector that do not lie in the vector itself, so that
// one call into C stores them, and not one for each.
type textBuffer struct {
	buf  []byte
	long []longText
}

type longText struct{ row, len int }

// maxTexts bounds what is collected, except for a single long text.
const maxTexts = 64 << 20

var textsPool = sync.Pool{New: func() any { return new(textBuffer) }}

// set stores a text as value i of the vector whose values are at data.
func (t *textBuffer) set(vec duckdb.Vector, data unsafe.Pointer, i int, s string) {
	if len(t.buf)+len(s) > maxTexts {
		t.flush(vec)
	}
	p := unsafe.Add(data, i*stringSize)
	if len(s) > inlineLen {
		t.long = append(t.long, longText{i, len(s)})
		t.buf = append(t.buf, s...)
		*(*[stringSize]byte)(p) = [stringSize]byte{} // a text meanwhile
		return
	}
	var v [stringSize]byte
	v[0] = byte(len(s))
	copy(v[4:], s)
	*(*[stringSize]byte)(p) = v
}

// flush gives the vector the long texts: all of them as one text, of which each value
// is then made to show its part.
func (t *textBuffer) flush(vec duckdb.Vector) {
	if len(t.long) > 0 {
		data := duckdb.VectorGetData(vec)
		duckdb.UnsafeVectorAssignStringElementLen(vec, duckdb.IdxT(t.long[0].row), t.buf)
		text := *(*unsafe.Pointer)(unsafe.Add(data, t.long[0].row*stringSize+8))
		for _, l := range t.long {
			p := unsafe.Add(data, l.row*stringSize)
			*(*uint32)(p) = uint32(l.len)
			*(*[4]byte)(unsafe.Add(p, 4)) = *(*[4]byte)(text)
			*(*unsafe.Pointer)(unsafe.Add(p, 8)) = text
			text = unsafe.Add(text, l.len)
		}
	}
	t.long, t.buf = t.long[:0], t.buf[:0]
}
