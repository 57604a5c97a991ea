package render

import (
	"bytes"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"

	"traillake/queries/report"
	"traillake/queries/report/chart"
)

// Sizes of a page, in millimetres, and of text, in points.
const (
	pdfMargin  = 16
	pdfWidth   = 210 - 2*pdfMargin
	pdfBottom  = 297 - 18
	pdfText    = 9
	pdfSmall   = 7
	pdfRows    = 10 // rows of a result
	pdfLines   = 6  // lines of a cell
	pdfPadding = 1.2
)

// PDF writes a report as a document in A4. Its date is that of the snapshot, so that the
// same report gives the same bytes. The fonts have the letters of Latin, Greek and
// Cyrillic; any other character is written as \u{4e2d}.
func PDF(r *report.Report) ([]byte, error) {
	p := newPDF(r)
	p.summary()
	p.rests()
	p.charts()
	p.controls()
	p.queries()
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		return nil, fmt.Errorf("write PDF: %w", err)
	}
	return b.Bytes(), nil
}

// pagesAlias stands for the number of pages until it is known.
const pagesAlias = "{pages}"

type pdf struct {
	*fpdf.Fpdf
	r      *report.Report
	widths map[string]map[rune]float64 // of characters at a size of 1, by font
	font   string
	size   float64
}

func newPDF(r *report.Report) *pdf {
	p := &pdf{Fpdf: fpdf.New("P", "mm", "A4", ""), r: r, widths: map[string]map[rune]float64{}}
	p.SetCatalogSort(true)
	at := r.Store.Committed
	if at.IsZero() {
		at = r.Period.Until
	}
	p.SetCreationDate(at.UTC())
	p.SetModificationDate(at.UTC())
	p.SetProducer("traillake", true)
	p.SetTitle(shown(r.Pack.Title), true)
	p.SetSubject(shown(periodText(r.Period)), true)
	p.SetLang("en")
	// It writes into the fonts while it makes parts of them: the next document would have
	// other bytes.
	p.AddUTF8FontFromBytes("go", "", bytes.Clone(goregular.TTF))
	p.AddUTF8FontFromBytes("go", "B", bytes.Clone(gobold.TTF))
	p.AddUTF8FontFromBytes("gomono", "", bytes.Clone(gomono.TTF))
	p.SetMargins(pdfMargin, pdfMargin, pdfMargin)
	p.SetAutoPageBreak(false, 0)
	p.AliasNbPages(pagesAlias)
	p.SetFooterFunc(func() {
		p.SetY(-12)
		p.ink("soft")
		p.use("go", "", pdfSmall)
		p.CellFormat(pdfWidth/2, 4, shown(cut(r.Pack.Title, 70)), "", 0, "L", false, 0, "")
		p.CellFormat(pdfWidth/2, 4, fmt.Sprintf("%d / "+pagesAlias, p.PageNo()), "", 0, "R", false, 0, "")
	})
	p.AddPage()
	return p
}

// use chooses a font. The style is B for bold.
func (p *pdf) use(family, style string, size float64) {
	p.SetFont(family, style, size)
	p.font, p.size = family+style, size
}

// ink chooses the colour of text by its class.
func (p *pdf) ink(class string) {
	c := colours[class]
	p.SetTextColor(int(c[0]), int(c[1]), int(c[2]))
}

func (p *pdf) fill(class string) {
	c := colours[class]
	p.SetFillColor(int(c[0]), int(c[1]), int(c[2]))
}

// colours are those of the page by day.
var colours = map[string][3]uint8{
	"ink": {28, 35, 48}, "soft": {90, 100, 116}, "line": {217, 222, 230}, "panel": {245, 247, 250},
	"label": {90, 100, 116}, "value": {28, 35, 48}, "grid": {217, 222, 230}, "bar": {59, 111, 182}, "gap": {212, 56, 13},
	"critical": {134, 16, 58}, "high": {194, 65, 12}, "medium": {183, 121, 31}, "low": {47, 111, 176}, "info": {107, 114, 128},
	"failed": {109, 40, 217}, "findings": {180, 35, 24}, "missing": {157, 23, 77}, "incomplete": {148, 98, 0},
	"review": {29, 78, 216}, "evidence": {15, 118, 110}, "pass": {21, 128, 61},
	"heat0": {238, 241, 245}, "heat1": {207, 224, 243}, "heat2": {148, 188, 228}, "heat3": {77, 136, 199}, "heat4": {31, 79, 143},
}

// need begins a new page where there is less room than so many millimetres.
func (p *pdf) need(h float64) {
	if p.GetY()+h > pdfBottom {
		p.AddPage()
	}
}

func (p *pdf) heading(text string, level int) {
	size := [...]float64{15, 11.5, 9.5}[level]
	p.need([...]float64{50, 30, 24}[level])
	p.Ln([...]float64{7, 5, 3}[level])
	p.Bookmark(shown(cut(text, 100)), level, -1)
	p.use("go", "B", size)
	p.ink("ink")
	p.lines(text, pdfWidth, size*0.5)
	if level == 0 {
		p.SetDrawColor(217, 222, 230)
		p.Line(pdfMargin, p.GetY()+0.8, pdfMargin+pdfWidth, p.GetY()+0.8)
		p.Ln(2.5)
	}
}

// paragraph writes text over the whole width.
func (p *pdf) paragraph(text, class string) {
	if text == "" {
		return
	}
	p.use("go", "", pdfText)
	p.ink(class)
	p.lines(text, pdfWidth, 4.4)
	p.Ln(1)
}

// lines writes text in the font that is chosen, from where the page stands.
func (p *pdf) lines(text string, width, height float64) {
	x := p.GetX()
	for _, line := range p.wrap(text, width) {
		p.need(height)
		p.SetX(x)
		p.CellFormat(width, height, line, "", 2, "L", false, 0, "")
	}
	p.SetX(pdfMargin)
}

// breaks are the characters behind which a name may be broken.
const breaks = "/:,-_.=&"

// wrap breaks text into lines that fit, at blanks where it can, else behind what parts
// names, else anywhere. Line ends in the text stay.
func (p *pdf) wrap(text string, width float64) []string {
	width -= 2 * p.GetCellMargin()
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		rest := []rune(shown(strings.ReplaceAll(line, "\t", "    ")))
		for {
			end, used, blank, part := 0, 0.0, 0, 0
			for end < len(rest) {
				used += p.width(rest[end])
				if used > width && end > 0 {
					break
				}
				switch r := rest[end]; {
				case r == ' ':
					blank = end
				case strings.ContainsRune(breaks, r):
					part = end + 1
				}
				end++
			}
			if end == len(rest) {
				out = append(out, string(rest))
				break
			}
			switch {
			case blank > 0:
				out, rest = append(out, string(rest[:blank])), rest[blank+1:]
				continue
			case part > 0 && part < end:
				end = part
			}
			out, rest = append(out, string(rest[:end])), rest[end:]
		}
	}
	return out
}

// width is that of a character in the font that is chosen.
func (p *pdf) width(r rune) float64 {
	known := p.widths[p.font]
	if known == nil {
		known = map[rune]float64{}
		p.widths[p.font] = known
	}
	w, ok := known[r]
	if !ok {
		w = p.GetStringWidth(string(r)) / p.size
		known[r] = w
	}
	return w * p.size
}

// draw draws a chart over the whole width.
func (p *pdf) draw(d *chart.Drawing) {
	scale := pdfWidth / d.Width
	p.need(d.Height*scale + 9)
	p.Ln(3)
	p.use("go", "B", pdfText)
	p.ink("ink")
	p.lines(d.Title, pdfWidth, 5)
	y0 := p.GetY() + 1
	p.use("go", "", chart.TextHeight*scale/0.3528*0.92) // points of 0.3528 mm
	for _, s := range d.Shapes {
		x, y := pdfMargin+s.X*scale, y0+s.Y*scale
		if s.Text == "" {
			p.fill(s.Class)
			p.Rect(x, y, s.W*scale, max(s.H*scale, 0.1), "F")
			continue
		}
		text := shown(s.Text)
		switch w := p.GetStringWidth(text); s.Anchor {
		case "middle":
			x -= w / 2
		case "end":
			x -= w
		}
		p.ink(s.Class)
		p.Text(x, y, text)
	}
	p.SetY(y0 + d.Height*scale + 3)
}
