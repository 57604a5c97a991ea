// Package scale measures how costs grow with a store: with its events, its data files, and
// its commits, each on its own. From the points it fits a model, which says what ten billion
// events would take, with a spread, or that the points do not tell.
//
// Ingests and queries are processes of their own, so that their memory is theirs and the
// start of the program counts. Whatever the size, logs lie on the disk and never in memory.
package scale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"traillake/bench/cost"
	"traillake/bench/feed"
	"traillake/bench/probe"
	"traillake/bench/result"
	"traillake/lake"
)

// Config says what to measure. All but Progress must be set.
type Config struct {
	// Records is the first size; each of Steps is ten times the one before.
	Records, Steps int
	// Files and Commits are the most data files, and commits, of the stores with hardly any
	// data; zero leaves these out.
	Files, Commits int
	Seed           uint64
	// Runs is how often each query runs; an ingest runs as often at the first size, and a
	// quarter as often, but once at least, at each next one.
	Runs int
	// Dir is a folder for logs and lakes, which the caller removes.
	Dir string
	// Lake is how lakes are opened.
	Lake lake.Options
	// Command makes processes.
	Command probe.Command
	// CommandLine measures the same again.
	CommandLine string
	// Progress, if not nil, is told what is about to be done.
	Progress func(what string)
}

// System is the name of what is measured.
const System = "traillake"

const (
	ingestTask = "ingest"
	// The measures along which things grow.
	events  = "events"
	files   = "files"
	commits = "commits"
	stored  = "stored"
)

// Run measures.
func Run(ctx context.Context, c Config) (*result.Document, error) {
	if c.Runs < 1 || c.Steps < 1 || c.Records < 1 {
		return nil, errors.New("bench scale: nothing to do")
	}
	b := &bench{Config: c, d: result.New("scale", "How costs grow", c.Lake.Tool, c.Dir)}
	if err := b.run(ctx); err != nil {
		// A process that ctx has killed says only that it was killed.
		return nil, fmt.Errorf("bench scale: %w", errors.Join(err, ctx.Err()))
	}
	return b.d, nil
}

type bench struct {
	Config
	d      *result.Document
	points []point
}

// point is what a query, or an ingest, took at a size of the store.
type point struct {
	task string
	// kind is what grew: events, files or commits.
	kind                          string
	events, files, commits, bytes float64
	wall, cpu                     float64 // medians, in seconds
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		b.Progress(fmt.Sprintf(format, args...))
	}
}

func (b *bench) run(ctx context.Context) error {
	d := b.d
	d.Seed, d.Command = b.Seed, b.CommandLine
	d.Systems = []result.System{{Name: System, Text: "traillake ingest, and traillake query, each a process of its own"}}
	d.Tasks = []result.Task{{Name: ingestTask, Title: "traillake ingest, into a new lake"}}
	d.Sizes = []result.Quantity{
		{Name: "records", Unit: result.Count, Value: float64(b.Records)}, {Name: "steps", Unit: result.Count, Value: float64(b.Steps)},
		{Name: files, Unit: result.Count, Value: float64(b.Files)}, {Name: commits, Unit: result.Count, Value: float64(b.Commits)},
	}
	d.Settings = []result.Setting{{Name: "runs", Value: fmt.Sprint(b.Runs)}}
	n := b.Records
	for step := range b.Steps {
		if err := b.grow(ctx, step, n); err != nil {
			return err
		}
		n *= 10
	}
	if b.Files > 0 {
		if err := b.manyFiles(ctx); err != nil {
			return err
		}
	}
	if b.Commits > 0 {
		if err := b.manyCommits(ctx); err != nil {
			return err
		}
	}
	b.views()
	b.predict()
	return d.Finish()
}

// grow measures an ingest of n records, and queries.
func (b *bench) grow(ctx context.Context, step, n int) error {
	logs, root := filepath.Join(b.Dir, "logs"), filepath.Join(b.Dir, "lake")
	b.say("generating %d records", n)
	if _, err := cost.Run(b.Command(ctx, "generate", logs, "--quiet", "--records", fmt.Sprint(n), "--seed", fmt.Sprint(b.Seed))); err != nil {
		return err
	}
	var runs []*cost.Process
	for i := range max(1, b.Runs>>(2*step)) {
		b.say("ingest of %d records, run %d", n, i+1)
		if err := os.RemoveAll(root); err != nil {
			return err
		}
		// 3 is an ingest that has put records into quarantine, which odd ones are.
		p, err := cost.Run(b.Command(ctx, "ingest", "--json", "--lake", root, logs), 3)
		if err != nil {
			return err
		}
		runs = append(runs, p)
	}
	var done struct {
		Stored int64 `json:"recordsStored"`
	}
	if err := json.Unmarshal(runs[0].Stdout, &done); err != nil || done.Stored == 0 {
		return errors.Join(fmt.Errorf("an ingest of %d records stored none", n), err)
	}
	if err := os.RemoveAll(logs); err != nil {
		return err
	}
	at, err := b.size(ctx, root)
	if err != nil {
		return err
	}
	at.kind = events
	per := func(name string, unit result.Unit, total func(*cost.Process) float64) result.Measure {
		var values []float64
		for _, p := range runs {
			values = append(values, total(p)/at.events)
		}
		return result.NewMeasure(name, unit, result.Lower, values...)
	}
	b.add(at, ingestTask, runs,
		per("time per event", result.Seconds, func(p *cost.Process) float64 { return p.Wall.Seconds() }),
		per("cpu per event", result.Seconds, func(p *cost.Process) float64 { return p.CPU.Seconds() }),
		result.NewMeasure("bytes per event", result.Bytes, result.Lower, at.bytes/at.events))
	if err := b.queries(ctx, root, at); err != nil {
		return err
	}
	return os.RemoveAll(root)
}

// size says how large a store is.
func (b *bench) size(ctx context.Context, root string) (_ point, err error) {
	l, err := lake.Open(ctx, root, b.Lake)
	if err != nil {
		return point{}, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s, err := l.Store(ctx, lake.DefaultStore)
	if err != nil {
		return point{}, err
	}
	return sizeOf(ctx, s)
}

func sizeOf(ctx context.Context, s *lake.Store) (point, error) {
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return point{}, err
	}
	return point{events: float64(snap.Rows()), files: float64(snap.FileCount()), bytes: float64(snap.Bytes()), commits: float64(snap.Seq())}, nil
}

// queries runs the queries over a lake; the first run of each is not counted.
func (b *bench) queries(ctx context.Context, root string, at point) error {
	// A process begins with the peak of the one that starts it.
	debug.FreeOSMemory()
	cost.ForgetPeak()
	list, err := probe.Queries(ctx, b.Command, root)
	if err != nil {
		return err
	}
	for _, q := range list {
		b.say("%s over %.0f events in %.0f files, of %.0f commits", q.Name, at.events, at.files, at.commits)
		var runs []*cost.Process
		for i := range b.Runs + 1 {
			p, err := probe.Run(ctx, b.Command, root, q)
			if err != nil {
				return err
			}
			if i > 0 {
				runs = append(runs, p)
			}
		}
		if b.task(q.Name) {
			b.d.Tasks = append(b.d.Tasks, q.Task(System))
		}
		b.add(at, q.Name, runs)
	}
	return nil
}

// task reports whether the document lacks a task.
func (b *bench) task(name string) bool {
	for _, t := range b.d.Tasks {
		if t.Name == name {
			return false
		}
	}
	return true
}

// add notes what was measured at a size.
func (b *bench) add(at point, task string, runs []*cost.Process, more ...result.Measure) {
	fact := func(name string, unit result.Unit, v float64) result.Measure {
		return result.NewMeasure(name, unit, result.Neither, v)
	}
	measures := append(probe.Measures(runs), more...)
	at.task, at.wall, at.cpu = task, measures[0].Median, measures[1].Median
	b.points = append(b.points, at)
	n := map[string]float64{events: at.events, files: at.files, commits: at.commits}[at.kind]
	b.d.Cases = append(b.d.Cases, result.Case{
		Task: task, Variant: fmt.Sprintf("%s %s", result.Count.Format(n), at.kind), System: System,
		Measures: append(measures, fact("by "+at.kind, result.Count, n), fact(files, result.Count, at.files), fact(stored, result.Bytes, at.bytes)),
	})
}

const (
	tinyEvents = 20
	// tinyDays is over how many days files are spread: as many as a store keeps.
	tinyDays = 3600
	day      = 24 * time.Hour
)

// tiny makes a store with hardly any data, and calls each with it.
func (b *bench) tiny(ctx context.Context, name string, each func(s *lake.Store, root string) error) (err error) {
	root := filepath.Join(b.Dir, name)
	l, err := lake.Create(ctx, root, b.Lake)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close(), os.RemoveAll(root)) }()
	s, err := l.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore, RetentionDays: 3653})
	if err != nil {
		return err
	}
	return each(s, root)
}

// sizes are 1, 100, 1000 and so on up to most.
func sizes(most int) []int {
	list := []int{1}
	for n := 100; n < most; n *= 10 {
		list = append(list, n)
	}
	if most > 1 {
		list = append(list, most)
	}
	return list
}

// manyFiles measures queries over files of twenty events, of few commits.
func (b *bench) manyFiles(ctx context.Context) error {
	return b.tiny(ctx, "files", func(s *lake.Store, root string) error {
		have := 0
		for _, n := range sizes(b.Files) {
			b.say("making %d data files", n)
			for have < n {
				round := have / tinyDays
				t := feed.Tiny{Seed: b.Seed + uint64(round), Events: tinyEvents, Every: day, From: have % tinyDays}
				t.Start = time.Now().UTC().Truncate(day).Add(-(tinyDays + 1) * day)
				t.To = min(tinyDays, t.From+n-have)
				if _, err := s.Ingest(ctx, t, lake.IngestOptions{}); err != nil {
					return err
				}
				have += t.To - t.From
			}
			at, err := sizeOf(ctx, s)
			if err != nil {
				return err
			}
			at.kind = files
			if err := b.queries(ctx, root, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// manyCommits measures queries over a store of many commits of which each was compacted,
// as an ingest that follows a source does, so that there are few files.
func (b *bench) manyCommits(ctx context.Context) error {
	return b.tiny(ctx, "commits", func(s *lake.Store, root string) error {
		t := feed.Tiny{Seed: b.Seed, Events: tinyEvents, Start: time.Now().UTC().Truncate(day).Add(-day), Every: day / time.Duration(b.Commits+1)}
		have := 0
		for _, n := range sizes(b.Commits) {
			b.say("making %d commits", n)
			for ; have < n; have++ {
				t.From, t.To = have, have+1
				if _, err := s.Ingest(ctx, t, lake.IngestOptions{}); err != nil {
					return err
				}
				if _, err := s.Compact(ctx, lake.CompactOptions{Sparing: true}); err != nil {
					return err
				}
			}
			at, err := sizeOf(ctx, s)
			if err != nil {
				return err
			}
			at.kind, at.commits = commits, float64(n)
			if err := b.queries(ctx, root, at); err != nil {
				return err
			}
		}
		return nil
	})
}
