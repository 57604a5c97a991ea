package render

import (
	"fmt"
	"strings"

	"traillake/engine/encode"
	"traillake/queries/report"
	"traillake/queries/report/chart"
)

// Markdown writes a report in GitHub's Markdown. What comes from data is escaped, so that
// nothing in it becomes markup or a link.
func Markdown(r *report.Report) []byte {
	m := &markdown{}
	m.line("# %s\n", inline(r.Pack.Title))
	if r.Pack.Framework != "" {
		m.line("%s\n", inline(strings.TrimSpace(r.Pack.Framework+" "+r.Pack.Version)))
	}
	if r.Pack.Description != "" {
		m.line("%s\n", inline(r.Pack.Description))
	}
	m.line("## Result\n")
	m.line("| verdict | controls | meaning |\n| --- | ---: | --- |")
	for _, v := range report.Verdicts() {
		m.line("| %s | %d | %s |", v, r.Summary[v], verdictMeaning[v])
	}
	if len(r.Coverage.Gaps) > 0 {
		m.line("\n**%s.** What would be pass or evidence is therefore incomplete, and other verdicts may not be all there is to say.\n", gapsTitle(r))
		for _, g := range r.Coverage.Gaps {
			m.line("- %s", inline(g.Text))
		}
	}
	m.line("\n| control | title | severity | verdict | rows |\n| --- | --- | --- | --- | ---: |")
	for _, c := range r.Controls {
		m.line("| %s | %s | %s | %s | %s |", inline(c.ID), inline(c.Title), c.Severity, c.Verdict, controlRows(c))
	}
	m.line("\n## What it rests on\n\n| | |\n| --- | --- |")
	for _, f := range facts(r) {
		m.line("| %s | %s |", f.Name, inline(f.Text))
	}
	if r.Pack.Scope != "" {
		m.line("\nWhat the pack cannot show: %s", inline(r.Pack.Scope))
	}
	if len(r.Activity.Principals) > 0 {
		m.line("\n## Principals with the most events\n\nAWS services are left out.\n\n| principal | events | changes | errors |\n| --- | ---: | ---: | ---: |")
		for _, p := range r.Activity.Principals {
			m.line("| %s | %s | %s | %s |", inline(p.Name), chart.Count(p.Events), chart.Count(p.Changes), chart.Count(p.Errors))
		}
	}
	m.line("\n## Controls")
	for _, s := range sections(r) {
		if s.Title != "" {
			m.line("\n### %s", inline(s.Title))
		}
		for _, c := range s.Controls {
			m.control(c)
		}
	}
	m.line("\n## Queries\n\nThe text of every query that ran, with its parameters. $EDS_ID is the event data store.")
	for i := range r.Results {
		m.query(&r.Results[i])
	}
	return []byte(encode.PrintableLines(m.String()))
}

type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *markdown) control(c control) {
	m.line("\n#### %s %s\n", inline(c.ID), inline(c.Title))
	m.line("**%s**, severity %s. %s", c.Verdict, c.Severity, expectMeaning[c.Expect])
	for _, part := range []struct{ name, text string }{{"", c.Reason}, {"", c.Requirement}, {"Evidence. ", c.Evidence}, {"Limits. ", c.Limits}} {
		if part.text != "" {
			m.line("\n%s%s", part.name, inline(part.text))
		}
	}
	for _, res := range c.Results {
		rows := firstRows(res.Result, shownRows)
		switch {
		case res.Error != "":
			m.line("\n`%s` did not run: %s", res.ID, inline(res.Error))
			continue
		case res.At != "":
			m.line("\n`%s`: %s, shown at %s", res.ID, counted(res.Result), inline(res.At))
			continue
		}
		m.line("\n`%s`: %s", res.ID, inline(rowsNote(res.Result, len(rows))))
		if len(rows) == 0 {
			continue
		}
		var head, rule []string
		for _, c := range res.Columns {
			head, rule = append(head, inline(c.Name)), append(rule, "---")
		}
		m.line("\n| %s |\n| %s |", strings.Join(head, " | "), strings.Join(rule, " | "))
		for _, row := range rows {
			for i := range row {
				row[i] = inline(row[i])
			}
			m.line("| %s |", strings.Join(row, " | "))
		}
	}
}

func (m *markdown) query(res *report.Result) {
	m.line("\n### %s `%s`\n", inline(res.Title), res.ID)
	if res.Description != "" {
		m.line("%s\n", inline(res.Description))
	}
	for _, k := range sorted(res.Params) {
		m.line("- `%s` = %s", k, inline(res.Params[k]))
	}
	fence := "```"
	for strings.Contains(res.SQL, fence) {
		fence += "`"
	}
	m.line("\n%ssql\n%s\n%s", fence, strings.TrimRight(res.SQL, "\n"), fence)
}

// inline makes a text one line without markup. A colon behind a scheme is written so that
// no address becomes a link.
func inline(s string) string { return escapes.Replace(oneLine(s)) }

var escapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `#`, `\#`, `~`, `\~`,
	"://", "&#58;//", "www.", "www&#46;", "@", "&#64;")

// oneLine makes line ends and tabs blanks.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " ")
}
