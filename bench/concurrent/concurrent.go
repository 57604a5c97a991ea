// Package concurrent measures queries of many clients while logs are ingested into the
// same store and its files are compacted: throughput, latencies, errors, memory.
//
// All happens in one process, as in a server: one lake is open, and one engine answers
// every query in a database of its own. There are two loops. In the closed one each
// client asks again when it is answered, which shows how much the machine can do. In the
// open one queries arrive at a fixed rate, at random (Poisson) times that the seed gives,
// whether or not earlier ones are answered, as those of independent users do. Latency is
// counted from the moment when the query was to arrive, so that a slow answer also counts
// for those that had to wait behind it (no coordinated omission).
//
// What clients are told is checked: the number of events of the time before the run never
// changes, the number of all events never goes down for a client, and the lake is
// verified at the end.
//
// Start with Run.
package concurrent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"traillake/bench/cost"
	"traillake/bench/feed"
	"traillake/bench/gen"
	"traillake/bench/result"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
)

// Config says what to measure. All but Rate, IngestRate, Progress must be set.
type Config struct {
	// Records is how many events the store has before.
	Records int
	// Seed selects the logs, the queries and their times.
	Seed uint64
	// Clients is how many ask at once.
	Clients int
	// AtOnce is how many queries run at once; others wait for their turn.
	AtOnce int
	// Duration is how long each of the two loops lasts.
	Duration time.Duration
	// Rate is the arrivals of the open loop per second; zero means half of what the
	// closed loop did.
	Rate float64
	// IngestRate is how many events per second come in, about; zero means none.
	IngestRate int
	// Memory bounds the resident memory of the process, in bytes: the parts of it are
	// given out so that it is kept, and whether it was is measured.
	Memory int64
	// Dir is a folder for logs and the lake, which the caller removes.
	Dir string
	// Lake is how the lake is opened.
	Lake lake.Options
	// CommandLine measures the same again.
	CommandLine string
	// Progress, if not nil, is told what is about to be done.
	Progress func(what string)
}

// MinMemory is the least of Config.Memory: the program itself, an ingest, and queries one
// at a time.
const MinMemory = 512 << 20

// Report is what was measured.
type Report struct {
	Clients int   `json:"clients"`
	AtOnce  int   `json:"queriesAtOnce"`
	Records int64 `json:"recordsBefore"`
	// Closed and Open are the two loops.
	Closed Loop `json:"closedLoop"`
	Open   Loop `json:"openLoop"`
	Ingest Load `json:"ingest"`
	// MemoryLimit is Config.Memory, PeakBytes the largest resident set during the
	// loops; 0 where the system does not tell.
	MemoryLimit int64 `json:"memoryLimit"`
	PeakBytes   int64 `json:"peakBytes"`
	// Wrong are answers that contradict each other, and Problems what verify found.
	Wrong    []string `json:"wrongAnswers"`
	Problems []string `json:"problems"`
}

// Good reports whether every query was answered, rightly, the memory was kept to, and
// the lake is whole.
func (r *Report) Good() bool {
	return len(r.Closed.Errors)+len(r.Open.Errors)+len(r.Ingest.Errors)+len(r.Wrong)+len(r.Problems) == 0 && r.PeakBytes <= r.MemoryLimit
}

// shares are how much of the memory each part is given. An ingest takes four times what
// its rows may, a compaction three times; what Go and the program need on their own is
// about a quarter of the least.
type shares struct {
	ingest, compact, query, collect int64
}

func share(memory int64, atOnce int) shares {
	return shares{
		ingest: memory / 32, compact: memory / 32,
		query:   max(memory/2/int64(atOnce), 32<<20),
		collect: memory * 3 / 8,
	}
}

// Run measures, and writes the document. When ctx ends it returns its error, and nothing of
// it runs on.
func Run(ctx context.Context, c Config) (_ *Report, _ *result.Document, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("bench concurrent: %w", err)
		}
	}()
	if err := c.validate(); err != nil {
		return nil, nil, err
	}
	d := result.New("concurrent", "Queries of many clients during an ingest", c.Lake.Tool, c.Dir)
	d.Seed, d.Command = c.Seed, c.CommandLine
	l, err := lake.Create(ctx, filepath.Join(c.Dir, "lake"), c.Lake)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	b := &bench{Config: c, shares: share(c.Memory, c.AtOnce), lake: l}
	if err := b.prepare(ctx); err != nil {
		return nil, nil, err
	}
	// What preparing took is given back, so that the peak is that of the loops; the
	// collector keeps to its part of the limit.
	before := debug.SetMemoryLimit(b.shares.collect)
	defer debug.SetMemoryLimit(before)
	debug.FreeOSMemory()
	cost.ForgetPeak()

	r := &Report{Clients: c.Clients, AtOnce: c.AtOnce, Records: b.oldEvents, MemoryLimit: c.Memory}
	if err := b.loops(ctx, r); err != nil {
		return nil, nil, err
	}
	r.PeakBytes = cost.OwnPeak()
	r.Wrong = b.answers.wrongTexts()
	b.say("verifying the lake")
	check, err := lake.Check(ctx, l, lake.CheckOptions{Deep: true})
	if err != nil {
		return nil, nil, err
	}
	for _, p := range check.Problems {
		r.Problems = append(r.Problems, p.String())
	}
	return r, d, r.document(d, b.shapes)
}

func (c *Config) validate() error {
	switch {
	case c.Clients < 1 || c.AtOnce < 1:
		return errors.New("no clients")
	case c.Records < 1 || c.Duration <= 0:
		return errors.New("nothing to do")
	case c.Memory < MinMemory:
		return fmt.Errorf("%d bytes of memory are too few; the least is %d", c.Memory, int64(MinMemory))
	}
	return nil
}

type bench struct {
	Config
	shares
	lake    *lake.Lake
	store   *lake.Store
	engine  *engine.Engine
	shapes  []shape
	load    *load // nil without an ingest
	answers answers

	from, until time.Time // the old range
	oldEvents   int64
	needles     []string
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		b.Progress(fmt.Sprintf(format, args...))
	}
}

// prepare makes the logs and the store as it is before.
func (b *bench) prepare(ctx context.Context) (err error) {
	b.say("generating and ingesting %d records", b.Records)
	old := gen.DefaultConfig()
	old.Records, old.Seed, old.Attack = b.Records, b.Seed, false
	b.from, b.until = old.Start, old.Start.AddDate(0, 0, old.Days)
	if b.store, err = b.lake.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore}); err != nil {
		return err
	}
	folder := filepath.Join(b.Dir, "old")
	if _, err := gen.Write(ctx, folder, old, nil); err != nil {
		return err
	}
	logs, err := feed.Open(ctx, folder)
	if err != nil {
		return err
	}
	if _, err := b.store.Ingest(ctx, logs.Portion(0, logs.Len()), lake.IngestOptions{}); err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if b.IngestRate > 0 {
		if err := b.generateLoad(ctx, old); err != nil {
			return err
		}
	}
	b.engine = engine.New(b.lake, duck.New(), engine.Options{
		MaxMemory: b.shares.query, AtOnce: b.AtOnce, TempDir: b.Dir, Timeout: 10 * time.Minute,
	})
	if b.shapes, err = shapes(); err != nil {
		return err
	}
	return b.learn(ctx)
}

// generateLoad writes the logs that come in during the run: of the days behind the old
// range, so that its events never change.
func (b *bench) generateLoad(ctx context.Context, old gen.Config) error {
	c := old
	seconds := 2*b.Duration.Seconds() + 1
	c.Records = max(int(float64(b.IngestRate)*seconds*1.25), 100)
	c.Seed, c.Start, c.Days = b.Seed+1, b.until.AddDate(0, 0, 1), 2
	c.FileRecords = min(max(b.IngestRate/5, 20), 1000)
	b.say("generating %d records to come in", c.Records)
	folder := filepath.Join(b.Dir, "new")
	if _, err := gen.Write(ctx, folder, c, nil); err != nil {
		return err
	}
	logs, err := feed.Open(ctx, folder)
	if err != nil {
		return err
	}
	perSecond := float64(logs.Len()) / float64(c.Records) * float64(b.IngestRate)
	b.load = &load{store: b.store, logs: logs, perSecond: perSecond, shares: b.shares}
	return nil
}

// loops runs the closed loop and then the open one, with the ingest beside both.
func (b *bench) loops(ctx context.Context, r *Report) error {
	stop := func() {}
	ended := make(chan struct{})
	if b.load == nil {
		close(ended)
	} else {
		lctx, cancel := context.WithCancel(ctx)
		stop = cancel
		go func() {
			defer close(ended)
			b.load.run(lctx)
		}()
	}
	b.say("closed loop: %d clients for %s", b.Clients, b.Duration)
	r.Closed = b.closed(ctx)
	if rate := b.Rate; ctx.Err() == nil {
		if rate == 0 {
			rate = max(r.Closed.PerSecond/2, 0.1)
		}
		b.say("open loop: %.3g queries per second for %s", rate, b.Duration)
		r.Open = b.open(ctx, rate)
	}
	stop()
	<-ended
	if b.load != nil {
		r.Ingest = b.load.result
	}
	return ctx.Err()
}
