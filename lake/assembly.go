package lake

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"golang.org/x/sync/errgroup"
)

const (
	// maxRows is the size of a row group. Larger ones compress no better and make
	// engines read more for a needle.
	maxRows = 120_000
	// maxText is the size in bytes from which on rows are a row group, however few: the
	// offsets in a column have 31 bits.
	maxText = 1 << 29
	// maxDays is how many days a batch keeps open files for, where the process may open
	// many.
	maxDays = 64
	// manyFiles is as many open files as make no difference.
	manyFiles = 1 << 20
)

// assembly gathers the rows of a batch from all of its workers, day by day, until there
// are enough for a row group, and has them written. Its methods may be called from
// several goroutines.
//
// A row group is encoded by a goroutine of its own if few enough are at it, so that the
// worker can read on; otherwise, and where memory is short, by the worker itself, which
// then brings no more rows meanwhile.
type assembly struct {
	batch  *Batch
	budget int // of held
	open   int // how many days may have open files
	group  *errgroup.Group
	beside chan struct{} // a place for each encoder beside the workers

	mu   sync.Mutex // guards what follows
	days map[Day]*dayRows
	turn int64
	held int // bytes of rows that were given and not yet written
}

// dayRows are rows of one day that wait, and the day's files that nobody writes to.
type dayRows struct {
	day     Day
	batches []arrow.RecordBatch
	rows    int
	bytes   int
	used    int64 // turn of the last rows
	idle    []*FileWriter
	busy    int // files that somebody writes to
}

func newAssembly(b *Batch, g *errgroup.Group, o IngestOptions) *assembly {
	return &assembly{
		batch: b, budget: o.Memory / 2, open: min(maxDays, max(1, openFiles()/4)), group: g, beside: make(chan struct{}, max(1, o.Workers/2)),
		days: make(map[Day]*dayRows),
	}
}

// add takes over rows of a day and their size in bytes.
func (a *assembly) add(day Day, rec arrow.RecordBatch, bytes int) error {
	a.mu.Lock()
	d := a.days[day]
	if d == nil {
		d = &dayRows{day: day}
		a.days[day] = d
	}
	a.turn++
	d.used = a.turn
	d.batches = append(d.batches, rec)
	d.rows += int(rec.NumRows())
	d.bytes += bytes
	a.held += bytes
	short := a.held > a.budget
	if short {
		d = a.toSpare(d)
	} else if d.rows < maxRows && d.bytes < maxText {
		d = nil
	}
	var job *encoding
	if d != nil {
		job = a.take(d)
	}
	spare := a.spareFiles()
	a.mu.Unlock()

	for _, w := range spare {
		if err := w.Close(); err != nil {
			return err
		}
	}
	if job == nil {
		return nil
	}
	if !short {
		select {
		case a.beside <- struct{}{}:
			a.group.Go(func() error {
				defer func() { <-a.beside }()
				return a.encode(job)
			})
			return nil
		default:
		}
	}
	return a.encode(job)
}

// toSpare chooses the day whose rows are written when memory is short: the one that has
// got none for longest, which is over if objects come by day, unless another has far
// more.
func (a *assembly) toSpare(last *dayRows) *dayRows {
	oldest, largest := last, last
	for _, d := range a.days {
		if d.rows == 0 {
			continue
		}
		if d.used < oldest.used {
			oldest = d
		}
		if d.bytes > largest.bytes {
			largest = d
		}
	}
	if oldest.bytes < largest.bytes/4 {
		return largest
	}
	return oldest
}

// encoding is rows on their way into a file.
type encoding struct {
	day     *dayRows
	batches []arrow.RecordBatch
	bytes   int
}

// take removes the waiting rows of a day.
func (a *assembly) take(d *dayRows) *encoding {
	e := &encoding{day: d, batches: d.batches, bytes: d.bytes}
	d.batches, d.rows, d.bytes = nil, 0, 0
	d.busy++
	return e
}

// spareFiles takes the files of days that were not used for longest, where too many days
// have some.
func (a *assembly) spareFiles() (spare []*FileWriter) {
	open := make([]*dayRows, 0, len(a.days))
	for _, d := range a.days {
		if len(d.idle) > 0 {
			open = append(open, d)
		}
	}
	if len(open) <= a.open {
		return nil
	}
	slices.SortFunc(open, func(x, y *dayRows) int { return int(x.used - y.used) })
	for _, d := range open[:len(open)-a.open] {
		spare = append(spare, d.idle...)
		d.idle = nil
		if d.rows == 0 && d.busy == 0 {
			delete(a.days, d.day)
		}
	}
	return spare
}

// encode writes rows to a file of their day that is free, or to a new one.
func (a *assembly) encode(e *encoding) error {
	w, err := a.file(e.day)
	if err != nil {
		return err
	}
	err = w.Write(e.batches...)
	for _, b := range e.batches {
		b.Release()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held -= e.bytes
	e.day.busy--
	e.day.idle = append(e.day.idle, w)
	return err
}

func (a *assembly) file(d *dayRows) (*FileWriter, error) {
	a.mu.Lock()
	if n := len(d.idle); n > 0 {
		w := d.idle[n-1]
		d.idle = d.idle[:n-1]
		a.mu.Unlock()
		return w, nil
	}
	a.mu.Unlock()
	return a.batch.NewFile(d.day)
}

// finish writes what waits and closes all files. No rows come any more.
func (a *assembly) finish(ctx context.Context, workers int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	days := make([]*dayRows, 0, len(a.days))
	for _, d := range a.days {
		days = append(days, d)
	}
	slices.SortFunc(days, func(x, y *dayRows) int { return int(x.day - y.day) })
	for _, d := range days {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if d.rows > 0 {
				if err := a.encode(a.take(d)); err != nil {
					return err
				}
			}
			var errs []error
			for _, w := range d.idle {
				errs = append(errs, w.Close())
			}
			d.idle = nil
			return errors.Join(errs...)
		})
	}
	return g.Wait()
}
