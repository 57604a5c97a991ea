package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"traillake/engine/encode"
	"traillake/queries/report"
	"traillake/queries/report/render"
)

// printReport writes a report for people: what it is about, a line for each control, and
// then what was found.
func (a *app) printReport(ctx context.Context, r *report.Report) error {
	w := textWidth(a)
	if _, err := io.WriteString(a.stdout, encode.PrintableLines(reportHead(r, w))); err != nil {
		return err
	}
	if err := a.printTable(ctx, controlList(r)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(a.stdout, "%s\n", reportSummary(r)); err != nil {
		return err
	}
	shown := map[string]string{} // results by the control under which they stand
	for _, c := range r.Controls {
		if c.Verdict == report.VerdictPass {
			continue
		}
		if err := a.printControl(ctx, r, c, shown, w); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printTable(ctx context.Context, rows batches) error {
	return encodeRows(ctx, a.stdout, encode.Table, encode.Options{Width: width(a.stdout)}, rows)
}

// reportHead says what was looked at, and what was not there to look at.
func reportHead(r *report.Report, width int) string {
	pr := printer{people: true}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Pack.Title)
	line := func(name, text string) {
		if text != "" {
			b.WriteString(strings.Replace(wrap(text, "            ", width), "            ", fmt.Sprintf("%-12s", name), 1))
		}
	}
	line("pack", strings.TrimSpace(r.Pack.Name+"  "+r.Pack.Framework+" "+r.Pack.Version))
	const minute = "2006-01-02 15:04"
	line("period", fmt.Sprintf("%s to %s, the end not included, in UTC", r.Period.Since.Format(minute), r.Period.Until.Format(minute)))
	line("store", fmt.Sprintf("%s, snapshot %d of %s", r.Store.Name, r.Store.Snapshot, r.Store.Committed.Format(minute)))
	gaps := func(list []report.Gap) {
		const most = 5
		for i, g := range list {
			name := ""
			if i == 0 {
				name = "gaps"
			}
			if i == most && len(list) > most+1 {
				line(name, fmt.Sprintf("and %d more: --format json, or --to DIR, has them all", len(list)-most))
				break
			}
			line(name, g.Text)
		}
	}
	c := r.Coverage
	if c.Events == 0 {
		line("events", "NONE in this period: nothing can be said")
		gaps(slices.DeleteFunc(slices.Clone(c.Gaps), func(g report.Gap) bool { return g.Kind == report.GapNoEvents }))
		return b.String() + "\n"
	}
	kinds := []string{}
	for _, k := range sortedKeys(keySet(c.Categories)) {
		kinds = append(kinds, fmt.Sprintf("%s %s", pr.count(c.Categories[k]), k))
	}
	line("events", fmt.Sprintf("%s (%s), from %s to %s", pr.count(c.Events), strings.Join(kinds, ", "), c.First.Format(minute), c.Last.Format(minute)))
	if !c.CompleteThrough.IsZero() {
		line("deliveries", "the last at "+c.CompleteThrough.Format(minute))
	}
	n := r.Counts
	line("records", fmt.Sprintf("%s read into the store = %s stored + %s filtered + %s quarantined; %s of them removed since, %s in this period",
		pr.count(n.Records), pr.count(n.Stored), pr.count(n.Filtered), pr.count(n.Quarantined), pr.count(n.Removed), pr.count(n.Period)))
	if !n.Reconcile {
		line("", "THESE COUNTS DO NOT RECONCILE: 'traillake verify' says what is wrong with the lake.")
	}
	if text := render.CopiesText(r); text != "" {
		line("copies", text)
	}
	line("digests", render.DigestsText(c.Digests))
	gaps(c.Gaps)
	line("scope", r.Pack.Scope)
	return b.String() + "\n"
}

// controlList has a line for each control. The numbers of rows are texts where one of them may
// be more.
func controlList(r *report.Report) *listing {
	limited := slices.ContainsFunc(r.Controls, func(c report.Control) bool { return c.Limited })
	rows := column{"rows", int64(0)}
	if limited {
		rows.kind = ""
	}
	l := newListing(column{"id", ""}, column{"control", ""}, column{"severity", ""}, column{"verdict", ""}, rows)
	for _, c := range r.Controls {
		var n any = c.Rows
		if limited {
			n = orMore(c.Rows, c.Limited)
		}
		l.add(c.ID, c.Title, c.Severity, string(c.Verdict), n)
	}
	return l
}

// orMore is a number of rows, which a limit may have cut.
func orMore(n int64, limited bool) string {
	if limited {
		return fmt.Sprintf("%d or more", n)
	}
	return strconv.FormatInt(n, 10)
}

func keySet(m map[string]int64) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// reportSummary counts the controls by verdict, the worst first.
func reportSummary(r *report.Report) string {
	var parts []string
	for _, v := range report.Verdicts() {
		if n := r.Summary[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return printer{}.things(int64(len(r.Controls)), "control", "controls") + ": " + strings.Join(parts, ", ")
}

// printControl writes what was found for a control.
func (a *app) printControl(ctx context.Context, r *report.Report, c report.Control, shown map[string]string, width int) error {
	pr := printer{people: true}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s  %s\n%s (%s)\n", c.ID, c.Title, strings.ToUpper(string(c.Verdict)), c.Severity)
	for _, part := range []string{c.Reason, c.Requirement, prefixed("Limits: ", c.Limits)} {
		if part != "" {
			b.WriteString(wrap(part, "  ", width))
		}
	}
	for _, id := range c.Results {
		res := r.Result(id)
		if res.Count == 0 && res.Error == "" {
			continue
		}
		head := fmt.Sprintf("%s: %s", id, pr.things(res.Count, "row", "rows"))
		if res.Limited {
			head += " or more"
		}
		at, again := shown[id]
		if !again {
			shown[id] = c.ID
		}
		switch {
		case again:
			head += fmt.Sprintf(", shown at %s", at)
		case res.Count > int64(len(res.Rows)):
			head += fmt.Sprintf(", the first %s shown", pr.count(int64(len(res.Rows))))
		}
		fmt.Fprintf(&b, "%s\n", head)
		if _, err := io.WriteString(a.stdout, encode.PrintableLines(b.String())); err != nil {
			return err
		}
		b.Reset()
		if !again && len(res.Rows) > 0 {
			if err := a.printTable(ctx, resultRows(res)); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(a.stdout, encode.PrintableLines(b.String()))
	return err
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// resultRows makes a listing of the rows of a result.
func resultRows(res *report.Result) *listing {
	columns := make([]column, len(res.Columns))
	for i, c := range res.Columns {
		columns[i] = column{c.Name, ""}
	}
	l := newListing(columns...)
	for _, row := range res.Rows {
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = orNull(c.Text())
		}
		l.add(cells...)
	}
	return l
}
