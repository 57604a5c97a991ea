package result

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"traillake/engine/encode"
)

// Text writes the document for people at a terminal. It may be one of others.
func (d *Document) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", encode.Printable(d.Title))
	for _, f := range d.facts() {
		fmt.Fprintf(&b, "  %-9s %s\n", f[0], encode.Printable(f[1]))
	}
	if len(d.Systems) > 1 {
		b.WriteByte('\n')
		for _, s := range d.Systems {
			fmt.Fprintf(&b, "  %-18s %s\n", encode.Printable(s.Name), encode.Printable(s.Text))
		}
	}
	for _, v := range d.Views {
		g := d.grid(v)
		if len(g.rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s: %s\n%s\n", encode.Printable(v.Title), encode.Printable(g.note), g.draw())
	}
	for _, part := range []struct {
		name string
		list []string
	}{{"Agreement", d.Agreement}, {"Findings", d.Findings}, {"Limits", d.Limits}} {
		if len(part.list) > 0 {
			fmt.Fprintf(&b, "\n%s\n", part.name)
		}
		for _, s := range part.list {
			fmt.Fprintf(&b, "  - %s\n", encode.Printable(s))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// draw writes the table with lines around it.
func (g grid) draw() string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	row := func(texts []string) table.Row {
		r := make(table.Row, len(texts))
		for i, s := range texts {
			r[i] = encode.Printable(s)
		}
		return r
	}
	t.AppendHeader(row(g.header))
	var right []table.ColumnConfig
	for i := g.names; i < len(g.header); i++ {
		right = append(right, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	for _, r := range g.rows {
		t.AppendRow(row(r))
	}
	return t.Render()
}
