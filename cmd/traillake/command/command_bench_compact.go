package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"traillake/bench/compact"
	"traillake/bench/result"
)

const benchCompactLong = `Bench compact makes a store of many small commits, as 'traillake ingest --watch' would
if it did not compact, and measures 'traillake store compact': time, processor time,
memory, files and bytes. Before and after, the same queries run over it, each in a process
of its own, and must give the same rows.

The logs and the lakes are made below --dir and removed at the end.`

const benchCompactExample = `  traillake bench compact
  traillake bench compact --records 500000 --commits 2000 --html compact.html`

type benchCompactOptions struct {
	benchRun
	config compact.Config
}

func newBenchCompact(a *app) *cobra.Command {
	o := &benchCompactOptions{benchRun: benchRun{app: a}}
	cmd := &cobra.Command{
		Use:     "compact",
		Short:   "Measure compaction, and queries before and after",
		Long:    benchCompactLong,
		Example: benchCompactExample,
		Args:    arguments(0, 0, ""),
	}
	f := cmd.Flags()
	f.IntVar(&o.config.Records, "records", 100_000, "`number` of records to generate")
	f.IntVar(&o.config.Commits, "commits", 500, "`number` of commits in which they come")
	f.IntVar(&o.config.Runs, "runs", 5, "`number` of compactions, and of runs of each query")
	o.addFlags(f)
	cmd.RunE = o.runE(o.validate, o.measure)
	return cmd
}

func (o *benchCompactOptions) validate() error {
	c := &o.config
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; the least is 1", c.Runs)
	case c.Commits < 2:
		return fmt.Errorf("--commits is %d; the least is 2", c.Commits)
	case c.Records < 20*c.Commits:
		return fmt.Errorf("--records is %d; the least is %d, twenty for each commit", c.Records, 20*c.Commits)
	}
	return nil
}

func (o *benchCompactOptions) measure(ctx context.Context, dir string) (_ *result.Document, err error) {
	c := o.config
	c.Seed, c.Dir, c.Lake, c.CommandLine, c.Progress = o.seed, dir, lakeOptions(), o.commandLine, o.say
	if c.Command, err = ownProcess(); err != nil {
		return nil, err
	}
	return compact.Run(ctx, c)
}
