package encode

import (
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// minColumn is the width below which a column is not cut: less says nothing. Columns of a listing
// that would get less than minListed are left out.
const minColumn, minListed = 8, 16

type tableEncoder struct {
	w       io.Writer
	width   int
	listing bool
	minor   []string
	schema  *arrow.Schema
	cols    []appender
	rows    [][]string
}

func newTable(w io.Writer, schema *arrow.Schema, o Options) Encoder {
	e := &tableEncoder{w: w, width: o.Width, listing: o.Listing, minor: o.Minor, schema: schema}
	for _, f := range schema.Fields() {
		e.cols = append(e.cols, textOf(f.Type))
	}
	return e
}

func (e *tableEncoder) Write(b arrow.RecordBatch) error {
	var buf []byte
	for i := range int(b.NumRows()) {
		row := make([]string, len(e.cols))
		for k, c := range b.Columns() {
			if !isNull(c, i) {
				buf = e.cols[k](buf[:0], c, i)
				row[k] = Printable(string(buf))
			}
		}
		e.rows = append(e.rows, row)
	}
	return nil
}

func (e *tableEncoder) Close() error {
	names := make([]string, e.schema.NumFields())
	for i, f := range e.schema.Fields() {
		names[i] = Printable(f.Name)
	}
	natural := e.natural(names)
	limits := fit(natural, e.width)
	if e.listing {
		limits = fitListing(natural, e.width, e.spare(names))
	}
	var configs []table.ColumnConfig
	var absent []string
	for i, f := range e.schema.Fields() {
		if limits[i] < 0 {
			absent = append(absent, names[i])
			continue
		}
		c := table.ColumnConfig{Number: len(configs) + 1}
		if numeric(f.Type) {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, c)
	}
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SetColumnConfigs(configs)
	t.AppendHeader(cells(names, limits))
	for _, r := range e.rows {
		t.AppendRow(cells(r, limits))
	}
	out := t.Render() + "\n"
	if absent != nil {
		out += "not shown for want of width: " + strings.Join(absent, ", ") + "\n"
	}
	_, err := io.WriteString(e.w, out)
	return err
}

// spare tells which columns of a listing are the first that can be left out.
func (e *tableEncoder) spare(names []string) []bool {
	spare := make([]bool, len(names))
	for i, name := range names {
		spare[i] = slices.Contains(e.minor, name) || !slices.ContainsFunc(e.rows, func(r []string) bool { return r[i] != "" && r[i] != "0" })
	}
	return spare
}

// natural returns the width that each column would take uncut.
func (e *tableEncoder) natural(names []string) []int {
	widths := make([]int, len(names))
	for _, r := range append([][]string{names}, e.rows...) {
		for i, v := range r {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(v))
		}
	}
	return widths
}

// fit returns the width that each column gets: all of it where the total is within
// width, else the widest are cut to one common width. Zero means no bound.
func fit(natural []int, width int) []int {
	if width == 0 {
		return natural
	}
	room := width - 3*len(natural) - 1 // the lines, and a blank on both sides
	total := 0
	for _, n := range natural {
		total += n
	}
	if total <= room {
		return natural
	}
	// Columns in order of width: each gets its share of what the smaller left over.
	order := make([]int, len(natural))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return natural[a] - natural[b] })
	out := make([]int, len(natural))
	for k, i := range order {
		share := max(room/(len(order)-k), minColumn)
		out[i] = min(natural[i], share)
		room -= out[i]
	}
	return out
}

// fitListing returns the width that each column of a listing gets: the first all of it if the others
// fit beside it when they are cut. If not even minListed is left for each, columns on the right get
// -1 and are left out, the spare ones first.
func fitListing(natural []int, width int, spare []bool) []int {
	shown := make([]int, len(natural))
	for i := range shown {
		shown[i] = i
	}
	room := func() int {
		left := width - natural[0] - 3*len(shown) - 1
		for _, i := range shown[1:] {
			left -= min(natural[i], minListed)
		}
		return left
	}
	for _, any := range []bool{false, true} {
		for k := len(shown) - 1; k > 1 && width > 0 && room() < 0; k-- {
			if any || spare[shown[k]] {
				shown = slices.Delete(shown, k, k+1)
			}
		}
	}
	var widths []int
	for _, i := range shown {
		widths = append(widths, natural[i])
	}
	if width > 0 && room() < 0 {
		widths = fit(widths, width)
	} else if width > 0 {
		widths = append(widths[:1], fit(widths[1:], width-natural[0]-3)...)
	}
	out := slices.Repeat([]int{-1}, len(natural))
	for k, i := range shown {
		out[i] = widths[k]
	}
	return out
}

// cells leaves out what has a width below 0.
func cells(values []string, limits []int) table.Row {
	var row table.Row
	for i, v := range values {
		if limits[i] < 0 {
			continue
		}
		if text.StringWidthWithoutEscSequences(v) > limits[i] {
			v = text.Snip(v, limits[i], "…")
		}
		row = append(row, v)
	}
	return row
}

// Printable writes text on one line without what would move the cursor, colour the terminal,
// hide text or change its direction: logs, and files of others, hold strings that an attacker
// chose. Control characters become escapes such as \n and \x1b; those of direction, and what is
// no UTF-8, U+FFFD. Whatever writes text for people uses it; forms for machines keep values.
func Printable(s string) string { return printable(s, "") }

// PrintableLines does the same to text of several lines: line ends and tabs stay, and a
// carriage return before a line end goes.
func PrintableLines(s string) string {
	return printable(strings.ReplaceAll(s, "\r\n", "\n"), "\n\t")
}

// printable leaves the characters in kept as they are.
func printable(s, kept string) string {
	if strings.IndexFunc(s, odd) < 0 {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !odd(r) || strings.ContainsRune(kept, r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			b.WriteString(`\x` + string(hexDigits[r>>4]) + string(hexDigits[r&15]))
		default:
			b.WriteRune('\ufffd')
		}
	}
	return b.String()
}

// odd matches control characters and the invisible ones that change direction.
func odd(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
