package command

import "github.com/spf13/cobra"

const benchLong = `Bench measures what this machine can do, beside what DuckDB does with the same logs.

What is compared takes turns. Other work on the machine makes figures worse, so compare
within one run and not between two. bench/README.md of the source says how it is measured.

A result is a table, JSON with --format json, and a page with charts with --html FILE.`

func newBench(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast it is here",
		Long:  benchLong,
		Args:  onlySubcommands,
		RunE:  showHelp,
	}
	cmd.Example = "  traillake bench ingest --records 100000 --runs 3\n  traillake bench query"
	cmd.AddCommand(newBenchIngest(a), newBenchQuery(a), newBenchConcurrent(a), newBenchCompact(a), newBenchScale(a), newBenchAll(a), newBenchCompare(a), newBenchShow(a), newBenchSchema(a), newBenchWork(a))
	return cmd
}
