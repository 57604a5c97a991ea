package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/lake"
	"traillake/queries"
)

// Config says what to run.
type Config struct {
	Pack *queries.Pack
	// Queries are those that the pack names.
	Queries *queries.Set
	// Store is the store, by any of its names; empty means lake.DefaultStore.
	Store string
	// Snapshot is the state of the store that is read; the zero value is the newest.
	Snapshot lake.Point
	// Period is the range of event time. Both ends must be set.
	Period Period
	// MaxRows is how many rows of a result are kept; zero means DefaultMaxRows.
	MaxRows int
	// Tool is copied into the report.
	Tool string
	// Timeout bounds each query, MaxMemory the database in bytes; zero leaves both to
	// the engine.
	Timeout   time.Duration
	MaxMemory int64
	// Progress, if not nil, is called before each query with its number, from 1, and
	// how many there are.
	Progress func(n, of int)
}

// DefaultMaxRows is how many rows of a result are kept where nothing else is said.
const DefaultMaxRows = 100

// DefaultMaxMemory bounds the database of a report where nothing else is said: 512 MiB.
// It spills to temporary files what is more.
const DefaultMaxMemory = 512 << 20

// Single makes a pack of one saved query, whose rows are for review.
func Single(q *queries.Query, params map[string]string) *queries.Pack {
	severity := q.Severity
	if severity == "" {
		severity = "info"
	}
	return &queries.Pack{
		Name: q.Name, Title: q.Title, Description: q.Description,
		Controls: []queries.Control{{
			ID: q.Name, Title: q.Title, Requirement: q.Description, Expect: queries.ExpectReview, Severity: severity,
			Queries: []queries.Use{{Query: q.Name, Params: params}},
		}},
	}
}

// Run runs a pack. The error is about the run as a whole; what is wrong with one query is
// in the report.
func Run(ctx context.Context, e *engine.Engine, c Config) (*Report, error) {
	p := c.Period
	if p.Since.IsZero() || !p.Since.Before(p.Until) {
		return nil, fmt.Errorf("run report: the period from %s to %s holds no time", p.Since.Format(time.RFC3339), p.Until.Format(time.RFC3339))
	}
	if c.MaxRows == 0 {
		c.MaxRows = DefaultMaxRows
	}
	if c.MaxMemory == 0 {
		c.MaxMemory = DefaultMaxMemory
	}
	r := &run{Config: c, report: &Report{
		Schema: Schema, Tool: c.Tool, Period: Period{p.Since.UTC(), p.Until.UTC(), p.Zone},
		Pack: Pack{Name: c.Pack.Name, Title: c.Pack.Title, Framework: c.Pack.Framework, Version: c.Pack.Version,
			Description: c.Pack.Description, Scope: c.Pack.Scope},
		Summary: map[Verdict]int{}, Controls: []Control{}, Results: []Result{},
	}}
	r.requests = append(r.requests, r.request(coverageSQL, map[string]queries.Value{
		"since": {Type: queries.TypeTimestamp, Data: p.Since.UTC()}, "until": {Type: queries.TypeTimestamp, Data: p.Until.UTC()},
	}))
	r.plan()
	b, err := e.OpenBatch(ctx, r.requests)
	if err != nil {
		return nil, fmt.Errorf("run report %s: %w", c.Pack.Name, err)
	}
	err = r.all(ctx, b)
	if err := errors.Join(err, b.Close()); err != nil {
		return nil, fmt.Errorf("run report %s: %w", c.Pack.Name, err)
	}
	r.judge()
	return r.report, nil
}

// run is a report in the making.
type run struct {
	Config
	report *Report
	// requests are what is run: the coverage, and then one for each of results, the
	// numbers of the report's results.
	requests []engine.Request
	results  []int
}

func (r *run) request(sql string, params map[string]queries.Value) engine.Request {
	return engine.Request{SQL: sql, Store: r.Store, Snapshot: r.Snapshot, Params: params, Now: r.Period.Until, Timeout: r.Timeout, MaxMemory: r.MaxMemory}
}

// plan makes the controls and, of the queries that they name, results and requests.
func (r *run) plan() {
	known := map[string]string{} // query and parameters → id
	times := map[string]int{}
	for _, c := range r.Pack.Controls {
		control := Control{ID: c.ID, Section: c.Section, Title: c.Title, Requirement: c.Requirement, Severity: c.Severity,
			Expect: string(c.Expect), Evidence: c.Evidence, Limits: c.Limits, Results: []string{}}
		for _, u := range c.Queries {
			res := Result{Query: u.Query, Params: map[string]string{}, Columns: []Column{}, Rows: [][]Cell{}}
			q, err := r.Queries.Get(u.Query)
			var values map[string]queries.Value
			if err == nil {
				res.Title, res.Description, res.Next, res.SQL = q.Title, q.Description, q.Next, q.SQL
				values, err = u.Values(q, r.Period.Since, r.Period.Until)
			}
			if err != nil {
				res.Error = err.Error()
				maps.Copy(res.Params, u.Params)
			}
			for name, v := range values {
				res.Params[name] = v.Text()
			}
			key := u.Query + " " + sortedText(res.Params)
			if id, ok := known[key]; ok {
				control.Results = append(control.Results, id)
				continue
			}
			times[u.Query]++
			res.ID = u.Query
			if n := times[u.Query]; n > 1 {
				res.ID += "#" + strconv.Itoa(n)
			}
			known[key] = res.ID
			control.Results = append(control.Results, res.ID)
			if err == nil {
				r.requests = append(r.requests, r.request(q.SQL, values))
				r.results = append(r.results, len(r.report.Results))
			}
			r.report.Results = append(r.report.Results, res)
		}
		r.report.Controls = append(r.report.Controls, control)
	}
}

// sortedText writes parameters so that equal ones give equal text.
func sortedText(params map[string]string) string {
	b, err := json.Marshal(params)
	if err != nil {
		panic("BUG: texts do not become JSON: " + err.Error())
	}
	return string(b)
}

// all runs the requests. The error is one of the run as a whole.
func (r *run) all(ctx context.Context, b *engine.Batch) error {
	for i := range r.requests {
		if r.Progress != nil {
			r.Progress(i+1, len(r.requests))
		}
		err := r.one(ctx, b, i)
		if ctx.Err() != nil {
			return err
		}
		if i == 0 && err != nil {
			// Without the store there is no report.
			return err
		}
		if err != nil {
			r.report.Results[r.results[i-1]].Error = err.Error()
		}
	}
	return nil
}

func (r *run) one(ctx context.Context, b *engine.Batch, i int) error {
	rows, err := b.Query(ctx, i)
	if err != nil {
		return err
	}
	if i == 0 {
		err = r.coverage(ctx, rows)
	} else {
		err = r.read(ctx, rows, &r.report.Results[r.results[i-1]])
	}
	return errors.Join(err, rows.Close())
}

// read keeps the first rows of a result and counts all.
func (r *run) read(ctx context.Context, rows *engine.Result, res *Result) error {
	names := encode.ColumnNames(rows.Schema())
	for i, f := range rows.Schema().Fields() {
		t, _ := f.Metadata.GetValue(engine.TrinoType)
		res.Columns = append(res.Columns, Column{names[i], t})
	}
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		left := min(int64(r.MaxRows)-int64(len(res.Rows)), batch.NumRows())
		if left > 0 {
			var kept [][]Cell
			kept, err = cells(rows.Schema(), names, batch, left)
			res.Rows = append(res.Rows, kept...)
		}
		res.Count += batch.NumRows()
		batch.Release()
		if err != nil {
			return err
		}
	}
	if n, err := strconv.ParseInt(res.Params["limit"], 10, 64); err == nil {
		res.Limited = res.Count >= n
	}
	return nil
}

// cells returns the values of the first n rows.
func cells(schema *arrow.Schema, names []string, batch arrow.RecordBatch, n int64) ([][]Cell, error) {
	var text bytes.Buffer
	enc, err := encode.New(encode.JSONL, &text, schema, encode.Options{})
	if err != nil {
		return nil, err
	}
	first := batch.NewSlice(0, n)
	defer first.Release()
	if err := errors.Join(enc.Write(first), enc.Close()); err != nil {
		return nil, err
	}
	var out [][]Cell
	for line := range strings.Lines(text.String()) {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		row := make([]Cell, len(names))
		for i, name := range names {
			row[i] = Cell(object[name])
		}
		out = append(out, row)
	}
	return out, nil
}
