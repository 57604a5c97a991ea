package saved

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"traillake/bench/gen"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
)

var (
	lakeDir = flag.String("lake", "", "time the queries over the store events of the lake in this folder")
	runs    = flag.Int("runs", 7, "timed runs of each query")
	only    = flag.String("only", "", "names of saved queries, separated by commas, instead of all")
	threads = flag.Int("threads", 0, "threads of a query; 0 is one for each CPU")
	arn     = flag.String("arn", "AKIAXJHX35KBOI6MQE37", "value of the parameter arn")
	address = flag.String("address", "44.104.84.78", "value of the parameter address")
)

// generated are parameters that find something in generated logs.
func generated(attack *gen.Attack, top string) map[string]string {
	return map[string]string{"arn": attack.AccessKeyID, "address": top}
}

// TestSameRows says that the SQL written by hand gives what the engine gives.
func TestSameRows(t *testing.T) {
	l, params := small(t)
	timings, err := Run(t.Context(), Config{Lake: l, Params: params, TempDir: t.TempDir(), Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	files, err := hand.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(timings) != len(files) {
		t.Errorf("%d queries have one of the %d files as their counterpart", len(timings), len(files))
	}
}

func small(t testing.TB) (*lake.Lake, map[string]string) {
	logs := filepath.Join(t.TempDir(), "logs")
	config := gen.DefaultConfig()
	config.Records, config.Days, config.Oddities = 6_000, 12, 0.1
	truth, err := gen.Write(t.Context(), logs, config, nil)
	if err != nil {
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
	return l, generated(truth.Attack, truth.TopAddresses[0].SourceIPAddress)
}

// TestTimes times the saved queries over the lake that -lake names, and without it takes
// no more than a look at one of them:
//
//	traillake generate logs --records 1000000; traillake --lake LAKE ingest logs
//	go test ./bench/saved -run TestTimes -v -timeout 1h -lake LAKE
func TestTimes(t *testing.T) {
	config := Config{Runs: *runs, TempDir: t.TempDir(), Threads: *threads}
	if *only != "" {
		config.Queries = strings.Split(*only, ",")
	}
	if *lakeDir == "" {
		config.Lake, config.Params = small(t)
		config.Runs, config.Queries = 1, []string{"events-by-service"}
	} else {
		l, err := lake.Open(t.Context(), *lakeDir, lake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		config.Lake = l
		config.Params = map[string]string{"arn": *arn, "address": *address}
	}
	timings, err := Run(t.Context(), config)
	if err != nil {
		t.Error(err)
	}
	var table strings.Builder
	if err := Print(&table, timings); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
}
