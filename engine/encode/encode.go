package encode

import (
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// LogicalType is the key of an Arrow field's metadata that holds the SQL type where
// Arrow's type does not tell it. The values are TypeJSON, and the lower-case SQL name
// of a type that travels as text: uuid, interval, bit, enum, timetz, uhugeint.
const LogicalType = "traillake.type"

// TypeJSON is the LogicalType of text that is JSON.
const TypeJSON = "json"

// Format is an output format.
type Format uint8

// The formats.
const (
	// Table is lines drawn for people.
	Table Format = iota
	// CSV is RFC 4180 with a header and LF line ends.
	CSV
	// TSV has a header, and \t, \n, \r and \\ for these characters in values.
	TSV
	// JSON is one array of objects.
	JSON
	// JSONL is one object per line.
	JSONL
	// Markdown is a GitHub table.
	Markdown
	// Parquet is a Parquet file, zstd-compressed.
	Parquet
)

var names = []string{"table", "csv", "tsv", "json", "jsonl", "markdown", "parquet"}

// Names returns the names of all formats.
func Names() []string { return append([]string(nil), names...) }

// String returns the name that ParseFormat takes.
func (f Format) String() string {
	if int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("format %d", f)
}

// ParseFormat returns the format with the given name, in any case.
func ParseFormat(name string) (Format, error) {
	for i, n := range names {
		if strings.EqualFold(name, n) {
			return Format(i), nil
		}
	}
	return 0, fmt.Errorf("no format %q; there are: %s", name, strings.Join(names, ", "))
}

// Options adjust the output.
type Options struct {
	// Width is the number of character cells that a table may take; long values are
	// cut then, with an ellipsis. Zero means no bound and nothing is cut, which is
	// right wherever the output is no terminal; a value of more than 500 cells sticks
	// out of the frame then.
	Width int
	// Terminal says that a terminal shows the output: CSV and TSV have escapes then for what
	// it would obey, as PrintableLines writes them. The other formats of text always have.
	Terminal bool
	// Listing says that the rows are named by the first column: a table does not cut it, and
	// where little would be left of the others it leaves columns out and says which.
	Listing bool
	// Minor are the columns of a Listing that are left out first, with those that have no
	// values or are all 0.
	Minor []string
	// Expanded makes a table show each row as lines of name and value, uncut.
	Expanded bool
	// Inert makes CSV safe to open in a spreadsheet, which takes some texts for formulas
	// and runs them: one that begins with = + - @ or their full-width forms, a tab, CR or
	// LF, gets an apostrophe in front, and so does one that begins with an apostrophe:
	// taking that away gives the value. Every text is quoted; numbers stay as they are.
	Inert bool
	// Quoted makes CSV quote every value but NULL, as CloudTrail Lake's results are.
	Quoted bool
}

// Encoder writes record batches of one schema.
type Encoder interface {
	// Write encodes a batch. It does not keep it.
	Write(b arrow.RecordBatch) error
	// Close writes what is left, such as a closing bracket. It does not close the
	// underlying writer. Without any Write the output is that of an empty result.
	Close() error
}

// New returns an encoder that writes to w, unbuffered: one call of w.Write for each
// batch at most, except for Table, which waits for many rows, and Parquet.
func New(f Format, w io.Writer, schema *arrow.Schema, o Options) (Encoder, error) {
	switch f {
	case Table:
		if o.Expanded {
			return newExpanded(w, schema, o), nil
		}
		return newTable(w, schema, o), nil
	case CSV:
		if o.Inert {
			return newLines(w, schema, inertDialect, o), nil
		}
		if o.Quoted {
			return newLines(w, schema, quotedDialect, o), nil
		}
		return newLines(w, schema, csvDialect, o), nil
	case TSV:
		return newLines(w, schema, tsvDialect, o), nil
	case Markdown:
		return newLines(w, schema, markdownDialect, o), nil
	case JSON, JSONL:
		return newJSON(w, schema, f == JSONL), nil
	case Parquet:
		return newParquet(w, schema)
	default:
		return nil, fmt.Errorf("encode: no %s", f)
	}
}

// ColumnNames returns the names of the columns as the JSON formats write them: each once.
func ColumnNames(schema *arrow.Schema) []string {
	taken := map[string]bool{}
	for _, f := range schema.Fields() {
		taken[f.Name] = true
	}
	seen := map[string]bool{}
	out := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		name := f.Name
		for n := 1; seen[name]; n++ {
			if next := fmt.Sprintf("%s_%d", f.Name, n); !taken[next] {
				name = next
			}
		}
		seen[name], taken[name] = true, true
		out[i] = name
	}
	return out
}
