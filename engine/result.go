package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Stats says what a query read.
type Stats struct {
	// Pins are the snapshots, one for each store.
	Pins []*Pin
	// FilesTotal and BytesTotal are the size of the snapshots, FilesRead and
	// BytesRead that of the files that the query opened.
	FilesTotal, FilesRead int
	BytesTotal, BytesRead int64
	// Rows is the number of rows returned so far.
	Rows int64
	// Elapsed is the time from the start of the query to its last row, or to now
	// while there are more.
	Elapsed time.Duration
	// Kept is when the rows were computed, if they are kept ones: no file was opened. Else
	// it is zero. See Results.
	Kept time.Time
}

// Result is a running query. It is not safe for concurrent use.
type Result struct {
	session  Session
	rows     Rows
	plan     *plan
	schema   *arrow.Schema
	stats    Stats
	start    time.Time
	deadline time.Time
	limit    time.Duration
	ended    bool
}

func newResult(s Session, rows Rows, p *plan, pins []*Pin, r Request, start, deadline time.Time) *Result {
	res := &Result{session: s, rows: rows, plan: p, start: start, deadline: deadline, limit: r.Timeout}
	res.schema = renamed(rows.Schema(), p.names)
	if p.trino != nil {
		res.schema = p.trino.schema(rows.Schema())
	}
	res.stats.Pins = pins
	for _, pin := range pins {
		for _, f := range pin.Files {
			res.stats.FilesRead++
			res.stats.BytesRead += f.Bytes
			res.stats.FilesTotal++
			res.stats.BytesTotal += f.Bytes
		}
		for _, f := range slices.Concat(pin.Pruned, pin.Counted) {
			res.stats.FilesTotal++
			res.stats.BytesTotal += f.Bytes
		}
	}
	return res
}

func renamed(s *arrow.Schema, names []string) *arrow.Schema {
	if len(names) != s.NumFields() {
		return s
	}
	fields := s.Fields()
	for i, n := range names {
		if n != "" {
			fields[i].Name = n
		}
	}
	return arrow.NewSchema(fields, nil)
}

// Schema describes the columns. Names may stand twice. A field's metadata holds
// LogicalType where Arrow's type does not tell the SQL type.
func (r *Result) Schema() *arrow.Schema { return r.schema }

// Stats says what was read. It may be called at any time, also after Close.
func (r *Result) Stats() Stats {
	s := r.stats
	if !r.ended {
		s.Elapsed = time.Since(r.start)
	}
	return s
}

// Next returns the next batch, which the caller must release, or io.EOF.
func (r *Result) Next(ctx context.Context) (arrow.RecordBatch, error) {
	qctx, cancel := context.WithDeadline(ctx, r.deadline)
	defer cancel()
	b, err := r.rows.Next(qctx)
	if err != nil {
		r.end()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, r.plan.explainError(timeoutError(ctx, err, r.limit))
	}
	defer b.Release()
	r.stats.Rows += b.NumRows()
	if r.plan.trino != nil {
		return relabeled(r.schema, b), nil
	}
	return array.NewRecordBatch(r.schema, b.Columns(), b.NumRows()), nil
}

func (r *Result) end() {
	if !r.ended {
		r.ended = true
		r.stats.Elapsed = time.Since(r.start)
	}
}

// Close ends the query and lets go of the snapshots. It may be called twice.
func (r *Result) Close() error {
	if r.session == nil {
		return nil
	}
	r.end()
	err := errors.Join(r.rows.Close(), r.session.Close())
	r.session = nil
	return err
}
