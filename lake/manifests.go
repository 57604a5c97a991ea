package lake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"

	"traillake/lake/table"
	"traillake/schema"
)

// FileHash names a file of the table's metadata in the audit chain.
type FileHash struct {
	// Path is relative to the store's folder.
	Path string `json:"path"`
	// SHA256 is of the whole file, in hex.
	SHA256 string `json:"sha256"`
	// Size is in bytes.
	Size int64 `json:"size"`
}

// manifest is the live entries of a manifest. Manifests never change.
type manifest struct {
	files []DataFile
	hash  FileHash
}

// manifestList is a snapshot's manifest list and the manifests that it names. The
// snapshot's summary has their hashes.
type manifestList struct {
	list      FileHash
	manifests []iceberg.ManifestFile
	hashes    []FileHash        // of the manifests, in the order of the list
	raw       map[string][]byte // of those that are not decoded yet, by URI
}

// sumOf is the hash of all manifests of a list.
func sumOf(hashes []FileHash) string {
	var text strings.Builder
	for _, h := range hashes {
		text.WriteString(h.SHA256)
	}
	return hashOf([]byte(text.String()))
}

// listManifests reads a manifest list, which must have the given hash unless that is empty.
func (s *Store) listManifests(ctx context.Context, st Storage, uri, sha256 string) (FileHash, []iceberg.ManifestFile, error) {
	name, err := nameOf(s.st.Root(), uri)
	if err != nil {
		return FileHash{}, nil, err
	}
	raw, err := st.Get(ctx, name)
	if err != nil {
		return FileHash{}, nil, fmt.Errorf("read %s: %w", name, err)
	}
	h := FileHash{name, hashOf(raw), int64(len(raw))}
	if sha256 != "" && h.SHA256 != sha256 {
		return FileHash{}, nil, fmt.Errorf("%w: %s has sha256 %s, its snapshot says %s", ErrCorrupt, name, h.SHA256, sha256)
	}
	list, err := iceberg.ReadManifestList(bytes.NewReader(raw))
	if err != nil {
		return FileHash{}, nil, fmt.Errorf("%w: read %s: %w", ErrCorrupt, name, err)
	}
	return h, list, nil
}

// readManifestList reads a snapshot's manifest list and the manifests that were not read
// before, all of which must have the hashes that the snapshot says.
func (s *Store) readManifestList(ctx context.Context, st Storage, snap *table.Snapshot) (*manifestList, error) {
	sha256 := snap.Summary.Properties[summaryList]
	if !ValidSHA256(sha256) {
		return nil, fmt.Errorf("%w: it has no hash of its manifest list", ErrCorrupt)
	}
	l := &manifestList{raw: make(map[string][]byte)}
	var err error
	if l.list, l.manifests, err = s.listManifests(ctx, st, snap.ManifestList, sha256); err != nil {
		return nil, err
	}
	for _, m := range l.manifests {
		s.mu.Lock()
		known := s.manifests[m.FilePath()]
		s.mu.Unlock()
		if known != nil {
			l.hashes = append(l.hashes, known.hash)
			continue
		}
		name, err := nameOf(s.st.Root(), m.FilePath())
		if err != nil {
			return nil, err
		}
		raw, err := st.Get(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		l.hashes = append(l.hashes, FileHash{name, hashOf(raw), int64(len(raw))})
		l.raw[m.FilePath()] = raw
	}
	if got, want := sumOf(l.hashes), snap.Summary.Properties[summaryManifests]; got != want {
		return nil, fmt.Errorf("%w: a manifest that %s names has changed: together they have sha256 %s, the snapshot says %s", ErrCorrupt, l.list.Path, got, want)
	}
	return l, nil
}

// liveFiles reads the files that snap lists, by path, and the decoded manifests. It
// refuses what no commit of ours can hold: delete files, files outside the store,
// files without bounds of event time, manifests that were changed.
func (s *Store) liveFiles(ctx context.Context, meta *table.Metadata, snap *table.Snapshot) ([]DataFile, map[string]*manifest, error) {
	return s.liveFilesIn(ctx, s.st, meta, snap)
}

// liveFilesIn is liveFiles that reads through st, which has the store's files.
func (s *Store) liveFilesIn(ctx context.Context, st Storage, meta *table.Metadata, snap *table.Snapshot) ([]DataFile, map[string]*manifest, error) {
	if snap == nil {
		return nil, nil, nil
	}
	fail := func(err error) ([]DataFile, map[string]*manifest, error) {
		return nil, nil, fmt.Errorf("read manifests of snapshot %d of store %s: %w", snap.SnapshotID, s.Name(), err)
	}
	l, err := s.readManifestList(ctx, st, snap)
	if err != nil {
		return fail(err)
	}
	used := make(map[string]*manifest, len(l.manifests))
	var files []DataFile
	for i, m := range l.manifests {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		decoded, err := s.manifest(l, i, meta)
		if err != nil {
			return fail(fmt.Errorf("read manifest %s: %w", m.FilePath(), err))
		}
		used[m.FilePath()] = decoded
		files = append(files, decoded.files...)
	}
	slices.SortFunc(files, func(a, b DataFile) int { return cmp.Compare(a.URI, b.URI) })
	return files, used, nil
}

// manifest returns the i-th manifest of a list, decoded.
func (s *Store) manifest(l *manifestList, i int, meta *table.Metadata) (*manifest, error) {
	m := l.manifests[i]
	s.mu.Lock()
	known := s.manifests[m.FilePath()]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	if m.ManifestContent() != iceberg.ManifestContentData {
		return nil, fmt.Errorf("%w: it lists delete files", ErrCorrupt)
	}
	spec := meta.PartitionSpecByID(int(m.PartitionSpecID()))
	field, ok := meta.CurrentSchema().FindFieldByName(schema.ColEventTime)
	raw, _ := meta.CurrentSchema().FindFieldByName(schema.ColRaw) // no field has the id 0
	if spec == nil || spec.NumFields() != 1 || !ok {
		return nil, fmt.Errorf("%w: it is not partitioned by day", ErrCorrupt)
	}
	entries, err := iceberg.ReadManifest(m, bytes.NewReader(l.raw[m.FilePath()]), true)
	if err != nil {
		return nil, err
	}
	decoded := &manifest{files: make([]DataFile, 0, len(entries)), hash: l.hashes[i]}
	for _, e := range entries {
		f, err := s.entry(e.DataFile(), spec.Field(0).FieldID, field.ID, raw.ID)
		if err != nil {
			return nil, err
		}
		decoded.files = append(decoded.files, f)
	}
	s.mu.Lock()
	s.manifests[m.FilePath()] = decoded
	s.mu.Unlock()
	return decoded, nil
}

func (s *Store) entry(df iceberg.DataFile, partitionID, timeID, rawID int) (DataFile, error) {
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
	nulls, known := df.NullValueCounts()[rawID]
	return DataFile{
		URI: df.FilePath(), Path: s.st.LocalPath(name), Day: Day(day), Rows: df.Count(), Bytes: df.FileSizeBytes(),
		Canonical: known && nulls == df.Count(),
		MinTime:   int64(binary.LittleEndian.Uint64(lower)), MaxTime: int64(binary.LittleEndian.Uint64(upper)),
	}, nil
}

// keepManifests drops the cached manifests that the newest snapshot does not use.
func (s *Store) keepManifests(b *base, used map[string]*manifest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base == b {
		s.manifests = used
	}
}
