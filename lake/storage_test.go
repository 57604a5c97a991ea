package lake_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"traillake/internal/vfs"
	"traillake/lake"
	"traillake/lake/laketest"
)

func TestLocalStorage(t *testing.T) {
	for name, c := range map[string]struct {
		fs  vfs.FS
		dir string
	}{"disk": {vfs.OS, t.TempDir()}, "memory": {vfs.NewMemory(), "/new/lake"}} {
		t.Run(name, func(t *testing.T) {
			st, err := lake.LocalStorage(c.fs, c.dir)
			if err != nil {
				t.Fatal(err)
			}
			laketest.Storage(t, st)
			laketest.Storage(t, lake.Below(st, "below/this"))
			laketest.StorageReads(t, st)
			for fi, err := range st.List(t.Context(), "") {
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(path.Base(fi.Name), ".tmp-") {
					t.Errorf("a temporary file is left: %s", fi.Name)
				}
			}
		})
	}
}

// TestLocalListMoving lists a folder in which a row of files goes on, and loses its oldest,
// between the reading of the names and that of each file.
func TestLocalListMoving(t *testing.T) {
	moving := &movingFS{FS: vfs.OS, moves: 3}
	st, err := lake.LocalStorage(moving, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.PutIfAbsent(t.Context(), "row/0", nil); err != nil {
		t.Fatal(err)
	}
	moving.move = func(n int) {
		if err := st.PutIfAbsent(t.Context(), fmt.Sprintf("row/%d", n), nil); err != nil {
			t.Error(err)
		}
		if err := st.Remove(t.Context(), fmt.Sprintf("row/%d", n-1)); err != nil {
			t.Error(err)
		}
	}
	var names []string
	for fi, err := range st.List(t.Context(), "row") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fi.Name)
	}
	if !slices.Equal(names, []string{"row/3"}) {
		t.Errorf("listed are %q, and the newest is row/3", names)
	}
}

// movingFS calls move after a folder's names were read, for the first so many readings.
type movingFS struct {
	vfs.FS
	moves, moved int
	move         func(n int)
}

func (m *movingFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := m.FS.ReadDir(name)
	if m.moved < m.moves {
		m.moved++
		m.move(m.moved)
	}
	return entries, err
}
