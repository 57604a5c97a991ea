package engine_test

import (
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
)

// TestZones wants a time with a zone to be shown in it, wherever it stands.
func TestZones(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Date(2024, 3, 31, 0, 30, 0, 0, time.UTC)))
	const sql = `SELECT eventTime AT TIME ZONE 'Europe/Berlin' AS a, at_timezone(eventTime, '-05:30') AS b, ARRAY[MAP(ARRAY['k'], ARRAY[eventTime AT TIME ZONE 'Asia/Tokyo'])] AS c,
		date_trunc('day', eventTime AT TIME ZONE 'Europe/Berlin') AS d, eventTime AT TIME ZONE 'UTC' AS e, eventTime AT TIME ZONE 'Europe/Berlin' + INTERVAL '1' HOUR AS f, CAST(NULL AS timestamp with time zone) AS g FROM events`
	for format, want := range map[encode.Format]string{
		encode.TSV: "a\tb\tc\td\te\tf\tg\n" +
			"2024-03-31 01:30:00.000 Europe/Berlin\t2024-03-30 19:00:00.000 -05:30\t[{k=2024-03-31 09:30:00.000 Asia/Tokyo}]\t" +
			"2024-03-31 00:00:00.000 Europe/Berlin\t2024-03-31 00:30:00.000 UTC\t2024-03-31 03:30:00.000 Europe/Berlin\t\n",
		encode.JSONL: `{"a":"2024-03-31T01:30:00+01:00","b":"2024-03-30T19:00:00-05:30","c":[{"k":"2024-03-31T09:30:00+09:00"}],` +
			`"d":"2024-03-31T00:00:00+01:00","e":"2024-03-31T00:30:00Z","f":"2024-03-31T03:30:00+02:00","g":null}` + "\n",
	} {
		got, err := f.query(t.Context(), engine.Request{SQL: sql}, format)
		if err != nil || got != want {
			t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
		}
	}
	const old = "SELECT timestamp '1800-01-01 00:00:00 UTC' AT TIME ZONE 'Europe/Berlin' AS a"
	if got, err := f.query(t.Context(), engine.Request{SQL: old}, encode.JSONL); err != nil || got != `{"a":"1800-01-01T00:00:00Z"}`+"\n" {
		t.Errorf("local time: %s, %v", got, err)
	}
	if got, err := f.query(t.Context(), engine.Request{SQL: sql}, encode.Parquet); err != nil || !strings.HasPrefix(got, "PAR1") {
		t.Errorf("Parquet: %v", err)
	}
}
