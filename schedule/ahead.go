package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"traillake/lake"
)

// ErrAhead reports a schedule of which something is recorded that lies ahead of the clock
// here: a clock was wrong when it was, or this one is.
var ErrAhead = errors.New("a clock is or was wrong")

// maxAhead is how far ahead of a clock that is right due times may count from, or be settled:
// far more than clocks differ that are looked after.
const maxAhead = time.Hour

// ahead returns an error that wraps ErrAhead and names what lies furthest ahead of now. runs
// are those that count of due times after p.Through.
func (d *Definition) ahead(p Progress, runs []Item, now time.Time) error {
	if d.Paused() { // nothing is held up
		return nil
	}
	what, last := "", now.Add(maxAhead)
	see := func(text string, at time.Time) {
		if at.After(last) {
			what, last = text, at
		}
	}
	see("its due times count from", d.From)
	see("its due times are settled until", p.Through)
	for _, s := range d.Pauses {
		see("it was resumed at", s.Until)
	}
	for _, it := range runs {
		if l := it.Run.Lease; l != nil {
			see("the runner "+l.Runner+" holds a run until", l.Expires)
		}
		see("a run has been begun that is due", it.Run.Due)
	}
	if what == "" {
		return nil
	}
	// Of the hour, so that a runner that stays does not say something else every minute.
	return fmt.Errorf("%s %s, and the clock here says that it is past %s: %w", what, minute(last), minute(now.Truncate(time.Hour)), ErrAhead)
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// notAfter takes back to a time what is later than it, and reports whether anything was.
func (d *Definition) notAfter(now time.Time) (ahead bool) {
	back := func(t *time.Time) {
		if t.After(now) {
			*t = now.UTC()
			ahead = true
		}
	}
	back(&d.From)
	for i := range d.Pauses {
		back(&d.Pauses[i].Since)
		back(&d.Pauses[i].Until)
	}
	return ahead
}

// Outlook is what is to be expected of a schedule.
type Outlook struct {
	// Due are the next due times that will be run.
	Due []time.Time
	// Ahead is as in Plan.
	Ahead error
}

// Outlook returns the next due times after a time, at most so many: those that a runner will
// run, given what is recorded. There is none for a schedule that is paused.
func (b *Book) Outlook(ctx context.Context, d *Definition, now time.Time, most int) (Outlook, error) {
	var o Outlook
	times, err := ParseTimes(d.Cron, d.TimeZone)
	if err != nil {
		return o, fmt.Errorf("schedule %s: %w", d.Name, err)
	}
	p, runs, err := b.unsettled(ctx, d.Name)
	if err != nil {
		return o, err
	}
	runs, _ = split(runs)
	o.Ahead = d.ahead(p, runs, now)
	if d.Paused() {
		return o, nil
	}
	at := now
	for _, t := range []time.Time{p.Through, d.From} {
		if t.After(at) {
			at = t
		}
	}
	for at = times.Next(at); !at.IsZero() && len(o.Due) < most; at = times.Next(at) {
		if i := slices.IndexFunc(d.Pauses, func(s Span) bool { return s.holds(at) }); i >= 0 {
			at = d.Pauses[i].Until.Add(-1) // which may be due itself
		} else if i := slices.IndexFunc(runs, func(it Item) bool { return it.Run.settles(at) }); i >= 0 {
			at = runs[i].Run.Due
		} else {
			o.Due = append(o.Due, at)
		}
	}
	return o, nil
}

// settles reports whether there is nothing left to be made of a due time, because of a run.
func (r Run) settles(due time.Time) bool {
	return r.covers(due) || r.State != StateOpen && r.Due.Equal(due)
}

// LastDue returns the run that counts of the newest due time that has come; nil for none.
func (b *Book) LastDue(ctx context.Context, name string, now time.Time) (*Run, error) {
	refs, err := b.runRefs(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, ref := range slices.Backward(refs) {
		if ref.due.After(now) {
			continue
		}
		items, err := b.read(ctx, []runRef{ref})
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it.Run.Void.IsZero() {
				return &it.Run, nil
			}
		}
	}
	return nil, nil
}

// Reset takes back what a clock that was ahead has recorded of a schedule: what lies after
// now, which a clock that is right says. Runs of later due times are void and are returned,
// the oldest first. They stay in the history; their due times are run when they come. Where ahead
// is false there was nothing to take back, and nothing has changed.
func (b *Book) Reset(ctx context.Context, name string, now time.Time) (void []Run, ahead bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reset schedule %s: %w", name, err)
		}
	}()
	if _, err := b.Schedule(ctx, name); err != nil {
		return nil, false, err
	}
	// The runs first: as long as any is left, another reset finds it.
	for {
		items, err := b.Runs(ctx, name, time.Time{})
		if err != nil {
			return void, ahead, err
		}
		runs, _ := split(items)
		again := false
		for _, it := range runs {
			if !it.Run.Due.After(now) {
				continue
			}
			next := it.Run.Cancel(now)
			err := b.records.Put(ctx, lake.RecordVersion{Key: runKey(name, next.Due), Version: it.Version + 1}, next)
			switch {
			case errors.Is(err, lake.ErrConflict): // a runner is at work on it
				again = true
			case err != nil:
				return void, ahead, err
			default:
				void, ahead = append(void, next), true
			}
		}
		if again {
			continue
		}
		p, version, err := b.progress(ctx, name)
		if err != nil {
			return void, ahead, err
		}
		if p.Through.After(now) {
			p.Through, p.Last = now.UTC(), nil
			for _, r := range void { // due times that have come, skipped for one that has not
				if r.Skipped > 0 && !r.SkippedFrom.After(p.Through) {
					p.Through = r.SkippedFrom.Add(-time.Minute)
				}
			}
			for _, it := range runs {
				if it.Run.Made != nil && !it.Run.Due.After(p.Through) {
					p.Last = it.Run.Made
				}
			}
			err := b.records.Put(ctx, lake.RecordVersion{Key: progressKey(name), Version: version + 1}, p)
			if errors.Is(err, lake.ErrConflict) {
				continue
			}
			if err != nil {
				return void, ahead, err
			}
			ahead = true
		}
		err = b.update(ctx, name, func(d *Definition) { ahead = d.notAfter(now) || ahead })
		return void, ahead, err
	}
}
