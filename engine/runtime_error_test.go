package engine_test

import (
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestRuntimeErrors has the place of what failed where no other expression can have
// failed in this way, and never a guess.
func TestRuntimeErrors(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Now()))
	for _, c := range []struct{ sql, want string }{
		{"SELECT 1 +\n 1 / (length(eventID) - 2) FROM events",
			"line 2, column 4: Division by zero; NULLIF(divisor, 0) makes it NULL\n   1 / (length(eventID) - 2) FROM events\n     ^"},
		{"SELECT 1 / (length(eventID) - 2), 2 / length(eventID) FROM events",
			"Division by zero; NULLIF(divisor, 0) makes it NULL"},
		{"SELECT eventName FROM events WHERE MAP(ARRAY['a'], ARRAY[1])[eventID] = 1",
			"line 1, column 36: Key not present in map: e1; element_at(map, key) gives NULL instead\n  SELECT eventName FROM events WHERE MAP(ARRAY['a'], ARRAY[1])[eventID] = 1\n                                     ^"},
		{"SELECT TRY_CAST(eventName AS date), CAST(eventID AS bigint) FROM events",
			"line 1, column 37: Cannot cast 'e1' to BIGINT; TRY_CAST gives NULL instead\n  SELECT TRY_CAST(eventName AS date), CAST(eventID AS bigint) FROM events\n                                      ^"},
		// The text that is compared with a time is cast, too.
		{"SELECT CAST(eventTime AS date) FROM events WHERE eventTime > eventID AND CAST(readOnly AS varchar) IS NULL",
			"Value cannot be cast to timestamp: e1; TRY_CAST gives NULL instead"},
		{"SELECT from_unixtime(length(eventID) + 1688990000000000) FROM events",
			"line 1, column 8: bigint multiplication overflow: 1688990000000002048 * 1000; from_unixtime takes seconds: divide milliseconds by 1000, and microseconds by 1000000\n  SELECT from_unixtime(length(eventID) + 1688990000000000) FROM events\n         ^"},
		{"SELECT date_add('day', length(eventID) + 100000000000, now()) FROM events",
			"line 1, column 8: Out of range for integer: 100000000002; date_add adds too many of its unit\n  SELECT date_add('day', length(eventID) + 100000000000, now()) FROM events\n         ^"},
		{"SELECT regexp_like(eventName, eventID || '(') FROM events",
			"line 1, column 8: Invalid regular expression: e1(\n  SELECT regexp_like(eventName, eventID || '(') FROM events\n         ^"},
		{"WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t, events",
			"Recursion depth limit exceeded (1000); a condition of the step must end it, such as WHERE n < 100"},
		{"SELECT approx_percentile(length(eventID), 95) FROM events",
			"line 1, column 43: Percentile must be between 0 and 1; write 0.95 for the 95th\n  SELECT approx_percentile(length(eventID), 95) FROM events\n                                            ^"},
		{"SELECT (SELECT count(*) FROM (VALUES 1) a(a) LEFT JOIN (VALUES 1) b(b) ON a = b AND t.x > b) FROM (VALUES 1) t(x)",
			"a column of the query around in the condition of an outer join is not supported here; compare with it in a query of the joined rows, or join in the query around"},
		{"SELECT a.eventName FROM events a FULL JOIN events b ON a.eventID = b.eventID AND b.eventName IN (SELECT 'x')",
			"line 1, column 56: a query in the condition of a FULL JOIN, or of an outer join of several relations in parentheses, is not supported here; join its rows in FROM instead\n  SELECT a.eventName FROM events a FULL JOIN events b ON a.eventID = b.eventID AND b.eventName IN (SELECT 'x')\n                                                         ^"},
		// What one of our functions raises, or an expression that fails, has the place of the only call.
		{"SELECT date_parse(eventName, '%Y') FROM events",
			"line 1, column 8: Invalid format: \"A\"\n  SELECT date_parse(eventName, '%Y') FROM events\n         ^"},
		{"SELECT date_parse(eventName || '!!x|y@z!', '%Y') FROM events",
			"line 1, column 8: Invalid format: \"A!!x|y@z!\"\n  SELECT date_parse(eventName || '!!x|y@z!', '%Y') FROM events\n         ^"},
		{"SELECT split(eventName, ',') FROM events WHERE cardinality(split(eventID, substr(eventName, 9))) = 1",
			"The delimiter may not be the empty string"},
		{"SELECT upper(split_part(eventName, ',', length(eventID) - 2)) FROM events",
			"line 1, column 14: Index must be greater than zero\n  SELECT upper(split_part(eventName, ',', length(eventID) - 2)) FROM events\n               ^"},
		{"SELECT eventID FROM (SELECT eventID, json_parse(eventName || '{') AS x FROM events) WHERE x IS NOT NULL",
			"line 1, column 38: Cannot convert value to JSON: 'A{'\n  SELECT eventID FROM (SELECT eventID, json_parse(eventName || '{') AS x FROM events) WHERE x IS NOT NULL\n                                       ^"},
		{"SELECT split(split(eventName, eventID)[1], substr(eventName, 9)) FROM events",
			"The delimiter may not be the empty string"},
	} {
		_, err := f.query(t.Context(), engine.Request{SQL: c.sql}, encode.CSV)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n%v\nwant\n%s", c.sql, err, c.want)
		}
	}
}
