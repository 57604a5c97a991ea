package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/lake"
)

// loadKinds loads events of several names, kinds of callers and errors, two of each.
func loadKinds(f *fixture, store string, day time.Time) {
	var b []byte
	n := 0
	for _, name := range []string{`"A"`, `"B"`, `"C"`, `null`} {
		for _, identity := range []string{`{"type":"Root","arn":"r"}`, `{"type":"IAMUser","arn":"u","accountId":"1"}`, `{}`, `null`} {
			for _, code := range []string{`,"errorCode":"AccessDenied"`, ``} {
				for range 2 {
					n++
					b = fmt.Appendf(b, `{"eventVersion":"1.08","userIdentity":%s,"eventTime":%q,"eventSource":"s%d.amazonaws.com","eventName":%s,"requestParameters":{"k":"%d"},"eventID":"e%02d"%s}`+"\n",
						identity, day.Add(time.Duration(n)*time.Minute).Format(time.RFC3339), n%3, name, n%5, n, code)
				}
			}
		}
	}
	f.load(store, store+day.String(), b)
}

// TestBatchSameRows runs statements whose conditions stand where it is easy to take too
// many rows away: a batch gives what each gives alone.
func TestBatchSameRows(t *testing.T) {
	f := newFixture(t)
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	loadKinds(f, "events", day)
	loadKinds(f, "events", day.AddDate(0, 0, 3))
	loadKinds(f, "other", day)
	statements := []string{
		"SELECT eventID FROM events WHERE eventName = 'A'",
		"SELECT eventID FROM events WHERE 'A' = eventName AND eventTime < '2024-05-02'",
		"SELECT eventID FROM events WHERE eventName IN ('A', 'B') OR eventName = 'C' AND errorCode IS NULL",
		"SELECT eventID FROM events WHERE eventName IN ('A', NULL)",
		"SELECT eventID FROM events WHERE eventName NOT IN ('A', 'B')",
		"SELECT eventID FROM events WHERE NOT (eventName = 'A' AND errorCode IS NULL)",
		"SELECT eventID FROM events WHERE NOT (eventName = 'A' AND element_at(requestParameters, 'k') = '1')",
		"SELECT eventID FROM events WHERE eventName IS NULL",
		"SELECT eventID FROM events WHERE eventName = 'A' OR element_at(requestParameters, 'k') = '1'",
		"SELECT eventID FROM events WHERE eventName = 'A' AND element_at(requestParameters, 'k') = '1'",
		"SELECT eventID, eventJson FROM events WHERE eventName = 'B' AND userIdentity.type = 'Root'",
		"SELECT eventID FROM events WHERE userIdentity.type = 'Root' AND errorCode LIKE '%Denied'",
		"SELECT eventID FROM events WHERE coalesce(userIdentity.type, 'none') <> 'Root'",
		"SELECT eventID FROM events WHERE userIdentity IS NULL",
		"SELECT eventID FROM events WHERE userIdentity.accountId IS NOT NULL",
		"SELECT eventID, userIdentity FROM events WHERE errorCode IS NOT NULL AND eventSource = 's1.amazonaws.com'",
		"SELECT count(*) FROM events WHERE eventName = 'A' HAVING count(*) > 1",
		"SELECT eventName, count(*) FROM events GROUP BY eventName HAVING eventName = 'A'",
		"SELECT a.eventID, b.eventID FROM events a LEFT JOIN other b ON a.eventID = b.eventID AND b.eventName = 'A' WHERE b.eventName IS NULL",
		"SELECT a.eventID, b.eventID FROM events a LEFT JOIN events b ON a.eventID = b.eventID AND b.eventTime > a.eventTime WHERE b.eventID IS NULL AND a.eventName = 'A'",
		"SELECT a.eventID FROM events a JOIN events b ON a.eventID = b.eventID WHERE a.eventName = 'A' AND b.errorCode IS NULL",
		"SELECT a.eventID FROM events a, other b WHERE a.eventName = 'A' AND b.eventName = 'B' AND a.eventSource = b.eventSource",
		"SELECT a.eventID FROM events a FULL JOIN other b ON a.eventID = b.eventID WHERE a.eventName = 'A'",
		"SELECT eventID FROM events e WHERE eventName = 'A' AND EXISTS (SELECT 1 FROM events WHERE eventName = 'B' AND eventSource = e.eventSource)",
		"SELECT eventID FROM events e WHERE eventName = 'A' AND NOT EXISTS (SELECT 1 FROM other o WHERE o.eventName = 'B' AND o.eventID = e.eventID)",
		"SELECT eventID, (SELECT count(*) FROM events x WHERE x.eventName = 'A' AND x.eventSource = e.eventSource) FROM events e",
		"WITH a AS (SELECT * FROM events WHERE eventName = 'A') SELECT eventID FROM a UNION ALL SELECT eventID FROM events WHERE eventName = 'B'",
		"SELECT eventID FROM (SELECT eventID, eventName FROM events ORDER BY eventID LIMIT 5) WHERE eventName = 'A'",
		"SELECT eventID, row_number() OVER (ORDER BY eventID) FROM events WHERE eventName = 'A'",
		"SELECT count(*) FROM events",
		"SELECT count(*) FROM events WHERE eventName = 'A' AND eventTime >= '2024-05-03'",
		"SELECT 1",
		"SELECT count(*) FROM events WHERE eventName BETWEEN 'A' AND 'B'",
		"SELECT count(*) FROM events WHERE eventName IS DISTINCT FROM 'A'",
		"SELECT count(*) FROM events WHERE readOnly",
		"SELECT count(*) FROM events WHERE date(eventTime) = DATE '2024-05-01' AND eventName = 'A'",
		"SELECT count(*) FROM events WHERE length(eventName) = 1 AND lower(eventName) = 'a'",
	}
	if s := f.sameInBatch(t, statements); s.Shared < 20 || s.Rows == 0 {
		t.Errorf("%+v", s)
	}
}

// sameInBatch compares what statements give in a batch with what each gives alone.
func (f *fixture) sameInBatch(t *testing.T, statements []string) engine.BatchStats {
	t.Helper()
	var requests []engine.Request
	for _, sql := range statements {
		requests = append(requests, engine.Request{SQL: sql})
	}
	b, err := f.engine.OpenBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for i, r := range requests {
		want, err := f.query(t.Context(), r, encode.JSONL)
		if err != nil {
			t.Fatalf("%s: %v", r.SQL, err)
		}
		res, err := b.Query(t.Context(), i)
		if err != nil {
			t.Fatalf("%s: %v", r.SQL, err)
		}
		got, err := encoded(t.Context(), res, encode.JSONL)
		if err != nil {
			t.Fatal(err)
		}
		if !sameLines(got, want) {
			t.Errorf("%s gives\n%s\nin a batch, and alone\n%s", r.SQL, got, want)
		}
	}
	return b.Stats()
}

// TestBatchMembers shares rows with some members of a struct, in statements that name them in
// every way: alone, with a whole struct in it, as a path into the record, through queries.
func TestBatchMembers(t *testing.T) {
	f := newFixture(t)
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	loadKinds(f, "events", day)
	f.load("events", "sessions", []byte(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","arn":"s","sessionContext":{"sessionIssuer":{"arn":"role","userName":"n"},"attributes":{"mfaAuthenticated":"true"}}},"eventTime":"2024-05-01T10:00:00Z","eventName":"A","eventID":"x1"}
{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","sessionContext":{}},"eventTime":"2024-05-01T10:00:00Z","eventName":"A","eventID":"x2"}
{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventName":"A","eventID":"x3"}
`))
	members := []string{
		"SELECT eventID, userIdentity.type FROM events WHERE eventName = 'A'",
		"SELECT eventID, userIdentity.sessionContext.sessionIssuer.arn FROM events WHERE eventName IN ('A', 'B') AND userIdentity.type <> 'Root'",
		"SELECT count(userIdentity.accountId) FROM events WHERE eventName = 'B'",
		"SELECT u.arn, n FROM (SELECT userIdentity.arn, count(*) AS n FROM events WHERE eventName = 'A' GROUP BY 1) u",
		"SELECT eventID, json_extract_scalar(eventJson, '$.userIdentity.principalId') FROM events WHERE eventName = 'A'",
	}
	whole := []string{
		"SELECT eventID, userIdentity.sessionContext.attributes FROM events WHERE eventName = 'A'",
		"SELECT eventID, userIdentity.sessionContext IS NULL FROM events WHERE eventName = 'A'",
		"SELECT eventID, s.sessionIssuer.userName FROM (SELECT eventID, userIdentity.sessionContext AS s FROM events WHERE eventName = 'A')",
		"SELECT eventID, userIdentity IS NULL FROM events WHERE eventName = 'A'",
		"SELECT eventID, eventJson FROM events WHERE eventName = 'A'",
		"SELECT * FROM events WHERE eventName = 'A'",
	}
	if s := f.sameInBatch(t, members); s.Shared != len(members) {
		t.Errorf("%+v", s)
	}
	for _, sql := range whole {
		if s := f.sameInBatch(t, append(members, sql)); s.Shared != len(members)+1 {
			t.Errorf("%s: %+v", sql, s)
		}
	}
}

func sameLines(a, b string) bool {
	count := map[string]int{}
	for line := range strings.Lines(a) {
		count[line]++
	}
	for line := range strings.Lines(b) {
		count[line]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// TestBatchErrors says that what is wrong with one request is that request's alone.
func TestBatchErrors(t *testing.T) {
	f := newFixture(t)
	loadKinds(f, "events", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	statements := []struct{ sql, want string }{
		{"SELECT count(*) FROM events WHERE eventName = 'A'", ""},
		{"SELECT nope FROM events WHERE eventName = 'A'", "nope"},
		{"SELECT count(*) FROM nowhere WHERE eventName = 'A'", "nowhere"},
		{"SELECT CAST(eventName AS integer) FROM events WHERE eventName = 'A'", "Cannot cast"},
		{`SELECT count(*) FROM "shared:0"`, "shared:0"},
		{"SELECT count(*) FROM read_parquet('x')", "read_parquet"},
		{"SELECT count(*) FROM events WHERE eventName = 'B'", ""},
	}
	var requests []engine.Request
	for _, s := range statements {
		requests = append(requests, engine.Request{SQL: s.sql})
	}
	b, err := f.engine.OpenBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for i, s := range statements {
		res, err := b.Query(t.Context(), i)
		if err == nil {
			_, err = encoded(t.Context(), res, encode.CSV)
		}
		switch {
		case s.want == "" && err != nil:
			t.Errorf("%s: %v", s.sql, err)
		case s.want != "" && (err == nil || !strings.Contains(err.Error(), s.want)):
			t.Errorf("%s gives %v, want an error about %s", s.sql, err, s.want)
		}
	}
	if _, err := b.Query(t.Context(), 2); !errors.Is(err, lake.ErrStoreNotFound) {
		t.Errorf("an unknown store gives %v", err)
	}
	if _, err := f.engine.OpenBatch(t.Context(), []engine.Request{{SQL: "SELECT 1", Dialect: engine.DialectDuckDB}}); err == nil {
		t.Error("DuckDB's dialect is taken")
	}
	none, err := f.engine.OpenBatch(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := none.Close(); err != nil {
		t.Fatal(err)
	}
}

// stubborn is an executor whose databases do not end a query about never when they are told
// to, and take no other from then on.
type stubborn struct{ engine.Executor }

func (x stubborn) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	s, err := x.Executor.Open(ctx, box)
	return &stubbornSession{Session: s}, err
}

type stubbornSession struct {
	engine.Session
	abandoned bool
}

func (s *stubbornSession) Exec(ctx context.Context, sql string) error {
	if s.abandoned {
		return engine.ErrAbandoned
	}
	return s.Session.Exec(ctx, sql)
}

func (s *stubbornSession) Query(ctx context.Context, sql string) (engine.Rows, error) {
	if s.abandoned {
		return nil, engine.ErrAbandoned
	}
	if strings.Contains(sql, "'never'") {
		<-ctx.Done()
		s.abandoned = true
		return nil, ctx.Err()
	}
	return s.Session.Query(ctx, sql)
}

// TestBatchAbandoned says that a query that the database does not end when its time is over
// is its own loss alone.
func TestBatchAbandoned(t *testing.T) {
	f := newFixture(t)
	loadKinds(f, "events", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	e := engine.New(f.lake, stubborn{duck.New()}, engine.Options{TempDir: f.temp, Threads: 2})
	named := engine.Request{SQL: "SELECT count(*) FROM events WHERE eventName = 'A'"}
	never := engine.Request{SQL: "SELECT 'never' FROM events", Timeout: 50 * time.Millisecond}
	b, err := e.OpenBatch(t.Context(), []engine.Request{named, named, never, named, {SQL: "SELECT count(*) FROM events WHERE eventName = 'B'"}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if s := b.Stats(); s.Shared != 4 {
		t.Errorf("%+v", s)
	}
	count := func(i int) string {
		t.Helper()
		res, err := b.Query(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encoded(t.Context(), res, encode.CSV)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := count(0)
	for _, i := range []int{3, 1} {
		if _, err := b.Query(t.Context(), 2); !errors.Is(err, engine.ErrTimeout) {
			t.Errorf("the query that does not end gives %v", err)
		}
		if got := count(i); got != want {
			t.Errorf("after that request %d gives %s, before it %s", i, got, want)
		}
	}
}

// TestBatchPins says that a batch reads one snapshot, whatever is committed meanwhile.
func TestBatchPins(t *testing.T) {
	f := newFixture(t)
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	loadKinds(f, "events", day)
	all := engine.Request{SQL: "SELECT count(*) FROM events"}
	named := engine.Request{SQL: "SELECT count(*) FROM events WHERE eventName = 'A'"}
	b, err := f.engine.OpenBatch(t.Context(), []engine.Request{all, named, named})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	loadKinds(f, "events", day.AddDate(0, 0, 1))
	for i, want := range []string{"64", "16", "16"} {
		res, err := b.Query(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encoded(t.Context(), res, encode.CSV)
		if err != nil {
			t.Fatal(err)
		}
		if _, rows, _ := strings.Cut(got, "\n"); strings.TrimSpace(rows) != want {
			t.Errorf("request %d gives %s, want %s", i, rows, want)
		}
	}
}
