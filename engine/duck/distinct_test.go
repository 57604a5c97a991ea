package duck_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
)

// TestDistinctEvents reads events that were delivered several times.
func TestDistinctEvents(t *testing.T) {
	event := func(id, account, name string) string {
		members := `"eventVersion":"1.10","eventTime":"2026-01-01T00:00:00Z","eventName":"` + name + `"`
		if id != "" {
			members += `,"eventID":"` + id + `"`
		}
		return `{` + members + `,"recipientAccountId":"` + account + `"}`
	}
	l := laketest.New(t)
	st, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	for i, records := range [][]string{
		{event("a", "111111111111", "First"), event("b", "111111111111", "B"), event("", "111111111111", "N")},
		{event("a", "111111111111", "Second"), event("a", "222222222222", "Other"), event("", "111111111111", "N"), event("b", "111111111111", "B")},
	} {
		logs := t.TempDir()
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprint(i, ".json")), []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := dir.Open(logs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	e := engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir()})
	const text = "SELECT concat(coalesce(eventID, '-'), ' ', recipientAccountId, ' ', eventName) AS e FROM events ORDER BY e"
	for _, c := range []struct {
		r    engine.Request
		want string
	}{
		{engine.Request{SQL: text}, "a 111111111111 First,a 111111111111 Second,a 222222222222 Other,b 111111111111 B,b 111111111111 B,- 111111111111 N,- 111111111111 N"},
		{engine.Request{SQL: text, DistinctEvents: true}, "a 111111111111 First,a 222222222222 Other,b 111111111111 B,- 111111111111 N,- 111111111111 N"},
		{engine.Request{SQL: text, DistinctEvents: true, Dialect: engine.DialectDuckDB}, "a 111111111111 First,a 222222222222 Other,b 111111111111 B,- 111111111111 N,- 111111111111 N"},
		{engine.Request{SQL: "SELECT CAST(count(*) AS varchar) AS n FROM events a JOIN events b ON a.eventID = b.eventID", DistinctEvents: true}, "5"},
		{engine.Request{SQL: "SELECT eventJson FROM events WHERE eventID = 'a' AND eventName = 'Second'", DistinctEvents: true}, ""},
		{engine.Request{SQL: "SELECT eventName FROM events WHERE eventTime < timestamp '2026-01-02 00:00:00' AND eventID = 'b'", DistinctEvents: true}, "B"},
	} {
		var want []string
		if c.want != "" {
			want = strings.Split(c.want, ",")
		}
		got := texts(t, e, c.r)
		if strings.Join(sorted(got), ",") != strings.Join(sorted(want), ",") {
			t.Errorf("%+v gives %s", c.r, got)
		}
	}
	if _, err := e.ExplainTrino(t.Context(), engine.Request{SQL: text, DistinctEvents: true}); err == nil {
		t.Error("explained for Trino with every copy")
	}
}
