package queries_test

import (
	"os"
	"path/filepath"
	"testing"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
)

// corpus takes the logs of a folder of real log data into a lake. It returns nil,
// and says so in the log, where the folder does not lie beside the checkout.
func corpus(t *testing.T, folder string) *generated {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "corpus", folder)
	if _, err := os.Stat(root); err != nil {
		t.Logf("no real log data beside the checkout: %v", err)
		return nil
	}
	l := laketest.New(t)
	store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	result, err := store.Ingest(t.Context(), src, lake.IngestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Stored == 0 {
		t.Fatal("nothing ingested")
	}
	return &generated{engine: engine.New(l, duck.New(duck.Options{}), engine.Options{TempDir: t.TempDir(), Threads: 2})}
}

// TestCatalogOverCorpus runs every saved query over real logs of all record versions.
func TestCatalogOverCorpus(t *testing.T) {
	t.Parallel()
	if g := corpus(t, ""); g != nil {
		g.testEvery(t)
	}
}

// testEvery runs every saved query; none may fail.
func (g *generated) testEvery(t *testing.T) {
	for _, q := range queries.Catalog().All() {
		params := map[string]string{}
		for _, p := range q.Params {
			if !p.Optional {
				params[p.Name] = "AKIAEXAMPLE"
			}
		}
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			g.run(t, q.Name, params)
		})
	}
}
