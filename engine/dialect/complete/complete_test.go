package complete_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"traillake/engine/dialect"
	"traillake/engine/dialect/complete"
)

// names is a small world: the fields that a store could have.
var names = complete.Names{
	Stores: []string{"events", "audit", "my-store"},
	Columns: []complete.Field{
		{Name: "eventName", Type: dialect.Varchar},
		{Name: "eventTime", Type: dialect.Timestamp(3)},
		{Name: "userIdentity", Type: dialect.MustType("row(type varchar, username varchar, sessioncontext row(attributes row(creationdate varchar)))")},
		{Name: "resources", Type: dialect.MustType("array(row(accountid varchar, arn varchar))")},
		{Name: "requestParameters", Type: dialect.MustType("map(varchar,varchar)")},
	},
	Functions: dialect.Functions(),
	Spelling: func(name string) string {
		for _, s := range []string{"userName", "sessionContext", "creationDate", "accountId"} {
			if strings.EqualFold(s, name) {
				return s
			}
		}
		return name
	},
}

// at completes text at the mark |.
func at(text string) (start int, found []string) {
	mark := strings.IndexByte(text, '|')
	start, list := complete.At(text[:mark]+text[mark+1:], mark, names)
	for _, c := range list {
		found = append(found, c.Text)
	}
	return start, found
}

// TestAt holds places for which the list is known to the last word. What a place can
// hold comes from Trino's grammar of SELECT (docs: "SELECT", "Reserved keywords").
func TestAt(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
	}{
		{"a statement begins", "|", "SELECT, WITH"},
		{"lower case", "se|", "select"},
		{"upper case", "SE|", "SELECT"},
		{"mixed case", "Se|", "Select"},
		{"behind a semicolon", "SELECT 1; se|", "select"},
		{"columns before FROM is there", "SELECT eventN|", "eventName"},
		{"columns in lower case", "SELECT eventn|", "eventname"},
		{"columns in upper case", "SELECT EVENTN|", "EVENTNAME"},
		{"columns in a case of one's own", "SELECT EventN|", "EventName"},
		{"columns with FROM behind", "SELECT eventn| FROM events", "eventname"},
		{"the cursor in a word", "SELECT eventn|ame FROM events", "eventname"},
		{"nothing typed gives no functions", "SELECT |", "eventName, eventTime, requestParameters, resources, userIdentity"},
		{"functions", "SELECT element_|", "element_at("},
		{"functions in upper case", "SELECT ELEMENT_|", "ELEMENT_AT("},
		{"forms", "SELECT coal|", "coalesce("},
		{"DISTINCT", "SELECT dist|", "distinct"},
		{"DISTINCT in an aggregate", "SELECT count(dist|", "distinct"},
		{"no DISTINCT in a scalar function", "SELECT lower(dist|", ""},
		{"fields", "SELECT userIdentity.|", "sessionContext, type, userName"},
		{"fields of fields", "SELECT useridentity.sessioncontext.attributes.c|", "creationDate"},
		{"fields in quotes", `SELECT "userIdentity".userN|`, "userName"},
		{"fields through an alias", "SELECT e.userIdentity.us| FROM events e", "userName"},
		{"fields through the store", "SELECT events.userIdentity.us| FROM events", "userName"},
		{"columns of an alias", "SELECT e.user| FROM events AS e", "userIdentity"},
		{"an alias of a later clause", "SELECT * FROM events ev WHERE ev.eventt|", "eventtime"},
		{"a stranger has no fields", "SELECT x.| FROM events e", ""},
		{"a map has no fields", "SELECT requestParameters.|", ""},
		{"an element's fields", "SELECT element_at(resources, 1).|", "accountId, arn"},
		{"an index's fields", "SELECT resources[1].a|", "accountId, arn"},
		{"an element of an alias", "SELECT r.resources[1].ar| FROM events r", "arn"},
		{"stores", "SELECT * FROM |", `"my-store", $EDS_ID, audit, events, LATERAL (, UNNEST(`},
		{"stores by letter", "SELECT * FROM ev|", "events"},
		{"stores keep their case", "SELECT * FROM EV|", "EVents"},
		{"stores in quotes", `SELECT * FROM "my|`, `"my-store"`},
		{"the default store", "SELECT * FROM $|", "$EDS_ID"},
		{"stores behind JOIN", "SELECT * FROM events JOIN au|", "audit"},
		{"stores behind a comma", "SELECT * FROM events e, au|", "audit"},
		{"no stores in the select list", "SELECT audi|", ""},
		{"CTEs", "WITH mine AS (SELECT 1 AS one) SELECT * FROM mi|", "mine"},
		{"columns of a CTE", "WITH mine AS (SELECT eventName AS what, count(*) AS n FROM events GROUP BY 1) SELECT wh| FROM mine", "what"},
		{"only columns of a CTE", "WITH mine AS (SELECT eventName AS what FROM events) SELECT event| FROM mine", ""},
		{"columns of a CTE by alias", "WITH mine AS (SELECT eventName, count(*) n FROM events) SELECT m.| FROM mine m", "eventName, n"},
		{"renamed columns of a CTE", "WITH mine (a, b) AS (SELECT 1, 2) SELECT m.| FROM mine m", "a, b"},
		{"fields through a CTE", "WITH c AS (SELECT userIdentity AS u FROM events) SELECT u.userN| FROM c", "userName"},
		{"a star through CTEs", "WITH c AS (SELECT e.* FROM events e), d AS (SELECT * FROM c) SELECT d.eventn| FROM d", "eventname"},
		{"a CTE inside another", "WITH one AS (SELECT 1 AS x), two AS (SELECT * FROM o|", "one"},
		{"not a CTE inside itself", "WITH one AS (SELECT * FROM on|", ""},
		{"a recursive CTE inside itself", "WITH RECURSIVE one AS (SELECT * FROM on|", "one"},
		{"inside a CTE the tables outside are unseen", "WITH c AS (SELECT xyl| FROM events) SELECT * FROM (SELECT 1 AS xylem) q", ""},
		{"a derived table", "SELECT q.| FROM (SELECT eventName AS a, 1 AS b FROM events) q", "a, b"},
		{"the outer query from a subquery", "SELECT * FROM events outside WHERE EXISTS (SELECT 1 FROM audit WHERE outsid|)", "outside"},
		{"UNNEST of rows", "SELECT r.| FROM events CROSS JOIN UNNEST(resources) AS r", "accountId, arn"},
		{"UNNEST of rows as one column", "SELECT r.| FROM events, UNNEST(resources) AS t(r)", "accountId, arn"},
		{"UNNEST with names", "SELECT t.| FROM events e CROSS JOIN UNNEST(e.resources) AS t (acct, thing)", "acct, thing"},
		{"UNNEST of a map", "SELECT t.| FROM events e, UNNEST(e.requestParameters) t (k, v)", "k, v"},
		{"a lambda's parameter", "SELECT filter(resources, r -> r.|", "accountId, arn"},
		{"a lambda's name", "SELECT filter(resources, row1 -> row|", "row(, row1, row_number("},
		{"behind FROM's table", "SELECT * FROM events wh|", "where"},
		{"joins", "SELECT * FROM events le|", "left join"},
		{"GROUP BY", "SELECT * FROM events WHERE eventName = 'x' GR|", "GROUP BY"},
		{"ORDER then BY", "SELECT * FROM events ORDER |", "BY"},
		{"lower case is kept", "select * from events order |", "by"},
		{"IS", "SELECT * FROM events WHERE eventName IS |", "DISTINCT FROM, NOT DISTINCT FROM, NOT NULL, NULL"},
		{"IS NOT", "SELECT * FROM events WHERE eventName IS NOT n|", "null"},
		{"NOT of an operand", "SELECT * FROM events WHERE eventName NOT |", "BETWEEN, IN (, LIKE"},
		{"operators", "SELECT * FROM events WHERE eventName be|", "between"},
		{"AND", "SELECT * FROM events WHERE eventName = 'a' an|", "and"},
		{"FROM behind an operand", "SELECT count(*) fr|", "from"},
		{"FROM behind a star", "SELECT * fr|", "from"},
		{"ON", "SELECT * FROM events a JOIN audit b ON a.eventn|", "eventname"},
		{"aliases in ORDER BY", "SELECT eventName AS callname, count(*) AS calls FROM events GROUP BY 1 ORDER BY call|", "callname, calls"},
		{"no aliases in GROUP BY", "SELECT eventName AS callname FROM events GROUP BY call|", ""},
		{"sorting", "SELECT * FROM events ORDER BY eventTime de|", "desc"},
		{"LIMIT", "SELECT * FROM events ORDER BY eventTime LI|", "LIMIT"},
		{"CASE", "SELECT CASE wh|", "when"},
		{"THEN", "SELECT CASE WHEN eventName = 'x' th|", "then"},
		{"END", "SELECT CASE WHEN eventName = 'x' THEN 1 en|", "end"},
		{"types", "SELECT CAST(eventTime AS da|", "date"},
		{"AS of CAST", "SELECT CAST(eventTime as|", "as"},
		{"windows", "SELECT rank() ov|", "over ("},
		{"in a window", "SELECT rank() OVER (pa|", "partition by"},
		{"sorting in a window", "SELECT rank() OVER (PARTITION BY eventName or|", "order by"},
		{"frames", "SELECT sum(1) OVER (ORDER BY 1 ROWS BETWEEN un|", "unbounded following, unbounded preceding"},
		{"EXTRACT", "SELECT extract(ye|", "year"},
		{"EXTRACT FROM", "SELECT extract(year FROM eventt|) FROM events", "eventtime"},
		{"an interval", "SELECT now() - INTERVAL '1' d|", "day"},
		{"set operations", "SELECT 1 UNION SELECT 2 UN|", "UNION, UNION ALL"},
		{"the other side of UNION", "SELECT q.| FROM (SELECT 1 AS a) q UNION SELECT 1 FROM (SELECT 1 AS b) q", "a"},
		{"an alias is free", "SELECT eventName AS ev|", ""},
		{"in a text", "SELECT 'ev|", ""},
		{"in a text with a quote", "SELECT 'it''s ev|", ""},
		{"behind a text", "SELECT 'a' fr|", "from"},
		{"in a comment", "SELECT -- ev|", ""},
		{"in a long comment", "SELECT /* ev|", ""},
		{"behind comments", "SELECT /* -- */ -- x\n eventn|", "eventname"},
		{"in a number", "SELECT 12|", ""},
		{"in a number with a point", "SELECT 1.|", ""},
		{"a keyword that is complete", "SELECT 1 FROM|", "FROM"},
		{"a bare id", "SELECT x.eventn| FROM 5e2676f8-9fce-46ef-8142-3e36a94e6691 AS x", "eventname"},
		{"$EDS_ID", "SELECT x.eventn| FROM $EDS_ID x", "eventname"},
		{"line ends", "SELECT eventName,\n\teventn|\nFROM events", "eventname"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start, found := at(c.text)
			if got := strings.Join(found, ", "); got != c.want {
				t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
			}
			mark := strings.IndexByte(c.text, '|')
			if start > mark || strings.ContainsAny(c.text[start:mark], " .,(") {
				t.Errorf("%s: the word begins at %d", c.text, start)
			}
		})
	}
}

// FuzzAt checks what holds for all texts: there is an answer, soon, that begins as what
// was typed.
func FuzzAt(f *testing.F) {
	for _, text := range []string{
		"", "SELECT eventn FROM events", "WITH a AS (SELECT * FROM a, b), b AS (SELECT * FROM a) SELECT x. FROM b x", "select 'x", `"`, "((((", "))))",
		"SELECT * FROM t, UNNEST(a, UNNEST(b)) AS x(y) WHERE filter(x, y -> y.z[1](2).", "$", "$EDS", "a..b", "-- x", "/* /", "CASE CASE WHEN END END END",
		"SELECT é", "SELECT [", "extract(x FROM", "FROM (FROM (FROM (", "x -> x -> x ->", "WITH RECURSIVE a AS (SELECT a.* FROM a) SELECT a. FROM a", "]([)](", ".", "a.", "(a.b", ")).",
	} {
		for _, at := range []int{0, len(text) / 2, len(text)} {
			f.Add(text, at)
		}
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		if len(text) > 2000 {
			return
		}
		began := time.Now()
		start, found := complete.At(text, at, names)
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%q takes %v", text, d)
		}
		at = min(max(at, 0), len(text))
		if start < 0 || start > at {
			t.Fatalf("%q at %d: the word begins at %d", text, at, start)
		}
		typed := text[start:at]
		for _, c := range found {
			if len(c.Text) < len(typed) || !strings.EqualFold(c.Text[:len(typed)], typed) {
				t.Errorf("%q at %d: %q does not begin as %q", text, at, c.Text, typed)
			}
			if utf8.ValidString(text) && !utf8.ValidString(c.Text) {
				t.Errorf("%q at %d: %q is not UTF-8", text, at, c.Text)
			}
		}
		if !slices.IsSortedFunc(found, func(a, b complete.Candidate) int {
			return strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text))
		}) {
			t.Errorf("%q at %d: not sorted: %v", text, at, found)
		}
	})
}

func BenchmarkAt(b *testing.B) {
	text := "WITH c AS (SELECT e.userIdentity AS u, eventName FROM events e WHERE eventTime > '2023-01-01') SELECT u.userN"
	for b.Loop() {
		complete.At(text, len(text), names)
	}
}
