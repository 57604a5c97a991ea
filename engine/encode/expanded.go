package encode

import (
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jedib0t/go-pretty/v6/text"
)

// expandedEncoder writes each row as lines of name and value, as psql does after \x:
// for rows that are too wide for a table.
type expandedEncoder struct {
	w     io.Writer
	width int
	names []string // padded
	cols  []appender
	row   int
}

func newExpanded(w io.Writer, schema *arrow.Schema, o Options) Encoder {
	e := &expandedEncoder{w: w, width: o.Width}
	widest := 0
	for _, f := range schema.Fields() {
		name := Printable(f.Name)
		e.names = append(e.names, name)
		e.cols = append(e.cols, textOf(f.Type))
		widest = max(widest, text.StringWidthWithoutEscSequences(name))
	}
	for i, name := range e.names {
		e.names[i] = text.Pad(name, widest, ' ')
	}
	return e
}

func (e *expandedEncoder) Write(b arrow.RecordBatch) error {
	var out strings.Builder
	var buf []byte
	for i := range int(b.NumRows()) {
		e.row++
		head := fmt.Sprintf("-[ RECORD %d ]", e.row)
		out.WriteString(text.Pad(head, max(len(head)+3, min(e.width, 40)), '-') + "\n")
		for k, c := range b.Columns() {
			line := e.names[k] + " |"
			if !isNull(c, i) {
				buf = e.cols[k](buf[:0], c, i)
				line += " " + Printable(string(buf))
			}
			out.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	_, err := io.WriteString(e.w, out.String())
	return err
}

func (e *expandedEncoder) Close() error { return nil }
