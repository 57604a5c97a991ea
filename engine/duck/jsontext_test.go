package duck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"traillake/engine"
	"traillake/engine/dialect/scalar"
)

// TestJSONText compares the functions that are in C, with what is left to Go of them, with those in
// Go.
func TestJSONText(t *testing.T) {
	s := open(t, engine.Sandbox{})
	for _, tc := range [][2]string{
		{`{"a":"x","a":"y"}`, "a"}, {`{"\u0061":"x"}`, "a"}, {`{"b":"\u0061","a":1}`, "a"}, {`{"a":"x\"y"}`, "a"}, {`{"a":{"b" : 1}}`, "a"},
		{`{"a":null,"b":[1, 2]}`, "b"}, {` { "a" : "x" } `, "a"}, {`{"b":"a"}`, "a"}, {`{"b":"\"a","c":"a\""}`, "a"}, {`{"x":{"a":1},"b":2}`, "a"},
		{`{"a/b":1}`, "a/b"}, {`{"":1}`, ""}, {`{"a":"12345678901234567890"}`, "a"}, {`{"long-key-of-some-length":"12345678901234567890","b":"c"}`, "long-key-of-some-length"},
		{`{"a":1.50e+3,"b":-0}`, "b"}, {`{"a":1 2}`, "a"}, {`{"a":"x"`, "a"}, {`{"a":"x","b"`, "a"}, {`{"a":{"b":1`, "a"}, {`[{"a":1}]`, "a"}, {`null`, "a"}, {``, "a"},
		{`{"a":{"b":["x",{"c":"y"}]}}`, "a/b/1/c"}, {`{"a":[1,2]}`, "a/-1"}, {`{"a":[1,2]}`, "a/01"}, {`{"a":[1,2]}`, "a/2"}, {`{"a":[]}`, "a/0"}, {`{"a":[1,2]}`, "a/1/b"},
		{`{"a":tru}`, "a"}, {`{"a":true,"b":false}`, "b"}, {`{"a\\":1}`, `a\`}, {`{"a~b":1}`, "a~0b"}, {`{"é":"ü"}`, "é"}, {`{"a":"\\"}`, "a"}, {`{"a":"\`, "a"},
	} {
		sameJSONText(t, s, tc[0], tc[1])
	}
	pieces := []string{`{`, `}`, `[`, `]`, `"`, `:`, `,`, `"a":`, `"b":`, `"a"`, `"ab":`, `"ac":`, `\`, `\u0061`, `\"`, ` `, `1`, `-2.5e3`, `true`, `null`, `"x"`, `"a text of more than twelve"`, `{"a":`, `{"b":[`}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(rt, "text"), "")
		if rapid.Bool().Draw(rt, "object") {
			text = `{"k":"v",` + text
		}
		arg := rapid.SampledFrom([]string{"a", "b", "ab", "a/b", "b/0", "a/b/1", "k"}).Draw(rt, "arg")
		sameJSONText(rt, s, text, arg)
	})
}

func FuzzJSONText(f *testing.F) {
	f.Add(`{"a":"x","b":{"a":[1,"y"]}}`, "b/a/1")
	f.Add(`{"bucketName":"some-bucket","key":"a\/b"}`, "key")
	f.Add("\xc3", "\xa9") // together a letter, each by itself no text: nothing to compare
	s := open(f, engine.Sandbox{})
	f.Fuzz(func(t *testing.T, text, arg string) {
		if len(text) > 4096 || !utf8.ValidString(text) || !utf8.ValidString(arg) || strings.Contains(text+arg, "\x00") {
			return
		}
		sameJSONText(t, s, text, arg)
	})
}

// sameJSONText compares the results for a text and for what is left of it when it is cut off.
func sameJSONText(t rapid.TB, s engine.Session, text, arg string) {
	t.Helper()
	var rows []string
	var want [][]string
	for n := len(text); n >= 0 && len(rows) < 40; n-- {
		if !utf8.ValidString(text[:n]) {
			continue
		}
		rows = append(rows, fmt.Sprintf("(%d, %s, %s)", len(rows), quote(text[:n]), quote(arg)))
		want = append(want, []string{evalJSON(t, "t_map_get", text[:n], arg), evalJSON(t, "t_json_scalar", text[:n], "/"+arg)})
	}
	_, got, err := all(context.Background(), s, "SELECT coalesce('=' || t_map_get(x, y), ''), coalesce('=' || t_json_scalar(x, '/' || y), '') FROM (VALUES "+strings.Join(rows, ", ")+") AS t(i, x, y) ORDER BY i")
	if err != nil {
		t.Fatalf("%q %q: %v", text, arg, err)
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Fatalf("without the last %d bytes of %q, %q: %q, in Go %q", i, text, arg, got[i], want[i])
		}
	}
}

// evalJSON returns "" for NULL.
func evalJSON(t rapid.TB, name, text, arg string) string {
	for _, f := range scalar.Functions() {
		if f.Name != name {
			continue
		}
		r := scalar.Row{}
		r.S[0], r.S[1] = text, arg
		if err := f.Eval(&r); err != nil {
			t.Fatal(err)
		}
		if r.Null {
			return ""
		}
		return "=" + r.Str
	}
	t.Fatalf("no function %s", name)
	return ""
}
