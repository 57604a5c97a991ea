// Package ingest compares ways of turning CloudTrail logs into Parquet: Traillake, and
// what a user would do without it, which is DuckDB.
//
// Every run is a process of its own, so that its processor time and peak memory are
// its own; the contenders take turns, so that what else the machine does meets all of
// them. Start with Run. Rewrite and DuckDB are what the processes do that are not
// Traillake.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
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
	// Progress, if not nil, is told what is about to be done.
	Progress func(what string)
}

// Report is what was measured.
type Report struct {
	// Input is what every contender read.
	Input Input `json:"input"`
	// Results are in the order of Config.Contenders.
	Results []Result `json:"results"`
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

// Result is what one contender did. Rates and sizes are those of the median run.
type Result struct {
	Contender string `json:"contender"`
	// EventsPerSecond, JSONRate and GzipRate are input over elapsed time; the rates
	// are in bytes per second.
	EventsPerSecond float64 `json:"eventsPerSecond"`
	JSONRate        float64 `json:"jsonBytesPerSecond"`
	GzipRate        float64 `json:"gzipBytesPerSecond"`
	// Ratio is the elapsed time over that of the first contender.
	Ratio float64 `json:"ratio"`
	// OutputShare is output over gzip bytes.
	OutputShare float64 `json:"outputShare"`
	// Median is the run with the median of the elapsed times.
	Median Measured `json:"median"`
	// Runs are all runs, in order.
	Runs []Measured `json:"runs"`
}

// Measured is one run.
type Measured struct {
	Events  int64         `json:"events"`
	Elapsed time.Duration `json:"elapsedNanoseconds"`
	CPU     time.Duration `json:"cpuNanoseconds"`
	// PeakBytes is the largest resident set; 0 where the system does not tell.
	PeakBytes int64 `json:"peakBytes"`
	// OutputBytes and OutputFiles are Parquet files only.
	OutputBytes int64 `json:"outputBytes"`
	OutputFiles int64 `json:"outputFiles"`
}

// Run measures all contenders.
func Run(ctx context.Context, c Config) (*Report, error) {
	for _, name := range c.Contenders {
		if !slices.Contains(Contenders(), name) {
			return nil, fmt.Errorf("bench ingest: no contender %q; there are: %v", name, Contenders())
		}
	}
	if c.Runs < 1 || len(c.Contenders) == 0 {
		return nil, errors.New("bench ingest: nothing to run")
	}
	b := &bench{Config: c, logs: c.Source, ndjson: filepath.Join(c.Dir, "ndjson")}
	report, err := b.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("bench ingest: %w", err)
	}
	return report, nil
}

type bench struct {
	Config
	logs   string
	ndjson string
	input  Input
}

func (b *bench) run(ctx context.Context) (*Report, error) {
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	runs := make(map[string][]Measured)
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
	r := &Report{Input: b.input}
	for _, name := range b.Contenders {
		r.Results = append(r.Results, b.result(name, runs[name]))
	}
	for i := range r.Results {
		r.Results[i].Ratio = r.Results[i].Median.Elapsed.Seconds() / r.Results[0].Median.Elapsed.Seconds()
	}
	return r, nil
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		b.Progress(fmt.Sprintf(format, args...))
	}
}

// result chooses the median run.
func (b *bench) result(name string, runs []Measured) Result {
	sorted := slices.Clone(runs)
	slices.SortFunc(sorted, func(x, y Measured) int { return int(x.Elapsed - y.Elapsed) })
	m := sorted[(len(sorted)-1)/2]
	s := m.Elapsed.Seconds()
	return Result{
		Contender: name, Median: m, Runs: runs,
		EventsPerSecond: float64(m.Events) / s,
		JSONRate:        float64(b.input.JSONBytes) / s,
		GzipRate:        float64(b.input.GzipBytes) / s,
		OutputShare:     float64(m.OutputBytes) / float64(max(1, b.input.GzipBytes)),
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
	return done.decode(&b.input)
}

// measure runs a contender once. Its output is removed.
func (b *bench) measure(ctx context.Context, name string) (_ Measured, err error) {
	dest, err := os.MkdirTemp(b.Dir, "out-")
	if err != nil {
		return Measured{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dest)) }()
	var done *finished
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
		return Measured{}, err
	}
	if err := done.decode(&events); err != nil {
		return Measured{}, err
	}
	m := Measured{Events: events.Stored + events.Written, Elapsed: done.elapsed, CPU: done.cpu, PeakBytes: done.peak}
	m.OutputFiles, m.OutputBytes, err = outputs(dest)
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
