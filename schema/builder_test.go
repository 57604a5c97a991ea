package schema

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// build decodes a file into one record batch.
func build(t testing.TB, text []byte) arrow.RecordBatch {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	b := NewBuilder(mem)
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
	batch := b.NewRecordBatch()
	t.Cleanup(func() {
		batch.Release()
		b.Release()
		mem.AssertSize(t, 0)
	})
	return batch
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
	if id := column("useridentity").slotIn(batch).(*array.Struct); id.IsNull(1) || id.Field(7).IsNull(1) {
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

func BenchmarkBuild(b *testing.B) {
	text := readFile(b, "testdata/delivered.json")
	var r Record
	if err := NewDecoder(bytes.NewReader(text), Limits{}).Next(&r); err != nil {
		b.Fatal(err)
	}
	bld := NewBuilder(memory.DefaultAllocator)
	defer bld.Release()
	b.ReportAllocs()
	b.SetBytes(int64(len(r.Raw())))
	for b.Loop() {
		bld.Append(&r, Provenance{Source: "logs/a.json"})
		if bld.Len() == 10000 {
			bld.NewRecordBatch().Release()
		}
	}
}
