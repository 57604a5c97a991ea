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
	} {
		p, err := ParsePeriod(c.text, now)
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
		p, err := ParsePeriod(c.text, at)
		if err != nil || p.Since.Format(time.DateOnly) != c.since {
			t.Errorf("%s on %s begins on %s, want %s: %v", c.text, c.now, p.Since.Format(time.DateOnly), c.since, err)
		}
	}
}
