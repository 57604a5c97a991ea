package laketest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"traillake/internal/vfs"
	"traillake/lake"
)

func TestNew(t *testing.T) {
	l := New(t)
	if _, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore}); err != nil {
		t.Fatal(err)
	}
	if stores, err := l.Stores(t.Context()); err != nil || len(stores) != 1 {
		t.Errorf("%d stores, error %v", len(stores), err)
	}
}

func TestLifecycle(t *testing.T) {
	root := t.TempDir()
	Lifecycle(t, func() lake.Storage {
		st, err := lake.LocalStorage(vfs.OS, root)
		if err != nil {
			t.Fatal(err)
		}
		return st
	})
}

// TestLifecycleElsewhere has every process see the lake at another path, as containers do
// that mount one folder, and as whoever comes after the folder was moved.
func TestLifecycleElsewhere(t *testing.T) {
	root, links := t.TempDir(), t.TempDir()
	n := 0
	Lifecycle(t, func() lake.Storage {
		n++
		link := filepath.Join(links, fmt.Sprint("mount ", n))
		if err := os.Symlink(root, link); err != nil {
			t.Fatal(err)
		}
		st, err := lake.LocalStorage(vfs.OS, link)
		if err != nil {
			t.Fatal(err)
		}
		return st
	})
}

// TestCopied goes on in a folder that was copied as cp does it, file by file.
func TestCopied(t *testing.T) {
	var places [2]string
	var storages [2]lake.Storage
	for i := range places {
		places[i] = filepath.Join(t.TempDir(), "lake")
		st, err := lake.LocalStorage(vfs.OS, places[i])
		if err != nil {
			t.Fatal(err)
		}
		storages[i] = st
	}
	Copied(t, storages[0], storages[1], func(*lake.Lake, lake.Storage) error {
		return os.CopyFS(places[1], os.DirFS(places[0]))
	})
}
