package engine_test

import (
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestCanonical reads members of records by their paths, from files with and without records
// whose text is kept: only where no file has one is none looked for.
func TestCanonical(t *testing.T) {
	f := newFixture(t)
	record := func(space, id, day string) []byte {
		return []byte(`{"eventVersion":"1.08","eventTime":"2023-07-0` + day + `T00:00:00Z","eventSource":"a.amazonaws.com","eventName":"A","awsRegion":` +
			space + `"eu-` + day + `","eventID":"` + id + `","recipientAccountId":"123456789012"}`)
	}
	f.load("events", "a", record("", "e1", "1"))
	f.load("events", "b", record("  ", "e2", "2"))
	f.load("events", "c", record("", "e3", "2"))
	for _, c := range []struct {
		where, want string
		looks       bool
	}{
		{"true", "e1=eu-1 e2=eu-2 e3=eu-2", true},
		{"eventTime < timestamp '2023-07-02 00:00:00'", "e1=eu-1", false},
		{"eventTime >= timestamp '2023-07-02 00:00:00'", "e2=eu-2 e3=eu-2", true},
		{"eventJson LIKE '%  %'", "e2=eu-2", true},
	} {
		sql := "SELECT concat(eventID, '=', json_extract_scalar(eventJson, '$.awsRegion')) FROM events WHERE " + c.where + " ORDER BY 1"
		text, err := f.query(t.Context(), engine.Request{SQL: sql}, encode.TSV)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if got := strings.Join(strings.Fields(text)[1:], " "); got != c.want {
			t.Errorf("%s\n gives %s, want %s", sql, got, c.want)
		}
		plan, err := f.engine.Explain(t.Context(), engine.Request{SQL: sql, Now: time.Now()})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if looks := !strings.Contains(plan, `NULL::VARCHAR AS "_raw"`); looks != c.looks {
			t.Errorf("%s looks for texts: %v, want %v\n%s", sql, looks, c.looks, plan)
		}
	}
}
