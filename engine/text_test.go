package engine

import (
	"strings"
	"testing"
)

const id = "5e2676f8-9fce-46ef-8142-3e36a94e6691"

func TestSource(t *testing.T) {
	q := `"` + id + `"`
	for _, c := range []struct{ in, want string }{
		{"SELECT 1", "SELECT 1"},
		{"SELECT * FROM $EDS_ID", `SELECT * FROM "events"`},
		{"SELECT * FROM $EDS_ID;", `SELECT * FROM "events";`},
		{"SELECT '$EDS_ID', \"$EDS_ID\" -- $EDS_ID\n/* $EDS_ID /* */ $EDS_ID */ FROM $EDS_ID e", "SELECT '$EDS_ID', \"$EDS_ID\" -- $EDS_ID\n/* $EDS_ID /* */ $EDS_ID */ FROM \"events\" e"},
		{"FROM $EDS_IDX", "FROM $EDS_IDX"},
		{"SELECT $EDS_ID$x$EDS_ID$", "SELECT $EDS_ID$x$EDS_ID$"},
		{"SELECT $$ $EDS_ID $$, E'\\' $EDS_ID' FROM $EDS_ID", `SELECT $$ $EDS_ID $$, E'\' $EDS_ID' FROM "events"`},
		{"FROM " + id, "FROM " + q},
		{"FROM " + strings.ToUpper(id), "FROM " + q},
		{"FROM(SELECT 1 FROM " + id + ")", "FROM(SELECT 1 FROM " + q + ")"},
		{"FROM " + id + " a," + id + "\nJOIN " + id + "/**/x ON true", "FROM " + q + " a," + q + "\nJOIN " + q + "/**/x ON true"},
		{"FROM /* c */ " + id, "FROM /* c */ " + q},
		{"SELECT a, " + id + " FROM x", "SELECT a, " + id + " FROM x"},
		{"FROM x WHERE f(a, " + id + ")", "FROM x WHERE f(a, " + id + ")"},
		{"FROM x GROUP BY a, " + id, "FROM x GROUP BY a, " + id},
		{"FROM '" + id + "'", "FROM '" + id + "'"},
		{"FROM " + id + "-1", "FROM " + id + "-1"},
		{"FROM 12345678-1234-1234-1234-123456789012", `FROM "12345678-1234-1234-1234-123456789012"`},
		{"FROM 1e234567-1234-1234-1234-123456789012)", `FROM "1e234567-1234-1234-1234-123456789012")`},
		{"'open $EDS_ID", "'open $EDS_ID"},
		{"/* open $EDS_ID", "/* open $EDS_ID"},
	} {
		if got := newSource(c.in, "events").sql; got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
	if got := newSource("FROM $EDS_ID", `a"b`).sql; got != `FROM "a""b"` {
		t.Error(got)
	}
}

func TestErrorAt(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		want   string
	}{
		{"abc", 1, "line 1, column 2: x\n  abc\n   ^"},
		{"abc", 3, "line 1, column 4: x\n  abc\n     ^"},
		{"abc", -1, "x"},
		{"abc", 4, "x"},
		{"a\r\nbécd\n", 6, "line 2, column 3: x\n  bécd\n    ^"},
		{"\tab", 1, "line 1, column 2: x\n  \tab\n  \t^"},
		{"", 0, "line 1, column 1: x\n  \n  ^"},
	} {
		if got := errorAt(c.text, c.offset, "x").Error(); got != c.want {
			t.Errorf("%q at %d:\n%s\nwant\n%s", c.text, c.offset, got, c.want)
		}
	}
}

// FuzzSource checks that offsets lead back into the given text, that errors at any
// place can be written, and that text without the two forms stays as it is.
func FuzzSource(f *testing.F) {
	f.Add("SELECT * FROM $EDS_ID WHERE x = '"+id+"'", 20)
	f.Add("FROM "+id+" a, "+id, 50)
	f.Add("/* /* */ $$ ' E'\\", 3)
	f.Fuzz(func(t *testing.T, text string, at int) {
		s := newSource(text, "events")
		if len(s.shifts) == 0 && s.sql != text {
			t.Fatalf("%q became %q", text, s.sql)
		}
		last := 0
		for i := range len(s.sql) + 1 {
			o := s.offset(i)
			if o < last || o > len(text) {
				t.Fatalf("offset %d of %q is %d in %q", i, s.sql, o, text)
			}
			last = o
		}
		_ = s.errorAt(at, "x").Error()
		for i := range len(s.sql) {
			_ = s.errorAt(i, "x").Error()
		}
	})
}

func TestMessage(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Referenced column \"eventNam\" not found in FROM clause!\nCandidate bindings: \"eventname\", \"eventtime\"", `no column "eventNam"; did you mean "eventName"?`},
		{"Referenced column \"zzz\" not found in FROM clause!\nCandidate bindings: \"eventname\"", `no column "zzz"`},
		{"Referenced column \"x\" not found in FROM clause!", `no column "x"`},
		{"Could not find key \"arnn\" in struct\n\nCandidate Entries: \"arn\", \"x\"", `no member "arnn"; did you mean "arn"?`},
		{"Scalar Function with name lenght does not exist!\nDid you mean \"length\"?", `no function "lenght"; did you mean "length"?`},
		{"Cannot compare", "cannot compare"},
		{"ASOF joins", "ASOF joins"},
		{"", ""},
	} {
		if got := message(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}
