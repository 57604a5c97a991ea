package queries_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/queries"
	"traillake/queries/fixture"
)

var rewrite = flag.Bool("rewrite", false, "write the rows that the saved queries give into their fixtures")

// TestCatalogFinds runs every saved query over its fixture, testdata/catalog/NAME.txtar.
// Package fixture says what is in it.
//
// Run with -rewrite to write want.csv anew; then read the difference.
func TestCatalogFinds(t *testing.T) {
	runner, err := fixture.NewRunner(t.Context(), duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	known := map[string]bool{}
	for _, q := range queries.Catalog().All() {
		known[q.Name+fixture.Extension] = true
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "catalog", q.Name+fixture.Extension)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("every saved query has a fixture: %v", err)
			}
			f, err := fixture.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := runner.Run(t.Context(), q, f)
			if err != nil {
				t.Fatalf("%v\n%s", err, q.SQL)
			}
			if *rewrite {
				f, _ = f.WithRows(rows.All)
				if err := os.WriteFile(path, f.Text(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Compare(rows); err != nil {
				t.Error(err)
			}
		})
	}
	entries, err := os.ReadDir(filepath.Join("testdata", "catalog"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			t.Errorf("fixture %s has no saved query", entry.Name())
		}
	}
}
