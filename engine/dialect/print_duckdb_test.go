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

// TestNoTextIsTemplate checks that texts of the user's come through templates as they are, also where
// they read like parts of one.
func TestNoTextIsTemplate(t *testing.T) {
	o := testOptions(t)
	o.Positional = nil
	const literal = `'zq # #1 #{$1} {R} {S} {1} $1 $2* @1 {!X|y!} _x $$ || version() || %s %[1]d'`
	for _, expression := range []string{
		"LIT", "eventname || LIT", "upper(LIT)", "replace(eventname, LIT, LIT)", "lpad(eventname, 10, LIT)",
		"split_to_map(eventname, LIT, '=')", "concat_ws(LIT, eventname, awsregion)", "array_join(ARRAY[eventname], LIT, LIT)",
		"transform(ARRAY[eventname], x -> x || LIT)", "reduce(ARRAY[eventname], LIT, (s, x) -> s || x, s -> s || LIT)",
		"regexp_replace(eventname, '(a)', x -> x[1] || LIT)", "date_trunc(eventname || LIT, eventtime)",
		"format_datetime(eventtime, LIT)", "map_filter(MAP(ARRAY[LIT], ARRAY[1]), (k, v) -> k <> LIT)",
		"CASE eventname || LIT WHEN LIT THEN 1 WHEN eventname THEN 2 END", "eventname || LIT LIKE LIT", "nullif(eventname || LIT, LIT)",
		"json_format(CAST(ROW(eventname || LIT) AS json))",
		"max_by(LIT, eventname, 2)", "min_by(eventname, LIT, 2)", "max_by(LIT, eventname)", "array_agg(eventname || LIT)",
		"max(length(eventname || LIT) * 1e0)", "max(CAST(regexp_extract(eventname || LIT, 'a') AS double))",
		"geometric_mean(length(eventname || LIT))", "corr(length(eventname || LIT), length(LIT))",
		"avg(strpos(eventname, LIT) * INTERVAL '1' DAY)", "sum(strpos(eventname, LIT) * INTERVAL '1' MONTH)",
		"avg(CAST(eventname || LIT AS decimal(10,2)))", "listagg(eventname || LIT, LIT) WITHIN GROUP (ORDER BY eventname || LIT)",
		"map_agg(eventname, LIT)", "set_agg(eventname || LIT)", "skewness(strpos(eventname, LIT))", "approx_percentile(strpos(eventname, LIT), 0.5)",
		"count(*) FILTER (WHERE eventname LIKE LIT)", "max(length(eventname) * 1e0) FILTER (WHERE eventname <> LIT)",
		"max_by(eventname, awsregion, 2) FILTER (WHERE eventname <> LIT)", "sum(CAST(length(eventname) AS decimal(5,0))) FILTER (WHERE eventname <> LIT)",
		"array_agg(eventname ORDER BY eventname || LIT)", "first_value(eventname || LIT) OVER (PARTITION BY eventname || LIT ORDER BY awsregion || LIT)",
		"max(length(eventname) * 1e0) OVER (ORDER BY eventname || LIT)", "lag(eventname, 2, LIT) OVER (ORDER BY eventname || LIT)",
	} {
		a, err := Analyze("SELECT "+strings.ReplaceAll(expression, "LIT", literal)+" FROM trail", o)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		p, err := PrintDuckDB(a.Statement, DuckOptions{Table: func(s *StoreScan) string { return s.Store }})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if whole := strings.Count(p.SQL, literal); whole == 0 || strings.Count(p.SQL, "zq") != whole {
			t.Errorf("%s: the text is another: %s", expression, p.SQL)
		}
	}
}
