package lake

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// held is what files of one day hold.
type held struct {
	rows   int64
	events Multiset
}

func heldByDay(files []FileRecord) (map[Day]held, error) {
	days := make(map[Day]held)
	for _, f := range files {
		day, _, ok := parseDataName(f.Path)
		if !ok {
			return nil, fmt.Errorf("%q is no name of a data file", f.Path)
		}
		h := days[day]
		h.rows += f.Rows
		h.events.Add(f.Multiset)
		days[day] = h
	}
	return days, nil
}

// checkConserved wants a compaction to keep the events of every day: as many, and the same.
func checkConserved(on, _ *base, r CommitRecord) error {
	if err := checkNotDeleted(on, nil, r); err != nil {
		return err
	}
	was, err := heldByDay(r.Removed)
	if err != nil {
		return err
	}
	is, err := heldByDay(r.Added)
	if err != nil {
		return err
	}
	if len(was) == 0 {
		return fmt.Errorf("nothing is replaced")
	}
	for _, day := range slices.Sorted(maps.Keys(is)) {
		if _, ok := was[day]; !ok {
			return fmt.Errorf("a file of %s is added and none is replaced", day)
		}
	}
	for _, day := range slices.Sorted(maps.Keys(was)) {
		if was[day].rows != is[day].rows {
			return fmt.Errorf("of %s %d events are replaced by %d", day, was[day].rows, is[day].rows)
		}
		if was[day].events != is[day].events {
			return fmt.Errorf("of %s events with multiset %s are replaced by others, with %s", day, was[day].events, is[day].events)
		}
	}
	return nil
}

// checkExpired wants an expiry to remove days that are older than the retention as a
// whole, and nothing while a legal hold is on.
func checkExpired(on, next *base, r CommitRecord) error {
	if err := checkNotDeleted(on, next, r); err != nil {
		return err
	}
	if on.settings.LegalHold {
		return ErrLegalHold
	}
	cutoff, err := ParseDay(r.Cutoff)
	if err != nil {
		return err
	}
	if newest := retentionCutoff(r.Time, on.settings.RetentionDays); cutoff > newest {
		return fmt.Errorf("the cutoff is %s, a retention of %d days gives %s", cutoff, on.settings.RetentionDays, newest)
	}
	for _, f := range r.Removed {
		day, _, ok := parseDataName(f.Path)
		if !ok || day >= cutoff {
			return fmt.Errorf("%s is not older than the cutoff, %s", f.Path, cutoff)
		}
	}
	return nil
}

// retentionCutoff returns the first day that is kept: an event is kept for so many times
// 24 hours at least, and days go as a whole.
func retentionCutoff(now time.Time, days int) Day {
	return DayOf(now.UnixMicro()) - Day(days)
}

func checkNotDeleted(on, _ *base, _ CommitRecord) error {
	if !on.deleted.IsZero() {
		return ErrPendingDeletion
	}
	return nil
}

// checkDeletion wants what forbids a deletion to be off.
func checkDeletion(on, next *base, r CommitRecord) error {
	switch {
	case on.settings.TerminationProtection:
		return ErrProtected
	case on.settings.LegalHold:
		return ErrLegalHold
	case next.deleted.IsZero():
		return fmt.Errorf("the store is not marked as deleted")
	}
	return checkNotDeleted(on, next, r)
}

func checkRestored(on, next *base, _ CommitRecord) error {
	if on.purged || on.deleted.IsZero() || !next.deleted.IsZero() {
		return fmt.Errorf("the store is not restored")
	}
	return nil
}

// checkPurged wants a store to have been deleted for as long as it can be restored.
func checkPurged(on, next *base, r CommitRecord) error {
	switch {
	case on.deleted.IsZero():
		return fmt.Errorf("the store is not deleted")
	case r.Time.Sub(on.deleted) < DeletionDays*24*time.Hour:
		return fmt.Errorf("the store was deleted on %s only", on.deleted.Format(time.RFC3339))
	case on.settings.LegalHold:
		return ErrLegalHold
	case !next.purged:
		return fmt.Errorf("the store is not marked as purged")
	}
	return nil
}
