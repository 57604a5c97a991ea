package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/queries"
)

// deliver writes a log as CloudTrail names it, with one event, delivered at a time.
func deliver(t *testing.T, logs, account, region string, at time.Time, record string) {
	t.Helper()
	name := filepath.Join(logs, "AWSLogs", account, "CloudTrail", region, at.Format("2006/01/02"),
		fmt.Sprintf("%s_CloudTrail_%s_%s_0123456789abcdef.json", account, region, at.Format("20060102T1504Z")))
	if record == "" {
		record = fmt.Sprintf(`{"eventVersion":"1.09","eventTime":%q,"eventSource":"a.amazonaws.com","eventName":"C","eventID":"%s%s%d","eventCategory":"Management","recipientAccountId":%q,"awsRegion":%q}`,
			at.Add(-5*time.Minute).Format(time.RFC3339), account, region, at.Unix(), account, region)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(`{"Records":[`+record+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDeliveryGaps has an account with a region that is silent on three days, one that is
// quiet as always, and one that rests on weekends; an account that stops; and a day without
// anything. October 2026 begins on a Thursday.
func TestDeliveryGaps(t *testing.T) {
	logs := t.TempDir()
	const one, two = "111122223333", "444455556666"
	for day := 1; day <= 31; day++ {
		at := time.Date(2026, 10, day, 23, 30, 0, 0, time.UTC)
		if day == 14 {
			continue
		}
		deliver(t, logs, one, "eu-central-1", at, "")
		if day < 7 || day > 9 {
			deliver(t, logs, one, "us-east-1", at, "")
		}
		if day == 5 || day == 25 {
			deliver(t, logs, one, "ap-south-1", at, "")
		}
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday {
			deliver(t, logs, one, "eu-west-1", at, "")
		}
		if day < 28 {
			deliver(t, logs, two, "us-east-1", at, "")
		}
	}
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{
		control("pass", queries.ExpectNone, "", named("Z")), control("evidence", queries.ExpectSome, "", named("C")),
		control("findings", queries.ExpectNone, "", named("C")), control("review", queries.ExpectReview, "", named("C")),
		control("missing", queries.ExpectSome, "", named("Z")),
	}}
	r, err := Run(t.Context(), open(t, logs), Config{Pack: pack, Queries: ownQueries(t), Period: october})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range r.Coverage.Gaps {
		got = append(got, fmt.Sprintf("%s %d: %s", g.Kind, len(g.Days), g.Text))
	}
	want := []string{
		"no-events 1: no events at all on 2026-10-14",
		"no-deliveries 4: nothing delivered of account 444455556666 on 4 days: 2026-10-28 to 2026-10-31",
		"no-deliveries 3: nothing delivered of 111122223333 us-east-1 on 3 days: 2026-10-07 to 2026-10-09",
	}
	if !slices.Equal(got, want) {
		t.Errorf("gaps\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	const reason = "data of the period is missing: no events at all on 2026-10-14, and 2 other gaps"
	for _, c := range r.Controls {
		want := map[string]Verdict{"pass": VerdictIncomplete, "evidence": VerdictIncomplete, "findings": VerdictFindings, "review": VerdictReview, "missing": VerdictMissing}[c.ID]
		if c.Verdict != want || !strings.HasSuffix(c.Reason, reason) {
			t.Errorf("%s: %s, %s", c.ID, c.Verdict, c.Reason)
		}
	}
	if at := r.Coverage.CompleteThrough; !at.Equal(time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC)) {
		t.Errorf("complete through %s", at)
	}
	if p := r.Coverage.Places[0]; p.Region != "ap-south-1" || p.Events != 2 || p.DeliveryDays != 2 || len(p.SilentDays) != 25 || p.MissingDays != nil {
		t.Errorf("the quiet region: %+v", p)
	}
	if !r.Counts.Reconcile || r.Counts.Period != r.Coverage.Events || r.Counts.Records != r.Counts.Objects {
		t.Errorf("counts %+v", r.Counts)
	}
}

// TestSilent has outages that are long against what is known of an account.
func TestSilent(t *testing.T) {
	days := func(from, to string) (days []string) {
		for day := parseDay(from); !day.After(parseDay(to)); day = day.AddDate(0, 0, 1) {
			days = append(days, dayText(day))
		}
		return days
	}
	for _, c := range []struct {
		name       string
		deliveries []string
		period     [2]string
		missing    []string
	}{
		{"three weeks between", append(days("2026-10-01", "2026-10-07"), days("2026-10-30", "2026-11-05")...), [2]string{"2026-10-01", "2026-10-31"}, days("2026-10-08", "2026-10-29")},
		{"the whole period", append(days("2026-10-01", "2026-10-07"), days("2026-10-30", "2026-11-05")...), [2]string{"2026-10-10", "2026-10-20"}, days("2026-10-10", "2026-10-20")},
		{"a delivery long before", append([]string{"2026-05-01"}, append(days("2026-10-01", "2026-10-10"), days("2026-10-21", "2026-10-31")...)...), [2]string{"2026-10-01", "2026-10-31"},
			days("2026-10-11", "2026-10-20")},
		{"it stops, with a delivery long before", append([]string{"2026-05-01"}, days("2026-09-20", "2026-10-10")...), [2]string{"2026-10-08", "2026-10-12"}, days("2026-10-11", "2026-10-12")},
		{"now and then", []string{"2026-09-01", "2026-09-20", "2026-10-05", "2026-10-25", "2026-11-20"}, [2]string{"2026-10-01", "2026-10-31"}, nil},
		{"twice in all", []string{"2026-10-05", "2026-10-06"}, [2]string{"2026-10-01", "2026-10-31"}, nil},
		{"working days", []string{"2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09", "2026-10-12", "2026-10-13", "2026-10-15", "2026-10-16"}, [2]string{"2026-10-05", "2026-10-16"},
			[]string{"2026-10-14"}},
	} {
		deliveries := map[string]time.Time{}
		for _, day := range c.deliveries {
			deliveries[day] = parseDay(day).Add(23 * time.Hour)
		}
		if _, missing := silent(deliveries, days(c.period[0], c.period[1])); !slices.Equal(missing, c.missing) {
			t.Errorf("%s: missing are %v, want %v", c.name, missing, c.missing)
		}
	}
}

// TestStopped has accounts whose last day is shorter than the days before it.
func TestStopped(t *testing.T) {
	until := parseDay("2026-11-01")
	for _, c := range []struct {
		name  string
		usual time.Duration // of the last delivery of a day
		last  time.Duration // of the period's last day
		want  bool
	}{
		{"as always", 23 * time.Hour, 22 * time.Hour, false}, {"it stops in the night", 23 * time.Hour, 50 * time.Minute, true},
		{"at noon", 23 * time.Hour, 12 * time.Hour, false}, {"once a night", time.Hour, time.Hour, false},
		{"it goes on", 23 * time.Hour, 25 * time.Hour, false},
	} {
		lasts := map[string]time.Time{}
		for n := range 10 {
			day := until.AddDate(0, 0, -2-n)
			lasts[dayText(day)] = day.Add(c.usual)
		}
		at := until.AddDate(0, 0, -1).Add(c.last)
		lasts[dayText(at)] = at
		if got, ok := stopped(lasts, until); ok != c.want || ok && !got.Equal(at) {
			t.Errorf("%s: %v, %s", c.name, ok, got)
		}
	}
	if _, ok := stopped(map[string]time.Time{"2026-10-31": parseDay("2026-10-31")}, until); ok {
		t.Error("one day tells nothing")
	}
}

// TestLateLogs has logs that come after a period with its last events, one that tells no time, and
// records that selectors leave out.
func TestLateLogs(t *testing.T) {
	logs := t.TempDir()
	const account = "111122223333"
	day := func(d, h, m int) time.Time { return time.Date(2026, 10, d, h, m, 0, 0, time.UTC) }
	for d := 1; d <= 9; d++ {
		deliver(t, logs, account, "us-east-1", day(d, 23, 30), "")
	}
	deliver(t, logs, account, "us-east-1", day(6, 0, 5), `{"eventTime":"never"}`)
	deliver(t, logs, account, "us-east-1", day(8, 12, 0), `{"eventTime":"never"}`)
	e := open(t, logs)
	kinds := func(e *engine.Engine, d int) (texts []string) {
		t.Helper()
		pack := &queries.Pack{Name: "p", Controls: []queries.Control{control("c", queries.ExpectNone, "", named("Z"))}}
		r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: Period{Since: day(d, 0, 0), Until: day(d+1, 0, 0)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range r.Coverage.Gaps {
			texts = append(texts, g.Text)
		}
		return texts
	}
	const one = "1 piece of log files is in quarantine as unreadable: a record, or more"
	for d, want := range map[int][]string{3: nil, 4: nil, 5: {one}, 6: {one}, 7: nil, 8: {one}} {
		if got := kinds(e, d); !slices.Equal(got, want) {
			t.Errorf("October %d: %q, want %q", d, got, want)
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(logs, "x"), 0o700), os.WriteFile(filepath.Join(logs, "x", "loose.json"), []byte(`{"eventTime":"never"}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	const undated = "1 piece of log files whose names do not tell of what time they are is in quarantine as unreadable: a record, or more"
	if got := kinds(open(t, logs), 3); !slices.Equal(got, []string{undated}) {
		t.Errorf("with a file that tells no time: %q", got)
	}
}

// TestSelectors has records that the store does not take in.
func TestSelectors(t *testing.T) {
	logs := t.TempDir()
	for day := 1; day <= 31; day++ {
		deliver(t, logs, "111122223333", "us-east-1", time.Date(2026, 10, day, 23, 30, 0, 0, time.UTC), "")
	}
	const data = `{"eventVersion":"1.09","eventTime":"2026-10-05T10:00:00Z","eventSource":"a.amazonaws.com","eventName":"D","eventID":"d","eventCategory":"Data"}`
	deliver(t, logs, "111122223333", "us-east-1", time.Date(2026, 10, 5, 10, 5, 0, 0, time.UTC), data)
	e := openSelected(t, logs, `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`)
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{control("pass", queries.ExpectNone, "", named("Z")), control("findings", queries.ExpectNone, "", named("C"))}}
	r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: october})
	if err != nil {
		t.Fatal(err)
	}
	const left = "1 record that the store's selectors left out"
	if c := r.Coverage; c.Filtered != 1 || len(c.Gaps) != 0 || c.Whole() != "Nothing is known to be missing of the period but "+left+"." {
		t.Errorf("filtered %d, gaps %v: %s", c.Filtered, c.Gaps, c.Whole())
	}
	for i, want := range []string{"nothing was found, and nothing looked for in " + left, ""} {
		if c := r.Controls[i]; string(c.Verdict) != c.ID || c.Reason != want {
			t.Errorf("%s is %s: %q", c.ID, c.Verdict, c.Reason)
		}
	}
}

// TestOtherGaps has a record that cannot be read, and periods that the data does not reach.
func TestOtherGaps(t *testing.T) {
	logs := t.TempDir()
	for day := 1; day <= 31; day++ {
		deliver(t, logs, "111122223333", "us-east-1", time.Date(2026, 10, day, 21, 0, 0, 0, time.UTC), "")
	}
	deliver(t, logs, "111122223333", "us-east-1", time.Date(2026, 10, 31, 21, 5, 0, 0, time.UTC), `{"eventTime":"never","eventName":1}`)
	e := open(t, logs)
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{control("c", queries.ExpectNone, "", named("Z"))}}
	for _, c := range []struct {
		period Period
		kinds  []GapKind
	}{
		{october, []GapKind{GapEndsEarly, GapUnreadable}},
		{Period{Since: october.Since, Until: october.Until.Add(-2 * time.Hour)}, []GapKind{GapUnreadable}},
		{Period{Since: october.Since, Until: time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)}, []GapKind{GapNotOver}},
	} {
		r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: c.period})
		if err != nil {
			t.Fatal(err)
		}
		var kinds []GapKind
		for _, g := range r.Coverage.Gaps {
			if c.period.Until.Year() < 2999 || g.Kind == GapNotOver { // what else depends on today
				kinds = append(kinds, g.Kind)
			}
		}
		if !slices.Equal(kinds, c.kinds) {
			t.Errorf("until %s: %v, want %v", c.period.Until, kinds, c.kinds)
		}
	}
}
