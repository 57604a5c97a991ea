package command

import (
	"errors"
	"strings"
	"testing"
	"time"

	"traillake/queries/report"
	"traillake/queries/report/folder"
)

func TestPrintReport(t *testing.T) {
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	r := &report.Report{
		Pack:   report.Pack{Name: "p", Title: "A pack", Framework: "F", Version: "1", Scope: "Not all."},
		Period: report.Period{Since: day, Until: day.AddDate(0, 1, 0)},
		Store:  report.Store{Name: "events", Snapshot: 7, Committed: day.AddDate(0, 2, 0)},
		Coverage: report.Coverage{Events: 1234, First: day.Add(time.Hour), Last: day.AddDate(0, 0, 9), Categories: map[string]int64{"Data": 234, "Management": 1000},
			CompleteThrough: day.AddDate(0, 0, 9).Add(time.Minute),
			Gaps:            []report.Gap{{Text: "nothing was delivered after then"}, {Text: "no events at all on 2026-10-02"}}},
		Counts:  report.Counts{Records: 3000, Stored: 2900, Filtered: 90, Quarantined: 10, Removed: 100, Period: 1234},
		Summary: map[report.Verdict]int{report.VerdictFindings: 1, report.VerdictFailed: 1, report.VerdictReview: 1, report.VerdictPass: 1},
		Controls: []report.Control{
			{ID: "1", Title: "Root", Severity: "high", Verdict: report.VerdictFindings, Rows: 2000, Limited: true, Requirement: "Root rests.", Limits: "One store.", Results: []string{"root-use", "other"}},
			{ID: "2", Title: "Pass", Severity: "low", Verdict: report.VerdictPass, Requirement: "Not shown.", Results: []string{"other"}},
			{ID: "3", Title: "Fails", Severity: "low", Verdict: report.VerdictFailed, Reason: "bad: why\u202e\x1b[1m", Results: []string{"bad"}},
			{ID: "4", Title: "Root again", Severity: "low", Verdict: report.VerdictReview, Rows: 2000, Limited: true, Results: []string{"root-use"}},
		},
		Results: []report.Result{
			{ID: "root-use", Count: 2000, Limited: true, Columns: []report.Column{{Name: "a"}, {Name: "b"}},
				Rows: [][]report.Cell{{report.Cell(`"x\u001b[31m"`), report.Cell("null")}, {report.Cell("1"), report.Cell(`["p","q"]`)}}},
			{ID: "other"},
			{ID: "bad", Error: "why"},
		},
	}
	want := `A pack
pack        p F 1
period      2026-10-01 00:00 to 2026-11-01 00:00, the end not included, in UTC
store       events, snapshot 7 of 2026-12-01 00:00
events      1,234 (234 Data, 1,000 Management), from 2026-10-01 01:00 to
            2026-10-10 00:00
deliveries  the last at 2026-10-10 00:01
records     3,000 read into the store = 2,900 stored + 90 filtered + 10
            quarantined; 100 of them removed since, 1,234 in this period
            THESE COUNTS DO NOT RECONCILE: 'traillake verify' says what is wrong
            with the lake.
digests     no log file of the period was verified by CloudTrail's digests
gaps        nothing was delivered after then
            no events at all on 2026-10-02
scope       Not all.

┌────┬────────────┬──────────┬──────────┬──────────────┐
│ id │ control    │ severity │ verdict  │ rows         │
├────┼────────────┼──────────┼──────────┼──────────────┤
│ 1  │ Root       │ high     │ findings │ 2000 or more │
│ 2  │ Pass       │ low      │ pass     │ 0            │
│ 3  │ Fails      │ low      │ failed   │ 0            │
│ 4  │ Root again │ low      │ review   │ 2000 or more │
└────┴────────────┴──────────┴──────────┴──────────────┘
4 controls: 1 failed, 1 findings, 1 review, 1 pass

1  Root
FINDINGS (high)
  Root rests.
  Limits: One store.
root-use: 2,000 rows or more, the first 2 shown
┌───────────┬───────────┐
│ a         │ b         │
├───────────┼───────────┤
│ x\x1b[31m │           │
│ 1         │ ["p","q"] │
└───────────┴───────────┘

3  Fails
FAILED (low)
  bad: why�\x1b[1m
bad: 0 rows

4  Root again
REVIEW (low)
root-use: 2,000 rows or more, shown at 1
`
	a, stdout, _ := newTestApp(t, nil)
	if err := a.printReport(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := stdout.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestVerifyObeysNoName says that names of files that somebody else chose are escaped, in text,
// and in JSON such that readers get them.
func TestVerifyObeysNoName(t *testing.T) {
	c := &folder.Check{}
	c.Problems = []folder.Problem{{File: "a\x1b[2J\u009b\u202etxt\n", What: "it lists \u2066 twice"}}
	for format, want := range map[string]string{
		"text": "a\\x1b[2J\\x9b\ufffdtxt\\n: it lists \ufffd twice\n",
		"json": `"file": "a\u001b[2J\u009b\u202etxt\n"`,
	} {
		a, stdout, _ := newTestApp(t, nil)
		if err := a.printCheck(c, false, false, format); !errors.Is(err, errFindings) {
			t.Error(err)
		}
		if got := stdout.String(); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

// TestDiffObeysNothing says the same of what reports hold.
func TestDiffObeysNothing(t *testing.T) {
	got := diffText(&folder.Changes{
		Header:   []folder.Changed{{What: "gap", After: "none in \x1b[2J"}},
		Controls: []folder.ControlChange{{ID: "1", Title: "t\u2066"}},
		Rows:     []folder.RowChanges{{Result: "q", Columns: []string{"who"}, New: [][]string{{"x\u202ey\nz"}}}},
	})
	for _, want := range []string{`none in \x1b[2J`, "t\ufffd", "+ x\ufffdy\\nz"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q has no %q", got, want)
		}
	}
}

func TestDiffText(t *testing.T) {
	both := folder.Unknown{LimitedBefore: true, LimitedAfter: true}
	got := diffText(&folder.Changes{
		Header: []folder.Changed{{What: "copies", Before: "counted", After: "read once"}},
		Controls: []folder.ControlChange{
			{ID: "1", Title: "One", Before: "findings", After: "failed", RowsBefore: 5, Unknown: folder.Unknown{FailedAfter: true}},
			{ID: "2", Title: "Two", Before: "review", After: "review", RowsBefore: 5, RowsAfter: 6, Unknown: folder.Unknown{LimitedBefore: true}},
		},
		Rows: []folder.RowChanges{
			{Result: "a", Controls: []string{"1"}, Unknown: folder.Unknown{FailedAfter: true}},
			{Result: "b", Controls: []string{"2"}, Columns: []string{"who"}, New: [][]string{{"x"}}, Unknown: folder.Unknown{LimitedBefore: true}},
			{Result: "c", Controls: []string{"2"}, Columns: []string{"who"}, New: [][]string{{"x"}}, Gone: [][]string{{"y"}}, Unknown: both},
			{Result: "d", Controls: []string{"3"}, Columns: []string{"who"}, Unknown: both},
			{Result: "e", Controls: []string{"3"}, Unknown: folder.Unknown{FailedBefore: true, FailedAfter: true}},
		},
	})
	want := `copies     counted -> read once

control 1  One: findings -> failed, rows not compared: a query failed in the later report
control 2  Two: review -> review, 5 or more -> 6 rows

a (1): not compared: the query failed in the later report

b (2): 1 new, 0 gone, 0 changed
  the limit was reached in the earlier report: rows beyond it are not compared; those that are new may have been there before
  who
+ x

c (2): 1 new, 1 gone, 0 changed
  the limit was reached in both reports: rows beyond it are not compared; those that are new may have been there before, those that are gone may still be there
  who
+ x
- y

d (3): 0 new, 0 gone, 0 changed
  the limit was reached in both reports: rows beyond it are not compared

e (3): not compared: the query failed in both reports
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExamplePeriod(t *testing.T) {
	for pack, want := range map[string]string{
		"cis": "last-month", "soc-weekly": "last-week", "yearly-review": "last-year", "daily-weekly-quarterly-yearly": "yesterday",
		"yearly-and-quarterly": "last-quarter",
	} {
		for range 20 { // any order would do once
			if got := examplePeriod(pack); got != want {
				t.Fatalf("%s: %s, want %s", pack, got, want)
			}
		}
	}
}
