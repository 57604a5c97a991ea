package lake

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// codedText is a column of text as numbers of distinct values. The values are only as
// good as the array that they come from.
type codedText struct {
	codes  []int32 // by position; -1 where there is no value
	values []string
	used   int // positions that have a value
}

// encodeText numbers the values of a text column. A dictionary keeps its numbers, unless
// it says a value twice.
func encodeText(a arrow.Array) *codedText {
	t := &codedText{codes: make([]int32, a.Len())}
	switch a := a.(type) {
	case *array.Dictionary:
		value := textValue(a.Dictionary())
		all := make([]string, a.Dictionary().Len())
		for i := range all {
			all[i] = textOf(value(i))
		}
		number := make([]int32, len(all)) // of a dictionary entry; -1 for one that is not used
		for i := range number {
			number[i] = -1
		}
		seen := make(map[string]int32, len(all))
		for i := range t.codes {
			if a.IsNull(i) {
				t.codes[i] = -1
				continue
			}
			at := a.GetValueIndex(i)
			if number[at] < 0 {
				n, ok := seen[all[at]]
				if !ok {
					n = int32(len(t.values))
					seen[all[at]] = n
					t.values = append(t.values, all[at])
				}
				number[at] = n
			}
			t.codes[i] = number[at]
			t.used++
		}
	default:
		value := textValue(a)
		seen := make(map[string]int32)
		for i := range t.codes {
			if a.IsNull(i) {
				t.codes[i] = -1
				continue
			}
			v := textOf(value(i))
			n, ok := seen[v]
			if !ok {
				n = int32(len(t.values))
				seen[v] = n
				t.values = append(t.values, v)
			}
			t.codes[i] = n
			t.used++
		}
	}
	return t
}

// repeats reports whether a dictionary saves anything. Compressed pages hide most of the
// difference; the half is a guess.
func (t *codedText) repeats() bool { return len(t.values) <= 64 || len(t.values) <= t.used/2 }

// ranks returns for each number its place in the order of the values, from 1 on.
func (t *codedText) ranks() []uint32 {
	order := make([]int32, len(t.values))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(t.values[a], t.values[b]) })
	ranks := make([]uint32, len(t.values))
	for i, n := range order {
		ranks[n] = uint32(i) + 1
	}
	return ranks
}

// dictionary returns the values as an array, which the caller must release.
func (t *codedText) dictionary() *array.String {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(t.values, nil)
	return b.NewStringArray()
}

// gather returns the numbers at the entries, with room for the absent ones as Parquet's
// writer expects it: wherever the definition level is at least least. It also returns
// all definition levels, and how many entries are absent.
func (t *codedText) gather(e entries, level, least int16) (_ *array.Int32, defs []int16, absent int) {
	numbers := make([]int32, 0, len(e.refs))
	defs = make([]int16, len(e.refs))
	valid := make([]byte, bitutil.BytesForBits(int64(len(e.refs))))
	present := 0
	for i, r := range e.refs {
		switch {
		case r < 0:
			defs[i] = e.defs[i]
		case t.codes[r] < 0:
			defs[i] = level
		default:
			defs[i] = level + 1
			bitutil.SetBit(valid, len(numbers))
			numbers = append(numbers, t.codes[r])
			present++
			continue
		}
		if defs[i] >= least {
			numbers = append(numbers, 0)
		}
	}
	data := array.NewData(arrow.PrimitiveTypes.Int32, len(numbers),
		[]*memory.Buffer{memory.NewBufferBytes(valid), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(numbers))},
		nil, len(numbers)-present, 0)
	defer data.Release()
	return array.NewInt32Data(data), defs, len(e.refs) - present
}

// textOf returns b as a string without copying it.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
