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
		for _, p := range c.parts {
			c.text.add(p, seen)
		}
	}
	return c.text
}

// add numbers the values of an array. Seen are the numbers of all values so far.
func (t *codedText) add(a arrow.Array, seen map[string]int32) {
	number := func(v string) int32 {
		n, ok := seen[v]
		if !ok {
			n = int32(len(t.values))
			seen[v] = n
			t.values = append(t.values, v)
		}
		return n
	}
	nulls := a.NullN() > 0
	value := textValue(a)
	d, ok := a.(*array.Dictionary)
	if !ok {
		for i := range a.Len() {
			if nulls && a.IsNull(i) {
				t.codes = append(t.codes, -1)
				continue
			}
			t.codes = append(t.codes, number(value(i)))
		}
		return
	}
	// Entries that are not used get no number, and one that is there twice gets one.
	value = textValue(d.Dictionary())
	numbers := make([]int32, d.Dictionary().Len())
	for i := range numbers {
		numbers[i] = -1
	}
	for i := range a.Len() {
		if nulls && a.IsNull(i) {
			t.codes = append(t.codes, -1)
			continue
		}
		at := d.GetValueIndex(i)
		if numbers[at] < 0 {
			numbers[at] = number(value(at))
		}
		t.codes = append(t.codes, numbers[at])
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
