package queries

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A Thursday.
var now = time.Date(2026, 5, 14, 15, 16, 17, 123_456_789, time.UTC)

func TestValues(t *testing.T) {
	for _, tc := range []struct {
		typ        Type
		text, want string
	}{
		{TypeString, "", "''"},
		{TypeString, " it's ", "' it''s '"},
		{TypeString, `'; DROP TABLE events; --`, `'''; DROP TABLE events; --'`},
		{TypeString, `\'`, `'\'''`},
		{TypeString, "$$ /* */ \n :name ☃", "'$$ /* */ \n :name ☃'"},
		{TypeStrings, "a, b'c ,d", "'a', 'b''c', 'd'"},
		{TypeStrings, "", "''"},
		{TypeInteger, "20", "20"},
		{TypeInteger, " -5 ", "(-5)"},
		{TypeInteger, "9223372036854775807", "9223372036854775807"},
		{TypeDouble, "0.5", "5E-01"},
		{TypeDouble, "-1e300", "(-1E+300)"},
		{TypeBoolean, "TRUE", "true"},
		{TypeBoolean, "false", "false"},
		{TypeDate, "2026-05-01", "DATE '2026-05-01'"},
		{TypeDate, "now", "DATE '2026-05-14'"},
		{TypeTimestamp, "2026-05-01", "TIMESTAMP '2026-05-01 00:00:00'"},
		{TypeTimestamp, "2026-05-01 12:30", "TIMESTAMP '2026-05-01 12:30:00'"},
		{TypeTimestamp, "2026-05-01T12:30:01.25Z", "TIMESTAMP '2026-05-01 12:30:01.250'"},
		{TypeTimestamp, "2026-05-01 12:30:01+02:00", "TIMESTAMP '2026-05-01 10:30:01'"},
		{TypeTimestamp, "now", "TIMESTAMP '2026-05-14 15:16:17.123'"},
		{TypeTimestamp, "NOW - 7 days", "TIMESTAMP '2026-05-07 15:16:17.123'"},
		{TypeTimestamp, "now-90min", "TIMESTAMP '2026-05-14 13:46:17.123'"},
		{TypeTimestamp, "now - 1 hour + 30 seconds", "TIMESTAMP '2026-05-14 14:16:47.123'"},
		{TypeTimestamp, "7d", "TIMESTAMP '2026-05-07 15:16:17.123'"},
		{TypeTimestamp, "90m", "TIMESTAMP '2026-05-14 13:46:17.123'"},
		{TypeTimestamp, "7 days ago", "TIMESTAMP '2026-05-07 15:16:17.123'"},
		{TypeTimestamp, "6 months ago", "TIMESTAMP '2025-11-14 15:16:17.123'"},
		{TypeTimestamp, "30s", "TIMESTAMP '2026-05-14 15:15:47.123'"},
		{TypeTimestamp, "90 MINS", "TIMESTAMP '2026-05-14 13:46:17.123'"},
		{TypeDate, "2w", "DATE '2026-04-30'"},
		{TypeTimestamp, "today", "TIMESTAMP '2026-05-14 00:00:00'"},
		{TypeTimestamp, "yesterday", "TIMESTAMP '2026-05-13 00:00:00'"},
		{TypeTimestamp, "start of hour", "TIMESTAMP '2026-05-14 15:00:00'"},
		{TypeTimestamp, "start of day - 2 weeks", "TIMESTAMP '2026-04-30 00:00:00'"},
		{TypeTimestamp, "start of week", "TIMESTAMP '2026-05-11 00:00:00'"},
		{TypeTimestamp, "start of month - 1 month", "TIMESTAMP '2026-04-01 00:00:00'"},
		{TypeTimestamp, "start of year + 5 months - 1 day", "TIMESTAMP '2026-05-31 00:00:00'"},
		{TypeTimestamp, "start of year + 1 month + 30 days + 1 month", "TIMESTAMP '2026-04-03 00:00:00'"},
		{TypeTimestamp, "start of year + 30 days + 1 month", "TIMESTAMP '2026-02-28 00:00:00'"},
	} {
		v, err := ParseValue(tc.typ, tc.text, now)
		if err != nil {
			t.Errorf("%s %q: %v", tc.typ, tc.text, err)
			continue
		}
		if got := v.SQL(); got != tc.want {
			t.Errorf("%s %q = %s, want %s", tc.typ, tc.text, got, tc.want)
		}
	}
	sunday := time.Date(2026, 5, 17, 1, 0, 0, 0, time.UTC)
	if v, err := ParseValue(TypeDate, "start of week", sunday); err != nil || v.SQL() != "DATE '2026-05-11'" {
		t.Errorf("the week of a Sunday: %v, %v", v.SQL(), err)
	}
	if got := (Value{}).SQL(); got != "NULL" {
		t.Errorf("the zero value is %s", got)
	}
}

func TestValueErrors(t *testing.T) {
	for _, tc := range []struct {
		typ  Type
		text string
	}{
		{TypeInteger, ""}, {TypeInteger, "1.5"}, {TypeInteger, "0x10"}, {TypeInteger, "1_000"},
		{TypeInteger, "1; DROP TABLE x"}, {TypeInteger, "9223372036854775808"}, {TypeInteger, "-9223372036854775808"},
		{TypeDouble, "NaN"}, {TypeDouble, "inf"}, {TypeDouble, "1e999"}, {TypeDouble, "x"},
		{TypeBoolean, "yes"}, {TypeBoolean, "1"}, {TypeBoolean, ""},
		{TypeTimestamp, ""}, {TypeTimestamp, "soon"}, {TypeTimestamp, "2026-13-01"}, {TypeTimestamp, "2026-02-30"},
		{TypeTimestamp, "now - 7"}, {TypeTimestamp, "now - 7 fortnights"}, {TypeTimestamp, "start of time"},
		{TypeTimestamp, "now - 99999999 years"}, {TypeTimestamp, "now + 999999999 weeks"}, {TypeTimestamp, "7"}, {TypeTimestamp, "7x"}, {TypeTimestamp, "d"}, {TypeTimestamp, "-7d"}, {TypeTimestamp, "7 ago"}, {TypeTimestamp, "7M"}, {TypeTimestamp, "now - 6 M"}, {TypeTimestamp, "7ms"}, {TypeTimestamp, "7hs"}, {TypeTimestamp, "999999w"},
		{TypeTimestamp, "0000-01-01"}, {TypeTimestamp, "2026-05-01' OR 1=1 --"},
		{TypeDate, "tomorrow"},
		{TypeString, "a\x00b"}, {TypeString, "\xff"}, {TypeStrings, "a\x00b"}, {TypeString, strings.Repeat("x", maxText+1)},
		{0, "x"},
	} {
		if v, err := ParseValue(tc.typ, tc.text, now); err == nil {
			t.Errorf("%s %.40q = %s, want an error", tc.typ, tc.text, v.SQL())
		}
	}
}

func mustParse(t testing.TB, text string) *Query {
	t.Helper()
	q, err := Parse("x.sql", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestSubstitute(t *testing.T) {
	q := mustParse(t, `-- name: x
-- params:
--   since: timestamp = start of day
--   arn: string
--   n: integer = -1
--   ids: strings = a
SELECT ':arn', ":n", x::bigint -:n /* :arn */ -- :arn
FROM $EDS_ID WHERE (:arn = '' OR arn=:arn) AND id IN (:ids) AND t>=:since`)
	got, err := bind(q, map[string]string{"arn": "o'neil", "ids": "1,2"})
	if err != nil {
		t.Fatal(err)
	}
	want := `SELECT ':arn', ":n", x::bigint -(-1) /* :arn */ -- :arn
FROM $EDS_ID WHERE ('o''neil' = '' OR arn='o''neil') AND id IN ('1', '2') AND t>=TIMESTAMP '2026-05-14 00:00:00'`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNames(t *testing.T) {
	got, err := Names(`SELECT ':arn', ":n", x::bigint - :n /* :a */ -- :b
FROM events WHERE :arn = '' OR t >= :since AND arn = :arn`)
	if want := []string{"n", "arn", "since"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err := Names("SELECT 'open"); err == nil {
		t.Errorf("of text without its end: %q", got)
	}
}

func TestSubstituteErrors(t *testing.T) {
	q := mustParse(t, "-- name: x\n-- params:\n--   arn: string\n--   limit: integer = 5\nSELECT :arn, :limit")
	_, err := q.Values(map[string]string{"limit": "many", "lmit": "5"}, now)
	for _, want := range []string{
		"query x: parameter lmit: no such parameter; the query has arn, limit",
		"query x: parameter arn: no value; it takes a string, such as some text",
		`query x: parameter limit: "many" is no integer; it takes an integer, such as 20`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	var pe *ParamError
	if !errors.Is(err, ErrParameter) || !errors.As(err, &pe) || pe.Query != "x" {
		t.Errorf("the error %#v is no ErrParameter", err)
	}
	_, err = Substitute("SELECT 1,\n:a", nil)
	if err == nil || err.Error() != "there is no value for the parameter :a" {
		t.Errorf("a parameter without a value: %v", err)
	}
}

// TestSubstituteRefuses has what engines read in more than one way.
func TestSubstituteRefuses(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"SELECT e'x'", `quote directly behind "e"`},
		{"SELECT U&'a'", `quote directly behind "&"`},
		{"SELECT 'a':b", ":b needs a blank before it"},
		{"SELECT a:b", ":b needs a blank before it"},
		{"SELECT 1.:b", ":b needs a blank before it"},
		{"SELECT :b'c'", ":b needs a blank behind it"},
		{"SELECT :b.c", ":b needs a blank behind it"},
	} {
		if _, err := Substitute(tc.sql, map[string]Value{"b": {TypeInteger, int64(1)}}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.sql, err, tc.want)
		}
	}
}

func bind(q *Query, given map[string]string) (string, error) {
	values, err := q.Values(given, now)
	if err != nil {
		return "", err
	}
	return Substitute(q.SQL, values)
}

// checkBound tests the promise of Substitute: outside the literals the bound SQL has
// the tokens of the query, and each literal is exactly the value.
func checkBound(t interface {
	Helper()
	Fatalf(string, ...any)
}, q *Query, values map[string]Value, bound string) {
	t.Helper()
	tokens, err := lex(bound)
	if err != nil {
		t.Fatalf("bound SQL %q: %v", bound, err)
	}
	for _, tok := range q.tokens {
		text := q.SQL[tok.start:tok.end]
		if tok.kind != tokenParam {
			if len(tokens) == 0 || tokens[0].kind != tok.kind || bound[tokens[0].start:tokens[0].end] != text {
				t.Fatalf("token %q of %q is another in %q", text, q.SQL, bound)
			}
			tokens = tokens[1:]
			continue
		}
		literal, err := lex(values[text[1:]].SQL())
		if err != nil {
			t.Fatalf("literal of %s: %v", text, err)
		}
		at := 0
		for _, l := range literal {
			if len(tokens) == 0 || tokens[0].kind != l.kind || tokens[0].end-tokens[0].start != l.end-l.start {
				t.Fatalf("literal of %s has grown in %q", text, bound)
			}
			tokens, at = tokens[1:], l.end
		}
		if at == 0 {
			t.Fatalf("empty literal of %s", text)
		}
	}
	if len(tokens) != 0 {
		t.Fatalf("bound SQL %q has %d tokens too many", bound, len(tokens))
	}
}

// FuzzSubstitute tries texts of SQL around a parameter, and values in it.
func FuzzSubstitute(f *testing.F) {
	for _, sql := range []string{"SELECT :a", "SELECT ':a' -:a", "SELECT '' :a ''", "SELECT a /*:a*/ :a -- :a", "SELECT (:a)::x,:a",
		"SELECT \"\" :a/:a", "SELECT :a:a", "SELECT :a\n'b'"} {
		for _, value := range []string{"", "'", "''", "' --", "*/", "a'b", "-1", "$$", "\\'", "\n"} {
			f.Add(sql, value, uint8(1))
			f.Add(sql, value, uint8(2))
		}
	}
	f.Fuzz(func(t *testing.T, sql, value string, typ uint8) {
		kind := Type(typ%7 + 1)
		q, err := Parse("x.sql", []byte("-- name: x\n-- params:\n--   a: "+kind.String()+"\n\n"+sql))
		if err != nil {
			return
		}
		given := map[string]string{"a": value}
		values, err := q.Values(given, now)
		if err != nil {
			return
		}
		bound, err := Substitute(q.SQL, values)
		if err != nil {
			return // another parameter, not declared
		}
		checkBound(t, q, values, bound)
	})
}

// TestSubstituteProperty puts SQL together from pieces that are difficult to tell
// apart, which random bytes rarely are.
func TestSubstituteProperty(t *testing.T) {
	piece := rapid.SampledFrom([]string{":s", ":n", ":l", "'", "''", "'x'", `"`, `"y"`, "--", "/*", "*/", "\n", " ", " ", ",", "(", ")", "-", "::",
		":", "E", "&", "$", "$EDS_ID", "1", ".", "\\", ";", "a"})
	text := rapid.StringOf(rapid.SampledFrom([]rune("'\"\\-/*$:;, \na1é\u00a0")))
	rapid.Check(t, func(t *rapid.T) {
		sql := "SELECT " + strings.Join(rapid.SliceOfN(piece, 1, 20).Draw(t, "sql"), "")
		q, err := Parse("x.sql", []byte("-- name: x\n-- params:\n--   s: string\n--   n: integer\n--   l: strings\n"+sql))
		if err != nil {
			return
		}
		given := map[string]string{"s": text.Draw(t, "s"), "n": rapid.SampledFrom([]string{"1", "-1"}).Draw(t, "n"), "l": text.Draw(t, "l")}
		values, err := q.Values(given, now)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := Substitute(q.SQL, values)
		if err != nil {
			return
		}
		checkBound(t, q, values, bound)
	})
}
