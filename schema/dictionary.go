package schema

import (
	"hash/maphash"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// dictionary numbers texts in the order of their first appearance. The zero value is
// empty.
type dictionary struct {
	data  []byte
	ends  []int32  // value i lies between ends[i] and ends[i+1]
	table []uint64 // upper half: of the hash; lower half: number of the value, plus one
	last  int32    // what index returned last: values come in runs
}

// hashSeed is of the process, so that no log file can be made to collide.
var hashSeed = maphash.MakeSeed()

// dictionaryEntry is what a value takes beside its text, in bytes.
const dictionaryEntry = 4 + 3*8

func (d *dictionary) value(i int32) []byte { return d.data[d.ends[i]:d.ends[i+1]] }

// index returns the number of s, and how much memory it newly takes.
func (d *dictionary) index(s []byte) (i int32, added int) {
	if d.table == nil {
		d.table = make([]uint64, 32)
		d.ends = append(d.ends, 0)
	} else if string(d.value(d.last)) == string(s) {
		return d.last, 0
	}
	h := maphash.Bytes(hashSeed, s) >> 32
	mask := uint64(len(d.table) - 1)
	at := h & mask
	for ; d.table[at] != 0; at = (at + 1) & mask {
		if e := d.table[at]; e>>32 == h {
			if i := int32(uint32(e) - 1); string(d.value(i)) == string(s) {
				d.last = i
				return i, 0
			}
		}
	}
	i = int32(len(d.ends) - 1)
	d.data = append(d.data, s...)
	d.ends = push(d.ends, int32(len(d.data)))
	d.table[at] = h<<32 | uint64(i+1)
	if 2*len(d.ends) > len(d.table) {
		d.grow()
	}
	d.last = i
	return i, len(s) + dictionaryEntry
}

func (d *dictionary) grow() {
	old := d.table
	d.table = make([]uint64, 2*len(old))
	mask := uint64(len(d.table) - 1)
	for _, e := range old {
		if e == 0 {
			continue
		}
		at := e >> 32 & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = e
	}
}

// take returns the column whose values have the given numbers, -1 for NULL, and empties
// the dictionary, which had values. It keeps ids.
func (d *dictionary) take(ids []int32) arrow.ArrayData {
	valid, nulls := validity(ids)
	values := array.NewData(arrow.BinaryTypes.String, len(d.ends)-1, []*memory.Buffer{nil, int32Buffer(d.ends), memory.NewBufferBytes(d.data)}, nil, 0, 0)
	*d = dictionary{}
	return array.NewDataWithDictionary(dictionaryType, len(ids), []*memory.Buffer{valid, int32Buffer(ids)}, nulls, 0, values)
}

// validity returns the bitmap of the numbers that are not negative, and makes 0 of those
// that are. The bitmap is nil when there are none.
func validity(ids []int32) (bitmap *memory.Buffer, nulls int) {
	bits := make([]byte, (len(ids)+7)/8)
	for i := range bits {
		var b byte
		for j := range ids[8*i : min(8*i+8, len(ids))] {
			id := ids[8*i+j]
			null := id >> 31 // all ones
			ids[8*i+j] = id &^ null
			nulls -= int(null)
			b |= byte(1+null) << j
		}
		bits[i] = b
	}
	if nulls == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(bits), nulls
}

func int32Buffer(s []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(s))
}
