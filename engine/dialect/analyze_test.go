package dialect

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"traillake/engine/dialect/syntax"
)

// testCatalog holds the stores trail and other with the columns of CloudTrail events.
type testCatalog struct{ columns []Column }

const testID = "3e5e2676-9fce-46ef-8142-3e36a94e6691"

func newTestCatalog(t testing.TB) *testCatalog {
	t.Helper()
	text, err := os.ReadFile("testdata/columns.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := &testCatalog{}
	for line := range strings.Lines(string(text)) {
		rest, hidden := strings.CutPrefix(strings.TrimSpace(line), "- ")
		name, typ, _ := strings.Cut(rest, " ")
		c.columns = append(c.columns, Column{Name: name, Type: MustType(typ), Hidden: hidden})
	}
	return c
}

func (c *testCatalog) Table(n TableName) *Table {
	name := "trail"
	if !n.Default {
		name = strings.ToLower(n.Parts[len(n.Parts)-1])
	}
	switch name {
	case testID, "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/" + testID:
		name = "trail"
	case "trail", "other":
	default:
		return nil
	}
	for i, col := range c.columns {
		if col.Name == "eventtime" {
			return &Table{Store: name, Columns: c.columns, Time: i}
		}
	}
	return nil
}

var testNow = time.Date(2024, 5, 15, 12, 34, 56, 789_123_000, time.UTC)

func testOptions(t testing.TB) Options {
	return Options{
		Catalog: newTestCatalog(t),
		Now:     testNow,
		Named: map[string][]*Literal{
			"since": {{Typ: Timestamp(3), Value: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC).UnixMicro()}},
			"names": {textLiteral("a"), textLiteral("b")},
			"none":  {},
			"n":     {intLiteral(3)},
			"store": {textLiteral("other")},
		},
		Positional: []*Literal{textLiteral(testID), intLiteral(5)},
	}
}

// forText leaves out the positional values that a text does not ask for.
func forText(o Options, text string) Options {
	n := 0
	for _, t := range syntax.Lex(text) {
		if t.Key == "?" {
			n++
		}
	}
	o.Positional = o.Positional[:min(len(o.Positional), n)]
	return o
}

// TestQuotedParameters: '?' is a parameter where there is a value for it, and a text otherwise.
func TestQuotedParameters(t *testing.T) {
	for _, c := range []struct {
		sql    string
		values []string
		same   string // "" for an error
	}{
		{"SELECT 1 FROM trail WHERE eventTime > '?' AND eventTime < '?'", []string{"2026-10-01 00:00:00", "2026-10-02"}, "SELECT 1 FROM trail WHERE eventTime > '2026-10-01 00:00:00' AND eventTime < '2026-10-02'"},
		{"SELECT date_trunc('?', eventTime), 'a?', \"?\" FROM (SELECT eventTime, 1 AS \"?\" FROM trail) -- '?'", []string{"hour"}, "SELECT date_trunc('hour', eventTime), 'a?', \"?\" FROM (SELECT eventTime, 1 AS \"?\" FROM trail)"},
		{"SELECT 1 FROM trail WHERE eventName = '?' AND userAgent = ?", []string{"a", "b"}, "SELECT 1 FROM trail WHERE eventName = 'a' AND userAgent = 'b'"},
		{"SELECT 1 FROM trail WHERE eventName = '?' AND userAgent = ?", []string{"b"}, "SELECT 1 FROM trail WHERE eventName = '?' AND userAgent = 'b'"},
		{"SELECT 1 FROM trail WHERE eventName = '?'", nil, "SELECT 1 FROM trail WHERE eventName = '?'"},
		{"SELECT 1 FROM trail WHERE eventName = '?' AND userAgent = '?'", []string{"a"}, ""},
		{"SELECT 1 FROM trail WHERE eventName = '?'", []string{"a", "b"}, ""},
		{"SELECT 1 FROM trail WHERE eventTime > '?'", nil, ""},
	} {
		o := testOptions(t)
		o.Positional = nil
		want, err := Analyze(cmp.Or(c.same, "SELECT 1 FROM trail"), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range c.values {
			o.Positional = append(o.Positional, &Literal{Typ: VarcharN(len(v)), Value: v})
		}
		got, err := Analyze(c.sql, o)
		if (err != nil) != (c.same == "") {
			t.Errorf("%s with %q: %v", c.sql, c.values, err)
			continue
		}
		if err != nil {
			continue
		}
		var texts [2]string
		for i, a := range []*Analysis{got, want} {
			if texts[i], err = PrintTrino(a.Statement, TrinoOptions{Table: func(s *StoreScan) string { return s.Store }, Storage: testTrinoStorage}); err != nil {
				t.Fatal(err)
			}
		}
		if texts[0] != texts[1] {
			t.Errorf("%s with %q is\n%s\nand not\n%s", c.sql, c.values, texts[0], texts[1])
		}
	}
}

// TestAnalyze compares typed trees, columns, facts and errors with goldens.
func TestAnalyze(t *testing.T) {
	o := testOptions(t)
	datadriven.Walk(t, "testdata/analyze", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			input := d.Input
			if d.Cmd == "expr" {
				input = "SELECT " + input + " FROM trail"
			}
			a, err := Analyze(input, forText(o, input))
			if err != nil {
				var e *Error
				if !errors.As(err, &e) {
					t.Fatalf("%s: %T is no *Error: %v", d.Input, err, err)
				}
				return string(e.Code) + "\n" + e.Error()
			}
			switch d.Cmd {
			case "expr":
				return a.Statement.Query.Columns[0].Type.String() + "\n" + show(a.Statement.Query.Body.(*Select).Items[0])
			case "columns":
				return columnsText(a)
			case "tree":
				return columnsText(a) + show(a.Statement.Query)
			case "facts":
				return factsText(a)
			default:
				t.Fatalf("no command %q", d.Cmd)
				return ""
			}
		})
	})
}

func columnsText(a *Analysis) string {
	var b strings.Builder
	for _, c := range a.Statement.Query.Columns {
		fmt.Fprintf(&b, "%s %s\n", c.Name, c.Type)
	}
	return b.String()
}

func factsText(a *Analysis) string {
	var b strings.Builder
	side := func(t time.Time) string {
		if t.IsZero() {
			return "…"
		}
		return t.Format("2006-01-02T15:04:05.999999")
	}
	used := prune(a.Statement.Query)
	for _, u := range a.Stores {
		columns := map[string]bool{}
		for _, s := range a.Statement.Scans {
			for c := range used[s.ID] {
				if s.Store == u.Store {
					columns[s.Columns[c].Name] = true
				}
			}
		}
		fmt.Fprintf(&b, "%s [%s, %s) %s\n", u.Store, side(u.Bounds.From), side(u.Bounds.To), strings.Join(slices.Sorted(maps.Keys(columns)), " "))
	}
	for _, l := range a.Lenient {
		fmt.Fprintf(&b, "L%d %d-%d\n", l.Leniency, l.At.Start, l.At.End)
	}
	if b.Len() == 0 {
		return "none"
	}
	return b.String()
}

// show writes a typed tree, one node a line.
func show(n any) string {
	var b strings.Builder
	showValue(&b, reflect.ValueOf(n), "", 0)
	return b.String()
}

func showValue(b *strings.Builder, v reflect.Value, label string, depth int) {
	indent := strings.Repeat("  ", depth) + label
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		switch n := v.Interface().(type) {
		case *Type:
			fmt.Fprintf(b, "%s%s\n", indent, n)
			return
		case *Overload:
			fmt.Fprintf(b, "%s%s\n", indent, n.Signature)
			return
		case *ColRef:
			fmt.Fprintf(b, "%s%s @%d.%d %s\n", indent, n.Name, n.Rel, n.Index, n.Typ)
			return
		case *Literal:
			value := n.Value
			if d, ok := value.(*big.Int); ok {
				value = DecimalText(d, n.Typ.Scale)
			}
			if s, ok := value.(string); ok {
				value = fmt.Sprintf("%q", s)
			}
			if value == nil {
				value = "NULL"
			}
			fmt.Fprintf(b, "%s%v %s%s\n", indent, value, n.Typ, zoneText(n.Typ))
			return
		case *StoreScan:
			fmt.Fprintf(b, "%sscan @%d %s\n", indent, n.ID, n.Store)
			return
		case *CTERef:
			fmt.Fprintf(b, "%sref @%d to %d\n", indent, n.ID, n.CTE.ID)
			return
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		if c, ok := v.Interface().(Column); ok {
			fmt.Fprintf(b, "%s%s %s\n", indent, c.Name, c.Type)
			return
		}
		line := indent + v.Type().Name()
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			f, name := v.Field(i), v.Type().Field(i).Name
			if name == "Pos" || f.IsZero() && name != "Index" && name != "ID" && name != "Field" {
				continue
			}
			switch f.Kind() {
			case reflect.Bool:
				line += " " + name
			case reflect.Int, reflect.Uint8, reflect.String:
				if op, ok := f.Interface().(ArithOp); ok {
					line += " " + string(op)
				} else {
					line += fmt.Sprintf(" %s=%v", name, f.Interface())
				}
			}
			if t, ok := f.Interface().(*Type); ok && name != "Common" {
				line += " " + t.String() + zoneText(t)
			}
		}
		fmt.Fprintln(b, line)
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			f, name := v.Field(i), v.Type().Field(i).Name
			if _, isType := f.Interface().(*Type); isType || f.IsZero() {
				continue
			}
			switch f.Kind() {
			case reflect.Struct, reflect.Pointer, reflect.Interface, reflect.Slice:
				showValue(b, f, name+": ", depth+1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Int {
			fmt.Fprintf(b, "%s%v\n", indent, v.Interface())
			return
		}
		for i := range v.Len() {
			showValue(b, v.Index(i), label, depth)
		}
	}
}

func zoneText(t *Type) string {
	if t.Zone == "" {
		return ""
	}
	return " in " + t.Zone
}
