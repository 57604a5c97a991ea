package syntax

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

var places = regexp.MustCompile(` @\d+-\d+`)

// TestTrees compares trees with goldens; -rewrite writes them anew.
func TestTrees(t *testing.T) {
	datadriven.Walk(t, "testdata/trees", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "query":
				q, err := Parse(d.Input, Limits{})
				if err != nil {
					return err.Error()
				}
				fixed(t, d.Input, q)
				return dump(q)
			case "expr":
				x, err := parseExpr(d.Input)
				if err != nil {
					return err.Error()
				}
				p := &printer{}
				p.expr(x)
				return p.String() + "\n" + places.ReplaceAllString(dump(x), "")
			default:
				t.Fatalf("no command %q", d.Cmd)
				return ""
			}
		})
	})
}

// parseExpr reads an expression that stands alone.
func parseExpr(text string) (Expr, error) {
	p, err := newParser(text, Limits{})
	if err != nil {
		return nil, err
	}
	x := p.expression()
	p.end()
	if p.err != nil {
		return nil, p.err
	}
	return x, nil
}

// fixed checks that the printed tree parses to the same tree.
func fixed(t *testing.T, text string, q *Query) {
	t.Helper()
	sql := printed(q)
	again, err := Parse(sql, Limits{Chars: 1 << 30, Depth: 1 << 20})
	if err != nil {
		t.Fatalf("%s\nprinted as\n%s\nis refused: %v", text, sql, err)
	}
	if twice := printed(again); twice != sql {
		t.Fatalf("%s\nprinted as\n%s\nand then as\n%s", text, sql, twice)
	}
	if a, b := shape(q), shape(again); a != b {
		t.Fatalf("%s\nprinted as\n%s\nhas another tree:\n%s\nand\n%s", text, sql, a, b)
	}
}

// shape is a tree without places. Quotes do not count either: the printer adds some.
func shape(q *Query) string {
	return strings.ReplaceAll(places.ReplaceAllString(dump(q), ""), " quoted", "")
}

// statementsIn returns the statements of a file, which empty lines separate. Lines
// that begin with # are comments.
func statementsIn(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	var list []string
	for _, s := range strings.Split(strings.Join(lines, ""), "\n\n") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

func TestAccepted(t *testing.T) {
	for _, text := range statementsIn(t, "accepted.sql") {
		q, err := Parse(text, Limits{})
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		if q.Start < 0 || q.End > len(text) || q.Start >= q.End {
			t.Errorf("%s\nis said to be at %v", text, q.At())
		}
		fixed(t, text, q)
	}
}

// TestErrors compares errors with goldens: code, place, text and hint.
func TestErrors(t *testing.T) {
	datadriven.RunTest(t, "testdata/errors", func(t *testing.T, d *datadriven.TestData) string {
		input := d.Input
		if d.HasArg("blank") { // a blank at the end, which the format strips
			input += " "
		}
		var err error
		if d.Cmd == "expr" {
			_, err = parseExpr(input)
		} else {
			_, err = Parse(input, Limits{})
		}
		var e *Error
		if !errors.As(err, &e) {
			return "accepted"
		}
		if e.Offset < 0 || e.End > len(input) || e.Offset > e.End {
			t.Errorf("%s: bytes %d-%d", input, e.Offset, e.End)
		}
		return string(e.Code) + "\n" + e.Error()
	})
}

func TestLimits(t *testing.T) {
	deep := func(open, shut string, n int) string {
		return "SELECT " + strings.Repeat(open, n) + "x" + strings.Repeat(shut, n)
	}
	for _, c := range []struct {
		text string
		code Code
	}{
		{"SELECT '" + strings.Repeat("ä", 9991) + "'", ""},
		{"SELECT '" + strings.Repeat("ä", 9992) + "'", CodeTooLarge},
		{deep("(", ")", 400), ""},
		{deep("(", ")", 600), CodeTooLarge},
		{deep("abs(", ")", 600), CodeTooLarge},
		{deep("- ", "", 600), CodeTooLarge},
		{deep("NOT ", "", 600), CodeTooLarge},
		{deep("1 + ", "", 600), CodeTooLarge},
		{deep("", "[1]", 600), CodeTooLarge},
		{deep("", ".a", 600), CodeTooLarge},
		{deep("x -> ", "", 600), CodeTooLarge},
		{deep("ARRAY[", "]", 490), ""},
		{deep("ARRAY[", "]", 510), CodeTooLarge},
		{deep("(SELECT ", ")", 600), CodeTooLarge},
		{"SELECT CAST(1 AS " + strings.Repeat("array(", 600) + "bigint" + strings.Repeat(")", 600) + ")", CodeTooLarge},
		{"SELECT 1" + strings.Repeat(" UNION SELECT 1", 600), CodeTooLarge},
		{"SELECT 1 FROM a" + strings.Repeat(" CROSS JOIN a", 600), CodeTooLarge},
		{"SELECT 1 FROM " + strings.Repeat("(", 600) + "a" + strings.Repeat(")", 600), CodeTooLarge},
		{strings.Repeat("(", 600) + "SELECT 1" + strings.Repeat(")", 600), CodeTooLarge},
		{"SELECT true" + strings.Repeat(" OR true", 1100), ""},
		// What is chained may hold chains.
		{"SELECT " + strings.Repeat("(", 20) + "1" + strings.Repeat(strings.Repeat(" + 1", 20)+")", 20), ""},
		{"SELECT " + strings.Repeat("(", 20) + "1" + strings.Repeat(strings.Repeat("+1", 200)+")", 20), CodeTooLarge},
		{"SELECT " + strings.Repeat("(", 100) + "a" + strings.Repeat(".b.c.d.e.f)", 100), CodeTooLarge},
		{"SELECT " + strings.Repeat("1+(", 20) + "1" + strings.Repeat(strings.Repeat("+1", 20)+")", 20), ""},
		{strings.Repeat("(", 10) + "SELECT 1" + strings.Repeat(strings.Repeat(" UNION SELECT 1", 60)+")", 10), CodeTooLarge},
		{"SELECT 1 FROM " + strings.Repeat("(", 10) + "a" + strings.Repeat(strings.Repeat(" CROSS JOIN a", 60)+")", 10), CodeTooLarge},
	} {
		_, err := Parse(c.text, Limits{})
		var e *Error
		errors.As(err, &e)
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%.60s…: %v", c.text, err)
		case c.code != "" && (e == nil || e.Code != c.code):
			t.Errorf("%.60s…: got %v, want %s", c.text, err, c.code)
		}
	}
	if _, err := Parse("SELECT '\xff'", Limits{}); err == nil {
		t.Error("text that is no UTF-8 was accepted")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range statementsIn(f, "accepted.sql") {
		f.Add(s)
	}
	f.Add("SELECT ((1)) FROM ((a JOIN b USING (c))) x WHERE 'a' 'b'")
	f.Add("SELECT U&'\\0041\\+000042' UESCAPE '!' FROM 3e5e2676-9fce-46ef-8142-3e36a94e6691--x")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text, Limits{Depth: 100})
		if err == nil {
			fixed(t, text, q)
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Offset > len(text) {
			t.Fatalf("%q: %#v", text, err)
		}
	})
}
