package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"traillake/bench/result"
	"traillake/bench/scale"
)

const benchScaleLong = `Bench scale measures how costs grow, one thing at a time:

  events    ingests, and queries of several kinds, at --records, ten times as many, and so
            on, --steps times
  files     the same queries over 1, 100, 1,000 … data files of twenty events, up to --files
  commits   the same over 1, 100, 1,000 … commits of twenty events, up to --commits,
            compacted as 'traillake ingest' does

Every ingest and every query is a process of its own, so that the start of the program
counts: on many files, one-hour is hardly more than that. To the points a linear model is
fitted, with its residuals, that says what ten billion events would take, and how far off
that may be. Where the points lie far from the model nothing is predicted.

The logs and lakes are made below --dir and removed at the end; the largest step takes
about 250 bytes there for each record. Memory does not grow with the number of records.`

const benchScaleExample = `  traillake bench scale
  traillake bench scale --records 100000 --steps 3 --html scale.html
  traillake bench scale --records 20000 --steps 2 --files 0 --commits 5000`

type benchScaleOptions struct {
	benchRun
	config scale.Config
}

func newBenchScale(a *app) *cobra.Command {
	o := &benchScaleOptions{benchRun: benchRun{app: a}}
	cmd := &cobra.Command{
		Use:     "scale",
		Short:   "Measure how costs grow with events, files and commits",
		Long:    benchScaleLong,
		Example: benchScaleExample,
		Args:    arguments(0, 0, ""),
	}
	f := cmd.Flags()
	c := &o.config
	f.IntVar(&c.Records, "records", 10_000, "`number` of records of the first step")
	f.IntVar(&c.Steps, "steps", 3, "`number` of steps, each ten times the one before")
	f.IntVar(&c.Files, "files", 1000, "the largest `number` of data files without much data; 0 leaves this out")
	f.IntVar(&c.Commits, "commits", 100, "the largest `number` of commits without much data; 0 leaves this out")
	f.IntVar(&c.Runs, "runs", 5, "`number` of runs of each query, and of the ingest of the first step")
	o.addFlags(f)
	cmd.RunE = o.runE(o.validate, o.measure)
	return cmd
}

func (o *benchScaleOptions) validate() error {
	c := &o.config
	switch {
	case c.Records < 1000:
		return fmt.Errorf("--records is %d; the least is 1000", c.Records)
	case c.Steps < 1 || c.Steps > 6:
		return fmt.Errorf("--steps is %d; there can be 1 to 6", c.Steps)
	case c.Files < 0 || c.Files > 100_000:
		return fmt.Errorf("--files is %d; there can be 0 to 100000", c.Files)
	case c.Commits < 0 || c.Commits > 100_000:
		return fmt.Errorf("--commits is %d; there can be 0 to 100000", c.Commits)
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; the least is 1", c.Runs)
	}
	return nil
}

func (o *benchScaleOptions) measure(ctx context.Context, dir string) (_ *result.Document, err error) {
	c := o.config
	c.Seed, c.Dir, c.Lake, c.CommandLine, c.Progress = o.seed, dir, lakeOptions(), o.commandLine, o.say
	if c.Command, err = ownProcess(); err != nil {
		return nil, err
	}
	return scale.Run(ctx, c)
}
