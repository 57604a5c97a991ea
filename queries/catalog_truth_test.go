package queries_test

import (
	"encoding/csv"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"traillake/bench/gen"
	"traillake/engine"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
	"traillake/queries/fixture"
)

// all is the limit of a query that is to return every row.
var all = map[string]string{"limit": "1000000"}

// row is a row of a result by column name.
type row map[string]string

// generated is a lake with generated logs, and what their generator says is in them.
type generated struct {
	engine *engine.Engine
	truth  *gen.Truth
}

// TestCatalogAgainstTruth runs saved queries over generated logs, whose generator
// wrote down what they must find.
func TestCatalogAgainstTruth(t *testing.T) {
	t.Parallel()
	g := generate(t)
	t.Run("every", g.testEvery)
	t.Run("duplicates", g.testDuplicates)
	t.Run("addresses", g.testAddresses)
	t.Run("counts", g.testCounts)
	t.Run("attack", g.testAttack)
}

func generate(t *testing.T) *generated {
	t.Helper()
	logs := filepath.Join(t.TempDir(), "logs")
	config := gen.DefaultConfig()
	config.Records, config.Days = 6_000, 5
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
	result, err := store.Ingest(t.Context(), src, lake.IngestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Stored != truth.Records {
		t.Fatalf("ingested %d records of %d", result.Stored, truth.Records)
	}
	return &generated{engineOver(t, l), truth}
}

func (g *generated) run(t *testing.T, name string, params map[string]string) []row {
	t.Helper()
	q, err := queries.Catalog().Get(name)
	if err != nil {
		t.Fatal(err)
	}
	values, err := q.Values(params, fixture.Now)
	if err != nil {
		t.Fatal(err)
	}
	out, err := fixture.CSV(t.Context(), g.engine, engine.Request{SQL: q.SQL, Params: values, Now: fixture.Now})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("%s: read rows: %v", name, err)
	}
	var rows []row
	for _, record := range records[1:] {
		r := row{}
		for i, column := range records[0] {
			r[column] = record[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func (g *generated) testDuplicates(t *testing.T) {
	rows := g.run(t, "global-event-duplicates", nil)
	if len(rows) != len(g.truth.Duplicates) || len(rows) == 0 {
		t.Errorf("%d services have copies, want %d", len(rows), len(g.truth.Duplicates))
	}
	var events int64
	for _, want := range g.truth.Duplicates {
		events += want.Events
		i := slices.IndexFunc(rows, func(r row) bool { return r["event_source"] == want.EventSource })
		if i < 0 {
			t.Errorf("no copies of %s", want.EventSource)
			continue
		}
		r := rows[i]
		same(t, want.EventSource+" events", r["events"], want.Events)
		same(t, want.EventSource+" copies", r["copies"], want.Copies)
		same(t, want.EventSource+" extra copies", r["extra_copies"], want.ExtraCopies)
		same(t, want.EventSource+" wasted bytes", r["wasted_bytes"], want.WastedBytes)
		if want := "[" + strings.Join(want.SourceRegions, ", ") + "]"; r["log_regions"] != want {
			t.Errorf("%s: copies in the logs of %s, want %s", r["event_source"], r["log_regions"], want)
		}
		same(t, want.EventSource+" trails", strconv.Itoa(strings.Count(r["trails"], ",")+1), int64(len(want.Trails)))
	}
	same(t, "events with copies", strconv.Itoa(len(g.run(t, "global-event-duplicate-details", all))), events)
	same(t, "shared actions", strconv.Itoa(len(g.run(t, "shared-events", all))), g.truth.Shared.Actions)
}

func (g *generated) testAddresses(t *testing.T) {
	var addresses, services []row
	for _, r := range g.run(t, "top-callers-by-source-ip", map[string]string{"limit": "20"}) {
		if strings.HasPrefix(r["address_type"], "IPv") {
			addresses = append(addresses, r)
		} else {
			services = append(services, r)
		}
	}
	compare := func(got []row, want []gen.Address) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%d callers, want %d", len(got), len(want))
			return
		}
		for i, w := range want {
			if got[i]["address"] != w.SourceIPAddress {
				t.Errorf("caller %d is %s, want %s", i, got[i]["address"], w.SourceIPAddress)
				continue
			}
			same(t, w.SourceIPAddress+" calls", got[i]["calls"], w.Calls)
			same(t, w.SourceIPAddress+" errors", got[i]["errors"], w.Errors)
			same(t, w.SourceIPAddress+" services", got[i]["services"], int64(w.EventSources))
			const layout = "2006-01-02 15:04:05.000"
			if first, last := w.FirstSeen.Format(layout), w.LastSeen.Format(layout); got[i]["first_seen"] != first || got[i]["last_seen"] != last {
				t.Errorf("%s seen from %s to %s, want %s to %s", w.SourceIPAddress, got[i]["first_seen"], got[i]["last_seen"], first, last)
			}
		}
	}
	compare(addresses, g.truth.TopAddresses)
	compare(services, g.truth.Services[:min(20, len(g.truth.Services))])
}

func (g *generated) testCounts(t *testing.T) {
	same(t, "uses of root", strconv.Itoa(len(g.run(t, "root-use", nil))), g.truth.Root.Events)
	for _, c := range []struct {
		query, key, count string
		want              map[string]int64
	}{
		{"events-by-service", "event_source", "events", g.truth.ByEventSource},
		{"errors-by-code", "error", "errors", g.truth.ByErrorCode},
		{"delivery-by-day", "event_day", "events", g.truth.ByDay},
		{"delivery-by-day", "account", "events", g.truth.ByAccount},
	} {
		got := map[string]int64{}
		for _, r := range g.run(t, c.query, nil) {
			n, err := strconv.ParseInt(r[c.count], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			got[r[c.key]] += n
		}
		for key, want := range c.want {
			same(t, c.query+": "+key, strconv.FormatInt(got[key], 10), want)
		}
	}
}

// testAttack looks for the steps of the planted attack.
func (g *generated) testAttack(t *testing.T) {
	attack := g.truth.Attack
	if attack == nil {
		t.Fatal("no attack in the generated logs")
	}
	found := func(rows []row) map[string]bool {
		ids := map[string]bool{}
		for _, r := range rows {
			ids[r["event_id"]] = true
		}
		return ids
	}
	timeline := found(g.run(t, "principal-timeline", map[string]string{"arn": attack.AccessKeyID, "limit": "1000000"}))
	own := strings.Split(attack.Principal, ":")[4]
	steps := 0
	for _, step := range attack.Steps {
		// Another account's record of a call does not have the caller's key.
		if step.Principal == attack.Principal && step.Account == own {
			steps++
			if !timeline[step.EventID] {
				t.Errorf("the timeline of the leaked key lacks %s %s", step.EventSource, step.EventName)
			}
		}
	}
	if steps == 0 {
		t.Error("the attack has no step of its principal")
	}

	keys := g.run(t, "credentials-from-many-addresses", map[string]string{"min_addresses": "2"})
	if !slices.ContainsFunc(keys, func(r row) bool { return r["access_key"] == attack.AccessKeyID }) {
		t.Errorf("the leaked key is not among those with many addresses: %v", keys)
	}

	for _, name := range []string{"logging-tampering", "access-keys-created", "security-group-changes", "s3-bucket-policy-changes", "kms-key-deletion"} {
		q, err := queries.Catalog().Get(name)
		if err != nil {
			t.Fatal(err)
		}
		rows := found(g.run(t, name, nil))
		for _, step := range attack.Steps {
			if slices.Contains(q.APIs, step.EventName) && !rows[step.EventID] {
				t.Errorf("%s lacks %s %s", name, step.EventSource, step.EventName)
			}
		}
	}
}

func same(t *testing.T, what, got string, want int64) {
	t.Helper()
	if got != strconv.FormatInt(want, 10) {
		t.Errorf("%s: %s, want %d", what, got, want)
	}
}
