package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"traillake/bench/gen"
	"traillake/bench/ingest"
	"traillake/bench/result"
	"traillake/engine/duck/unboxed"
)

const benchIngestLong = `Bench ingest turns the same logs into Parquet in three ways, several times in turn:

  traillake       traillake ingest, into a new lake
  duckdb-json     DuckDB: read_json over the files as delivered, unnest, COPY, with
                  the same columns
  duckdb-ndjson   DuckDB over the same records, rewritten beforehand as gzipped files
                  of one record per line; the rewriting is not counted

It reports, as medians over the runs: events and bytes read per second, time, processor
time, how many times as much of it as Traillake, peak memory, and what was written.
The logs are generated, or those of --source. They and the output take about three times
the size of the gzipped logs below --dir while it runs, and are removed at the end.`

const benchIngestExample = `  traillake bench ingest
  traillake bench ingest --records 1000000 --runs 5
  traillake bench ingest --source ./AWSLogs --format json --html ingest.html
  traillake bench ingest --only traillake --max-memory 256MB`

// benchIngestOptions are the flags of bench ingest.
type benchIngestOptions struct {
	benchRun
	config    ingest.Config
	maxMemory size
}

func newBenchIngest(a *app) *cobra.Command {
	o := &benchIngestOptions{benchRun: benchRun{app: a}}
	cmd := &cobra.Command{
		Use:     "ingest",
		Short:   "Compare ingesting with DuckDB's read_json and COPY",
		Long:    benchIngestLong,
		Example: benchIngestExample,
		Args:    arguments(0, 0, ""),
	}
	f := cmd.Flags()
	f.IntVar(&o.config.Records, "records", 200_000, "`number` of records to generate")
	f.StringVar(&o.config.Source, "source", "", "read the logs of this `folder` instead of generating some")
	f.IntVar(&o.config.Runs, "runs", 5, "`number` of runs of each way")
	f.StringSliceVar(&o.config.Contenders, "only", ingest.Contenders(), "which `ways` to run")
	f.Var(&o.maxMemory, "max-memory", "the --max-memory of traillake ingest")
	o.addFlags(f)
	cmd.RunE = o.runE(o.validate, o.measure)
	return cmd
}

func (o *benchIngestOptions) validate() error {
	c := &o.config
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; the least is 1", c.Runs)
	case c.Source == "" && c.Records < gen.AttackRecords:
		return fmt.Errorf("--records is %d; the least is %d", c.Records, gen.AttackRecords)
	case o.maxMemory != 0 && o.maxMemory < leastIngestMemory:
		return fmt.Errorf("--max-memory %d: the least is 128MB", o.maxMemory)
	}
	return chosenOf("--only", c.Contenders, ingest.Contenders())
}

func (o *benchIngestOptions) measure(ctx context.Context, dir string) (_ *result.Document, err error) {
	c := o.config
	if c.Source != "" {
		if c.Source, err = filepath.Abs(c.Source); err != nil {
			return nil, err
		}
	}
	c.Seed, c.Dir, c.MaxMemory = o.seed, dir, o.maxMemory.String()
	c.Tool, c.DuckDB, c.CommandLine, c.Progress = "traillake "+version(), unboxed.Version(), o.commandLine, o.say
	if c.Command, err = ownProcess(); err != nil {
		return nil, err
	}
	return ingest.Run(ctx, c)
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
		// Without a DEST nothing is written.
		Annotations: map[string]string{mayBeEmpty: "true"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return ingest.Work(cmd.Context(), args[0], args[1], args[2], plainSQL, a.stdout)
		},
	}
}

func plainSQL(ctx context.Context, tempDir string, statements ...string) (int64, error) {
	return unboxed.Run(ctx, unboxed.Options{TempDir: tempDir}, statements...)
}
