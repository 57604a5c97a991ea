// Package compact measures compaction of a store that many small commits have made, as
// one that follows a bucket does, and what it brings those who query the store.
//
// The store is made once. For each run a copy of it is compacted by a process of its own;
// then the same queries run over the small files and over the compacted ones in turn, each
// in a process of its own, and must give the same rows. A lake knows its path, so that the
// copies take turns at one place.
package compact

import (
	"bytes"
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
	"traillake/bench/probe"
	"traillake/bench/result"
	"traillake/lake"
)

// Config says what to measure. All but Progress must be set.
type Config struct {
	// Records are how many events there are, Commits in how many commits they come, one
	// for every five minutes.
	Records, Commits int
	Seed             uint64
	// Runs is how often the store is compacted, and each query run.
	Runs int
	// Dir is a folder for logs and lakes, which the caller removes.
	Dir string
	// Lake is how the lake is opened.
	Lake lake.Options
	// Command makes processes.
	Command probe.Command
	// CommandLine measures the same again.
	CommandLine string
	// Progress, if not nil, is told what is about to be done.
	Progress func(what string)
}

// The systems: the store before and after.
const (
	Small     = "small files"
	Compacted = "compacted"
)

const (
	ingestTask     = "commits"
	compactionTask = "compaction"
)

// Run measures.
func Run(ctx context.Context, c Config) (*result.Document, error) {
	if c.Runs < 1 || c.Commits < 1 || c.Records < c.Commits {
		return nil, errors.New("bench compact: nothing to do")
	}
	d, err := (&bench{Config: c}).run(ctx)
	if err != nil {
		// A process that ctx has killed says only that it was killed.
		return nil, fmt.Errorf("bench compact: %w", errors.Join(err, ctx.Err()))
	}
	return d, nil
}

type bench struct {
	Config
	root  string // where the lake is
	there string // the system that is there
}

// place puts the lake of a system at b.root, and that of another away.
func (b *bench) place(system string) error {
	away := func(system string) string { return filepath.Join(b.Dir, system) }
	if b.there == system {
		return nil
	}
	if b.there != "" {
		if err := os.Rename(b.root, away(b.there)); err != nil {
			return err
		}
		b.there = ""
	}
	if err := os.Rename(away(system), b.root); err != nil {
		return err
	}
	b.there = system
	return nil
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		b.Progress(fmt.Sprintf(format, args...))
	}
}

// size is that of a store.
type size struct{ files, bytes int64 }

func (b *bench) size(ctx context.Context) (_ size, err error) {
	l, err := lake.Open(ctx, b.root, b.Lake)
	if err != nil {
		return size{}, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s, err := l.Store(ctx, lake.DefaultStore)
	if err != nil {
		return size{}, err
	}
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return size{}, err
	}
	return size{snap.FileCount(), snap.Bytes()}, nil
}

func (b *bench) run(ctx context.Context) (*result.Document, error) {
	d := result.New("compact", "Compaction of a store of many small commits", b.Lake.Tool, b.Dir)
	d.Seed, d.Command = b.Seed, b.CommandLine
	b.root = filepath.Join(b.Dir, "lake")
	made, err := b.makeStore(ctx)
	if err != nil {
		return nil, err
	}
	list, err := probe.Queries(ctx, b.Command, b.root)
	if err != nil {
		return nil, err
	}
	before, err := b.size(ctx)
	if err != nil {
		return nil, err
	}
	var runs []*cost.Process
	for i := range b.Runs {
		b.say("compaction %d of %d", i+1, b.Runs)
		p, err := b.compact(ctx)
		if err != nil {
			return nil, err
		}
		runs = append(runs, p)
	}
	after, err := b.size(ctx)
	if err != nil {
		return nil, err
	}
	costs, err := b.queries(ctx, list)
	if err != nil {
		return nil, err
	}
	b.document(d, made, before, after, runs, list, costs)
	return d, d.Finish()
}

// compact copies the small files, and compacts the copy.
func (b *bench) compact(ctx context.Context) (*cost.Process, error) {
	if b.there == Compacted {
		if err := os.RemoveAll(b.root); err != nil {
			return nil, err
		}
		b.there = ""
	}
	if b.there == Small {
		if err := os.Rename(b.root, filepath.Join(b.Dir, Small)); err != nil {
			return nil, err
		}
	}
	b.there = Compacted
	if err := os.CopyFS(b.root, os.DirFS(filepath.Join(b.Dir, Small))); err != nil {
		return nil, fmt.Errorf("copy the lake: %w", err)
	}
	return cost.Run(b.Command(ctx, "store", "compact", lake.DefaultStore, "--lake", b.root))
}

// makeStore commits the logs portion by portion.
func (b *bench) makeStore(ctx context.Context) (cost.Cost, error) {
	var none cost.Cost
	c := gen.DefaultConfig()
	c.Records, c.Seed, c.Attack = b.Records, b.Seed, false
	c.Days = max(1, (b.Commits+287)/288)
	c.FileRecords = min(max(b.Records/b.Commits/4, 5), 1000)
	b.say("generating %d records", b.Records)
	folder := filepath.Join(b.Dir, "logs")
	if _, err := gen.Write(ctx, folder, c, nil); err != nil {
		return none, err
	}
	logs, err := feed.Open(ctx, folder)
	if err != nil {
		return none, err
	}
	b.there = Small
	l, err := lake.Create(ctx, b.root, b.Lake)
	if err != nil {
		return none, err
	}
	began := cost.Clock()
	err = b.commit(ctx, l, logs)
	took := cost.Clock().Minus(began)
	// A process begins with the peak of the one that starts it.
	debug.FreeOSMemory()
	cost.ForgetPeak()
	return took, errors.Join(err, l.Close(), os.RemoveAll(folder))
}

func (b *bench) commit(ctx context.Context, l *lake.Lake, logs *feed.Logs) error {
	s, err := l.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		return err
	}
	said := time.Now()
	for i := range b.Commits {
		from, to := logs.Len()*i/b.Commits, logs.Len()*(i+1)/b.Commits
		if from == to {
			return fmt.Errorf("%d log files are too few for %d commits; give more records", logs.Len(), b.Commits)
		}
		if i == 0 || time.Since(said) > 5*time.Second {
			said = time.Now()
			b.say("commit %d of %d", i+1, b.Commits)
		}
		if _, err := s.Ingest(ctx, logs.Portion(from, to), lake.IngestOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// queries runs the queries over both lakes in turn; the first run of each is not counted.
func (b *bench) queries(ctx context.Context, list []probe.Query) (map[[2]string][]*cost.Process, error) {
	costs := map[[2]string][]*cost.Process{}
	for run := range b.Runs + 1 {
		b.say("queries, run %d of %d", run, b.Runs)
		answers := map[string][]byte{}
		for _, system := range []string{Small, Compacted} {
			if err := b.place(system); err != nil {
				return nil, err
			}
			for _, q := range list {
				p, err := probe.Run(ctx, b.Command, b.root, q)
				if err != nil {
					return nil, err
				}
				if first, ok := answers[q.Name]; !ok {
					answers[q.Name] = p.Stdout
				} else if !bytes.Equal(first, p.Stdout) {
					return nil, fmt.Errorf("query %s gives other rows after the compaction", q.Name)
				}
				if run > 0 {
					costs[[2]string{q.Name, system}] = append(costs[[2]string{q.Name, system}], p)
				}
			}
		}
	}
	return costs, nil
}

func (b *bench) document(d *result.Document, made cost.Cost, before, after size, runs []*cost.Process, list []probe.Query, costs map[[2]string][]*cost.Process) {
	d.Sizes = []result.Quantity{{Name: "records", Unit: result.Count, Value: float64(b.Records)}, {Name: "commits", Unit: result.Count, Value: float64(b.Commits)}}
	d.Settings = []result.Setting{{Name: "runs", Value: fmt.Sprint(b.Runs)}}
	d.Systems = []result.System{
		{Name: Small, Text: "the store as the commits made it"},
		{Name: Compacted, Text: "the same after 'traillake store compact'"},
	}
	d.Tasks = []result.Task{{Name: ingestTask, Title: "Making the store, by one process that runs on"}, {Name: compactionTask, Title: "traillake store compact"}}
	fact := func(name string, unit result.Unit, v float64) result.Measure {
		return result.NewMeasure(name, unit, result.Neither, v)
	}
	d.Cases = append(d.Cases,
		result.Case{Task: ingestTask, Variant: "store", System: Small, Measures: []result.Measure{
			result.NewMeasure(result.Wall, result.Seconds, result.Lower, made.Wall.Seconds()), result.NewMeasure(result.CPU, result.Seconds, result.Lower, made.CPU.Seconds()),
			fact("files", result.Count, float64(before.files)), fact("bytes", result.Bytes, float64(before.bytes)),
		}},
		result.Case{Task: compactionTask, Variant: "store", System: Compacted, Measures: append(probe.Measures(runs),
			fact("files", result.Count, float64(after.files)), fact("bytes", result.Bytes, float64(after.bytes)))})
	for _, q := range list {
		d.Tasks = append(d.Tasks, q.Task(Small, Compacted))
		for _, s := range d.Systems {
			d.Cases = append(d.Cases, result.Case{Task: q.Name, Variant: "queries", System: s.Name, Measures: probe.Measures(costs[[2]string{q.Name, s.Name}])})
		}
	}
	d.AddRatios(Compacted, result.Wall, result.CPU)
	d.Views = []result.View{
		{Title: "Making and compacting the store", Variant: "store"},
		{Title: "Queries, whole processes, time by the clock", Variant: "queries", Measure: result.Wall},
		{Title: "Queries, whole processes, time of processors", Variant: "queries", Measure: result.CPU},
	}
	d.Agreement = []string{fmt.Sprintf("%d queries gave the same rows before and after.", len(list))}
	d.Findings = []string{fmt.Sprintf("%d files of %s became %d of %s.", before.files, result.Bytes.Format(float64(before.bytes)),
		after.files, result.Bytes.Format(float64(after.bytes)))}
	d.Limits = []string{
		"'traillake ingest' compacts sparingly after every ingest, so that a day stays at eight small files; this store is one that nobody has compacted.",
		"Files are in the system's cache.",
	}
}
