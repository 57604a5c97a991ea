package report

import (
	"fmt"
	"strings"

	"traillake/queries"
)

// judge gives every control its verdict, and counts them.
func (r *run) judge() {
	for _, v := range Verdicts() {
		r.report.Summary[v] = 0
	}
	for i := range r.report.Controls {
		c := &r.report.Controls[i]
		var failed []string
		for _, id := range c.Results {
			res := r.report.Result(id)
			c.Rows += res.Count
			c.Limited = c.Limited || res.Limited
			if res.Error != "" {
				what, _, _ := strings.Cut(res.Error, "\n") // then comes the line of SQL
				failed = append(failed, id+": "+what)
			}
		}
		c.Verdict, c.Reason = r.verdict(r.Pack.Controls[i], c.Rows, failed)
		c.Verdict, c.Reason = degrade(c.Verdict, c.Reason, r.report.Coverage.gapsText())
		if c.Verdict == VerdictPass && r.report.Coverage.Filtered > 0 {
			c.Reason = "nothing was found, and nothing looked for in " + r.report.Coverage.filteredText()
		}
		r.report.Summary[c.Verdict]++
	}
}

// verdict judges a control by the number of its rows and what failed of its queries.
func (r *run) verdict(c queries.Control, rows int64, failed []string) (Verdict, string) {
	reason := strings.Join(failed, "; ")
	switch {
	case rows > 0 && c.Expect == queries.ExpectNone:
		return VerdictFindings, reason
	case len(failed) > 0:
		return VerdictFailed, reason
	case rows > 0 && c.Expect == queries.ExpectSome:
		return VerdictEvidence, ""
	case rows > 0:
		return VerdictReview, ""
	}
	if why := r.absent(c); why != "" {
		return VerdictMissing, why
	}
	if c.Expect == queries.ExpectSome {
		return VerdictMissing, "nothing in the period is evidence of it"
	}
	return VerdictPass, ""
}

// degrade makes of a verdict what is left of it where data of the period is missing: what
// is good no longer is, and what is bad stays and says that there may be more.
func degrade(v Verdict, reason, gaps string) (Verdict, string) {
	switch {
	case gaps == "" || v == VerdictMissing && reason == noEvents:
		return v, reason
	case v == VerdictPass || v == VerdictEvidence:
		v = VerdictIncomplete
	}
	if reason != "" {
		reason += "; "
	}
	return v, reason + gaps
}

// noEvents says all that there is to say.
const noEvents = "the store has no events of this period"

// absent says why no rows mean nothing; "" where they do.
func (r *run) absent(c queries.Control) string {
	if r.report.Coverage.Events == 0 {
		return noEvents
	}
	for _, need := range c.Needs {
		if r.report.Coverage.Categories[queries.EventCategories[need]] == 0 {
			return fmt.Sprintf("the store has no %s events of this period, in which the queries look", need)
		}
	}
	return ""
}
