package query

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"traillake/bench/cost"
	"traillake/bench/gen"
	"traillake/bench/ingest"
	"traillake/bench/result"
	"traillake/bench/trino"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/duck/unboxed"
	"traillake/internal/filecache"
	"traillake/lake"
	"traillake/lake/source/dir"
)

// The systems.
const (
	// Traillake is the engine, as "traillake query" runs it.
	Traillake = "traillake"
	// ByHand is DuckDB over the Parquet files of Traillake, with SQL written by hand.
	ByHand = "duckdb-by-hand"
	// DuckDBParquet is DuckDB over Parquet that it made itself of the same logs.
	DuckDBParquet = "duckdb-parquet"
	// DuckDBNDJSON is DuckDB over the records rewritten as gzipped files of one per line.
	DuckDBNDJSON = "duckdb-ndjson"
	// DuckDBJSON is DuckDB over the files as delivered.
	DuckDBJSON = "duckdb-json"
	// ClickHouse is the program clickhouse local over the Parquet files of Traillake, with SQL
	// written by hand.
	ClickHouse = "clickhouse-local"
	// Trino is a real Trino over the Iceberg table of the store, with Traillake's query as
	// "traillake query --explain trino" writes it.
	Trino = "trino"
	// Process is Traillake as a process of its own, with all that it takes to start, for the
	// needles.
	Process = "traillake-process"
	// Again is Traillake that has kept the rows of each query in its warm-up, and is asked again.
	Again = "traillake-again"
	// Zgrep is the program of this name over the files as delivered, for one needle.
	Zgrep = "zgrep"
)

// system is one way to answer queries.
type system struct {
	name, text string
	dialect    dialect
	// only are the queries that it takes part in; nil is all.
	only []string
	// countsOnly says that it tells how many rows there are and not which.
	countsOnly bool
	// warmOnly leaves it out of what is measured cold.
	warmOnly bool
	// views are statements that make the tables of its queries, and files all that it
	// reads, which preparing gives.
	views []view
	files []string
}

func allSystems() []*system {
	return []*system{
		{name: Traillake, dialect: dialectTrino, text: "Traillake's engine, Trino's SQL over an event data store"},
		{name: ByHand, dialect: dialectDuckDB, text: "DuckDB over the Parquet files of that store, SQL written by hand"},
		{name: DuckDBParquet, dialect: dialectDuckDB, text: "DuckDB over one Parquet file (zstd) that DuckDB made of the same logs, with the same columns"},
		{name: DuckDBNDJSON, dialect: dialectDuckDB, text: "DuckDB's read_json over the records as gzipped files of one record per line, all columns named with their types"},
		{name: DuckDBJSON, dialect: dialectDuckDB, text: "DuckDB's read_json and unnest over the gzipped files as delivered, all columns named with their types"},
		{name: ClickHouse, dialect: dialectClickHouse, text: "clickhouse local over the Parquet files of the store, SQL written by hand; a process for each query, whose start is not counted"},
		{name: Trino, dialect: dialectTrino, warmOnly: true, text: "a real Trino, one server, over the Iceberg table of the store, with the text that traillake query --explain trino writes; the start of the server is not counted"},
		{name: Process, dialect: dialectTrino, only: needles(), countsOnly: true, text: "traillake query as a process of its own, from its start to its end; the number of rows only"},
		{name: Again, dialect: dialectTrino, warmOnly: true, text: "a repeated query: Traillake's engine, which answers from the rows that it kept in the warm-up; what took less than 30 ms, or has too many rows, is computed"},
		{name: Zgrep, dialect: dialectDuckDB, only: []string{"needle-event-id"}, countsOnly: true, text: "zgrep -F over the files as delivered; it tells the number of records only"},
	}
}

// needles are the queries that look for one thing.
func needles() []string {
	return slices.DeleteFunc(Suite(), func(name string) bool { return !strings.HasPrefix(name, "needle-") })
}

// Systems returns the names of all systems.
func Systems() []string {
	var names []string
	for _, s := range allSystems() {
		names = append(names, s.name)
	}
	return names
}

// chosenSystems are those of the given names. Where nil asks for all, those that cannot run
// here are left out, and sentences say why.
func chosenSystems(c Config) (chosen []*system, leftOut []string, err error) {
	absent := map[string]error{}
	if _, err := exec.LookPath(Zgrep); err != nil {
		absent[Zgrep] = err
	}
	if _, err := findClickHouse(); err != nil {
		absent[ClickHouse] = err
	}
	if _, err := trino.Home(); err != nil {
		absent[Trino] = err
	}
	if c.Command == nil {
		absent[Process] = errors.New("there is no program to run")
	}
	for _, n := range c.Systems {
		if !slices.Contains(Systems(), n) {
			return nil, nil, fmt.Errorf("no system %q; there are: %s", n, strings.Join(Systems(), ", "))
		}
		if err := absent[n]; err != nil {
			return nil, nil, fmt.Errorf("system %s: %w", n, err)
		}
	}
	for _, s := range allSystems() {
		switch {
		case c.Systems != nil && !slices.Contains(c.Systems, s.name):
		case absent[s.name] != nil:
			leftOut = append(leftOut, fmt.Sprintf("%s was left out: %v.", s.name, absent[s.name]))
		default:
			chosen = append(chosen, s)
		}
	}
	return chosen, leftOut, nil
}

// bench is a benchmark that runs.
type bench struct {
	Config
	systems  []*system
	document *result.Document
	values   values
	input    *ingest.Input

	logs, lakeDir string
	lake          *lake.Lake
	exec          *stopwatch
	engine        *engine.Engine
	// again is the engine of the system Again, with what it keeps.
	again      *engine.Engine
	kept       *filecache.Cache
	clickHouse *clickHouse
	trino      *trino.Server
	// coldAs says how caches are emptied; empty where they cannot be.
	coldAs string
}

// stopwatch notes how long databases take to open.
type stopwatch struct {
	engine.Executor
	opening cost.Cost
}

// Open implements engine.Executor.
func (s *stopwatch) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	box, err := box.WithMore() // which is not opening
	if err != nil {
		return nil, err
	}
	start := cost.Clock()
	session, err := s.Executor.Open(ctx, box)
	s.opening = s.opening.Plus(cost.Clock().Minus(start))
	return session, err
}

func (b *bench) has(name string) bool {
	return slices.ContainsFunc(b.systems, func(s *system) bool { return s.name == name })
}

// prepare makes the logs, the lake, and what the other systems read.
func (b *bench) prepare(ctx context.Context) error {
	if b.has(ClickHouse) {
		if err := b.openClickHouse(ctx); err != nil {
			return fmt.Errorf("start %s, which takes part where it is on the PATH: %w", ClickHouse, err)
		}
	}
	b.logs, b.lakeDir = b.Source, filepath.Join(b.Dir, "lake")
	if b.logs == "" {
		b.logs = filepath.Join(b.Dir, "logs")
		b.say("generating %d records", b.Records)
		c := gen.DefaultConfig()
		c.Records, c.Seed = b.Records, b.Seed
		if _, err := gen.Write(ctx, b.logs, c, nil); err != nil {
			return err
		}
	}
	ndjson := ""
	if b.has(DuckDBNDJSON) || b.has(DuckDBParquet) {
		ndjson = filepath.Join(b.Dir, "ndjson")
		b.say("rewriting the records as one per line")
	} else {
		b.say("counting the records")
	}
	var err error
	if b.input, err = ingest.Rewrite(ctx, b.logs, ndjson); err != nil {
		return err
	}
	if err := b.ingest(ctx); err != nil {
		return err
	}
	raw, err := ingest.Files(ctx, b.logs)
	if err != nil {
		return err
	}
	var lines ingest.LogFiles
	if ndjson != "" {
		if lines, err = ingest.Files(ctx, ndjson); err != nil {
			return err
		}
	}
	for _, s := range b.systems {
		switch s.name {
		case Again:
			err = b.openAgain()
		case Traillake, Process:
			s.files, err = filesBelow(b.lakeDir)
		case ByHand:
			s.files, err = b.storeFiles(ctx)
			s.views = parquetViews(s.files)
		case DuckDBParquet:
			s.files = []string{filepath.Join(b.Dir, "duckdb.parquet")}
			s.views = parquetViews(s.files)
			b.say("DuckDB makes its Parquet file")
			_, err = unboxed.Run(ctx, unboxed.Options{TempDir: b.Dir}, ingest.CopyToParquet(lines.Lines(), s.files[0])...)
		case DuckDBNDJSON:
			s.files, s.views = lines.Paths, jsonViews(lines.Lines(), lines.LinesText())
		case DuckDBJSON:
			s.files, s.views = raw.Paths, jsonViews(raw.Delivered(), raw.DeliveredText())
		case ClickHouse:
			if s.files, err = b.storeFiles(ctx); err == nil {
				err = b.clickHouse.link(s.files)
			}
		case Trino:
			err = b.openTrino(ctx)
		case Zgrep:
			s.files = raw.Paths
		}
		if err != nil {
			return fmt.Errorf("prepare %s: %w", s.name, err)
		}
	}
	return nil
}

// ingest makes the lake, as traillake ingest does.
func (b *bench) ingest(ctx context.Context) error {
	b.say("ingesting into a lake")
	l, err := lake.Create(ctx, b.lakeDir, lake.Options{Tool: b.Tool})
	if err != nil {
		return err
	}
	b.lake = l
	store, err := l.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		return err
	}
	src, err := dir.Open(b.logs)
	if err != nil {
		return err
	}
	r, err := store.Ingest(ctx, src, lake.IngestOptions{})
	if err != nil {
		return err
	}
	if r.Stored != b.input.Records {
		return fmt.Errorf("the store took %d of %d records; with records that it leaves out nothing can be compared", r.Stored, b.input.Records)
	}
	if _, err := store.Compact(ctx, lake.CompactOptions{Sparing: true}); err != nil {
		return err
	}
	b.exec = &stopwatch{Executor: duck.New()}
	b.newEngine()
	return nil
}

func (b *bench) newEngine() {
	o := engine.Options{TempDir: b.Dir, Threads: b.Threads, MaxMemory: b.Memory}
	b.engine = engine.New(b.lake, b.exec, o)
	if b.kept != nil {
		o.Results = &engine.Results{Cache: b.kept}
		b.again = engine.New(b.lake, b.exec, o)
	}
}

// openAgain opens the engine that keeps rows, with a folder for them.
func (b *bench) openAgain() (err error) {
	b.kept, err = filecache.Open(filepath.Join(b.Dir, "results"), 1<<30)
	if err != nil {
		return err
	}
	b.newEngine()
	return nil
}

func (b *bench) close() (err error) {
	if b.kept != nil {
		err = b.kept.Close()
	}
	if b.trino != nil {
		err = errors.Join(err, b.trino.Close())
	}
	if b.lake != nil {
		err = errors.Join(err, b.lake.Close())
	}
	return err
}

// storeFiles are the data files of the store.
func (b *bench) storeFiles(ctx context.Context) ([]string, error) {
	store, err := b.lake.Store(ctx, lake.DefaultStore)
	if err != nil {
		return nil, err
	}
	snapshot, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	files, err := snapshot.Files(ctx, lake.TimeRange{})
	if err != nil {
		return nil, err
	}
	paths, release, err := store.Fetch(ctx, files, nil)
	if err != nil {
		return nil, err
	}
	release() // the lake is on this disk, and nothing is removed from it
	return paths, nil
}

// view is a table that queries read: a common table expression, as those of Traillake's own
// statements are, since a CREATE VIEW is bound once more.
type view struct{ name, sql string }

// parquetViews make tables over Parquet files. There is no text of the record in them; what
// holds all that it says is the row as JSON. The option is what spares DuckDB planning the
// statement twice.
func parquetViews(files []string) []view {
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = "'" + strings.ReplaceAll(f, "'", "''") + "'"
	}
	from := "FROM read_parquet([" + strings.Join(quoted, ", ") + "], hive_partitioning = $" + engine.LateFalse + ")"
	return []view{{"events", from},
		{"records", "SELECT eventTime, eventName, eventID, userIdentity, CAST(to_json(e) AS VARCHAR) AS eventJson " + from + " e"}}
}

// jsonViews make tables over JSON: columns gives the columns, and texts each record.
func jsonViews(columns, texts string) []view {
	return []view{{"events", columns},
		{"records", "SELECT CAST(json_extract_string(r, '$.eventTime') AS TIMESTAMP) AS eventTime, " +
			"json_extract_string(r, '$.eventName') AS eventName, json_extract_string(r, '$.eventID') AS eventID, " +
			"{'arn': json_extract_string(r, '$.userIdentity.arn')} AS userIdentity, CAST(r AS VARCHAR) AS eventJson FROM (" + texts + ")"}}
}

// once runs a query on a system; to takes its rows, if it is not nil.
func (b *bench) once(ctx context.Context, s *system, t *task, text string, to *rows) (once, error) {
	switch s.name {
	case Traillake:
		return b.runTraillake(ctx, b.engine, t, text, to)
	case Again:
		if to != nil { // the warm-up
			if o, err := b.runTraillake(ctx, b.again, t, text, nil); err != nil {
				return o, err
			}
		}
		return b.runTraillake(ctx, b.again, t, text, to)
	case Process:
		return b.runProcess(ctx, t, text, to)
	case Zgrep:
		return b.runZgrep(ctx, s, to)
	case ClickHouse:
		o, err := b.clickHouse.query(ctx, text, to)
		o.opened, o.total = len(s.files), len(s.files)
		return o, err
	case Trino:
		return b.runTrino(ctx, text, to)
	default:
		return b.runDuckDB(ctx, s, text, to)
	}
}

func (b *bench) runTraillake(ctx context.Context, e *engine.Engine, t *task, text string, to *rows) (o once, err error) {
	b.exec.opening = cost.Cost{}
	start, read := cost.Clock(), bytesRead()
	res, err := e.Query(ctx, engine.Request{SQL: text, Params: t.params(b.values)})
	if err != nil {
		return o, err
	}
	o.rows, err = drain(ctx, res, to)
	stats := res.Stats()
	err = errors.Join(err, res.Close())
	o.Cost, o.read = cost.Clock().Minus(start).Minus(b.exec.opening), bytesRead()-read
	o.opened, o.total = stats.FilesRead, stats.FilesTotal
	return o, err
}

func (b *bench) runDuckDB(ctx context.Context, s *system, text string, to *rows) (o once, err error) {
	session, err := b.exec.Open(ctx, engine.Sandbox{Files: s.files, Threads: b.Threads, MaxMemory: b.Memory, TempDir: b.Dir})
	if err != nil {
		return o, err
	}
	start, read := cost.Clock(), bytesRead()
	o.rows, err = b.runIn(ctx, session, s.views, text, to)
	err = errors.Join(err, session.Close()) // which Traillake's time has in it, too
	o.Cost, o.read = cost.Clock().Minus(start), bytesRead()-read
	o.opened, o.total = len(s.files), len(s.files)
	return o, err
}

// runIn runs a query over the views that it reads.
func (b *bench) runIn(ctx context.Context, session engine.Session, views []view, text string, to *rows) (n int64, err error) {
	var with []string
	for _, v := range views {
		if named(text, v.name) {
			with = append(with, v.name+" AS NOT MATERIALIZED ("+v.sql+")")
		}
	}
	switch rest, more := strings.CutPrefix(text, "WITH "); {
	case len(with) == 0:
	case more:
		text = "WITH " + strings.Join(append(with, rest), ",\n")
	default:
		text = "WITH " + strings.Join(with, ",\n") + "\n" + text
	}
	res, err := session.Query(ctx, text)
	if err != nil {
		return 0, err
	}
	n, err = drain(ctx, res, to)
	res.Close()
	return n, err
}

// named reports whether a query reads a table.
func named(text, table string) bool {
	return regexp.MustCompile(`\b(FROM|JOIN)\s+` + table + `\b`).MatchString(text)
}
