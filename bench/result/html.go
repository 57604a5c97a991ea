package result

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"traillake/queries/report/chart"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Parse(pageText))

// pageView is a view as the page shows it.
type pageView struct {
	Title, Note, Desc string
	SVG               template.HTML
	Header            []cell
	Rows              [][]cell
}

// cell is one of a table; Number says that it stands at the right.
type cell struct {
	Text   string
	Number bool
}

// HTML writes a page with charts and tables. Nothing on it is fetched from anywhere and
// nothing in it runs: its policy forbids both.
func (d *Document) HTML(w io.Writer) error {
	hash := sha256.Sum256([]byte(pageStyle))
	data := struct {
		*Document
		Style  template.CSS
		Policy string
		Facts  [][2]string
		Views  []pageView
	}{Document: d, Style: template.CSS(pageStyle), Facts: d.facts(),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"}
	for _, v := range d.Views {
		g := d.grid(v)
		if len(g.rows) == 0 {
			continue
		}
		p := pageView{Title: v.Title, Note: g.note, Header: g.cells(g.header)}
		for _, r := range g.rows {
			p.Rows = append(p.Rows, g.cells(r))
		}
		if drawn := d.drawing(v); drawn != nil {
			// The drawing escapes its texts.
			p.SVG, p.Desc = template.HTML(chart.SVG(drawn)), drawn.Desc
		}
		data.Views = append(data.Views, p)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (g grid) cells(texts []string) []cell {
	list := make([]cell, len(texts))
	for i, s := range texts {
		list[i] = cell{s, i >= g.names}
	}
	return list
}
