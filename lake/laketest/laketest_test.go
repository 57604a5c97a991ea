package laketest

import (
	"testing"

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
