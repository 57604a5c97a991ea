package dialect

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"traillake/engine/dialect/syntax"
)

// statementsIn returns the statements of a file, which empty lines separate. Lines
// that begin with # are comments.
func statementsIn(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	var list []string
	for _, s := range strings.Split(b.String(), "\n\n") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

func TestRefused(t *testing.T) {
	o := testOptions(t)
	for _, text := range statementsIn(t, "testdata/refused.sql") {
		_, err := Analyze(text, forText(o, text))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s\nwas accepted: %v", text, err)
			continue
		}
		if e.Line < 1 || e.Column < 1 || e.Offset < 0 || e.End > len(text) {
			t.Errorf("%s\nis refused nowhere: %v", text, err)
		}
	}
}

// TestAccepted analyzes whole queries. Their results are tested with an engine.
func TestAccepted(t *testing.T) {
	o := testOptions(t)
	for _, text := range statementsIn(t, "testdata/accepted.sql") {
		if _, err := Analyze(text, forText(o, text)); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, name := range []string{"testdata/refused.sql", "syntax/testdata/accepted.sql"} {
		for _, s := range statementsIn(f, name) {
			f.Add(s)
		}
	}
	for _, s := range testQueries(f) {
		f.Add(s)
	}
	o := testOptions(f)
	o.Limits = syntax.Limits{Depth: 100}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Analyze(text, forText(o, text))
		if err == nil {
			if p := checkTree(a.Statement); p != nil {
				t.Fatalf("%q: %q", text, p)
			}
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %T is no *Error", text, err)
		}
		if e != nil && (e.Line < 1 || e.Column < 1 || e.Offset < 0 || e.End > len(text) || e.Code == "" || e.Message == "") {
			t.Fatalf("%q: %#v", text, e)
		}
	})
}

// maxBombMB is above what the analysis of any text of TestBombs allocates.
const maxBombMB = 400

// TestBombs checks that short texts that mean much are refused, or analyzed, soon.
func TestBombs(t *testing.T) {
	o := testOptions(t)
	o.Positional = nil
	stars := "WITH a0 AS (SELECT * FROM trail)"
	for i := range 100 {
		stars += fmt.Sprintf(", a%d AS (SELECT * FROM a%d x, a%d y)", i+1, i, i)
	}
	keys := make([]string, 900)
	for i := range keys {
		keys[i] = fmt.Sprintf("n+%d", i)
	}
	nest := func(open, inner, end string, n int) string {
		return "SELECT " + strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	columns := "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9"
	rows := "CAST(ROW(0, 1, 2, 3, 4, 5, 6, 7, 8, 9) AS ROW(" + strings.ReplaceAll(columns, ",", " integer,") + " integer))"
	parts := rows
	for range 7 {
		rows = "(SELECT ROW(" + columns + ") FROM (VALUES " + rows + ") AS t(" + columns + "))"
		parts = "(SELECT CAST(ROW(" + columns + ") AS ROW(" + strings.ReplaceAll(columns, ",", " integer,") + " integer)) FROM (SELECT " + parts + ".*) AS t(" + columns + "))"
	}
	for name, text := range map[string]string{
		"rows":    "SELECT " + rows,
		"parts":   "SELECT " + parts,
		"stars":   stars + " SELECT 1 FROM a100",
		"commas":  "SELECT 1 FROM trail" + strings.Repeat(", trail", 1400),
		"joins":   "SELECT 1 FROM trail" + strings.Repeat(" CROSS JOIN trail", 480),
		"lambdas": nest("transform(ARRAY[1], x -> ", "x", ")", 300),
		"reduce":  nest("reduce(ARRAY[1], 0, (s, x) -> s + ", "BIGINT '1'", ", s -> s)", 200),
		"filters": nest("any_match(ARRAY[1], x -> ", "x > 0", ")", 300),
		"cube":    "SELECT 1 FROM (SELECT 1 n, 2 a, 3 b, 4 c, 5 d, 6 e, 7 f, 8 g, 9 h, 10 i, 11 j) GROUP BY CUBE (a, b, c, d, e, f, g, h, i, j, n), " + strings.Join(keys, ", "),
		"case":    nest("CASE WHEN true THEN ", "1", " END", 300),
		"in":      "SELECT 1 IN (" + strings.Repeat("1,", 4500) + "1)",
		"or":      "SELECT 1 FROM trail WHERE readOnly" + strings.Repeat(" OR readOnly", 800) + " GROUP BY eventID",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Analyze(text, o)
		runtime.ReadMemStats(&after)
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Code != CodeTooLarge && e.Code != CodeTooManyGroupingSets) {
			t.Errorf("%s: %v", name, err)
		}
		// What is allocated tells the work, whatever else the machine does.
		mb := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s: %d MB, %v", name, mb, err)
		if mb > maxBombMB {
			t.Errorf("%s: %d MB are allocated, more than %d", name, mb, maxBombMB)
		}
	}
}

// TestNesting has what takes DuckDB twice as long, or more, for each level: it is refused before it
// runs, where a person would not write it.
func TestNesting(t *testing.T) {
	const (
		queries = "statement is too large: queries inside of expressions are nested deeper than 8"
		lambdas = "functions with lambdas, which many functions of arrays and maps become, are nested deeper than 16"
		grows   = "statement is too large: in DuckDB's SQL it grows beyond 1 MB"
	)
	for _, c := range []struct {
		open, inner, end string
		n                int
		want             string
	}{
		{"(SELECT ", "1", ")", 8, ""},
		{"(SELECT ", "1", ")", 9, queries},
		{"EXISTS (SELECT 1 WHERE ", "true", ")", 8, ""},
		{"EXISTS (SELECT 1 WHERE ", "true", ")", 30, queries},
		{"1 IN (SELECT ", "1", ")", 1, ""},
		{"transform(ARRAY[1], x -> ", "1", ")", 16, ""},
		{"transform(ARRAY[1], x -> ", "1", ")", 17, lambdas},
		{"transform(ARRAY[1], x -> ", "1", ")", 100, lambdas},
		{"(SELECT transform(ARRAY[1], x -> transform(ARRAY[1], x -> ", "1", ")))", 1, ""},
		{"map(ARRAY[1], ARRAY[", "1", "])", 12, ""},
		{"map(ARRAY[1], ARRAY[", "1", "])", 13, "maps are nested deeper than 12"},
		{"ROW(", "ROW(true)", " IN (ROW(true), ROW(false)))", 40, grows},
		// What stood twice, and stands once.
		{"array_join(ARRAY['a', NULL], ',', ", "'b'", ")", 60, ""},
		{"CASE ", "ARRAY[1]", " WHEN ARRAY[1] THEN ARRAY[2] WHEN ARRAY[2] THEN ARRAY[3] END", 60, ""},
		{"date_trunc('hour', ", "at_timezone(now(), 'Europe/Paris')", ")", 60, ""},
	} {
		text := "SELECT " + strings.Repeat(c.open, c.n) + c.inner + strings.Repeat(c.end, c.n)
		a, err := Analyze(text, Options{Now: time.Unix(0, 0)})
		if err == nil {
			_, err = PrintDuckDB(a.Statement, DuckOptions{})
		}
		if err == nil && c.want != "" || err != nil && (c.want == "" || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%d times %s: %v, want %q", c.n, c.open, err, c.want)
		}
	}
}
