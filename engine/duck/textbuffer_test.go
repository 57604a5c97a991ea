package duck

import (
	"fmt"
	"testing"

	"traillake/engine"
)

// TestTextsOfFunctions compares texts of all lengths around what lies in a vector
// itself with those that DuckDB's own functions give, alone, in lists, and beside NULL.
func TestTextsOfFunctions(t *testing.T) {
	s := open(t, engine.Sandbox{})
	const rows = `(SELECT CASE WHEN i % 11 <> 0 THEN '{"k":"' || repeat('é', i % 29) || repeat('x', i % 31) || '","l":["' || repeat('y', i % 17) || '",null,"' || i || '"]}' END AS x FROM range(9001) r(i))`
	for _, tc := range []struct{ ours, theirs string }{
		{"t_map_get(x, 'k')", "json_extract_string(x, '/k')"},
		{"t_map_get(x, 'l')", "CAST(json_extract(x, '/l') AS VARCHAR)"},
		{"t_map_values(x)", "CASE WHEN x IS NOT NULL THEN [json_extract_string(x, '/k'), CAST(json_extract(x, '/l') AS VARCHAR)] END"},
		{"t_json_scalar(x, '/l/2')", "json_extract_string(x, '/l/2')"},
	} {
		sql := fmt.Sprintf("SELECT count(*) FILTER (WHERE (%s) IS NOT DISTINCT FROM (%s)) FROM %s", tc.ours, tc.theirs, rows)
		_, got, err := all(t.Context(), s, sql)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != "[[9001]]" {
			t.Errorf("%s is %s in %v of 9001 rows", tc.ours, tc.theirs, got)
		}
	}
}
