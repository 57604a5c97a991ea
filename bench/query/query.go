// Package query runs one suite of queries over the same logs in different ways: as
// Traillake does, and as DuckDB, ClickHouse and Trino do with what a user has without Traillake. All
// ways must give the same rows.
//
// Everything runs in this process, each query in a database of its own with the same
// settings, but for programs that are installed beside it; the ways take turns. Start with
// Run.
package query

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"traillake/bench/cost"
	"traillake/bench/result"
)

// Config says what to measure. Dir, Runs and one of Source and Records must be set.
type Config struct {
	// Source is a folder of logs as delivered. Empty means that Records records are
	// generated.
	Source  string
	Records int
	// Seed selects the generated set and the values that the queries look for.
	Seed uint64
	// Runs is how often each system runs each query warm, and cold. One that takes longer
	// than SlowAfter has at most SlowRuns. 0 compares the rows and times nothing.
	Runs int
	// Cold measures with nothing in the page cache, too.
	Cold bool
	// Queries are the names of those to run; nil is all.
	Queries []string
	// Systems are those that take part; nil is all that can.
	Systems []string
	// Memory and Threads bound each query's database; zero leaves the engine's default.
	Memory  int64
	Threads int
	// Dir is a folder for logs, lake and baselines, which the caller removes.
	Dir string
	// Tool is the program and its version, CommandLine what measures the same again.
	Tool, CommandLine string
	// Command makes the process that runs the program with the given arguments, which the
	// system Process needs; without it that is left out.
	Command func(ctx context.Context, args ...string) *exec.Cmd
	// Progress, if not nil, is told what is about to be done.
	Progress func(what string)
}

// SlowAfter is how long a query may take in its warm-up and still have all runs, and
// SlowRuns how many it has otherwise: medians of what takes seconds need fewer of them.
// Cold it has one run then. Beyond VerySlowAfter it has one run, warm.
const (
	SlowAfter     = 2 * time.Second
	SlowRuns      = 3
	VerySlowAfter = 15 * time.Second
)

// Run prepares the systems, runs the queries, and returns what was measured. It is an error
// if two systems give other rows.
func Run(ctx context.Context, c Config) (*result.Document, error) {
	d, err := run(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("bench query: %w", err)
	}
	return d, nil
}

func run(ctx context.Context, c Config) (*result.Document, error) {
	tasks, err := chosen(c.Queries)
	if err != nil {
		return nil, err
	}
	return runTasks(ctx, c, tasks)
}

func runTasks(ctx context.Context, c Config, tasks []*task) (_ *result.Document, err error) {
	systems, leftOut, err := chosenSystems(c)
	if err != nil {
		return nil, err
	}
	d := result.New("query", "Queries over CloudTrail logs", c.Tool, c.Dir)
	d.Limits = leftOut
	b := &bench{Config: c, systems: systems, document: d}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	if b.values, err = b.pick(ctx); err != nil {
		return nil, err
	}
	debug.FreeOSMemory() // the preparation should not weigh on the queries
	b.checkCold()
	for i, t := range tasks {
		if missing := t.missing(b.values); missing != "" {
			b.limit("%s was left out: the logs have nothing for its parameter :%s.", t.name, missing)
			continue
		}
		b.say("query %d of %d: %s", i+1, len(tasks), t.name)
		if err := b.measure(ctx, t); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	b.describe()
	return d, d.Finish()
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		b.Progress(fmt.Sprintf(format, args...))
	}
}

func (b *bench) limit(format string, args ...any) {
	b.document.Limits = append(b.document.Limits, fmt.Sprintf(format, args...))
}

// once is what one run of a query cost and found.
type once struct {
	cost.Cost
	read          float64 // bytes; negative where it is not known
	opened, total int     // files; negative where it is not known
	rows          int64
	peak          int64 // largest resident set of a process of its own, else 0
}

// measure runs a query on every system: once to warm up and to compare the rows, then in
// turns.
func (b *bench) measure(ctx context.Context, t *task) error {
	var parts []*part
	var first *rows
	for _, s := range b.systems {
		text, err := t.text(s.dialect, b.values)
		if err != nil {
			return err
		}
		if s.only != nil && !slices.Contains(s.only, t.name) {
			continue
		}
		if s.name == Trino {
			explained, err := b.forTrino(ctx, t, text)
			if ctx.Err() != nil {
				return err
			}
			if err != nil {
				b.limit("%s was left out for %s: %v.", t.name, s.name, err)
				continue
			}
			text = explained
		}
		p := &part{system: s, text: text, warm: b.Runs, rows: &rows{of: s.name, countsOnly: s.countsOnly}, done: map[string][]once{}}
		o, err := b.once(ctx, s, t, text, p.rows)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if b.coldAs != "" && !s.warmOnly {
			p.cold = b.Runs
		}
		switch {
		case o.Wall > VerySlowAfter:
			p.warm, p.cold = min(p.warm, 1), 0
		case o.Wall > SlowAfter:
			p.warm, p.cold = min(p.warm, SlowRuns), min(p.cold, 1)
		}
		if first == nil && !s.countsOnly {
			first = p.rows
		}
		if first != nil {
			if why := first.differs(p.rows); why != "" {
				return fmt.Errorf("%s and %s do not agree: %s", first.of, s.name, why)
			}
		}
		parts = append(parts, p)
	}
	for _, variant := range []string{variantWarm, variantCold} {
		for i := range b.Runs {
			for _, p := range parts {
				if i >= p.runs(variant) {
					continue
				}
				o, err := b.timed(ctx, variant, p, t)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", p.system.name, variant, err)
				}
				p.done[variant] = append(p.done[variant], o)
			}
		}
	}
	b.add(t, parts)
	return nil
}

// part is how one system takes part in a query.
type part struct {
	system     *system
	text       string
	warm, cold int
	rows       *rows
	done       map[string][]once
}

const (
	variantWarm = "warm"
	variantCold = "cold"
)

func (p *part) runs(variant string) int {
	if variant == variantCold {
		return p.cold
	}
	return p.warm
}

// timed measures a query once.
func (b *bench) timed(ctx context.Context, variant string, p *part, t *task) (once, error) {
	if variant == variantCold {
		if err := b.dropCaches(ctx, p.system); err != nil {
			return once{}, err
		}
	}
	return b.once(ctx, p.system, t, p.text, nil)
}

// filesBelow lists all files below a folder.
func filesBelow(dir string) ([]string, error) {
	var list []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			list = append(list, path)
		}
		return err
	})
	return list, err
}
