package lake

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/iceberg-go"
	icetable "github.com/apache/iceberg-go/table"

	"slices"
	"strconv"

	"traillake/schema"
)

// readAll reads a data file, one record batch for each row group.
func readAll(t *testing.T, s *Store, name string) []arrow.RecordBatch {
	t.Helper()
	f, err := s.st.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pr, err := file.NewParquetReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []arrow.RecordBatch
	for g := range pr.NumRowGroups() {
		rd, err := pqarrow.NewFileReader(pr, pqarrow.ArrowReadProperties{BatchSize: 1 << 20}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		rr, err := rd.GetRecordReader(t.Context(), nil, []int{g})
		if err != nil {
			t.Fatal(err)
		}
		for rr.Next() {
			rec := rr.RecordBatch()
			rec.Retain()
			t.Cleanup(rec.Release)
			all = append(all, rec)
		}
		rr.Release()
	}
	return all
}

// sameRows compares values, whatever their encoding and order. Rows are told apart by
// their event ids.
func sameRows(t *testing.T, got arrow.RecordBatch, want ...arrow.RecordBatch) {
	t.Helper()
	id := want[0].Schema().FieldIndices(schema.ColEventID)[0]
	type place struct{ batch, row int }
	at := make(map[string]place)
	for i, w := range want {
		if got.NumCols() != w.NumCols() {
			t.Fatalf("got %d columns, want %d", got.NumCols(), w.NumCols())
		}
		for r := range int(w.NumRows()) {
			at[w.Column(id).ValueStr(r)] = place{i, r}
		}
	}
	if int(got.NumRows()) != len(at) {
		t.Fatalf("got %d rows, want %d", got.NumRows(), len(at))
	}
	for r := range int(got.NumRows()) {
		p, ok := at[got.Column(id).ValueStr(r)]
		if !ok {
			t.Fatalf("row %d: nothing of event %s is left to find", r, got.Column(id).ValueStr(r))
		}
		delete(at, got.Column(id).ValueStr(r))
		for c := range int(got.NumCols()) {
			if g, w := got.Column(c).ValueStr(r), want[p.batch].Column(c).ValueStr(p.row); g != w {
				t.Fatalf("column %s, row %d: got %s, want %s", got.ColumnName(c), r, g, w)
			}
		}
	}
}

// TestDataFile checks what others need of a data file: field ids as in the table,
// provenance, statistics, filters, and dictionaries where values repeat.
func TestDataFile(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	addRows(t, b, testDay, 300, "/logs/a")
	commit(t, b)
	df := b.Files()[0]
	name, err := nameOf(s.st.Root(), df.URI)
	if err != nil {
		t.Fatal(err)
	}
	want := rows(t, testDay, 300, "/logs/a", 1)
	defer want.Release()
	sameRows(t, readAll(t, s, name)[0], want)

	f, err := s.st.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pr, err := file.NewParquetReader(f)
	if err != nil {
		t.Fatal(err)
	}
	md := pr.MetaData()
	kv := md.KeyValueMetadata()
	for key, want := range map[string]string{kvStore: s.ID(), kvBatch: b.ID(), kvSeq: "1", kvLayout: "1"} {
		if got := kv.FindValue(key); got == nil || *got != want {
			t.Errorf("metadata %s is %v, want %s", key, got, want)
		}
	}
	on, err := s.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range md.Schema.NumColumns() {
		c := md.Schema.Column(i)
		want, ok := on.meta.CurrentSchema().FindFieldByName(c.Path())
		if c.Path() == "resources.list.element.arn" { // Parquet has one level more
			want, ok = on.meta.CurrentSchema().FindFieldByName("resources.element.arn")
		}
		if id := int(c.SchemaNode().FieldID()); ok && id != want.ID || id <= 0 {
			t.Errorf("column %s has field id %d, the table %d", c.Path(), id, want.ID)
		}
		chunk, err := md.RowGroup(0).ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		if got := chunk.BloomFilterOffset() > 0; got != slices.Contains(needleColumns, c.Path()) {
			t.Errorf("column %s has a Bloom filter: %v", c.Path(), got)
		}
		plain := slices.Contains(plainColumns, c.Path())
		if plain && chunk.HasDictionaryPage() {
			t.Errorf("column %s has a dictionary", c.Path())
		}
		if c.Path() == "eventname" && !chunk.HasDictionaryPage() {
			t.Errorf("column %s has no dictionary", c.Path())
		}
		if set, err := chunk.StatsSet(); err != nil || set == (plain && c.Path() != schema.ColRaw) {
			t.Errorf("column %s has statistics: %v, %v", c.Path(), set, err)
		}
	}
	for i, field := range s.Schema().Fields() {
		id, err := fieldID(field)
		if want, ok := on.meta.CurrentSchema().FindFieldByName(field.Name); err != nil || !ok || id != want.ID || field.Name != schema.Stored()[i].Name {
			t.Errorf("schema: column %s has id %d, error %v", field.Name, id, err)
		}
	}
}

// TestLibraryPlansOurFiles reads the table as another engine would: through the
// library's own scan planner.
func TestLibraryPlansOurFiles(t *testing.T) {
	s := openTest(t)
	for i := range 4 {
		ingestRows(t, s, testDay+Day(i), 10, "/"+strconv.Itoa(i))
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tbl := openTable(t, sn.base, s)
	from := iceberg.Timestamp((testDay + 1).Time().UnixMicro())
	to := iceberg.Timestamp((testDay + 3).Time().UnixMicro())
	filter := iceberg.NewAnd(iceberg.GreaterThanEqual(iceberg.Reference(schema.ColEventTime), from), iceberg.LessThan(iceberg.Reference(schema.ColEventTime), to))
	tasks, err := tbl.Scan(icetable.WithRowFilter(filter)).PlanFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var planned []string
	for _, task := range tasks {
		if len(task.DeleteFiles) > 0 || task.Start != 0 || task.Length != task.File.FileSizeBytes() {
			t.Errorf("%s: %d delete files, bytes %d to %d", task.File.FilePath(), len(task.DeleteFiles), task.Start, task.Start+task.Length)
		}
		planned = append(planned, task.File.FilePath())
	}
	slices.Sort(planned)
	files, err := sn.Files(t.Context(), TimeRange{From: (testDay + 1).Time(), To: (testDay + 3).Time()})
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, f := range files {
		ours = append(ours, f.URI)
	}
	if len(ours) != 2 || !slices.Equal(planned, ours) {
		t.Errorf("the library plans %v, we %v", planned, ours)
	}
	_, records, err := tbl.Scan(icetable.WithSelectedFields("eventid", "useridentity", "_ingest_seq")).ToArrowRecords(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for rec, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Column(0).NullN() > 0 || rec.Column(int(rec.NumCols())-1).(*array.Int64).Value(0) < 1 {
			t.Error("columns are not found by their field ids")
		}
		n += rec.NumRows()
		rec.Release()
	}
	if n != 40 {
		t.Errorf("the library reads %d rows, want 40", n)
	}
}

func TestTruncatedBounds(t *testing.T) {
	for _, c := range []struct {
		in, low, high string
		ok            bool
	}{
		{"", "", "", true},
		{"us-east-1", "us-east-1", "us-east-1", true},
		{"0123456789abcdef", "0123456789abcdef", "0123456789abcdef", true},
		{"0123456789abcdefg", "0123456789abcdef", "0123456789abcdeg", true},
		{"äöüäöüäöüäöüäöüä+", "äöüäöüäöüäöüäöüä", "äöüäöüäöüäöüäöüå", true},
		{"0123456789abcde\U0010FFFFx", "0123456789abcde\U0010FFFF", "0123456789abcdf", true},
		{"0123456789abcde\uD7FFx", "0123456789abcde\uD7FF", "0123456789abcde\uE000", true},
		{"\xff", "\xff", "", false},
	} {
		high, ok := truncateUp(c.in)
		if low := truncateDown(c.in); low != c.low || high != c.high || ok != c.ok {
			t.Errorf("%q: %q to %q, %v", c.in, low, high, ok)
		}
	}
}
