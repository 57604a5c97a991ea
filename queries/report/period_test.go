package report

import (
	"testing"
	"time"
)

func TestParsePeriod(t *testing.T) {
	now := time.Date(2026, 11, 18, 13, 0, 0, 0, time.FixedZone("", -13*3600)) // Thursday the 19th in UTC
	for _, c := range []struct{ text, since, until string }{
		{"2026", "2026-01-01", "2027-01-01"},
		{"2026-Q1", "2026-01-01", "2026-04-01"},
		{"2026-q4", "2026-10-01", "2027-01-01"},
		{"2024-02", "2024-02-01", "2024-03-01"},
		{"2024-02-29", "2024-02-29", "2024-03-01"},
		{"2026-10-01..2026-10-31", "2026-10-01", "2026-11-01"},
		{"2026-10..2026-11", "2026-10-01", "2026-12-01"},
		{"2026-10-01/2026-11-01", "2026-10-01", "2026-11-01"},
		{"2026-10/2026-11", "2026-10-01", "2026-11-01"},
		{"2026-10-01T00:00:00Z/today", "2026-10-01", "2026-11-19"},
		{"2026-10-01..yesterday", "2026-10-01", "2026-11-19"},
		{"today", "2026-11-19", "2026-11-20"},
		{"yesterday", "2026-11-18", "2026-11-19"},
		{"this-week", "2026-11-16", "2026-11-23"},
		{"last-week", "2026-11-09", "2026-11-16"},
		{"this-month", "2026-11-01", "2026-12-01"},
		{"last-month", "2026-10-01", "2026-11-01"},
		{"this-quarter", "2026-10-01", "2027-01-01"},
		{"last-quarter", "2026-07-01", "2026-10-01"},
		{"this-year", "2026-01-01", "2027-01-01"},
		{"last-year", "2025-01-01", "2026-01-01"},
		{text: ""}, {text: "2026-13"}, {text: "2026-02-30"}, {text: "2026-Q5"}, {text: "last"}, {text: "last-"}, {text: "last-today"},
		{text: "month"}, {text: "2026-10-31..2026-10-01"}, {text: ".."}, {text: "2026-10..x"},
		{text: "2026-10-01/2026-10-01"}, {text: "2026-11/2026-10"}, {text: "/"}, {text: "2026-10/"},
		{text: "0000"}, {text: "0001"}, {text: "0001..2026"}, {text: "9999"}, {text: "2026..9999-12"},
	} {
		p, err := ParsePeriod(c.text, now, nil)
		if c.since == "" {
			if err == nil {
				t.Errorf("%q gives %v", c.text, p)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := p.Since.Format(time.DateOnly) + " " + p.Until.Format(time.DateOnly); got != c.since+" "+c.until {
			t.Errorf("%q gives %s, want %s %s", c.text, got, c.since, c.until)
		}
	}
	// In January and on a Monday and a Sunday.
	for _, c := range []struct{ now, text, since string }{
		{"2026-01-15", "last-month", "2025-12-01"},
		{"2026-01-15", "last-quarter", "2025-10-01"},
		{"2026-03-31", "last-month", "2026-02-01"},
		{"2026-11-16", "last-week", "2026-11-09"},
		{"2026-11-22", "last-week", "2026-11-09"},
	} {
		at, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePeriod(c.text, at, nil)
		if err != nil || p.Since.Format(time.DateOnly) != c.since {
			t.Errorf("%s on %s begins on %s, want %s: %v", c.text, c.now, p.Since.Format(time.DateOnly), c.since, err)
		}
	}
}

// TestParsePeriodZone has months and days that begin where a zone's clocks say, which
// change on 2026-03-29 at 01:00 UTC and on 2026-10-25 at 01:00 UTC in Zagreb, and in
// Santiago at midnight of 2026-09-06, which does not exist there.
func TestParsePeriodZone(t *testing.T) {
	now := time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC) // November in Zagreb
	for _, c := range []struct{ zone, text, since, until string }{
		{"Europe/Zagreb", "2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{"Europe/Zagreb", "last-month", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{"Europe/Zagreb", "yesterday", "2026-10-30T23:00:00Z", "2026-10-31T23:00:00Z"},
		{"Europe/Zagreb", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"Europe/Zagreb", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Zagreb", "2026-Q1", "2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"},
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"America/Santiago", "2026-09-05", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"},
		{"UTC", "last-month", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePeriod(c.text, now, zone)
		if got := p.Since.Format(time.RFC3339) + " " + p.Until.Format(time.RFC3339); err != nil || got != c.since+" "+c.until {
			t.Errorf("%s in %s gives %s, want %s %s: %v", c.text, c.zone, got, c.since, c.until, err)
		}
		if want := c.zone; want != "UTC" && p.Zone != want || want == "UTC" && p.Zone != "" {
			t.Errorf("%s in %s has the zone %q", c.text, c.zone, p.Zone)
		}
	}
}
