package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"traillake/engine/dialect"
	"traillake/schema"
)

// The rows of a request are copied where they are at most one in fewOf of the store's, or
// fewRows, and those of all such together at most one in fewTogether: a query that looks for
// few rows takes 40 to 150 ms over a million events in 32 files and 5 ms over the copy.
//
// Others that need at most one in someOf share a second copy, since they would slow down the
// first: to read 10,000 to 85,000 rows takes 120 to 300 ms over the files and 15 to 170 over
// it. A row of it takes about 1 kB of memory, which is what someRows bounds.
//
// Most of the time of a copy goes into reading its columns of all rows, since the condition
// is on several of them. How many rows there are is counted in one in sampleOf of the files,
// but in sampleRows at least.
const (
	fewOf, fewRows       = 128, 200
	fewTogether          = 16
	someOf, someRows     = 10, 500_000
	sampleOf, sampleRows = 16, 50_000
)

// reader is a table of a request that looks for some of its store's rows.
type reader struct {
	request, table int
	*filter
	rest []string // the parts that not all readers have
	rows int64
}

// share looks for requests that read few rows of a store, and copies the rows and
// columns that they need into tables, which they then read. A request that reads much
// of its store reads the data files.
//
// The rows are a superset of what each request needs, and its own conditions are left as
// they are, so it cannot make a difference whether they are shared.
func (b *Batch) share(ctx context.Context) error {
	stores := map[string][]reader{}
	var order []string
	for i, q := range b.requests {
		for _, pin := range q.pins {
			for _, t := range pin.tables {
				// Verdicts are no part of the files.
				if f := q.plan.tables[t].filter; f != nil && !q.plan.tables[t].reads(schema.ColSourceVerdict) {
					if stores[pin.StoreID] == nil {
						order = append(order, pin.StoreID)
					}
					stores[pin.StoreID] = append(stores[pin.StoreID], reader{request: i, table: t, filter: f})
				}
			}
		}
	}
	for _, id := range order {
		if err := b.shareStore(ctx, stores[id]); err != nil {
			return err
		}
	}
	return nil
}

// shareStore makes the tables of one store.
func (b *Batch) shareStore(ctx context.Context, readers []reader) error {
	s := &sharing{Batch: b}
	lists := make([][]string, len(readers))
	for i, r := range readers {
		lists[i] = r.parts
	}
	var rest [][]string
	s.common, rest = factor(lists)
	for i := range readers {
		readers[i].rest = rest[i]
	}
	// Whoever has no condition but those of all reads everything that anybody reads.
	readers = slices.DeleteFunc(readers, func(r reader) bool { return len(r.rest) == 0 })
	if len(readers) < 2 {
		return nil
	}
	s.total = rowsOf(s.files(readers))
	if err := s.count(ctx, readers); err != nil {
		return s.without(ctx, err)
	}
	few, some := s.moved(s.divide(readers))
	for _, readers := range [][]reader{few, some} {
		if len(readers) < 2 {
			continue
		}
		if err := s.copy(ctx, readers); err != nil {
			return s.without(ctx, err)
		}
	}
	return nil
}

// sharing copies the rows of one store.
type sharing struct {
	*Batch
	common []string // parts that hold for the rows of every reader
	total  int64    // rows of the files
}

// copy makes a table of the rows that any of the readers needs, and has them read it.
func (s *sharing) copy(ctx context.Context, readers []reader) error {
	from, err := s.from(readers, pathsOf(s.files(readers)))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("shared:%d", len(s.shared))
	if err := s.session.Exec(ctx, "CREATE TEMP TABLE "+quoteName(name)+" AS SELECT "+s.columns(readers)+from+" WHERE "+s.where(readers)); err != nil {
		return err
	}
	rows, err := one(ctx, s.session, "SELECT count(*) FROM "+quoteName(name))
	if err != nil {
		return err
	}
	s.shared = append(s.shared, scaled(rows[0], 1))
	for _, r := range readers {
		s.requests[r.request].from[r.table] = name
	}
	return nil
}

// where writes the condition of the rows that any of the readers needs. Most of them
// name their events: one list of names is faster than as many conditions.
func (s *sharing) where(readers []reader) string {
	var keys []string
	var lists [][]string
	for _, r := range readers {
		if r.keys != nil {
			keys = append(keys, r.keys...)
		} else {
			lists = append(lists, r.rest)
		}
	}
	if keys != nil {
		lists = append(lists, []string{eventName + " IN (" + quotedList(sorted(keys)) + ")"})
	}
	return allOf(append(slices.Clone(s.common), anyOf(lists)))
}

// eventName is the column of event names in conditions.
var eventName = dialect.FilterAlias + "." + quoteName(schema.ColEventName)

// without goes on without sharing where the database reports an error. Whatever is wrong
// shows again with the request that has it.
func (s *sharing) without(ctx context.Context, err error) error {
	var x *ExecError
	if ctx.Err() == nil && errors.As(err, &x) {
		return nil
	}
	return err
}

// divide returns the readers that need few rows, and those of the others that need some,
// each time those with the fewest first and as long as they are few together.
func (s *sharing) divide(readers []reader) (few, some []reader) {
	slices.SortStableFunc(readers, func(a, b reader) int { return cmp.Compare(a.rows, b.rows) })
	few = within(readers, s.few(), max(s.total/fewTogether, 10*fewRows))
	return few, within(readers[len(few):], s.total/someOf, min(s.total/2, someRows))
}

// moved has a reader of few rows read the others' copy where it alone of the few needs a long
// column, and some need all such columns that it does: to read resources of a million rows
// takes 0.2 s of processor time, and one query of a pack for ATT&CK does so for 84 rows.
func (s *sharing) moved(few, some []reader) (stay, others []reader) {
	if len(some) < 2 {
		return few, some
	}
	for _, c := range longColumns {
		alone := slices.IndexFunc(few, func(r reader) bool { return s.reads(r, c) })
		if alone < 0 || slices.ContainsFunc(few[alone+1:], func(r reader) bool { return s.reads(r, c) }) {
			continue
		}
		if !slices.ContainsFunc(longColumns, func(c string) bool {
			return s.reads(few[alone], c) && !slices.ContainsFunc(some, func(r reader) bool { return s.reads(r, c) })
		}) {
			some = append(slices.Clone(some), few[alone])
			few = slices.Concat(few[:alone], few[alone+1:])
		}
	}
	return few, some
}

// longColumns are those that take most of the time of a copy.
var longColumns = func() (names []string) {
	for _, c := range schema.Stored() {
		if c.Kind == schema.KindJSON || c.Kind == schema.KindList {
			names = append(names, c.Name)
		}
	}
	return names
}()

// reads says whether a reader reads a stored column.
func (s *sharing) reads(r reader, column string) bool {
	return s.requests[r.request].plan.tables[r.table].reads(column)
}

// few is how many rows a reader needs at most that needs few.
func (s *sharing) few() int64 { return max(s.total/fewOf, fewRows) }

// within returns the first readers that need at most so many rows each, and together.
func within(readers []reader, each, together int64) []reader {
	for i, r := range readers {
		if together -= r.rows; together < 0 || r.rows > each {
			return readers[:i]
		}
	}
	return readers
}

func (s *sharing) pin(r reader) *Pin { return pinFor(s.requests[r.request].pins, r.table) }

// files returns the files of all readers, in the order of the first one's, and what that
// lacks behind them.
func (s *sharing) files(readers []reader) []File {
	var all []File
	seen := map[string]bool{}
	for _, r := range readers {
		for _, f := range s.pin(r).Files {
			if !seen[f.Path] {
				seen[f.Path] = true
				all = append(all, f)
			}
		}
	}
	return all
}

// from writes the FROM over files at the given paths.
func (s *sharing) from(readers []reader, paths []string) (string, error) {
	pin := *s.pin(readers[0])
	full := slices.ContainsFunc(readers, func(r reader) bool { return s.requests[r.request].plan.trino.full })
	sql, err := files(&pin, paths, full)
	return " FROM " + sql + " AS " + dialect.FilterAlias, err
}

// count estimates how many rows the readers need, by counting those in some of the files.
// To know it of a reader that names its events it is enough to count by their names, as long
// as these are few. Otherwise its other conditions matter, also for what is copied.
func (s *sharing) count(ctx context.Context, readers []reader) error {
	sample := s.sample(readers)
	from, err := s.from(readers, pathsOf(sample))
	if err != nil {
		return err
	}
	from += " WHERE " + allOf(s.common)
	times := float64(s.total) / float64(max(1, rowsOf(sample)))
	names, err := table(ctx, s.session, "SELECT "+eventName+", count(*)"+from+" GROUP BY 1")
	if err != nil {
		return err
	}
	var columns []string
	var counted []*reader
	for i := range readers {
		r := &readers[i]
		for _, n := range names {
			if slices.Contains(r.keys, n[0]) {
				r.rows += scaled(n[1], times)
			}
		}
		if r.keys == nil || r.rows > s.few() {
			r.keys = nil
			counted = append(counted, r)
			columns = append(columns, "count(*) FILTER (WHERE "+allOf(r.rest)+")")
		}
	}
	if columns == nil {
		return nil
	}
	counts, err := one(ctx, s.session, "SELECT "+strings.Join(columns, ", ")+from)
	for i, n := range counts {
		counted[i].rows = scaled(n, times)
	}
	return err
}

// sample returns a part of the files, spread over all.
func (s *sharing) sample(readers []reader) []File {
	files := s.files(readers)
	for stride := sampleOf; stride > 1; stride /= 2 {
		var some []File
		for i := 0; i < len(files); i += stride {
			some = append(some, files[i])
		}
		if rowsOf(some) >= sampleRows {
			return some
		}
	}
	return files
}

func rowsOf(files []File) (n int64) {
	for _, f := range files {
		n += f.Rows
	}
	return n
}

// scaled multiplies a number that the database printed.
func scaled(text string, times float64) int64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("BUG: count %q", text))
	}
	return int64(n * times)
}
