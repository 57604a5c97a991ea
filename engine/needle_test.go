package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestNeedle looks for values that few files hold, and reads no others.
func TestNeedle(t *testing.T) {
	f := newFixture(t)
	day := time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC)
	for i := range 6 {
		f.load("events", fmt.Sprint("log", i), fmt.Appendf(nil, `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","accessKeyId":"AK%d"},"eventTime":%q,`+
			`"eventSource":"a.amazonaws.com","eventName":"A","eventID":"e%d","sourceIPAddress":"192.0.2.%d","recipientAccountId":"123456789012"}`,
			i/2, day.AddDate(0, 0, i).Format(time.RFC3339), i, i))
	}
	// A copy of e0, from another address.
	f.load("events", "copy", fmt.Appendf(nil, `{"eventVersion":"1.08","eventTime":%q,"eventSource":"a.amazonaws.com","eventName":"A","eventID":"e0",`+
		`"sourceIPAddress":"192.0.2.77","recipientAccountId":"123456789012"}`, day.Format(time.RFC3339)))
	for _, c := range []struct {
		sql      string
		want     string
		read     int
		distinct bool
	}{
		{sql: "SELECT eventID FROM events WHERE eventID = 'e3'", want: "e3", read: 1},
		{sql: "SELECT eventID FROM events WHERE 'e3' = eventID AND sourceIPAddress = '192.0.2.4'", want: "", read: 0},
		{sql: "SELECT eventID FROM events WHERE eventID = 'nothing'", want: "", read: 0},
		{sql: "SELECT count(*) FROM events WHERE eventID = 'nothing'", want: "0", read: 0},
		{sql: "SELECT eventID FROM events WHERE userIdentity.accessKeyId = 'AK1' ORDER BY 1", want: "e2 e3", read: 2},
		{sql: "SELECT eventID FROM events WHERE eventID IN ('e1', 'e4') ORDER BY 1", want: "e1 e4", read: 2},
		{sql: "SELECT eventID FROM events WHERE eventID = 'e1' OR eventName = 'B'", want: "e1", read: 7},
		{sql: "SELECT a.eventID FROM events a JOIN events b ON a.eventName = b.eventName WHERE a.eventID = 'e1' AND b.eventID = 'e2'", want: "e1", read: 2},
		{sql: "SELECT count(*) FROM events a LEFT JOIN events b ON a.eventID = b.eventID AND b.eventID = 'e1' WHERE a.eventID = 'e5'", want: "1", read: 7},
		{sql: "SELECT a.eventID FROM events a WHERE a.eventID = 'e1' AND EXISTS (SELECT 1 FROM events b WHERE b.sourceIPAddress = '192.0.2.2')", want: "e1", read: 7},
		{sql: "SELECT count(*) FROM events WHERE eventID = 'e0'", want: "2", read: 2},
		{sql: "SELECT count(*) FROM events WHERE eventID = 'e0'", want: "1", read: 2, distinct: true},
		// The snapshot knows how many rows files have.
		{sql: "SELECT count(*) FROM events", want: "7", read: 0},
		{sql: "SELECT count(*) FROM events", want: "6", read: 7, distinct: true},
		{sql: "SELECT count(*) FROM events a CROSS JOIN events b", want: "49", read: 0},
		{sql: "SELECT 1 FROM events LIMIT 2", want: "1 1", read: 0},
		{sql: "SELECT count(*), (SELECT count(*) FROM events WHERE eventName = 'B') FROM events", want: "7,0", read: 7},
		{sql: "SELECT count(*) FROM events WHERE eventTime >= timestamp '2023-07-06 00:00:00'", want: "1", read: 1},
		{sql: "SELECT count(eventID) FROM events", want: "7", read: 7},
		{sql: "SELECT count(*) FROM events WHERE _source_verdict IS NOT NULL", want: "7", read: 7},
		// The first copy is the one that counts, and it has another address.
		{sql: "SELECT count(*) FROM events WHERE sourceIPAddress = '192.0.2.77'", want: "0", read: 7, distinct: true},
	} {
		res, err := f.engine.Query(t.Context(), engine.Request{SQL: c.sql, DistinctEvents: c.distinct})
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		stats := res.Stats()
		text, err := encoded(t.Context(), res, encode.CSV)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		_, rows, _ := strings.Cut(text, "\n")
		if got := strings.Join(strings.Fields(rows), " "); got != c.want || stats.FilesRead != c.read || stats.FilesTotal != 7 {
			t.Errorf("%s\n gives %q out of %d of %d files, want %q out of %d of 7", c.sql, got, stats.FilesRead, stats.FilesTotal, c.want, c.read)
		}
	}
}
