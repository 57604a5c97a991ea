package scalar

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestTotal gives functions that are said never to fail arguments that are odd.
func TestTotal(t *testing.T) {
	texts := []string{"", " ", "a", "null", "{", "[", `"`, `{"a":`, `{"a":1,"a":[2]}`, `[1,{"b":null}]`, `{"a" 1}`, "/a", "/0", "//", "~", "%zz", "http://[::1", "http://x:y/?a=%zz#b", "\xff", "\x00", "(a)", "(a)|(b)", "a$", "(?=a)(.)", "*", "yyyy-MM-dd'T'HH:mm:ss.SSS", "qqq"}
	found, fixables := map[string]bool{}, Fixable()
	for _, f := range Functions() {
		if !f.Total() {
			continue
		}
		found[f.Name] = true
		for _, a := range texts {
			for _, b := range texts {
				for n := range int64(3) {
					constants := constantsOf(f, b, n)
					if first, ok := strings.CutSuffix(f.Name, Fixed); ok && !fixables[first].FixedBy(constants) {
						continue
					}
					r := rowOf(constants)
					r.S[0], r.I[0], r.F[0] = a, n-1, math.Inf(int(n)-1)
					if err := f.Eval(&r); err != nil {
						t.Errorf("%s(%q, %q): %v", f.Name, a, b, err)
					}
				}
			}
		}
	}
	for _, name := range append(slices.Collect(maps.Keys(total)), "t_rx_like"+Fixed, "t_split"+Fixed, "t_to_integer"+Fixed) {
		if !found[name] {
			t.Errorf("there is no function %s", name)
		}
	}
}

// constantsOf are what TestTotal gives a function, but for the first argument.
func constantsOf(f Func, text string, n int64) []any {
	constants := make([]any, len(f.Params))
	for i, k := range []byte(f.Params[1:]) {
		switch Kind(k) {
		case Text, Bytes:
			constants[i+1] = text
		case Int:
			constants[i+1] = n - 1
		case Bool:
			constants[i+1] = true
		}
	}
	return constants
}
