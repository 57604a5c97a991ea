package schedule

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"traillake/internal/vfs"
	"traillake/lake"
)

// still is a clock that somebody sets.
type still struct{ now time.Time }

func (c *still) Now() time.Time { return c.now }

func (c *still) Every(time.Duration, func()) func() { return func() {} }

func (c *still) Sleep(_ context.Context, until time.Time) { c.now = until }

// published counts what a maker and a sender leave in the world outside the lake.
type published struct{ reports, notices map[string]int }

func newPublished() *published { return &published{map[string]int{}, map[string]int{}} }

func (p *published) runner(l *lake.Lake, name string, clock Clock) *Runner {
	return &Runner{
		Book: NewBook(l), Name: name, Clock: clock,
		Make: func(_ context.Context, j Job) (Made, error) {
			place := j.Place("/r")
			if p.reports[place] == 0 {
				p.reports[place]++
			}
			return Made{Locations: []string{place}}, nil
		},
		Send: func(_ context.Context, _ Notice, m Message) error {
			p.notices[m.ID]++
			return nil
		},
	}
}

func openMemory(t *testing.T, fsys vfs.FS) (*lake.Lake, error) {
	t.Helper()
	st, err := lake.LocalStorage(fsys, "/lake")
	if err != nil {
		t.Fatal(err)
	}
	return lake.OpenOrCreate(t.Context(), "/lake", lake.Options{Storage: st})
}

var testDefinition = Definition{
	Name: "monthly", Cron: "0 6 1 * *", Report: "pack", To: []string{"/r"}, From: time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC),
	Notices: []Notice{{Kind: NoticeWebhook, To: "https://example.org/hook"}},
}

// scheduled returns a disk with a lake that has a schedule.
func scheduled(t *testing.T, change func(*Definition)) *vfs.Memory {
	t.Helper()
	disk := vfs.NewMemory()
	l, err := openMemory(t, disk)
	if err != nil {
		t.Fatal(err)
	}
	d := testDefinition
	if change != nil {
		change(&d)
	}
	d.Normalize()
	if _, err := NewBook(l).Add(t.Context(), d, false); err != nil {
		t.Fatal(err)
	}
	return disk
}

// TestEveryOp lets a runner die at every operation on the disk, with the operation done and
// not, and the power go. Another runner finds a lake that is whole, and leaves one report
// of each due time.
func TestEveryOp(t *testing.T) {
	base := scheduled(t, nil)
	due := time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC) // two have been missed
	count := vfs.NewFaults(base.Clone(), nil)
	l, err := openMemory(t, count)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := newPublished().runner(l, "counts", &still{due}).Run(t.Context()); err != nil || res.Counts[EventReported] != 2 {
		t.Fatalf("%v, %v", res, err)
	}
	ops := len(count.Ops())
	if ops < 100 {
		t.Fatalf("only %d operations", ops)
	}
	for n := 1; n <= ops; n++ {
		if !count.Ops()[n-1].Changes() {
			continue
		}
		for _, extent := range []vfs.Extent{vfs.Nothing, vfs.All} {
			disk, world := base.Clone(), newPublished()
			if l, err := openMemory(t, vfs.NewFaults(disk, vfs.DieAt(n, extent))); err == nil {
				// It says nothing of what it could not clean up.
				if _, err := world.runner(l, "dies", &still{due}).Run(t.Context()); err != nil && !errors.Is(err, vfs.ErrDead) {
					t.Fatalf("operation %d: %v", n, err)
				}
			}
			for _, left := range []*vfs.Memory{disk, disk.Crash(rand.New(rand.NewPCG(uint64(n), 1)))} {
				survivor := &published{clone(world.reports), clone(world.notices)}
				l, err := openMemory(t, left)
				if err != nil {
					t.Fatal(err)
				}
				clock := &still{due.Add(LeaseTime + leaseGrace + time.Second)}
				res, err := survivor.runner(l, "follows", clock).Run(t.Context())
				if err != nil || res.Failed() {
					t.Fatalf("operation %d: %v, %v", n, res, err)
				}
				for _, at := range []time.Time{time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC)} {
					if got := survivor.reports[(Job{Definition: testDefinition, Due: at}).Place("/r")]; got != 1 {
						t.Errorf("operation %d: %d reports of %s", n, got, at)
					}
					if at.Month() == time.November && survivor.notices["monthly/"+Key(at)] == 0 {
						t.Errorf("operation %d: %s is not told", n, at)
					}
				}
				items, err := NewBook(l).History(t.Context(), "monthly", 0)
				if err != nil || len(items) != 2 || !items[0].Run.Settled() || !items[1].Run.Settled() {
					t.Errorf("operation %d: history %v, %v", n, items, err)
				}
				report, err := lake.Check(t.Context(), l, lake.CheckOptions{})
				if err != nil || len(report.Problems) > 0 {
					t.Errorf("operation %d: %v, %v", n, report.Problems, err)
				}
			}
		}
	}
}

func clone(m map[string]int) map[string]int {
	c := make(map[string]int, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// TestResetEveryOp lets a reset die at every operation on the disk. Another one ends it.
func TestResetEveryOp(t *testing.T) {
	now := time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)
	base := scheduled(t, nil)
	reset := func(fsys vfs.FS) error {
		l, err := openMemory(t, fsys)
		if err == nil {
			_, _, err = NewBook(l).Reset(t.Context(), "monthly", now)
		}
		return err
	}
	l, err := openMemory(t, base)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := newPublished().runner(l, "early", &still{now.AddDate(0, 3, 0)}).Run(t.Context()); err != nil || res.Counts[EventReported] != 4 {
		t.Fatalf("%v, %v", res, err)
	}
	count := vfs.NewFaults(base.Clone(), nil)
	if err := reset(count); err != nil {
		t.Fatal(err)
	}
	for n, op := range count.Ops() {
		if !op.Changes() {
			continue
		}
		disk := base.Clone()
		if err := reset(vfs.NewFaults(disk, vfs.DieAt(n+1, vfs.Nothing))); err != nil && !errors.Is(err, vfs.ErrDead) {
			t.Fatalf("operation %d: %v", n, err)
		}
		left := disk.Crash(rand.New(rand.NewPCG(uint64(n), 1)))
		if err := reset(left); err != nil {
			t.Fatalf("operation %d: %v", n, err)
		}
		l, err := openMemory(t, left)
		if err != nil {
			t.Fatal(err)
		}
		world := newPublished()
		if res, err := world.runner(l, "late", &still{now.AddDate(0, 1, 0)}).Run(t.Context()); err != nil || res.Counts[EventReported] != 1 {
			t.Errorf("operation %d: %v, %v", n, res, err)
		}
		items, err := NewBook(l).History(t.Context(), "monthly", 0)
		if err != nil || len(items) != 4 || len(items[2].Run.Earlier) != 1 || items[1].Run.Void.IsZero() {
			t.Errorf("operation %d: history %+v, %v", n, items, err)
		}
		report, err := lake.Check(t.Context(), l, lake.CheckOptions{})
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("operation %d: %v, %v", n, report.Problems, err)
		}
	}
}
