package duck

import (
	"slices"
	"strings"
	"testing"

	"traillake/engine"
)

// TestDeclare calls functions that come into the database one after the other, behind
// results of which nothing was read, statements without a result, and errors.
func TestDeclare(t *testing.T) {
	s := open(t, engine.Sandbox{})
	if _, rows, err := all(t.Context(), s, "SELECT count(*) FROM duckdb_functions() WHERE starts_with(function_name, 't' || '_')"); err != nil || rows[0][0] != "0" {
		t.Errorf("before the first call: %v, %v", rows, err)
	}
	left, err := s.Query(t.Context(), "SELECT t_chr(i) FROM range(65, 55000) r(i)")
	if err != nil {
		t.Fatal(err)
	}
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(t.Context(), "CREATE TEMP TABLE x AS SELECT t_trim('  a ', ' ', true, true) AS a, t_chr(66) AS b"); err == nil {
		t.Error("t_trim takes no booleans")
	}
	if err := s.Exec(t.Context(), "CREATE TEMP TABLE x AS SELECT t_chr(66) AS b"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, rows, err := all(t.Context(), s, `SELECT b || t_map_get('{"a":"c"}', 'a') || cardinality(__internal_json_members('{"a":1}')) FROM x`)
		if err != nil || len(rows) != 1 || rows[0][0] != "Bc1" {
			t.Errorf("got %v, %v", rows, err)
		}
	}
}

// TestPrefixes wants every one of our functions to be found by its name.
func TestPrefixes(t *testing.T) {
	for name := range ours {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			t.Errorf("%s begins with none of %q", name, prefixes)
		}
	}
}
