package schedule

import (
	"fmt"
	"slices"
	"time"
)

// State is what has become of a due time.
type State string

// The states.
const (
	// StateOpen means that the report is still to be made: it is being made where there
	// is a lease, and waits until Run.Next otherwise.
	StateOpen State = "open"
	// StateReported means that the report was made and delivered.
	StateReported State = "reported"
	// StateFailed means that all attempts failed.
	StateFailed State = "failed"
	// StateSkipped means that later due times took its place, by CatchUpLast, or that the
	// schedule was replaced by one with other due times.
	StateSkipped State = "skipped"
)

// Run is one due time of a schedule and what became of it. Its methods return the next
// state and change nothing.
type Run struct {
	V        int       `json:"v"`
	Schedule string    `json:"schedule"`
	Due      time.Time `json:"due"`
	State    State     `json:"state"`
	// Attempts are those that were begun and count, in order.
	Attempts []Attempt `json:"attempts,omitempty"`
	// Lease says who is at work; nil for nobody.
	Lease *Lease `json:"lease,omitempty"`
	// Next is when there is something to do again; zero means at once.
	Next time.Time `json:"next,omitzero"`
	// Snapshot is that of the store which the report is made of, once one was chosen: all
	// attempts make the same report. 0 for none, and for a store without data.
	Snapshot int64 `json:"snapshot,omitempty"`
	// Waiting says what for; empty when it is not for data.
	Waiting string `json:"waiting,omitempty"`
	// Delivered are the places that have the report of a run whose last attempt failed: others
	// do not. Made says it of one that is reported.
	Delivered []string `json:"delivered,omitempty"`
	// Made is the report, once all places have it.
	Made *Made `json:"made,omitempty"`
	// Changed says that its findings, or what is missing, are not those of the report before.
	Changed bool `json:"changed,omitempty"`
	// Sent are the notices, in the order of the definition when the run was settled; of e-mail
	// one for each recipient.
	Sent []Sent `json:"sent,omitempty"`
	// Skipped is how many due times a skipped run stands for, from SkippedFrom to Due.
	Skipped     int       `json:"skipped,omitempty"`
	SkippedFrom time.Time `json:"skippedFrom,omitzero"`
	// Void is when a reset took the run out of account: a clock that was ahead had it made
	// before its due time came. It stays in the history, and the due time is run when it comes.
	Void time.Time `json:"void,omitzero"`
	// Earlier are the void runs of this due time, the oldest first.
	Earlier []Run `json:"earlier,omitempty"`
}

// Attempt is one try to make a report.
type Attempt struct {
	Runner string    `json:"runner"`
	Began  time.Time `json:"began"`
	Ended  time.Time `json:"ended,omitzero"`
	// Error says why it failed; empty while it goes on, and when it did not.
	Error string `json:"error,omitempty"`
}

// Lease is a runner's claim, good until it expires.
type Lease struct {
	Runner  string    `json:"runner"`
	Expires time.Time `json:"expires"`
}

// Made is a report that was made.
type Made struct {
	// At is when, and Locations where it lies, in the order of Definition.To.
	At        time.Time `json:"at"`
	Locations []string  `json:"locations"`
	// Since and Until are the period. Store and Snapshot say what was read.
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Store    string    `json:"store"`
	Snapshot int64     `json:"snapshot"`
	// Title is the pack's.
	Title string `json:"title"`
	// Verdicts counts the controls by verdict.
	Verdicts map[string]int `json:"verdicts"`
	// Findings is a hash that changes when what was found does, or what is missing.
	Findings string `json:"findings"`
	// Lines summarize it for people.
	Lines []string `json:"lines,omitempty"`
	// Incomplete says what data was missing or could not be trusted; empty where none.
	Incomplete string `json:"incomplete,omitempty"`
}

// Sent is a notice of a run.
type Sent struct {
	Notice Notice `json:"notice"`
	// State is pending, sent, failed (for good) or unneeded.
	State NoticeState `json:"state"`
	// Tries counts the attempts; At is the time of the last and Error why it failed.
	Tries int       `json:"tries,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Error string    `json:"error,omitempty"`
	// Next is when a pending one is tried again.
	Next time.Time `json:"next,omitzero"`
}

// NoticeState is what became of a notice.
type NoticeState string

// The states of a notice.
const (
	NoticePending  NoticeState = "pending"
	NoticeSent     NoticeState = "sent"
	NoticeFailed   NoticeState = "failed"
	NoticeUnneeded NoticeState = "unneeded"
)

const (
	runVersion = 1
	// LeaseTime is how long a lease is good for without being renewed, and leaseBeat how
	// often that is done: three may fail.
	LeaseTime = 4 * time.Minute
	leaseBeat = time.Minute
	// leaseGrace is how far clocks of runners may differ.
	leaseGrace = time.Minute
	// maxLease is how far ahead of a runner's clock a lease may end that it believes. Whose
	// clock is ahead takes a lease that is renewed every leaseBeat from others where they
	// differ by four minutes, and so has it taken from it.
	maxLease = 2 * LeaseTime
	// waitPoll is how often a run that waits for data looks for it.
	waitPoll = 5 * time.Minute
	// A notice is tried noticeTries times, noticeBackoff after the first failure, then
	// twice as long, at most noticeMaxBackoff: for nine hours in all.
	noticeTries      = 12
	noticeBackoff    = time.Minute
	noticeMaxBackoff = 2 * time.Hour
)

// NewRun returns the run of a due time that nobody has begun.
func NewRun(schedule string, due time.Time) Run {
	return Run{V: runVersion, Schedule: schedule, Due: due.UTC(), State: StateOpen}
}

// Settled reports whether nothing is left to be done.
func (r Run) Settled() bool {
	return r.State != StateOpen && !slices.ContainsFunc(r.Sent, func(s Sent) bool { return s.State == NoticePending })
}

// ReadyAt returns when there is something to do, as far as the run can tell at a time: in the
// past for what can be done at once. What only a wrong clock has recorded holds nobody up. It
// is of no use for a run that is settled.
func (r Run) ReadyAt(now time.Time) time.Time {
	at := believed(r.Next, now, MaxBackoff)
	if r.State != StateOpen {
		first := time.Time{}
		for _, s := range r.Sent {
			if next := s.readyAt(now); s.State == NoticePending && (first.IsZero() || next.Before(first)) {
				first = next
			}
		}
		at = first
	} else if r.Due.After(at) { // a clock that was ahead has begun it
		at = r.Due
	}
	if r.Held(now) {
		if free := r.Lease.Expires.Add(leaseGrace); free.After(at) {
			at = free
		}
	}
	return at
}

// Held reports whether somebody has a lease, which may be over, and which the clock allows to
// believe.
func (r Run) Held(now time.Time) bool {
	return r.Lease != nil && !believed(r.Lease.Expires, now, maxLease).IsZero()
}

func (s Sent) readyAt(now time.Time) time.Time { return believed(s.Next, now, noticeMaxBackoff) }

// believed returns a time that was recorded, or zero where it lies further ahead of now than
// runners whose clocks are right record.
func believed(at, now time.Time, most time.Duration) time.Time {
	if at.After(now.Add(most + leaseGrace)) {
		return time.Time{}
	}
	return at
}

// Claim gives the run to a runner. An attempt of another that was not ended has failed
// with its runner.
func (r Run) Claim(runner string, now time.Time) Run {
	r.Attempts = slices.Clone(r.Attempts)
	if r.State == StateOpen {
		if n := len(r.Attempts); n > 0 && r.Attempts[n-1].Ended.IsZero() {
			last := &r.Attempts[n-1]
			last.Ended, last.Error = now, "its runner "+last.Runner+" ended without a word"
		}
		r.Attempts = append(r.Attempts, Attempt{Runner: runner, Began: now})
		r.Next, r.Waiting = time.Time{}, ""
	}
	return r.Beat(runner, now)
}

// Beat renews the lease.
func (r Run) Beat(runner string, now time.Time) Run {
	r.Lease = &Lease{Runner: runner, Expires: now.Add(LeaseTime)}
	return r
}

// Wait gives the run back until data may have come. The attempt does not count.
func (r Run) Wait(now time.Time, why string, limit time.Time) Run {
	r.Attempts = r.Attempts[: len(r.Attempts)-1 : len(r.Attempts)-1]
	r.Lease, r.Waiting, r.Next = nil, why, now.Add(waitPoll)
	if limit.Before(r.Next) {
		r.Next = limit
	}
	return r
}

// Interrupt gives the run back because its runner was told to end. An attempt does not count.
func (r Run) Interrupt() Run {
	if r.State == StateOpen {
		r.Attempts = r.Attempts[: len(r.Attempts)-1 : len(r.Attempts)-1]
	}
	r.Lease = nil
	return r
}

// Pin fixes the snapshot.
func (r Run) Pin(snapshot int64) Run {
	r.Snapshot = snapshot
	return r
}

// Fail ends an attempt and gives the run back. delivered are the places that have the report
// all the same. After the last attempt the run has failed, and is kept for its notices.
func (r Run) Fail(now time.Time, why string, delivered []string, d *Definition) Run {
	r.Delivered = delivered
	r.Attempts = slices.Clone(r.Attempts)
	last := &r.Attempts[len(r.Attempts)-1]
	last.Ended, last.Error = now, why
	if len(r.Attempts) < d.Attempts {
		r.Lease = nil
		r.Next = now.Add(backoff(len(r.Attempts), time.Duration(d.Backoff), MaxBackoff))
		return r
	}
	r.State = StateFailed
	return r.withNotices(d, true)
}

// Exhausted reports whether a claim has begun an attempt too many, since runners died in
// all others.
func (r Run) Exhausted(d *Definition) bool {
	return r.State == StateOpen && len(r.Attempts) > d.Attempts
}

// GiveUp ends a run that is exhausted.
func (r Run) GiveUp(d *Definition) Run {
	r.Attempts = r.Attempts[: len(r.Attempts)-1 : len(r.Attempts)-1]
	r.State = StateFailed
	return r.withNotices(d, true)
}

// Report ends a run whose report lies at its places. before is the report before it, if any.
func (r Run) Report(now time.Time, made Made, before *Made, d *Definition) Run {
	r.Attempts = slices.Clone(r.Attempts)
	r.Attempts[len(r.Attempts)-1].Ended = now
	r.State, r.Made, r.Delivered = StateReported, &made, nil
	r.Changed = before == nil || before.Findings != made.Findings
	return r.withNotices(d, r.Changed)
}

// withNotices plans the notices of a run that has just come to its end.
func (r Run) withNotices(d *Definition, changed bool) Run {
	r.Sent = nil
	for _, n := range d.Notices {
		state := NoticePending
		if n.When == NoticeChanged && !changed {
			state = NoticeUnneeded
		}
		for _, one := range n.each() {
			r.Sent = append(r.Sent, Sent{Notice: one, State: state})
		}
	}
	return r
}

// NoticeDone records an attempt to send the i-th notice; why is empty when it was sent.
func (r Run) NoticeDone(i int, now time.Time, why string) Run {
	r.Sent = slices.Clone(r.Sent)
	s := &r.Sent[i]
	s.Tries++
	s.At, s.Error, s.Next = now, why, time.Time{}
	switch {
	case why == "":
		s.State = NoticeSent
	case s.Tries >= noticeTries:
		s.State = NoticeFailed
	default:
		s.Next = now.Add(backoff(s.Tries, noticeBackoff, noticeMaxBackoff))
	}
	return r
}

// Release gives the run back.
func (r Run) Release() Run {
	r.Lease = nil
	return r
}

// Skip returns the run that stands for due times of which no report is made.
func Skip(schedule string, from, to time.Time, n int) Run {
	r := NewRun(schedule, to)
	r.State, r.Skipped, r.SkippedFrom = StateSkipped, n, from.UTC()
	return r
}

// Cancel returns the run as a reset at a time leaves it.
func (r Run) Cancel(at time.Time) Run {
	r.Void, r.Lease, r.Next = at.UTC(), nil, time.Time{}
	return r
}

// over returns the run with what there was of its due time before: a void run.
func (r Run) over(old Run) Run {
	r.Earlier = slices.Clone(old.Earlier)
	old.Earlier = nil
	r.Earlier = append(r.Earlier, old)
	return r
}

// backoff returns first, twice that, and so on, for n = 1, 2 ….
func backoff(n int, first, most time.Duration) time.Duration {
	for ; n > 1 && first < most; n-- {
		first *= 2
	}
	return min(first, most)
}

// LastError returns why the last attempt failed; empty when it did not.
func (r Run) LastError() string {
	if n := len(r.Attempts); n > 0 {
		return r.Attempts[n-1].Error
	}
	return ""
}

// Key returns the due time as it is written in names: 20261101-0500, in UTC. Due times are
// whole minutes.
func Key(due time.Time) string { return due.UTC().Format(keyLayout) }

const keyLayout = "20060102-1504"

// parseKey reads what Key returns.
func parseKey(text string) (time.Time, error) {
	due, err := time.Parse(keyLayout, text)
	if err != nil || Key(due) != text {
		return time.Time{}, fmt.Errorf("%q is no due time", text)
	}
	return due, nil
}
