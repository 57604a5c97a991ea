package engine_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestOrderOfConditions has parts of AND and OR that fail for rows which the parts before them
// leave out, of so many rows that DuckDB tries out other orders.
func TestOrderOfConditions(t *testing.T) {
	f := newFixture(t)
	var log bytes.Buffer
	at := time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12000 {
		id, resources := fmt.Sprint(i), ""
		switch i % 4 {
		case 1:
			id = "x" + id
		case 2:
			resources = `,"resources":[{"ARN":"arn:one"}]`
		case 3:
			resources = `,"resources":[{"ARN":"arn:one"},{"ARN":"arn:two"}]`
		}
		name := []string{"Get", "Put", "List", "Create"}[i%4]
		fmt.Fprintf(&log, `{"eventVersion":"1.08","eventTime":%q,"eventSource":"a.amazonaws.com","eventName":%q,"eventID":%q%s}`+"\n",
			at.Add(time.Duration(i)*time.Second).Format(time.RFC3339), name, id, resources)
	}
	f.load("events", "log", log.Bytes())
	query := func(sql string) (string, error) {
		text, err := f.query(t.Context(), engine.Request{SQL: sql}, encode.CSV)
		_, rows, _ := strings.Cut(text, "\n")
		return strings.Join(strings.Fields(rows), " "), err
	}
	for _, c := range []struct{ sql, want string }{
		{"SELECT count(*) FROM events WHERE eventName LIKE 'G%' AND CAST(eventID AS bigint) >= 6000", "1500"},
		{"SELECT count(*) FROM events WHERE substr(eventName, 1, 1) <> 'P' AND CAST(eventID AS bigint) >= 6000", "4500"},
		{"SELECT count(*) FROM events WHERE CAST(CASE WHEN eventName = 'Put' THEN NULL ELSE eventID END AS bigint) >= 6000", "4500"},
		{"SELECT count(*) FROM events WHERE cardinality(resources) > 1 AND resources[2].arn LIKE '%two'", "3000"},
		{"SELECT count(*) FROM events WHERE resources IS NULL OR cardinality(resources) = 1 OR resources[2].arn LIKE '%two'", "12000"},
		{"SELECT count(*) FROM events WHERE eventName = 'Put' OR CAST(eventID AS bigint) < 6000", "7500"},
		{"SELECT count(*) FROM events WHERE NOT (eventName = 'Put' OR CAST(eventID AS bigint) < 6000)", "4500"},
		{"SELECT count(*) FROM events WHERE eventName = 'List' AND CAST(eventID AS bigint) < 6000 OR eventName = 'Create' AND resources[2].arn LIKE '%two'", "4500"},
		{"SELECT count(*) FROM events WHERE regexp_like(eventID, '^[0-9]+') AND CAST(eventID AS bigint) < 6000 AND 10 / (CAST(eventID AS bigint) - 6000) <= 0", "4500"},
		{"SELECT eventName <> 'Put' AND CAST(eventID AS bigint) < 6000 AS early, count(*) FROM events GROUP BY 1 ORDER BY 1", "false,7500 true,4500"},
		{"SELECT count_if(eventName <> 'Put' AND CAST(eventID AS bigint) < 6000), count(*) FILTER (WHERE eventName <> 'Put' AND CAST(eventID AS bigint) < 6000) FROM events", "4500,4500"},
		{"SELECT sum(CASE WHEN eventName <> 'Put' AND CAST(eventID AS bigint) < 6000 THEN 1 ELSE 0 END) FROM events", "4500"},
		{"SELECT count(CASE WHEN eventName = 'Put' OR CAST(eventID AS bigint) < 6000 THEN 1 END) FROM events", "7500"},
		{"SELECT eventName FROM events GROUP BY 1 HAVING eventName <> 'Put' AND CAST(max(eventID) AS bigint) = 9999", "Create"},
		{"SELECT count(*) FROM events a JOIN events b ON a.eventID = b.eventID AND a.eventName <> 'Put' AND CAST(a.eventID AS bigint) < 6000 AND b.eventName <> 'Put' AND CAST(b.eventID AS bigint) < 4000", "3000"},
		{"SELECT count(*) FROM events a JOIN events b ON CAST(a.eventID AS bigint) = CAST(b.eventID AS bigint) AND a.eventName <> 'Put' AND b.eventName <> 'Put' AND CAST(b.eventID AS bigint) < 4000", "3000"},
		{"SELECT count(*) FROM events a, events b WHERE CAST(a.eventID AS bigint) = CAST(b.eventID AS bigint) + 4 AND a.eventName = 'Get' AND b.eventName = 'Get' AND CAST(a.eventID AS bigint) < 4000", "999"},
		{"SELECT count(*) FROM events a WHERE eventName = 'Get' AND EXISTS (SELECT 1 FROM events b WHERE b.eventName = 'List' AND CAST(b.eventID AS bigint) = CAST(a.eventID AS bigint) + 2 AND CAST(b.eventID AS bigint) < 4000)", "1000"},
		{"SELECT count(*) FROM events a JOIN events b ON CAST(a.eventID AS bigint) IS NOT DISTINCT FROM CAST(b.eventID AS bigint) AND a.eventName <> 'Put' AND b.eventName = 'Get'", "3000"},
		{"SELECT count(*) FROM events a JOIN events b ON (a.eventName, CAST(a.eventVersion AS double)) = (b.eventName, CAST(b.eventVersion AS double)) AND a.eventID < '1' AND b.eventID < '1'", "1"},
		{"SELECT count(b.eventID) FROM events a LEFT JOIN events b ON a.eventID = b.eventID AND b.eventName <> 'Put' AND CAST(b.eventID AS bigint) < 4000", "3000"},
		{"SELECT count(*) FROM events WHERE eventName <> 'Put' AND CAST(eventID AS bigint) IN (SELECT CAST(eventID AS bigint) FROM events WHERE eventName = 'Get' AND CAST(eventID AS bigint) < 400)", "100"},
		{"SELECT sum(cardinality(filter(resources, r -> length(r.arn) > 100 AND 1 / (length(r.arn) - 7) > 0))) FROM events", "0"},
	} {
		if got, err := query(c.sql); err != nil || got != c.want {
			t.Errorf("%s\n gives %q, %v; want %q", c.sql, got, err, c.want)
		}
	}
	// What comes first is asked of all rows, and what comes after NULL is asked.
	for _, sql := range []string{
		"SELECT count(*) FROM events WHERE CAST(eventID AS bigint) > 1",
		"SELECT count(errorCode = 'x' AND CAST(eventID AS bigint) > 1) FROM events",
		"SELECT count(errorCode = 'x' OR CAST(eventID AS bigint) > 1) FROM events",
	} {
		if got, err := query(sql); err == nil || !strings.Contains(err.Error(), "Cannot cast 'x") {
			t.Errorf("%s\n gives %q, %v; want an error", sql, got, err)
		}
	}
	// Where nothing fails the values are those of parts that cannot fail.
	for _, logic := range []string{
		"a AND %[1]s > 1", "a OR %[1]s > 1", "%[1]s > 1 AND a", "%[1]s > 1 OR a", "NOT (a AND %[1]s > 1)", "a AND b AND %[1]s > 1 AND %[1]s < 3",
		"a OR b OR %[1]s > 2 OR %[1]s < 1", "a AND (b OR %[1]s > 1)", "(a AND %[1]s > 1) OR (b AND %[1]s < 3)", "NOT (a OR NOT (b AND %[1]s > 1))",
		"%[1]s > 1 AND %[1]s < 3", "%[1]s > 2 OR %[1]s < 1",
	} {
		may, never := fmt.Sprintf(logic, "CAST(x AS bigint)"), fmt.Sprintf(logic, "TRY_CAST(x AS bigint)")
		from := "FROM (VALUES true, false, NULL) AS t(a) CROSS JOIN (VALUES true, false, NULL) AS u(b) CROSS JOIN (VALUES '0', '1', '2', '3', NULL) AS v(x)"
		sql := fmt.Sprintf("SELECT count(*), count_if((%s) IS NOT DISTINCT FROM (%s)) %s", may, never, from)
		if got, err := query(sql); err != nil || got != "45,45" {
			t.Errorf("%s\n gives %q, %v", sql, got, err)
		}
		one, err1 := query(fmt.Sprintf("SELECT count(*) %s WHERE %s", from, may))
		two, err2 := query(fmt.Sprintf("SELECT count(*) %s WHERE %s", from, never))
		if one != two || err1 != nil || err2 != nil {
			t.Errorf("WHERE %s leaves %q, %v; want %q, %v", may, one, err1, two, err2)
		}
	}
}
