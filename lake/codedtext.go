package lake

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// codedText is a column of text as numbers of distinct values. The values are only as
// good as the arrays that they come from.
type codedText struct {
	codes  []int32 // by position; -1 where there is no value
	values []string
}

// coded numbers the values of a text column.
func (c *column) coded() *codedText {
	if c.text == nil {
		c.text = &codedText{codes: make([]int32, 0, c.len())}
		seen := make(map[string]int32)
		for i, p := range c.parts {
			var null []bool
			if c.null != nil {
				null = c.null[c.first[i]:c.first[i+1]]
			}
			c.text.add(p, null, seen)
		}
	}
	return c.text
}

// add numbers the values of an array. Null is nil or says which are none, seen has the
// numbers of all values so far.
func (t *codedText) add(a arrow.Array, null []bool, seen map[string]int32) {
	number := func(v string) int32 {
		n, ok := seen[v]
		if !ok {
			n = int32(len(t.values))
			seen[v] = n
			t.values = append(t.values, v)
		}
		return n
	}
	d, ok := a.(*array.Dictionary)
	if !ok {
		value := textValue(a)
		for i := range a.Len() {
			code := int32(-1)
			if null == nil || !null[i] {
				code = number(value(i))
			}
			t.codes = append(t.codes, code)
		}
		return
	}
	// Entries that are not used get no number, and one that is there twice gets one.
	value := textValue(d.Dictionary())
	numbers := make([]int32, d.Dictionary().Len())
	for i := range numbers {
		numbers[i] = -1
	}
	for i, at := range indices(d) {
		code := int32(-1)
		if null == nil || !null[i] {
			if code = numbers[at]; code < 0 {
				code = number(value(int(at)))
				numbers[at] = code
			}
		}
		t.codes = append(t.codes, code)
	}
}

// repeats reports whether a dictionary of that many distinct values saves anything for so
// many texts. Compressed pages hide most of the difference; the half is a guess.
func repeats(values, texts int) bool { return values <= 64 || values <= texts/2 }

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
