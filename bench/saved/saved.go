// Package saved times the saved queries twice over the same Parquet files: as the
// engine runs them, and as DuckDB SQL written by hand for the stored columns. What a
// front end costs is the difference.
package saved

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

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
	// Params gives values of a query's parameters by their names; others have their
	// defaults, and nil gives none.
	Params func(*queries.Query) map[string]string
	// Now is what relative times go by.
	Now time.Time
	// Queries are the names of saved queries; nil is all.
	Queries []string
	// Runs is the number of timed runs of each side; 0 compares the rows and times
	// nothing.
	Runs int
	// Threads bounds the threads of a query; zero means one for each CPU.
	Threads int
	// TempDir is for temporary files; empty means the system's.
	TempDir string
}

// Timing is what one saved query costs from its text to its last row: medians over all
// runs. The time in which an empty database opens is left out: it is the same on both
// sides.
type Timing struct {
	Query string
	Rows  int
	// Front is the engine's, Hand that of the SQL written by hand.
	Front, Hand cost.Cost
}

//go:embed testdata/*.sql testdata/event-json.txt
var hand embed.FS

// Run compares the rows of every query with those of its counterpart, as multisets, and
// then times both in turns. Queries without a counterpart, or whose rows differ, are in
// the error and not among the timings.
func Run(ctx context.Context, c Config) ([]Timing, error) {
	if c.Store == "" {
		c.Store = lake.DefaultStore
	}
	st, err := c.Lake.Store(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	snap, err := st.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	files, err := snap.Files(ctx, lake.TimeRange{})
	if err != nil {
		return nil, err
	}
	b := &bench{Config: c, exec: &stopwatch{Executor: duck.New()}}
	b.engine = engine.New(c.Lake, b.exec, engine.Options{TempDir: c.TempDir, Threads: c.Threads})
	paths, release, err := st.Fetch(ctx, files, nil)
	if err != nil {
		return nil, err
	}
	defer release()
	b.files = paths
	var out []Timing
	var failed error
	for _, q := range queries.Catalog().All() {
		if c.Queries != nil && !slices.Contains(c.Queries, q.Name) {
			continue
		}
		t, err := b.query(ctx, q)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("saved query %s: %w", q.Name, err))
			continue
		}
		out = append(out, t)
	}
	return out, failed
}

type bench struct {
	Config
	engine *engine.Engine
	exec   *stopwatch
	files  []string
}

func (b *bench) query(ctx context.Context, q *queries.Query) (Timing, error) {
	t := Timing{Query: q.Name}
	var given map[string]string
	if b.Params != nil {
		given = b.Params(q)
	}
	values, err := q.Values(given, b.Now)
	if err != nil {
		return t, err
	}
	byHand, err := b.byHand(q.Name, values)
	if err != nil {
		return t, err
	}
	sides := []func(sink) error{
		func(s sink) error {
			return b.runFront(ctx, engine.Request{SQL: q.SQL, Store: b.Store, Params: values, Now: b.Now}, s)
		},
		func(s sink) error { return b.runHand(ctx, byHand, s) },
	}
	if t.Rows, err = compare(sides[0], sides[1]); err != nil || b.Runs == 0 {
		return t, err
	}
	costs := make([][]cost.Cost, 2)
	for range b.Runs {
		for i, run := range sides {
			took, err := b.time(run)
			if err != nil {
				return t, err
			}
			costs[i] = append(costs[i], took)
		}
	}
	t.Front, t.Hand = median(costs[0]), median(costs[1])
	return t, nil
}

// time runs a query and measures it.
func (b *bench) time(run func(sink) error) (cost.Cost, error) {
	b.exec.opening = cost.Cost{}
	start := cost.Clock()
	err := run(nil)
	return cost.Clock().Minus(start).Minus(b.exec.opening), err
}

// sink takes the rows of a result; nil drops them.
type sink func(*arrow.Schema, arrow.RecordBatch) error

func (b *bench) runFront(ctx context.Context, r engine.Request, s sink) error {
	res, err := b.engine.Query(ctx, r)
	if err != nil {
		return err
	}
	return errors.Join(drain(ctx, res, s), res.Close())
}

func (b *bench) runHand(ctx context.Context, sql string, s sink) error {
	session, err := b.exec.Open(ctx, engine.Sandbox{Files: b.files, Threads: b.Threads, TempDir: b.TempDir})
	if err != nil {
		return err
	}
	rows, err := session.Query(ctx, sql)
	if err != nil {
		return errors.Join(err, session.Close())
	}
	return errors.Join(drain(ctx, rows, s), rows.Close(), session.Close())
}

func drain(ctx context.Context, r engine.Rows, s sink) error {
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s != nil {
			err = s(r.Schema(), batch)
		}
		batch.Release()
		if err != nil {
			return err
		}
	}
}

// byHand returns the text of the counterpart with the files in the place of $EDS_ID, the
// record as JSON in the place of $EVENT_JSON (of a table called e), and the values in it.
func (b *bench) byHand(name string, values map[string]queries.Value) (string, error) {
	text, err := hand.ReadFile("testdata/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("SQL written by hand: %w", err)
	}
	record, err := hand.ReadFile("testdata/event-json.txt")
	if err != nil {
		return "", fmt.Errorf("SQL written by hand: %w", err)
	}
	sql, err := queries.Substitute(strings.ReplaceAll(string(text), "$EVENT_JSON", strings.TrimSpace(string(record))), values)
	if err != nil {
		return "", err
	}
	files := make([]string, len(b.files))
	for i, f := range b.files {
		files[i] = "'" + strings.ReplaceAll(f, "'", "''") + "'"
	}
	return strings.ReplaceAll(sql, "$EDS_ID", "read_parquet(["+strings.Join(files, ", ")+"])"), nil
}

// compare runs both sides and compares their rows in any order, and their types.
func compare(front, byHand func(sink) error) (rows int, err error) {
	var sides [2][]string
	var names *arrow.Schema
	for i, run := range []func(sink) error{front, byHand} {
		err := run(func(s *arrow.Schema, batch arrow.RecordBatch) error {
			if names == nil {
				names = s
			}
			lines, err := jsonLines(names, batch)
			sides[i] = append(sides[i], lines...)
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("%s: %w", []string{"engine", "by hand"}[i], err)
		}
		slices.Sort(sides[i])
	}
	if len(sides[0]) != len(sides[1]) {
		return 0, fmt.Errorf("the engine gives %d rows, the SQL written by hand %d", len(sides[0]), len(sides[1]))
	}
	for i, line := range sides[0] {
		if line != sides[1][i] {
			return 0, fmt.Errorf("the engine gives\n%s\nthe SQL written by hand\n%s", line, sides[1][i])
		}
	}
	return len(sides[0]), nil
}

// jsonLines writes the rows of a batch under the given names.
func jsonLines(names *arrow.Schema, batch arrow.RecordBatch) ([]string, error) {
	fields := batch.Schema().Fields()
	if len(fields) != names.NumFields() {
		return nil, fmt.Errorf("%d columns, not %d", len(fields), names.NumFields())
	}
	for i := range fields {
		if t := names.Field(i).Type; fields[i].Type.ID() != t.ID() {
			return nil, fmt.Errorf("column %s is of type %s, not %s", names.Field(i).Name, fields[i].Type, t)
		}
		fields[i].Name = names.Field(i).Name
	}
	schema := arrow.NewSchema(fields, nil)
	renamed := array.NewRecordBatch(schema, batch.Columns(), batch.NumRows())
	defer renamed.Release()
	var out bytes.Buffer
	enc, err := encode.New(encode.JSONL, &out, schema, encode.Options{})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(enc.Write(renamed), enc.Close()); err != nil {
		return nil, err
	}
	return slices.Collect(strings.Lines(out.String())), nil
}
