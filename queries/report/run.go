package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"traillake/engine"
	"traillake/internal/hostmemory"
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
	// RowsDir, if it is not empty, is a folder in which each result's rows, all of them, are
	// left as CSV, in files that Result.File names.
	RowsDir string
	// DistinctEvents reads events once that were delivered several times.
	DistinctEvents bool
	// Awaited says which data the caller waited for in vain; it is one of the report's gaps.
	Awaited string
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

// defaultMaxMemory bounds the database of a report where nothing else is said, or what a
// small machine has for it. It spills to temporary files what is more.
const defaultMaxMemory = 512 << 20

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
		c.MaxMemory = hostmemory.ForDatabase(defaultMaxMemory)
	}
	r := &run{Config: c, report: &Report{
		Schema: Schema, Tool: c.Tool, Period: Period{p.Since.UTC(), p.Until.UTC(), p.Zone},
		Pack: Pack{Name: c.Pack.Name, Title: c.Pack.Title, Framework: c.Pack.Framework, Version: c.Pack.Version,
			Description: c.Pack.Description, Scope: c.Pack.Scope},
		Summary: map[Verdict]int{}, Controls: []Control{}, Results: []Result{},
	}}
	bounds := map[string]queries.Value{
		"since": {Type: queries.TypeTimestamp, Data: p.Since.UTC()}, "until": {Type: queries.TypeTimestamp, Data: p.Until.UTC()},
	}
	r.requests = append(r.requests, r.request(coverageSQL(p.Zone), bounds), r.request(principalsSQL, bounds))
	r.plan()
	r.report.Catalogue = Catalogue(c.Pack, c.Queries)
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
	// requests are what is run: those of the report itself, by the numbers below, and then
	// one for each of results, the numbers of the report's results.
	requests []engine.Request
	results  []int
}

// The requests of the report itself.
const (
	requestCoverage = iota
	requestPrincipals
	ownRequests
)

func (r *run) request(sql string, params map[string]queries.Value) engine.Request {
	return engine.Request{SQL: sql, Store: r.Store, Snapshot: r.Snapshot, Params: params, Now: r.Period.Until, TotalOrder: true, DistinctEvents: r.DistinctEvents, Timeout: r.Timeout, MaxMemory: r.MaxMemory}
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
		if ctx.Err() != nil { // also where this one is complete: what was not asked would pass for what finds nothing
			return errors.Join(err, ctx.Err())
		}
		switch {
		case err == nil:
		case i == requestCoverage:
			return err // without the store there is no report
		case i == requestPrincipals:
			r.report.Activity = Activity{Principals: []Principal{}, Error: err.Error()}
		default:
			r.report.Results[r.results[i-ownRequests]].Error = err.Error()
		}
	}
	return nil
}

func (r *run) one(ctx context.Context, b *engine.Batch, i int) error {
	rows, err := b.Query(ctx, i)
	if err != nil {
		return err
	}
	switch i {
	case requestCoverage:
		err = r.coverage(ctx, rows)
	case requestPrincipals:
		err = r.principals(ctx, rows)
	default:
		err = r.read(ctx, rows, &r.report.Results[r.results[i-ownRequests]])
	}
	return errors.Join(err, rows.Close())
}
