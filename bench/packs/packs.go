// Package packs times the queries of a pack run alone, one after the other, beside the
// same queries run as a batch, which shares what it reads. It compares their rows, too.
package packs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"traillake/bench/cost"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/lake"
	"traillake/queries"
)

// Config says what to time.
type Config struct {
	// Lake and Store hold the logs. An empty Store is lake.DefaultStore.
	Lake  *lake.Lake
	Store string
	// Queries are run with their defaults and what Params gives for them.
	Queries []*queries.Query
	// Params gives values of a query's parameters by their names; nil gives none.
	Params func(*queries.Query) map[string]string
	// Now is what relative times go by.
	Now time.Time
	// Runs is the number of timed runs; the fastest counts. 0 only compares the rows.
	Runs int
	// Threads and MaxMemory bound a database; zero means the engine's defaults.
	Threads   int
	MaxMemory int64
	// TempDir is for temporary files; empty means the system's.
	TempDir string
}

// Timing is how long queries take alone and together.
type Timing struct {
	// Alone are the costs by query, in the order of Config; Slowest is the highest of
	// them and Sum all of them.
	Alone        []cost.Cost
	Slowest, Sum cost.Cost
	// Together is the cost of the batch from its start to its last row, Opening the
	// part of it until the first query starts.
	Together, Opening cost.Cost
	// Within are the costs of each query in the batch, in the order of Config.
	Within []cost.Cost
	// Rows is the number of rows that the queries give.
	Rows int
	// Shared says how the batch was answered.
	Shared engine.BatchStats
}

// Run compares the rows of each query alone with those in a batch, as multisets, and
// then times both.
func Run(ctx context.Context, c Config) (Timing, error) {
	e := engine.New(c.Lake, duck.New(), engine.Options{TempDir: c.TempDir, Threads: c.Threads, MaxMemory: c.MaxMemory})
	t := Timing{Alone: make([]cost.Cost, len(c.Queries)), Within: make([]cost.Cost, len(c.Queries))}
	requests := make([]engine.Request, len(c.Queries))
	for i, q := range c.Queries {
		var given map[string]string
		if c.Params != nil {
			given = c.Params(q)
		}
		values, err := q.Values(given, c.Now)
		if err != nil {
			return t, err
		}
		requests[i] = engine.Request{SQL: q.SQL, Store: c.Store, Params: values, Now: c.Now}
	}
	if err := t.compare(ctx, e, c.Queries, requests); err != nil {
		return t, err
	}
	for run := range c.Runs {
		for i, r := range requests {
			start := cost.Clock()
			if err := alone(ctx, e, r, io.Discard); err != nil {
				return t, err
			}
			t.Alone[i] = least(run, t.Alone[i], cost.Clock().Minus(start))
		}
		start := cost.Clock()
		last := start
		var opening cost.Cost
		err := together(ctx, e, requests, func(int) io.Writer { return io.Discard }, func(i int, _ engine.BatchStats) {
			now := cost.Clock()
			if i < 0 {
				opening = now.Minus(start)
			} else {
				t.Within[i] = least(run, t.Within[i], now.Minus(last))
			}
			last = now
		})
		if err != nil {
			return t, err
		}
		t.Together = least(run, t.Together, cost.Clock().Minus(start))
		t.Opening = least(run, t.Opening, opening)
	}
	for _, took := range t.Alone {
		t.Slowest = cost.Cost{Wall: max(t.Slowest.Wall, took.Wall), CPU: max(t.Slowest.CPU, took.CPU)}
		t.Sum = t.Sum.Plus(took)
	}
	return t, nil
}

func least(run int, before, now cost.Cost) cost.Cost {
	if run == 0 {
		return now
	}
	return cost.Cost{Wall: min(before.Wall, now.Wall), CPU: min(before.CPU, now.CPU)}
}

// compare runs each query both ways once.
func (t *Timing) compare(ctx context.Context, e *engine.Engine, qs []*queries.Query, requests []engine.Request) error {
	batch := make([]bytes.Buffer, len(requests))
	if err := together(ctx, e, requests, func(i int) io.Writer { return &batch[i] }, func(_ int, s engine.BatchStats) { t.Shared = s }); err != nil {
		return err
	}
	for i, r := range requests {
		var single bytes.Buffer
		if err := alone(ctx, e, r, &single); err != nil {
			return fmt.Errorf("query %s: %w", qs[i].Name, err)
		}
		a, b := lines(single.String()), lines(batch[i].String())
		t.Rows += len(a)
		if !slices.Equal(a, b) {
			return fmt.Errorf("query %s gives %d rows alone and %d in a batch, or others", qs[i].Name, len(a), len(b))
		}
	}
	return nil
}

func lines(text string) []string { return slices.Sorted(strings.Lines(text)) }

func alone(ctx context.Context, e *engine.Engine, r engine.Request, w io.Writer) error {
	res, err := e.Query(ctx, r)
	if err != nil {
		return err
	}
	return errors.Join(drain(ctx, res, w), res.Close())
}

// together runs a batch. It calls done with -1 once the batch is open, and then with the
// number of each request whose rows are written.
func together(ctx context.Context, e *engine.Engine, requests []engine.Request, to func(i int) io.Writer, done func(i int, s engine.BatchStats)) (err error) {
	b, err := e.OpenBatch(ctx, requests)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	done(-1, b.Stats())
	for i := range requests {
		res, err := b.Query(ctx, i)
		if err != nil {
			return err
		}
		if err := errors.Join(drain(ctx, res, to(i)), res.Close()); err != nil {
			return err
		}
		done(i, b.Stats())
	}
	return nil
}

// drain writes the rows as JSON lines.
func drain(ctx context.Context, r *engine.Result, w io.Writer) error {
	enc, err := encode.New(encode.JSONL, w, r.Schema(), encode.Options{})
	if err != nil {
		return err
	}
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return enc.Close()
		}
		if err != nil {
			return err
		}
		err = enc.Write(batch)
		batch.Release()
		if err != nil {
			return err
		}
	}
}

// Print writes a timing for people.
func (t Timing) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d queries, %d rows; %d queries read %d shared rows in %d tables\n%-28s %9s %9s\n",
		len(t.Alone), t.Rows, t.Shared.Shared, t.Shared.Rows, t.Shared.Tables, "", "ms", "CPU ms")
	for _, line := range []struct {
		what string
		took cost.Cost
	}{{"alone, one after the other", t.Sum}, {"the slowest alone", t.Slowest}, {"together", t.Together}, {"of that, before the first", t.Opening}} {
		if err == nil {
			_, err = fmt.Fprintf(w, "%-28s %9.0f %9.0f\n", line.what, ms(line.took.Wall), ms(line.took.CPU))
		}
	}
	if err == nil && t.Slowest.CPU > 0 {
		_, err = fmt.Fprintf(w, "%-28s %9.1f %9.1f\n", "together / the slowest",
			float64(t.Together.Wall)/float64(t.Slowest.Wall), float64(t.Together.CPU)/float64(t.Slowest.CPU))
	}
	return err
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
