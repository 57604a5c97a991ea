package lake

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"traillake/lake/table"
)

// DataFile is one Parquet file of a store.
type DataFile struct {
	// URI names the file in the table's metadata.
	URI string
	// Path is where the file can be opened on this machine; empty when it lies elsewhere.
	Path string
	// Day is the day of event time that all its events lie in.
	Day Day
	// Rows and Bytes are its size.
	Rows, Bytes int64
	// MinTime and MaxTime are the first and the last event time, in microseconds since
	// 1970-01-01 UTC.
	MinTime, MaxTime int64
	// Canonical says that no event is kept as its text beside the columns: _raw is NULL in
	// all rows. It is false where that is not known, as of files that were committed before
	// manifests counted them.
	Canonical bool
	// SHA256 is the hash of the file in hex. It is known for the files of a batch; what
	// Snapshot.Files returns does not have it, History does.
	SHA256 string
}

// TimeRange is a half-open range of event time, [From, To). A zero time is no bound.
type TimeRange struct {
	From, To time.Time
}

// overlaps reports whether an event between min and max, both in microseconds, can lie in r.
func (r TimeRange) overlaps(min, max int64) bool {
	if !r.From.IsZero() && time.UnixMicro(max).Before(r.From) {
		return false
	}
	return r.To.IsZero() || time.UnixMicro(min).Before(r.To)
}

// Snapshot is a committed state of a store. It never changes and is safe for concurrent use.
type Snapshot struct {
	store *Store
	base  *base
	snap  *table.Snapshot // nil while the store has never had data

	mu    sync.Mutex
	files []DataFile // by path; nil until loaded, guarded by mu
}

// Snapshot returns the newest committed state of the store. A store without data has an
// empty one.
func (s *Store) Snapshot(ctx context.Context) (*Snapshot, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	return s.snapshotOf(b), nil
}

// snapshotOf returns the snapshot of b, the kept one if it is the same.
func (s *Store) snapshotOf(b *base) *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot != nil && s.snapshot.base == b {
		return s.snapshot
	}
	sn := &Snapshot{store: s, base: b, snap: b.meta.CurrentSnapshot()}
	if s.base == b {
		s.snapshot = sn
	}
	return sn
}

// Store returns the store that the snapshot is of.
func (sn *Snapshot) Store() *Store { return sn.store }

// ID returns the table's snapshot id; 0 while the store has never had data.
func (sn *Snapshot) ID() int64 {
	if sn.snap == nil {
		return emptySnapshotID
	}
	return sn.snap.SnapshotID
}

// newest reports whether the snapshot is that of the version it was read from, and no
// older one.
func (sn *Snapshot) newest() bool {
	now := sn.base.meta.CurrentSnapshot()
	return sn.snap == now || sn.snap != nil && now != nil && sn.snap.SnapshotID == now.SnapshotID
}

// Version returns the version of the metadata file that the snapshot was read from.
func (sn *Snapshot) Version() int { return sn.base.version }

// Seq returns the number of the last commit; 0 in a store that was only made. Of a
// snapshot of the past it is that of the commit that made it.
func (sn *Snapshot) Seq() int64 {
	if sn.newest() || sn.snap == nil {
		return sn.base.seq
	}
	seq, _ := strconv.ParseInt(sn.snap.Summary.Properties[summarySeq], 10, 64) // of use to people only
	return seq
}

// Time returns when the last commit was staged, UTC, to the millisecond. Of a snapshot of
// the past it is that of the commit that made it.
func (sn *Snapshot) Time() time.Time {
	if sn.newest() || sn.snap == nil {
		return sn.base.time.Truncate(time.Millisecond)
	}
	return time.UnixMilli(sn.snap.TimestampMs).UTC()
}

// Made returns the number and the time, UTC, to the millisecond, of the commit that made the
// snapshot; 0 and the zero time where the store has never had data. They stay the same when
// commits follow that change neither data nor ledger, after which Seq and Time say those.
func (sn *Snapshot) Made() (seq int64, at time.Time) {
	if sn.snap == nil {
		return 0, time.Time{}
	}
	seq, _ = strconv.ParseInt(sn.snap.Summary.Properties[summarySeq], 10, 64) // of use to people only
	return seq, time.UnixMilli(sn.snap.TimestampMs).UTC()
}

// Rows returns the number of events.
func (sn *Snapshot) Rows() int64 { return sn.total(summaryRecords) }

// Bytes returns the size of all data files.
func (sn *Snapshot) Bytes() int64 { return sn.total(summaryFileSize) }

// FileCount returns the number of data files.
func (sn *Snapshot) FileCount() int64 { return sn.total(summaryDataFiles) }

// Quarantined returns the number of records, and of whole objects, put into quarantine so
// far, also since a snapshot of the past.
func (sn *Snapshot) Quarantined() int64 { return sn.base.quarantined }

func (sn *Snapshot) total(key string) int64 {
	n, _ := summaryTotal(sn.snap, key) // Check and the firewall compare it with the files
	return n
}

func summaryTotal(snap *table.Snapshot, key string) (int64, error) {
	if snap == nil {
		return 0, nil
	}
	v, ok := snap.Summary.Properties[key]
	if !ok {
		return 0, fmt.Errorf("%w: snapshot %d has no %s", ErrCorrupt, snap.SnapshotID, key)
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: snapshot %d: %s is %q", ErrCorrupt, snap.SnapshotID, key, v)
	}
	return n, nil
}

// OneSchema reports whether all files have the columns of Store.Schema, in its order:
// the table never had another schema.
func (sn *Snapshot) OneSchema() bool { return len(sn.base.meta.Schemas) == 1 }

// Files returns the live files that can hold events in the range, by path. The caller
// owns the slice.
func (sn *Snapshot) Files(ctx context.Context, r TimeRange) ([]DataFile, error) {
	all, err := sn.all(ctx)
	if err != nil {
		return nil, err
	}
	files := make([]DataFile, 0, len(all))
	for _, f := range all {
		if r.overlaps(f.MinTime, f.MaxTime) {
			files = append(files, f)
		}
	}
	return files, nil
}

// all returns every live file, by path. The caller must not change the slice.
func (sn *Snapshot) all(ctx context.Context) ([]DataFile, error) {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	if sn.files != nil || sn.snap == nil {
		return sn.files, nil
	}
	files, used, err := sn.store.liveFiles(ctx, sn.base.meta, sn.snap)
	if err != nil {
		return nil, err
	}
	if sn.newest() {
		sn.store.keepManifests(sn.base, used)
	}
	sn.files = files
	return files, nil
}
