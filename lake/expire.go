package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ExpireOptions says how to expire events. The zero value works.
type ExpireOptions struct {
	// DryRun changes nothing and returns what would be done, also where the clock cannot be
	// trusted.
	DryRun bool
}

// ExpireResult is what an expiry did.
type ExpireResult struct {
	Store string `json:"store"`
	// Cutoff is the first day that is kept, YYYY-MM-DD.
	Cutoff string `json:"cutoff"`
	// Days are the days of which the events were removed, in order.
	Days []ExpiredDay `json:"days"`
	// Files, Events and Bytes are the sums.
	Files  int64 `json:"files"`
	Events int64 `json:"events"`
	Bytes  int64 `json:"bytes"`
	// Doubt is why an expiry that is no dry run would not have been done: it wraps ErrClock,
	// or is nil.
	Doubt error `json:"-"`
}

// ExpiredDay is a day that an expiry removed.
type ExpiredDay struct {
	Day    string `json:"day"`
	Files  int64  `json:"files"`
	Events int64  `json:"events"`
	Bytes  int64  `json:"bytes"`
}

// Expire removes the events that are older than the store's retention, whole days of event
// time at a time. Files go from the table only; they can be read as long as the history
// goes back, and CollectGarbage removes them then.
//
// The error wraps ErrLegalHold when a legal hold is on, ErrPendingDeletion when the store
// was deleted, and ErrClock when the clock cannot be trusted: it is behind the newest
// commit, or more than a month ahead of the newest event, and Options.Today does not say that
// it is right.
func (s *Store) Expire(ctx context.Context, o ExpireOptions) (*ExpireResult, error) {
	r, err := s.expire(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("expire events of store %s: %w", s.Name(), err)
	}
	return r, nil
}

func (s *Store) expire(ctx context.Context, o ExpireOptions) (*ExpireResult, error) {
	var r *ExpireResult
	propose := func(ctx context.Context, on *base) (*proposal, error) {
		old, cutoff, err := s.expired(ctx, on)
		if err != nil && !(o.DryRun && errors.Is(err, ErrClock)) {
			return nil, err
		}
		r = expireResult(on.settings.Name, cutoff, old)
		r.Doubt = err
		if len(old) == 0 || o.DryRun {
			return nil, nil
		}
		names := make([]string, len(old))
		for i, f := range old {
			if names[i], err = nameOf(s.st.Root(), f.URI); err != nil {
				return nil, err
			}
		}
		records, err := s.findRecords(ctx, on, names)
		if err != nil {
			return nil, err
		}
		p := &proposal{operation: OpExpire, cutoff: cutoff}
		for _, n := range names {
			p.removed = append(p.removed, records[n])
		}
		return p, nil
	}
	if o.DryRun {
		on, err := s.newest(ctx)
		if err != nil {
			return nil, err
		}
		_, err = propose(ctx, on)
		return r, err
	}
	if _, err := s.commit(ctx, propose); err != nil {
		return nil, err
	}
	return r, nil
}

// expired returns the live files of days before the first that is kept, by day; also beside an
// error that wraps ErrClock, by that clock.
func (s *Store) expired(ctx context.Context, on *base) ([]DataFile, Day, error) {
	if err := s.active(on); err != nil {
		return nil, 0, err
	}
	if on.settings.LegalHold {
		return nil, 0, ErrLegalHold
	}
	live, err := s.snapshotOf(on).all(ctx)
	if err != nil {
		return nil, 0, err
	}
	evidence, what := newestEvent(live, s.lake.now()), "the newest event"
	if evidence.IsZero() {
		evidence, what = on.time, "the newest commit"
	}
	now, doubt := s.trustClock(on, evidence, what)
	cutoff := retentionCutoff(now, on.settings.RetentionDays)
	var old []DataFile
	for _, f := range live {
		if f.Day < cutoff {
			old = append(old, f)
		}
	}
	slices.SortFunc(old, func(a, b DataFile) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.URI, b.URI)) })
	return old, cutoff, doubt
}

// newestEvent returns the time of the newest event that is not of the future; the zero
// time when there is none. A file is as new as its day.
func newestEvent(files []DataFile, now time.Time) time.Time {
	var newest time.Time
	for _, f := range files {
		t := time.UnixMicro(f.MaxTime).UTC()
		if t.After(now) {
			t = time.UnixMicro(f.MinTime).UTC()
		}
		if !t.After(now) && t.After(newest) {
			newest = t
		}
	}
	return newest
}

func expireResult(store string, cutoff Day, old []DataFile) *ExpireResult {
	r := &ExpireResult{Store: store, Cutoff: cutoff.String(), Days: []ExpiredDay{}}
	for _, f := range old {
		if n := len(r.Days); n == 0 || r.Days[n-1].Day != f.Day.String() {
			r.Days = append(r.Days, ExpiredDay{Day: f.Day.String()})
		}
		d := &r.Days[len(r.Days)-1]
		d.Files++
		d.Events += f.Rows
		d.Bytes += f.Bytes
		r.Files++
		r.Events += f.Rows
		r.Bytes += f.Bytes
	}
	return r
}
