package duck_test

import (
	"strings"
	"testing"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/schema"
)

// TestPushdown runs the engine's own SQL under EXPLAIN: conditions and columns must
// reach the Parquet reader through the view.
func TestPushdown(t *testing.T) {
	l := laketest.New(t)
	st, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: "events"})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, st)
	e := engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir()})
	for _, c := range []struct {
		sql  string
		want []string
		not  []string
	}{
		{"SELECT eventName FROM events WHERE eventTime > TIMESTAMP '2024-03-01 05:00:00'",
			[]string{"eventname", "eventtime>'2024-03-0105:00:00'::TIMESTAMP"}, []string{"useridentity", "__internal_json"}},
		{"SELECT count(*) FROM events WHERE eventID = 'e5'", []string{"eventid='e5'"}, []string{"useridentity", "requestparameters"}},
		{"SELECT count(*) FROM events WHERE eventName IN ('A', 'B')", []string{"optional:eventnameIN('A','B')ANDCOALESCE((eventnameIN('A','B')),false)"}, []string{"useridentity"}},
		{"SELECT userIdentity.arn FROM events WHERE userIdentity.type = 'Root'",
			[]string{"useridentity.arn", "useridentity.type='Root'"}, []string{"sessioncontext", "struct_pack"}},
		// What holds for most rows is left to a filter above, where DuckDB copies no text for it.
		{"SELECT userIdentity.arn FROM events WHERE userIdentity.type <> 'Rooty' AND eventTime > TIMESTAMP '2024-03-01 05:00:00'",
			[]string{"FILTER", "eventtime>'2024-03-0105:00:00'::TIMESTAMP"}, []string{"useridentity.type!='Rooty'"}},
		{"SELECT userIdentity.arn FROM events WHERE userIdentity.arn LIKE '%rn:x%' AND eventTime > TIMESTAMP '2024-03-01 05:00:00'",
			[]string{"Filters:", "contains(struct_extract(useridentity,'arn'),'rn:x')"}, []string{"FILTER"}},
		{"SELECT eventName FROM events WHERE userIdentity.identityProvider IS NOT NULL AND eventTime > TIMESTAMP '2024-03-01 05:00:00'",
			[]string{"EMPTY_RESULT"}, []string{"FILTER"}},
		{"SELECT userIdentity.sessionContext.sessionIssuer.arn FROM events",
			[]string{"useridentity.sessioncontext.sessionissuer.arn"}, []string{"useridentity.arn", "struct_pack"}},
	} {
		plan := explain(t, e, c.sql)
		for _, w := range c.want {
			if !strings.Contains(plan, w) {
				t.Errorf("%s: no %s in\n%s", c.sql, w, plan)
			}
		}
		for _, w := range c.not {
			if strings.Contains(plan, w) {
				t.Errorf("%s: %s in\n%s", c.sql, w, plan)
			}
		}
	}
}

func fill(t *testing.T, st *lake.Store) {
	t.Helper()
	batch, err := st.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Abort()
	b := schema.NewBuilder()
	record := `{"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:x"},"eventTime":"2024-03-01T10:00:00Z","eventName":"A","eventID":"e5"}` + "\n"
	// Two times: DuckDB leaves out a condition that all rows meet by their bounds.
	log := strings.Repeat(record+strings.NewReplacer("T10", "T04", `"A"`, `"D"`).Replace(record), 50)
	dec := schema.NewDecoder(strings.NewReader(log), schema.Limits{})
	for range 100 {
		var rec schema.Record
		if err := dec.Next(&rec); err != nil {
			t.Fatal(err)
		}
		b.Append(&rec, schema.Provenance{Source: "a", Seq: batch.Seq()})
	}
	day, err := lake.ParseDay("2024-03-01")
	if err != nil {
		t.Fatal(err)
	}
	w, err := batch.NewFile(day)
	if err != nil {
		t.Fatal(err)
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	events, err := lake.MultisetOf(rec)
	if err != nil {
		t.Fatal(err)
	}
	batch.AddObject(lake.ObjectEntry{Multiset: events, Key: "a", Size: 1, SHA256: strings.Repeat("0", 64), RowsIn: 100, RowsOut: 100, Status: lake.StatusOK})
	if _, err := batch.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// explain returns DuckDB's plan of what the engine would run, without blanks and
// lines, since DuckDB breaks text anywhere.
func explain(t *testing.T, e *engine.Engine, sql string) string {
	t.Helper()
	text, err := e.Explain(t.Context(), engine.Request{SQL: sql})
	if err != nil {
		t.Fatal(err)
	}
	query := text[strings.Index(text, "WITH "):]
	var db duckdb.Database
	var conn duckdb.Connection
	if duckdb.Open("", &db) == duckdb.StateError || duckdb.Connect(db, &conn) == duckdb.StateError {
		t.Fatal("open")
	}
	defer duckdb.Close(&db)
	defer duckdb.Disconnect(&conn)
	if err := duck.RegisterViewFunctions(conn); err != nil {
		t.Fatal(err)
	}
	var res duckdb.Result
	if duckdb.Query(conn, "EXPLAIN "+query, &res) == duckdb.StateError {
		t.Fatalf("%s: %s", query, duckdb.ResultError(&res))
	}
	defer duckdb.DestroyResult(&res)
	chunk := duckdb.FetchChunk(res)
	if chunk.Ptr == nil {
		t.Fatalf("%s: no plan", query)
	}
	defer duckdb.DestroyDataChunk(&chunk)
	out := firstText(chunk)
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r >= 0x2500 && r < 0x2580 {
			return -1
		}
		return r
	}, out)
}
