package query

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"traillake/bench/gen"
	"traillake/bench/result"
)

// logs generates a few logs in few files.
func logs(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "logs")
	c := gen.DefaultConfig()
	c.Records, c.Days, c.Regions, c.FileRecords = 2000, 6, 2, 1000
	if _, err := gen.Write(t.Context(), dir, c, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAgree runs the whole suite over a few records: every system that needs no other program
// gives the same rows.
func TestAgree(t *testing.T) {
	d, err := Run(t.Context(), Config{Source: logs(t), Seed: 3, Threads: 1, Dir: t.TempDir(), Tool: "traillake test",
		Systems: []string{Traillake, ByHand, DuckDBParquet, DuckDBNDJSON, DuckDBJSON, Again}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Tasks) != len(Suite()) {
		t.Errorf("%d of %d queries ran: %v", len(d.Tasks), len(Suite()), d.Limits)
	}
	if len(d.Agreement) == 0 || !strings.Contains(d.Agreement[0], "All 6 systems gave the same rows") {
		t.Errorf("agreement: %v", d.Agreement)
	}
}

// TestFinds: every query finds something in generated logs, but for the one that should not.
func TestFinds(t *testing.T) {
	d, err := Run(t.Context(), Config{Source: logs(t), Seed: 1, Runs: 1, Threads: 1, Dir: t.TempDir(), Tool: "traillake test", Systems: []string{Traillake}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Cases {
		if rows := c.Measure(measureRows).Median; (rows > 0) != (c.Task != "needle-absent") {
			t.Errorf("%s finds %v rows", c.Task, rows)
		}
	}
}

// TestMeasures times two queries: of which the document has all there is to know.
func TestMeasures(t *testing.T) {
	d, err := Run(t.Context(), Config{Records: 1000, Seed: 1, Runs: 3, Threads: 1, Cold: true, Dir: t.TempDir(), Tool: "traillake test",
		Queries: []string{"needle-event-id", "range-day-by-service"}, Systems: []string{Traillake, ByHand, DuckDBParquet}})
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range d.Tasks {
		for _, s := range d.Systems {
			c := d.Case(task.Name, variantWarm, s.Name)
			if c == nil {
				t.Fatalf("no case of %s and %s", task.Name, s.Name)
			}
			if m := c.Measure(result.Wall); len(m.Runs) != 3 || !(m.Min > 0) {
				t.Errorf("%s of %s: %+v", task.Name, s.Name, m)
			}
		}
	}
	ours := d.Case("range-day-by-service", variantWarm, Traillake)
	if opened, pruned := ours.Measure(measureOpened), ours.Measure(measurePruned); opened.Median != 1 || pruned.Median < 20 {
		t.Errorf("one day of a month opens %v files and leaves out %v", opened.Median, pruned.Median)
	}
	cold := d.Case("needle-event-id", variantCold, ByHand) != nil
	if said := slices.ContainsFunc(d.Limits, func(s string) bool { return strings.Contains(s, "Nothing was measured cold") }); said == cold {
		t.Errorf("measured cold: %v, and the limits are %v", cold, d.Limits)
	}
}

// TestDisagree: a query whose texts do not mean the same ends the benchmark, with what
// differs.
func TestDisagree(t *testing.T) {
	for want, text := range map[string]string{
		"1 and 2 rows":               "-- title: t\nSELECT 1 AS n\n-- duckdb\nSELECT 1 AS n UNION ALL SELECT 1",
		`only traillake has {"0":1}`: "-- title: t\nSELECT 1 AS n\n-- duckdb\nSELECT 2 AS n",
	} {
		c := Config{Source: logs(t), Seed: 1, Threads: 1, Dir: t.TempDir(), Tool: "traillake test", Systems: []string{Traillake, DuckDBParquet}}
		_, err := runTasks(t.Context(), c, []*task{parseTask("wrong", text)})
		if err == nil || !strings.Contains(err.Error(), "wrong: traillake and duckdb-parquet do not agree") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestSuite: every query has what people read, and there are enough.
func TestSuite(t *testing.T) {
	groups := map[string]int{}
	for _, task := range suite() {
		groups[task.group]++
		if task.title == "" || task.group == "" || task.texts[dialectTrino] == "" || task.texts[dialectClickHouse] == "" {
			t.Errorf("%s: %+v", task.name, task)
		}
	}
	if len(Suite()) < 30 || len(groups) < 12 {
		t.Errorf("%d queries in groups %v", len(Suite()), groups)
	}
}

func TestUnknownNames(t *testing.T) {
	for _, c := range []Config{{Queries: []string{"nothing"}}, {Systems: []string{"nothing"}}} {
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), `"nothing"; there are: `) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestBaseline: what CI compares with is a result of this suite, with the means that it looks
// at.
func TestBaseline(t *testing.T) {
	f, err := os.Open(filepath.Join("testdata", "baseline.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := result.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := result.Compare(d, d, result.CompareOptions{Tolerance: 1, Means: true, Measures: []string{result.CPU}})
	if err != nil || d.Kind != "query" || len(c.Lines) != 2 {
		t.Errorf("a result of bench %s with %+v, %v", d.Kind, c, err)
	}
	for _, task := range d.Tasks {
		if !slices.Contains(Suite(), task.Name) {
			t.Errorf("there is no query %s any more", task.Name)
		}
	}
}
