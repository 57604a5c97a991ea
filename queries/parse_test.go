package queries

import (
	"strings"
	"testing"
)

const example = `-- name: top-callers
-- title: Top callers
-- description: Who calls from where,
--   most active first.
--
--   A second paragraph: with a colon
--   - and a list
-- severity: low
-- technique: T1078, T1078.004
-- apis: GetObject
-- false-positives: NAT gateways.
-- next: Look it up.
-- tags: network, triage
-- params:
--   since: timestamp = now - 7 days
--     From here on,
--     not before.
--   name: string
--   text: string = 'it''s '
--   limit: integer = 20

-- this comment belongs to the SQL
SELECT ':name', ":name", eventTime::varchar /* :name */
FROM $EDS_ID
WHERE eventTime >= :since AND eventName = :name OR eventName=:text
LIMIT :limit ; -- the end
`

func TestParse(t *testing.T) {
	q, err := Parse("area/top-callers.sql", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(q); err != nil {
		t.Error(err)
	}
	for _, f := range []struct{ key, got, want string }{
		{"name", q.Name, "top-callers"},
		{"title", q.Title, "Top callers"},
		{"description", q.Description, "Who calls from where, most active first.\n\nA second paragraph: with a colon\n- and a list"},
		{"severity", q.Severity, "low"},
		{"technique", strings.Join(q.Techniques, "|"), "T1078|T1078.004"},
		{"apis", strings.Join(q.APIs, "|"), "GetObject"},
		{"false-positives", q.FalsePositives, "NAT gateways."},
		{"next", q.Next, "Look it up."},
		{"tags", strings.Join(q.Tags, "|"), "network|triage"},
		{"file", q.File, "area/top-callers.sql"},
	} {
		if f.got != f.want {
			t.Errorf("%s = %q, want %q", f.key, f.got, f.want)
		}
	}
	want := []Param{
		{Name: "since", Type: TypeTimestamp, Default: "now - 7 days", Optional: true, Doc: "From here on, not before.", Line: 15},
		{Name: "name", Type: TypeString, Line: 18},
		{Name: "text", Type: TypeString, Default: "it's ", Optional: true, Line: 19},
		{Name: "limit", Type: TypeInteger, Default: "20", Optional: true, Line: 20},
	}
	if len(q.Params) != len(want) {
		t.Fatalf("%d parameters, want %d", len(q.Params), len(want))
	}
	for i := range want {
		if q.Params[i] != want[i] {
			t.Errorf("parameter %d = %+v, want %+v", i, q.Params[i], want[i])
		}
	}
	if q.Line != 22 || !strings.HasPrefix(q.SQL, "-- this comment") || !strings.HasSuffix(q.SQL, "LIMIT :limit ") {
		t.Errorf("SQL from line %d: %q", q.Line, q.SQL)
	}
}

// Files from other systems parse the same.
func TestParseLineBreaks(t *testing.T) {
	q, err := Parse("", []byte("\ufeff"+strings.ReplaceAll(example, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(q); err != nil {
		t.Error(err)
	}
	if q.Params[1].Name != "name" || strings.Contains(q.Description, "\r") {
		t.Errorf("parameters %+v, description %q", q.Params, q.Description)
	}
}

func TestParseErrors(t *testing.T) {
	const head = "-- name: x\n"
	for _, tc := range []struct{ text, want string }{
		{"", "f.sql:1: no header"},
		{"SELECT 1", "f.sql:1: no header"},
		{"-- title: x\nSELECT 1", "f.sql:1: no name"},
		{"-- hello world\nSELECT 1", "f.sql:1: the header begins with \"hello world\""},
		{head + "-- naem: y\nSELECT 1", `f.sql:2: no key "naem"; the keys are apis, description`},
		{head + "-- name: y\nSELECT 1", "f.sql:2: key name is there twice, first in line 1"},
		{head + "-- stray words\nSELECT 1", `f.sql:2: "stray words" is neither a key nor the rest of name`},
		{head + "-- params: a: string\nSELECT 1", "f.sql:2: a parameter stands on a line of its own"},
		{head + "-- params:\n--   a string\nSELECT 1", `f.sql:3: "a string" is no parameter`},
		{head + "-- params:\n--   a: text\nSELECT 1", `f.sql:3: parameter a: no type "text"; the types are string,`},
		{head + "-- params:\n--   A: string\nSELECT 1", `f.sql:3: parameter A: a name consists of lower-case`},
		{head + "-- params:\n--   a: integer = many\nSELECT 1", `f.sql:3: parameter a: default: "many" is no integer`},
		{head + "-- params:\n--   a: integer =\nSELECT 1", `f.sql:3: parameter a: default: "" is no integer`},
		{head + "-- params:\n--   a: string = 'x\nSELECT 1", `f.sql:3: parameter a: default: ' is not closed`},
		{head + "-- params:\n--   a: string = 'x' y\nSELECT 1", `f.sql:3: parameter a: default: text behind the closing quote`},
		{head + "-- params:\n--   a: string\n--   a: date\nSELECT 1", `f.sql:4: parameter a is declared twice, first in line 3`},
		{head, "f.sql:2: no SQL behind the header"},
		{head + "\n;\n", "no SQL behind the header"},
		{head + "DELETE FROM x", `f.sql:2: the statement begins with "DELETE"`},
		{head + "SELECT 1;\n SELECT 2", "f.sql:3: text behind the closing semicolon"},
		{head + "SELECT 'a\n", "f.sql:2: ' is not closed"},
		{head + "SELECT \"a\n", "f.sql:2: \" is not closed"},
		{head + "SELECT 1\n/* a", "f.sql:3: comment is not closed"},
		{head + "SELECT 1\n/* a /* b */ */", "f.sql:3: /* inside a comment"},
		{head + "SELECT $$x$$", "is not allowed outside a string"},
		{head + "SELECT $1", "is not allowed outside a string"},
		{head + "SELECT * FROM $EDS_ID$", "is not allowed outside a string"},
		{head + "SELECT * FROM $EDS_IDS", "is not allowed outside a string"},
		{head + "SELECT 1\u00a0+ 2", "outside a string or comment"},
		{head + "SELECT \x00", "f.sql: not a text file in UTF-8"},
		{head + "SELECT '\xff'", "f.sql: not a text file in UTF-8"},
		{head + "SELECT '" + strings.Repeat("x", maxFile) + "'", "f.sql: 1048"},
	} {
		_, err := Parse("f.sql", []byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.60q: error %v, want %q", tc.text, err, tc.want)
		}
	}
}

// A file with several mistakes tells them all.
func TestParseAllErrors(t *testing.T) {
	_, err := Parse("f.sql", []byte("-- name: x\n-- nmae: y\n-- params:\n--   a: number\nSELECT 'x"))
	for _, want := range []string{"f.sql:2:", "f.sql:4:", "f.sql:5:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error %v lacks %q", err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	const head = "-- name: x\n-- title: t\n-- description: d\n-- tags: a\n"
	for _, tc := range []struct{ text, want string }{
		{"-- name: y\nSELECT 1", "the file is called x.sql, not y.sql"},
		{"-- name: X y\nSELECT 1", `name "X y": a name is lower-case words`},
		{"-- name: x\nSELECT 1", "the header has no title"},
		{"-- name: x\nSELECT 1", "the header has no description"},
		{"-- name: x\nSELECT 1", "the header has no tags"},
		{head + "-- severity: bad\nSELECT 1", `no severity "bad"; it is one of info, low`},
		{head + "-- technique: T1, TA0001\nSELECT 1", `"TA0001" is no technique`},
		{head + "SELECT 1,\n :a", "x.sql:6: query x: :a is not declared under params:; the query has no parameters"},
		{head + "-- params:\n--   b: string\nSELECT ':b'", "x.sql:6: query x: parameter b is not used"},
		{head + "SELECT '" + strings.Repeat("é", maxStatement) + "'", "has 10009 characters"},
	} {
		q, err := Parse("q/x.sql", []byte(tc.text))
		if err != nil {
			t.Errorf("%q: %v", tc.text, err)
			continue
		}
		if err := Check(q); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.60q: error %v, want %q", tc.text, err, tc.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("-- name: x\n--\tparams\n-- params:\n--   a: strings = ,\nselect :a,:a::b,/**/'' \"\" $EDS_ID;")
	f.Add("\ufeff\r\n-- name: x\r\nWITH a AS (SELECT 1) SELECT * FROM a")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse("f.sql", []byte(text))
		if err != nil {
			if q != nil {
				t.Error("a query beside an error")
			}
			return
		}
		_ = Check(q)
		// The tokens cover the SQL, and the SQL is a part of the file.
		end := 0
		for _, tok := range q.tokens {
			if tok.start != end || tok.end <= tok.start {
				t.Fatalf("token %+v behind offset %d", tok, end)
			}
			end = tok.end
		}
		if end != len(q.SQL) || !strings.Contains(text, q.SQL) {
			t.Errorf("tokens end at %d of %d in %q", end, len(q.SQL), q.SQL)
		}
		if line := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n"); q.Line < 1 || q.Line > len(line) ||
			!strings.HasPrefix(line[q.Line-1]+"\n", strings.SplitAfter(q.SQL+"\n", "\n")[0][:1]) {
			t.Errorf("line %d does not begin the SQL %q", q.Line, q.SQL)
		}
	})
}
