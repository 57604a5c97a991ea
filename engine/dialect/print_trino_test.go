package dialect

import (
	"testing"

	"github.com/cockroachdb/datadriven"
)

// testTrinoStorage stores the columns of the test catalog in the forms that there are,
// as testStorage does.
func testTrinoStorage(s *StoreScan) *Storage {
	st := testStorage(s)
	for i := range st.Columns {
		if c := &st.Columns[i]; c.Text {
			c.SQL = func(p string) string { return "coalesce(" + p + "._raw, " + p + ".rebuilt)" }
		}
	}
	return st
}

// TestPrintTrino compares printed SQL with goldens; run with -rewrite to write them
// anew.
func TestPrintTrino(t *testing.T) {
	o := testOptions(t)
	o.Positional = nil
	datadriven.RunTest(t, "testdata/print_trino", func(t *testing.T, d *datadriven.TestData) string {
		a, err := Analyze(d.Input, o)
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		sql, err := PrintTrino(a.Statement, TrinoOptions{
			Table:   func(s *StoreScan) string { return "iceberg.lake." + s.Store + " FOR VERSION AS OF 17" },
			Storage: testTrinoStorage,
		})
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		return sql + "\n"
	})
}

// storedCatalog holds the tables of stored columns of the test catalog.
type storedCatalog struct{ *testCatalog }

func (c storedCatalog) Table(n TableName) *Table {
	if len(n.Parts) != 3 {
		return nil
	}
	t := c.testCatalog.Table(TableName{Parts: n.Parts[2:]})
	cols := []Column{{Name: "_raw", Type: Varchar}, {Name: "rebuilt", Type: Varchar}}
	for _, k := range t.Columns {
		if k.Type.Kind == KindMap {
			k.Type = Varchar
		}
		if k.Name == "eventtime" {
			k.Type = Timestamp(6)
		}
		k.Hidden = false
		cols = append(cols, k)
	}
	return &Table{Store: t.Store, Columns: cols, Time: -1}
}

// TestTrinoTextIsValid prints every query of the test data for Trino. The text must
// be taken by the analyzer itself, over the stored columns, without any of the
// leniencies, and give columns of the same names and types.
func TestTrinoTextIsValid(t *testing.T) {
	o := testOptions(t)
	stored := Options{Catalog: storedCatalog{newTestCatalog(t)}, Now: testNow}
	stored.Limits.Chars = 1 << 20
	n, refused := 0, 0
	for _, text := range testQueries(t) {
		a, err := Analyze(text, forText(o, text))
		if err != nil {
			continue
		}
		sql, err := PrintTrino(a.Statement, TrinoOptions{Table: func(s *StoreScan) string { return "iceberg.lake." + s.Store }, Storage: testTrinoStorage})
		if err != nil {
			refused++
			t.Logf("refused: %s: %v", text, err)
			continue
		}
		n++
		b, err := Analyze(sql, stored)
		if err != nil {
			t.Errorf("%v\n%s\n%s", err, text, sql)
			continue
		}
		for _, l := range b.Lenient {
			t.Errorf("leniency %d of CloudTrail Lake at %q\n%s\n%s", l.Leniency, sql[l.At.Start:l.At.End], text, sql)
		}
		for i, c := range a.Statement.Query.Columns {
			got := b.Statement.Query.Columns[i]
			if got.Name != c.Name || !got.Type.Equal(c.Type) {
				t.Errorf("column %s %s is %s %s\n%s\n%s", c.Name, c.Type, got.Name, got.Type, text, sql)
			}
		}
	}
	if n < 130 || refused > 0 {
		t.Errorf("%d queries were printed, %d refused", n, refused)
	}
}
