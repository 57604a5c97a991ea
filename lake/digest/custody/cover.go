package custody

import (
	"slices"
	"time"

	"traillake/lake/digest"
)

// Interval is a time of delivery that no valid digest covers.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Reason says why, for people.
	Reason string `json:"reason"`
	// Logs is the number of log files that were delivered meanwhile, by their names.
	Logs int64 `json:"logs"`
}

// cover finds the times between the trail's valid digests that none of them covers.
func (t *trail) cover() {
	for _, d := range t.standard {
		if !d.Valid() {
			continue
		}
		if t.from.IsZero() {
			t.from, t.to = d.File.Start, d.File.End
			continue
		}
		if d.File.Start.After(t.to) {
			reason := "digests are missing or not valid"
			if slices.ContainsFunc(t.chain.Gaps, func(g digest.Gap) bool { return !g.From.Before(t.to) && !g.To.After(d.File.Start) }) {
				reason = "CloudTrail made no digests"
			}
			t.unsigned = append(t.unsigned, Interval{From: t.to, To: d.File.Start, Reason: reason})
		}
		if d.File.End.After(t.to) {
			t.to = d.File.End
		}
	}
}

// settle is how long before its digest begins a log may have been named: its name has the
// time at which CloudTrail began to deliver it. A guess, and one on the safe side.
const settle = time.Hour

// covers reports whether a log delivered at a time must be named by a digest of the trail.
// If not, it is counted where it belongs.
func (t *trail) covers(at time.Time, count *Outside) bool {
	switch {
	case t.from.IsZero() || at.Before(t.from):
		count.Before++
		return false
	case at.Add(settle).After(t.to):
		count.After++
		return false
	}
	for i := range t.unsigned {
		u := &t.unsigned[i]
		if at.Before(u.To) && at.Add(settle).After(u.From) {
			u.Logs++
			return false
		}
	}
	return true
}
