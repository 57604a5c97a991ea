package encode

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/cockroachdb/datadriven"
)

var everyType = []arrow.Field{
	{Name: "text", Type: arrow.BinaryTypes.String},
	{Name: "n", Type: arrow.PrimitiveTypes.Int64},
	{Name: "n", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "f", Type: arrow.PrimitiveTypes.Float64},
	{Name: "d", Type: &arrow.Decimal128Type{Precision: 38, Scale: 2}},
	{Name: "huge", Type: &arrow.Decimal128Type{Precision: 38}},
	{Name: "ok", Type: arrow.FixedWidthTypes.Boolean},
	{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond}},
	{Name: "tz", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
	{Name: "day", Type: arrow.FixedWidthTypes.Date32},
	{Name: "clock", Type: arrow.FixedWidthTypes.Time64us},
	{Name: "bytes", Type: arrow.BinaryTypes.Binary},
	{Name: "j", Type: arrow.BinaryTypes.String, Metadata: arrow.NewMetadata([]string{LogicalType}, []string{TypeJSON})},
	{Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)},
	{Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int32)},
	{Name: "s", Type: arrow.StructOf(arrow.Field{Name: "a", Type: arrow.BinaryTypes.String, Nullable: true}, arrow.Field{Name: "b", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true})},
	{Name: "n_1", Type: arrow.Null},
}

// rows has a full row, a row of the awkward values of each type and one of NULLs.
const rows = `[
{"text":"plain","n":1,"n_u":2,"f":1.5,"d":"12.34","huge":"7","ok":true,"at":"2023-01-22 16:53:53","tz":"2023-01-22T16:53:53.5Z","day":"2024-05-01","clock":"01:02:03","bytes":"AP8=","j":"{\"a\": [1, 2]}","m":[{"key":"k","value":"v"},{"key":"k2","value":null}],"l":[1,null,3],"s":{"a":"x","b":["p","q"]}},
{"text":"tab\there, \"quote\"\nline | pipe \\ <b>*x*","n":-9223372036854775808,"n_u":255,"f":1e300,"d":"-0.05","huge":"170141183460469231731687303715884105","ok":false,"at":"1969-12-31 23:59:59.123456","tz":"1600-01-01T00:00:00Z","day":"0001-01-01","clock":"23:59:59.000001","bytes":"","j":"\"x\"","m":[],"l":[],"s":{"a":null,"b":null}},
{"text":null,"n":null,"n_u":null,"f":null,"d":null,"huge":null,"ok":null,"at":null,"tz":null,"day":null,"clock":null,"bytes":null,"j":null,"m":null,"l":null,"s":null}
]`

// batch reads rows as JSON into the columns of every type.
func batch(t testing.TB, src string) arrow.RecordBatch {
	t.Helper()
	fields := append([]arrow.Field(nil), everyType...)
	for i := range fields {
		fields[i].Nullable = true
	}
	named := append([]arrow.Field(nil), fields...)
	named[2].Name = "n_u" // JSON needs names of its own
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, arrow.NewSchema(named, nil), strings.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), b.Columns(), b.NumRows())
}

func encodeAll(t testing.TB, f Format, o Options, schema *arrow.Schema, batches ...arrow.RecordBatch) string {
	t.Helper()
	var out bytes.Buffer
	e, err := New(f, &out, schema, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := e.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFormats compares each text format with its golden. Run with -rewrite.
func TestFormats(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			f, err := ParseFormat(d.Cmd)
			if err != nil {
				t.Fatal(err)
			}
			var o Options
			d.MaybeScanArgs(t, "width", &o.Width)
			b := batch(t, rows)
			switch strings.TrimSpace(d.Input) {
			case "rows":
				return encodeAll(t, f, o, b.Schema(), b)
			case "twice":
				return encodeAll(t, f, o, b.Schema(), b.NewSlice(0, 1), b.NewSlice(0, 1))
			case "none":
				return encodeAll(t, f, o, b.Schema())
			default:
				t.Fatalf("%s: %q", d.Pos, d.Input)
				return ""
			}
		})
	})
}

func TestJSONIsValid(t *testing.T) {
	b := batch(t, rows)
	out := encodeAll(t, JSON, Options{}, b.Schema(), b)
	var got []map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if len(got) != 3 || len(got[0]) != len(everyType) {
		t.Errorf("%d rows of %d", len(got), len(got[0]))
	}
	for _, line := range strings.Split(strings.TrimSuffix(encodeAll(t, JSONL, Options{}, b.Schema(), b), "\n"), "\n") {
		if !json.Valid([]byte(line)) {
			t.Error(line)
		}
	}
}

func TestParquet(t *testing.T) {
	b := batch(t, rows)
	out := encodeAll(t, Parquet, Options{}, b.Schema(), b, b)
	r, err := file.NewParquetReader(bytes.NewReader([]byte(out)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRows() != 6 || r.NumRowGroups() != 1 {
		t.Errorf("%d rows in %d groups", r.NumRows(), r.NumRowGroups())
	}
	ar, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := ar.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Release()
	for i, f := range everyType {
		name := f.Name
		if i == 2 {
			name = "n_2" // n_1 is taken
		}
		if got := tab.Schema().Field(i).Name; got != name {
			t.Errorf("column %d is %q, want %q", i, got, name)
		}
		got := tab.Column(i).Data().Chunk(0)
		for row := range 3 {
			if g, w := got.ValueStr(row), b.Column(i).ValueStr(row); g != w {
				t.Errorf("%s, row %d: %s, want %s", name, row, g, w)
			}
		}
	}
	empty := encodeAll(t, Parquet, Options{}, b.Schema())
	if r, err := file.NewParquetReader(bytes.NewReader([]byte(empty))); err != nil || r.NumRows() != 0 {
		t.Errorf("empty: %v", err)
	}
}

// TestParquetRowGroups: rows with much text make row groups of few, so that little waits in
// memory, and all of them are there.
func TestParquetRowGroups(t *testing.T) {
	text := array.NewStringBuilder(memory.DefaultAllocator)
	defer text.Release()
	for range 4 {
		text.Append(strings.Repeat("x", rowGroupBytes/8))
	}
	column := text.NewArray()
	defer column.Release()
	schema := arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String}}, nil)
	b := array.NewRecordBatch(schema, []arrow.Array{column}, 4)
	defer b.Release()
	r, err := file.NewParquetReader(strings.NewReader(encodeAll(t, Parquet, Options{}, schema, b, b, b)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRows() != 12 || r.NumRowGroups() != 2 || r.MetaData().RowGroup(0).NumRows() != 8 {
		t.Errorf("%d rows in %d groups", r.NumRows(), r.NumRowGroups())
	}
}

func TestParseFormat(t *testing.T) {
	for i, name := range Names() {
		f, err := ParseFormat(strings.ToUpper(name))
		if err != nil || f != Format(i) || f.String() != name {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil || !strings.Contains(err.Error(), "there are: table, csv") {
		t.Error(err)
	}
	if _, err := New(Format(99), nil, nil, Options{}); err == nil {
		t.Error("no error")
	}
}

func TestUniqueNames(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a b", "a b"}, {"a a", "a a_1"}, {"a a a", "a a_1 a_2"}, {"a a a_1", "a a_2 a_1"}, {"a_1 a a a", "a_1 a a_2 a_3"}, {"a a_1 a a_1", "a a_1 a_2 a_1_1"},
	} {
		var fields []arrow.Field
		for _, n := range strings.Fields(c.in) {
			fields = append(fields, arrow.Field{Name: n, Type: arrow.Null})
		}
		if got := strings.Join(ColumnNames(arrow.NewSchema(fields, nil)), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0.0"}, {-0.5, "-0.5"}, {1, "1.0"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"}, {1e-6, "0.000001"}, {1e-7, "1e-07"}, {0.1, "0.1"},
	} {
		if got, _ := appendFloat(nil, c.v, 64); string(got) != c.want {
			t.Errorf("%g: %s, want %s", c.v, got, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain é 😀", "plain é 😀"}, {"a\x1b[31mred", `a\x1b[31mred`}, {"a\r\nb\tc", `a\r\nb\tc`}, {"\u009b1m", `\x9b1m`}, {"x\u202ey", "x\ufffdy"}, {"bad\xff", "bad\ufffd"},
	} {
		if got := Printable(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	if got, want := PrintableLines("a\r\n\tb\x1b[1m\rc\u2066\n\xff"), "a\n\tb\\x1b[1m\\rc\ufffd\n\ufffd"; got != want {
		t.Errorf("lines: %q, want %q", got, want)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		natural []int
		width   int
		want    string
	}{
		{[]int{5, 100}, 0, "[5 100]"}, {[]int{5, 100}, 200, "[5 100]"}, {[]int{5, 100}, 57, "[5 45]"}, {[]int{50, 100, 5}, 75, "[30 30 5]"}, {[]int{50, 50}, 10, "[8 8]"},
	} {
		if got := fmt.Sprint(fit(c.natural, c.width)); got != c.want {
			t.Errorf("%v in %d: %s, want %s", c.natural, c.width, got, c.want)
		}
	}
}

func TestFitListing(t *testing.T) {
	for _, c := range []struct {
		natural []int
		width   int
		spare   string
		want    string
	}{
		{[]int{5, 100}, 0, "", "[5 100]"}, {[]int{5, 100}, 200, "", "[5 100]"}, {[]int{50, 100}, 80, "", "[50 23]"},
		{[]int{41, 60, 8, 40, 9}, 80, "", "[41 21 8 -1 -1]"}, {[]int{41, 60, 8, 40, 9}, 200, "", "[41 60 8 40 9]"},
		{[]int{41, 60, 8, 40, 9}, 130, "", "[41 28 8 28 9]"},
		{[]int{6, 7, 5, 8, 11, 7, 24, 36}, 80, "5", "[6 7 5 8 11 -1 24 -1]"},
		{[]int{6, 7, 5, 8, 11, 7, 24, 36}, 100, "5", "[6 7 5 8 11 -1 20 21]"},
		{[]int{6, 7, 5, 8, 11, 24, 24, 36}, 80, "", "[6 7 5 8 11 24 -1 -1]"},
		{[]int{90, 10, 10}, 80, "", "[63 10 -1]"}, {[]int{90}, 80, "", "[76]"}, {[]int{90, 10}, 20, "12", "[8 8]"}, {nil, 0, "", "[]"},
	} {
		spare := make([]bool, len(c.natural))
		for i := range spare {
			spare[i] = strings.Contains(c.spare, fmt.Sprint(i))
		}
		if got := fmt.Sprint(fitListing(c.natural, c.width, spare)); got != c.want {
			t.Errorf("%v in %d: %s, want %s", c.natural, c.width, got, c.want)
		}
	}
}

func TestListing(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "name", Type: arrow.BinaryTypes.String}, {Name: "title", Type: arrow.BinaryTypes.String},
		{Name: "bytes", Type: arrow.PrimitiveTypes.Int64}, {Name: "failed", Type: arrow.PrimitiveTypes.Int64}, {Name: "lost", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(`[{"name":"a-rather-long-name","title":"what it is about, in many words","bytes":4711,"failed":0,"lost":2}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	for width, want := range map[int]string{
		48: `
┌────────────────────┬──────────────────┬──────┐
│ name               │ title            │ lost │
├────────────────────┼──────────────────┼──────┤
│ a-rather-long-name │ what it is abou… │    2 │
└────────────────────┴──────────────────┴──────┘
not shown for want of width: bytes, failed
`,
		80: `
┌────────────────────┬─────────────────────────────────┬───────┬────────┬──────┐
│ name               │ title                           │ bytes │ failed │ lost │
├────────────────────┼─────────────────────────────────┼───────┼────────┼──────┤
│ a-rather-long-name │ what it is about, in many words │  4711 │      0 │    2 │
└────────────────────┴─────────────────────────────────┴───────┴────────┴──────┘
`,
	} {
		if got := "\n" + encodeAll(t, Table, Options{Width: width, Listing: true, Minor: []string{"bytes"}}, schema, b); got != want {
			t.Errorf("in %d:%s\nwant%s", width, got, want)
		}
	}
}

// TestTableWithoutBound: one long value does not make all rows as long, and no value is cut.
func TestTableWithoutBound(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}, {Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	long := strings.Repeat("x", maxPadded+1)
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(`[{"text":"short","n":1},{"text":"`+long+`","n":22}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	want := strings.ReplaceAll(`
┌───────┬────┐
│ text  │  n │
├───────┼────┤
│ short │  1 │
│ LONG │ 22 │
└───────┴────┘
`, "LONG", long)
	if got := "\n" + encodeAll(t, Table, Options{}, schema, b); got != want {
		t.Errorf("%s\nwant%s", got, want)
	}
}

// TestTableHoldsLittle: when enough rows are held the table begins, and those that follow are
// written as they come, cut only where there is a bound.
func TestTableHoldsLittle(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}}, nil)
	b, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(`[{"text":"some text"},{"text":"some longer text"}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	for width, last := range map[int]string{0: "│ some longer text │\n", 80: "│ some lon… │\n"} {
		var out bytes.Buffer
		e := newTable(&out, schema, Options{Width: width}).(*tableEncoder)
		e.room = 1
		if err := e.Write(b); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.String(), last) || len(e.rows) > 0 {
			t.Errorf("in %d: %d rows are held after\n%s", width, len(e.rows), &out)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if want := "┌───────────┐\n│ text      │\n├───────────┤\n│ some text │\n" + last + "└───────────┘\n"; out.String() != want {
			t.Errorf("in %d:\n%s\nwant\n%s", width, &out, want)
		}
	}
}

// TestJSONIsPrintable: no form of JSON has a character that a terminal obeys, or that turns text
// around, in values, names, keys and texts that are JSON already.
func TestJSONIsPrintable(t *testing.T) {
	const evil = "é\x7f\u0080\u009b31m\u061c\u200e\u202e\u2069😀"
	const want = `é\u007f\u0080\u009b31m\u061c\u200e\u202e\u2069😀`
	one := func(s string) arrow.Array {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		defer b.Release()
		b.Append(s)
		return b.NewArray()
	}
	m := array.NewMapBuilder(memory.DefaultAllocator, arrow.BinaryTypes.String, arrow.BinaryTypes.String, false)
	defer m.Release()
	m.Append(true)
	m.KeyBuilder().(*array.StringBuilder).Append(evil)
	m.ItemBuilder().(*array.StringBuilder).Append(evil)
	columns := []arrow.Array{one(evil), one(`{"` + evil + `": "` + evil + `"}`), m.NewArray()}
	schema := arrow.NewSchema([]arrow.Field{{Name: evil, Type: arrow.BinaryTypes.String}, {Name: "j", Type: arrow.BinaryTypes.String, Metadata: everyType[12].Metadata},
		{Name: "m", Type: columns[2].DataType()}}, nil)
	b := array.NewRecordBatch(schema, columns, 1)
	defer b.Release()
	for _, c := range columns {
		c.Release()
	}
	line := strings.ReplaceAll(`{"EVIL":"EVIL","j":{"EVIL":"EVIL"},"m":{"EVIL":"EVIL"}}`, "EVIL", want)
	if got := encodeAll(t, JSONL, Options{}, schema, b); got != line+"\n" {
		t.Errorf("%s, want %s", got, line)
	}
	if got := encodeAll(t, JSON, Options{}, schema, b); got != "[\n"+line+"\n]\n" {
		t.Errorf("%s, want %s", got, line)
	}
	if got := string(PrintableJSON([]byte("{\n\t\"" + evil + "\": 1\n}\n"))); got != "{\n\t\""+want+"\": 1\n}\n" {
		t.Error(got)
	}
}

// TestLinesOnTerminal: a terminal gets escapes for what it would obey, all else the bytes.
func TestLinesOnTerminal(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "a\x1bb", Type: arrow.BinaryTypes.String}, {Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	text := array.NewStringBuilder(memory.DefaultAllocator)
	defer text.Release()
	text.Append("\x1b[31m\a\x00\u009b\u202e\rx\n\té")
	n := array.NewInt64Builder(memory.DefaultAllocator)
	defer n.Release()
	n.Append(1)
	columns := []arrow.Array{text.NewArray(), n.NewArray()}
	b := array.NewRecordBatch(schema, columns, 1)
	defer b.Release()
	for _, c := range columns {
		c.Release()
	}
	for _, c := range []struct {
		format   Format
		terminal bool
		want     string
	}{
		{CSV, false, "a\x1bb,n\n\"\x1b[31m\a\x00\u009b\u202e\rx\n\té\",1\n"},
		{CSV, true, `a\x1bb,n` + "\n" + `"\x1b[31m\x07\x00\x9b` + "\ufffd" + `\rx` + "\n\té\",1\n"},
		{TSV, false, "a\x1bb\tn\n\x1b[31m\a\x00\u009b\u202e\\rx\\n\\té\t1\n"},
		{TSV, true, `a\x1bb` + "\tn\n" + `\x1b[31m\x07\x00\x9b` + "\ufffd" + `\rx\n\té` + "\t1\n"},
	} {
		if got := encodeAll(t, c.format, Options{Terminal: c.terminal}, schema, b); got != c.want {
			t.Errorf("%s, terminal %v: %q, want %q", c.format, c.terminal, got, c.want)
		}
		empty := strings.SplitAfter(c.want, "\n")[0]
		if got := encodeAll(t, c.format, Options{Terminal: c.terminal}, schema); got != empty {
			t.Errorf("%s, terminal %v, no rows: %q, want %q", c.format, c.terminal, got, empty)
		}
	}
}

func FuzzJSONString(f *testing.F) {
	for _, s := range []string{"", "a\"b\\c", "\x00\x1f\n\t", "é😀\xff\xc3", "\u2028", "\x7f\u009b\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := appendJSONString([]byte("x"), s)
		var got string
		if err := json.Unmarshal(out[1:], &got); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		if want := strings.ToValidUTF8(s, ""); strings.ReplaceAll(got, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Fatalf("%q became %q", s, got)
		}
		if utf8.ValidString(s) && got != s {
			t.Fatalf("%q became %q", s, got)
		}
		if bytes.ContainsFunc(out, odd) || !bytes.Equal(PrintableJSON(out), out) {
			t.Fatalf("%q became %q, which is not printable", s, out)
		}
	})
}
