package duck_test

import (
	"strings"
	"testing"
)

// TestNested runs expressions thirty times inside of themselves, which would take days if DuckDB bound
// operands twice.
func TestNested(t *testing.T) {
	s := expressionSession(t)
	for _, c := range []struct{ expression, column, want string }{
		{"array_join(array_intersect(split(#, ','), ARRAY['a', 'b']), ',')", "'c,b,a'", "b,a"},
		{"concat_ws(',', split(#, ';'))", "'a;b'", "a,b"},
		{"array_join(split(#, ','), ';', 'n')", "'a,b'", "a;b"},
		{"json_format(CAST(ARRAY[length(#)] AS json))", "'a'", "[3]"},
		{"json_format(CAST(MAP(ARRAY['k'], ARRAY[length(#)]) AS json))", "'a'", `{"k":7}`},
		{"regexp_extract(#, '[a-c]+')", "'xxab'", "ab"},
		{"(# BETWEEN false AND false)", "true", "true"},
		{"IF(# NOT BETWEEN 1 AND 2, 1, 5)", "1", "1"},
		{"IF(regexp_extract(#, 'a+') BETWEEN 'a' AND 'b', 'aa', 'xa')", "'ya'", "aa"},
		{"CASE # WHEN 'a' THEN 'b' WHEN 'b' THEN 'c' WHEN 'c' THEN 'a' END", "'b'", "b"},
	} {
		x := "x"
		for range 30 {
			x = strings.ReplaceAll(c.expression, "#", x)
		}
		got, _, err := evaluate(t, s, "(SELECT "+x+" FROM (VALUES "+c.column+") t(x))")
		if err != nil || got != c.want {
			t.Errorf("%s gives %s (%v), want %s", c.expression, got, err, c.want)
		}
	}
}
