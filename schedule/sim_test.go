package schedule

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"traillake/internal/vfs"
	"traillake/lake"
)

var simSeeds = flag.Uint64("sim.seeds", 1, "how many years TestYear runs")

// sim runs runners in virtual time. One of them runs at a time, up to its next operation
// on the storage; which one is next is drawn, and so is who dies where.
type sim struct {
	t    *testing.T
	rng  *rand.Rand
	now  time.Time
	disk *vfs.Memory
	live []*simRunner

	// What the makers have left: reports by place and how often each was published, and
	// notices by what they tell.
	reports  map[string]int
	findings map[string]string
	told     map[string]int
	// deaths, naps and conflicts show that something was tested.
	deaths, naps, taken int
	// dieRate and napRate are the odds of a death at an operation and of a nap in a maker.
	dieRate, napRate float64
	fail             func(j Job) error
}

// simRunner is a process.
type simRunner struct {
	sim    *sim
	resume chan bool // false: die
	parked chan bool // false: ended
	dead   bool
	until  time.Time // sleeps until then
	beats  []func()
	result Result
}

var errDead = errors.New("the process is dead")

func newSim(t *testing.T, seed uint64) *sim {
	return &sim{t: t, rng: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), disk: vfs.NewMemory(),
		reports: map[string]int{}, findings: map[string]string{}, told: map[string]int{}}
}

// step is where a process may be stopped.
func (r *simRunner) step() error {
	if r == nil {
		return nil
	}
	if r.dead {
		return errDead
	}
	r.parked <- true
	if !<-r.resume {
		r.dead = true
		return errDead
	}
	return nil
}

// pass lets time go by. The leases are renewed meanwhile unless the process naps.
func (r *simRunner) pass(d time.Duration, nap bool) error {
	for end := r.sim.now.Add(d); r.sim.now.Before(end); {
		r.until = end
		if next := r.sim.now.Add(leaseBeat); !nap && next.Before(end) {
			r.until = next
		}
		if err := r.step(); err != nil {
			return err
		}
		if !nap {
			for _, beat := range r.beats {
				beat()
			}
		}
	}
	return nil
}

// Now, Every and Sleep implement Clock.
func (r *simRunner) Now() time.Time { return r.sim.now }

func (r *simRunner) Every(_ time.Duration, f func()) func() {
	r.beats = append(r.beats, f)
	return func() { r.beats = nil }
}

func (r *simRunner) Sleep(context.Context, time.Time) {}

// start runs the schedules in a process of its own.
func (s *sim) start(name string) {
	r := &simRunner{sim: s, resume: make(chan bool), parked: make(chan bool)}
	s.live = append(s.live, r)
	go func() {
		defer func() { r.parked <- false }()
		if r.step() != nil {
			return
		}
		l := s.lake(r)
		if l == nil {
			return
		}
		runner := &Runner{Book: NewBook(l), Name: name, Clock: r, Make: r.make, Send: r.send, Event: func(e Event) {
			if e.Kind == EventTaken {
				s.taken++
			}
		}}
		res, err := runner.Run(s.t.Context())
		if err != nil && !r.dead {
			s.t.Errorf("%s at %s: %v", name, s.now, err)
		}
		r.result = res
	}()
	<-r.parked
}

// lake opens the lake for a process; nil is the test itself.
func (s *sim) lake(r *simRunner) *lake.Lake {
	st, err := lake.LocalStorage(s.disk, "/lake")
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := lake.OpenOrCreate(s.t.Context(), "/lake", lake.Options{Storage: simStorage{st, r}})
	if err != nil && (r == nil || !r.dead) {
		s.t.Error(err)
	}
	return l
}

// finish runs all processes to their ends, or deaths.
func (s *sim) finish() (wake time.Time) {
	for len(s.live) > 0 {
		var awake []*simRunner
		first := s.live[0]
		for _, r := range s.live {
			if !r.until.After(s.now) {
				awake = append(awake, r)
			}
			if r.until.Before(first.until) {
				first = r
			}
		}
		if len(awake) == 0 {
			s.now = first.until
			continue
		}
		r := awake[s.rng.IntN(len(awake))]
		die := s.rng.Float64() < s.dieRate
		if die && !r.dead {
			s.deaths++
		}
		r.resume <- !die
		if !<-r.parked {
			s.live = slices.DeleteFunc(s.live, func(o *simRunner) bool { return o == r })
			if !r.dead && !r.result.Wake.IsZero() && (wake.IsZero() || r.result.Wake.Before(wake)) {
				wake = r.result.Wake
			}
		}
	}
	return wake
}

// make publishes a report, which takes minutes, and longer in a process that naps.
func (r *simRunner) make(_ context.Context, j Job) (Made, error) {
	s := r.sim
	place := j.Place("")
	if err := r.step(); err != nil {
		return Made{}, err
	}
	if s.reports[place] == 0 {
		if s.fail != nil {
			if err := s.fail(j); err != nil {
				return Made{}, err
			}
		}
		if err := r.pass(time.Duration(s.rng.IntN(240))*time.Second, false); err != nil {
			return Made{}, err
		}
		if s.rng.Float64() < s.napRate {
			s.naps++
			if err := r.pass(time.Duration(s.rng.IntN(120))*time.Minute, true); err != nil {
				return Made{}, err
			}
		}
		// As a rename does: it happens, unless the place is taken.
		if s.reports[place] == 0 {
			s.reports[place]++
			s.findings[place] = fmt.Sprint(j.Due.Month())
		}
	}
	if err := r.step(); err != nil {
		return Made{}, err
	}
	return Made{At: s.now, Locations: []string{place}, Findings: s.findings[place]}, nil
}

func (r *simRunner) send(_ context.Context, n Notice, m Message) error {
	if err := r.step(); err != nil {
		return err
	}
	r.sim.told[string(n.When)+" "+m.ID]++
	return r.step()
}

// simStorage is the storage of a process.
type simStorage struct {
	lake.Storage
	r *simRunner
}

func (s simStorage) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	if err := s.r.step(); err != nil {
		return err
	}
	return s.Storage.PutIfAbsent(ctx, name, data)
}

func (s simStorage) Get(ctx context.Context, name string) ([]byte, error) {
	if err := s.r.step(); err != nil {
		return nil, err
	}
	return s.Storage.Get(ctx, name)
}

func (s simStorage) List(ctx context.Context, dir string) iter.Seq2[lake.FileInfo, error] {
	if err := s.r.step(); err != nil {
		return func(yield func(lake.FileInfo, error) bool) { yield(lake.FileInfo{}, err) }
	}
	return s.Storage.List(ctx, dir)
}

func (s simStorage) Remove(ctx context.Context, name string) error {
	if err := s.r.step(); err != nil {
		return err
	}
	return s.Storage.Remove(ctx, name)
}

func (s *sim) add(d Definition) {
	s.t.Helper()
	d.Report, d.To, d.From = "pack", []string{"/reports"}, s.now
	d.Notices = []Notice{
		{Kind: NoticeSNS, To: "arn:aws:sns:eu-west-1:123456789012:audit", When: NoticeAlways},
		{Kind: NoticeSNS, To: "arn:aws:sns:eu-west-1:123456789012:audit", When: NoticeChanged},
	}
	d.Normalize()
	if _, err := NewBook(s.lake(nil)).Add(s.t.Context(), d, false); err != nil {
		s.t.Fatal(err)
	}
}

// TestYear runs schedules of several zones for a year, by two runners that die at any
// operation, nap for longer than their leases, and are both away for days: each due time
// has exactly one report, and is told at least once.
func TestYear(t *testing.T) {
	for seed := range *simSeeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newSim(t, seed)
			s.dieRate, s.napRate = 0.005, 0.1
			// Due times between 2026-01-01 and 2027-01-01, by the calendar; the hourly one has
			// those of the day around Zagreb's change of 2026-03-29, 23 hours, and of 2026-10-25,
			// 25 hours in which the repeated one is not repeated.
			want := map[string]int{"monthly": 12, "daily": 180, "last-day": 12, "weekly": 52, "skipped-hour": 60, "hourly": 23, "hourly-2": 24}
			s.add(Definition{Name: "monthly", Cron: "0 6 1 * *", TimeZone: "Europe/Zagreb"})
			s.add(Definition{Name: "daily", Cron: "30 2 * 2-4,9-11 *", TimeZone: "Europe/Zagreb", Keep: 50})
			s.add(Definition{Name: "last-day", Cron: "45 23 L * *", TimeZone: "America/Los_Angeles"})
			s.add(Definition{Name: "weekly", Cron: "15 0 * * MON", TimeZone: "Australia/Lord_Howe", Keep: 10})
			s.add(Definition{Name: "skipped-hour", Cron: "30 0 * 4,9 *", TimeZone: "America/Santiago", Keep: 50})
			s.add(Definition{Name: "hourly", Cron: "0 * 29 3 *", TimeZone: "Europe/Zagreb", Keep: 50})
			s.add(Definition{Name: "hourly-2", Cron: "0 * 25 10 *", TimeZone: "Europe/Zagreb", Keep: 50})
			// Of the last of December 2025, 2026-01-01 07:45Z, and of the first of January 2027.
			want["last-day"]++
			want["monthly"]++
			end := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
			if testing.Short() { // the race detector makes it ten times slower: until mid April
				end = time.Date(2026, 4, 15, 12, 0, 0, 0, time.UTC)
				want = map[string]int{"monthly": 4, "daily": 28 + 31 + 15, "last-day": 4, "weekly": 15, "skipped-hour": 15, "hourly": 23}
			}
			for round := 0; s.now.Before(end); round++ {
				s.start(fmt.Sprintf("one-%d", round))
				if s.rng.IntN(3) > 0 {
					s.start(fmt.Sprintf("two-%d", round))
				}
				wake := s.finish()
				switch {
				case s.rng.IntN(150) == 0: // nobody is there for days
					s.now = s.now.Add(time.Duration(s.rng.IntN(10*24)) * time.Hour)
				case wake.After(s.now):
					s.now = wake.Add(time.Duration(s.rng.IntN(600)) * time.Second)
				default:
					s.now = s.now.Add(10 * time.Minute)
				}
			}
			s.dieRate, s.napRate = 0, 0
			for range 3 { // what the dead have left
				s.now = s.now.Add(time.Hour)
				s.start("last")
				s.finish()
			}
			got, all := map[string]int{}, map[string]int{} // until the end, and as far as time went
			for place, n := range s.reports {
				var name, due string
				if _, err := fmt.Sscanf(place, "/%s", &due); err != nil {
					t.Fatal(err)
				}
				name, due = due[:len(due)-len("/2006-01-02T1504Z")], due[len(due)-len("2006-01-02T1504Z"):]
				at, err := time.Parse(placeLayout, due)
				if err != nil || n != 1 {
					t.Errorf("%s: %d reports, %v", place, n, err)
				}
				all[name]++
				if at.Before(end.Add(-time.Hour)) {
					got[name]++
				}
				if s.told["always "+name+"/"+Key(at)] == 0 {
					t.Errorf("%s was not told", place)
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("reports %v, want %v", got, want)
			}
			if s.deaths < 20 || s.naps < 5 || s.taken == 0 && !testing.Short() {
				t.Errorf("%d deaths, %d naps, %d runs taken over: too few", s.deaths, s.naps, s.taken)
			}
			t.Logf("%d deaths, %d naps, %d runs taken over", s.deaths, s.naps, s.taken)
			s.check(all)
		})
	}
}

// check wants every due time to be settled and the history to be as long as it should.
func (s *sim) check(want map[string]int) {
	s.t.Helper()
	l := s.lake(nil)
	book := NewBook(l)
	all, err := book.Schedules(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range all {
		items, err := book.History(s.t.Context(), d.Name, 0)
		if err != nil {
			s.t.Error(err)
		}
		if n := min(want[d.Name], d.Keep); len(items) < n || len(items) > n+1 {
			s.t.Errorf("%s: %d runs in the history, want %d", d.Name, len(items), n)
		}
		for _, it := range items {
			if it.Run.State != StateReported || !it.Run.Settled() {
				s.t.Errorf("%s %s is left %s", d.Name, Key(it.Run.Due), it.Run.State)
			}
		}
	}
	report, err := lake.Check(s.t.Context(), l, lake.CheckOptions{})
	if err != nil || len(report.Problems) > 0 {
		s.t.Errorf("the lake is not whole: %v, %v", report.Problems, err)
	}
}
