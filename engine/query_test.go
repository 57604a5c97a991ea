package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/lake"
	"traillake/queries"
)

func event(id string, at time.Time) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.08","eventTime":%q,"eventSource":"a.amazonaws.com","eventName":"A","eventID":%q}`,
		at.UTC().Format(time.RFC3339), id)
}

// drain reads a result to its end and returns the number of rows.
func drain(ctx context.Context, r *engine.Result) (int64, error) {
	var n int64
	for {
		b, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += b.NumRows()
		b.Release()
	}
}

const runaway = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r, events"

func TestCancelStopsWithinASecond(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Now()))
	ctx, cancel := context.WithCancel(t.Context())
	var asked time.Time
	timer := time.AfterFunc(300*time.Millisecond, func() { asked = time.Now(); cancel() })
	defer timer.Stop()
	_, err := f.query(ctx, engine.Request{Dialect: engine.DialectDuckDB, SQL: runaway}, encode.CSV)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// A second is the promise; the rest is for the race detector on a busy machine.
	if late := time.Since(asked); late > 10*time.Second {
		t.Errorf("stopped after %s", late)
	}
}

func TestTimeout(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Now()))
	_, err := f.query(t.Context(), engine.Request{Dialect: engine.DialectDuckDB, SQL: runaway, Timeout: 400 * time.Millisecond}, encode.CSV)
	if !errors.Is(err, engine.ErrTimeout) || !strings.Contains(err.Error(), "query timed out after 400ms: allow more with --timeout") {
		t.Error(err)
	}
	// The caller's own deadline is no fault of the limit.
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	if _, err = f.query(ctx, engine.Request{Dialect: engine.DialectDuckDB, SQL: runaway}, encode.CSV); errors.Is(err, engine.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	// A limit that passes between two batches.
	res, err := f.engine.Query(t.Context(), engine.Request{Dialect: engine.DialectDuckDB, SQL: "SELECT i FROM range(100000000000) r(i)", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if _, err := drain(t.Context(), res); !errors.Is(err, engine.ErrTimeout) {
		t.Error(err)
	}
}

func TestMemoryLimit(t *testing.T) {
	f := newFixture(t)
	_, err := f.query(t.Context(), engine.Request{Dialect: engine.DialectDuckDB, SQL: "SELECT list(i) FROM range(30000000) r(i)", MaxMemory: 64 << 20}, encode.CSV)
	if !errors.Is(err, engine.ErrMemory) || !strings.Contains(err.Error(), "--max-memory") {
		t.Error(err)
	}
}

func TestSnapshotStaysPinned(t *testing.T) {
	f := newFixture(t)
	day := time.Date(2024, 3, 1, 10, 0, 0, 0, time.UTC)
	f.load("events", "a", event("e1", day))
	res, err := f.engine.Query(t.Context(), engine.Request{SQL: "SELECT eventID FROM events"})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	f.load("events", "b", event("e2", day))
	n, err := drain(t.Context(), res)
	if err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	out, err := f.query(t.Context(), engine.Request{SQL: "SELECT count(*) AS n FROM events"}, encode.TSV)
	if err != nil || out != "n\n2\n" {
		t.Errorf("%s, %v", out, err)
	}
}

func TestStats(t *testing.T) {
	f := newFixture(t)
	now := time.Now().UTC()
	f.load("events", "a", event("old", now.AddDate(0, 0, -40)), event("new", now.AddDate(0, 0, -1)))
	f.load("other", "b", event("x", now))
	res, err := f.engine.Query(t.Context(), engine.Request{
		SQL: "SELECT e.eventID, o.eventID FROM events e, other o WHERE e.eventTime > now() - INTERVAL '7' DAY AND e.eventTime > CAST(current_timestamp AS TIMESTAMP) - INTERVAL '8' DAY",
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := drain(t.Context(), res)
	if err := errors.Join(err, res.Close(), res.Close()); err != nil || n != 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	s := res.Stats()
	if s.FilesTotal != 3 || s.FilesRead != 2 || s.Rows != 1 || s.BytesRead <= 0 || s.BytesRead >= s.BytesTotal || s.Elapsed <= 0 {
		t.Errorf("%+v", s)
	}
	if len(s.Pins) != 2 || s.Pins[0].Store != "events" || s.Pins[0].Snapshot == 0 || s.Pins[1].Store != "other" {
		t.Errorf("%+v", s.Pins)
	}
	if from := now.AddDate(0, 0, -7); s.Pins[0].Bounds.From.Before(from.Add(-time.Second)) || s.Pins[0].Bounds.From.After(from.Add(time.Minute)) {
		t.Errorf("bounds %+v", s.Pins[0].Bounds)
	}
	if _, err := res.Next(t.Context()); err == nil {
		t.Error("a closed result was read")
	}
}

func TestErrorsKeepTheirIdentity(t *testing.T) {
	f := newFixture(t)
	f.store("events")
	var bad *engine.StatementError
	_, err := f.engine.Query(t.Context(), engine.Request{SQL: "SELECT 1 FROM nothing"})
	if !errors.As(err, &bad) || !errors.Is(err, lake.ErrStoreNotFound) || bad.Line != 1 || bad.Column != 15 {
		t.Errorf("%v", err)
	}
	for _, r := range []engine.Request{
		{SQL: "SELECT '\x00'", Dialect: engine.DialectDuckDB},
		{SQL: "SELECT '\xff'", Dialect: engine.DialectDuckDB},
		{SQL: "SELECT '\xff'"},
		{SQL: "SELECT 1 -- " + strings.Repeat("x", 1<<20), Dialect: engine.DialectDuckDB},
		{SQL: "SELECT 1 -- " + strings.Repeat("x", 10_000)},
		{SQL: "SELECT ?", Args: []queries.Value{{Type: queries.TypeString, Data: "x"}}, Dialect: engine.DialectDuckDB},
		{SQL: "SELECT ?", Args: []queries.Value{{Type: queries.TypeStrings, Data: []string{"x"}}}},
	} {
		if res, err := f.engine.Query(t.Context(), r); err == nil {
			t.Errorf("%s: %.20q was accepted, %v", r.Dialect, r.SQL, res.Close())
		}
	}
	if _, err := f.engine.Query(t.Context(), engine.Request{SQL: "SELECT 1", Dialect: 99}); err == nil {
		t.Error("an unknown dialect was accepted")
	}
}

func TestQueriesAtOnce(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Now()))
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			out, err := f.query(t.Context(), engine.Request{SQL: "SELECT eventID FROM events", Threads: 1}, encode.TSV)
			if err != nil || out != "eventID\ne1\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
	wg.Wait()
}
