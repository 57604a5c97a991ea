package lake

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	iceio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"
)

// TestLibraryReadsEveryVersion has iceberg-go read a lake with commits of every kind, as
// another engine would: all versions, and the files of all snapshots.
func TestLibraryReadsEveryVersion(t *testing.T) {
	l, err := memoryLake(t.Context(), oldLake(t), false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Store(t.Context(), "Old.Events")
	if err != nil {
		t.Fatal(err)
	}
	newest, err := s.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= newest.version; n++ {
		raw, err := s.st.Get(t.Context(), metadataName(n))
		if err != nil {
			t.Fatal(err)
		}
		b, err := parseBase(metadataName(n), raw)
		if err != nil {
			t.Fatal(err)
		}
		tbl := openTable(t, b, s)
		if got, want := tbl.Metadata().LastUpdatedMillis(), b.time.UnixMilli(); got != want {
			t.Errorf("version %d is of %d, want %d", n, got, want)
		}
		for _, snap := range b.meta.Snapshots {
			files, _, err := s.liveFiles(t.Context(), b.meta, &snap)
			if err != nil {
				t.Fatal(err)
			}
			var ours, planned []string
			for _, f := range files {
				ours = append(ours, f.URI)
			}
			tasks, err := tbl.Scan(icetable.WithSnapshotID(snap.SnapshotID)).PlanFiles(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range tasks {
				planned = append(planned, task.File.FilePath())
			}
			slices.Sort(planned)
			if len(ours) == 0 || !slices.Equal(planned, ours) {
				t.Errorf("version %d, snapshot %d: the library plans %v, we %v", n, snap.SnapshotID, planned, ours)
			}
		}
	}
	if n := len(newest.meta.Snapshots); n < 3 {
		t.Errorf("the test sees %d snapshots", n)
	}
}

// TestBadMetadata has files whose seal is right: what a program of tomorrow writes is no
// damage, and what breaks a rule is. The error names the file and the field.
func TestBadMetadata(t *testing.T) {
	on, err := openTest(t).newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old, new string
		kind     error
		want     string
	}{
		{`"format-version":2`, `"format-version":3`, ErrLayout, "read metadata/v1.metadata.json: unknown in table metadata: format-version 3"},
		{`"format-version":2`, `"format-version":2,"statistics":[]`, ErrLayout, "read metadata/v1.metadata.json: unknown in table metadata: field statistics"},
		{`"default-spec-id":0`, `"default-spec-id":1`, ErrCorrupt, "read metadata/v1.metadata.json: invalid table metadata: default-spec-id: there is no partition spec 1"},
		{`"last-updated-ms":`, `"last-updated-ms":-`, ErrCorrupt, "read metadata/v1.metadata.json: invalid table metadata: last-updated-ms: is -"},
	} {
		raw, err := seal(bytes.Replace(on.raw, []byte(c.old), []byte(c.new), 1), propSeal)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseBase(metadataName(1), raw); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestArrowSchema(t *testing.T) {
	s := openTest(t)
	on, err := s.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := icetable.SchemaToArrowSchema(on.meta.CurrentSchema(), nil, true, false)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Schema().Equal(want) || s.Schema().String() != want.String() {
		t.Errorf("got %s\nwant %s", s.Schema(), want)
	}
}

// openTable opens a version of a store as iceberg-go's users do.
func openTable(t *testing.T, b *base, s *Store) *icetable.Table {
	t.Helper()
	meta, err := icetable.ParseMetadataBytes(b.raw)
	if err != nil {
		t.Fatal(err)
	}
	files := func(context.Context) (iceio.IO, error) { return tableIO{t, s.st}, nil }
	return icetable.New(icetable.Identifier{storesDir, s.ID()}, meta, uriOf(s.st.Root(), metadataName(b.version)), files, nil)
}

// tableIO lets iceberg-go read the files of a store.
type tableIO struct {
	t  *testing.T
	st Storage
}

// Open implements the library's IO.
func (io tableIO) Open(uri string) (iceio.File, error) {
	name, err := nameOf(io.st.Root(), uri)
	if err != nil {
		return nil, err
	}
	f, err := io.st.Open(io.t.Context(), name)
	if err != nil {
		return nil, err
	}
	return tableFile{f, name}, nil
}

// Remove implements the library's IO.
func (tableIO) Remove(string) error { return errors.ErrUnsupported }

type tableFile struct {
	File
	name string
}

// Stat implements the library's File.
func (f tableFile) Stat() (fs.FileInfo, error) { return fileInfo{f.name, f.Size()}, nil }

type fileInfo struct {
	name string
	size int64
}

func (f fileInfo) Name() string       { return path.Base(f.name) }
func (f fileInfo) Size() int64        { return f.size }
func (f fileInfo) Mode() fs.FileMode  { return 0o444 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) IsDir() bool        { return false }
func (f fileInfo) Sys() any           { return nil }
