package engine_test

import (
	"fmt"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestCountedWhere counts distinct values under conditions: a column, which the printer counts
// with a FILTER, and the same value as something to compute, for which it does not.
func TestCountedWhere(t *testing.T) {
	f := newFixture(t)
	loadKinds(f, "events", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	rows := func(sql string) string {
		t.Helper()
		got, err := f.query(t.Context(), engine.Request{SQL: sql}, encode.CSV)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return got
	}
	for _, condition := range []string{"errorCode IS NULL", "errorCode LIKE 'Access%'", "eventName = 'A'", "false", "userIdentity.arn <> 'u'", "NULL"} {
		for _, value := range []string{"eventID", "eventName", "errorCode", "userIdentity.accountId"} {
			for _, filter := range []string{"", " FILTER (WHERE eventName <> 'B')"} {
				const sql = "SELECT userIdentity.type, count(DISTINCT CASE WHEN %s THEN %s END)%s, count(*) FROM events GROUP BY 1 ORDER BY 1"
				got := rows(fmt.Sprintf(sql, condition, value, filter))
				if want := rows(fmt.Sprintf(sql, condition, value+" || ''", filter)); got != want {
					t.Errorf("%s of %s%s gives\n%s\nand computed\n%s", value, condition, filter, got, want)
				}
			}
		}
	}
}

// TestCountedWhereFails counts under conditions of which one part guards the other.
func TestCountedWhereFails(t *testing.T) {
	f := newFixture(t)
	loadKinds(f, "events", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	for _, c := range []struct{ condition, want string }{
		{"eventName <> 'A' AND eventName <> 'B' AND eventName <> 'C' AND CAST(eventName AS integer) > 1", "0"},
		{"length(eventName) > 1 AND CAST(eventName AS integer) > 1", "0"},
		{"eventName IS NULL OR length(eventName) = 1 OR CAST(eventName AS integer) > 1", "64"},
	} {
		got, err := f.query(t.Context(), engine.Request{SQL: "SELECT count(DISTINCT CASE WHEN " + c.condition + " THEN eventID END) AS n FROM events"}, encode.CSV)
		if want := "n\n" + c.want + "\n"; err != nil || got != want {
			t.Errorf("%s gives %q, %v; want %q", c.condition, got, err, want)
		}
	}
}
