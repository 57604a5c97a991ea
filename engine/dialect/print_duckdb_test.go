package dialect

import (
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// testStorage stores the columns of the test catalog in the forms that there are.
func testStorage(s *StoreScan) *Storage {
	st := &Storage{Raw: "_raw"}
	for _, c := range s.Columns {
		k := Stored{Name: c.Name, Key: c.Name, Type: c.Type}
		switch {
		case c.Name == "eventjson":
			k.Text, k.SQL = true, func(p string) string { return "record(" + p + ")" }
		case c.Type.Kind == KindMap:
			k.Kind = StoredMap
		}
		st.Columns = append(st.Columns, k)
	}
	return st
}

// TestPrintDuckDB compares printed SQL with goldens; run with -rewrite to write them
// anew.
func TestPrintDuckDB(t *testing.T) {
	o := testOptions(t)
	o.Positional = nil
	datadriven.RunTest(t, "testdata/print_duckdb", func(t *testing.T, d *datadriven.TestData) string {
		a, err := Analyze(d.Input, o)
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		p, err := PrintDuckDB(a.Statement, DuckOptions{Table: func(s *StoreScan) string { return s.Store }, Storage: testStorage})
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		return p.SQL + "\n"
	})
}

// TestNoSourceText checks that nothing of a query's text but the value of a literal
// comes through.
func TestNoSourceText(t *testing.T) {
	o := testOptions(t)
	o.Positional = nil
	const mark = `zq"';--`
	quoted := strings.ReplaceAll(mark, `"`, `""`)
	a, err := Analyze(`SELECT eventname AS "`+quoted+`", '`+strings.ReplaceAll(mark, "'", "''")+`' AS lit FROM (SELECT eventname FROM trail AS "`+quoted+`") AS "x`+quoted+`" /* zq comment */ ORDER BY "`+quoted+`"`, o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := PrintDuckDB(a.Statement, DuckOptions{Table: func(s *StoreScan) string { return s.Store }})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(p.SQL, "zq"); n != 1 || !strings.Contains(p.SQL, `'zq"'';--'`) {
		t.Errorf("the text comes through %d times: %s", n, p.SQL)
	}
}
