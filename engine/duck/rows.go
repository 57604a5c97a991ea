package duck

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
)

// rows is a streaming result: DuckDB computes a chunk when it is asked for one,
// so a result of any size takes little memory.
type rows struct {
	s      *session
	stmt   duckdb.PreparedStatement
	res    duckdb.Result
	schema *arrow.Schema
	cols   []column
	queue  []arrow.RecordBatch // what is left of a chunk that had to be split
	closed bool
}

// Query implements engine.Session.
func (s *session) Query(ctx context.Context, sql string) (engine.Rows, error) {
	if s.rows != nil && !s.rows.closed {
		return nil, errors.New("run query: a result of this session is still open")
	}
	if err := checkText(sql); err != nil {
		return nil, err
	}
	s.rows = &rows{s: s}
	if err := s.interruptible(ctx, func() error { return s.rows.start(sql) }); err != nil {
		s.rows.Close()
		return nil, err
	}
	return s.rows, nil
}

func (r *rows) start(sql string) error {
	if err := r.s.declare(sql); err != nil {
		return err
	}
	if err := prepareOne(r.s.conn, sql, &r.stmt); err != nil {
		return err
	}
	if t := duckdb.PreparedStatementType(r.stmt); t != duckdb.StatementTypeSelect {
		return &engine.ExecError{Class: engine.ClassDenied, Message: "the statement is not a SELECT", Offset: -1}
	}
	if duckdb.NParams(r.stmt) == 1 && duckdb.ParameterName(r.stmt, 1) == engine.LateFalse &&
		duckdb.BindBoolean(r.stmt, 1, false) == duckdb.StateError {
		return parseError(duckdb.PrepareError(r.stmt))
	}
	var pending duckdb.PendingResult
	// Deprecated in the C interface as a whole, and yet its only way to a result
	// that is not collected in memory first.
	state := duckdb.PendingPreparedStreaming(r.stmt, &pending)
	defer duckdb.DestroyPending(&pending)
	if state == duckdb.StateError {
		return parseError(duckdb.PendingError(pending))
	}
	r.s.streamed = true
	if duckdb.ExecutePending(pending, &r.res) == duckdb.StateError {
		return parseError(duckdb.ResultError(&r.res))
	}
	return r.describe()
}

// prepareOne prepares sql, which must hold exactly one statement.
func prepareOne(conn duckdb.Connection, sql string, stmt *duckdb.PreparedStatement) error {
	var list duckdb.ExtractedStatements
	n := duckdb.ExtractStatements(conn, sql, &list)
	defer duckdb.DestroyExtracted(&list)
	switch {
	case n == 0:
		if msg := duckdb.ExtractStatementsError(list); msg != "" {
			return parseError(msg)
		}
		return &engine.ExecError{Class: engine.ClassSyntax, Message: "there is no statement", Offset: -1}
	case n > 1:
		return &engine.ExecError{Class: engine.ClassDenied, Message: fmt.Sprintf("one statement is allowed, not %d", n), Offset: -1}
	}
	if duckdb.PrepareExtractedStatement(conn, list, 0, stmt) == duckdb.StateError {
		return parseError(duckdb.PrepareError(*stmt))
	}
	return nil
}

func (r *rows) describe() error {
	n := int(duckdb.ColumnCount(&r.res))
	fields := make([]arrow.Field, n)
	r.cols = make([]column, n)
	for i := range n {
		t := duckdb.ColumnLogicalType(&r.res, duckdb.IdxT(i))
		col, err := newColumn(t)
		duckdb.DestroyLogicalType(&t)
		name := duckdb.ColumnName(&r.res, duckdb.IdxT(i))
		if err != nil {
			return &engine.ExecError{Class: engine.ClassBind, Message: fmt.Sprintf("column %q: %v", name, err), Offset: -1}
		}
		r.cols[i] = col
		fields[i] = col.field(name)
	}
	r.schema = arrow.NewSchema(fields, nil)
	return nil
}

// Schema implements engine.Rows.
func (r *rows) Schema() *arrow.Schema { return r.schema }

// Next implements engine.Rows.
func (r *rows) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.closed {
		return nil, errors.New("read result: it is closed")
	}
	if len(r.queue) == 0 {
		if err := r.s.interruptible(ctx, r.fetch); err != nil {
			return nil, err
		}
	}
	b := r.queue[0]
	r.queue = r.queue[1:]
	return b, nil
}

// fetch puts the next chunk into the queue.
func (r *rows) fetch() error {
	for {
		chunk := duckdb.FetchChunk(r.res)
		if chunk.Ptr == nil {
			if msg := duckdb.ResultError(&r.res); msg != "" {
				return parseError(msg)
			}
			return io.EOF
		}
		n := int(duckdb.DataChunkGetSize(chunk))
		var err error
		if n > 0 {
			err = r.convert(chunk, 0, n)
		}
		duckdb.DestroyDataChunk(&chunk)
		if err != nil || n > 0 {
			return err
		}
	}
}

// convert appends rows from..to of the chunk to the queue, in as few batches as
// their text allows.
func (r *rows) convert(chunk duckdb.DataChunk, from, to int) error {
	arrs := make([]arrow.Array, 0, len(r.cols))
	defer func() {
		for _, a := range arrs {
			a.Release()
		}
	}()
	for i := range r.cols {
		data, err := r.cols[i].convert(duckdb.DataChunkGetVector(chunk, duckdb.IdxT(i)), from, to)
		if errors.Is(err, errTooLong) && to-from > 1 {
			mid := from + (to-from)/2
			if err := r.convert(chunk, from, mid); err != nil {
				return err
			}
			return r.convert(chunk, mid, to)
		}
		if err != nil {
			return fmt.Errorf("read column %q: %w", r.schema.Field(i).Name, err)
		}
		arrs = append(arrs, array.MakeFromData(data))
		data.Release()
	}
	r.queue = append(r.queue, array.NewRecordBatch(r.schema, arrs, int64(to-from)))
	return nil
}

// Close implements engine.Rows.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	if r.s.abandoned == nil {
		r.destroy()
	}
	return nil
}

// destroy frees what the result holds.
func (r *rows) destroy() {
	for _, b := range r.queue {
		b.Release()
	}
	r.queue = nil
	duckdb.DestroyResult(&r.res)
	duckdb.DestroyPrepare(&r.stmt)
}
