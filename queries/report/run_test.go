package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/bench/gen"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
)

// october is the month in which generated logs lie.
var october = Period{Since: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}

func open(t *testing.T, logs string) *engine.Engine {
	t.Helper()
	return openSelected(t, logs, "")
}

// openSelected is open for a store with selectors.
func openSelected(t *testing.T, logs, selectors string) *engine.Engine {
	t.Helper()
	return openOn(t, duck.New(), logs, selectors)
}

func openOn(t *testing.T, x engine.Executor, logs, selectors string) *engine.Engine {
	t.Helper()
	l := laketest.New(t)
	store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore, Selectors: selectors})
	if err != nil {
		t.Fatal(err)
	}
	if logs != "" {
		src, err := dir.Open(logs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return engine.New(l, x, engine.Options{TempDir: t.TempDir(), Threads: 2})
}

// written returns a folder with one log: n events called A on October 2 and one called B
// on October 4, and one called C on each of the days of October that others says; all of
// the category Management.
func written(t *testing.T, n int, others ...int) string {
	t.Helper()
	logs := t.TempDir()
	var records []string
	add := func(name string, at time.Time) {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.09","eventTime":%q,"eventSource":"a.amazonaws.com","eventName":%q,"requestParameters":{"k":"<v>"},"eventID":"e%03d","eventCategory":"Management"}`,
			at.Format(time.RFC3339), name, len(records)))
	}
	for i := range n {
		add("A", october.Since.AddDate(0, 0, 1).Add(time.Duration(i)*time.Minute))
	}
	add("B", october.Since.AddDate(0, 0, 3))
	for _, day := range others {
		add("C", october.Since.AddDate(0, 0, day-1))
	}
	text := `{"Records":[` + strings.Join(records, ",") + `]}`
	if err := os.WriteFile(filepath.Join(logs, "a.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return logs
}

// ownQueries are simple ones: named finds events of a name, fails fails while it runs.
func ownQueries(t *testing.T) *queries.Set {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"named.sql": "-- name: named\n-- title: Named\n-- params:\n--   since: timestamp = 1970-01-01\n--   until: timestamp = 9999-12-31\n--   wanted: string\n--   limit: integer = 3\nSELECT eventID AS id, eventTime AS at, requestParameters AS p, eventID AS id FROM $EDS_ID\nWHERE eventTime >= :since AND eventTime < :until AND eventName = :wanted ORDER BY eventID LIMIT :limit",
		"fails.sql": "-- name: fails\n-- params:\n--   since: timestamp\n--   until: timestamp\nSELECT CAST(eventName AS integer) FROM $EDS_ID WHERE eventTime >= :since AND eventTime < :until AND eventName = 'A'",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := queries.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func control(id string, expect queries.Expectation, needs string, uses ...queries.Use) queries.Control {
	c := queries.Control{ID: id, Title: id, Requirement: "r", Expect: expect, Severity: "low", Evidence: "e", Limits: "l", Queries: uses}
	if needs != "" {
		c.Needs = []string{needs}
	}
	return c
}

func named(name string) queries.Use {
	return queries.Use{Query: "named", Params: map[string]string{"wanted": name}}
}

// interrupting is an executor that ends a context when the n-th result from now on is closed.
type interrupting struct {
	engine.Executor
	left   int
	cancel context.CancelFunc
}

func (x *interrupting) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	s, err := x.Executor.Open(ctx, box)
	return interruptingSession{s, x}, err
}

type interruptingSession struct {
	engine.Session
	of *interrupting
}

func (s interruptingSession) Query(ctx context.Context, sql string) (engine.Rows, error) {
	rows, err := s.Session.Query(ctx, sql)
	return interruptingRows{rows, s.of}, err
}

type interruptingRows struct {
	engine.Rows
	of *interrupting
}

func (r interruptingRows) Close() error {
	if r.of.left--; r.of.left == 0 {
		r.of.cancel()
	}
	return r.Rows.Close()
}

// TestInterrupted ends a run when one of its queries has just ended well: there is no report, in
// which the others would have found nothing.
func TestInterrupted(t *testing.T) {
	logs := written(t, 3)
	pack := &queries.Pack{Name: "p", Title: "P", Controls: []queries.Control{
		control("a", queries.ExpectNone, "", named("X")), control("b", queries.ExpectNone, "", named("Y")), control("c", queries.ExpectNone, "", named("A")),
	}}
	x := &interrupting{Executor: duck.New()}
	e := openOn(t, x, logs, "")
	for n := 1; ; n++ {
		ctx, cancel := context.WithCancel(t.Context())
		x.left, x.cancel = n, cancel
		r, err := Run(ctx, e, Config{Pack: pack, Queries: ownQueries(t), Period: october})
		ended := ctx.Err() != nil
		cancel()
		switch {
		case ended && !errors.Is(err, context.Canceled):
			t.Errorf("ended with its result %d a run gives %+v, %v", n, r, err)
		case !ended && err != nil:
			t.Fatal(err)
		case !ended && n < len(pack.Controls)+ownRequests:
			t.Fatalf("a run has %d results", n)
		case !ended:
			return
		}
	}
}

// TestVerdicts judges controls by their rows.
func TestVerdicts(t *testing.T) {
	var others []int
	for day := 1; day <= 31; day++ {
		others = append(others, day)
	}
	e := open(t, written(t, 30, others...))
	limited := named("A")
	limited.Params["limit"] = "5"
	fails := queries.Use{Query: "fails"}
	pack := &queries.Pack{Name: "p", Title: "P", Controls: []queries.Control{
		control("none with", queries.ExpectNone, "", named("A")),
		control("none without", queries.ExpectNone, "", named("Z")),
		control("some with", queries.ExpectSome, "", named("A"), named("B")),
		control("some without", queries.ExpectSome, "", named("Z")),
		control("review with", queries.ExpectReview, "", named("B")),
		control("review without", queries.ExpectReview, "", named("Z")),
		control("needs what there is", queries.ExpectNone, "management", named("Z")),
		control("needs what there is not", queries.ExpectNone, "data", named("Z")),
		control("needs, but has rows", queries.ExpectNone, "data", named("B")),
		control("fails", queries.ExpectNone, "", fails, named("Z")),
		control("fails and finds", queries.ExpectNone, "", fails, named("A")),
		control("limited", queries.ExpectReview, "", limited),
		control("unknown", queries.ExpectReview, "", queries.Use{Query: "nowhere"}),
		control("wrong", queries.ExpectReview, "", queries.Use{Query: "named"}),
	}}
	r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: october, MaxRows: 4})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range r.Controls {
		got = append(got, fmt.Sprintf("%s: %s, %d rows %v %s", c.ID, c.Verdict, c.Rows, c.Results, c.Reason))
	}
	want := `none with: findings, 30 rows [named] 
none without: pass, 0 rows [named#2] 
some with: evidence, 31 rows [named named#3] 
some without: missing, 0 rows [named#2] nothing in the period is evidence of it
review with: review, 1 rows [named#3] 
review without: pass, 0 rows [named#2] 
needs what there is: pass, 0 rows [named#2] 
needs what there is not: missing, 0 rows [named#2] the store has no data events of this period, in which the queries look
needs, but has rows: findings, 1 rows [named#3] 
fails: failed, 0 rows [fails named#2] fails: line 1, column 8: Cannot cast 'A' to INT; TRY_CAST gives NULL instead
fails and finds: findings, 30 rows [fails named] fails: line 1, column 8: Cannot cast 'A' to INT; TRY_CAST gives NULL instead
limited: review, 5 rows [named#4] 
unknown: failed, 0 rows [nowhere] nowhere: saved query not found: "nowhere"
wrong: failed, 0 rows [named#5] named#5: query named: parameter wanted: no value; it takes a string, such as some text`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	first := r.Result("named")
	if first.Count != 30 || len(first.Rows) != 4 || first.Limited {
		t.Errorf("%d rows of %d, limited: %v", len(first.Rows), first.Count, first.Limited)
	}
	if res := r.Result("named#4"); res.Count != 5 || !res.Limited {
		t.Errorf("the pack's own limit is not told: %+v", res)
	}
	for _, c := range r.Controls {
		if c.Limited != (c.ID == "limited") {
			t.Errorf("%s: limited is %v", c.ID, c.Limited)
		}
	}
	if got := first.Params["since"] + " " + first.Params["until"]; got != "2026-10-01T00:00:00Z 2026-11-01T00:00:00Z" {
		t.Errorf("the period is not bound: %s", got)
	}
	columns := []Column{{"id", "varchar"}, {"at", "timestamp(3)"}, {"p", "map(varchar, varchar)"}, {"id_1", "varchar"}}
	if !slices.Equal(first.Columns, columns) {
		t.Errorf("columns %v, want %v", first.Columns, columns)
	}
	var cells []string
	for _, c := range first.Rows[1] {
		cells = append(cells, c.Text())
	}
	if got := strings.Join(cells, " "); got != `e001 2026-10-02T00:01:00Z {"k":"<v>"} e001` {
		t.Errorf("row %s", got)
	}
	cov := r.Coverage
	if cov.Events != 62 || cov.Categories["Management"] != 62 || len(cov.Days) != 31 || cov.Days[1] != (Day{"2026-10-02", 31}) || cov.First.Day() != 1 || cov.Last.Day() != 31 || len(cov.Gaps) != 0 {
		t.Errorf("%+v", cov)
	}
	if want := (Counts{Objects: 1, Records: 62, Stored: 62, Events: 62, Period: 62, Reconcile: true}); r.Counts != want {
		t.Errorf("counts %+v, want %+v", r.Counts, want)
	}
	total := 0
	for _, n := range r.Summary {
		total += n
	}
	if total != len(r.Controls) || len(r.Summary) != len(Verdicts()) {
		t.Errorf("summary %v", r.Summary)
	}
}

// TestGaps says which days of the period have no events. What lies after the snapshot is
// no gap.
func TestGaps(t *testing.T) {
	e := open(t, written(t, 1))
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{control("c", queries.ExpectNone, "", named("Z"))}}
	week := Period{Since: october.Since, Until: october.Since.AddDate(0, 0, 5)}
	r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: week})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-10-01", "2026-10-03", "2026-10-05"}
	if time.Now().Before(week.Until) {
		want = []string{}
	}
	if !slices.Equal(r.Coverage.DaysWithout, want) {
		t.Errorf("days without events %v, want %v", r.Coverage.DaysWithout, want)
	}
}

// TestNothingThere says that no verdict is a pass where there are no events.
func TestNothingThere(t *testing.T) {
	for _, logs := range []string{"", written(t, 3)} {
		e := open(t, logs)
		pack := &queries.Pack{Name: "p", Controls: []queries.Control{
			control("none", queries.ExpectNone, "", named("Z")), control("review", queries.ExpectReview, "", named("Z")),
		}}
		r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: Period{Since: october.Since.AddDate(-1, 0, 0), Until: october.Since}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Controls {
			if c.Verdict != VerdictMissing || c.Reason != "the store has no events of this period" {
				t.Errorf("%s: %s, %s", c.ID, c.Verdict, c.Reason)
			}
		}
	}
}

func TestRunErrors(t *testing.T) {
	e := open(t, "")
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{control("c", queries.ExpectNone, "", named("Z"))}}
	if _, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: october, Store: "nowhere"}); !errors.Is(err, lake.ErrStoreNotFound) {
		t.Error(err)
	}
	if _, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: Period{Since: october.Until, Until: october.Since}}); err == nil {
		t.Error("a period that ends before it begins is taken")
	}
}

// TestPacks runs all packs over generated logs: no query fails, and the JSON reads back as
// the same report.
func TestPacks(t *testing.T) {
	config := gen.DefaultConfig()
	config.Records, config.Oddities = 4_000, 0.05
	logs := filepath.Join(t.TempDir(), "logs")
	if _, err := gen.Write(t.Context(), logs, config, nil); err != nil {
		t.Fatal(err)
	}
	e := open(t, logs)
	all := &queries.Pack{Name: "all", Title: "All"}
	for _, p := range queries.Packs().All() {
		for _, c := range p.Controls {
			c.ID = p.Name + " " + c.ID
			all.Controls = append(all.Controls, c)
		}
	}
	r, err := Run(t.Context(), e, Config{Pack: all, Queries: queries.Catalog(), Period: october, MaxRows: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Controls {
		if c.Verdict == VerdictFailed || strings.Contains(c.Reason, "line 1") {
			t.Errorf("%s: %s: %s", c.ID, c.Verdict, c.Reason)
		}
	}
	if !r.Counts.Reconcile || r.Counts.Period != r.Coverage.Events || r.Activity.Error != "" || len(r.Activity.Principals) != 10 {
		t.Errorf("counts %+v, activity %+v", r.Counts, r.Activity)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, again) {
		t.Error("what is read back is written differently")
	}
}
