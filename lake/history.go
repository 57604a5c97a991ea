package lake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"traillake/lake/table"
)

// How much of the past is kept. A store may have a commit every minute; every state for
// days would be metadata without end and files that compaction replaced long ago.
const (
	// recentSnapshots is how many of the newest snapshots are kept within the history.
	recentSnapshots = 32
	// hourlyHistory is for how long the state at every full hour is kept. That at every
	// midnight is kept for Settings.HistoryDays.
	hourlyHistory = 48 * time.Hour
)

// maxIdle is what a time without commits counts of the history, so that a clock that jumped
// ahead, or a store that nobody wrote to, loses a day of it at most. Only a trim, which
// looks at its clock, has all time count.
const maxIdle = 24 * time.Hour

// idleOf returns what a time without commits counts in an operation.
func idleOf(operation string) time.Duration {
	if operation == OpTrim {
		return math.MaxInt64
	}
	return maxIdle
}

// ago returns when a span of the history before now began.
func ago(list []table.Snapshot, now time.Time, span, idle time.Duration) time.Time {
	for i := len(list) - 1; i >= 0; i-- {
		at := time.UnixMilli(list[i].TimestampMs)
		passed := min(now.Sub(at), idle)
		if passed >= span {
			break
		}
		span -= passed
		now = at
	}
	return now.Add(-span).UTC()
}

// begins returns when the history began, and that part of it in which the state at every
// full hour is kept.
func begins(list []table.Snapshot, now time.Time, historyDays int, idle time.Duration) (history, hourly time.Time) {
	history = ago(list, now, time.Duration(historyDays)*24*time.Hour, idle)
	if hourly = ago(list, now, hourlyHistory, idle); hourly.Before(history) {
		hourly = history
	}
	return history, hourly
}

// kept returns the snapshots that remain part of the table at the given time: the newest
// ones, and the states at the marks of the history. A state lasts until the next snapshot.
// The list is by time, as the table's metadata has it.
func kept(list []table.Snapshot, now time.Time, historyDays int, idle time.Duration) map[int64]bool {
	keep := make(map[int64]bool)
	if len(list) == 0 {
		return keep
	}
	begin, hourly := begins(list, now, historyDays, idle)
	last := len(list) - 1
	for i := last; i > max(-1, last-recentSnapshots); i-- {
		if i == last || list[i].TimestampMs >= begin.UnixMilli() {
			keep[list[i].SnapshotID] = true
		}
	}
	// stateAt returns when the state at a mark was made, the mark if there was none.
	stateAt := func(mark time.Time) time.Time {
		// The state at a mark includes what was committed at that very moment.
		i := sort.Search(len(list), func(i int) bool { return list[i].TimestampMs > mark.UnixMilli() })
		if i == 0 {
			return mark
		}
		keep[list[i-1].SnapshotID] = true
		return time.UnixMilli(list[i-1].TimestampMs).UTC()
	}
	stateAt(begin)
	for _, step := range []struct {
		every time.Duration
		from  time.Time
	}{{time.Hour, hourly}, {24 * time.Hour, begin}} {
		for m := now.UTC().Truncate(step.every); m.After(step.from); {
			// The marks until the state was made have the same one.
			at := stateAt(m).Truncate(step.every)
			if m = m.Add(-step.every); at.Before(m) {
				m = at
			}
		}
	}
	return keep
}

// droppable returns the snapshots of a base that an operation finds to be no part of its
// history any more.
func droppable(on *base, now time.Time, operation string) []int64 {
	list := on.meta.Snapshots
	keep := kept(list, now, on.settings.HistoryDays, idleOf(operation))
	var drop []int64
	for _, snap := range list {
		if !keep[snap.SnapshotID] {
			drop = append(drop, snap.SnapshotID)
		}
	}
	return drop
}

// trimmable returns what a trim drops: nothing while the newest commit is of the future, as
// then nobody knows how old the states are.
func trimmable(on *base, now time.Time) []int64 {
	if on.time.Sub(now) > maxClockSkew {
		return nil
	}
	return droppable(on, now, OpTrim)
}

// checkDropped refuses to drop a snapshot that is still part of the history. It goes from
// a snapshot to the marks in its time, where kept goes from marks to snapshots.
func checkDropped(list []table.Snapshot, i int, now time.Time, historyDays int, idle time.Duration) error {
	id := list[i].SnapshotID
	if i == len(list)-1 {
		return fmt.Errorf("snapshot %d is dropped and is the current one", id)
	}
	from, to := time.UnixMilli(list[i].TimestampMs), time.UnixMilli(list[i+1].TimestampMs)
	begin, hourly := begins(list, now, historyDays, idle)
	if len(list)-i <= recentSnapshots && !from.Before(begin) {
		return fmt.Errorf("snapshot %d is dropped and is one of the newest %d", id, recentSnapshots)
	}
	if !to.After(begin) {
		return nil
	}
	if !from.After(begin) {
		return fmt.Errorf("snapshot %d is dropped and is the oldest state of the history", id)
	}
	// The last full hour, and the last midnight, before the next snapshot.
	for _, step := range []struct {
		every time.Duration
		since time.Time
	}{{time.Hour, hourly}, {24 * time.Hour, begin}} {
		mark := to.Add(-time.Millisecond).Truncate(step.every)
		if !mark.Before(from) && mark.After(step.since) {
			return fmt.Errorf("snapshot %d is dropped and is the state of %s", id, mark.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// Point is a moment in the history of a store: a snapshot, or a time. The zero value is
// the newest commit.
type Point struct {
	// ID is a snapshot's id; 0 means that Time says which.
	ID int64
	// Time is a moment: the state is that of the last commit until then.
	Time time.Time
}

// SnapshotAt returns a state of the past. The error wraps ErrSnapshotNotFound when there
// was none, or when it is not kept any more, and says which are; ErrPendingDeletion when
// the store was deleted.
//
// The newest 32 snapshots are kept, the state at every full hour for two days, and that
// at every midnight (UTC) for as many days as Settings.HistoryDays says. Of a time in which
// nothing was committed a day counts, until CollectGarbage is called.
func (s *Store) SnapshotAt(ctx context.Context, p Point) (*Snapshot, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	return s.snapshotIn(ctx, b, p)
}

// snapshotIn is SnapshotAt once the newest version is known.
func (s *Store) snapshotIn(ctx context.Context, b *base, p Point) (*Snapshot, error) {
	if err := s.active(b); err != nil {
		return nil, err
	}
	sn, err := s.snapshotAt(ctx, b, p)
	if err != nil {
		return nil, fmt.Errorf("snapshot of store %s: %w", s.Name(), err)
	}
	return sn, nil
}

func (s *Store) snapshotAt(ctx context.Context, b *base, p Point) (*Snapshot, error) {
	if p.ID == 0 && (p.Time.IsZero() || !p.Time.Before(b.time)) {
		return s.snapshotOf(b), nil
	}
	id := p.ID
	if id == 0 {
		r, err := s.commitAt(ctx, b, p.Time)
		if err != nil {
			return nil, err
		}
		if id = r.SnapshotID; id == emptySnapshotID {
			return &Snapshot{store: s, base: b}, nil
		}
	}
	if snap := b.meta.CurrentSnapshot(); snap != nil && snap.SnapshotID == id {
		return s.snapshotOf(b), nil
	}
	if snap := b.meta.SnapshotByID(id); snap != nil {
		return &Snapshot{store: s, base: b, snap: snap}, nil
	}
	if p.ID != 0 {
		return nil, fmt.Errorf("%w: %d is none that is kept; %s", ErrSnapshotNotFound, id, keptText(b, time.Time{}))
	}
	return nil, fmt.Errorf("%w: the state at %s is not kept any more; %s", ErrSnapshotNotFound, p.Time.UTC().Format(time.RFC3339), keptText(b, p.Time))
}

// commitAt returns the record of the last commit until the given time.
func (s *Store) commitAt(ctx context.Context, b *base, t time.Time) (CommitRecord, error) {
	for h := b.auditHead; h != (head{}); {
		if err := ctx.Err(); err != nil {
			return CommitRecord{}, err
		}
		r, err := readCommitRecord(ctx, s.st, h)
		if err != nil {
			return CommitRecord{}, err
		}
		if !r.Time.After(t) {
			return r, nil
		}
		if h, err = parseHead(r.Prev); err != nil {
			return CommitRecord{}, err
		}
	}
	return CommitRecord{}, fmt.Errorf("%w: at %s the store was not there; it was made on %s", ErrSnapshotNotFound,
		t.UTC().Format(time.RFC3339), s.created.Format(time.RFC3339))
}

// keptText names the states that are kept next to a time, or the oldest.
func keptText(b *base, t time.Time) string {
	list := b.meta.Snapshots
	text := func(snap table.Snapshot) string {
		return fmt.Sprintf("%d of %s", snap.SnapshotID, time.UnixMilli(snap.TimestampMs).UTC().Format(time.RFC3339))
	}
	switch {
	case len(list) == 0:
		return "the store has none"
	case len(list) == 1:
		return "one is, " + text(list[0])
	case t.IsZero():
		return fmt.Sprintf("%d are, the oldest is %s", len(list), text(list[0]))
	}
	i := sort.Search(len(list), func(i int) bool { return list[i].TimestampMs > t.UnixMilli() })
	var next []string
	if i > 0 {
		next = append(next, text(list[i-1]))
	}
	if i < len(list) {
		next = append(next, text(list[i]))
	}
	return fmt.Sprintf("%d are, next to it %s", len(list), strings.Join(next, " and "))
}

// Kept returns which snapshots can be queried, by id, as of the newest commit.
func (s *Store) Kept(ctx context.Context) (map[int64]bool, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	ids := make(map[int64]bool)
	for _, snap := range b.meta.Snapshots {
		ids[snap.SnapshotID] = true
	}
	return ids, nil
}

// trim drops what is no part of the history any more, where no other commit does it.
func (s *Store) trim(ctx context.Context) error {
	_, err := s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		if len(trimmable(on, s.lake.now())) == 0 {
			return nil, nil
		}
		return &proposal{operation: OpTrim}, nil
	})
	if err != nil && !errors.Is(err, ErrPendingDeletion) {
		return fmt.Errorf("trim history of store %s: %w", s.Name(), err)
	}
	return nil
}

// keptVersions is how many versions of the metadata stay. Nothing reads old ones but
// engines that began before; the audit chain stays for good.
const keptVersions = 100

// floorOf returns the lowest version that has to be there once the given one is.
func floorOf(version int) int { return max(1, version-keptVersions+1) }
