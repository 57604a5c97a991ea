package render

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"traillake/queries/report"
	"traillake/queries/report/chart"
)

const (
	// shownRows is how many rows of a result are shown; the CSV has all.
	shownRows = 20
	// shownText is how long a value may be, in characters; the CSV has all of it.
	shownText = 300
)

// fact is a line of what the report rests on.
type fact struct{ Name, Text string }

// facts are what was looked at, with what, in the order in which they are told.
func facts(r *report.Report) []fact {
	c, n := r.Coverage, r.Counts
	list := []fact{
		{"Period", periodText(r.Period)},
		{"Event data store", r.Store.Name + " (" + r.Store.ID + ")"},
		{"Snapshot", fmt.Sprintf("%d, made by commit %d at %s", r.Store.Snapshot, r.Store.Commit, timeText(r.Store.Committed))},
		{"Events of the period", chart.Count(c.Events) + categoriesText(c.Categories)},
	}
	if text := CopiesText(r); text != "" {
		list = append(list, fact{"Copies", text})
	}
	if c.Events > 0 {
		list = append(list, fact{"First and last event", timeText(c.First) + " and " + timeText(c.Last)})
	}
	if !c.CompleteThrough.IsZero() {
		list = append(list, fact{"Last delivery", timeText(c.CompleteThrough) + ", by the names of the log files"})
	}
	count := chart.Count
	list = append(list, fact{"CloudTrail's digests", DigestsText(c.Digests)})
	list = append(list,
		fact{"Records", fmt.Sprintf("%s log files with %s records = %s stored + %s left out by selectors + %s unreadable, in quarantine",
			count(n.Objects), count(n.Records), count(n.Stored), count(n.Filtered), count(n.Quarantined))},
		fact{"Events", fmt.Sprintf("%s stored − %s removed after their retention = %s in the snapshot, %s of them in the period",
			count(n.Stored), count(n.Removed), count(n.Events), count(n.Period))})
	if !n.Reconcile {
		list = append(list, fact{"Attention", "These counts do not reconcile. The lake may be damaged: 'traillake verify' says where."})
	}
	pack := strings.TrimSpace(r.Pack.Name + ": " + r.Pack.Framework + " " + r.Pack.Version)
	list = append(list, fact{"Pack", strings.TrimSuffix(pack, ":")}, fact{"Catalogue", "SHA-256 " + r.Catalogue})
	if r.Tool != "" {
		list = append(list, fact{"Made by", r.Tool})
	}
	return list
}

// DigestsText says in a sentence without a full stop what CloudTrail's digests say of log files.
func DigestsText(d report.Digests) string {
	missing := ""
	if d.Missing > 0 {
		missing = "; " + many(d.Missing, "log file", "log files") + " that they name NOT THERE"
	}
	if d.MissingDigests > 0 {
		missing += "; " + many(d.MissingDigests, "digest", "digests") + " that they name NOT THERE OR NOT VALID"
	}
	if d.Verified.Objects+d.Failed.Objects == 0 {
		return "no log file of the period was verified by CloudTrail's digests" + missing
	}
	text := many(d.Verified.Objects, "log file", "log files") + " of the period verified"
	if n := d.Unverified.Objects; n > 0 {
		text += ", " + chart.Count(n) + " that no valid digest has confirmed"
	}
	if n := d.Failed.Objects; n > 0 {
		text += ", " + chart.Count(n) + " NOT WHAT CLOUDTRAIL DELIVERED, with " + many(d.Failed.Records, "record", "records")
	}
	return text + missing
}

// CopiesText says in sentences what was delivered several times, and whether it counts so; "" where
// nothing is known of it.
func CopiesText(r *report.Report) string {
	text := ""
	if n := r.Coverage.Repeated; n.Objects > 0 {
		text = many(n.Objects, "log file", "log files") + " of the period, with " + many(n.Records, "record", "records") +
			", had been ingested before, from another place or with other content."
	}
	switch {
	case r.Store.Distinct:
		return strings.TrimSpace(text + " An event that was delivered several times was read once.")
	case text != "":
		return text + " The events of both count; --distinct-events reads each once."
	}
	return ""
}

// gapsTitle is the heading of what is missing or cannot be trusted.
func gapsTitle(r *report.Report) string {
	changed, missing := false, false
	for _, g := range r.Coverage.Gaps {
		changed = changed || g.Kind == report.GapModified
		missing = missing || g.Kind != report.GapModified
	}
	switch {
	case changed && missing:
		return "Data of the period was changed, and some is missing"
	case changed:
		return "Data of the period was changed"
	default:
		return "Data of the period is missing"
	}
}

func periodText(p report.Period) string {
	zone := time.UTC
	if z, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		zone = z
	}
	text := ""
	since, until := p.Since.In(zone), p.Until.In(zone)
	if midnight(since) && midnight(until) {
		text = since.Format(time.DateOnly) + " to " + until.AddDate(0, 0, -1).Format(time.DateOnly) + ", both included, in " + zone.String()
		if zone == time.UTC {
			return text
		}
		text += "; "
	}
	return text + timeText(p.Since) + " to " + timeText(p.Until) + ", the end not included"
}

func midnight(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 }

func timeText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func categoriesText(categories map[string]int64) string {
	var parts []string
	for _, k := range sorted(categories) {
		parts = append(parts, chart.Count(categories[k])+" "+k)
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// verdictMeaning explains a verdict in a few words.
var verdictMeaning = map[report.Verdict]string{
	report.VerdictFailed:     "a query did not run, so that nothing is known",
	report.VerdictFindings:   "there are rows where none are expected",
	report.VerdictMissing:    "there is no evidence, or no data to have any in",
	report.VerdictIncomplete: "nothing is known to be wrong, but data of the period is missing or was changed",
	report.VerdictReview:     "somebody has to look at the rows",
	report.VerdictEvidence:   "there are the rows that are expected",
	report.VerdictPass:       "there are no rows, as expected",
}

var expectMeaning = map[string]string{
	"none":   "No rows are expected; each is a finding.",
	"some":   "Rows are expected; they are the evidence.",
	"review": "Rows are for somebody to review.",
}

// rowsNote says how many rows of a result there are and are shown; "" where all are.
func rowsNote(res *report.Result, shown int) string {
	text := counted(res)
	if res.Limited {
		text += ": the pack's own limit was reached"
	}
	if int64(shown) < res.Count {
		text += fmt.Sprintf(", the first %d shown", shown)
		if res.File != "" {
			text += ", all in " + res.File
		}
	}
	return text
}

// counted is the number of rows of a result.
func counted(res *report.Result) string { return orMore(many(res.Count, "row", "rows"), res.Limited) }

// controlRows is the number of rows of a control.
func controlRows(c report.Control) string { return orMore(chart.Count(c.Rows), c.Limited) }

func orMore(count string, limited bool) string {
	if limited {
		return count + " or more"
	}
	return count
}

func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return chart.Count(n) + " " + more
}

// cut shortens a value to what is shown of it.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// firstRows are the rows that are shown of a result, as texts.
func firstRows(res *report.Result, most int) [][]string {
	rows := make([][]string, 0, min(len(res.Rows), most))
	for _, row := range res.Rows[:min(len(res.Rows), most)] {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = cut(c.Text(), shownText)
		}
		rows = append(rows, cells)
	}
	return rows
}
