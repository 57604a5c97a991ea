package table

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"
)

const (
	keyMinMerge = "commit.manifest.min-count-to-merge"
	// defaultMinMerge and manifestBytes are those of other writers of the format.
	defaultMinMerge = 100
	manifestBytes   = 8 << 20
)

// Stage makes the manifests of a snapshot that adds and removes data files, in memory. It
// writes nothing.
type Stage struct {
	// Base is the version whose current snapshot is the parent.
	Base *Metadata
	// Manifests are those of the parent, in the order of its list, the newest first.
	Manifests []iceberg.ManifestFile
	// Read returns the bytes of the i-th of them. It is called for those that are rewritten
	// or merged, and for all of them where files are removed.
	Read func(i int) ([]byte, error)
	// Added are the new data files, partitioned by the base's default spec. None is live.
	Added []iceberg.DataFile
	// Removed are the URIs of live files that cease to be. There must be some of either.
	Removed []string
	// Operation and Time are those of the snapshot.
	Operation string
	Time      time.Time
	// Summary is what its summary says beyond the table format's own properties.
	Summary iceberg.Properties

	snapshotID int64
	commit     uuid.UUID
	spec       iceberg.PartitionSpec
	made       map[string][]byte // manifests, by URI
}

// Staged is a snapshot that is ready to become part of the table.
type Staged struct {
	Snapshot Snapshot
	// Manifests are those of its list, in its order.
	Manifests []iceberg.ManifestFile
	// Files are the bytes of the list and of the new manifests, by URI.
	Files map[string][]byte
}

// Make returns the snapshot. What the parent removed stays listed until manifests are
// merged, which an append does with those that are small, once they are many.
func (s *Stage) Make() (*Staged, error) {
	if len(s.Added)+len(s.Removed) == 0 {
		return nil, errors.New("a snapshot is to change no files")
	}
	s.snapshotID, s.commit, s.made = s.Base.NewSnapshotID(), uuid.New(), make(map[string][]byte)
	s.spec = s.Base.PartitionSpec()
	for _, m := range s.Manifests {
		if int(m.PartitionSpecID()) != s.spec.ID() || m.ManifestContent() != iceberg.ManifestContentData {
			return nil, fmt.Errorf("%w: manifest %s lists %s files of partition spec %d, the table's is %d", ErrUnknown, m.FilePath(), m.ManifestContent(), m.PartitionSpecID(), s.spec.ID())
		}
	}
	list := s.Manifests
	var removed []iceberg.ManifestEntry
	var err error
	if len(s.Removed) > 0 {
		if list, removed, err = s.without(); err != nil {
			return nil, err
		}
	}
	if len(s.Added) > 0 {
		entries := make([]iceberg.ManifestEntry, len(s.Added))
		for i, df := range s.Added {
			entries[i] = iceberg.NewManifestEntry(iceberg.EntryStatusADDED, &s.snapshotID, nil, nil, df)
		}
		added, err := s.write(func(w *iceberg.ManifestWriter) error { return each(entries, w.Add) })
		if err != nil {
			return nil, err
		}
		list = slices.Insert(slices.Clone(list), 0, added)
	}
	if len(s.Removed) == 0 {
		if list, err = s.merge(list); err != nil {
			return nil, err
		}
	}
	return s.finish(list, removed)
}

// finish writes the list of manifests.
func (s *Stage) finish(list []iceberg.ManifestFile, removed []iceberg.ManifestEntry) (*Staged, error) {
	snap := Snapshot{
		SnapshotID: s.snapshotID, SequenceNumber: s.Base.LastSequenceNumber + 1, TimestampMs: s.Time.UnixMilli(),
		ManifestList: s.uri(fmt.Sprintf("snap-%d-0-%s.avro", s.snapshotID, s.commit)), SchemaID: &s.Base.CurrentSchemaID,
	}
	parent := s.Base.CurrentSnapshot()
	if parent != nil {
		snap.ParentSnapshotID = &parent.SnapshotID
	}
	var err error
	if snap.Summary, err = s.summary(parent, removed); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := iceberg.WriteManifestList(formatVersion, &out, snap.SnapshotID, snap.ParentSnapshotID, &snap.SequenceNumber, 0, list); err != nil {
		return nil, fmt.Errorf("write list of manifests: %w", err)
	}
	staged := &Staged{Snapshot: snap, Manifests: list, Files: map[string][]byte{snap.ManifestList: out.Bytes()}}
	for _, m := range list {
		if raw, ok := s.made[m.FilePath()]; ok { // and not those that were merged into others
			staged.Files[m.FilePath()] = raw
		}
	}
	return staged, nil
}

func (s *Stage) uri(name string) string { return s.Base.Location + "/metadata/" + name }

// write makes a manifest of what fill puts into it.
func (s *Stage) write(fill func(*iceberg.ManifestWriter) error) (iceberg.ManifestFile, error) {
	uri := s.uri(s.commit.String() + "-m" + strconv.Itoa(len(s.made)+1) + ".avro")
	var out bytes.Buffer
	w, err := iceberg.NewManifestWriter(formatVersion, &out, s.spec, s.Base.CurrentSchema(), s.snapshotID)
	if err == nil {
		err = errors.Join(fill(w), w.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("write manifest %s: %w", path.Base(uri), err)
	}
	s.made[uri] = out.Bytes()
	return w.ToManifestFile(uri, int64(out.Len()))
}

// entries returns what a manifest lists, also what it lists as removed.
func (s *Stage) entries(m iceberg.ManifestFile) ([]iceberg.ManifestEntry, error) {
	raw, ok := s.made[m.FilePath()]
	if !ok {
		var err error
		if raw, err = s.Read(slices.Index(s.Manifests, m)); err != nil {
			return nil, err
		}
	}
	list, err := iceberg.ReadManifest(m, bytes.NewReader(raw), false)
	if err != nil {
		return nil, fmt.Errorf("read manifest %s: %w", m.FilePath(), err)
	}
	return list, nil
}

// without returns the manifests that list what the parent's list but for the removed files:
// one that lists these as removed, and those that are as they were or were written anew.
func (s *Stage) without() (list []iceberg.ManifestFile, removed []iceberg.ManifestEntry, err error) {
	gone := make(map[string]bool, len(s.Removed))
	for _, uri := range s.Removed {
		gone[uri] = true
	}
	for _, m := range s.Manifests {
		entries, err := s.entries(m)
		if err != nil {
			return nil, nil, err
		}
		var stay []iceberg.ManifestEntry
		before := len(removed)
		for _, e := range entries {
			if e.Status() == iceberg.EntryStatusDELETED {
				continue
			}
			uri := e.DataFile().FilePath()
			if !gone[uri] {
				stay = append(stay, e)
				continue
			}
			seq := e.SequenceNum()
			removed = append(removed, iceberg.NewManifestEntry(iceberg.EntryStatusDELETED, &s.snapshotID, &seq, e.FileSequenceNum(), e.DataFile()))
			delete(gone, uri)
		}
		if len(stay) == 0 {
			continue
		}
		if len(removed) > before {
			if m, err = s.write(func(w *iceberg.ManifestWriter) error { return each(stay, w.Existing) }); err != nil {
				return nil, nil, err
			}
		}
		list = append(list, m)
	}
	if len(gone) > 0 || len(removed) != len(s.Removed) {
		return nil, nil, fmt.Errorf("%d of %d files are to be removed and are not live, or twice", len(s.Removed)-len(removed), len(s.Removed))
	}
	m, err := s.write(func(w *iceberg.ManifestWriter) error { return each(removed, w.Delete) })
	if err != nil {
		return nil, nil, err
	}
	return slices.Insert(list, 0, m), removed, nil
}

func each(entries []iceberg.ManifestEntry, write func(iceberg.ManifestEntry) error) error {
	for _, e := range entries {
		if err := write(e); err != nil {
			return err
		}
	}
	return nil
}

// merge puts manifests together, from the oldest on, up to manifestBytes; the newest ones,
// among them that of this snapshot, only if they are many: most commits should write
// little, and most reads should open few.
func (s *Stage) merge(list []iceberg.ManifestFile) ([]iceberg.ManifestFile, error) {
	least := s.Base.Properties.GetInt(keyMinMerge, defaultMinMerge)
	var merged []iceberg.ManifestFile // the oldest first
	for end := len(list); end > 0; {
		begin, size := end-1, list[end-1].Length()
		for begin > 0 && size+list[begin-1].Length() <= manifestBytes {
			begin--
			size += list[begin].Length()
		}
		group := list[begin:end]
		end = begin
		if len(group) == 1 || begin == 0 && len(group) < least {
			for _, m := range slices.Backward(group) {
				merged = append(merged, m)
			}
			continue
		}
		m, err := s.mergeGroup(group)
		if err != nil {
			return nil, err
		}
		if m != nil {
			merged = append(merged, m)
		}
	}
	slices.Reverse(merged)
	return merged, nil
}

// mergeGroup makes one manifest of several; nil when they list nothing that is live. What
// earlier snapshots removed is left out.
func (s *Stage) mergeGroup(group []iceberg.ManifestFile) (iceberg.ManifestFile, error) {
	var live []iceberg.ManifestEntry
	for _, m := range group {
		entries, err := s.entries(m)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Status() != iceberg.EntryStatusDELETED {
				live = append(live, e)
			}
		}
	}
	if len(live) == 0 {
		return nil, nil
	}
	return s.write(func(w *iceberg.ManifestWriter) error {
		return each(live, func(e iceberg.ManifestEntry) error {
			if e.SnapshotID() == s.snapshotID {
				return w.Add(e)
			}
			return w.Existing(e)
		})
	})
}
