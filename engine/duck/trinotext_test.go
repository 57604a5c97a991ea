package duck_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"traillake/engine/dialect"
)

// ofTheMoment are expressions whose value differs from call to call.
var ofTheMoment = regexp.MustCompile(`(?i)\b(random|rand|uuid|shuffle|now|current_\w+|localtime\w*)\b`)

// TestTrinoTextOfExpressions prints each expression of TestExpressions for Trino. The
// text must be an expression of the same type, without what CloudTrail Lake alone
// takes, and give the same value or error.
func TestTrinoTextOfExpressions(t *testing.T) {
	s := expressionSession(t)
	files, err := filepath.Glob("../testdata/expressions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no expressions:", err)
	}
	n := 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			line := lines.Text()
			expression, _, ok := strings.Cut(line, " =>")
			if !ok || strings.HasPrefix(line, "#") || ofTheMoment.MatchString(expression) {
				continue
			}
			a, err := dialect.Analyze("SELECT "+expression, dialect.Options{Now: time.Now()})
			if err != nil {
				continue // the value is an error of the analyzer
			}
			text, err := dialect.PrintTrino(a.Statement, dialect.TrinoOptions{})
			if err != nil && strings.Contains(err.Error(), "none of Trino's") {
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", expression, err)
				continue
			}
			b, err := dialect.Analyze(text, dialect.Options{Now: time.Now()})
			if err != nil {
				t.Errorf("%s: %v\n%s", expression, err, text)
				continue
			}
			n++
			if len(b.Lenient) > 0 {
				t.Errorf("%s: leniency %d in %s", expression, b.Lenient[0].Leniency, text)
			}
			if want, got := a.Statement.Query.Columns[0].Type, b.Statement.Query.Columns[0].Type; !got.Equal(want) {
				t.Errorf("%s is %s, want %s: %s", expression, got, want, text)
			}
			want, _, wantErr := evaluate(t, s, expression)
			got, _, gotErr := evaluate(t, s, strings.TrimPrefix(text, "SELECT "))
			if want != got || message(wantErr) != message(gotErr) {
				t.Errorf("%s\n  gives %q, %v\n  as %s\n  gives %q, %v", expression, want, wantErr, text, got, gotErr)
			}
		}
		f.Close()
	}
	if n < 400 {
		t.Errorf("only %d expressions were compared", n)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
