package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"traillake/bench/ingest"
	"traillake/engine/duck/unboxed"
)

const benchIngestLong = `Bench ingest turns the same logs into Parquet in three ways, several times in turn:

  traillake       traillake ingest, into a new lake
  duckdb-json     DuckDB: read_json over the files as delivered, unnest, COPY, with
                  the same columns
  duckdb-ndjson   DuckDB over the same records, rewritten beforehand as gzipped files
                  of one record per line; the rewriting is not counted

It reports, of each way's median run: events and bytes read per second, how many times
as long as Traillake it took, processor time, peak memory, and what was written.
The logs are generated, or those of --source. They and the output take about three times
the size of the gzipped logs below --dir while it runs, and are removed at the end.`

const benchIngestExample = `  traillake bench ingest
  traillake bench ingest --records 1000000 --runs 5
  traillake bench ingest --source ./AWSLogs --format json
  traillake bench ingest --only traillake --max-memory 256MB`

// benchIngestOptions are the flags of bench ingest.
type benchIngestOptions struct {
	app       *app
	config    ingest.Config
	maxMemory size
	format    string
}

func newBenchIngest(a *app) *cobra.Command {
	o := &benchIngestOptions{app: a}
	cmd := &cobra.Command{
		Use:     "ingest",
		Short:   "Compare ingesting with DuckDB's read_json and COPY",
		Long:    benchIngestLong,
		Example: benchIngestExample,
		Args:    arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.validate(); err != nil {
				return &usageError{cmd, err}
			}
			return o.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.config.Records, "records", 200_000, "`number` of records to generate")
	f.Uint64Var(&o.config.Seed, "seed", 1, "`number` that selects the generated set")
	f.StringVar(&o.config.Source, "source", "", "read the logs of this `folder` instead of generating some")
	f.IntVar(&o.config.Runs, "runs", 5, "`number` of runs of each way")
	f.StringSliceVar(&o.config.Contenders, "only", ingest.Contenders(), "which `ways` to run")
	f.Var(&o.maxMemory, "max-memory", "the --max-memory of traillake ingest")
	f.StringVar(&o.config.Dir, "dir", "", "make the temporary `folder` in this one (default: $TMPDIR)")
	f.StringVar(&o.format, "format", "table", "`format` of the report: table or json (see 'traillake help json')")
	return cmd
}

func (o *benchIngestOptions) validate() error {
	c := &o.config
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; the least is 1", c.Runs)
	case c.Source == "" && c.Records < 1:
		return fmt.Errorf("--records is %d; the least is 1", c.Records)
	case o.format != "table" && o.format != "json":
		return fmt.Errorf("--format %q: there are table and json", o.format)
	}
	for _, name := range c.Contenders {
		if !slices.Contains(ingest.Contenders(), name) {
			return fmt.Errorf("--only %q: there are %s", name, strings.Join(ingest.Contenders(), ", "))
		}
	}
	return nil
}

func (o *benchIngestOptions) run(ctx context.Context) (err error) {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	c := o.config
	if c.Dir, err = os.MkdirTemp(c.Dir, "traillake-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.Dir)) }()
	if c.Source != "" {
		if c.Source, err = filepath.Abs(c.Source); err != nil {
			return err
		}
	}
	c.MaxMemory = o.maxMemory.String()
	c.Command = func(ctx context.Context, args ...string) *exec.Cmd { return exec.CommandContext(ctx, self, args...) }
	c.Progress = func(what string) { o.app.say("%s\n", what) }
	r, err := ingest.Run(ctx, c)
	if err != nil {
		return err
	}
	if o.format == "json" {
		enc := json.NewEncoder(o.app.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	_, err = fmt.Fprintln(o.app.stdout, benchTable(r))
	return err
}

// benchTable shows a report to people.
func benchTable(r *ingest.Report) string {
	pr := printer{people: true}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"", "events/s", "JSON/s", "gzip/s", "time", "CPU", "times as long", "peak memory", "written", "of gzip", "files"})
	var right []table.ColumnConfig
	for i := 2; i <= 11; i++ {
		right = append(right, table.ColumnConfig{Number: i, Align: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	for _, s := range r.Results {
		m := s.Median
		t.AppendRow(table.Row{
			s.Contender, pr.count(int64(s.EventsPerSecond)), pr.bytes(int64(s.JSONRate)), pr.bytes(int64(s.GzipRate)),
			seconds(m.Elapsed), seconds(m.CPU), fmt.Sprintf("%.1f", s.Ratio), pr.bytes(m.PeakBytes),
			pr.bytes(m.OutputBytes), fmt.Sprintf("%.2f", s.OutputShare), pr.count(m.OutputFiles),
		})
	}
	in := r.Input
	return fmt.Sprintf("%s in %s: %s of JSON, %s gzipped; the median of %s\n%s",
		pr.things(in.Records, "record", "records"), pr.things(in.Files, "file", "files"), pr.bytes(in.JSONBytes), pr.bytes(in.GzipBytes),
		pr.things(int64(len(r.Results[0].Runs)), "run", "runs"), t.Render())
}

// newBenchWork is what the processes of a benchmark run.
func newBenchWork(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "work KIND SOURCE DEST",
		Short:   "What a benchmark runs in a process of its own",
		Long:    "Work is how a benchmark runs what it compares with. It is of no use by itself.",
		Example: "  traillake bench work json ./AWSLogs ./out",
		Hidden:  true,
		Args:    arguments(3, 3, "work is run by 'traillake bench' only"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return ingest.Work(cmd.Context(), args[0], args[1], args[2], plainSQL, a.stdout)
		},
	}
}

func plainSQL(ctx context.Context, tempDir string, statements ...string) (int64, error) {
	return unboxed.Run(ctx, unboxed.Options{TempDir: tempDir}, statements...)
}
