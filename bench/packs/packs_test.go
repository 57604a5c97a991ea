package packs

import (
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/bench/gen"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
)

var (
	lakeDir = flag.String("lake", "", "time the queries over the store events of the lake in this folder")
	runs    = flag.Int("runs", 3, "timed runs of each query")
	pack    = flag.String("pack", "mitre-attack-cloud", "the pack whose queries are timed")
	threads = flag.Int("threads", 0, "threads of a database; 0 is one for each CPU")
)

// afterGenerated is the day after the last of generated logs.
var afterGenerated = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// TestSameRows runs the whole catalogue alone and as a batch; with -short three areas, in which
// are queries that need few rows, some and most of them: a database alone takes the race
// detector long to open.
func TestSameRows(t *testing.T) {
	config := gen.DefaultConfig()
	config.Records, config.Days, config.Oddities = 6_000, 12, 0.1
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
	list := queries.Catalog().All()
	if testing.Short() {
		list = slices.DeleteFunc(list, func(q *queries.Query) bool { return !slices.Contains([]string{"keys", "storage", "triage"}, q.Area) })
	}
	timing, err := Run(t.Context(), Config{Lake: l, Queries: list, Params: examples, Now: afterGenerated, TempDir: t.TempDir(), Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if timing.Shared.Shared < len(timing.Alone)/2 || timing.Shared.Tables < 2 || timing.Shared.Rows == 0 || timing.Rows == 0 {
		t.Errorf("%d queries with %d rows: %+v", len(timing.Alone), timing.Rows, timing.Shared)
	}
}

// examples gives values to parameters without a default.
func examples(q *queries.Query) map[string]string {
	given := map[string]string{}
	for _, p := range q.Params {
		if !p.Optional {
			given[p.Name] = p.Type.Example()
		}
	}
	return given
}

// TestTimes times the queries of a pack over the lake that -lake names:
//
//	traillake generate logs --records 1000000; traillake --lake LAKE ingest logs
//	go test ./bench/packs -run TestTimes -v -lake LAKE
func TestTimes(t *testing.T) {
	if *lakeDir == "" {
		t.Log("without -lake there is nothing to time")
		return
	}
	l, err := lake.Open(t.Context(), *lakeDir, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := queries.Packs().Get(*pack)
	if err != nil {
		t.Fatal(err)
	}
	var list []*queries.Query
	for _, c := range p.Controls {
		for _, u := range c.Queries {
			q, err := queries.Catalog().Get(u.Query)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(list, q) {
				list = append(list, q)
			}
		}
	}
	timing, err := Run(t.Context(), Config{Lake: l, Queries: list, Now: afterGenerated, Runs: *runs, Threads: *threads, MaxMemory: 512 << 20, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i, q := range list {
		t.Logf("%-40s alone %6.0f ms, %6.0f ms CPU; in the batch %6.0f ms, %6.0f ms CPU", q.Name,
			ms(timing.Alone[i].Wall), ms(timing.Alone[i].CPU), ms(timing.Within[i].Wall), ms(timing.Within[i].CPU))
	}
	if err := timing.Print(&text); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, %d controls\n%s", p.Name, len(p.Controls), text.String())
}
