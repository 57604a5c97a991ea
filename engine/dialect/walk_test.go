package dialect

import "testing"

// TestExprKey checks that different expressions have different keys, and equal ones the same: aggregates
// of one key are computed once.
func TestExprKey(t *testing.T) {
	o := testOptions(t)
	o.Positional = nil
	key := func(expression string) string {
		t.Helper()
		a, err := Analyze("SELECT "+expression+" FROM trail e", o)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return exprKey(a.Statement.Query.Body.(*Select).Items[0])
	}
	for _, c := range []struct {
		x, y string
		same bool
	}{
		{"eventname || 'a'", "EventName || 'a'", true},
		{"transform(ARRAY[eventname], x -> x || 'a')", "transform(ARRAY[eventname], y -> y || 'a')", true},
		{"json_value(eventname, 'lax $.a' RETURNING date)", "json_value(eventname, 'lax $.a')", false},
		{"json_value(eventname, 'lax $.a' RETURNING varchar(2))", "json_value(eventname, 'lax $.a' RETURNING varchar(3))", false},
		{"json_query(eventname, 'lax $.a' WITH WRAPPER)", "json_query(eventname, 'lax $.a')", false},
		{"json_value(eventname, 'lax $.a' ERROR ON ERROR)", "json_value(eventname, 'lax $.a' NULL ON ERROR)", false},
		{"json_exists(eventname, 'lax $.a' ERROR ON ERROR)", "json_exists(eventname, 'lax $.a')", false},
		{"eventname IN ('a', 'b')", "eventname IN ('a,varchar:string:b')", false},
		{"eventname IN ('a', 'b')", `eventname IN ('a\",\"b')`, false},
		{"concat(eventname, 'a', 'b')", "concat(eventname, 'a,varchar(1):string:b')", false},
		{"CAST(eventtime AT TIME ZONE 'Asia/Tokyo' AS varchar)", "CAST(eventtime AT TIME ZONE 'UTC' AS varchar)", false},
		{"hour(timestamp '2024-01-01 10:00 +02:00')", "hour(timestamp '2024-01-01 08:00 UTC')", false},
		{"CAST(ROW(eventname) AS row(a varchar))", "CAST(ROW(eventname) AS row(b varchar))", false},
		{"CAST(NULL AS varchar)", "CAST(NULL AS date)", false},
		{"1", "bigint '1'", false},
		{"0e0", "-0e0", false},
		{"'1'", "1", false},
		{"TRY_CAST(eventname AS date)", "CAST(eventname AS date)", false},
		{"coalesce(eventname, awsregion)", "coalesce(awsregion, eventname)", false},
		{"CASE eventname WHEN 'a' THEN 'b' END", "CASE WHEN eventname = 'a' THEN 'b' END", false},
		{"CASE WHEN eventname = 'a' THEN 'b' ELSE 'c' END", "CASE WHEN eventname = 'a' THEN 'b' END", false},
		{"eventname LIKE 'a#%' ESCAPE '#'", "eventname LIKE 'a#%'", false},
		{"eventname LIKE 'a'", "eventname NOT LIKE 'a'", false},
		{"eventname < 'a' AND (eventname < 'b' OR eventname < 'c')", "(eventname < 'a' AND eventname < 'b') OR eventname < 'c'", false},
		{"transform(ARRAY[eventname], x -> transform(ARRAY[x], y -> x))", "transform(ARRAY[eventname], x -> transform(ARRAY[x], y -> y))", false},
		{"row_number() OVER (PARTITION BY eventname, awsregion ORDER BY eventid)", "row_number() OVER (PARTITION BY eventname ORDER BY awsregion, eventid)", false},
		{"sum(1) OVER (ORDER BY eventid ROWS 1 PRECEDING)", "sum(1) OVER (ORDER BY eventid ROWS 2 PRECEDING)", false},
		{"sum(1) OVER (ORDER BY eventid ROWS 1 PRECEDING)", "sum(1) OVER (ORDER BY eventid)", false},
		{"(SELECT 1)", "(select  1)", true},
		{"(SELECT 'a')", "(SELECT 'A')", false},
		{"(SELECT max(eventid) FROM trail)", "(SELECT max(eventid) FROM trail)", true},
		{"(SELECT max(eventid) FROM trail)", "(SELECT max(eventname) FROM trail)", false},
		{"(SELECT e.eventname FROM (VALUES 1) t(x))", "(SELECT e.eventname FROM (VALUES 1) t(x))", false}, // of a row around
		{"1 IN (SELECT 1)", "1 NOT IN (SELECT 1)", false},
		{"1 < ANY (SELECT 1)", "1 < ALL (SELECT 1)", false},
	} {
		if x, y := key(c.x), key(c.y); (x == y) != c.same {
			t.Errorf("%s\n%s\nhave the keys\n%s\n%s", c.x, c.y, x, y)
		}
	}
}
