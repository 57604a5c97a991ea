package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"traillake/queries/report"
	"traillake/schedule"
)

// maxLines is how many controls a summary names.
const maxLines = 10

// summarize fills in what is kept of a report: counts and titles, and no event.
func summarize(made *schedule.Made, r *report.Report) {
	made.Since, made.Until = r.Period.Since, r.Period.Until
	made.Store, made.Snapshot, made.Title = r.Store.Name, r.Store.Snapshot, r.Pack.Title
	made.Verdicts = map[string]int{}
	var counts []string
	for _, v := range report.Verdicts() {
		if n := r.Summary[v]; n > 0 {
			made.Verdicts[string(v)] = n
			counts = append(counts, fmt.Sprintf("%d %s", n, v))
		}
	}
	made.Lines = []string{fmt.Sprintf("Controls: %s.", strings.Join(counts, ", "))}
	left := 0
	for _, v := range []report.Verdict{report.VerdictFailed, report.VerdictFindings, report.VerdictMissing} {
		for _, c := range r.Controls {
			switch {
			case c.Verdict != v:
			case len(made.Lines) > maxLines:
				left++
			default:
				line := fmt.Sprintf("%s: %s %s", v, c.ID, c.Title)
				if v == report.VerdictFindings {
					more := ""
					if c.Limited {
						more = " or more"
					}
					line += fmt.Sprintf(" (%s, rows: %d%s)", c.Severity, c.Rows, more)
				}
				made.Lines = append(made.Lines, line)
			}
		}
	}
	if left > 0 {
		made.Lines = append(made.Lines, fmt.Sprintf("and %d more.", left))
	}
	var gaps []string
	for _, g := range r.Coverage.Gaps {
		gaps = append(gaps, g.Text)
	}
	const most = 3
	if len(gaps) > most {
		gaps = append(gaps[:most], fmt.Sprintf("and %d more", len(gaps)-most))
	}
	made.Incomplete = strings.Join(gaps, "; ")
	made.Findings = findings(r)
}

// findings is a hash that changes when a control gets another verdict, when a control with
// findings has other rows, and when something else is missing or cannot be trusted.
func findings(r *report.Report) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	put := func(v any) {
		if err := enc.Encode(v); err != nil {
			panic("BUG: a report does not become JSON: " + err.Error())
		}
	}
	for _, c := range r.Controls {
		put([]string{c.ID, string(c.Verdict)})
		if c.Verdict != report.VerdictFindings {
			continue
		}
		for _, id := range c.Results {
			res := r.Result(id)
			put(res.Count)
			put(res.Rows)
		}
	}
	for _, g := range stable(r) {
		put(g)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// stable returns of the gaps what stays the same from one due time to the next while nothing
// happens: their kinds, accounts and regions, and of log files that are modified or missing, and of
// digests, how many. Days and times are other ones in every report on yesterday.
func stable(r *report.Report) [][]string {
	var gaps [][]string
	for _, g := range r.Coverage.Gaps {
		gaps = append(gaps, []string{string(g.Kind), g.Account, g.Region})
	}
	for _, p := range r.Coverage.Places {
		if d := p.Digests; d.Failed.Objects > 0 || d.Missing+d.MissingDigests > 0 {
			gaps = append(gaps, []string{p.Account, p.Region, fmt.Sprint(d.Failed.Objects), fmt.Sprint(d.Missing), fmt.Sprint(d.MissingDigests)})
		}
	}
	return gaps
}
