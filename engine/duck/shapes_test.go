package duck_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/dialect"
)

// relations are what the queries of testdata/shapes read.
const relations = "t (a, b, c) AS (VALUES (1, 'x', 10), (2, 'y', 20), (3, 'x', 30), (4, NULL, NULL)), " +
	"u (a, d) AS (VALUES (1, 'p'), (3, 'q'), (5, 'r')), " +
	"arr (i, l, m) AS (VALUES (1, ARRAY[10, 20], MAP(ARRAY['k','j'], ARRAY[1, 2])), (2, ARRAY[], MAP()), (3, NULL, NULL)) "

// TestShapes runs whole queries: joins, groupings, windows, set operations and all that
// is more than an expression. Lines are query ==> rows, or ERROR.
func TestShapes(t *testing.T) {
	s := expressionSession(t)
	f, err := os.Open("testdata/shapes/queries")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		query, want, ok := strings.Cut(lines.Text(), " ==> ")
		if !ok || strings.HasPrefix(query, "#") {
			continue
		}
		text := "WITH " + relations + query
		if rest, ok := strings.CutPrefix(query, "WITH RECURSIVE "); ok {
			text = "WITH RECURSIVE " + relations + ", " + rest
		} else if rest, ok := strings.CutPrefix(query, "WITH "); ok {
			text = "WITH " + relations + ", " + rest
		}
		got, err := queryRows(t, s, text)
		switch {
		case want == "ERROR" && err == nil:
			t.Errorf("%s\n  gives %s, want an error", query, got)
		case want != "ERROR" && err != nil:
			t.Errorf("%s\n  fails with %v", query, err)
		case want != "ERROR" && got != want:
			t.Errorf("%s\n  gives %s\n  want  %s", query, got, want)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// queryRows returns the rows of a query with ; between them and , between values.
func queryRows(t *testing.T, s engine.Session, text string) (string, error) {
	t.Helper()
	a, err := dialect.Analyze(text, dialect.Options{Now: time.Now()})
	if err != nil {
		return "", err
	}
	d, err := dialect.PrintDuckDB(a.Statement, dialect.DuckOptions{})
	if err != nil {
		return "", err
	}
	rows, err := s.Query(t.Context(), d.SQL)
	if err != nil {
		return "", trinoError(err)
	}
	defer rows.Close()
	var out []string
	for {
		b, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return strings.Join(out, ";"), nil
		}
		if err != nil {
			return "", trinoError(err)
		}
		for r := range int(b.NumRows()) {
			var values []string
			for c, col := range b.Columns() {
				if col.IsNull(r) {
					values = append(values, "NULL")
				} else {
					values = append(values, string(engine.AppendTrino(nil, d.Columns[c].Type, col, r)))
				}
			}
			out = append(out, strings.Join(values, ","))
		}
		b.Release()
	}
}
