package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine/dialect"
	"traillake/schema"
)

// A request's rows are shared where they are at most one in shareOf of the store's, or
// shareRows. Measured over a million events in 32 files: to copy a row costs 12 µs, since
// few rows lie close together, and a query that looks for few rows takes 40 to 150 ms
// over the files and 8 ms over the copy. All that is copied is at most one row in copyOf,
// or copyRows, so that the copy does not grow with the number of requests.
const (
	shareOf, shareRows = 128, 2_000
	copyOf, copyRows   = 16, 20_000
)

// reader is a table of a request that looks for some of its store's rows.
type reader struct {
	request, table int
	*filter
	rest []string // the parts that not all readers have
	rows int64
}

// share looks for requests that read few rows of a store, and copies the rows and
// columns that they need into a table, which they then read. A request that reads much
// of its store reads the data files: a copy would cost more than it saves.
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

// shareStore makes the table of one store.
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
	if err := s.count(ctx, readers); err != nil {
		return s.without(ctx, err)
	}
	if readers = s.few(readers); len(readers) < 2 {
		return nil
	}
	if err := s.copy(ctx, readers); err != nil {
		return s.without(ctx, err)
	}
	return nil
}

// sharing copies the rows of one store.
type sharing struct {
	*Batch
	common []string // parts that hold for the rows of every reader
}

// copy makes a table of the rows that any of the readers needs, and has them read it.
func (s *sharing) copy(ctx context.Context, readers []reader) error {
	from, err := s.from(readers)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("shared:%d", len(s.shared))
	err = s.session.Exec(ctx, "CREATE TEMP TABLE "+quoteName(name)+" AS SELECT "+s.columns(readers)+from+" WHERE "+s.where(readers))
	if err != nil {
		return err
	}
	texts, err := one(ctx, s.session, "SELECT count(*) FROM "+quoteName(name))
	if err != nil {
		return err
	}
	var rows int64
	if _, err := fmt.Sscan(texts[0], &rows); err != nil {
		return fmt.Errorf("count shared rows: %w", err)
	}
	s.shared = append(s.shared, rows)
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

// few returns the readers that need few rows, those with the fewest first, as long as
// they are few together.
func (s *sharing) few(readers []reader) []reader {
	var total, sum int64
	for _, f := range s.pin(readers[0]).Files {
		total += f.Rows
	}
	slices.SortStableFunc(readers, func(a, b reader) int { return cmp.Compare(a.rows, b.rows) })
	for i, r := range readers {
		sum += r.rows
		if r.rows > max(total/shareOf, shareRows) || sum > max(total/copyOf, copyRows) {
			return readers[:i]
		}
	}
	return readers
}

func (s *sharing) pin(r reader) *Pin { return pinFor(s.requests[r.request].pins, r.table) }

// from writes the FROM over the files of all readers.
func (s *sharing) from(readers []reader) (string, error) {
	pin := *s.pin(readers[0])
	full := false
	var paths []string
	for _, r := range readers {
		full = full || s.requests[r.request].plan.trino.full
		for _, f := range s.pin(r).Files {
			paths = append(paths, f.Path)
		}
	}
	// In the order of the first pin's files, and what it lacks behind them.
	seen := map[string]bool{}
	paths = slices.DeleteFunc(paths, func(p string) bool { again := seen[p]; seen[p] = true; return again })
	sql, err := files(&pin, paths, full)
	return " FROM " + sql + " AS " + dialect.FilterAlias, err
}

// columns lists the stored columns that the readers read.
func (s *sharing) columns(readers []reader) string {
	var list []string
	for _, c := range schema.Stored() {
		if slices.ContainsFunc(readers, func(r reader) bool { return s.requests[r.request].plan.tables[r.table].reads(c.Name) }) {
			list = append(list, quoteName(c.Name))
		}
	}
	if list == nil {
		list = append(list, quoteName(schema.ColEventName))
	}
	return strings.Join(list, ", ")
}

// count counts the rows of the readers.
func (s *sharing) count(ctx context.Context, readers []reader) error {
	from, err := s.from(readers)
	if err != nil {
		return err
	}
	columns := []string{eventName}
	at := make([]int, len(readers)) // the column of a reader's own count
	for i, r := range readers {
		if r.keys == nil {
			at[i] = len(columns)
			columns = append(columns, "count(*) FILTER (WHERE "+allOf(r.rest)+")")
		}
	}
	columns = append(columns, "count(*)")
	rows, err := s.session.Query(ctx, "SELECT "+strings.Join(columns, ", ")+from+" WHERE "+allOf(s.common)+" GROUP BY 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	named := map[string]int64{}
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		names, all := batch.Column(0).(*array.String), batch.Column(len(columns)-1).(*array.Int64)
		for row := range names.Len() {
			if !names.IsNull(row) {
				named[strings.Clone(names.Value(row))] += all.Value(row)
			}
			for i, column := range at {
				if column > 0 {
					readers[i].rows += batch.Column(column).(*array.Int64).Value(row)
				}
			}
		}
		batch.Release()
	}
	for i := range readers {
		for _, key := range readers[i].keys {
			readers[i].rows += named[key]
		}
	}
	return nil
}
