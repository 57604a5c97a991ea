package encode

import (
	"bufio"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jedib0t/go-pretty/v6/text"
)

// minColumn is the width below which a column is not cut: less says nothing. Columns of a listing
// that would get less than minListed are left out.
const minColumn, minListed = 8, 16

// maxPadded is how far the columns of a table without a bound are padded: a longer value sticks out
// of the frame in its own row, since with blanks up to one such value all rows would be as long.
const maxPadded = 500

// maxHeld is about how many bytes of rows a table holds to see how wide its columns are. Rows that
// come later are written as they come.
const maxHeld = 64 << 20

type tableEncoder struct {
	out     *bufio.Writer
	width   int
	listing bool
	minor   []string
	schema  *arrow.Schema
	names   []string
	cols    []appender
	rows    [][]string // until begin
	room    int        // what more of them may take
	begun   bool
	limits  []int // the widths of columns, of absent ones below 0; from begin on
}

func newTable(w io.Writer, schema *arrow.Schema, o Options) Encoder {
	e := &tableEncoder{out: bufio.NewWriterSize(w, 64<<10), width: o.Width, listing: o.Listing, minor: o.Minor, schema: schema, room: maxHeld}
	for _, f := range schema.Fields() {
		e.names = append(e.names, Printable(f.Name))
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
			e.room -= len(row[k]) + 32
		}
		if e.begun {
			e.line(row)
			continue
		}
		e.rows = append(e.rows, row)
		if e.room < 0 {
			e.begin()
		}
	}
	if !e.begun {
		return nil
	}
	return e.out.Flush()
}

func (e *tableEncoder) Close() error {
	if !e.begun {
		e.begin()
	}
	e.rule("└", "┴", "┘")
	var absent []string
	for i, limit := range e.limits {
		if limit < 0 {
			absent = append(absent, e.names[i])
		}
	}
	if absent != nil {
		e.out.WriteString("not shown for want of width: " + strings.Join(absent, ", ") + "\n")
	}
	return e.out.Flush() // which returns the first error of all writes
}

// begin writes what is held, in columns as wide as that needs.
func (e *tableEncoder) begin() {
	e.begun = true
	natural := e.natural()
	e.limits = fit(natural, e.width)
	if e.listing {
		e.limits = fitListing(natural, e.width, e.spare())
	}
	e.rule("┌", "┬", "┐")
	e.line(e.names)
	e.rule("├", "┼", "┤")
	for _, row := range e.rows {
		e.line(row)
	}
	e.rows = nil
}

// rule writes a line of the frame.
func (e *tableEncoder) rule(left, between, right string) {
	for _, limit := range e.limits {
		if limit >= 0 {
			e.out.WriteString(left + strings.Repeat("─", limit+2))
			left = between
		}
	}
	e.out.WriteString(right + "\n")
}

// line writes a row. Where there is a bound, what is wider than its column is cut.
func (e *tableEncoder) line(values []string) {
	for i, v := range values {
		limit := e.limits[i]
		if limit < 0 {
			continue
		}
		n := text.StringWidthWithoutEscSequences(v)
		if n > limit && e.width > 0 {
			v = text.Snip(v, limit, "…")
			n = text.StringWidthWithoutEscSequences(v)
		}
		pad := strings.Repeat(" ", max(limit-n, 0))
		if numeric(e.schema.Field(i).Type) {
			v, pad = pad, v
		}
		e.out.WriteString("│ ")
		e.out.WriteString(v)
		e.out.WriteString(pad)
		e.out.WriteString(" ")
	}
	e.out.WriteString("│\n")
}

// spare tells which columns of a listing are the first that can be left out.
func (e *tableEncoder) spare() []bool {
	spare := make([]bool, len(e.names))
	for i, name := range e.names {
		spare[i] = slices.Contains(e.minor, name) || !slices.ContainsFunc(e.rows, func(r []string) bool { return r[i] != "" && r[i] != "0" })
	}
	return spare
}

// natural returns the width that each column would take uncut; without a bound, that of its values
// that do not stick out.
func (e *tableEncoder) natural() []int {
	widths := make([]int, len(e.names))
	see := func(row []string) {
		for i, v := range row {
			if n := text.StringWidthWithoutEscSequences(v); n <= maxPadded || e.width > 0 {
				widths[i] = max(widths[i], n)
			}
		}
	}
	see(e.names)
	for _, row := range e.rows {
		see(row)
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
