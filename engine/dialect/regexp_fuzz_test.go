package dialect

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"traillake/engine/dialect/scalar"
)

// FuzzPattern compares what RE2 finds with a pattern that nativeRegexp wrote with what our own engine
// finds with the pattern as it stands.
func FuzzPattern(f *testing.F) {
	for _, p := range []string{`^a[b]$`, `[[:alpha:]&&[^é]]+`, `\Qa.b\E++|x{2,3}+`, `(?i)\p{Alpha}[a[b-d]]`, `(?<n>a)|b$`, `[]a]\h\R`, `[^[:^digit:]-]`, `[\w&&[\d]]`,
		`[_[,^dioit:]-]`, `[+-\-:]`, `[\--a]`} {
		f.Add(p, "ab-é1.b xx")
		f.Add(p, "@é1.B")
	}
	var like scalar.Func
	for _, fn := range scalar.Functions() {
		if fn.Name == "t_rx_like" {
			like = fn
		}
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(text) > 100 || len(pattern) > 100 {
			return
		}
		var r scalar.Row
		r.S[0], r.S[1] = text, pattern
		err := like.Eval(&r)
		n, ok := nativeRegexp(pattern)
		if err != nil || !ok {
			return
		}
		// How letters beyond ASCII are folded is each engine's own.
		if strings.Contains(pattern, "(?") && strings.IndexFunc(pattern+text, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
			return
		}
		if got := regexp.MustCompile(n.text).MatchString(text); got != r.Bool {
			t.Errorf("%q matches %q: %v; for RE2 it is %q: %v", pattern, text, r.Bool, n.text, got)
		}
	})
}
