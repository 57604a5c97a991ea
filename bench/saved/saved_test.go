package saved

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"traillake/bench/gen"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
)

var (
	lakeDir = flag.String("lake", "", "time the queries over the store events of the lake in this folder")
	runs    = flag.Int("runs", 7, "timed runs of each query")
	only    = flag.String("only", "", "names of saved queries, separated by commas, instead of all")
	threads = flag.Int("threads", 0, "threads of a query; 0 is one for each CPU")
	params  = flag.String("params", "key=AKIATFPOZ5SPE3LNUV6J,address=18.132.34.138,"+
		"role=arn:aws:iam::755727950336:role/media-scheduler,"+
		"resource=arn:aws:iam::755727950336:user/svc-backup",
		"values of parameters without a default; the default finds something in what 'traillake generate' writes")
)

// afterGenerated is the day after the last of generated logs.
var afterGenerated = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// required gives values to parameters without a default.
func required(values map[string]string) func(*queries.Query) map[string]string {
	return func(q *queries.Query) map[string]string {
		given := map[string]string{}
		for _, p := range q.Params {
			if v, ok := values[p.Name]; ok && !p.Optional {
				given[p.Name] = v
			}
		}
		return given
	}
}

// TestSameRows says that every saved query has its SQL written by hand, which gives what
// the engine gives: over generated logs, in which many find nothing.
func TestSameRows(t *testing.T) {
	l, values := small(t)
	timings, err := Run(t.Context(), Config{Lake: l, Params: required(values), Now: afterGenerated, TempDir: t.TempDir(), Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if len(timings) != len(files) {
		t.Errorf("%d saved queries have %d files as their counterparts", len(timings), len(files))
	}
}

// TestSameRowsOfFixtures compares them over the records that the saved queries' own tests
// have for them to find and to leave out, all in one store: every query finds some.
func TestSameRowsOfFixtures(t *testing.T) {
	timings, err := Run(t.Context(), fixtures(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, timing := range timings {
		if timing.Rows == 0 {
			t.Errorf("saved query %s finds nothing among the records of its own fixture", timing.Query)
		}
	}
}

// fixtures is a lake with the records of all saved queries' tests, and the values that
// these give to parameters.
func fixtures(t *testing.T) Config {
	logs := t.TempDir()
	given := map[string]map[string]string{}
	for _, q := range queries.Catalog().All() {
		archive, err := txtar.ParseFile(filepath.Join("..", "..", "queries", "testdata", "catalog", q.Name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		given[q.Name] = map[string]string{}
		for _, file := range archive.Files {
			switch file.Name {
			case "want.csv":
			case "params":
				for line := range strings.Lines(string(file.Data)) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
					given[q.Name][name] = value
				}
			default:
				path := filepath.Join(logs, q.Name, filepath.FromSlash(file.Name))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, file.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return Config{
		Lake:    ingested(t, logs),
		Params:  func(q *queries.Query) map[string]string { return given[q.Name] },
		Now:     time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), // as in their tests
		TempDir: t.TempDir(),
		Threads: 2,
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
	values := map[string]string{"key": truth.Attack.AccessKeyID, "arn": truth.Attack.AccessKeyID,
		"resource": truth.Attack.Principal, "address": truth.TopAddresses[0].SourceIPAddress}
	for _, step := range truth.Attack.Steps {
		if session, ok := strings.CutPrefix(step.Principal, "arn:aws:sts::"); ok {
			part := strings.Split(session, "/") // ACCOUNT:assumed-role, role, session
			values["role"] = "arn:aws:iam::" + strings.Replace(part[0], "assumed-role", "role", 1) + "/" + part[1]
		}
	}
	return ingested(t, logs), values
}

// ingested returns a lake that holds the logs of a folder in its default store.
func ingested(t testing.TB, logs string) *lake.Lake {
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
	return l
}

// TestTimes times the saved queries over the lake that -lake names, and without it takes
// no more than a look at one of them:
//
//	traillake generate logs --records 1000000; traillake --lake LAKE ingest logs
//	go test ./bench/saved -run TestTimes -v -timeout 1h -lake LAKE
func TestTimes(t *testing.T) {
	config := Config{Runs: *runs, Now: afterGenerated, TempDir: t.TempDir(), Threads: *threads}
	if *only != "" {
		config.Queries = strings.Split(*only, ",")
	}
	if *lakeDir == "" {
		l, values := small(t)
		config.Lake, config.Params = l, required(values)
		config.Runs, config.Queries = 1, []string{"events-by-service"}
	} else {
		l, err := lake.Open(t.Context(), *lakeDir, lake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		config.Lake = l
		values := map[string]string{}
		for param := range strings.SplitSeq(*params, ",") {
			name, value, _ := strings.Cut(param, "=")
			values[name] = value
		}
		values["arn"] = cmp.Or(values["arn"], values["key"])
		config.Params = required(values)
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
