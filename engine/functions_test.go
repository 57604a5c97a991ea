package engine

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestDecisionForEveryFunction compares the decision for every function of the
// linked DuckDB with the reviewed list in testdata/functions.txt. When a new version
// brings a function, look at it, decide, and run with -rewrite.
func TestDecisionForEveryFunction(t *testing.T) {
	names, err := os.ReadFile("testdata/function_names.txt")
	if err != nil {
		t.Fatal(err)
	}
	datadriven.RunTest(t, "testdata/functions.txt", func(t *testing.T, d *datadriven.TestData) string {
		var out []string
		for _, line := range strings.Fields(string(names)) {
			kind, name, _ := strings.Cut(line, ":")
			var allowed bool
			switch kind {
			case "table", "table_macro":
				kind = "table"
				allowed = allowedTableFunctions[name]
			case "pragma":
				continue // cannot stand in a SELECT
			default:
				kind = "scalar"
				allowed = !deniedFunction(name)
			}
			if d.Cmd == kind+"-"+map[bool]string{true: "allowed", false: "denied"}[allowed] && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		slices.Sort(out)
		return strings.Join(out, "\n") + "\n"
	})
	// Whatever the list says, these are never allowed.
	for _, name := range strings.Fields("getvariable current_setting json_execute_serialized_sql query nextval write_log pg_sleep read_text READ_TEXT Getenv") {
		if !deniedFunction(name) {
			t.Errorf("%s is allowed", name)
		}
	}
	for name := range allowedTableFunctions {
		if !strings.Contains("\n"+string(names), "\ntable:"+name+"\n") {
			t.Errorf("table function %s is allowed and does not exist", name)
		}
	}
}
