package folder

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/bench/gen"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/internal/sealed"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
	"traillake/queries/report"
)

// october is the month in which generated logs lie.
var october = report.Period{Since: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}

// generated returns an engine over a lake with so many generated records, in several
// files of each day.
func generated(t *testing.T, records int) *engine.Engine {
	t.Helper()
	config := gen.DefaultConfig()
	config.Records, config.Oddities = records, 0.05
	logs := filepath.Join(t.TempDir(), "logs")
	if _, err := gen.Write(t.Context(), logs, config, nil); err != nil {
		t.Fatal(err)
	}
	l := laketest.New(t)
	store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	return engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 2})
}

// files reads a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := sealed.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range list {
		text, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

// TestSameBytes writes a report with the controls of all packs twice, from one snapshot,
// the second time by its id: all files are the same. The numbers of rows in report.json are
// those of the CSV files.
func TestSameBytes(t *testing.T) {
	e := generated(t, 3000)
	all := &queries.Pack{Name: "all", Title: "All"}
	packs := queries.Packs().All()
	if testing.Short() { // under the race detector all of them take a minute
		packs = packs[:2]
	}
	for _, p := range packs {
		for _, c := range p.Controls {
			c.ID, c.Section = p.Name+" "+c.ID, p.Title
			all.Controls = append(all.Controls, c)
		}
	}
	c := report.Config{Pack: all, Queries: queries.Catalog(), Period: october, Tool: "test", MaxRows: 30}
	out := t.TempDir()
	first, err := Write(t.Context(), e, c, filepath.Join(out, "one"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.Snapshot = lake.Point{ID: first.Report.Store.Snapshot}
	if _, err := Write(t.Context(), e, c, filepath.Join(out, "two"), Options{}); err != nil {
		t.Fatal(err)
	}
	one, two := files(t, filepath.Join(out, "one")), files(t, filepath.Join(out, "two"))
	if len(one) != len(two) {
		t.Errorf("%d and %d files", len(one), len(two))
	}
	for name, text := range one {
		if two[name] != text {
			t.Errorf("%s is not the same", name)
		}
		if strings.Contains(text, out) {
			t.Errorf("%s names the folder", name)
		}
	}
	for _, res := range first.Report.Results {
		lines, err := csv.NewReader(strings.NewReader(one[res.File])).ReadAll()
		if err != nil || int64(len(lines)) != res.Count+1 {
			t.Errorf("%s has %d lines, and %d rows were counted: %v", res.File, len(lines), res.Count, err)
		}
	}
	var m Manifest
	if err := json.Unmarshal([]byte(one[ManifestName]), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != len(one)-1 || !slices.IsSortedFunc(m.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("the manifest has %d of %d files", len(m.Files), len(one))
	}
}

// TestWriteTwice says that the same report may be written again, and another not over it.
func TestWriteTwice(t *testing.T) {
	e := generated(t, 700)
	pack := report.Single(must(queries.Catalog().Get("root-use")), nil)
	c := report.Config{Pack: pack, Queries: queries.Catalog(), Period: october}
	above := t.TempDir()
	dst := filepath.Join(above, "reports", "one")
	for range 2 {
		if _, err := Write(t.Context(), e, c, dst, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	before := files(t, dst)
	c.Period.Until = c.Period.Until.AddDate(0, 0, -1)
	if _, err := Write(t.Context(), e, c, dst, Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("another report over it: %v", err)
	}
	file := filepath.Join(above, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), e, c, file, Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("over a file: %v", err)
	}
	c.Store = "nowhere"
	if _, err := Write(t.Context(), e, c, filepath.Join(above, "reports", "two"), Options{}); !errors.Is(err, lake.ErrStoreNotFound) {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Dir(dst))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries are left, %v", len(entries), err)
	}
	after := files(t, dst)
	for name, text := range before {
		if !bytes.Equal([]byte(after[name]), []byte(text)) {
			t.Errorf("%s was changed", name)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return v
}
