package render

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"

	"traillake/engine/encode"
	"traillake/queries/report"
	"traillake/queries/report/chart"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"count":   chart.Count,
	"rows":    func(res *report.Result) [][]string { return firstRows(res, shownRows) },
	"note":    rowsNote,
	"counted": counted,
	"ofall":   controlRows,
	"meaning": func(v report.Verdict) string { return verdictMeaning[v] },
	"expects": func(e string) string { return expectMeaning[e] },
	"sorted":  sorted[string],
	"gaps":    gapsTitle,
	"inc":     func(i int) int { return i + 1 },
}).Parse(pageText))

// pageData is what the page is made of.
type pageData struct {
	*report.Report
	Style    template.CSS
	Policy   string
	Facts    []fact
	Verdicts []report.Verdict
	Charts   []pageChart
	Sections []section
}

type pageChart struct {
	Title string
	SVG   template.HTML
}

// section is a heading with its controls.
type section struct {
	Title    string
	Controls []control
}

type control struct {
	report.Control
	Results []shownResult
}

// shownResult is a result under a control. At is the id of the control under which its
// rows stand already; empty where they stand here.
type shownResult struct {
	*report.Result
	At string
}

// HTML writes a page that shows a report. Nothing on it is fetched from anywhere and
// nothing in it runs: its policy forbids both.
func HTML(r *report.Report) ([]byte, error) {
	hash := sha256.Sum256([]byte(pageStyle))
	d := pageData{Report: r, Style: template.CSS(pageStyle), Facts: facts(r), Verdicts: report.Verdicts(), Sections: sections(r),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'"}
	for _, c := range []*chart.Drawing{chart.Events(r), chart.Coverage(r), chart.Findings(r), chart.Principals(r)} {
		d.Charts = append(d.Charts, pageChart{c.Title, template.HTML(chart.SVG(c))})
	}
	var b bytes.Buffer
	if err := page.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return []byte(encode.PrintableLines(b.String())), nil
}

// sections groups the controls by their headings, in the order of the pack, and says
// where the rows of each result are shown.
func sections(r *report.Report) []section {
	var list []section
	shown := map[string]string{}
	for _, c := range r.Controls {
		if len(list) == 0 || list[len(list)-1].Title != c.Section {
			list = append(list, section{Title: c.Section})
		}
		one := control{Control: c}
		for _, id := range c.Results {
			res := r.Result(id)
			if res == nil {
				continue
			}
			one.Results = append(one.Results, shownResult{res, shown[id]})
			if shown[id] == "" {
				shown[id] = c.ID
			}
		}
		last := &list[len(list)-1]
		last.Controls = append(last.Controls, one)
	}
	return list
}
