package duck_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNativeRegexp compares patterns that DuckDB runs itself with the same where the
// pattern is no constant, so that the engine for Java's patterns runs them.
func TestNativeRegexp(t *testing.T) {
	s := expressionSession(t)
	texts := []string{"", "abc", "aab abab bb", "arn:aws:iam::123456789012:root ARN", `{"AWS":"*"}`, `{"Principal" : [ "*"]}`, "a\vb \t\n x", "xx,x", "é aé ééx",
		"a\u00a0b\u0085c\u2028\r\n d٣", "joe@example ann@test", "a1b1\n", "ab\n", "b \n", "\n", "ab\n\n", "x,b", "a b", " aab ", `"210987654321":"123456789012"`, "ab1\nab", "A.*B"}
	var rows []string
	for i := range texts {
		texts[i] = quoted(texts[i])
		rows = append(rows, fmt.Sprintf("(%d, %s)", i, texts[i]))
	}
	stored := &records{session: s, with: "WITH ev(id, eventname) AS (VALUES " + strings.Join(rows, ", ") + ") "}
	native := 0
	for _, pattern := range append(randomPatterns(200),
		`([0-9]{12})`, `(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]`, `"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"`, `a(b)?c`, `(a)|(b)`,
		`(a+)(b*)`, `x*`, `(x*)`, `\s+`, `[\s,]+`, `\S+`, `\D+`, `\W`, `[^\d]`, `[\D]`, `[\w-]+`, `(?U)\w`, `(?m)^a`, `(?s).+`, `(?i:A)`, `(?P<n>a)`, `[^\s]+`, `\d+`, `(\w+)@(\w+)`, `(?i)ARN`, `(?i)(arn)`, `\bx\b`, `.`, `(.)(.)`, `^a`, `a$`, `\Aab`,
		`(ab){2}`, `(?:(a)|b){2}`, `(?<n>[a-z]+)1`, `[a-c&&[b]]`, `[[a]b]`, `\1`, `(a)\1`, `\x41`, `[*]`, `a++`, `(?=a)a`, `[.]`, `\.`, `a{0,2}b`, `é`, `(é+)`, ``, `(`,
		`^[a-z]+$`, `^a$|b$`, `(a$|b)`, `(?:b\s*$)`, `$`, `^$`, `[$]`, `\$`, `(b$)?`, `([^,]+)$`, `,(\S*)$`, `(b|$)`, `a$b`, `b$\n`, `(b$|1)\n`, `(b$)*`, `b$+`, `\s$`, `(\s)$`, `(?:^|[^a-z])(aab|x)(?:[^a-z]|$)`, `([a-z]$)`, `[^\n]$`,
		`(x|)b`, `((a)b)`, `(a)?(b)`, `b(\d*)`, `(a(b)?)`, `[]\d]`, `[^]\d]`, `(?:)1`, `1^`, `^^`, `\za`, `a\A`, `^\w{1,400}$`, `(?i)[\w-]{1,512}$`, `(?:\w{1,100}\.){1,10}`,
	) {
		for _, call := range []string{"regexp_like(x, $)", "regexp_extract_all(x, $)", "regexp_extract_all(x, $, 1)", "regexp_extract_all(x, $, 2)",
			"regexp_extract(x, $)", "regexp_extract(x, $, 1)", "regexp_extract(x, $, 2)"} {
			call = "transform(ARRAY[" + strings.Join(texts, ", ") + "], x -> " + call + ")"
			got, sql, err := evaluate(t, s, strings.Replace(call, "x, $", "x, "+quoted(pattern), 1))
			want, reference, wantErr := evaluate(t, s, strings.Replace(call, "x, $", "x, reverse(reverse("+quoted(pattern)+"))", 1))
			if wantErr == nil && !strings.Contains(reference, "t_rx") {
				t.Fatalf("%s is no reference", reference)
			}
			if got != want || (err == nil) != (wantErr == nil) {
				t.Errorf("%s with %s: as a constant %s, %v, else %s, %v", call, pattern, got, err, want, wantErr)
			}
			if err == nil && !strings.Contains(sql, "t_rx") {
				native++
			}
		}
		if _, _, err := evaluate(t, s, "regexp_like('', "+quoted(pattern)+")"); err != nil {
			continue
		}
		const sql = "SELECT id, regexp_like(eventname, $), regexp_like(lower(eventname), $), regexp_like(concat(eventname, ''), $) FROM ev"
		got, _ := stored.rowsOf(t, strings.ReplaceAll(sql, "$", quoted(pattern)))
		want, _ := stored.rowsOf(t, strings.ReplaceAll(sql, "$", "reverse(reverse("+quoted(pattern)+"))"))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("a column with %s: as a constant %s, else %s", pattern, got, want)
		}
	}
	if native < 400 {
		t.Errorf("only %d calls are DuckDB's", native)
	}
}

// randomPatterns returns patterns of pieces that the two engines may see in different ways.
func randomPatterns(n int) (patterns []string) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "ab", ",", ".", `\n`, `\s`, `[^a]`, "$", "$", "^", "(", "(", "(?:", ")", ")", ")", "|", "*", "+", "?", `\d`}
	for len(patterns) < n {
		var b strings.Builder
		for range 2 + random.IntN(8) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		if _, err := regexp.Compile(b.String()); err == nil && !strings.Contains(b.String(), "(?)") { // which our engine refuses
			patterns = append(patterns, b.String())
		}
	}
	return patterns
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
