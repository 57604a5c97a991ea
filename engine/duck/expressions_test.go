package duck_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"

	"traillake/engine"
	"traillake/engine/dialect"
	"traillake/engine/duck"
)

// evaluate runs one Trino expression through the front end and the database.
func evaluate(t *testing.T, s engine.Session, expression string) (text, sql string, err error) {
	t.Helper()
	a, err := dialect.Analyze("SELECT "+expression, dialect.Options{Now: time.Now()})
	var e *dialect.Error
	if errors.As(err, &e) {
		return "", "", fmt.Errorf("%s: %w", e.Code, e)
	}
	if err != nil {
		return "", "", err
	}
	d, err := dialect.PrintDuckDB(a.Statement, dialect.DuckOptions{})
	var pe *dialect.PrintError
	if errors.As(err, &pe) {
		return "", "", fmt.Errorf("%s: %w", pe.Code, err)
	}
	if err != nil {
		return "", "", err
	}
	rows, err := s.Query(t.Context(), d.SQL)
	if err != nil {
		return "", d.SQL, trinoError(err)
	}
	defer rows.Close()
	b, err := rows.Next(t.Context())
	if errors.Is(err, io.EOF) {
		return "", d.SQL, errors.New("no row")
	}
	if err != nil {
		return "", d.SQL, trinoError(err)
	}
	defer b.Release()
	if b.NumRows() != 1 || b.NumCols() != 1 {
		return "", d.SQL, fmt.Errorf("%d rows of %d columns", b.NumRows(), b.NumCols())
	}
	if b.Column(0).IsNull(0) {
		return "NULL", d.SQL, nil
	}
	return string(engine.AppendTrino(nil, d.Columns[0].Type, b.Column(0), 0)), d.SQL, nil
}

func trinoError(err error) error {
	var x *engine.ExecError
	if !errors.As(err, &x) {
		return err
	}
	code, text := dialect.RuntimeError(x.Message)
	return fmt.Errorf("%s: %s", code, text)
}

func expressionSession(t *testing.T) engine.Session {
	t.Helper()
	s, err := duck.New().Open(t.Context(), engine.Sandbox{TempDir: t.TempDir(), Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	// Regular expressions with a time limit start a clock.
	t.Cleanup(regexp2.StopTimeoutClock)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func checkExpression(t *testing.T, s engine.Session, where, expression, want string) {
	t.Helper()
	got, sql, err := evaluate(t, s, expression)
	wantError, isError := strings.CutPrefix(want, "ERROR")
	switch {
	case isError && err == nil:
		t.Errorf("%s: %s\n  gives %s, want an error\n  %s", where, expression, got, sql)
	case isError:
		code, message, _ := strings.Cut(strings.TrimSpace(wantError), ": ")
		if !strings.HasPrefix(err.Error(), code) || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: %s\n  fails with %v\n  want %s\n  %s", where, expression, err, want, sql)
		}
		if strings.Contains(err.Error(), "GENERIC_USER_ERROR") {
			t.Errorf("%s: %s\n  fails with an error that is not Trino's: %v", where, expression, err)
		}
	case err != nil:
		t.Errorf("%s: %s\n  fails with %v\n  want %s\n  %s", where, expression, err, want, sql)
	case got != want:
		t.Errorf("%s: %s\n  gives %q\n  want  %q\n  %s", where, expression, got, want, sql)
	}
}

// TestExpressions runs engine/testdata/expressions: files of lines
//
//	expression => value
//
// with Trino's value, or ERROR and part of the error. Lines that begin with # name the
// rule or the source of the values below them.
func TestExpressions(t *testing.T) {
	s := expressionSession(t)
	files, err := filepath.Glob("../testdata/expressions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no expressions:", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		n := 0
		for lines.Scan() {
			n++
			line := lines.Text()
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
				continue
			}
			expression, want, ok := strings.Cut(line, " => ")
			if !ok {
				expression, ok = strings.CutSuffix(line, " =>")
			}
			if !ok {
				t.Fatalf("%s:%d: no =>", file, n)
			}
			checkExpression(t, s, fmt.Sprintf("%s:%d", filepath.Base(file), n), expression, want)
		}
		f.Close()
	}
}

// TestConformance runs cases that live beside the checkout, where there are some.
func TestConformance(t *testing.T) {
	text, err := os.ReadFile("../../../shared/conformance/expressions.json")
	if err != nil {
		t.Log("no cases beside the checkout; the repository's own run in TestExpressions:", err)
		return
	}
	var cases []struct{ Name, Expression, Expected string }
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	s := expressionSession(t)
	for _, c := range cases {
		checkExpression(t, s, c.Name, c.Expression, c.Expected)
	}
}
