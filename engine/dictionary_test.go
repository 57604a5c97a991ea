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

// TestFailuresInDictionaries calls functions that fail for some values of a column which Parquet
// keeps as a dictionary: only the rows that are asked about count, and within TRY only those that fail
// are NULL.
func TestFailuresInDictionaries(t *testing.T) {
	f := newFixture(t)
	var log bytes.Buffer
	at := time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC)
	for i := range 6000 {
		address := []string{"192.0.2.1", "192.0.2.2", "apigateway.amazonaws.com", "AWS Internal"}[i%4]
		version := ""
		if i%3 > 0 {
			version = fmt.Sprintf(`"apiVersion":%q,`, []string{"2013-04-01", "2020_05_31"}[i%3-1])
		}
		fmt.Fprintf(&log, `{"eventVersion":"1.08",%s"eventTime":%q,"eventSource":"a.amazonaws.com","eventName":"A%d","eventID":"e%d","sourceIPAddress":%q,"recipientAccountId":"123456789012"}`+"\n",
			version, at.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i%5, i, address)
	}
	f.load("events", "log", log.Bytes())
	for _, c := range []struct{ sql, want string }{
		{"SELECT count(try(cast(sourceIPAddress AS ipaddress))), count(try_cast(sourceIPAddress AS ipaddress)) FROM events", "3000,3000"},
		{"SELECT try(cast(apiVersion AS date)) AS d, count(*) FROM events GROUP BY 1 ORDER BY 1", "2013-04-01,2000 ,4000"},
		{"SELECT count(try(date_parse(apiVersion, '%Y-%m-%d'))) FROM events", "2000"},
		{"SELECT count(try(json_parse(eventName))), count(try(from_hex(eventName))), count(try(from_iso8601_timestamp(eventName))) FROM events", "0,6000,0"},
		{"SELECT count(try(from_base(eventName, 10))), count(try(from_base(eventName, 16))) FROM events", "0,6000"},
		{"SELECT count(try(element_at(transform(array[eventName], x -> cast(x AS date)), 1))) FROM events", "0"},
		{"SELECT count(CASE WHEN sourceIPAddress LIKE '192.%' THEN cast(sourceIPAddress AS ipaddress) END) FROM events", "3000"},
		{"SELECT cast(sourceIPAddress AS ipaddress), count(*) FROM events WHERE sourceIPAddress NOT LIKE '%amazonaws.com' AND sourceIPAddress <> 'AWS Internal' GROUP BY 1 ORDER BY 1",
			"192.0.2.1,1500 192.0.2.2,1500"},
		{`SELECT count(cast(apiVersion AS date)), count(date_parse(apiVersion, '%Y-%m-%d')) FROM events WHERE apiVersion LIKE '2013-%'`, "2000,2000"},
	} {
		res, err := f.engine.Query(t.Context(), engine.Request{SQL: c.sql})
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		text, err := encoded(t.Context(), res, encode.CSV)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		_, rows, _ := strings.Cut(text, "\n")
		if got := strings.Join(strings.Fields(rows), " "); got != c.want {
			t.Errorf("%s\n gives %q, want %q", c.sql, got, c.want)
		}
	}
}
