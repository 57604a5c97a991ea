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
