package dialect

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// expressionLine is a line of engine/testdata/expressions, whose values an engine
// confirms.
type expressionLine struct {
	where, expression, source, heading string
}

// expressionLines reads the files of expressions. The last "# source:" above a line
// names where its value comes from; a heading that follows keeps it.
func expressionLines(t *testing.T) []expressionLine {
	t.Helper()
	files, err := filepath.Glob("../testdata/expressions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no expressions:", err)
	}
	var all []expressionLine
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source, heading := "", ""
		for i, line := range strings.Split(string(text), "\n") {
			if comment, ok := strings.CutPrefix(line, "#"); ok {
				comment = strings.TrimSpace(comment)
				if s, ok := strings.CutPrefix(comment, "source:"); ok {
					source = strings.TrimSpace(s)
				} else {
					heading = comment
				}
				continue
			}
			expression, _, ok := strings.Cut(line, " =>")
			if !ok {
				continue
			}
			all = append(all, expressionLine{fmt.Sprintf("%s:%d", filepath.Base(file), i+1), expression, source, heading})
		}
	}
	return all
}

// TestExpressionSources checks that each value says where it comes from.
func TestExpressionSources(t *testing.T) {
	for _, l := range expressionLines(t) {
		if l.source == "" {
			t.Errorf("%s: no source of the value of %s", l.where, l.expression)
		}
	}
}

// TestOverloadsHaveExpressions checks that each overload of the registry is called by
// an expression whose value is tested with an engine.
func TestOverloadsHaveExpressions(t *testing.T) {
	called := map[*Overload]bool{}
	for _, l := range expressionLines(t) {
		a, err := Analyze("SELECT "+l.expression, Options{Now: time.Unix(0, 0)})
		if err != nil {
			continue // an error is the value
		}
		walkQuery(a.Statement.Query, func(e Expr) {
			switch e := e.(type) {
			case *Call:
				called[e.Fn] = true
			case *Agg:
				called[e.Fn] = true
			case *Window:
				called[e.Fn] = true
			}
		})
	}
	for _, name := range Functions() {
		for _, o := range Overloads(name) {
			if o.Name == name && !called[o] {
				t.Errorf("no expression in engine/testdata/expressions calls %s", o.Signature)
			}
		}
	}
}

// TestTraps checks that each known difference between Trino and DuckDB has values.
func TestTraps(t *testing.T) {
	const traps = 51
	values := map[string]int{}
	for _, l := range expressionLines(t) {
		name, _, _ := strings.Cut(l.heading, " ")
		values[name]++
	}
	for n := 1; n <= traps; n++ {
		if values[fmt.Sprintf("T%d", n)] == 0 {
			t.Errorf("engine/testdata/expressions has no values under the heading T%d", n)
		}
	}
}
