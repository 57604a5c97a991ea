package dialect

import (
	"errors"
	"os"
	"strings"
	"testing"

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
