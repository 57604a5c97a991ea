package table

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"
)

// disk has the files of both tables of a test. It is the oracle's file system.
// The oracle writes from several goroutines.
type disk struct {
	mu    sync.Mutex
	files map[string][]byte
}

func newDisk() *disk { return &disk{files: make(map[string][]byte)} }

func (d *disk) get(uri string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.files[uri]
}

type diskFile struct {
	*bytes.Reader
	name string
}

func (f diskFile) Close() error               { return nil }
func (f diskFile) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }

func (d *disk) Open(uri string) (iceio.File, error) {
	raw := d.get(uri)
	if raw == nil {
		return nil, fmt.Errorf("open %s: %w", uri, fs.ErrNotExist)
	}
	return diskFile{bytes.NewReader(raw), uri}, nil
}

func (d *disk) Remove(uri string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, uri)
	return nil
}

func (d *disk) WriteFile(uri string, raw []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[uri] = slices.Clone(raw)
	return nil
}

type diskWriter struct {
	bytes.Buffer
	disk *disk
	name string
}

func (w *diskWriter) Close() error { return w.disk.WriteFile(w.name, w.Bytes()) }

func (w *diskWriter) ReadFrom(r io.Reader) (int64, error) { return w.Buffer.ReadFrom(r) }

func (d *disk) Create(uri string) (iceio.FileWriter, error) {
	return &diskWriter{disk: d, name: uri}, nil
}

// twin is a table that is changed by us and, in the same way, one that the oracle changes.
type twin struct {
	disk   *disk
	ours   *Metadata
	theirs icetable.Metadata
	live   []iceberg.DataFile
	files  int
}

func (tw *twin) dataFile(t *testing.T, random *rand.Rand) iceberg.DataFile {
	t.Helper()
	tw.files++
	spec := tw.ours.PartitionSpec()
	id := spec.Field(0).FieldID
	b, err := iceberg.NewDataFileBuilder(spec, iceberg.EntryContentData, fmt.Sprintf("%s/data/%d.parquet", testLocation, tw.files), iceberg.ParquetFile,
		map[int]any{id: iceberg.Date(random.IntN(3))}, map[int]string{id: "date"}, nil, 1+random.Int64N(100), 1+random.Int64N(100))
	if err != nil {
		t.Fatal(err)
	}
	return b.LowerBoundValues(map[int][]byte{1: []byte("a")}).UpperBoundValues(map[int][]byte{1: []byte("z")}).Build()
}

// listed says what a snapshot lists, without what is by chance: ids and names.
func (tw *twin) listed(t *testing.T, list []iceberg.ManifestFile, current int64) string {
	t.Helper()
	var out strings.Builder
	for _, m := range list {
		seq, least := m.SequenceNum(), m.MinSequenceNum()
		if seq == -1 {
			seq = tw.ours.LastSequenceNumber
		}
		if least == -1 {
			least = tw.ours.LastSequenceNumber
		}
		bounds, err := json.Marshal(m.Partitions())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "manifest %d %d new %v +%d %d =%d %d -%d %d spec %d %s %s\n", seq, least, m.SnapshotID() == current, m.AddedDataFiles(), m.AddedRows(),
			m.ExistingDataFiles(), m.ExistingRows(), m.DeletedDataFiles(), m.DeletedRows(), m.PartitionSpecID(), m.ManifestContent(), bounds)
		if int64(len(tw.disk.get(m.FilePath()))) != m.Length() {
			t.Errorf("%s has %d bytes, its list says %d", m.FilePath(), len(tw.disk.get(m.FilePath())), m.Length())
		}
		entries, err := iceberg.ReadManifest(m, bytes.NewReader(tw.disk.get(m.FilePath())), false)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(entries, func(a, b iceberg.ManifestEntry) int { // the oracle removes in the order of a map
			return strings.Compare(a.DataFile().FilePath(), b.DataFile().FilePath())
		})
		for _, e := range entries {
			f := e.DataFile()
			fileSeq := int64(-1)
			if e.FileSequenceNum() != nil {
				fileSeq = *e.FileSequenceNum()
			}
			fmt.Fprintf(&out, "  %d %d %d %v %s %d %d %v %v\n", e.Status(), e.SequenceNum(), fileSeq, e.SnapshotID() == current,
				f.FilePath(), f.Count(), f.FileSizeBytes(), f.Partition(), f.UpperBoundValues())
		}
	}
	return out.String()
}

// change does the same to both tables.
func (tw *twin) change(t *testing.T, added []iceberg.DataFile, removed []iceberg.DataFile, now time.Time) {
	t.Helper()
	s := &Stage{Base: tw.ours, Added: added, Operation: OpAppend, Time: now, Summary: iceberg.Properties{"mine": "1"}}
	for _, df := range removed {
		s.Operation = OpOverwrite
		s.Removed = append(s.Removed, df.FilePath())
	}
	if parent := tw.ours.CurrentSnapshot(); parent != nil {
		var err error
		if s.Manifests, err = iceberg.ReadManifestList(bytes.NewReader(tw.disk.get(parent.ManifestList))); err != nil {
			t.Fatal(err)
		}
	}
	s.Read = func(i int) ([]byte, error) { return tw.disk.get(s.Manifests[i].FilePath()), nil }
	made, err := s.Make()
	if err != nil {
		t.Fatal(err)
	}
	for uri, raw := range made.Files {
		if tw.disk.get(uri) != nil {
			t.Errorf("%s is written twice", uri)
		}
		if err := tw.disk.WriteFile(uri, raw); err != nil {
			t.Fatal(err)
		}
	}
	if tw.ours, err = tw.ours.Update(Update{Time: now, Previous: testLocation + "/metadata/v1.metadata.json", Snapshot: &made.Snapshot}); err != nil {
		t.Fatal(err)
	}
	same(t, tw.ours, encode(t, tw.ours))

	files := func(context.Context) (iceio.IO, error) { return tw.disk, nil }
	tx := icetable.New(icetable.Identifier{"t"}, tw.theirs, testLocation+"/metadata/v1.metadata.json", files, nil).NewTransaction()
	if len(removed) == 0 {
		err = tx.AddDataFiles(t.Context(), added, s.Summary, icetable.WithoutDuplicateCheck(), icetable.WithoutAutoNameMapping())
	} else {
		err = tx.ReplaceDataFilesWithDataFiles(t.Context(), removed, added, s.Summary, icetable.WithoutAutoNameMapping())
	}
	if err != nil {
		t.Fatal(err)
	}
	staged, err := tx.StagedTable()
	if err != nil {
		t.Fatal(err)
	}
	tw.theirs = staged.Metadata()

	want := tw.theirs.CurrentSnapshot()
	wantList, err := want.Manifests(tw.disk)
	if err != nil {
		t.Fatal(err)
	}
	// The list is read back by the oracle, as another engine would.
	text, err := icetable.ParseMetadataBytes(encode(t, tw.ours))
	if err != nil {
		t.Fatal(err)
	}
	got := text.CurrentSnapshot()
	gotList, err := got.Manifests(tw.disk)
	if err != nil {
		t.Fatal(err)
	}
	if g, w := tw.listed(t, gotList, got.SnapshotID), tw.listed(t, wantList, want.SnapshotID); g != w {
		t.Fatalf("we list\n%s\nthe oracle lists\n%s", g, w)
	}
	if !slices.EqualFunc(made.Manifests, gotList, func(a, b iceberg.ManifestFile) bool { return a.FilePath() == b.FilePath() }) {
		t.Fatalf("we return %v and list %v", made.Manifests, gotList)
	}
	if g, w := got.Summary.String(), want.Summary.String(); g != w {
		t.Fatalf("we say\n%s\nthe oracle says\n%s", g, w)
	}
	if got.SequenceNumber != want.SequenceNumber || (got.ParentSnapshotID == nil) != (want.ParentSnapshotID == nil) || *got.SchemaID != *want.SchemaID {
		t.Fatalf("our snapshot is %v, the oracle's %v", got, want)
	}
}

// TestStage makes random histories of appends, replacements and removals with both, and
// wants the same manifests of every snapshot.
func TestStage(t *testing.T) {
	for seed := range uint64(2) {
		random := rand.New(rand.NewPCG(seed, 9))
		m := newTest(t)
		tw := &twin{disk: newDisk(), ours: m, theirs: same(t, m, encode(t, m))}
		now := time.Now() // the oracle has no other
		for range 16 {
			now = now.Add(time.Second)
			var added, removed, stay []iceberg.DataFile
			remove := random.IntN(4) == 0
			for _, df := range tw.live {
				if remove && random.IntN(3) == 0 {
					removed = append(removed, df)
				} else {
					stay = append(stay, df)
				}
			}
			for range random.IntN(4) {
				added = append(added, tw.dataFile(t, random))
			}
			if len(added)+len(removed) == 0 {
				continue
			}
			tw.change(t, added, removed, now)
			tw.live = append(stay, added...)
		}
	}
}

// TestStageRefuses gives it what cannot be.
func TestStageRefuses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	m := newTest(t)
	tw := &twin{disk: newDisk(), ours: m, theirs: same(t, m, encode(t, m))}
	df := tw.dataFile(t, random)
	tw.change(t, []iceberg.DataFile{df}, nil, time.Now())
	list, err := iceberg.ReadManifestList(bytes.NewReader(tw.disk.get(tw.ours.CurrentSnapshot().ManifestList)))
	if err != nil {
		t.Fatal(err)
	}
	other := iceberg.NewManifestFile(2, "file:///lake/t/metadata/x.avro", 1, 1, 1).SequenceNum(1, 1).Build()
	deletes := iceberg.NewManifestFile(2, "file:///lake/t/metadata/x.avro", 1, 0, 1).SequenceNum(1, 1).Content(iceberg.ManifestContentDeletes).Build()
	for name, c := range map[string]struct {
		s    Stage
		want string
	}{
		"nothing":              {Stage{}, "no files"},
		"a file that is none":  {Stage{Removed: []string{"file:///lake/t/data/none.parquet"}}, "not live"},
		"a file twice":         {Stage{Removed: []string{df.FilePath(), df.FilePath()}}, "twice"},
		"another spec":         {Stage{Added: []iceberg.DataFile{df}, Manifests: []iceberg.ManifestFile{other}}, "partition spec 1"},
		"delete files":         {Stage{Added: []iceberg.DataFile{df}, Manifests: []iceberg.ManifestFile{deletes}}, "lists deletes files"},
		"a file that is gone":  {Stage{Removed: []string{df.FilePath()}, Read: func(int) ([]byte, error) { return nil, fs.ErrNotExist }}, "not exist"},
		"a file that is wrong": {Stage{Removed: []string{df.FilePath()}, Read: func(int) ([]byte, error) { return []byte("Obj"), nil }}, "read manifest"},
	} {
		s := c.s
		s.Base, s.Operation, s.Time = tw.ours, OpAppend, time.Now()
		if s.Manifests == nil {
			s.Manifests = list
		}
		if s.Read == nil {
			s.Read = func(i int) ([]byte, error) { return tw.disk.get(s.Manifests[i].FilePath()), nil }
		}
		if made, err := s.Make(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, error %v, want %q", name, made, err, c.want)
		}
	}
}
