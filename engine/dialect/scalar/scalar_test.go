package scalar

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// call runs a function over text arguments.
func call(t testing.TB, name string, args ...string) (*Row, error) {
	t.Helper()
	var r Row
	copy(r.S[:], args)
	return &r, function(t, name).Eval(&r)
}

func function(t testing.TB, name string) Func {
	t.Helper()
	for _, f := range Functions() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no function %s", name)
	return Func{}
}

func TestDeclarations(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Functions() {
		if seen[f.Name] || !strings.HasPrefix(f.Name, "t_") || len(f.Params) > maxParams || strings.Trim(f.Params, "sifbxL") != "" {
			t.Errorf("%s(%s)", f.Name, f.Params)
		}
		seen[f.Name] = true
	}
}

func TestPointer(t *testing.T) {
	f := func(text, pointer, want string) {
		t.Helper()
		r, err := call(t, "t_json_scalar", text, pointer)
		got := r.Str
		if r.Null {
			got = "NULL"
		}
		if err != nil || got != want {
			t.Errorf("%s at %q: %q %v, want %q", text, pointer, got, err, want)
		}
	}
	f(`{"a":{"b":[1,"x"]}}`, "/a/b/1", "x")
	f(` { "a" : 1.10 } `, "/a", "1.10")
	f(`{"a":1,"a":2}`, "/a", "1")
	f(`{"a~b/c":1}`, "/a~0b~1c", "1")
	f(`{"\u0061":"\ud83d\ude00\n"}`, "/a", "😀\n")
	f(`{"a":"\\"}`, "/a", `\`)
	f(`{"a":"\"","b":2}`, "/b", "2")
	f(`{"a":"}","b":[]}`, "/b", "NULL")
	f(`{"a":null}`, "/a", "NULL")
	f(`"x"`, "", "x")
	f(`[1,2]`, "/2", "NULL")
	f(`[1,2]`, "/-1", "NULL")
	f(`{"a":1, nope`, "/a", "1")
	f(`{"a":1, nope`, "/b", "NULL")
	f(`nope`, "/a", "NULL")
	f(``, "/a", "NULL")
	f(`{"a":"\ud800"}`, "/a", "?")
	f(`{"a":"x\udc00\ud800"}`, "/a", "x??")
	f(`{"a":"\ud7ff\ud800"}`, "/a", "\ud7ff?")
}

func TestCanonical(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got, err := Canonical(in); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", in, got, err, want)
		}
	}
	f(` {"b": [1, true , null], "a": "x\/\u00e9"} `, `{"a":"x/é","b":[1,true,null]}`)
	f(`{"a":1,"a":2}`, `{"a":2}`)
	f(`1.50`, `1.5`)
	f(`1E5`, `100000.0`)
	f(`12345678901234567890123`, `12345678901234567890123`)
	for _, bad := range []string{"", "nope", "{", `{"a"}`, "[1,]", "01", "1.", `"a`, `"\x"`, "1 2", "\"\x01\"", strings.Repeat("[", 5000)} {
		if got, err := Canonical(bad); err == nil {
			t.Errorf("%q is %s", bad, got)
		}
	}
}

func TestDoubleText(t *testing.T) {
	for f, want := range map[float64]string{0: "0.0", 1: "1.0", -2.5: "-2.5", 1e7: "1.0E7", 9999999: "9999999.0", 0.001: "0.001", 0.0001: "1.0E-4", 1.5e300: "1.5E300", 5e-324: "4.9E-324"} {
		if got := DoubleText(f); got != want {
			t.Errorf("%g: %s, want %s", f, got, want)
		}
	}
	for f, want := range map[float64]string{0: "0E0", 1: "1.0E0", -100: "-1.0E2", 0.25: "2.5E-1", 123456.789: "1.23456789E5", math.Inf(-1): "-Infinity"} {
		if got := CastDouble(f); got != want {
			t.Errorf("%g as varchar: %s, want %s", f, got, want)
		}
	}
}

// FuzzJSON compares the walk with the standard library: where that takes a text, each
// member of it is found, and the canonical text means the same.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":{"b":[1,"x\u00e9"]},"c d":null}`, "/a/b/1")
	f.Add(`[1.5e3,{"k":"v"}]`, "/1/k")
	f.Fuzz(func(t *testing.T, text, pointer string) {
		if pointer != "" && pointer[0] != '/' {
			return
		}
		for _, name := range []string{"t_json_scalar", "t_json_extract", "t_json_size", "t_map_get", "t_map_has"} {
			if _, err := call(t, name, text, pointer); err != nil {
				t.Fatal(name, err)
			}
		}
		for _, name := range []string{"t_map_keys", "t_map_values", "t_json_elements", "t_json_array_length"} {
			if _, err := call(t, name, text); err != nil {
				t.Fatal(name, err)
			}
		}
		canonical, err := Canonical(text)
		if err != nil {
			return
		}
		// What is taken out of a text and written again means the same.
		r, err := call(t, "t_json_extract", text, "")
		if err != nil || r.Null {
			t.Fatalf("%q: %v", text, err)
		}
		if again, err := Canonical(r.Str); err != nil || again != canonical {
			t.Fatalf("%q is extracted as %q, which is %q, want %q, %v", text, r.Str, again, canonical, err)
		}
		if again, _ := encoded(r.Str, true); again != r.Str {
			t.Fatalf("%q is extracted as %q, and that as %q", text, r.Str, again)
		}
		if again, err := Canonical(canonical); err != nil || again != canonical {
			t.Fatalf("%q becomes %q and then %q, %v", text, canonical, again, err)
		}
		if !json.Valid([]byte(canonical)) {
			t.Fatalf("%q becomes %q", text, canonical)
		}
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(canonical), &object) == nil && object != nil {
			r, err := call(t, "t_map_keys", text)
			if err != nil || r.Null || len(r.List.V) != len(object) {
				t.Fatalf("%q has keys %q, want %d", text, r.List.V, len(object))
			}
		}
	})
}

// FuzzTexts feeds everything that reads text.
func FuzzTexts(f *testing.F) {
	f.Add("2020-05-06 07:08:09.123 America/New_York", "yyyy-MM-dd HH:mm:ss.SSS ZZZ")
	f.Add("%1$s %-5d|%,.3f", "ifsdbt")
	f.Add("http://u@h:80/p?q=%20#f", "q")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, fn := range Functions() {
			if strings.HasPrefix(fn.Name, "t_rx_") || strings.Trim(fn.Params, "sb") != "" || fn.Name == "t_json_integer" || fn.Name == "t_to_integer" {
				continue
			}
			var r Row
			r.S[0], r.S[1] = a, b
			_ = fn.Eval(&r)
		}
		_, _ = Format(a, "ifsdbt", List{V: []string{"1", "2.5", b, "3.25", "true", "2020-05-06"}})
		_, _, _ = ParseTimestamp(a, true)
		_, _ = ParsePath(a)
	})
}
