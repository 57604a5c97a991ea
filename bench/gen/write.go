package gen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// ErrNotEmpty is returned for a target folder that has something in it: a set is
// never mixed with other files.
var ErrNotEmpty = errors.New("folder is not empty")

// Write makes the set that c describes in dir, which it creates if need be, and
// returns what it holds; TruthFile in dir says the same. Progress, if not nil, is
// called now and then with the number of records written so far, by one goroutine at
// a time. Of a set that could not be finished, or whose ctx ended, nothing stays: a part
// of one looks like a whole one.
func Write(ctx context.Context, dir string, c Config, progress func(done int)) (*Truth, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("generate logs: %w", err)
	}
	made, err := claim(dir)
	if err != nil {
		return nil, fmt.Errorf("generate logs: %w", err)
	}
	t, err := write(ctx, dir, c, progress)
	if err != nil {
		return nil, fmt.Errorf("generate logs: %w", errors.Join(err, remove(dir, made)))
	}
	return t, nil
}

// write is Write into an empty folder.
func write(ctx context.Context, dir string, c Config, progress func(done int)) (*Truth, error) {
	w := newWorld(c.filled())
	total, sums := newStats(w), outbox{}
	var mu sync.Mutex // guards total, sums, and progress
	done := 0
	join := func(u *unit, o *outbox) {
		mu.Lock()
		defer mu.Unlock()
		total.merge(u.stats)
		sums.files += o.files
		sums.bytes += o.bytes
		sums.compressed += o.compressed
		sums.logs = append(sums.logs, o.logs...)
	}
	step := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += n
		if progress != nil {
			progress(done)
		}
	}

	var steps *Attack
	records := w.c.Records
	if w.attack != nil {
		u, o := newUnit(w), newOutbox(w, dir)
		var err error
		if steps, err = w.attack.write(u, o); err != nil {
			return nil, err
		}
		join(u, o)
		step(int(u.stats.records))
		records -= int(u.stats.records)
	}

	p := newPlan(w, records)
	var next atomic.Int64
	g, groupCtx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			u, o := newUnit(w), newOutbox(w, dir)
			for {
				n := int(next.Add(1)) - 1
				if n >= p.units() {
					join(u, o)
					return nil
				}
				if err := p.write(groupCtx, u, o, n, step); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	t := total.truth()
	t.Config, t.Attack = c, steps
	t.Files, t.Bytes, t.CompressedBytes = sums.files, sums.bytes, sums.compressed
	if c.Digests {
		var err error
		if t.Digests, err = writeDigests(ctx, w, dir, sums.logs); err != nil {
			return nil, err
		}
	}
	return t, t.write(dir)
}

// claim makes a folder if need be, and reports whether it did. One that has something in it
// is an error. Then it makes TruthFile, empty, which of two that come at once only one can.
func claim(dir string) (made bool, err error) {
	_, err = os.Lstat(dir)
	made = errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	f, err := os.Open(dir)
	if err != nil {
		return false, err
	}
	defer f.Close()
	switch _, err := f.Readdirnames(1); {
	case err == nil:
		return false, fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	case !errors.Is(err, io.EOF):
		return false, err
	}
	switch f, err := os.OpenFile(filepath.Join(dir, TruthFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); {
	case errors.Is(err, fs.ErrExist):
		return false, fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	case err != nil:
		return false, err
	default:
		return made, f.Close()
	}
}

// remove empties a folder, and removes it if it was made here.
func remove(dir string, made bool) error {
	if made {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

func newUnit(w *world) *unit { return &unit{w: w, stats: newStats(w)} }

// A plan says how many records each account writes in each slot.
type plan struct {
	w       *world
	records int
	slots   int
	group   int // slots of a unit
}

// newPlan cuts the period into as many slots as make files of the wanted size when
// every account delivers a file for every region in every slot. A small set has at
// least a slot a day while they hold a hundred records.
func newPlan(w *world, records int) plan {
	streams := w.c.Accounts * w.c.Regions
	slots := max(records/(w.c.FileRecords*streams), min(w.c.Days, records/100), 1)
	// Eight hours, as long as people work; fewer where that would leave too few
	// units to share among processors.
	group := max(1, min(slots*8/(w.c.Days*24), slots/16))
	return plan{w: w, records: records, slots: slots, group: group}
}

func (p plan) units() int { return (p.slots + p.group - 1) / p.group * len(p.w.accounts) }

// share returns how many records account a has in a slot. The roundings of all slots
// and accounts add up to p.records.
func (p plan) share(slot, a int) int {
	low := p.records / p.slots * slot
	low += p.records % p.slots * slot / p.slots
	high := p.records/p.slots*(slot+1) + p.records%p.slots*(slot+1)/p.slots
	n, before := high-low, 0.0
	for i := range a {
		before += p.w.shares[i]
	}
	to := int(float64(n) * (before + p.w.shares[a]))
	if a == len(p.w.shares)-1 {
		to = n
	}
	return to - int(float64(n)*before)
}

// write makes unit n.
func (p plan) write(ctx context.Context, u *unit, o *outbox, n int, step func(int)) error {
	a := n % len(p.w.accounts)
	first := n / len(p.w.accounts) * p.group
	u.rnd, u.out, u.acct = newRandom(mix(mix(p.w.c.Seed, 2), uint64(n))), o, p.w.accounts[a]
	u.sessions = map[*principal]*session{}
	end := p.w.c.Start.AddDate(0, 0, p.w.c.Days).Unix()
	for slot := first; slot < min(first+p.group, p.slots); slot++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		x := (float64(slot) + u.rnd.unit()) / float64(p.slots)
		t := min(max(p.w.clock.at(x), p.w.c.Start.Unix()+60), end-600)
		count := p.share(slot, a)
		u.slot(t, count)
		if err := o.flush(u); err != nil {
			return err
		}
		step(count)
	}
	return nil
}
