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
// commit, or far ahead of evidence, which what says. Today is the day that the user says
// it is, YYYY-MM-DD, or empty; it makes good for missing evidence.
func (s *Store) trustClock(on *base, evidence time.Time, what, today string) (time.Time, error) {
	now := s.lake.now().UTC()
	day := now.Format(time.DateOnly)
	if today != "" && today != day {
		return now, fmt.Errorf("%w: it says %s, and today is said to be %s", ErrClock, day, today)
	}
	if on.time.Sub(now) > maxClockSkew {
		return now, fmt.Errorf("%w: it says %s, and the newest commit is of %s; set the clock right", ErrClock, now.Format(time.RFC3339), on.time.Format(time.RFC3339))
	}
	if today == "" && now.Sub(evidence) > maxClockLead {
		return now, fmt.Errorf("%w, perhaps: it says %s, and %s is of %s; if today is %s, say so with --today %s", ErrClock,
			day, what, evidence.Format(time.DateOnly), day, day)
	}
	return now, nil
}
