package lake

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// openToDamage is openTest for a lake that is not whole at the end.
func openToDamage(t *testing.T) *Store {
	t.Helper()
	s, err := createTest(t, t.TempDir(), Options{}).CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDamagedStoreBesideOthers wants the other stores of a lake to work, and nothing of the damaged one to
// be told to be of no use.
func TestDamagedStoreBesideOthers(t *testing.T) {
	s := openToDamage(t)
	ingestRows(t, s, testDay, 1, "/a")
	other, err := s.lake.CreateStore(t.Context(), StoreConfig{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	newest := filepath.Join(s.lake.Root(), storeDir(s.id), metadataName(2))
	if err := os.Truncate(newest, 10); err != nil {
		t.Fatal(err)
	}
	l, err := Open(t.Context(), s.lake.Root(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	stores, err := l.Stores(t.Context())
	if len(stores) != 1 || stores[0].ID() != other.ID() || !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), s.Name()) {
		t.Errorf("stores %v, error %v", stores, err)
	}
	for _, ref := range []string{"other", other.ID(), other.ARN()} {
		if got, err := l.Store(t.Context(), ref); err != nil || got.ID() != other.ID() {
			t.Errorf("%s: %v", ref, err)
		}
	}
	for _, ref := range []string{s.Name(), s.ID(), "third"} {
		if _, err := l.Store(t.Context(), ref); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	report, err := Check(t.Context(), l, CheckOptions{})
	if err != nil || len(report.Problems) != 1 || len(report.Orphans) != 0 {
		t.Errorf("problems %v, orphans %v, error %v", report.Problems, report.Orphans, err)
	}
}

// TestUnreadableHint puts a folder in place of a store's version hint.
func TestUnreadableHint(t *testing.T) {
	s := openToDamage(t)
	ingestRows(t, s, testDay, 1, "/a")
	hint := filepath.Join(s.lake.Root(), storeDir(s.id), hintName())
	if err := errors.Join(os.Remove(hint), os.Mkdir(hint, 0o700)); err != nil {
		t.Fatal(err)
	}
	if sn, err := reopen(t, s).Snapshot(t.Context()); err != nil || sn.Rows() != 1 {
		t.Errorf("%v", err)
	}
}

// TestCheckSeesStorePutBack removes the newest versions of a store, as a copy from before them would.
func TestCheckSeesStorePutBack(t *testing.T) {
	for back := range 3 {
		s := openToDamage(t)
		for _, name := range []string{"/a", "/b", "/c"} {
			ingestRows(t, s, testDay, 1, name)
		}
		dir := filepath.Join(s.lake.Root(), storeDir(s.id))
		for version := 4; version > 4-back; version-- {
			if err := os.Remove(filepath.Join(dir, metadataName(version))); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, hintName()), formatHint(4-back), 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := Check(t.Context(), s.lake, CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// One commit put back looks like a writer that was killed.
		found := slices.ContainsFunc(report.Problems, func(p Problem) bool { return p.Invariant == "I8" && strings.Contains(p.Err.Error(), "put back") })
		if found != (back > 1) || !found && len(report.Problems) > 0 {
			t.Errorf("%d versions put back: problems %v", back, report.Problems)
		}
	}
}
