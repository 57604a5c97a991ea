package lake

import (
	"fmt"
	"time"
)

// maxClockLead is how far the clock may be ahead of the last thing that is known of time
// before it is asked whether it is right: a month, in which a store that is in use gets
// events and commits. A guess; the clocks that do harm are wrong by a year or more.
const maxClockLead = 31 * 24 * time.Hour

// trustClock refuses to remove anything on the word of a clock that is behind the newest
// commit, or far ahead of evidence, which what says. Options.Today makes good for both, if it
// is the day that the clock says.
func (s *Store) trustClock(on *base, evidence time.Time, what string) (time.Time, error) {
	now := s.lake.now().UTC()
	day, today := now.Format(time.DateOnly), s.lake.today
	if today == day {
		return now, nil
	}
	if today != "" {
		return now, fmt.Errorf("%w: it says %s, and today is said to be %s", ErrClock, day, today)
	}
	if err := s.notBehind(on, now); err != nil {
		return now, err
	}
	if now.Sub(evidence) > maxClockLead {
		return now, fmt.Errorf("%w, perhaps: it says %s, and %s is of %s; if today is %s, say so with --today %s", ErrClock,
			day, what, evidence.Format(time.DateOnly), day, day)
	}
	return now, nil
}

// notBehind refuses a clock that is behind the newest commit, unless Options.Today says that
// it is right.
func (s *Store) notBehind(on *base, now time.Time) error {
	day, today := now.Format(time.DateOnly), s.lake.today
	if on.time.Sub(now) <= maxClockSkew || today != "" && today <= day {
		return nil
	}
	return fmt.Errorf("%w: it says %s, and the newest commit is of %s; set the clock right, or, if that of the machine of that commit was wrong and this one is right, say so: the same command with --today %s",
		ErrClock, now.Format(time.RFC3339), on.time.Format(time.RFC3339), day)
}
