package lake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// damaged makes a lake with two commits, damages it and returns its root.
func damaged(t *testing.T, harm func(root, store string)) string {
	t.Helper()
	root := t.TempDir()
	l, err := Create(t.Context(), root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: "events"})
	if err != nil {
		t.Fatal(err)
	}
	ingestRows(t, s, 19000, 2, "a.json")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	harm(root, filepath.Join(root, storeDir(s.id)))
	return root
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestLostFilesAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(root, store string)
		want string
	}{
		"newest version": {func(_, store string) { remove(t, store+"/metadata/v2.metadata.json") }, "v2.metadata.json"},
		"first version":  {func(_, store string) { remove(t, store+"/metadata/v1.metadata.json") }, "v1.metadata.json"},
		"name":           {func(root, _ string) { remove(t, root+"/names/events.json") }, "no file in names leads to it"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Open(t.Context(), damaged(t, c.harm), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			report, err := Check(t.Context(), l, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, p := range report.Problems {
				all = append(all, p.String())
			}
			if !strings.Contains(strings.Join(all, "\n"), c.want) {
				t.Errorf("problems %q, want one with %q", all, c.want)
			}
		})
	}
}

// What is lost is not made anew over what is left.
func TestNothingIsMadeOverALoss(t *testing.T) {
	root := damaged(t, func(root, _ string) { remove(t, root+"/names/events.json") })
	l, err := Open(t.Context(), root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.CreateStore(t.Context(), StoreConfig{Name: "Events"}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a store over a lost one: %v", err)
	}
	if _, err := l.CreateStore(t.Context(), StoreConfig{Name: "other"}); err != nil {
		t.Errorf("a store of another name: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	root = damaged(t, func(root, _ string) { remove(t, root+"/lake.json") })
	if _, err := OpenOrCreate(t.Context(), root, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a lake over a lost one: %v", err)
	}
}
