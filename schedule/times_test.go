package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestNext has the clock changes of the IANA time zone database: Zagreb 2026-03-29 01:00Z
// and 2026-10-25 01:00Z, São Paulo 2018-11-04 00:00 (midnight skipped) and 2018-02-18
// 00:00 (23:00 comes twice), Lord Howe 2026-10-04 02:00 (30 minutes skipped) and
// 2026-04-05 02:00 (01:30 comes twice), Apia without 2011-12-30.
func TestNext(t *testing.T) {
	for _, c := range []struct {
		cron, zone, after string
		want              string // times in UTC
	}{
		{"0 6 1 * *", "Europe/Zagreb", "2026-10-15 00:00", "2026-11-01 05:00, 2026-12-01 05:00"},
		{"0 6 1 * *", "Europe/Zagreb", "2026-11-01 04:59", "2026-11-01 05:00, 2026-12-01 05:00"},
		{"0 6 1 * *", "Europe/Zagreb", "2026-11-01 05:00", "2026-12-01 05:00, 2027-01-01 05:00"},
		{"0 6 1 * *", "", "2026-11-01 05:00", "2026-11-01 06:00, 2026-12-01 06:00"},
		// Skipped: at the moment of the change.
		{"30 2 * * *", "Europe/Zagreb", "2026-03-27 12:00", "2026-03-28 01:30, 2026-03-29 01:00, 2026-03-30 00:30"},
		{"*/20 2 * * *", "Europe/Zagreb", "2026-03-28 12:00", "2026-03-29 01:00, 2026-03-30 00:00"},
		{"0 2,3 * * *", "Europe/Zagreb", "2026-03-28 12:00", "2026-03-29 01:00, 2026-03-30 00:00"},
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03 03:00", "2018-11-04 03:00, 2018-11-05 02:00"},
		{"0 0 4 11 *", "America/Sao_Paulo", "2018-01-01 00:00", "2018-11-04 03:00, 2019-11-04 03:00"},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03 00:00", "2026-10-03 15:30, 2026-10-04 15:15"},
		{"0 12 30 12 *", "Pacific/Apia", "2011-01-01 00:00", "2011-12-30 10:00, 2012-12-29 22:00"},
		// Twice: the first time.
		{"30 2 * * *", "Europe/Zagreb", "2026-10-24 12:00", "2026-10-25 00:30, 2026-10-26 01:30"},
		{"30 2 * * *", "Europe/Zagreb", "2026-10-25 00:30", "2026-10-26 01:30"},
		{"30 2 * * *", "Europe/Zagreb", "2026-10-25 01:30", "2026-10-26 01:30"},
		{"0 * * * *", "Europe/Zagreb", "2026-10-24 23:00", "2026-10-25 00:00, 2026-10-25 02:00"},
		{"30 23 * * *", "America/Sao_Paulo", "2018-02-17 12:00", "2018-02-18 01:30, 2018-02-19 02:30"},
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-04 12:00", "2026-04-04 14:45, 2026-04-05 15:15"},
		// Days.
		{"0 0 L * *", "UTC", "2028-01-31 12:00", "2028-02-29 00:00, 2028-03-31 00:00"},
		{"0 0 31 * *", "UTC", "2026-01-31 12:00", "2026-03-31 00:00, 2026-05-31 00:00"},
		{"0 0 29 2 *", "UTC", "2096-03-01 00:00", "2104-02-29 00:00"},
		{"0 0 1 * 1", "UTC", "2026-11-21 00:00", "2026-11-23 00:00, 2026-11-30 00:00, 2026-12-01 00:00"}, // crontab(5): either
		{"0 0 * * FRI#L", "UTC", "2026-11-21 00:00", "2026-11-27 00:00, 2026-12-25 00:00"},
		{"@monthly", "Asia/Kathmandu", "2026-11-21 00:00", "2026-11-30 18:15"},
	} {
		times, err := ParseTimes(c.cron, c.zone)
		if err != nil {
			t.Errorf("%s: %v", c.cron, err)
			continue
		}
		var got []string
		at := utc(t, c.after)
		for range strings.Count(c.want, ",") + 1 {
			at = times.Next(at)
			got = append(got, at.Format("2006-01-02 15:04"))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s in %s after %s: %s, want %s", c.cron, c.zone, c.after, text, c.want)
		}
	}
	for _, c := range [][2]string{
		{"", "UTC"}, {"0 6 * *", "UTC"}, {"60 0 * * *", "UTC"}, {"0 0 30 2 *", "UTC"}, {"@every 5m", "UTC"}, {"@reboot", "UTC"},
		{"TZ=UTC 0 0 * * *", "UTC"}, {"0 0 0 * * *", "UTC"}, {"0 0 * * *", "Europe/Zagrab"}, {"0 0 * * *", "Local"}, {"0 0 * * *", "../etc"},
	} {
		if _, err := ParseTimes(c[0], c[1]); err == nil {
			t.Errorf("%q in %q is taken", c[0], c[1])
		}
	}
}

// TestParseTimesWrong looks for the field that is wrong, and for what it may hold.
func TestParseTimesWrong(t *testing.T) {
	for expression, want := range map[string]string{
		"0 6 * * MO":     `"0 6 * * MO": day of week "MO": give 0 to 6 (7 is Sunday, too), or SUN to SAT`,
		"0 6 * * MON-FR": `day of week "MON-FR": give 0 to 6`,
		"0 6 * * 8":      `day of week "8": `,
		"0 6 * JANUAR *": `month "JANUAR": give 1 to 12, or JAN to DEC`,
		"0 6 32 * *":     `day of month "32": `,
		"0 24 * * *":     `hour "24": `,
		"x 6 * * *":      `minute "x": give 0 to 59`,
		"0 6 1 *":        "it has five fields: minute, hour, day of month, month, day of week",
		"@dayly":         "it has five fields",
		"0 0 31 2 *":     "there is no such day",
	} {
		if _, err := ParseTimes(expression, ""); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "strconv") {
			t.Errorf("%s: %v, want %s", expression, err, want)
		}
	}
}

// TestNextAgainstWalk compares the days around every clock change of two years with a walk
// through all minutes: a minute is due when its wall-clock time matches and was not shown
// before, and so is a moment at which the clock skips a time that matches.
func TestNextAgainstWalk(t *testing.T) {
	for _, zone := range []string{"Europe/Zagreb", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"} {
		for _, expression := range []string{"0 6 1 * *", "*/15 * * * *", "30 2 * * *", "45 1,23 * * SUN", "0 0 L * *"} {
			times, err := ParseTimes(expression, zone)
			if err != nil {
				t.Fatal(err)
			}
			for change := utc(t, "2018-01-01 00:00"); change.Year() < 2020; {
				begin, end := change.Add(-6*time.Hour), change.Add(26*time.Hour)
				var want []time.Time
				last := times.wall(begin) // the latest that was shown
				for at := begin.Add(time.Minute); at.Before(end); at = at.Add(time.Minute) {
					if shown := times.wall(at); shown.After(last) {
						if !times.spec.Next(last).After(shown) {
							want = append(want, at)
						}
						last = shown
					}
				}
				var got []time.Time
				for at := times.Next(begin); at.Before(end); at = times.Next(at) {
					got = append(got, at)
				}
				if !slices.EqualFunc(got, want, time.Time.Equal) {
					t.Errorf("%s in %s around %s: %v, want %v", expression, zone, change, got, want)
				}
				if _, change = change.In(times.Zone()).ZoneBounds(); change.IsZero() {
					break
				}
				change = change.UTC()
			}
		}
	}
}
