package query

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"traillake/bench/result"
	"traillake/queries"
)

// The environment of a process that is the stand-in for clickhouse: what it does with a
// query, and a file that takes a line for each start.
const (
	fakeDoes = "TRAILLAKE_FAKE_CLICKHOUSE"
	fakeLog  = "TRAILLAKE_FAKE_CLICKHOUSE_LOG"
)

func TestMain(m *testing.M) {
	if does := os.Getenv(fakeDoes); does != "" {
		if err := fake(does); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(62)
		}
		return
	}
	os.Exit(m.Run())
}

// fake does what clickhouse local does: it answers the statements of a file, as streams of
// Arrow in ClickHouse's types, one after the other.
func fake(does string) error {
	if does == "zgrep" {
		return hang(os.Args[len(os.Args)-1])
	}
	text, err := os.ReadFile(os.Args[len(os.Args)-1])
	if err != nil {
		return err
	}
	script, isCost := strings.CutSuffix(string(text), ";"+clickHouseCost)
	if !isCost {
		return fmt.Errorf("the last statement does not ask for the cost: %s", text)
	}
	cost := func(microseconds string) error {
		return stream([]arrow.Field{{Name: "wall", Type: arrow.PrimitiveTypes.Uint64}, {Name: "cpu", Type: arrow.PrimitiveTypes.Uint64}}, microseconds)
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(os.Getenv(fakeLog), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	fmt.Fprintln(log, strings.Join(os.Args[1:], " "), "in", dir, os.Getenv("HOME"), os.Getenv("TMPDIR"))
	if err := log.Close(); err != nil {
		return err
	}
	if script == "SELECT version()" {
		return errors.Join(stream([]arrow.Field{{Name: "version()", Type: arrow.BinaryTypes.String}}, `[{"version()": "26.9.2.1"}]`), cost(`[{"wall": 10, "cpu": 9}]`))
	}
	table, query, _ := strings.Cut(script, ";\n")
	if table != "CREATE TEMPORARY TABLE events ENGINE = File(Parquet, 'files/*.parquet')" {
		return fmt.Errorf("no statement makes the table: %s", script)
	}
	switch does {
	case "answer":
		if files, err := filepath.Glob("files/*.parquet"); err != nil || len(files) == 0 {
			return fmt.Errorf("files %v, %w", files, err)
		}
		return errors.Join(stream([]arrow.Field{
			{Name: "count()", Type: arrow.PrimitiveTypes.Uint64}, {Name: "min(eventtime)", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
			{Name: "readonly", Type: arrow.FixedWidthTypes.Boolean, Nullable: true}, {Name: "errorcode", Type: arrow.BinaryTypes.String, Nullable: true},
			{Name: "s", Type: arrow.BinaryTypes.String}, {Name: "a", Type: arrow.ListOf(arrow.BinaryTypes.String)}, {Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)},
		}, query), cost(`[{"wall": 1500, "cpu": 700}]`))
	case "timeless":
		return errors.Join(stream([]arrow.Field{{Name: "1", Type: arrow.PrimitiveTypes.Uint8}}, `[{"1": 1}]`), cost(`[{"wall": 0, "cpu": 0}]`))
	case "garbage":
		fmt.Println("1\t2026-01-02 03:04:05")
		return nil
	case "hang":
		return hang(query)
	default:
		return errors.New("Code: 62. DB::Exception: Syntax error: failed at position 8\nand more")
	}
}

// hang calls and waits for what never comes.
func hang(address string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1)) // nobody writes
	return err
}

// stream prints rows, which are given as JSON.
func stream(fields []arrow.Field, rows string) error {
	schema := arrow.NewSchema(fields, nil)
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	if err != nil {
		return err
	}
	w := ipc.NewWriter(os.Stdout, ipc.WithSchema(schema))
	return errors.Join(w.Write(batch), w.Close())
}

// standIn puts the stand-in on the PATH, and returns where it logs.
func standIn(t *testing.T, name, does string) string {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	t.Setenv("PATH", dir)
	t.Setenv(fakeDoes, does)
	t.Setenv(fakeLog, log)
	return log
}

// oneTask has values of every type that the suite gives.
const oneTask = `-- title: t
SELECT 2 AS n, TIMESTAMP '2026-01-02 03:04:05.678' AS at, true AS readOnly, CAST(NULL AS varchar) AS errorCode, 'ü' AS s,
  ARRAY['x', 'y'] AS a, MAP(ARRAY['k'], ARRAY['v']) AS m
-- clickhouse
`

// TestClickHouseAgrees: rows in ClickHouse's types are those of Traillake, the document has the
// version, and the program has the limits of the others and stays in its folder.
func TestClickHouseAgrees(t *testing.T) {
	log := standIn(t, "clickhouse", "answer")
	dir := t.TempDir()
	c := Config{Source: logs(t), Seed: 1, Runs: 1, Threads: 3, Memory: 123_000_000, Dir: dir, Tool: "traillake test", Systems: []string{Traillake, ClickHouse}}
	row := `[{"count()": 2, "min(eventtime)": "2026-01-02 03:04:05.678Z", "readonly": true, "errorcode": null, "s": "ü", "a": ["x", "y"], "m": [{"key": "k", "value": "v"}]}]`
	d, err := runTasks(t.Context(), c, []*task{parseTask("types", oneTask+row)})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(d.Versions, result.Version{Name: "ClickHouse", Version: "26.9.2.1"}) {
		t.Errorf("versions: %v", d.Versions)
	}
	if len(d.Agreement) != 1 || !strings.HasPrefix(d.Agreement[0], "All 2 systems gave the same rows") {
		t.Errorf("agreement: %v", d.Agreement)
	}
	for name, want := range map[string]float64{measureRows: 1, result.Wall: 0.0015, result.CPU: 0.0007} {
		if m := d.Case("types", variantWarm, ClickHouse).Measure(name); m.Median != want {
			t.Errorf("%s: %+v", name, m)
		}
	}
	starts, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Join(dir, "clickhouse")
	if n := strings.Count(string(starts), "\n"); n != 3 { // for the version, the warm-up, and the run
		t.Errorf("%d processes: %s", n, starts)
	}
	for line := range strings.Lines(string(starts)) {
		if !strings.HasPrefix(line, "local --path=data ") || !strings.Contains(line, " --max_threads=3 --max_memory_usage=123000000 ") ||
			!strings.HasSuffix(line, fmt.Sprintf(" in %s %s %s\n", here, here, here)) {
			t.Errorf("a process with %s", line)
		}
	}

	_, err = runTasks(t.Context(), Config{Source: c.Source, Seed: 1, Dir: t.TempDir(), Tool: "traillake test", Systems: c.Systems},
		[]*task{parseTask("types", oneTask+strings.Replace(row, "05.678Z", "05.679Z", 1))})
	if err == nil || !strings.Contains(err.Error(), "types: traillake and clickhouse-local do not agree: of as many rows some are not the same; only traillake has") {
		t.Errorf("a row of another time: %v", err)
	}
}

// TestClickHouseFails: what the program says is in the error; output that is not Arrow is
// one, and so is a cost of nothing.
func TestClickHouseFails(t *testing.T) {
	for does, want := range map[string]string{"fail": ": exit status 62: Code: 62. DB::Exception: Syntax error: failed at position 8\n", "garbage": "read its rows: ", "timeless": "it does not tell the time"} {
		standIn(t, "clickhouse-local", does)
		b := &bench{Config: Config{Dir: t.TempDir()}}
		if err := b.openClickHouse(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o, err := b.clickHouse.query(t.Context(), "SELECT", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", does, o, err)
		}
	}
}

// TestClickHouseEnds: a query that is called off leaves no process.
func TestClickHouseEnds(t *testing.T) {
	standIn(t, "clickhouse", "hang")
	b := &bench{Config: Config{Dir: t.TempDir()}}
	if err := b.openClickHouse(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := b.clickHouse.query(ctx, listener.Addr().String(), nil)
		failed <- err
		listener.Close() // where it failed before it called
	}()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err, <-failed)
	}
	defer conn.Close()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("the process goes on: %d bytes", n)
	}
}

// TestClickHouseAbsent: without the program the result says so, unless it was asked for.
func TestClickHouseAbsent(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	systems, leftOut, err := chosenSystems(Config{})
	if err != nil || slices.ContainsFunc(systems, func(s *system) bool { return s.name == ClickHouse }) ||
		!slices.Contains(leftOut, "clickhouse-local was left out: there is no program clickhouse or clickhouse-local on the PATH.") {
		t.Errorf("left out: %v, %v", leftOut, err)
	}
	if _, leftOut, err := chosenSystems(Config{Systems: []string{Traillake}}); err != nil || leftOut != nil {
		t.Errorf("what nobody asked for is left out: %v, %v", leftOut, err)
	}
	if _, _, err := chosenSystems(Config{Systems: []string{ClickHouse}}); err == nil || !strings.Contains(err.Error(), "system clickhouse-local: there is no program") {
		t.Errorf("asked for: %v", err)
	}
}

// TestClickHouseValues: a literal of Trino's means the same where a backslash escapes, too
// (https://clickhouse.com/docs/sql-reference/syntax#string).
func TestClickHouseValues(t *testing.T) {
	v := values{"text": {Type: queries.TypeString, Data: `a\b'c`}}
	if got := clickHouseValues(v)["text"].SQL(); got != `'a\\b''c'` {
		t.Errorf("literal %s", got)
	}
	if got := v["text"].SQL(); got != `'a\b''c'` {
		t.Errorf("the value itself is %s", got)
	}
}

// TestClickHouse runs the whole suite with the program itself.
func TestClickHouse(t *testing.T) {
	if _, err := findClickHouse(); err != nil {
		t.Logf("NOT COMPARED with ClickHouse: %v", err)
		return
	}
	d, err := Run(t.Context(), Config{Source: logs(t), Seed: 3, Dir: t.TempDir(), Tool: "traillake test", Systems: []string{Traillake, ClickHouse}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Tasks) != len(Suite()) {
		t.Errorf("%d of %d queries ran: %v", len(d.Tasks), len(Suite()), d.Limits)
	}
}
