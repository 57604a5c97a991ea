package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
