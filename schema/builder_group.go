package schema

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// groupColumn is a struct or list. The entries of a group are kept once for all rows
// that were found to repeat it; the row says only which group it has.
type groupColumn struct {
	node  *node
	rows  []int32          // the group of each row; group 0 is NULL
	known map[uint64]int32 // the group of an object
	last  uint64           // the object of the last row that had one
	group int32            // its group
	first []int32          // the first entry of each group, and where the next begins
	slots []groupSlot
}

// groupSlot has the values of a member, one for each entry. Entry 0 is NULL.
type groupSlot struct {
	node  *node
	dict  dictionary // of text
	ids   []int32    // text: number in dict; true or false: 1 or 0; a struct that is there: 1; -1 for NULL
	times []int64
	used  bool // in any entry
}

func newGroupColumn(n *node) *groupColumn {
	c := &groupColumn{node: n}
	c.start()
	return c
}

// start empties c.
func (c *groupColumn) start() {
	*c = groupColumn{node: c.node, known: make(map[uint64]int32), first: []int32{1, 1}, slots: make([]groupSlot, c.node.slots)}
	c.number(c.node)
	c.entry(make([]value, c.node.slots))
}

// number gives each slot its node.
func (c *groupColumn) number(n *node) {
	for _, m := range n.members {
		c.slots[m.slot].node = m
		c.number(m)
	}
}

func (c *groupColumn) add(row int, r *Record, v *value) (added int) {
	group := c.group
	switch o := v.object; {
	case o == nil:
		group, added = c.new(r.entriesOf(c.node, v))
	case o.id != c.last:
		var ok bool
		if group, ok = c.known[o.id]; !ok {
			group, added = c.new(o.entries)
			c.known[o.id] = group
		}
		c.last, c.group = o.id, group
	}
	c.rows = append(pad(c.rows, row, 0), group)
	if c.node.col.Kind == KindList { // whoever writes the column has its entries for each row
		added += 4 * len(c.slots) * int(c.first[group+1]-c.first[group])
	}
	return added
}

// new adds a group and returns its number.
func (c *groupColumn) new(entries []value) (group int32, added int) {
	group = int32(len(c.first) - 1)
	c.first = push(c.first, c.first[group])
	for ; len(entries) > 0; entries = entries[c.node.slots:] {
		added += c.entry(entries[:c.node.slots])
		c.first[group+1]++
	}
	return group, added + 16
}

func (c *groupColumn) entry(vals []value) (added int) {
	for i := range c.slots {
		s, v := &c.slots[i], &vals[i]
		s.used = s.used || v.set
		if s.node.col.Kind == KindTimestamp {
			t := int64(noTime)
			if v.set {
				t = v.n
			}
			s.times = push(s.times, t)
			continue
		}
		id := int32(-1)
		if v.set {
			switch s.node.col.Kind {
			case KindBool:
				id = int32(v.n)
			case KindStruct:
				id = 1
			default:
				var n int
				id, n = s.dict.index(v.text)
				added += n
			}
		}
		s.ids = push(s.ids, id)
	}
	return added + 4*len(c.slots)
}

// take returns the column: a dictionary of its groups.
func (c *groupColumn) take(rows int) arrow.ArrayData {
	t := c.node.col.arrowType()
	if len(c.rows) == 0 {
		return allNull(dictionaryOf(t), rows)
	}
	ids := pad(c.rows, rows, 0)
	for i := range ids {
		ids[i]-- // group 0 is NULL
	}
	groups := c.structOf(c.node, nil) // one entry each
	if c.node.col.Kind == KindList {
		ends := c.first[1:]
		for i := range ends {
			ends[i]-- // entry 0 is in no list
		}
		groups = array.NewData(t, len(ends)-1, []*memory.Buffer{nil, int32Buffer(ends)}, []arrow.ArrayData{groups}, 0, 0)
	}
	c.start()
	valid, nulls := validity(ids)
	return array.NewDataWithDictionary(dictionaryOf(t), rows, []*memory.Buffer{valid, int32Buffer(ids)}, nulls, 0, groups.(*array.Data))
}

// entries returns how many there are, without entry 0.
func (c *groupColumn) entries() int { return int(c.first[len(c.first)-1]) - 1 }

// structOf returns the members of n as a struct of all entries but entry 0. It is NULL
// where there is negative; there is nil for a struct that is there always.
func (c *groupColumn) structOf(n *node, there []int32) arrow.ArrayData {
	var members []arrow.ArrayData
	for _, m := range n.members {
		members = append(members, c.member(m))
	}
	valid, nulls := validity(there)
	t := arrow.StructOf(arrowFields(n.col.Members)...)
	return array.NewData(t, c.entries(), []*memory.Buffer{valid}, members, nulls, 0)
}

func (c *groupColumn) member(m *node) arrow.ArrayData {
	s := &c.slots[m.slot]
	if !s.used {
		return allNull(m.col.arrowType(), c.entries())
	}
	switch m.col.Kind {
	case KindTimestamp:
		return times(s.times[1:])
	case KindBool:
		return bools(s.ids[1:])
	case KindStruct:
		return c.structOf(m, s.ids[1:])
	default:
		return s.dict.take(s.ids[1:])
	}
}
