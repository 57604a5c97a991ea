package schedule

import (
	"math"
	"slices"
	"time"
)

// Item is a run as it is recorded. Version is that of the record, 0 when there is none yet.
type Item struct {
	Run     Run
	Version int
}

// Progress is how far a schedule has come.
type Progress struct {
	V int `json:"v"`
	// Through is a time up to which, itself included, all due times are settled: the last of
	// them, or when the schedule was reset.
	Through time.Time `json:"through,omitzero"`
	// Last is the last report up to Through; nil for none.
	Last *Made `json:"last,omitempty"`
}

// Plan is what is to be done for a schedule.
type Plan struct {
	// Skip is a run to be recorded before anything else; nil for none.
	Skip *Item
	// Ready are the runs with something to do now, the oldest first.
	Ready []Item
	// Wake is when there may be something to do next; zero for never.
	Wake time.Time
	// Progress is that to be recorded now.
	Progress Progress
	// Ahead wraps ErrAhead where a wrong clock keeps due times from being run; nil where
	// nothing tells of one.
	Ahead error
}

// maxMissed bounds the due times of a plan that nobody has begun; the next plan has more.
const maxMissed = 1000

// MakePlan says what is to be done at a time, given the runs that are recorded for due
// times after p.Through.
func MakePlan(d *Definition, p Progress, runs []Item, now time.Time) (Plan, error) {
	plan := Plan{Progress: p}
	times, err := ParseTimes(d.Cron, d.TimeZone)
	if err != nil || !d.Removed.IsZero() {
		return plan, err
	}
	runs, void := split(runs)
	most := maxMissed
	if d.CatchUp == CatchUpLast {
		most = math.MaxInt
	}
	missed, due := d.missed(times, p, runs, now, most)
	if d.CatchUp == CatchUpLast {
		var skip *Run
		if skip, missed = skipped(d.Name, missed, runs); skip != nil {
			it := void.begin(*skip)
			plan.Skip = &it
		}
	}
	plan.Ahead = d.ahead(p, runs, now)
	wakeAt := func(at time.Time) {
		if plan.Wake.IsZero() || at.Before(plan.Wake) {
			plan.Wake = at
		}
	}
	if !due.IsZero() {
		wakeAt(due)
	}
	for _, m := range missed {
		runs = append(runs, void.begin(NewRun(d.Name, m)))
	}
	slices.SortFunc(runs, byDue)
	unbroken := true
	for _, it := range runs {
		if it.Run.Settled() {
			if unbroken {
				plan.Progress.Through = it.Run.Due
				if it.Run.Made != nil {
					plan.Progress.Last = it.Run.Made
				}
			}
			continue
		}
		unbroken = false
		if at := it.Run.ReadyAt(now); at.After(now) {
			wakeAt(at)
		} else {
			plan.Ready = append(plan.Ready, it)
		}
	}
	if d.Paused() {
		plan.Ready, plan.Skip, plan.Wake = nil, nil, time.Time{}
	}
	return plan, nil
}

// voids are the void runs of due times that nobody has begun since, by Key.
type voids map[string]Item

// split returns the runs that count, in order, and the others.
func split(all []Item) (runs []Item, void voids) {
	void = voids{}
	for _, it := range slices.SortedFunc(slices.Values(all), byDue) {
		if it.Run.Void.IsZero() {
			runs = append(runs, it)
		} else {
			void[Key(it.Run.Due)] = it
		}
	}
	return runs, void
}

// begin returns a run that nobody has begun as it is to be recorded: on top of the void run
// of its due time, if there is one.
func (v voids) begin(r Run) Item {
	old, ok := v[Key(r.Due)]
	if !ok {
		return Item{Run: r}
	}
	return Item{r.over(old.Run), old.Version}
}

// missed returns the due times up to now, at most so many, that nobody has begun, given the
// runs that count of due times after p.Through, and the due time after those looked at.
func (d *Definition) missed(times *Times, p Progress, runs []Item, now time.Time, most int) (missed []time.Time, next time.Time) {
	recorded := make(map[string]bool, len(runs))
	for _, it := range runs {
		recorded[Key(it.Run.Due)] = true
	}
	start := p.Through
	if d.From.After(start) {
		start = d.From
	}
	next = times.Next(start)
	for ; !next.IsZero() && !next.After(now) && len(missed) < most; next = times.Next(next) {
		if !recorded[Key(next)] && !d.pausedAt(next) && !slices.ContainsFunc(runs, func(it Item) bool { return it.Run.covers(next) }) {
			missed = append(missed, next)
		}
	}
	return missed, next
}

// skipped returns the run that stands for all missed due times but the newest, and what is
// left of them. The newest is skipped, too, when a later one has a run already.
func skipped(name string, missed []time.Time, runs []Item) (*Run, []time.Time) {
	keep := len(missed) - 1
	if keep >= 0 && len(runs) > 0 && runs[len(runs)-1].Run.Due.After(missed[keep]) {
		keep++
	}
	if keep < 1 {
		return nil, missed
	}
	skip := Skip(name, missed[0], missed[keep-1], keep)
	return &skip, missed[keep:]
}

// covers reports whether a run stands for a due time that has no run of its own.
func (r Run) covers(due time.Time) bool {
	return r.State == StateSkipped && !due.Before(r.SkippedFrom) && !due.After(r.Due)
}

func byDue(a, b Item) int { return a.Run.Due.Compare(b.Run.Due) }
