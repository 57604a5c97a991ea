package job

import (
	"testing"

	"traillake/queries/report"
	"traillake/schedule"
)

// TestFindings says which gaps are news.
func TestFindings(t *testing.T) {
	with := func(failed, missing int64, gaps ...report.Gap) string {
		r := &report.Report{Controls: []report.Control{{ID: "1", Verdict: report.VerdictReview}}}
		r.Coverage.Gaps = gaps
		r.Coverage.Places = []report.Place{{Account: account, Region: "eu-west-1",
			Digests: report.Digests{Failed: report.Delivered{Objects: failed, Records: 9}, Missing: missing}}}
		return findings(r)
	}
	lacking := func(n int64) string {
		r := &report.Report{Coverage: report.Coverage{Places: []report.Place{{Account: account, Digests: report.Digests{MissingDigests: n}}}}}
		return findings(r)
	}
	modified := report.Gap{Kind: report.GapModified, Account: account, Text: "1 log file"}
	early := report.Gap{Kind: report.GapEndsEarly, Text: "nothing was delivered after 2026-11-01 20:00 UTC"}
	silent := report.Gap{Kind: report.GapNoDeliveries, Account: account, Days: []string{"2026-11-02"}, Text: "on 2026-11-02"}
	later := early
	later.Text = "nothing was delivered after 2026-11-02 21:00 UTC"
	next := silent
	next.Days, next.Text = []string{"2026-11-03"}, "on 2026-11-03"
	region := silent
	region.Region = "eu-west-1"
	for name, c := range map[string]struct {
		one, other string
		same       bool
	}{
		"a log was modified":          {with(0, 0), with(1, 0, modified), false},
		"another log was modified":    {with(1, 0, modified), with(2, 0, modified), false},
		"as before":                   {with(1, 0, modified), with(1, 0, modified), true},
		"a log is missing":            {with(1, 0, modified), with(1, 1, modified), false},
		"another digest is missing":   {lacking(1), lacking(2), false},
		"it ends early at other time": {with(0, 0, early), with(0, 0, later), true},
		"another silent day":          {with(0, 0, silent), with(0, 0, next), true},
		"another silent place":        {with(0, 0, silent), with(0, 0, region), false},
		"another kind":                {with(0, 0, early), with(0, 0, silent), false},
		"the gap is closed":           {with(0, 0, early), with(0, 0), false},
	} {
		if (c.one == c.other) != c.same {
			t.Errorf("%s: the same is %v", name, !c.same)
		}
	}
	var made schedule.Made
	r := &report.Report{}
	r.Coverage.Gaps = []report.Gap{modified, early, silent, next}
	summarize(&made, r)
	if want := "1 log file; nothing was delivered after 2026-11-01 20:00 UTC; on 2026-11-02; and 1 more"; made.Incomplete != want {
		t.Errorf("%q, want %q", made.Incomplete, want)
	}
}
