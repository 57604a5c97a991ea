package duck_test

import (
	"strings"
	"testing"
)

// TestNativeRegexp compares patterns that DuckDB runs itself with the same where the
// pattern is no constant, so that the engine for Java's patterns runs them.
func TestNativeRegexp(t *testing.T) {
	s := expressionSession(t)
	texts := []string{"", "abc", "aab abab bb", "arn:aws:iam::123456789012:root ARN", `{"AWS":"*"}`, `{"Principal" : [ "*"]}`, "a\vb \t\n x", "xx,x", "é aé ééx",
		"a\u00a0b\u0085c\u2028\r\n d٣", "joe@example ann@test", "a1b1\n", `"210987654321":"123456789012"`, "ab1\nab", "A.*B"}
	for i := range texts {
		texts[i] = quoted(texts[i])
	}
	native := 0
	for _, pattern := range []string{
		`([0-9]{12})`, `(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]`, `"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"`, `a(b)?c`, `(a)|(b)`,
		`(a+)(b*)`, `x*`, `(x*)`, `\s+`, `[\s,]+`, `\S+`, `\D+`, `\W`, `[^\d]`, `[\D]`, `[\w-]+`, `(?U)\w`, `(?m)^a`, `(?s).+`, `(?i:A)`, `(?P<n>a)`, `[^\s]+`, `\d+`, `(\w+)@(\w+)`, `(?i)ARN`, `(?i)(arn)`, `\bx\b`, `.`, `(.)(.)`, `^a`, `a$`, `\Aab`,
		`(ab){2}`, `(?:(a)|b){2}`, `(?<n>[a-z]+)1`, `[a-c&&[b]]`, `[[a]b]`, `\1`, `(a)\1`, `\x41`, `[*]`, `a++`, `(?=a)a`, `[.]`, `\.`, `a{0,2}b`, `é`, `(é+)`, ``, `(`,
	} {
		for _, call := range []string{"regexp_like(x, $)", "regexp_extract_all(x, $)", "regexp_extract_all(x, $, 1)", "regexp_extract_all(x, $, 2)"} {
			call = "transform(ARRAY[" + strings.Join(texts, ", ") + "], x -> " + call + ")"
			got, sql, err := evaluate(t, s, strings.Replace(call, "$", quoted(pattern), 1))
			want, _, wantErr := evaluate(t, s, strings.Replace(call, "$", "concat("+quoted(pattern)+", '')", 1))
			if got != want || (err == nil) != (wantErr == nil) {
				t.Errorf("%s with %s: as a constant %s, %v, else %s, %v", call, pattern, got, err, want, wantErr)
			}
			if err == nil && !strings.Contains(sql, "t_rx") {
				native++
			}
		}
	}
	if native < 60 {
		t.Errorf("only %d calls are DuckDB's", native)
	}
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
