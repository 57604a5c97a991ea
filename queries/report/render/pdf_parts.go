package render

import (
	"slices"
	"strings"

	"traillake/queries/report"
	"traillake/queries/report/chart"
)

// summary writes the title, the verdicts and the list of controls.
func (p *pdf) summary() {
	r := p.r
	p.use("go", "B", 20)
	p.ink("ink")
	p.lines(r.Pack.Title, pdfWidth, 9)
	if r.Pack.Framework != "" {
		p.use("go", "", 11)
		p.ink("soft")
		p.lines(r.Pack.Framework+" "+r.Pack.Version, pdfWidth, 6)
	}
	p.Ln(2)
	p.paragraph(periodText(r.Period), "ink")
	p.paragraph(r.Pack.Description, "ink")
	p.heading("Result", 0)
	for _, v := range report.Verdicts() {
		n := r.Summary[v]
		class := string(v)
		if n == 0 {
			class = "soft"
		}
		y := p.GetY()
		p.use("go", "B", 10)
		p.ink(class)
		p.CellFormat(12, 5, chart.Count(int64(n)), "", 0, "R", false, 0, "")
		p.CellFormat(26, 5, string(v), "", 0, "L", false, 0, "")
		p.use("go", "", pdfText)
		p.ink("soft")
		p.SetXY(pdfMargin+38, y)
		p.lines(verdictMeaning[v], pdfWidth-38, 5)
	}
	p.gaps()
	p.Ln(3)
	t := &pdfTable{head: []string{"Control", "Title", "Severity", "Verdict", "Rows"}, widths: []float64{26, 85, 20, 24, 23}, size: 8}
	for _, c := range r.Controls {
		t.rows = append(t.rows, []string{c.ID, c.Title, c.Severity, string(c.Verdict), controlRows(c)})
		t.classes = append(t.classes, string(c.Verdict))
	}
	p.table(t)
}

func (p *pdf) gaps() {
	gaps := p.r.Coverage.Gaps
	if len(gaps) == 0 {
		p.Ln(2)
		p.paragraph(p.r.Coverage.Whole(), "ink")
		return
	}
	p.Ln(3)
	p.use("go", "B", pdfText)
	p.ink("incomplete")
	p.lines(gapsTitle(p.r), pdfWidth, 5)
	p.paragraph("What would be pass or evidence is therefore incomplete, and other verdicts may not be all there is to say.", "ink")
	for _, g := range gaps {
		p.use("go", "", 8)
		p.ink("ink")
		p.lines("–  "+g.Text, pdfWidth, 4)
	}
}

// rests writes what the report rests on.
func (p *pdf) rests() {
	p.heading("What it rests on", 0)
	t := &pdfTable{widths: []float64{38, pdfWidth - 38}, size: 8, plain: true}
	for _, f := range facts(p.r) {
		t.rows = append(t.rows, []string{f.Name, f.Text})
	}
	p.table(t)
	if p.r.Pack.Scope != "" {
		p.Ln(2)
		p.paragraph("What the pack cannot show: "+p.r.Pack.Scope, "ink")
	}
}

func (p *pdf) charts() {
	p.heading("Charts", 0)
	for _, d := range []*chart.Drawing{chart.Events(p.r), chart.Coverage(p.r), chart.Findings(p.r), chart.Principals(p.r)} {
		p.draw(d)
	}
	if e := p.r.Activity.Error; e != "" {
		p.paragraph("Why there are no principals: "+e, "ink")
	}
}

func (p *pdf) controls() {
	p.heading("Controls", 0)
	for _, s := range sections(p.r) {
		if s.Title != "" {
			p.heading(s.Title, 1)
		}
		for _, c := range s.Controls {
			p.control(c)
		}
	}
}

func (p *pdf) control(c control) {
	p.heading(c.ID+"  "+c.Title, 2)
	p.use("go", "B", pdfText)
	p.ink(string(c.Verdict))
	y := p.GetY()
	p.CellFormat(p.GetStringWidth(string(c.Verdict))+3, 4.6, string(c.Verdict), "", 0, "L", false, 0, "")
	x := p.GetX()
	p.use("go", "", pdfText)
	p.ink("soft")
	p.SetXY(x, y)
	p.lines("severity "+c.Severity+". "+expectMeaning[c.Expect], pdfWidth-(x-pdfMargin), 4.6)
	p.paragraph(c.Reason, "incomplete")
	p.paragraph(c.Requirement, "ink")
	if c.Evidence != "" {
		p.paragraph("Evidence. "+c.Evidence, "soft")
	}
	if c.Limits != "" {
		p.paragraph("Limits. "+c.Limits, "soft")
	}
	for _, res := range c.Results {
		p.result(res)
	}
}

func (p *pdf) result(res shownResult) {
	rows := firstRows(res.Result, pdfRows)
	note := rowsNote(res.Result, len(rows))
	switch {
	case res.Error != "":
		p.paragraph(res.ID+" did not run: "+res.Error, "failed")
		return
	case res.At != "":
		note = counted(res.Result) + ", shown at " + res.At
		rows = nil
	}
	p.need(20)
	p.use("go", "B", 8)
	p.ink("ink")
	p.lines(res.ID+": "+note, pdfWidth, 4.4)
	if len(rows) == 0 {
		return
	}
	t := &pdfTable{rows: rows, size: 6}
	for _, c := range res.Columns {
		t.head = append(t.head, c.Name)
	}
	p.fit(t)
	p.table(t)
	p.Ln(1.5)
}

func (p *pdf) queries() {
	p.AddPage()
	p.heading("Queries", 0)
	p.paragraph("The text of every query that ran, with its parameters. $EDS_ID is the event data store.", "ink")
	for _, res := range p.r.Results {
		p.heading(strings.TrimSpace(res.Title+"  ("+res.ID+")"), 2)
		var params []string
		for _, k := range sorted(res.Params) {
			params = append(params, k+" = "+res.Params[k])
		}
		p.use("go", "", 8)
		p.ink("soft")
		p.lines(strings.Join(params, ";  "), pdfWidth, 4)
		p.Ln(1)
		p.use("gomono", "", 6.5)
		p.ink("ink")
		p.lines(strings.TrimRight(res.SQL, "\n"), pdfWidth, 3.1)
	}
}

// pdfTable is a table with texts that are broken into lines.
type pdfTable struct {
	head    []string
	rows    [][]string
	widths  []float64
	size    float64
	classes []string // the colour of the verdict's column, for each row
	plain   bool     // without a head
}

// A column is made wide enough for its longest word, but no wider than mostWord for it, and
// less where there are many columns, down to leastWord. In millimetres.
const mostWord, leastWord = 24, 8

// fit shares out the width of the page: every column has room for its longest word, and
// what is left goes to those with long texts.
func (p *pdf) fit(t *pdfTable) {
	p.use("go", "B", t.size) // the wider style
	padding := 2*p.GetCellMargin() + 0.5
	words, texts := make([]float64, len(t.head)), make([]float64, len(t.head))
	for i, name := range t.head {
		words[i], texts[i] = p.longestWord(name), p.length(name)
		for _, row := range t.rows {
			text := cut(row[i], 60)
			words[i], texts[i] = max(words[i], p.longestWord(text)), max(texts[i], p.length(text))
		}
	}
	t.widths = make([]float64, len(t.head))
	sum := 0.0
	for most := float64(mostWord); most >= leastWord; most-- {
		sum = 0
		for i, w := range words {
			t.widths[i] = min(w, most) + padding
			sum += t.widths[i]
		}
		if sum <= pdfWidth {
			break
		}
	}
	wanted := 0.0
	for i := range texts {
		texts[i] = max(texts[i]+padding-t.widths[i], 0)
		wanted += texts[i]
	}
	for i := range t.widths {
		switch rest := pdfWidth - sum; {
		case rest < 0:
			t.widths[i] *= pdfWidth / sum
		case wanted > 0:
			t.widths[i] += texts[i] / wanted * min(rest, wanted)
		}
	}
}

// longestWord is how wide the longest part of a text is that is better kept whole, as a
// time is.
func (p *pdf) longestWord(text string) (w float64) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" /.", r) }) {
		w = max(w, p.length(word))
	}
	return w
}

// length is that of a text in the font that is chosen.
func (p *pdf) length(text string) (w float64) {
	for _, r := range text {
		w += p.width(r)
	}
	return w
}

func (p *pdf) table(t *pdfTable) {
	line := t.size * 0.46
	if !t.plain {
		p.row(t, t.head, "soft", "B", line)
	}
	for i, row := range t.rows {
		class := "ink"
		if t.classes != nil {
			class = t.classes[i]
		}
		p.row(t, row, class, "", line)
	}
}

// row writes a row, on the next page if it does not fit here: there the head comes first.
func (p *pdf) row(t *pdfTable, cells []string, class, style string, line float64) {
	p.use("go", style, t.size)
	all := make([][]string, len(cells))
	most := 1
	for i, c := range cells {
		all[i] = p.wrap(c, t.widths[i])
		if len(all[i]) > pdfLines && !t.plain {
			all[i] = slices.Clone(all[i][:pdfLines])
			all[i][pdfLines-1] += " …"
		}
		most = max(most, len(all[i]))
	}
	h := float64(most)*line + pdfPadding
	if p.GetY()+h > pdfBottom {
		p.AddPage()
		if !t.plain && style == "" {
			p.row(t, t.head, "soft", "B", line)
			p.use("go", style, t.size)
		}
	}
	x, y := float64(pdfMargin), p.GetY()
	for i, lines := range all {
		switch {
		case t.plain && i == 0, style == "B":
			p.ink("soft")
		case class != "ink" && i == len(cells)-2:
			p.ink(class)
		default:
			p.ink("ink")
		}
		align := "L"
		if t.classes != nil && i == len(cells)-1 || style == "B" && t.head[i] == "Rows" {
			align = "R"
		}
		for k, text := range lines {
			p.SetXY(x, y+pdfPadding/2+float64(k)*line)
			p.CellFormat(t.widths[i], line, text, "", 0, align, false, 0, "")
		}
		x += t.widths[i]
	}
	p.SetDrawColor(217, 222, 230)
	p.Line(pdfMargin, y+h, pdfMargin+pdfWidth, y+h)
	p.SetXY(pdfMargin, y+h)
}
