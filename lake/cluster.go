package lake

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/schema"
)

// cluster returns the order in which the rows of a row group are written: like beside
// like, so that they compress and a column that is constant over a stretch is a run.
// By service, action, caller, access key, request parameters, then time. ARCHITECTURE.md
// has the sizes that other orders gave.
func (g *rowGroup) cluster() []int32 {
	source, name := g.ranks("eventsource"), g.ranks("eventname")
	who, key := g.ranks("useridentity.arn"), g.ranks("useridentity.accesskeyid")
	type row struct {
		action uint64 // service, then action
		caller uint64 // caller, then access key
		at     int32
	}
	rows := make([]row, g.rows)
	for i := range rows {
		rows[i] = row{uint64(source(i))<<32 | uint64(name(i)), uint64(who(i))<<32 | uint64(key(i)), int32(i)}
	}
	request, times := g.find("requestparameters"), g.find(schema.ColEventTime)
	texts := request.textValues()
	slices.SortFunc(rows, func(a, b row) int {
		if c := cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(a.caller, b.caller)); c != 0 {
			return c
		}
		return cmp.Or(
			request.compareText(texts, a.at, b.at),
			cmp.Compare(times.time(a.at), times.time(b.at)),
			cmp.Compare(a.at, b.at), // the same rows give the same file
		)
	})
	order := make([]int32, len(rows))
	for i, r := range rows {
		order[i] = r.at
	}
	return order
}

// ranks returns how to get the rank of a row's value in a text column; 0 is that of an
// absent one.
func (g *rowGroup) ranks(path string) func(int) uint32 {
	t := g.find(path).coded()
	ranks := t.ranks()
	return func(i int) uint32 {
		if n := t.codes[i]; n >= 0 {
			return ranks[n]
		}
		return 0
	}
}

// compareText compares two texts of the column; an absent one comes first. Texts are
// those of its parts.
func (c *column) compareText(texts []func(int) string, i, j int32) int {
	switch in, jn := c.isNull(i), c.isNull(j); {
	case in && jn:
		return 0
	case in:
		return -1
	case jn:
		return 1
	}
	ip, i0 := c.at(i)
	jp, j0 := c.at(j)
	return strings.Compare(texts[ip](i0), texts[jp](j0))
}

func (c *column) time(pos int32) arrow.Timestamp {
	part, i := c.at(pos)
	return c.parts[part].(*array.Timestamp).Value(i)
}
