package lake

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/schema"
)

// An action is rare that is at most one row in rareOf of its row group.
const rareOf = 256

// cluster returns the order in which the rows of a row group are written, and how many of
// them are sought. First come the rows that are looked for, which are few: those with an
// error, and those of rare actions. DuckDB decompresses the pages before the last row that
// it needs, and none behind. Then like is beside like, so that they compress and a column
// that is constant over a stretch is a run: by service, action, caller, access key, request
// parameters, then time. ARCHITECTURE.md has what other orders gave. Rows whose text is kept
// come last: what asks every row whether it has one finds whole vectors that have none.
func (g *rowGroup) cluster() (order []int32, sought int) {
	source, name := g.ranks("eventsource"), g.ranks("eventname")
	who, key := g.ranks("useridentity.arn"), g.ranks("useridentity.accesskeyid")
	failure := g.ranks("errorcode")
	raw, _ := g.find(schema.ColRaw)
	type row struct {
		action uint64 // place, then service, then action
		caller uint64 // caller, then access key
		at     int32
	}
	const others, kept = 1 << 62, 1 << 63 // places, above the ranks: a row group has fewer than 2^30 rows
	rows := make([]row, g.rows)
	actions := make(map[uint64]int)
	for i := range rows {
		rows[i] = row{uint64(source(i))<<32 | uint64(name(i)), uint64(who(i))<<32 | uint64(key(i)), int32(i)}
		actions[rows[i].action]++
	}
	for i := range rows {
		switch r := &rows[i]; {
		case !raw.isNull(int32(i)):
			r.action |= kept
		case failure(i) == 0 && actions[r.action] > g.rows/rareOf:
			r.action |= others
		default:
			sought++
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		if c := cmp.Compare(a.action, b.action); c != 0 {
			return c
		}
		return cmp.Compare(a.caller, b.caller)
	})
	order = make([]int32, len(rows))
	for i, r := range rows {
		order[i] = r.at
	}
	request := g.requests()
	for from, to := 0, 1; to <= len(rows); to++ {
		if to == len(rows) || rows[to].action != rows[from].action || rows[to].caller != rows[from].caller {
			request.sort(order[from:to])
			from = to
		}
	}
	return order, sought
}

// requests are what rows of the same action and caller are told apart by.
type requests struct {
	text  *column
	texts []func(int) string // of its parts
	time  *column
	rows  []requestRow // scratch
}

type requestRow struct {
	text string // empty where there is none
	time arrow.Timestamp
	at   int32
}

func (g *rowGroup) requests() *requests {
	text, _ := g.find("requestparameters")
	time, _ := g.find(schema.ColEventTime)
	return &requests{text: text, texts: text.textValues(), time: time}
}

// sort orders rows by request parameters, then time.
func (r *requests) sort(order []int32) {
	if len(order) == 1 {
		return
	}
	r.rows = r.rows[:0]
	for _, at := range order {
		part, i := r.time.at(at)
		row := requestRow{time: r.time.parts[part].(*array.Timestamp).Value(i), at: at}
		if part, i := r.text.at(at); !r.text.isNull(at) {
			row.text = r.texts[part](i)
		}
		r.rows = append(r.rows, row)
	}
	slices.SortFunc(r.rows, func(a, b requestRow) int {
		if c := strings.Compare(a.text, b.text); c != 0 {
			return c
		}
		if c := cmp.Compare(a.time, b.time); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at) // the same rows give the same file
	})
	for i, row := range r.rows {
		order[i] = row.at
	}
}

// ranks returns how to get the rank of a row's value in a text column; 0 is that of an
// absent one.
func (g *rowGroup) ranks(path string) func(int) uint32 {
	c, index := g.find(path)
	t := c.coded()
	ranks := t.ranks()
	return func(i int) uint32 {
		if index != nil {
			i = int(index[i])
		}
		if i < 0 || t.codes[i] < 0 {
			return 0
		}
		return ranks[t.codes[i]]
	}
}
