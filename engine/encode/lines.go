package encode

import (
	"bytes"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// dialect is one of the formats that are lines of text.
type dialect struct {
	open, sep, end string
	rule           string // what stands under each name; empty: there is no such line
	escape         func(dst, value []byte) []byte
	bareNumbers    bool // escape is for all but bare values
}

var (
	csvDialect      = dialect{sep: ",", end: "\n", escape: escapeCSV}
	tsvDialect      = dialect{sep: "\t", end: "\n", escape: escapeTSV}
	quotedDialect   = dialect{sep: ",", end: "\n", escape: quoteCSV}
	markdownDialect = dialect{open: "| ", sep: " | ", end: " |\n", rule: "---", escape: escapeMarkdown}
)

type linesEncoder struct {
	dialect
	w      io.Writer
	schema *arrow.Schema
	cols   []appender
	buf    []byte
	cell   []byte
	begun  bool
	shown  bool // on a terminal
}

func newLines(w io.Writer, schema *arrow.Schema, d dialect, o Options) Encoder {
	e := &linesEncoder{dialect: d, w: w, schema: schema, shown: o.Terminal}
	for _, f := range schema.Fields() {
		e.cols = append(e.cols, textOf(f.Type))
	}
	return e
}

// header appends the names, once.
func (e *linesEncoder) header() {
	if e.begun {
		return
	}
	e.begun = true
	e.line(func(i int) { e.buf = e.escape(e.buf, []byte(e.schema.Field(i).Name)) })
	if e.rule != "" {
		e.line(func(i int) {
			e.buf = append(e.buf, e.rule...)
			if numeric(e.schema.Field(i).Type) {
				e.buf = append(e.buf, ':')
			}
		})
	}
}

func (e *linesEncoder) line(cell func(i int)) {
	e.buf = append(e.buf, e.open...)
	for i := range e.cols {
		if i > 0 {
			e.buf = append(e.buf, e.sep...)
		}
		cell(i)
	}
	e.buf = append(e.buf, e.end...)
}

func (e *linesEncoder) Write(b arrow.RecordBatch) error {
	e.buf = e.buf[:0]
	e.header()
	cols := b.Columns()
	for i := range int(b.NumRows()) {
		e.line(func(k int) {
			if isNull(cols[k], i) {
				return
			}
			e.cell = e.cols[k](e.cell[:0], cols[k], i)
			if e.bareNumbers && bare(cols[k].DataType()) {
				e.buf = append(e.buf, e.cell...)
				return
			}
			e.buf = e.escape(e.buf, e.cell)
		})
	}
	return e.flush()
}

func (e *linesEncoder) flush() error {
	out := e.buf
	if e.shown {
		out = []byte(PrintableLines(string(out)))
	}
	_, err := e.w.Write(out)
	return err
}

func (e *linesEncoder) Close() error {
	if e.begun {
		return nil
	}
	e.buf = e.buf[:0]
	e.header()
	return e.flush()
}

// escapeCSV quotes where RFC 4180 needs it, where blanks at the ends could be lost,
// and the empty string, which is not NULL then.
func escapeCSV(dst, v []byte) []byte {
	if len(v) > 0 && !bytes.ContainsAny(v, ",\"\r\n") && v[0] != ' ' && v[len(v)-1] != ' ' {
		return append(dst, v...)
	}
	return quoteCSV(dst, v)
}

func quoteCSV(dst, v []byte) []byte {
	dst = append(dst, '"')
	dst = append(dst, bytes.ReplaceAll(v, []byte{'"'}, []byte(`""`))...)
	return append(dst, '"')
}

func escapeTSV(dst, v []byte) []byte {
	if !bytes.ContainsAny(v, "\t\n\r\\") {
		return append(dst, v...)
	}
	for _, c := range v {
		switch c {
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\\':
			dst = append(dst, `\\`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// escapeMarkdown keeps a value inside its cell and keeps it from being markup.
func escapeMarkdown(dst, v []byte) []byte {
	return append(dst, markdownEscapes.Replace(Printable(string(v)))...)
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`)

// numeric says whether values of a type are aligned to the right.
func numeric(t arrow.DataType) bool {
	return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) || arrow.IsDecimal(t.ID())
}
