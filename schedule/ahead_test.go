package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/lake"
)

// wrong is what a clock says that is 30 days ahead.
func wrong(t time.Time) time.Time { return t.AddDate(0, 0, 30) }

// stuck wants a round at a time to say what lies ahead and to do only so much.
func (b *bench) stuck(t *testing.T, now time.Time, says string, want ...string) {
	t.Helper()
	b.clock.now, b.events = now, nil
	_, err := b.Run(t.Context())
	if !errors.Is(err, ErrAhead) || !strings.Contains(err.Error(), says) || !slices.Equal(b.events, want) {
		t.Errorf("at %s: %v, want %s\ngot  %q\nwant %q", now, err, says, b.events, want)
	}
}

// expect compares the next due times.
func (b *bench) expect(t *testing.T, name string, now time.Time, ahead bool, want ...time.Time) {
	t.Helper()
	d, err := b.Book.Schedule(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	o, err := b.Book.Outlook(t.Context(), d, now, len(want))
	if err != nil || errors.Is(o.Ahead, ErrAhead) != ahead || !slices.EqualFunc(o.Due, want, time.Time.Equal) {
		t.Errorf("at %s: %v, %v, want %v", now, o, err, want)
	}
}

func (b *bench) reset(t *testing.T, name string, now time.Time, want int) {
	t.Helper()
	void, _, err := b.Book.Reset(t.Context(), name, now)
	if err != nil || len(void) != want {
		t.Errorf("%d runs are void, want %d: %v", len(void), want, err)
	}
}

func (b *bench) whole(t *testing.T, l *lake.Lake) {
	t.Helper()
	report, err := lake.Check(t.Context(), l, lake.CheckOptions{})
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("the lake is not whole: %v, %v", report.Problems, err)
	}
}

// TestAhead runs once while the clock is 30 days ahead. It is told until a reset; then all due
// times are run when they come, and the history has what was.
func TestAhead(t *testing.T) {
	disk := scheduled(t, daily(func(d *Definition) { d.Keep = 20 }))
	l, err := openMemory(t, disk)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, daily(nil))
	b.Book = NewBook(l)
	now := at(3, 7, 0)
	b.round(t, at(2, 7, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	b.clock.now = wrong(now)
	if res, err := b.Run(t.Context()); err != nil || res.Counts[EventReported] != 31 {
		t.Errorf("%v, %v", res, err)
	}
	b.stuck(t, now, "schedule daily: its due times are settled until 2026-12-03 06:00 UTC, and the clock here says that it is past 2026-11-03 07:00 UTC: a clock is or was wrong")
	next := at(34, 6, 0) // 4 December
	b.expect(t, "daily", now, true, next, next.AddDate(0, 0, 1))
	// Other schedules are run.
	other := testDefinition
	other.Name, other.Cron, other.From = "other", "0 7 * * *", at(3, 0, 0)
	other.Normalize()
	if _, err := b.Book.Add(t.Context(), other, false); err != nil {
		t.Fatal(err)
	}
	b.stuck(t, now, "schedule daily: ", "20261103-0700 reported", "20261103-0700 notice sent")

	// 20 are kept, of due times after that of today.
	b.reset(t, "daily", now, 20)
	b.reset(t, "daily", now, 0)
	b.expect(t, "daily", now, false, at(4, 6, 0), at(5, 6, 0))
	if run, err := b.Book.LastDue(t.Context(), "daily", now); run != nil || err != nil {
		t.Errorf("%+v, %v", run, err)
	}
	items, err := b.Book.History(t.Context(), "daily", 0)
	if err != nil || len(items) != 20 || !items[0].Run.Void.Equal(now) || items[0].Run.State != StateReported {
		t.Errorf("%+v, %v", items, err)
	}
	b.whole(t, l)
	if err := b.Book.Remove(t.Context(), "other", now); err != nil {
		t.Fatal(err)
	}
	b.round(t, now, at(4, 6, 0))
	b.round(t, at(4, 6, 0), at(5, 6, 0), "20261104-0600 reported", "20261104-0600 notice sent")
	for day := 5; day < 40; day++ { // the void ones begin at the 14th
		b.round(t, at(day, 6, 0), at(day+1, 6, 0), fmt.Sprintf("%s reported", Key(at(day, 6, 0))))
	}
	items, err = b.Book.History(t.Context(), "daily", 0)
	if err != nil || len(items) != 20 {
		t.Fatalf("%d runs are kept, %v", len(items), err)
	}
	for _, it := range items {
		again := !it.Run.Due.After(at(33, 6, 0))
		if !it.Run.Void.IsZero() || (len(it.Run.Earlier) == 1) != again || again && it.Run.Earlier[0].Void.IsZero() {
			t.Errorf("%+v", it.Run)
		}
	}
	b.whole(t, l)
}

// TestAheadLease has a runner that skipped a month and died at work, with a lease that ends a
// month later.
func TestAheadLease(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) { d.CatchUp = CatchUpLast }))
	now := at(5, 7, 0)
	far := wrong(at(5, 6, 0))
	if _, err := b.Book.save(t.Context(), Item{}, Skip("daily", at(2, 6, 0), far.AddDate(0, 0, -1), 33)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Book.save(t.Context(), Item{}, NewRun("daily", far).Claim("dead", far)); err != nil {
		t.Fatal(err)
	}
	b.stuck(t, now, "the runner dead holds a run until 2026-12-05 06:04 UTC")
	b.expect(t, "daily", now, true, far, far.AddDate(0, 0, 1))
	b.reset(t, "daily", now, 2)
	// What the skipped run stood for and was due is made up for as the schedule says.
	b.round(t, now, at(6, 6, 0), "20261104-0600 skipped", "20261105-0600 reported", "20261105-0600 notice sent")
	for day := 6; day < 36; day++ {
		b.round(t, at(day, 6, 0), at(day+1, 6, 0), fmt.Sprintf("%s reported", Key(at(day, 6, 0))))
	}
}

// TestAheadSkip skips, and replaces, on top of void runs.
func TestAheadSkip(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) { d.CatchUp = CatchUpLast }))
	ctx := t.Context()
	b.round(t, at(2, 6, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	for day := 3; day < 9; day++ {
		b.round(t, at(day, 6, 0), at(day+1, 6, 0), Key(at(day, 6, 0))+" reported")
	}
	b.reset(t, "daily", at(3, 7, 0), 5)
	b.round(t, at(6, 7, 0), at(7, 6, 0), "20261105-0600 skipped", "20261106-0600 reported")
	d, err := b.Book.Schedule(ctx, "daily")
	if err != nil {
		t.Fatal(err)
	}
	d.Cron, d.From = "0 7 * * *", at(7, 6, 30)
	if skipped, err := b.Book.Add(ctx, *d, true); err != nil || skipped == nil || skipped.Skipped != 1 || len(skipped.Earlier) != 1 {
		t.Errorf("%+v, %v", skipped, err)
	}
	items, err := b.Book.History(ctx, "daily", 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range items {
		got = append(got, fmt.Sprint(Key(it.Run.Due), " ", it.Run.State, " ", !it.Run.Void.IsZero(), " ", len(it.Run.Earlier)))
	}
	want := []string{"20261108-0600 reported true 0", "20261107-0600 skipped false 1", "20261106-0600 reported false 1", "20261105-0600 skipped false 1",
		"20261104-0600 reported true 0", "20261103-0600 reported false 0", "20261102-0600 reported false 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestAheadFrom was added, resumed and replaced while the clock was ahead.
func TestAheadFrom(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) { d.From = at(1, 12, 0).AddDate(1, 0, 0) }))
	b.stuck(t, at(2, 7, 0), "its due times count from 2027-11-01 12:00 UTC")
	b.expect(t, "daily", at(2, 7, 0), true, at(2, 6, 0).AddDate(1, 0, 0))
	b.reset(t, "daily", at(2, 7, 0), 0)
	b.round(t, at(3, 6, 0), at(4, 6, 0), "20261103-0600 reported", "20261103-0600 notice sent")
	if err := errors.Join(b.Book.Pause(t.Context(), "daily", at(3, 7, 0)), b.Book.Resume(t.Context(), "daily", wrong(at(3, 8, 0)))); err != nil {
		t.Fatal(err)
	}
	b.stuck(t, at(4, 7, 0), "it was resumed at 2026-12-03 08:00 UTC")
	b.expect(t, "daily", at(4, 7, 0), true, wrong(at(4, 6, 0)))
	b.reset(t, "daily", at(4, 7, 0), 0)
	b.round(t, at(5, 6, 0), at(6, 6, 0), "20261105-0600 reported")
	// One that takes its place counts from now at the latest.
	b = newBench(t, daily(func(d *Definition) { d.From = wrong(at(1, 12, 0)) }))
	d := testDefinition
	daily(func(d *Definition) { d.From = at(1, 12, 0) })(&d)
	d.Normalize()
	if _, err := b.Book.Add(t.Context(), d, true); err != nil {
		t.Fatal(err)
	}
	b.round(t, at(2, 6, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
}

// TestDisbelief has a run that is due, and what a clock left that was ahead while it was run.
func TestDisbelief(t *testing.T) {
	due, now := at(2, 6, 0), at(2, 6, 10)
	d := testDefinition
	d.Normalize()
	claimed := NewRun("daily", due).Claim("dead", wrong(due))
	failed := claimed.Fail(wrong(due), "no", nil, &d)
	told := claimed.Report(wrong(due), Made{}, nil, &d).NoticeDone(0, wrong(due), "refused").Release()
	for name, run := range map[string]Run{"lease": claimed, "attempt": failed, "notice": told} {
		b := newBench(t, daily(nil))
		if _, err := b.Book.save(t.Context(), Item{}, run); err != nil {
			t.Fatal(err)
		}
		if name == "lease" {
			b.stuck(t, now, "the runner dead holds a run until 2026-12-02 06:04 UTC", "20261102-0600 reported", "20261102-0600 notice sent")
		}
		b.clock.now = now
		if _, err := b.Run(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if items, err := b.Book.History(t.Context(), "daily", 0); err != nil || !items[0].Run.Settled() || items[0].Run.Sent[0].State != NoticeSent {
			t.Errorf("%s: %+v, %v", name, items, err)
		}
	}
	// Clocks may differ by minutes.
	for ahead, want := range map[time.Duration]bool{0: true, 3 * time.Minute: true, 6 * time.Minute: false} {
		if r := NewRun("daily", due).Claim("other", now.Add(ahead)); r.Held(now) != want || r.ReadyAt(now).After(now) != want {
			t.Errorf("%s ahead: held %t, ready %s", ahead, r.Held(now), r.ReadyAt(now))
		}
	}
}

// TestResetNothing takes back nothing where no clock was ahead: what was missed is made up for.
func TestResetNothing(t *testing.T) {
	b := newBench(t, daily(nil))
	b.round(t, at(2, 6, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	b.reset(t, "daily", at(4, 7, 0), 0)
	b.round(t, at(4, 7, 0), at(5, 6, 0), "20261103-0600 reported", "20261104-0600 reported")
	// A lake that nobody looked after for a year is not one whose clock is wrong.
	b.clock.now = at(4, 7, 0).AddDate(1, 0, 0)
	if res, err := b.Run(t.Context()); err != nil || res.Counts[EventReported] != 365 {
		t.Errorf("%v, %v", res.Counts, err)
	}
	if _, _, err := b.Book.Reset(t.Context(), "nope", at(4, 7, 0)); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
