package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// build decodes a file into one record batch.
func build(t testing.TB, text []byte) arrow.RecordBatch {
	t.Helper()
	b := NewBuilder()
	d := NewDecoder(bytes.NewReader(text), Limits{})
	var r Record
	for {
		err := d.Next(&r)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b.Append(&r, Provenance{Source: "logs/a.json", Region: "eu-central-1", Seq: 7})
	}
	return b.NewRecordBatch()
}

// The first record of the file has every key; the second has the empty structs.
func TestBuilderFillsEveryColumn(t *testing.T) {
	batch := build(t, readFile(t, "testdata/delivered.json"))
	unset := map[string]bool{ColRaw: true, ColSourceAccount: true}
	var check func(path string, c Column, a arrow.Array)
	check = func(path string, c Column, a arrow.Array) {
		path += "." + c.Name
		if !unset[c.Name] && a.IsNull(0) && c.Name != "arnfirst" && c.Name != "arnprefix" {
			t.Errorf("%s is NULL in the record that has every key", path)
		}
		switch a := a.(type) {
		case *array.Dictionary:
			// Values are numbered as they come: the one of row 0 is the first.
			if len(c.Members) > 0 {
				check(path, c, a.Dictionary())
			}
		case *array.Struct:
			for i, m := range c.Members {
				check(path, m, a.Field(i))
			}
		case *array.List:
			entries := a.ListValues().(*array.Struct)
			for i, m := range c.Members {
				check(path, m, entries.Field(i))
				if entries.Field(i).NullN() == entries.Len() {
					t.Errorf("%s.%s is NULL in all entries", path, m.Name)
				}
			}
		}
	}
	for i, c := range Stored() {
		check("", c, batch.Column(i))
	}
	if raw := column(ColRaw).slotIn(batch); !raw.IsNull(0) || !raw.IsNull(1) {
		t.Errorf("_raw is kept: %v", raw)
	}
	id := column("useridentity").slotIn(batch).(*array.Dictionary)
	if id.IsNull(1) || id.Dictionary().(*array.Struct).Field(7).IsNull(id.GetValueIndex(1)) {
		t.Error("an empty struct became NULL")
	}
	if tls := column("tlsdetails").slotIn(batch); tls.IsNull(1) {
		t.Error("empty tlsDetails became NULL")
	}
	if res := column("resources").slotIn(batch); res.IsNull(1) {
		t.Error("empty resources became NULL")
	}
}

func (n *node) slotIn(b arrow.RecordBatch) arrow.Array {
	return b.Column(b.Schema().FieldIndices(n.col.Name)[0])
}

func TestBuilderOddRecords(t *testing.T) {
	batch := build(t, readFile(t, "testdata/odd.json"))
	text, err := batch.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]any{
		{"awsregion": "us-west-2", "readonly": true, "apiversion": nil, "eventcategory": nil, "eventtime": "2020-09-30T23:59:59", "_source": "logs/a.json", "_source_account": nil, "_ingest_seq": 7.0},
		{"eventname": "17", "requestparameters": `"scalar"`, "responseelements": "[1,2]", "useridentity": nil, "tlsdetails": nil, "eventtime": "2021-01-01T00:00:00.25"},
		{"eventname": "lone \ufffd surrogate A", "requestparameters": `{"k":"\ufffd","k":"twice"}`, "managementevent": false, "eventtime": "2021-01-01T00:00:00"},
	} {
		for k, v := range want {
			if rows[i][k] != v {
				t.Errorf("row %d: %s = %#v, want %#v", i, k, rows[i][k], v)
			}
		}
		if rows[i]["_raw"] == nil {
			t.Errorf("row %d: the text is not kept", i)
		}
	}
}

// rowsOf returns what a batch holds, as text; the batch is checked first.
func rowsOf(t testing.TB, batch arrow.RecordBatch) []string {
	t.Helper()
	for i, a := range batch.Columns() {
		if err := checkArray(a); err != nil {
			t.Fatalf("column %s: %v", batch.ColumnName(i), err)
		}
	}
	text, err := batch.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = string(r)
	}
	return out
}

// checkArray checks what a reader of the memory relies on.
func checkArray(a arrow.Array) error {
	data := a.Data()
	nulls := 0
	for i := range a.Len() {
		if a.IsNull(i) {
			nulls++
		}
	}
	if nulls != a.NullN() {
		return fmt.Errorf("%d nulls, said to be %d", nulls, a.NullN())
	}
	if b := data.Buffers()[0]; b != nil && b.Len() < (a.Len()+7)/8 {
		return fmt.Errorf("bitmap of %d bytes for %d rows", b.Len(), a.Len())
	}
	switch a := a.(type) {
	case *array.Dictionary:
		values := a.Dictionary()
		if err := checkArray(values); err != nil {
			return fmt.Errorf("values: %w", err)
		}
		if s, ok := values.(*array.String); ok {
			seen := make(map[string]bool)
			for i := range s.Len() {
				seen[s.Value(i)] = true
			}
			if len(seen) != s.Len() {
				return fmt.Errorf("%d values, %d of them distinct", s.Len(), len(seen))
			}
		}
		if values.NullN() > 0 {
			return fmt.Errorf("%d of %d values are NULL", values.NullN(), values.Len())
		}
		used := make(map[int]bool)
		for i := range a.Len() {
			if n := a.GetValueIndex(i); n < 0 || n >= max(1, values.Len()) {
				return fmt.Errorf("row %d has index %d of %d", i, n, values.Len())
			} else if a.IsValid(i) {
				used[n] = true
			}
		}
		if len(used) != values.Len() {
			return fmt.Errorf("%d of %d values are used", len(used), values.Len())
		}
	case *array.Struct:
		for i := range a.NumField() {
			if a.Field(i).Len() != a.Len() {
				return fmt.Errorf("member %d has %d rows of %d", i, a.Field(i).Len(), a.Len())
			}
			if err := checkArray(a.Field(i)); err != nil {
				return fmt.Errorf("member %d: %w", i, err)
			}
		}
	case *array.List:
		if last := int(a.Offsets()[a.Len()]); last != a.ListValues().Len() {
			return fmt.Errorf("entries end at %d of %d", last, a.ListValues().Len())
		}
		return checkArray(a.ListValues())
	}
	return nil
}

// checkBuilder compares the builder, fed by the fast decoder, with the plain one, in
// batches of the given size.
func checkBuilder(t testing.TB, b *Builder, fast, plain *Decoder, text []byte, size int) {
	t.Helper()
	p := newPlainBuilder()
	defer p.Release()
	fast.Reset(bytes.NewReader(text))
	plain.Reset(bytes.NewReader(text))
	compare := func() {
		if b.Len() == 0 {
			return
		}
		want := p.NewRecordBatch()
		defer want.Release()
		got, wanted := rowsOf(t, b.NewRecordBatch()), rowsOf(t, want)
		if !slices.Equal(got, wanted) {
			t.Fatalf("text %q\n got %s\nwant %s", text, differ(got, wanted), differ(wanted, got))
		}
	}
	var r, s Record
	for i := 0; ; i++ {
		err := fast.Next(&r)
		if again := plain.Next(&s); (err == nil) != (again == nil) {
			t.Fatalf("text %q: %v and %v", text, err, again)
		}
		if err == io.EOF {
			compare()
			return
		}
		if err != nil {
			continue
		}
		from := Provenance{Source: fmt.Sprint("logs/", i/3, ".json"), Region: []string{"", "eu-central-1"}[i/2%2], Seq: int64(i)}
		b.Append(&r, from)
		p.Append(&s, from)
		if b.Len() == size {
			compare()
		}
	}
}

func TestBuilderCorpus(t *testing.T) {
	b, fast, plain := NewBuilder(), NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	for i, path := range corpusFiles(t, "testdata", "../../shared/corpus") {
		checkBuilder(t, b, fast, plain, readFile(t, path), []int{1, 7, 8, 100, 10000}[i%5])
	}
}

// A column that gets its first value late, and one that gets its last early.
func TestBuilderGaps(t *testing.T) {
	var text bytes.Buffer
	for i := range 100 {
		fmt.Fprintf(&text, `{%s`, at)
		if i == 50 || i > 90 {
			fmt.Fprintf(&text, `,"errorCode":"e","requestParameters":%d,"readOnly":true,"resources":[{"ARN":"x"},{},{"type":"%d"}]`, i, i)
		}
		if i < 3 {
			text.WriteString(`,"managementEvent":false,"tlsDetails":{"keyExchange":"k"}`)
		}
		text.WriteString("}\n")
	}
	for _, size := range []int{1, 2, 9, 50, 1000} {
		checkBuilder(t, NewBuilder(), NewDecoder(nil, Limits{}), plainDecoder(Limits{}), text.Bytes(), size)
	}
}

// Bytes grows by what is new, and by the entries of lists, which are written for each row.
func TestBuilderBytes(t *testing.T) {
	b := NewBuilder()
	var r Record
	d := NewDecoder(strings.NewReader(`{"eventName":"aaaa",`+at+`,"eventID":"0123456789"}{`+at+`,"resources":[`+strings.Repeat("{},", 999)+`{}]}`), Limits{})
	grows := func() int {
		before := b.Bytes()
		b.Append(&r, Provenance{})
		return b.Bytes() - before
	}
	if err := d.Next(&r); err != nil {
		t.Fatal(err)
	}
	if first, second := grows(), grows(); first <= second || second < 10 {
		t.Errorf("the first row takes %d bytes, the same again %d", first, second)
	}
	if err := d.Next(&r); err != nil {
		t.Fatal(err)
	}
	grows()
	if again := grows(); again < 1000*4*5 {
		t.Errorf("a thousand entries of five members, known before, take %d bytes", again)
	}
	b.NewRecordBatch()
	if b.Bytes() != 0 || b.Len() != 0 {
		t.Errorf("an empty builder has %d bytes and %d rows", b.Bytes(), b.Len())
	}
}

// FuzzBuilder compares the builders on what chooser makes.
func FuzzBuilder(f *testing.F) {
	for i := range 20 {
		seed := make([]byte, 100+40*i)
		for j := range seed {
			seed[j] = byte(j*j*(i+5) + j>>3*i)
		}
		f.Add(seed, byte(i))
	}
	b, fast, plain := NewBuilder(), NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	f.Fuzz(func(t *testing.T, choices []byte, size byte) {
		c := &chooser{choices: choices}
		c.records()
		checkBuilder(t, b, fast, plain, c.text, 1+int(size%16))
	})
}

// TestBatchSchema compares the schema of batches with the columns.
func TestBatchSchema(t *testing.T) {
	plain := map[Kind]arrow.DataType{
		KindString: arrow.BinaryTypes.String, KindJSON: arrow.BinaryTypes.String, KindBool: arrow.FixedWidthTypes.Boolean,
		KindInt: arrow.PrimitiveTypes.Int64, KindTimestamp: &arrow.TimestampType{Unit: arrow.Microsecond},
	}
	var check func(path string, c Column, batch arrow.DataType)
	check = func(path string, c Column, batch arrow.DataType) {
		path += "." + c.Name
		group := len(c.Members) > 0 && path == "."+c.Name
		if d, ok := batch.(*arrow.DictionaryType); ok != (c.Dictionary() || group) {
			t.Errorf("%s is %s", path, batch)
		} else if ok {
			batch = d.ValueType
		}
		if len(c.Members) == 0 {
			if want := plain[c.Kind]; !arrow.TypeEqual(want, batch) {
				t.Errorf("%s is %s, want %s", path, batch, want)
			}
			return
		}
		if c.Kind == KindList {
			batch = batch.(*arrow.ListType).Elem()
		}
		for i, m := range c.Members {
			if m.Unique {
				t.Errorf("%s.%s is unique", path, m.Name)
			}
			check(path, m, batch.(*arrow.StructType).Field(i).Type)
		}
	}
	for i, c := range Stored() {
		check("", c, batchSchema.Field(i).Type)
	}
}

// BenchmarkColumns measures delivered logs from memory to columns, with the fast reader
// and dictionaries, and with the parser and plain columns. "known" reads the same logs
// again and again; "new" starts with empty caches for each 2.7 MB.
func BenchmarkColumns(b *testing.B) {
	var text []byte
	for _, path := range corpusFiles(b, "../../shared/corpus/attack-simulation") {
		text = append(append(text, readFile(b, path)...), '\n')
	}
	if len(text) == 0 {
		b.Skip("the corpus is not beside this checkout")
	}
	run := func(name string, pass func() int) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n += pass()
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
	const rows = 100_000
	var r Record
	from := Provenance{Source: "AWSLogs/123837392027/CloudTrail/us-east-1/2023/07/10/a.json.gz", Region: "us-east-1", Account: "123837392027"}
	known := func(d *Decoder, bld *Builder) int {
		n := 0
		d.Reset(bytes.NewReader(text))
		for ; d.Next(&r) == nil; n++ {
			bld.Append(&r, from)
			if bld.Len() == rows {
				bld.NewRecordBatch().Release()
			}
		}
		return n
	}
	plain, plainBuilder := plainDecoder(Limits{}), newPlainBuilder()
	defer plainBuilder.Release()
	total := 0
	run("plain", func() (n int) {
		plain.Reset(bytes.NewReader(text))
		for ; plain.Next(&r) == nil; n++ {
			plainBuilder.Append(&r, from)
			if total++; total%rows == 0 {
				plainBuilder.NewRecordBatch().Release()
			}
		}
		return n
	})
	d, bld := NewDecoder(nil, Limits{}), NewBuilder()
	run("known", func() int { return known(d, bld) })
	run("new", func() int {
		d, bld := NewDecoder(nil, Limits{}), NewBuilder()
		n := known(d, bld)
		bld.NewRecordBatch().Release()
		return n
	})
}
