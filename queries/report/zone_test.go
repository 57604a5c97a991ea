package report

import (
	"slices"
	"testing"
	"time"

	"traillake/queries"
)

// TestZoneGaps has an event in every hour of four weeks, but none on the last day of September
// and on the 10th, as the clocks of two zones have these days.
func TestZoneGaps(t *testing.T) {
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{control("c", queries.ExpectNone, "", named("Z"))}}
	for _, name := range []string{"Europe/Zagreb", "America/Los_Angeles", "Asia/Kolkata", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		logs := t.TempDir()
		for at := time.Date(2026, 8, 30, 0, 20, 0, 0, time.UTC); at.Before(time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)); at = at.Add(time.Hour) {
			if m, d := at.In(zone).Month(), at.In(zone).Day(); m != 9 || d != 10 && d != 30 {
				deliver(t, logs, "111122223333", "us-east-1", at.Add(5*time.Minute), "")
			}
		}
		p, err := ParsePeriod("2026-09", time.Time{}, zone)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), open(t, logs), Config{Pack: pack, Queries: ownQueries(t), Period: p})
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"2026-09-10", "2026-09-30"}; !slices.Equal(r.Coverage.DaysWithout, want) || r.Controls[0].Verdict != VerdictIncomplete {
			t.Errorf("%s: days without events %v, want %v; %s", name, r.Coverage.DaysWithout, want, r.Controls[0].Verdict)
		}
	}
}

// TestLeapAtMidnight has a day without an event in zones whose clocks leap over its midnight.
func TestLeapAtMidnight(t *testing.T) {
	for name, day := range map[string]string{"America/Santiago": "2026-09-06", "America/Havana": "2026-03-08", "Africa/Cairo": "2026-04-24"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePeriod(day[:7], time.Time{}, zone)
		if err != nil {
			t.Fatal(err)
		}
		days, err := wholeDays(p, p.Until)
		if err != nil {
			t.Fatal(err)
		}
		n := daysBetween(day[:7]+"-01", dayText(parseDay(day[:7]+"-01").AddDate(0, 1, -1)))
		if len(days) != n || !slices.Contains(days, day) {
			t.Errorf("%s: %d days, want %d with %s: %v", name, len(days), n, day, days)
		}
	}
}

// TestDeliveryDays are as many as the days of the period, wherever its zone is.
func TestDeliveryDays(t *testing.T) {
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		zone        string
		first, last string
	}{
		{"UTC", "2026-09-01", "2026-09-30"}, {"Europe/Zagreb", "2026-09-01", "2026-09-30"}, {"Asia/Kolkata", "2026-09-01", "2026-09-30"},
		{"America/Los_Angeles", "2026-09-01", "2026-09-30"}, {"Pacific/Kiritimati", "2026-08-31", "2026-09-29"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePeriod("2026-09", later, zone)
		if err != nil {
			t.Fatal(err)
		}
		if days := deliveryDays(p, later); len(days) != 30 || days[0] != c.first || days[29] != c.last {
			t.Errorf("%s: %d days, %v", c.zone, len(days), days)
		}
		if days := deliveryDays(p, time.Date(2026, 9, 3, 12, 0, 0, 0, time.UTC)); days[len(days)-1] != "2026-09-02" {
			t.Errorf("%s, before the period is over: %v", c.zone, days)
		}
	}
}
