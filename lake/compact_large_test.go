package lake

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"

	"traillake/schema"
)

// TestRowsAtOnce reads fewer rows at a time where they are large: 8192 rows of a megabyte do
// not fit into a column of Arrow's, nor into memory.
func TestRowsAtOnce(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	w, err := b.NewFile(testDay)
	if err != nil {
		t.Fatal(err)
	}
	dec := schema.NewDecoder(strings.NewReader(strings.Repeat(fmt.Sprintf(`{"eventVersion":"1.11","eventTime":"%sT00:00:00Z","eventID":"e","requestParameters":{"a":%q}}`,
		testDay, strings.Repeat("x", 200_000)), 100)), schema.Limits{})
	builder := schema.NewBuilder()
	var rec schema.Record
	for range 100 {
		if err := dec.Next(&rec); err != nil {
			t.Fatal(err)
		}
		builder.Append(&rec, schema.Provenance{Source: "large", Seq: b.Seq()})
	}
	batch := builder.NewRecordBatch()
	defer batch.Release()
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := object("large", 100)
	if o.Multiset, err = MultisetOf(batch); err != nil {
		t.Fatal(err)
	}
	b.AddObject(o)
	addRows(t, b, testDay, 1000, "small")
	commit(t, b)
	for i, want := range []struct{ all, ids int64 }{{10, 4096}, {4096, 4096}} { // large rows have their text in _raw, too
		name, err := nameOf(s.st.Root(), b.Files()[i].URI)
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.st.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		pr, err := file.NewParquetReader(in)
		if err != nil {
			t.Fatal(err)
		}
		ids := []int{pr.MetaData().Schema.ColumnIndexByName(schema.ColEventID)}
		if n := rowsAtOnce(pr.MetaData(), nil, 4096); n != want.all {
			t.Errorf("%d rows at once, want %d", n, want.all)
		}
		if n := rowsAtOnce(pr.MetaData(), ids, 4096); n != want.ids {
			t.Errorf("%d ids at once, want %d", n, want.ids)
		}
		if err := pr.Close(); err != nil {
			t.Error(err)
		}
	}
	if r := compact(t, s, CompactOptions{}); r.FilesAfter != 1 || r.Events != 1100 {
		t.Errorf("%+v", r)
	}
}
