package command

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"traillake/bench/concurrent"
	"traillake/bench/result"
)

const benchConcurrentLong = `Bench concurrent makes a lake, and has clients query it while logs are ingested into
it and its files are compacted, all in one process. Each of two loops lasts --duration:

  closed loop   every client asks again as soon as it is answered
  open loop     --rate queries arrive per second at random times (Poisson), whether or not
                earlier ones are answered. Latency is counted from when a query was to
                arrive, so that waiting counts (no coordinated omission)

Queries are a mix: one event by its id, an hour, the busiest addresses, refused calls by
day, and two counts. The count of the events before the run must never change, that of
all events never go down, and the lake is verified at the end. A wrong answer, an error,
or more memory than --memory is reported, and ends the command with exit code 3.

The logs and the lake are made below --dir and removed at the end.`

const benchConcurrentExample = `  traillake bench concurrent
  traillake bench concurrent --clients 32 --duration 5m --records 1000000 --html clients.html
  traillake bench concurrent --rate 20 --ingest-rate 5000 --memory 4GiB --format json`

type benchConcurrentOptions struct {
	benchRun
	config concurrent.Config
	memory size
}

func newBenchConcurrent(a *app) *cobra.Command {
	o := &benchConcurrentOptions{benchRun: benchRun{app: a}, memory: 2 << 30}
	cmd := &cobra.Command{
		Use:     "concurrent",
		Short:   "Measure queries of many clients during an ingest",
		Long:    benchConcurrentLong,
		Example: benchConcurrentExample,
		Args:    arguments(0, 0, ""),
	}
	f := cmd.Flags()
	c := &o.config
	f.IntVar(&c.Records, "records", 200_000, "`number` of records in the lake before")
	f.IntVar(&c.Clients, "clients", 8, "`number` of clients")
	f.IntVar(&c.AtOnce, "at-once", 2*runtime.GOMAXPROCS(0), "`number` of queries that run at once; others wait (default: two for each processor)")
	f.DurationVar(&c.Duration, "duration", 30*time.Second, "how long each loop lasts, a `time` such as 30s or 5m")
	f.Float64Var(&c.Rate, "rate", 0, "queries per second of the open loop, a `number` (default: half of what the closed loop did)")
	f.IntVar(&c.IngestRate, "ingest-rate", 1000, "`number` of events per second that come in; 0 for none")
	f.Var(&o.memory, "memory", "the most memory that the process may take")
	o.addFlags(f)
	cmd.RunE = o.runE(o.validate, o.measure)
	f.Lookup("at-once").DefValue = "0"
	f.Lookup("memory").DefValue = "2GiB"
	return cmd
}

func (o *benchConcurrentOptions) validate() error {
	c := &o.config
	switch {
	case c.Records < 1000:
		return fmt.Errorf("--records is %d; the least is 1000", c.Records)
	case c.Clients < 1 || c.Clients > 1000:
		return fmt.Errorf("--clients is %d; there can be 1 to 1000", c.Clients)
	case c.AtOnce < 1:
		return fmt.Errorf("--at-once is %d; the least is 1", c.AtOnce)
	case c.Duration < time.Second:
		return fmt.Errorf("--duration is %s; the least is 1s", c.Duration)
	case !(c.Rate >= 0 && c.Rate <= 1e6):
		return fmt.Errorf("--rate is %v; give a number of queries per second", c.Rate)
	case c.IngestRate < 0:
		return fmt.Errorf("--ingest-rate is %d; the least is 0", c.IngestRate)
	case o.memory < concurrent.MinMemory:
		return errors.New("--memory: the least is 512MiB")
	}
	return nil
}

func (o *benchConcurrentOptions) measure(ctx context.Context, dir string) (*result.Document, error) {
	c := o.config
	c.Seed, c.Dir, c.Memory, c.Lake = o.seed, dir, int64(o.memory), lakeOptions()
	c.CommandLine, c.Progress = o.commandLine, o.say
	r, d, err := concurrent.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	if !r.Good() {
		err = errFindings
	}
	return d, err
}
