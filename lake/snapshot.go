package lake

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"traillake/schema"
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

// Version returns the version of the metadata file that the snapshot was read from.
func (sn *Snapshot) Version() int { return sn.base.version }

// Seq returns the number of the last commit; 0 in a store that was only made.
func (sn *Snapshot) Seq() int64 { return sn.base.seq }

// Time returns when the last commit was staged, UTC, to the millisecond.
func (sn *Snapshot) Time() time.Time {
	return time.UnixMilli(sn.base.meta.LastUpdatedMillis()).UTC()
}

// Rows returns the number of events.
func (sn *Snapshot) Rows() int64 { return sn.total(summaryRecords) }

// Bytes returns the size of all data files.
func (sn *Snapshot) Bytes() int64 { return sn.total(summaryFileSize) }

// FileCount returns the number of data files.
func (sn *Snapshot) FileCount() int64 { return sn.total(summaryDataFiles) }

// Quarantined returns the number of records, and of whole objects, put into quarantine so far.
func (sn *Snapshot) Quarantined() int64 { return sn.base.quarantined }

func (sn *Snapshot) total(key string) int64 {
	n, _ := summaryTotal(sn.snap, key) // Check and the firewall compare it with the files
	return n
}

func summaryTotal(snap *table.Snapshot, key string) (int64, error) {
	if snap == nil {
		return 0, nil
	}
	if snap.Summary == nil {
		return 0, fmt.Errorf("%w: snapshot %d has no summary", ErrCorrupt, snap.SnapshotID)
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
func (sn *Snapshot) OneSchema() bool { return len(sn.base.meta.Schemas()) == 1 }

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
	sn.store.keepManifests(sn.base, used)
	sn.files = files
	return files, nil
}

// liveFiles reads the files that snap lists, by path, and the decoded manifests. It
// refuses what no commit of ours can hold: delete files, files outside the store,
// files without bounds of event time.
func (s *Store) liveFiles(ctx context.Context, meta table.Metadata, snap *table.Snapshot) ([]DataFile, map[string][]DataFile, error) {
	return s.liveFilesIn(ctx, s.st, meta, snap)
}

// liveFilesIn is liveFiles that reads through st, which has the store's files.
func (s *Store) liveFilesIn(ctx context.Context, st Storage, meta table.Metadata, snap *table.Snapshot) ([]DataFile, map[string][]DataFile, error) {
	if snap == nil {
		return nil, nil, nil
	}
	rd := &tableIO{ctx: ctx, st: st}
	list, err := snap.Manifests(rd)
	if err != nil {
		return nil, nil, fmt.Errorf("read manifest list of snapshot %d of store %s: %w", snap.SnapshotID, s.Name(), err)
	}
	used := make(map[string][]DataFile, len(list))
	var files []DataFile
	for _, m := range list {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		entries, err := s.manifest(rd, meta, m)
		if err != nil {
			return nil, nil, err
		}
		used[m.FilePath()] = entries
		files = append(files, entries...)
	}
	slices.SortFunc(files, func(a, b DataFile) int { return cmp.Compare(a.URI, b.URI) })
	return files, used, nil
}

// manifest returns the live entries of a manifest, from the cache if it was read before.
func (s *Store) manifest(rd *tableIO, meta table.Metadata, m iceberg.ManifestFile) ([]DataFile, error) {
	s.mu.Lock()
	entries, ok := s.manifests[m.FilePath()]
	s.mu.Unlock()
	if ok {
		return entries, nil
	}
	if m.ManifestContent() != iceberg.ManifestContentData {
		return nil, fmt.Errorf("%w: manifest %s lists delete files", ErrCorrupt, m.FilePath())
	}
	spec := meta.PartitionSpecByID(int(m.PartitionSpecID()))
	field, ok := meta.CurrentSchema().FindFieldByName(schema.ColEventTime)
	if spec == nil || spec.NumFields() != 1 || !ok {
		return nil, fmt.Errorf("%w: manifest %s is not partitioned by day", ErrCorrupt, m.FilePath())
	}
	entries = make([]DataFile, 0, m.AddedDataFiles()+m.ExistingDataFiles())
	for e, err := range m.Entries(rd, true) {
		if err != nil {
			return nil, fmt.Errorf("read manifest %s: %w", m.FilePath(), err)
		}
		f, err := s.entry(e.DataFile(), spec.Field(0).FieldID, field.ID)
		if err != nil {
			return nil, fmt.Errorf("read manifest %s: %w", m.FilePath(), err)
		}
		entries = append(entries, f)
	}
	s.mu.Lock()
	s.manifests[m.FilePath()] = entries
	s.mu.Unlock()
	return entries, nil
}

func (s *Store) entry(df iceberg.DataFile, partitionID, timeID int) (DataFile, error) {
	name, err := nameOf(s.st.Root(), df.FilePath())
	if err != nil {
		return DataFile{}, err
	}
	if df.ContentType() != iceberg.EntryContentData || df.FileFormat() != iceberg.ParquetFile {
		return DataFile{}, fmt.Errorf("%w: %s is a file of %s in format %s", ErrCorrupt, df.FilePath(), df.ContentType(), df.FileFormat())
	}
	day, ok := df.Partition()[partitionID].(iceberg.Date)
	if !ok {
		return DataFile{}, fmt.Errorf("%w: %s has partition value %v", ErrCorrupt, df.FilePath(), df.Partition()[partitionID])
	}
	lower, upper := df.LowerBoundValues()[timeID], df.UpperBoundValues()[timeID]
	if len(lower) != 8 || len(upper) != 8 {
		return DataFile{}, fmt.Errorf("%w: %s has no bounds of event time", ErrCorrupt, df.FilePath())
	}
	return DataFile{
		URI: df.FilePath(), Path: s.st.LocalPath(name), Day: Day(day), Rows: df.Count(), Bytes: df.FileSizeBytes(),
		MinTime: int64(binary.LittleEndian.Uint64(lower)), MaxTime: int64(binary.LittleEndian.Uint64(upper)),
	}, nil
}

// keepManifests drops the cached manifests that the newest snapshot does not use.
func (s *Store) keepManifests(b *base, used map[string][]DataFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base == b {
		s.manifests = used
	}
}
