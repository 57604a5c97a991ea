// Package ingest compares ways of turning CloudTrail logs into Parquet: Traillake, and
// what a user would do without it, which is DuckDB.
//
// Every run is a process of its own, so that its processor time and peak memory are
// its own; the contenders take turns, so that what else the machine does meets all of
// them. Start with Run; Work is what the processes do that are not Traillake. LogFiles is
// how DuckDB is told to read logs.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"traillake/bench/cost"
	"traillake/bench/result"
)

// The contenders.
const (
	// Traillake is "traillake ingest".
	Traillake = "traillake"
	// DuckDBJSON is DuckDB's read_json over the files as delivered, unnest and COPY.
	DuckDBJSON = "duckdb-json"
	// DuckDBNDJSON is DuckDB over the same records rewritten as gzipped NDJSON; the
	// rewriting is not counted.
	DuckDBNDJSON = "duckdb-ndjson"
)

// Contenders returns the names of all contenders.
func Contenders() []string { return []string{Traillake, DuckDBJSON, DuckDBNDJSON} }

// Config says what to measure. Dir, Runs, Contenders, Command and one of Source and
// Records must be set.
type Config struct {
	// Source is a folder of logs as delivered. Empty means that Records records are
	// generated.
	Source  string
	Records int
	// Seed selects the generated set.
	Seed uint64
	// Runs is how often each contender runs.
	Runs int
	// Contenders are those to run, in this order.
	Contenders []string
	// MaxMemory is given to Traillake, in the notation of its flag; empty leaves the
	// default.
	MaxMemory string
	// Dir is a folder for logs and outputs, which the caller removes.
	Dir string
	// Command makes the process that runs the program with the given arguments: those
	// of ingest and generate, and "bench work KIND SOURCE DEST" for Work.
	Command func(ctx context.Context, args ...string) Process
	// Tool is the program and its version, DuckDB that of DuckDB, and CommandLine what
	// measures the same again; for the document.
	Tool, DuckDB, CommandLine string
	// Progress, if not nil, is told what is about to be done.
	Progress func(what string)
}

// Input describes a set of logs.
type Input struct {
	Files   int64 `json:"files"`
	Records int64 `json:"records"`
	// JSONBytes is decompressed, GzipBytes as delivered.
	JSONBytes int64 `json:"jsonBytes"`
	GzipBytes int64 `json:"gzipBytes"`
	// LargestBytes is the size of the largest file, decompressed.
	LargestBytes int64 `json:"largestBytes"`
}

// run is what one contender did once.
type run struct {
	cost.Cost
	events, peak int64
	// outputBytes and outputFiles are of Parquet files only.
	outputBytes, outputFiles int64
}

// Run measures all contenders.
func Run(ctx context.Context, c Config) (*result.Document, error) {
	for _, name := range c.Contenders {
		if !slices.Contains(Contenders(), name) {
			return nil, fmt.Errorf("bench ingest: no contender %q; there are: %v", name, Contenders())
		}
	}
	if c.Runs < 1 || len(c.Contenders) == 0 {
		return nil, errors.New("bench ingest: nothing to run")
	}
	b := &bench{Config: c, logs: c.Source, ndjson: filepath.Join(c.Dir, "ndjson")}
	d, err := b.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("bench ingest: %w", err)
	}
	return d, nil
}

type bench struct {
	Config
	logs   string
	ndjson string
	input  Input
}

func (b *bench) run(ctx context.Context) (*result.Document, error) {
	d := result.New("ingest", "Log files into Parquet", b.Tool, b.Dir)
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	runs := make(map[string][]run)
	for i := range b.Runs {
		for _, name := range b.Contenders {
			b.say("run %d of %d: %s", i+1, b.Runs, name)
			m, err := b.measure(ctx, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			runs[name] = append(runs[name], m)
		}
	}
	b.document(d, runs)
	return d, d.Finish()
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		b.Progress(fmt.Sprintf(format, args...))
	}
}

// prepare makes the logs and their rewritten copy.
func (b *bench) prepare(ctx context.Context) error {
	if b.logs == "" {
		b.logs = filepath.Join(b.Dir, "logs")
		b.say("generating %d records", b.Records)
		args := []string{"generate", b.logs, "--quiet", "--records", fmt.Sprint(b.Records), "--seed", fmt.Sprint(b.Seed)}
		if _, err := b.process(ctx, args...); err != nil {
			return err
		}
	}
	b.say("counting")
	dest := ""
	if slices.Contains(b.Contenders, DuckDBNDJSON) {
		dest = b.ndjson
	}
	done, err := b.process(ctx, "bench", "work", kindRewrite, b.logs, dest)
	if err != nil {
		return err
	}
	return decode(done, &b.input)
}

// measure runs a contender once. Its output is removed.
func (b *bench) measure(ctx context.Context, name string) (_ run, err error) {
	dest, err := os.MkdirTemp(b.Dir, "out-")
	if err != nil {
		return run{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dest)) }()
	var done *cost.Process
	var events struct {
		Stored  int64 `json:"recordsStored"`
		Written int64 `json:"events"`
	}
	switch name {
	case Traillake:
		args := []string{"ingest", "--json", "--lake", dest, b.logs}
		if b.MaxMemory != "" {
			args = append(args, "--max-memory", b.MaxMemory)
		}
		done, err = b.process(ctx, args...)
	case DuckDBJSON:
		done, err = b.process(ctx, "bench", "work", kindJSON, b.logs, dest)
	case DuckDBNDJSON:
		done, err = b.process(ctx, "bench", "work", kindNDJSON, b.ndjson, dest)
	}
	if err != nil {
		return run{}, err
	}
	if err := decode(done, &events); err != nil {
		return run{}, err
	}
	m := run{Cost: done.Cost, events: events.Stored + events.Written, peak: done.Peak}
	m.outputFiles, m.outputBytes, err = outputs(dest)
	return m, err
}

// outputs counts the Parquet files below dir.
func outputs(dir string) (files, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".parquet" {
			return err
		}
		info, err := e.Info()
		if err == nil {
			files++
			bytes += info.Size()
		}
		return err
	})
	return files, bytes, err
}
