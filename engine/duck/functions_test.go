package duck

import (
	"flag"
	"os"
	"strings"
	"testing"

	"traillake/engine"
)

var update = flag.Bool("update", false, "write testdata files anew")

// TestFunctionNames keeps engine/testdata/function_names.txt, on which package
// engine tests its decisions, the list of the linked DuckDB. Run with -update when
// the version changes. Our own functions, t_…, are no part of it.
func TestFunctionNames(t *testing.T) {
	const path = "../testdata/function_names.txt"
	s := open(t, engine.Sandbox{})
	// The database has those of our functions that a statement mentions.
	_, rows, err := all(t.Context(), s, "/* "+engine.MembersFunction+" "+engine.ElementsFunction+" */ SELECT DISTINCT function_type || ':' || function_name AS f FROM duckdb_functions() WHERE NOT starts_with(function_name, 't_') ORDER BY f")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r[0] + "\n")
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Error("the linked DuckDB has other functions than the list; run with -update, then look at engine/testdata/functions.txt")
	}
}
