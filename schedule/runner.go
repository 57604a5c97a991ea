package schedule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"traillake/lake"
)

// Clock is the time that a runner goes by.
type Clock interface {
	Now() time.Time
	// Every calls f again and again, d apart, until stop is called. No call is under way
	// when stop returns.
	Every(d time.Duration, f func()) (stop func())
	// Sleep waits until a time, or until the context ends.
	Sleep(ctx context.Context, until time.Time)
}

// Job is a report to be made.
type Job struct {
	Definition Definition
	Due        time.Time
	// Overdue says that the wait for complete data is over.
	Overdue bool
	// Snapshot is what the report is to be made of, 0 where an attempt has still to choose
	// one. Pin records the choice; without it, two attempts may make different reports.
	Snapshot int64
	Pin      func(ctx context.Context, snapshot int64) error
	// Delivered are the places that have the report from attempts before, as in Run.
	Delivered []string
}

// Place returns the folder of the job's report below a place of the definition:
// <place>/<schedule>/<due time>.
func (j Job) Place(to string) string {
	return j.Definition.Place(to) + "/" + j.Due.UTC().Format(placeLayout)
}

// placeLayout is a form of RFC 3339 without colons, which not every file system likes.
const placeLayout = "2006-01-02T1504Z"

// Incomplete is returned by a Maker when data of the period is still to come.
type Incomplete struct{ Reason string }

func (e *Incomplete) Error() string { return "the data is not complete: " + e.Reason }

// Maker makes a report and delivers it to all places of the definition. Where a place has
// the job's report already, that is copied to the others. It returns an error where a place
// does not work or has anything else; the others have the report all the same, and the
// locations of what it returns are those that do. It returns an *Incomplete when the
// definition requires complete data, that has not come, and the job is not overdue.
type Maker func(ctx context.Context, j Job) (Made, error)

// Sender sends a notice. Errors name no secrets.
type Sender func(ctx context.Context, n Notice, m Message) error

// Runner runs what is due. Several may run the schedules of one lake.
type Runner struct {
	Book *Book
	// Name tells runners apart, such as host and process.
	Name  string
	Clock Clock
	Make  Maker
	Send  Sender
	// Event is called with what happens, by one goroutine at a time; nil for nobody.
	Event func(Event)
}

// EventKind says what happened.
type EventKind string

// What happens to runs.
const (
	EventReported     EventKind = "reported"
	EventWaiting      EventKind = "waiting"
	EventRetry        EventKind = "will be tried again"
	EventFailed       EventKind = "failed"
	EventSkipped      EventKind = "skipped"
	EventTaken        EventKind = "taken over by another runner"
	EventNoticeSent   EventKind = "notice sent"
	EventNoticeRetry  EventKind = "notice will be tried again"
	EventNoticeFailed EventKind = "notice failed"
)

// Event is something that happened to a run.
type Event struct {
	Kind EventKind
	Run  Run
	// Notice is the number of the notice in Run.Sent, for events of notices.
	Notice int
}

// Result is what a round of a runner did, and what is left.
type Result struct {
	// Counts counts the events.
	Counts map[EventKind]int
	// Wake is when there is something to do next; zero for never.
	Wake time.Time
}

// Failed reports whether something failed, for good or for now.
func (r Result) Failed() bool {
	return r.Counts[EventRetry]+r.Counts[EventFailed]+r.Counts[EventNoticeRetry]+r.Counts[EventNoticeFailed] > 0
}

// Run runs everything that is due now, and returns when nothing is left but what waits or
// is in the hands of other runners. only names the schedules; none means all. The error
// is about schedules that could not be looked after, or wraps ErrAhead; what fails in a run is
// in the result.
func (r *Runner) Run(ctx context.Context, only ...string) (Result, error) {
	res := Result{Counts: map[EventKind]int{}}
	var all []Definition
	var err error
	if len(only) == 0 {
		all, err = r.Book.Schedules(ctx)
	}
	for _, name := range only {
		d, missing := r.Book.Schedule(ctx, name)
		if missing == nil {
			all = append(all, *d)
		}
		err = errors.Join(err, missing)
	}
	if err != nil {
		return res, err
	}
	var errs []error
	for _, d := range all {
		wake, err := r.schedule(ctx, &d, &res)
		if ctx.Err() != nil {
			return res, errors.Join(append(errs, ctx.Err())...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("schedule %s: %w", d.Name, err))
		}
		if !wake.IsZero() && (res.Wake.IsZero() || wake.Before(res.Wake)) {
			res.Wake = wake
		}
	}
	if len(res.Counts) > 0 { // seldom enough
		errs = append(errs, r.Book.sweep(ctx, r.Clock.Now()))
	}
	return res, errors.Join(errs...)
}

// maxSleep is how long a runner that stays sleeps at most: then it looks for new
// schedules.
const maxSleep = time.Minute

// Watch runs what is due whenever it is, until the context ends. after is called after
// every round.
func (r *Runner) Watch(ctx context.Context, after func(Result, error), only ...string) {
	for ctx.Err() == nil {
		res, err := r.Run(ctx, only...)
		if ctx.Err() != nil {
			return
		}
		after(res, err)
		until := r.Clock.Now().Add(maxSleep)
		if !res.Wake.IsZero() && res.Wake.Before(until) {
			until = res.Wake
		}
		// A second at least, should something fail again and again.
		if least := r.Clock.Now().Add(time.Second); until.Before(least) {
			until = least
		}
		r.Clock.Sleep(ctx, until)
	}
}

// Due returns what is to be done now for a schedule, and changes nothing.
func (r *Runner) Due(ctx context.Context, d *Definition) (Plan, error) {
	p, runs, err := r.Book.unsettled(ctx, d.Name)
	if err != nil {
		return Plan{}, err
	}
	return MakePlan(d, p, runs, r.Clock.Now())
}

// schedule does what there is to do for one schedule, and returns when there is more.
func (r *Runner) schedule(ctx context.Context, d *Definition, res *Result) (time.Time, error) {
	first, ahead := true, error(nil)
	for {
		plan, err := r.Due(ctx, d)
		if err != nil {
			return time.Time{}, err
		}
		if first { // what holds it up may be put right by this very round
			first, ahead = false, plan.Ahead
		}
		if err := r.Book.advance(ctx, d, plan.Progress, r.Clock.Now()); err != nil {
			return time.Time{}, err
		}
		did := false
		if plan.Skip != nil {
			it, err := r.Book.save(ctx, *plan.Skip, plan.Skip.Run)
			if err == nil {
				did = true
				r.event(res, EventSkipped, it.Run, 0)
			} else if !lost(err) {
				return time.Time{}, err
			}
		}
		for _, it := range plan.Ready {
			h := &held{runner: r, item: it, res: res}
			claimed, err := h.work(ctx, d)
			did = did || claimed
			if err != nil && (ctx.Err() != nil || !lost(err)) {
				return time.Time{}, err
			}
		}
		if !did {
			return plan.Wake, ahead
		}
	}
}

// lost reports whether somebody else has, or may have, changed a record first.
func lost(err error) bool {
	return errors.Is(err, lake.ErrConflict) || errors.Is(err, lake.ErrCommitUnknown)
}

func (r *Runner) event(res *Result, kind EventKind, run Run, notice int) {
	res.Counts[kind]++
	if r.Event != nil {
		r.Event(Event{kind, run, notice})
	}
}

// held is a run in the hands of a runner.
type held struct {
	runner *Runner
	res    *Result

	mu   sync.Mutex
	item Item // guarded by mu
}

// save records the next state.
func (h *held) save(ctx context.Context, next func(Run) Run) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	it, err := h.runner.Book.save(ctx, h.item, next(h.item.Run))
	if err == nil {
		h.item = it
	}
	return err
}

func (h *held) run() Run {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.item.Run
}

func (h *held) now() time.Time { return h.runner.Clock.Now() }

func (h *held) event(kind EventKind, notice int) { h.runner.event(h.res, kind, h.run(), notice) }

// errTaken ends the work on a run that another runner has taken over.
var errTaken = errors.New("the run was taken over by another runner")

// work claims the run, makes its report if there is none, and sends its notices. It
// returns whether the claim succeeded.
func (h *held) work(ctx context.Context, d *Definition) (bool, error) {
	if err := h.save(ctx, func(r Run) Run { return r.Claim(h.runner.Name, h.now()) }); err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := h.runner.Clock.Every(leaseBeat, func() {
		err := h.save(ctx, func(r Run) Run { return r.Beat(h.runner.Name, h.now()) })
		if errors.Is(err, lake.ErrConflict) {
			cancel(errTaken)
		}
	})
	stopped := false
	end := func() {
		if !stopped {
			stopped = true
			stop()
		}
	}
	defer end()
	if h.run().State == StateOpen {
		if err := h.report(ctx, d, end); err != nil {
			return true, h.outcome(ctx, err)
		}
	}
	if h.run().State != StateOpen {
		if err := h.notices(ctx, d); err != nil {
			return true, h.outcome(ctx, err)
		}
		end()
		if !h.released() {
			return true, h.outcome(ctx, h.save(ctx, Run.Release))
		}
	}
	return true, nil
}

func (h *held) released() bool { return h.run().Lease == nil }

// outcome tells an interruption and a loss from what is wrong.
func (h *held) outcome(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, errTaken) || lost(err) {
		h.event(EventTaken, 0)
		return lake.ErrConflict
	} else if cause != nil {
		// Others need not wait until the lease is over.
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(err, h.save(late, Run.Interrupt))
	}
	return err
}

// report makes the report and records what came of it. end stops the renewal of the
// lease, before it is given back.
func (h *held) report(ctx context.Context, d *Definition, end func()) error {
	run := h.run()
	if run.Exhausted(d) {
		if err := h.save(ctx, func(r Run) Run { return r.GiveUp(d) }); err != nil {
			return err
		}
		h.event(EventFailed, 0)
		return nil
	}
	limit := run.Due.Add(time.Duration(d.WaitUpTo))
	job := Job{Definition: *d, Due: run.Due, Overdue: !d.RequireComplete || !h.now().Before(limit), Snapshot: run.Snapshot, Delivered: run.Delivered,
		Pin: func(ctx context.Context, snapshot int64) error {
			return h.save(ctx, func(r Run) Run { return r.Pin(snapshot) })
		}}
	made, err := h.runner.Make(ctx, job)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var incomplete *Incomplete
	switch {
	case err == nil:
		before, findErr := h.before(ctx, d)
		if findErr != nil {
			return findErr
		}
		if err := h.save(ctx, func(r Run) Run { return r.Report(h.now(), made, before, d) }); err != nil {
			return err
		}
		h.event(EventReported, 0)
		return nil
	case lost(err): // by Pin
		return err
	case errors.As(err, &incomplete) && !job.Overdue:
		end()
		if err := h.save(ctx, func(r Run) Run { return r.Wait(h.now(), incomplete.Reason, limit) }); err != nil {
			return err
		}
		h.event(EventWaiting, 0)
		return nil
	}
	// Only an attempt that is not the last gives the run back.
	if len(run.Attempts) < d.Attempts {
		end()
	}
	if err := h.save(ctx, func(r Run) Run { return r.Fail(h.now(), clip(err.Error()), made.Locations, d) }); err != nil {
		return err
	}
	if h.run().State == StateFailed {
		h.event(EventFailed, 0)
	} else {
		h.event(EventRetry, 0)
	}
	return nil
}

// maxErrorText bounds what of an error is recorded.
const maxErrorText = 2000

func clip(text string) string {
	if len(text) > maxErrorText {
		return strings.ToValidUTF8(text[:maxErrorText], "") + " …"
	}
	return text
}

// before returns the newest report of an earlier due time; nil for none.
func (h *held) before(ctx context.Context, d *Definition) (*Made, error) {
	p, runs, err := h.runner.Book.unsettled(ctx, d.Name)
	if err != nil {
		return nil, err
	}
	last := p.Last
	runs, _ = split(runs)
	for _, it := range runs { // in order
		if it.Run.Made != nil && it.Run.Due.Before(h.run().Due) {
			last = it.Run.Made
		}
	}
	return last, nil
}

// notices sends the notices that are due. What fails is recorded and tried again later.
func (h *held) notices(ctx context.Context, d *Definition) error {
	for i, s := range h.run().Sent {
		if s.State != NoticePending || s.readyAt(h.now()).After(h.now()) {
			continue
		}
		err := h.runner.Send(ctx, s.Notice, h.run().Message(d))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		why := ""
		if err != nil {
			why = clip(err.Error())
		}
		if err := h.save(ctx, func(r Run) Run { return r.NoticeDone(i, h.now(), why) }); err != nil {
			return err
		}
		switch h.run().Sent[i].State {
		case NoticeSent:
			h.event(EventNoticeSent, i)
		case NoticeFailed:
			h.event(EventNoticeFailed, i)
		default:
			h.event(EventNoticeRetry, i)
		}
	}
	return nil
}
