package command

import (
	"context"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"traillake/bench/all"
	"traillake/bench/result"
)

const benchAllLong = `Bench all runs the benchmarks ingest, query, concurrent, compact and scale one after the
other, at one size, each in a process of its own. It prints one result of all, and at the
end a table of the figures that say the most; --format json and --html write one document
and one page of all.

With 100,000 records it takes about a quarter of an hour on two cores, with a million about
two hours. What a benchmark makes is removed when it ends.`

const benchAllExample = `  traillake bench all --html all.html --format json > all.json
  traillake bench all --records 1000000 --clients 32 --duration 10m
  traillake bench all --only ingest,query,compact`

type benchAllOptions struct {
	benchRun
	config all.Config
	lines  []result.Headline
}

func newBenchAll(a *app) *cobra.Command {
	o := &benchAllOptions{benchRun: benchRun{app: a}}
	cmd := &cobra.Command{
		Use:     "all",
		Short:   "Run all benchmarks at one size",
		Long:    benchAllLong,
		Example: benchAllExample,
		Args:    arguments(0, 0, ""),
	}
	f := cmd.Flags()
	c := &o.config
	f.IntVar(&c.Records, "records", 100_000, "`number` of records")
	f.IntVar(&c.Runs, "runs", 5, "`number` of runs of each thing")
	f.IntVar(&c.Clients, "clients", 8, "`number` of clients of bench concurrent")
	f.DurationVar(&c.Duration, "duration", 30*time.Second, "how long each loop of bench concurrent lasts, a `time` such as 30s or 5m")
	f.StringSliceVar(&c.Only, "only", nil, "which `benchmarks` to run (default: all)")
	o.addFlags(f)
	run := o.runE(o.validate, o.measure)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if o.lines != nil && o.output.format == "table" {
			fmt.Fprintf(a.stdout, "\nIn short: × is how many times that of the other, and below 1 is better\n%s\n", headlines(o.lines))
		}
		return err
	}
	return cmd
}

func (o *benchAllOptions) validate() error {
	c := &o.config
	switch {
	case c.Records < 1000:
		return fmt.Errorf("--records is %d; the least is 1000", c.Records)
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; the least is 1", c.Runs)
	case c.Clients < 1 || c.Clients > 1000:
		return fmt.Errorf("--clients is %d; there can be 1 to 1000", c.Clients)
	case c.Duration < time.Second:
		return fmt.Errorf("--duration is %s; the least is 1s", c.Duration)
	}
	return chosenOf("--only", c.Only, all.Kinds())
}

func (o *benchAllOptions) measure(ctx context.Context, dir string) (_ *result.Document, err error) {
	c := o.config
	c.Seed, c.Dir, c.CommandLine, c.Log = o.seed, dir, o.commandLine, o.app.stderr
	if c.Command, err = ownProcess(); err != nil {
		return nil, err
	}
	d, lines, good, err := all.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	if o.lines = lines; !good {
		err = errFindings
	}
	return d, err
}

func headlines(lines []result.Headline) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight}})
	for _, l := range lines {
		t.AppendRow(table.Row{l.Kind, l.What, l.Value})
	}
	return t.Render()
}
