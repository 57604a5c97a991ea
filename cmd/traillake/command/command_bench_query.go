package command

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"traillake/bench/query"
	"traillake/bench/result"
	"traillake/engine/duck"
)

const benchQueryLong = `Bench query runs a suite of queries over the same logs in several ways, in turn:

  traillake        Trino's SQL over an event data store, as traillake query runs it
  duckdb-by-hand   DuckDB over that store's Parquet files, SQL written by hand
  duckdb-parquet   DuckDB over a Parquet file that it made itself of the same logs
  duckdb-ndjson    DuckDB's read_json over the records as gzipped files of one per line
  duckdb-json      DuckDB's read_json and unnest over the gzipped files as delivered
  clickhouse-local
                   clickhouse local over the store's Parquet files, SQL written by hand
  trino            a real Trino over the store's Iceberg table, with the text that
                   traillake query --explain trino writes
  traillake-process
                   traillake query as a process of its own, for needles
  traillake-again  a repeated query: the same engine, from the rows that it kept in the warm-up;
                   what took less than 30 ms, or has too many rows, is computed
  zgrep            zgrep over the files as delivered, for one event only

What is not installed is left out, and the result says so. clickhouse local, from version 25.3 on,
is a process for each query; its time is what it counts itself, without its start. Trino is one
server, which is started from the folder that TRINO_HOME names, or /usr/lib/trino: that of an
unpacked trino-server, of which 476 was tried, with a Java for it in JAVA_HOME or on the PATH.

The queries look for needles, count by many columns, search all texts, join, and export. What
they look for is taken from the logs by --seed. Before anything is timed all ways must give the
same rows; if they do not, the benchmark fails and names the query and the ways.

Each query has a warm-up, --runs runs with the files in the page cache, and as many with nothing
in it, where the system can empty it. What takes over two seconds has three runs, and one cold;
over 15 seconds, one and none.
It reports time and processor time with their spread, and how many times that of Traillake it is,
the bytes read, and the files opened and left out.

The logs are generated, or those of --source. They and what is made of them take about four times
the size of the gzipped logs below --dir, and are removed at the end. DuckDB needs seconds for
each query over a million records as delivered: --systems and --only leave out what you do not
need. Other work on the machine shows in the times, less in the ratios.`

// benchQueryOptions are the flags of bench query.
type benchQueryOptions struct {
	benchRun
	config query.Config
	memory size
	warm   bool
}

func newBenchQuery(a *app) *cobra.Command {
	o := &benchQueryOptions{benchRun: benchRun{app: a}}
	cmd := &cobra.Command{
		Use:   "query",
		Short: "Compare queries with DuckDB, ClickHouse and Trino over the same logs",
		Long:  benchQueryLong,
		Example: `  traillake bench query
  traillake bench query --records 1000000 --format json --html query.html > query.json
  traillake bench query --source ./AWSLogs --systems traillake,duckdb-parquet
  traillake bench query --only needle-event-id,top-actions --runs 9`,
		Args: arguments(0, 0, ""),
	}
	f := cmd.Flags()
	f.IntVar(&o.config.Records, "records", 100_000, "`number` of records to generate")
	f.StringVar(&o.config.Source, "source", "", "read the logs of this `folder` instead of generating some")
	f.IntVar(&o.config.Runs, "runs", 5, "`number` of runs of each query in each way")
	f.StringSliceVar(&o.config.Queries, "only", nil, "which `queries` to run (default: all)")
	f.StringSliceVar(&o.config.Systems, "systems", nil, "which `ways` to compare (default: all that there are)")
	f.BoolVar(&o.warm, "warm-only", false, "measure nothing with an empty page cache")
	f.Var(&o.memory, "memory", "the most memory of a query (default: that of traillake query)")
	f.IntVar(&o.config.Threads, "threads", 0, "`number` of threads of a query (default: one for each core)")
	f.BoolVar(&o.keep, "keep", false, "keep the temporary folder")
	o.addFlags(f)
	cmd.RunE = o.runE(func() error {
		if n := o.config.Threads; f.Changed("threads") && n < 1 {
			return fmt.Errorf("--threads is %d; the least is 1", n)
		}
		return o.validate()
	}, o.measure)
	return cmd
}

func (o *benchQueryOptions) validate() error {
	c := &o.config
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; the least is 1", c.Runs)
	case c.Source == "" && c.Records < 1000:
		return fmt.Errorf("--records is %d; the least is 1000", c.Records)
	case o.memory != 0 && o.memory < duck.MinMemory:
		return fmt.Errorf("--memory %d: the least is %d MiB", o.memory, duck.MinMemory>>20)
	}
	for _, list := range []struct {
		flag         string
		given, there []string
	}{{"--only", c.Queries, query.Suite()}, {"--systems", c.Systems, query.Systems()}} {
		if err := chosenOf(list.flag, list.given, list.there); err != nil {
			return err
		}
	}
	return nil
}

// chosenOf says what is wrong with the names that a flag gives: nil is all that there are.
func chosenOf(flag string, given, there []string) error {
	if given != nil && len(given) == 0 {
		return fmt.Errorf("%s is empty: there are %s", flag, strings.Join(there, ", "))
	}
	for i, name := range given {
		if !slices.Contains(there, name) {
			return fmt.Errorf("%s %q: there are %s", flag, name, strings.Join(there, ", "))
		}
		if slices.Contains(given[:i], name) {
			return fmt.Errorf("%s has %s twice", flag, name)
		}
	}
	return nil
}

func (o *benchQueryOptions) measure(ctx context.Context, dir string) (_ *result.Document, err error) {
	c := o.config
	if c.Source != "" {
		if c.Source, err = filepath.Abs(c.Source); err != nil {
			return nil, err
		}
	}
	c.Seed, c.Dir, c.Cold, c.Memory = o.seed, dir, !o.warm, int64(o.memory)
	c.Tool, c.CommandLine, c.Progress = "traillake "+version(), o.commandLine, o.say
	if c.Command, err = ownProcess(); err != nil {
		return nil, err
	}
	return query.Run(ctx, c)
}
