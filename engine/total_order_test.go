package engine_test

import (
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestTotalOrder loads events that a query cannot tell apart by what it is ordered by, in
// one order and in the other: in a total order they come the same, and LIMIT takes the same.
func TestTotalOrder(t *testing.T) {
	statements := []string{
		"SELECT eventID FROM events ORDER BY eventName LIMIT 7",
		"SELECT eventID, eventName AS n FROM events ORDER BY n DESC LIMIT 7",
		"SELECT eventID, requestParameters FROM events LIMIT 5",
		"SELECT requestParameters AS p, userIdentity AS u FROM events ORDER BY eventName LIMIT 9",
		"SELECT DISTINCT eventName, errorCode FROM events",
		"SELECT DISTINCT eventName, errorCode FROM events ORDER BY 2 LIMIT 3",
		"SELECT eventName, count(*) FROM events GROUP BY 1 ORDER BY count(*) DESC",
		"SELECT eventName, count(*) AS n FROM events GROUP BY 1 HAVING count(*) > 1 ORDER BY n LIMIT 2",
		"SELECT eventID FROM events UNION ALL SELECT eventName FROM events LIMIT 11",
		"WITH e AS (SELECT eventID, eventSource AS s FROM events) SELECT * FROM e ORDER BY s LIMIT 10",
		"SELECT lower(eventID) || 'x', eventJson FROM events ORDER BY length(eventName) LIMIT 6",
		"VALUES 3, 1, 2",
		"SELECT * FROM events ORDER BY eventSource LIMIT 3",
		"SELECT eventName FROM events ORDER BY eventName FETCH FIRST 2 ROWS WITH TIES",
	}
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	answers := make([][]string, 2)
	for i := range answers {
		f := newFixture(t)
		for k := range 3 {
			if i == 1 {
				k = 2 - k
			}
			loadKinds(f, "events", day.Add(time.Duration(k)*time.Hour))
		}
		for _, sql := range statements {
			rows, err := f.query(t.Context(), engine.Request{SQL: sql, TotalOrder: true}, encode.CSV)
			if err != nil {
				t.Fatalf("%s\n%v", sql, err)
			}
			answers[i] = append(answers[i], rows)
		}
	}
	for i, sql := range statements {
		if answers[0][i] != answers[1][i] {
			t.Errorf("%s\ngives\n%s\nand\n%s", sql, answers[0][i], answers[1][i])
		}
	}
}
