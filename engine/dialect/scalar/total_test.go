package scalar

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestTotal gives functions that are said never to fail arguments that are odd.
func TestTotal(t *testing.T) {
	texts := []string{"", " ", "a", "null", "{", "[", `"`, `{"a":`, `{"a":1,"a":[2]}`, `[1,{"b":null}]`, `{"a" 1}`, "/a", "/0", "//", "~", "%zz", "http://[::1", "http://x:y/?a=%zz#b", "\xff", "\x00", "(a)", "(a)|(b)", "a$", "(?=a)(.)", "*", "yyyy-MM-dd'T'HH:mm:ss.SSS", "qqq"}
	found := map[string]bool{}
	for _, f := range Functions() {
		if !f.Total() {
			continue
		}
		found[f.Name] = true
		for _, a := range texts {
			for _, b := range texts {
				for n := range int64(3) {
					zone := b
					switch {
					case !strings.HasSuffix(f.Name, Fixed):
					case strings.HasPrefix(f.Name, "t_rx_"):
						if !FixedPattern(b, n-1) || !FixedReplacement(b) {
							continue
						}
					default:
						zone = "Europe/Berlin"
						if !FixedFormat(b, zone) {
							continue
						}
					}
					r := Row{S: [maxParams]string{a, b, zone}, I: [maxParams]int64{n - 1, n - 1, n - 1}}
					if err := f.Eval(&r); err != nil {
						t.Errorf("%s(%q, %q): %v", f.Name, a, b, err)
					}
				}
			}
		}
	}
	for _, name := range append(slices.Collect(maps.Keys(total)), "t_rx_like"+Fixed, "t_rx_replace"+Fixed, "t_format_datetime"+Fixed) {
		if !found[name] {
			t.Errorf("there is no function %s", name)
		}
	}
}
