package scalar

import "testing"

// TestTotal gives functions that are said never to fail arguments that are odd.
func TestTotal(t *testing.T) {
	texts := []string{"", " ", "a", "null", "{", "[", `"`, `{"a":`, `{"a":1,"a":[2]}`, `[1,{"b":null}]`, `{"a" 1}`, "/a", "/0", "//", "~", "%zz", "http://[::1", "http://x:y/?a=%zz#b", "\xff", "\x00"}
	found := map[string]bool{}
	for _, f := range Functions() {
		if !f.Total() {
			continue
		}
		found[f.Name] = true
		for _, a := range texts {
			for _, b := range texts {
				for n := range int64(3) {
					r := Row{S: [maxParams]string{a, b}, I: [maxParams]int64{n - 1, n - 1, n - 1}}
					if err := f.Eval(&r); err != nil {
						t.Errorf("%s(%q, %q): %v", f.Name, a, b, err)
					}
				}
			}
		}
	}
	for name := range total {
		if !found[name] {
			t.Errorf("there is no function %s", name)
		}
	}
}
