package dialect

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// printed analyzes a statement and prints it for stores of the test's storage, changed by edit.
func printed(t *testing.T, sql string, edit func(*Storage)) (*Analysis, *DuckDB) {
	t.Helper()
	o := testOptions(t)
	o.Positional = nil
	a, err := Analyze(sql, o)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	p, err := PrintDuckDB(a.Statement, DuckOptions{Table: func(s *StoreScan) string { return s.Store }, Storage: func(s *StoreScan) *Storage {
		st := testStorage(s)
		edit(st)
		return st
	}})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return a, p
}

// TestFilter says what of a statement's conditions must be true of the rows of its first
// scan. Where nothing is said, all rows may matter.
func TestFilter(t *testing.T) {
	for _, c := range []struct{ sql, parts, keys string }{
		{"SELECT 1 FROM trail", "", ""},
		{"SELECT 1 FROM trail WHERE eventName = 'A'", `(f."eventname" = 'A')`, "A"},
		{"SELECT 1 FROM trail WHERE 'A' = eventName", `('A' = f."eventname")`, "A"},
		{"SELECT 1 FROM trail WHERE eventName IN ('B', 'A') AND errorCode IS NULL", `(f."eventname" IN ('B', 'A')); (f."errorcode" IS NULL)`, "A B"},
		{"SELECT 1 FROM trail WHERE (eventName = 'A' OR eventName IN ('B', 'C')) AND readOnly", `((f."eventname" = 'A') OR (f."eventname" IN ('B', 'C'))); f."readonly"`, "A B C"},
		{"SELECT 1 FROM trail WHERE eventName = 'A' OR errorCode = 'x'", `((f."eventname" = 'A') OR (f."errorcode" = 'x'))`, ""},
		{"SELECT 1 FROM trail WHERE eventName NOT IN ('A')", `(f."eventname" NOT IN ('A'))`, ""},
		// A part that costs is left out, and an OR with it.
		{"SELECT 1 FROM trail WHERE eventName = 'A' AND element_at(requestParameters, 'k') = 'v'", `(f."eventname" = 'A')`, "A"},
		{"SELECT 1 FROM trail WHERE eventName = 'A' OR element_at(requestParameters, 'k') = 'v'", "", ""},
		{"SELECT 1 FROM trail WHERE lower(eventName) = 'a'", "", ""},
		{"SELECT 1 FROM trail WHERE strpos(eventJson, 'a') > 0 AND eventJson LIKE '%a'", "", ""},
		// Under NOT, what is left out would take rows away.
		{"SELECT 1 FROM trail WHERE NOT (eventName = 'A' AND errorCode IS NULL)", `(NOT ((f."eventname" = 'A') AND (f."errorcode" IS NULL)))`, ""},
		{"SELECT 1 FROM trail WHERE NOT (eventName = 'A' AND lower(eventName) = 'a')", "", ""},
		// Of joins, inner ones alone.
		{"SELECT 1 FROM trail t JOIN other o ON t.eventID = o.eventID WHERE t.eventName = 'A' AND o.eventName = 'B'", `(f."eventname" = 'A')`, "A"},
		{"SELECT 1 FROM trail t LEFT JOIN other o ON t.eventID = o.eventID WHERE t.eventName = 'A'", "", ""},
		{"SELECT 1 FROM trail TABLESAMPLE BERNOULLI (10) WHERE eventName = 'A'", "", ""},
		// A condition on what a sub-query selects is not one on its rows.
		{"SELECT 1 FROM (SELECT eventName FROM trail ORDER BY eventTime LIMIT 5) WHERE eventName = 'A'", "", ""},
		{"SELECT 1 FROM (SELECT eventName FROM trail WHERE eventName = 'B') WHERE eventName = 'A'", `(f."eventname" = 'B')`, "B"},
		{"SELECT count(*) FROM trail WHERE eventName = 'A' HAVING count(*) > 1", `(f."eventname" = 'A')`, "A"},
	} {
		a, p := printed(t, c.sql, func(st *Storage) { st.Key = "eventname" })
		f := p.Reads[a.Statement.Scans[0].ID].Filter
		if f == nil {
			f = &Filter{}
		}
		if got := strings.Join(f.Parts, "; "); got != c.parts {
			t.Errorf("%s\n gives %s\n want  %s", c.sql, got, c.parts)
		}
		if got := strings.Join(slices.Clone(f.Keys), " "); got != c.keys {
			t.Errorf("%s demands %q, want %q", c.sql, got, c.keys)
		}
	}
}

// TestMapsAfterKey wants conditions on maps to mention the event's name where the statement
// demands one, so that DuckDB does not read the maps of other events; and no others, which
// DuckDB may use to join, or evaluates while it reads.
func TestMapsAfterKey(t *testing.T) {
	const m = "element_at(requestParameters, 'k')"
	for _, c := range []struct {
		sql   string
		wraps int
	}{
		{"SELECT 1 FROM trail WHERE eventName = 'A' AND " + m + " <> 'v'", 1},
		{"SELECT 1 FROM trail WHERE eventName = 'A' AND " + m + " = 'v'", 0},
		{"SELECT 1 FROM trail WHERE eventName IN ('A', 'B') AND " + m + " IS NULL AND length(" + m + ") > 1", 2},
		{"SELECT 1 FROM trail WHERE " + m + " <> 'v'", 0},
		{"SELECT 1 FROM trail WHERE eventName <> 'A' AND " + m + " <> 'v'", 0},
		{"SELECT 1 FROM trail WHERE (eventName = 'A' OR readOnly) AND " + m + " <> 'v'", 0},
		{"SELECT 1 FROM trail WHERE eventName = 'A' AND errorCode IS NULL AND readOnly", 0},
		{"SELECT 1 FROM trail WHERE eventName = 'A' AND " + m + " NOT IN (SELECT eventID FROM other)", 0},
		{"SELECT 1 FROM trail t, other o WHERE t.eventName = 'A' AND element_at(t.requestParameters, 'k') <> o.eventID", 0},
		{"SELECT 1 FROM trail t, other o WHERE t.eventName = 'A' AND t.eventID = o.eventID AND element_at(t.requestParameters, 'k') <> 'v' AND element_at(o.requestParameters, 'k') <> 'v'", 1},
		{"SELECT 1 FROM trail t LEFT JOIN other o ON t.eventID = o.eventID WHERE t.eventName = 'A' AND element_at(t.requestParameters, 'k') <> 'v'", 0},
	} {
		_, p := printed(t, c.sql, func(st *Storage) { st.Key = "eventname" })
		if n := strings.Count(p.SQL, `CASE WHEN t0."eventname" IS NOT NULL THEN`); n != c.wraps {
			t.Errorf("%s: %d conditions mention the name, want %d:\n%s", c.sql, n, c.wraps, p.SQL)
		}
	}
}

// TestDemands says of which columns, and members of columns, a condition demands values.
func TestDemands(t *testing.T) {
	for _, c := range []struct {
		where string
		want  map[string][]string
	}{
		{"eventID = 'a'", map[string][]string{"eventid": {"a"}}},
		{"userIdentity.accessKeyId = 'k' AND eventID IN ('b', 'a') AND eventName = 'x'", map[string][]string{"eventid": {"a", "b"}, "useridentity.accesskeyid": {"k"}}},
		{"userIdentity.accessKeyId = 'k' OR userIdentity.accessKeyId = 'l'", map[string][]string{"useridentity.accesskeyid": {"k", "l"}}},
		{"eventID = concat('a', 'b') OR eventID = 'a' || 'b'", map[string][]string{"eventid": {"ab"}}},
		{"eventID = concat('a', CAST(NULL AS varchar))", nil},
		{"eventID = concat('a', eventName)", nil},
		{"userIdentity.accessKeyId = 'k' OR eventID = 'a'", nil},
		{"userIdentity.arn = 'k'", nil},
		{"eventID <> 'a'", nil},
		{"NOT eventID = 'a'", nil},
		{"upper(eventID) = 'A'", nil},
		{"eventID = eventName", nil},
		{"eventID = NULL", nil},
		{"eventID IS NOT DISTINCT FROM 'a'", nil},
		{"coalesce(eventID, 'a') = 'a'", nil},
	} {
		sql := "SELECT 1 FROM trail WHERE " + c.where
		a, p := printed(t, sql, func(st *Storage) {
			st.Needles = []string{"eventid", "useridentity.accesskeyid"}
			for i, c := range st.Columns {
				if c.Name != "useridentity" {
					continue
				}
				st.Columns[i].Kind = StoredRow
				for k, name := range c.Type.Names {
					st.Columns[i].Members = append(st.Columns[i].Members, Stored{Name: strings.ToLower(name), Key: name, Type: c.Type.Elems[k]})
				}
			}
		})
		var got map[string][]string
		if f := p.Reads[a.Statement.Scans[0].ID].Filter; f != nil {
			got = f.Demands
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s demands %q, want %q", c.where, got, c.want)
		}
	}
}

// TestPrintedOnce prints subqueries inside of subqueries: were a condition printed twice on
// each level, this would not end.
func TestPrintedOnce(t *testing.T) {
	const depth = 40
	sql := strings.Repeat("SELECT eventID FROM trail WHERE eventName = 'A' AND eventID IN (", depth) + "'a'" + strings.Repeat(")", depth)
	_, p := printed(t, sql, func(st *Storage) { st.Key = "eventname" })
	if n := strings.Count(p.SQL, "SELECT"); n > 10*depth {
		t.Errorf("%d levels are %d SELECTs", depth, n)
	}
}

// TestNested checks that expressions inside of one another do not double the text.
func TestNested(t *testing.T) {
	for _, e := range []string{
		"IF(# > sqrt(2), length(eventName) / 2E0, 1E0)",
		"concat_ws(#, eventName, 'a')",
		"regexp_extract(#, 'a+')",
		"IF(# BETWEEN eventName AND eventID, eventName, eventID)",
		"array_join(split(#, eventID), ',')",
		"IF(# AT TIME ZONE 'Europe/Berlin' + interval '1' month > now(), eventTime)",
		"date_trunc(eventName, # AT TIME ZONE 'Europe/Berlin')",
	} {
		x := "eventName"
		switch {
		case strings.Contains(e, "sqrt"):
			x = "length(eventName) / 2E0"
		case strings.Contains(e, "ZONE"):
			x = "eventTime"
		}
		for range 30 {
			x = strings.ReplaceAll(e, "#", x)
		}
		if _, p := printed(t, "SELECT "+x+" FROM trail", func(*Storage) {}); len(p.SQL) > 60_000 {
			t.Errorf("%s: the SQL has %d characters", e, len(p.SQL))
		}
	}
}
