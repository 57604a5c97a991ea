package jsonpath

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// double writes a double as JSON that is one again where that matters: zero has a sign then.
func double(f float64) string {
	if f == 0 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// find evaluates a path and writes the items with blanks between.
func find(t *testing.T, path, doc string) (string, error) {
	t.Helper()
	p, err := Compile(path)
	if err != nil {
		return "", err
	}
	v, err := Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	items, err := p.Eval(v, nil)
	var texts []string
	for _, i := range items {
		texts = append(texts, i.Text(double))
	}
	return strings.Join(texts, " "), err
}

// TestEval has the rules that the tests of the SQL functions in engine/testdata do not
// show. They are those of Trino's documentation on the JSON path language.
func TestEval(t *testing.T) {
	for _, c := range []struct{ path, doc, want string }{
		{"lax $[last - 1 to last]", "[1,2,3]", "2 3"},
		{"lax $[-1]", "[1,2,3]", ""},
		{"lax $[*][last]", "[[1,2],[3]]", "2 3"},
		{"lax $.a[$.i]", `{"a":[5,6],"i":1}`, "6"},
		{"strict $.a[*].b", `{"a":[{"b":1},{"b":2}]}`, "1 2"},
		{"lax (1 + 2) * 3 - -4", "0", "13"},
		{"lax 7 - 2 - 1", "0", "4"},
		{"lax 1.5 * 2.25", "0", "3.375"},
		{"lax 1.00 / 3", "0", "0.33"},
		{"lax 1e0 / 4", "0", "0.25"},
		{"lax 5 % -3", "0", "2"},
		{"lax null", "0", "null"},
		{`lax "a""b"`, "0", `"a\"b"`},
		{"lax $?(@.a == 1 || @.b == 2 && @.c == 3)", `{"a":1}`, `{"a":1}`},
		{"lax $[*]?(@ > 1)?(@ < 3)", "[1,2,3]", "2"},
		{"strict $[*]?(exists(@.a))", `[{"b":1},{"a":1}]`, `{"a":1}`},
		{"strict $[*]?((exists(@.a)) is unknown)", `[{"b":1},{"a":1}]`, `{"b":1}`},
		{"lax $[*]?((@.a + 1) * 2 == 4)", `[{"a":1},{"a":2}]`, `{"a":1}`},
		{"lax $[*]?(@ == true)", `[true,false,1]`, "true"},
		{"lax $?(@.* == 2)", `{"a":1,"b":2}`, `{"a":1,"b":2}`},
		{"lax $[*]?(@ == 1.0)", `[1, 1.00, 2]`, "1 1"},
		{"lax $[*]?(@ <> \"a\")", `["a","b"]`, `"b"`},
		// A pair that cannot be compared makes strict unknown; lax stops at the first hit.
		{`lax $?(@.a == 1)`, `{"a":[1,"x"]}`, `{"a":[1,"x"]}`},
		{`lax $?(@.a == 1)`, `{"a":["x",1]}`, ""},
		{`strict $?(@.a[*] == 1)`, `{"a":[1,"x"]}`, ""},
		{"lax $.type()", "[]", `"array"`},
		{"lax $.a.b.c", `{"a":[{"b":{"c":1}},{"b":[{"c":2}]}]}`, "1 2"},
		{`lax $..a`, `{"a":{"a":1}}`, `{"a":1} 1`},
		{`lax $.last.lax.is`, `{"last":{"lax":{"is":1}}}`, "1"},
		{"lax $", "123456789012345678901234567890", "123456789012345678901234567890"},
	} {
		got, err := find(t, c.path, c.doc)
		if err != nil || got != c.want {
			t.Errorf("%s of %s: %s %v, want %s", c.path, c.doc, got, err, c.want)
		}
	}
	for _, c := range []struct{ path, doc, want string }{
		{"strict $.a", "[]", "Expected: OBJECT, actual: ARRAY"},
		{"strict $[0]", "{}", "Expected: ARRAY, actual: OBJECT"},
		{"lax $.a + 1", `{"a":"x"}`, "Expected: NUMBER, actual: STRING"},
		{"lax $ + 1", "123456789012345678901234567890", "value too big"},
		{"lax $ * 10000000000000000000", "1", "the number"},
		{"lax $ * 9000000000", "9000000000", "bigint overflow"},
		{"lax -$", "-9223372036854775808", "overflow"},
		{`lax $["a"]`, "[1]", "Expected: NUMBER"},
		{"lax @", "[]", "outside of a filter"},
		{"lax last", "[]", "outside of a subscript"},
		{"lax $.keyvalue()", "1", "Expected: OBJECT"},
		{"lax $.double()", `"x"`, "Cannot cast 'x' to DOUBLE"},
	} {
		if got, err := find(t, c.path, c.doc); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %s: %s %v, want %s", c.path, c.doc, got, err, c.want)
		}
	}
}

func TestSyntax(t *testing.T) {
	for path, at := range map[string]int{
		"": 0, "$": 0, "LAX $": 0, "lax": 3, "lax $.": 6, "lax $[": 6, "lax $[1": 7, "lax $ $": 6, "lax $?(@)": 8,
		"lax $?(!@ == 1)": 8, "lax $.a-b?": 8, `lax "a`: 4, "lax $.x()": 7, "lax $?(@ like_regex \"(\")": 20,
		"lax $" + strings.Repeat("[0]", 300): 602, "lax " + strings.Repeat("(", 300): 204, "lax $.1": 6,
	} {
		_, err := Compile(path)
		var e *SyntaxError
		if !errors.As(err, &e) || e.Offset != at {
			t.Errorf("%.40q: %v at %+v, want %d", path, err, e, at)
		}
	}
}

// TestBounds: no path and no document takes long, however they grow together.
func TestBounds(t *testing.T) {
	doc := strings.Repeat(`{"a":`, 900) + "1" + strings.Repeat("}", 900)
	if _, err := find(t, "lax $..a..a..a", doc); err == nil || !strings.Contains(err.Error(), "more than 200000 items") {
		t.Error(err)
	}
	// A filter does not make less of it.
	if _, err := find(t, "lax $?(exists($..a..a..a))", doc); err == nil || !strings.Contains(err.Error(), "items") {
		t.Error(err)
	}
	if _, err := Parse(strings.Repeat("[", 100_000)); err == nil {
		t.Error("deep nesting was read")
	}
	for s, want := range map[string]string{"1e999999999": `"+Inf"`, "-1e400": `"-Inf"`, "1.5e-999999999": "0.0", "0.10": "0.1"} {
		if v, err := Parse(s); err != nil || v.Text(double) != want {
			t.Errorf("%s is written as %s: %v", s, v.Text(double), err)
		}
	}
}

func TestVariables(t *testing.T) {
	p, err := Compile("lax $[*]?(@ > $min && @ < $max)")
	if err != nil {
		t.Fatal(err)
	}
	if names := p.Variables(); len(names) != 2 || !slices.Contains(names, "min") {
		t.Error(names)
	}
	v, _ := Parse("[1,2,3]")
	n := func(i int64) Value { return Value{Kind: Number, Num: intNum(i)} }
	items, err := p.Eval(v, map[string]Value{"min": n(1), "max": n(3)})
	if err != nil || len(items) != 1 || items[0].Num.Int != 2 {
		t.Error(items, err)
	}
}

// FuzzPath looks for panics, and for documents that are not what their text says.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"lax $.a[0 to last]?(@.b > 1 && !(exists(@.c)))", `strict $."x".*..y.keyvalue()`,
		"lax -$[*].abs() + 1.5e0 * $v", `lax $?(@ like_regex "^a" flag "i" || @ starts with $v)`, "lax $?((@ == 1) is unknown).size()"} {
		f.Add(p, `{"a":[{"b":2},1.50,"x",null,true],"x":{"y":[1E5]}}`)
	}
	f.Add("lax $", "10e10000")
	f.Add("lax $", "-1e-1400")
	f.Fuzz(func(t *testing.T, path, doc string) {
		v, err := Parse(doc)
		if err == nil {
			text := v.Text(double)
			again, err := Parse(text)
			if err != nil || again.Text(double) != text {
				t.Fatalf("%q is written as %q: %v", doc, text, err)
			}
		}
		p, err := Compile(path)
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(path) {
				t.Fatalf("%q: %#v", path, err)
			}
			return
		}
		items, err := p.Eval(v, map[string]Value{"v": {Kind: Number, Num: intNum(1)}})
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %v", path, err)
		}
		for _, i := range items {
			_ = i.Text(double)
		}
	})
}
