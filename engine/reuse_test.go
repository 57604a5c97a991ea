package engine_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/internal/filecache"
	"traillake/queries"
)

// reusing gives the fixture an engine that keeps all rows, however soon they are computed.
func (f *fixture) reusing() *filecache.Cache {
	f.t.Helper()
	c, err := filecache.Open(f.t.TempDir(), 64<<20)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			f.t.Error(err)
		}
	})
	f.cache = c
	f.reusingIn(c, "a build")
	return c
}

func (f *fixture) reusingIn(c *filecache.Cache, program string) {
	f.engine = engine.New(f.lake, duck.New(), engine.Options{TempDir: f.temp, Threads: 2,
		Results: &engine.Results{Cache: c, Program: program, Least: time.Nanosecond}})
}

// ask returns the rows of a query, and whether they are kept ones.
func (f *fixture) ask(r engine.Request) (rows string, kept bool) {
	f.t.Helper()
	rows, stats, err := f.schemaAndRows(f.t.Context(), r)
	if err != nil {
		f.t.Fatalf("%s\n%v", r.SQL, err)
	}
	return rows, !stats.Kept.IsZero()
}

// schemaAndRows returns the schema and the rows of a query.
func (f *fixture) schemaAndRows(ctx context.Context, r engine.Request) (string, engine.Stats, error) {
	res, err := f.engine.Query(ctx, r)
	if err != nil {
		return "", engine.Stats{}, err
	}
	rows, err := encoded(ctx, res, encode.JSONL)
	return res.Schema().String() + "\n" + rows, res.Stats(), err
}

func sameDay(hour int) time.Time { return time.Date(2024, 5, 1, hour, 0, 0, 0, time.UTC) }

// TestReuse asks twice: the same of the same data is kept, and nothing else.
func TestReuse(t *testing.T) {
	const sql = "SELECT eventName AS n, count(*) AS c FROM events WHERE eventTime < '2024-05-02' GROUP BY 1 ORDER BY 1"
	text := func(s string) map[string]queries.Value {
		v, err := queries.ParseValue(queries.TypeString, s, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return map[string]queries.Value{"p": v}
	}
	load := func(f *fixture) {
		loadKinds(f, "events", sameDay(0))
		loadKinds(f, "other", sameDay(0))
	}
	shared := newFixture(t)
	load(shared)
	byName := engine.Request{SQL: "SELECT eventID FROM events WHERE eventName = :p ORDER BY 1", Params: text("A")}
	now := sameDay(12)
	for name, c := range map[string]struct {
		first, second engine.Request
		between       func(f *fixture)
		kept          bool
	}{
		"the same text":      {first: engine.Request{SQL: sql}, second: engine.Request{SQL: sql}, kept: true},
		"another spelling":   {first: engine.Request{SQL: sql}, second: engine.Request{SQL: "/* x */ " + strings.ToLower(sql) + " -- y"}, kept: true},
		"another bound":      {first: engine.Request{SQL: sql}, second: engine.Request{SQL: strings.Replace(sql, "-02'", "-02 00:00:00.001'", 1)}},
		"the same parameter": {first: byName, second: byName, kept: true},
		"another parameter":  {first: byName, second: engine.Request{SQL: byName.SQL, Params: text("B")}},
		"no table":           {first: engine.Request{SQL: "SELECT 1 AS a"}, second: engine.Request{SQL: "SELECT 1 AS a"}, kept: true},
		"distinct events":    {first: engine.Request{SQL: sql}, second: engine.Request{SQL: sql, DistinctEvents: true}},
		"a total order":      {first: engine.Request{SQL: "SELECT eventID FROM events"}, second: engine.Request{SQL: "SELECT eventID FROM events", TotalOrder: true}},
		"another store":      {first: engine.Request{SQL: "SELECT eventID FROM $EDS_ID"}, second: engine.Request{SQL: "SELECT eventID FROM $EDS_ID", Store: "other"}},
		"fresh":              {first: engine.Request{SQL: sql}, second: engine.Request{SQL: sql, Fresh: true}},
		"first fresh":        {first: engine.Request{SQL: sql, Fresh: true}, second: engine.Request{SQL: sql}, kept: true},
		"DuckDB's dialect":   {first: engine.Request{SQL: "SELECT 1 AS a", Dialect: engine.DialectDuckDB}, second: engine.Request{SQL: "SELECT 1 AS a", Dialect: engine.DialectDuckDB}},
		"chance":             {first: engine.Request{SQL: "SELECT count_if(random() < 2) FROM events"}, second: engine.Request{SQL: "SELECT count_if(random() < 2) FROM events"}},
		"a sample":           {first: engine.Request{SQL: "SELECT count(*) FROM events TABLESAMPLE BERNOULLI (50)"}, second: engine.Request{SQL: "SELECT count(*) FROM events TABLESAMPLE BERNOULLI (50)"}},
		"the moment":         {first: engine.Request{SQL: "SELECT now()", Now: now}, second: engine.Request{SQL: "SELECT now()", Now: now}},
		"the day":            {first: engine.Request{SQL: "SELECT current_date", Now: now}, second: engine.Request{SQL: "SELECT current_date", Now: now.Add(time.Hour)}, kept: true},
		"another day":        {first: engine.Request{SQL: "SELECT current_date", Now: now}, second: engine.Request{SQL: "SELECT current_date", Now: now.AddDate(0, 0, 1)}},
		"new data of other days": {first: engine.Request{SQL: sql}, second: engine.Request{SQL: sql}, kept: true,
			between: func(f *fixture) { loadKinds(f, "events", sameDay(0).AddDate(0, 0, 5)) }},
		"new data of the day": {first: engine.Request{SQL: sql}, second: engine.Request{SQL: sql},
			between: func(f *fixture) { loadKinds(f, "events", sameDay(3)) }},
		"new data, no bounds": {first: engine.Request{SQL: "SELECT count(*) FROM events"}, second: engine.Request{SQL: "SELECT count(*) FROM events"},
			between: func(f *fixture) { loadKinds(f, "events", sameDay(0).AddDate(0, 0, 5)) }},
		"another build": {first: engine.Request{SQL: sql}, second: engine.Request{SQL: sql},
			between: func(f *fixture) { f.reusingIn(f.cache, "another") }},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fixture{t: t, temp: shared.temp, lake: shared.lake}
			if c.between != nil {
				f = newFixture(t)
				load(f)
			}
			f.reusing()
			if _, kept := f.ask(c.first); kept {
				t.Error("rows of a query that was never asked")
			}
			if c.between != nil {
				c.between(f)
			}
			got, kept := f.ask(c.second)
			if kept != c.kept {
				t.Errorf("kept: %v", kept)
			}
			f.engine = engine.New(f.lake, duck.New(), engine.Options{TempDir: f.temp, Threads: 2})
			want, _ := f.ask(c.second)
			if got != want && !strings.Contains(c.second.SQL, "BERNOULLI") {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestReuseSnapshots: a state of the past has its own rows, and they are still there when the
// newest is another.
func TestReuseSnapshots(t *testing.T) {
	f := newFixture(t)
	f.reusing()
	loadKinds(f, "events", sameDay(0))
	r := engine.Request{SQL: "SELECT count(*) AS n FROM events WHERE eventName = 'A'"}
	old, _ := f.ask(r)
	res, err := f.engine.Query(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	past := r
	past.Snapshot.ID = res.Stats().Pins[0].Snapshot
	if err := res.Close(); err != nil {
		t.Fatal(err)
	}
	loadKinds(f, "events", sameDay(5))
	if now, kept := f.ask(r); kept || now == old {
		t.Errorf("the newest state gives %s, kept: %v", now, kept)
	}
	if was, kept := f.ask(past); !kept || was != old {
		t.Errorf("the state before gives %s, kept: %v", was, kept)
	}
}

// reusedStatements give all types of columns, many rows, none, names that stand twice.
var reusedStatements = []string{
	"SELECT * FROM events",
	"SELECT eventJson FROM events",
	"SELECT requestParameters, userIdentity, resources, eventTime, readOnly FROM events",
	"SELECT eventID AS a, eventName AS a, 1 FROM events",
	"SELECT eventID FROM events WHERE false",
	"SELECT x, x * 2e0 AS y FROM UNNEST(sequence(1, 10000)) AS t (x)",
	"SELECT tinyint '1', smallint '2', 3, bigint '4', real '1.5', 2.5e0, decimal '12.345', true, 'text', CAST('c' AS char(3)), X'00FF', NULL",
	"SELECT date '2024-05-01', time '01:02:03.456', timestamp '2024-05-01 01:02:03.123456', timestamp '2024-05-01 01:02:03 Europe/Berlin'",
	"SELECT interval '3' day, interval '2' month, json '{\"a\": [1]}', uuid '12345678-1234-1234-1234-123456789012', ipaddress '10.0.0.1'",
	"SELECT ARRAY[1, NULL], ARRAY[], MAP(ARRAY['a', 'b'], ARRAY[1, NULL]), CAST(ROW(1, 'x', ARRAY[date '2024-05-01']) AS ROW(n integer, s varchar, d array(date)))",
	"SELECT CAST(NULL AS map(varchar, array(row(a bigint, b json)))), ARRAY[MAP(ARRAY['k'], ARRAY[ROW(1, 'y')])]",
	"SELECT array_agg(eventID ORDER BY eventID), map_agg(eventID, eventName), approx_distinct(eventName) FROM events",
	"SELECT eventName, _source, _source_verdict FROM events ORDER BY eventTime",
}

// TestReuseSameRows: kept rows have the schema, the values and the order of computed ones.
func TestReuseSameRows(t *testing.T) {
	f := newFixture(t)
	f.reusing()
	loadKinds(f, "events", sameDay(0))
	loadKinds(f, "events", sameDay(0).AddDate(0, 0, 2))
	for _, sql := range reusedStatements {
		want, kept := f.ask(engine.Request{SQL: sql})
		if kept {
			t.Errorf("%s\nnever asked, and kept", sql)
		}
		if got, kept := f.ask(engine.Request{SQL: sql}); !kept || got != want {
			t.Errorf("%s\nkept: %v\ngot\n%s\nwant\n%s", sql, kept, got, want)
		}
	}
}

// TestReuseOtherNames: kept rows have the names that the statement gives them.
func TestReuseOtherNames(t *testing.T) {
	f := newFixture(t)
	f.reusing()
	f.ask(engine.Request{SQL: "SELECT 1 AS a, CAST(ROW(2) AS ROW(x integer)) AS r"})
	got, _ := f.ask(engine.Request{SQL: "SELECT 1 AS b, CAST(ROW(2) AS ROW(y integer)) AS s"})
	if !strings.HasSuffix(got, "\n"+`{"b":1,"s":{"y":2}}`+"\n") {
		t.Error(got)
	}
}

// TestReuseStats: kept rows open no file, and say when they were computed.
func TestReuseStats(t *testing.T) {
	f := newFixture(t)
	f.reusing()
	loadKinds(f, "events", sameDay(0))
	before := time.Now()
	for _, kept := range []bool{false, true} {
		_, s, err := f.schemaAndRows(t.Context(), engine.Request{SQL: "SELECT eventID FROM events"})
		if err != nil {
			t.Fatal(err)
		}
		if s.Rows != 64 || s.FilesTotal != 1 || s.BytesTotal == 0 || len(s.Pins) != 1 || s.Elapsed <= 0 {
			t.Errorf("%+v", s)
		}
		if opened := s.FilesRead + int(s.BytesRead); (opened == 0) != kept || (s.Kept.After(before) && !s.Kept.After(time.Now())) != kept {
			t.Errorf("kept: %v, with %+v", kept, s)
		}
	}
}

// TestReuseDamaged: whatever becomes of what is kept, the rows are right.
func TestReuseDamaged(t *testing.T) {
	for name, damage := range map[string]func(path string, b []byte) error{
		"flipped":   func(path string, b []byte) error { b[len(b)/2] ^= 0x10; return os.WriteFile(path, b, 0o600) },
		"truncated": func(path string, b []byte) error { return os.WriteFile(path, b[:len(b)/2], 0o600) },
		"emptied":   func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o600) },
		"removed":   func(path string, _ []byte) error { return os.Remove(path) },
		"a folder":  func(path string, _ []byte) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		for _, of := range []string{"objects", "names"} {
			t.Run(name+" "+of, func(t *testing.T) {
				f := newFixture(t)
				c := f.reusing()
				loadKinds(f, "events", sameDay(0))
				r := engine.Request{SQL: "SELECT eventID, eventName FROM events ORDER BY 1"}
				want, _ := f.ask(r)
				paths, err := filepath.Glob(filepath.Join(c.Dir(), of, "*", "*"))
				if err != nil || len(paths) != 1 {
					t.Fatal(paths, err)
				}
				b, err := os.ReadFile(paths[0])
				if err := errors.Join(err, damage(paths[0], b)); err != nil {
					t.Fatal(err)
				}
				if got, kept := f.ask(r); kept || got != want {
					t.Errorf("kept: %v, rows\n%s", kept, got)
				}
				if got, _ := f.ask(r); got != want {
					t.Errorf("after that, rows\n%s", got)
				}
			})
		}
	}
}

// TestReuseOfOtherBytes: an entry that is whole and holds no rows is none.
func TestReuseOfOtherBytes(t *testing.T) {
	f := newFixture(t)
	c := f.reusing()
	r := engine.Request{SQL: "SELECT 6 * 7 AS n"}
	want, _ := f.ask(r)
	objects, err := filepath.Glob(filepath.Join(c.Dir(), "objects", "*", "*"))
	if err != nil || len(objects) != 1 {
		t.Fatal(objects, err)
	}
	entry, err := os.ReadFile(objects[0])
	if err != nil {
		t.Fatal(err)
	}
	key := engine.KeptKey(t, f.engine, r)
	for i := 0; i <= len(entry); i += 11 {
		part := entry[:i]
		if err := c.Put(key, func(w io.Writer) error { _, err := w.Write(part); return err }); err != nil {
			t.Fatal(err)
		}
		// The stream may lack its end mark, behind the last row.
		if got, _ := f.ask(engine.Request{SQL: r.SQL}); got != want {
			t.Fatalf("of %d bytes of %d: %s", i, len(entry), got)
		}
	}
}

// TestReuseWithoutRoom: where nothing can be kept the query runs.
func TestReuseWithoutRoom(t *testing.T) {
	f := newFixture(t)
	c := f.reusing()
	if err := os.RemoveAll(c.Dir()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, kept := f.ask(engine.Request{SQL: "SELECT 7 AS n"}); kept || !strings.Contains(got, `{"n":7}`) {
			t.Errorf("kept: %v, rows %s", kept, got)
		}
	}
}

// TestReuseAbandoned: rows that were not read to their end, or are too many, or came too soon,
// are not kept.
func TestReuseAbandoned(t *testing.T) {
	f := newFixture(t)
	c := f.reusing()
	r := engine.Request{SQL: "SELECT x FROM UNNEST(sequence(1, 10000)) AS t (x), UNNEST(sequence(1, 10)) AS u (y)"}
	res, err := f.engine.Query(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := res.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Release()
	if err := res.Close(); err != nil {
		t.Fatal(err)
	}
	large := engine.Request{SQL: "SELECT x, rpad('', 1000, 'x') AS t FROM UNNEST(sequence(1, 10000)) AS t (x), UNNEST(sequence(1, 4)) AS u (y)"}
	failing := engine.Request{SQL: "SELECT 1 / (x - 5000) FROM UNNEST(sequence(1, 10000)) AS t (x), UNNEST(sequence(1, 10)) AS u (y)"}
	for range 2 {
		if _, kept := f.ask(large); kept {
			t.Error("40 MB are kept")
		}
		if _, s, err := f.schemaAndRows(t.Context(), failing); err == nil || !s.Kept.IsZero() {
			t.Errorf("kept at %v, %v", s.Kept, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(c.Dir(), "*", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("kept: %v, %v", left, err)
	}
	f.engine = engine.New(f.lake, duck.New(), engine.Options{TempDir: f.temp, Results: &engine.Results{Cache: c, Least: time.Hour}})
	for range 2 {
		if _, kept := f.ask(r); kept {
			t.Error("what took less than an hour is kept")
		}
	}
}

// TestReuseContext: kept rows keep to the time limit, too.
func TestReuseContext(t *testing.T) {
	f := newFixture(t)
	f.reusing()
	r := engine.Request{SQL: "SELECT 1 AS n"}
	f.ask(r)
	ctx, cancel := context.WithCancel(t.Context())
	res, err := f.engine.Query(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := res.Next(ctx); !errors.Is(err, context.Canceled) || res.Stats().Kept.IsZero() {
		t.Errorf("kept at %v, %v", res.Stats().Kept, err)
	}
	if err := errors.Join(res.Close(), res.Close()); err != nil {
		t.Error(err)
	}
	r.Timeout = time.Nanosecond
	if _, _, err := f.schemaAndRows(t.Context(), r); !errors.Is(err, engine.ErrTimeout) {
		t.Error(err)
	}
}

// TestReuseAtOnce asks the same by many at once, some of them fresh: all have the same rows.
func TestReuseAtOnce(t *testing.T) {
	f := newFixture(t)
	f.reusing()
	loadKinds(f, "events", sameDay(0))
	const sql = "SELECT eventID, eventName, requestParameters FROM events ORDER BY eventTime"
	want, err := f.query(t.Context(), engine.Request{SQL: sql, Dialect: engine.DialectTrino}, encode.CSV)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 3 {
				got, err := f.query(t.Context(), engine.Request{SQL: sql, Fresh: (i+k)%4 == 0}, encode.CSV)
				if err != nil || got != want {
					t.Errorf("%v\n%s", err, got)
				}
			}
		})
	}
	wg.Wait()
}

// TestReuseLeavesNoTurn: kept rows that are not read keep nobody waiting.
func TestReuseLeavesNoTurn(t *testing.T) {
	f := newFixture(t)
	c := f.reusing()
	f.engine = engine.New(f.lake, duck.New(), engine.Options{TempDir: f.temp, AtOnce: 1,
		Results: &engine.Results{Cache: c, Least: time.Nanosecond}})
	r := engine.Request{SQL: "SELECT 1 AS n"}
	f.ask(r)
	var open []*engine.Result
	for range 3 {
		res, err := f.engine.Query(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, res)
	}
	for _, res := range open {
		b, err := res.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.Release()
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}
}
