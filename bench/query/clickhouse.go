package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"traillake/bench/cost"
	"traillake/engine/duck"
	"traillake/queries"
)

// clickHouse is the program clickhouse local, and the folder that all its files are in.
type clickHouse struct {
	command      []string
	options      []string
	dir, version string
}

// clickHouseCost is the last statement of a process: what those before it cost, which does not
// hold the start of the process, as ClickHouse counts it. It is short of the processor time
// of writing rows.
const clickHouseCost = `
SELECT sumIf(value, event = 'QueryTimeMicroseconds'), sumIf(value, event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')) FROM system.events`

// Names in the program's folder, where it runs.
const (
	clickHouseData   = "data"
	clickHouseFiles  = "files" // the store's data files
	clickHouseScript = "query.sql"
)

// findClickHouse returns the command of clickhouse local, which is installed under one of
// two names.
func findClickHouse() ([]string, error) {
	if path, err := exec.LookPath("clickhouse"); err == nil {
		return []string{path, "local"}, nil
	}
	if path, err := exec.LookPath("clickhouse-local"); err == nil {
		return []string{path}, nil
	}
	return nil, errors.New("there is no program clickhouse or clickhouse-local on the PATH")
}

// openClickHouse asks the program for its version.
func (b *bench) openClickHouse(ctx context.Context) error {
	command, err := findClickHouse()
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Join(b.Dir, "clickhouse"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, clickHouseFiles), 0o700); err != nil {
		return err
	}
	limits := duck.Defaults()
	// The cache of conditions is the option of the youngest version, 25.3. It says of row groups
	// that only the filter of a join emptied that nothing in them fits, so that a query that
	// reads a table more than once loses rows (github.com/ClickHouse/ClickHouse/pull/119823).
	c := &clickHouse{command: command, dir: dir, options: []string{
		"--path=" + clickHouseData, "--output-format=ArrowStream", "--output_format_arrow_compression_method=none",
		"--output_format_arrow_string_as_string=1", "--session_timezone=UTC", "--use_query_condition_cache=0",
		"--max_threads=" + strconv.Itoa(cmp.Or(b.Threads, limits.Threads)),
		"--max_memory_usage=" + strconv.FormatInt(cmp.Or(b.Memory, limits.MaxMemory), 10),
	}}
	_, err = c.run(ctx, "SELECT version()", func(batch arrow.RecordBatch) error {
		if batch.NumCols() == 1 && batch.NumRows() == 1 {
			c.version = batch.Column(0).ValueStr(0)
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.clickHouse = c
	return nil
}

// link gives the program the data files, under names that its patterns do not take apart.
func (c *clickHouse) link(files []string) error {
	for i, f := range files {
		if err := os.Link(f, filepath.Join(c.dir, clickHouseFiles, fmt.Sprintf("%08d.parquet", i))); err != nil {
			return err
		}
	}
	return nil
}

// query answers a query over the data files; to takes its rows, if it is not nil.
func (c *clickHouse) query(ctx context.Context, text string, to *rows) (once, error) {
	var each func(arrow.RecordBatch) error
	if to != nil {
		each = to.add
	}
	return c.run(ctx, "CREATE TEMPORARY TABLE events ENGINE = File(Parquet, '"+clickHouseFiles+"/*.parquet');\n"+text, each)
}

// run has a process execute statements, of which the last one gives rows; each takes them,
// if it is not nil.
func (c *clickHouse) run(ctx context.Context, statements string, each func(arrow.RecordBatch) error) (o once, err error) {
	if err := os.WriteFile(filepath.Join(c.dir, clickHouseScript), []byte(statements+";"+clickHouseCost), 0o600); err != nil {
		return o, err
	}
	cmd := exec.CommandContext(ctx, c.command[0], slices.Concat(c.command[1:], c.options, []string{"--queries-file", clickHouseScript})...)
	// What it looks for by itself, such as a configuration, or writes, is in its folder.
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "HOME="+c.dir, "TMPDIR="+c.dir)
	out, in := io.Pipe()
	cmd.Stdout = in
	done := make(chan error, 1)
	go func() {
		rows, err := readArrow(out, each)
		if err == nil {
			o.Cost, err = readCost(out)
		}
		o.rows = rows
		_, _ = io.Copy(io.Discard, out) // or the process would wait for ever
		done <- err
	}()
	p, err := cost.Run(cmd)
	_ = in.Close()
	if readErr := <-done; err == nil {
		err = readErr
	}
	if err != nil {
		return once{}, cmp.Or(ctx.Err(), err) // that it was killed is not the reason
	}
	o.read, o.peak = -1, p.Peak
	return o, nil
}

// readCost reads the row of clickHouseCost.
func readCost(from io.Reader) (c cost.Cost, err error) {
	_, err = readArrow(from, func(batch arrow.RecordBatch) error {
		for i, to := range []*time.Duration{&c.Wall, &c.CPU} {
			if n, ok := batch.Column(i).(*array.Uint64); ok && n.Len() == 1 {
				*to = time.Duration(n.Value(0)) * time.Microsecond
			}
		}
		return nil
	})
	if err == nil && c.Wall == 0 {
		err = errors.New("it does not tell the time that it took")
	}
	return c, err
}

// readArrow reads a stream to its end, and counts its rows.
func readArrow(from io.Reader, each func(arrow.RecordBatch) error) (n int64, err error) {
	r, err := ipc.NewReader(from)
	if err != nil {
		return 0, fmt.Errorf("read its rows: %w", err)
	}
	defer r.Release()
	for r.Next() {
		n += r.RecordBatch().NumRows()
		if each != nil {
			if err := each(r.RecordBatch()); err != nil {
				return n, err
			}
		}
	}
	if err := r.Err(); err != nil {
		return n, fmt.Errorf("read its rows: %w", err)
	}
	return n, nil
}

// clickHouseValues are values whose literals ClickHouse reads as Trino and DuckDB do: a
// backslash is the beginning of an escape there.
func clickHouseValues(v values) values {
	escaped := values{}
	for name, value := range v {
		if text, ok := value.Data.(string); ok {
			value = queries.Value{Type: value.Type, Data: strings.ReplaceAll(text, `\`, `\\`)}
		}
		escaped[name] = value
	}
	return escaped
}
