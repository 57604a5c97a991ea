package laketest

import (
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
