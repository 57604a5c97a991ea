package duck

import (
	"strings"
	"testing"

	"traillake/engine"
)

// TestViewFunctions calls the functions with vectors of every kind: several chunks,
// whose entries do not fit into one vector, NULL in both places, texts that lie inline
// and that do not, a selection of rows, a constant.
func TestViewFunctions(t *testing.T) {
	s := open(t, engine.Sandbox{})
	const source = `(SELECT i, CASE WHEN i % 7 = 0 THEN NULL WHEN i % 7 = 1 THEN '["a", ' || i || ']'
		ELSE '{"z":null,"a":"' || i || '","text":"' || repeat('x', i % 30) || '","":{"n":1.' || i || '0}}' END AS t FROM range(70000) r(i))`
	for _, c := range []struct{ sql, want string }{
		{`SELECT count(*), count(m), sum(cardinality(m)),
			count(*) FILTER (m['a'] = i::VARCHAR AND m['text'] = repeat('x', i % 30) AND m[''] = '{"n":1.' || i || '0}' AND m['z'] IS NULL AND map_keys(m) = ['', 'a', 'text', 'z']),
			count(DISTINCT m['text']), count(DISTINCT m)
			FROM (SELECT i, __internal_json_members(t) AS m FROM ` + source + `)`, "70000|50000|200000|50000|30|50000"},
		{`SELECT count(*), count(m), min(m['a']::INT), max(m['a']::INT) FROM (SELECT i, __internal_json_members(t) AS m FROM ` + source + ` WHERE i % 5 = 3)`,
			"14000|10000|3|69998"},
		{`SELECT count(*), count(e), sum(len(e)), count(*) FILTER (e[1] = '"a"' AND e[2] = i::VARCHAR) FROM (SELECT i, __internal_json_elements(t) AS e FROM ` + source + `)`,
			"70000|10000|20000|10000"},
		{`SELECT count(*), sum(m['a']::INT) FROM (SELECT __internal_json_members('{"a":2}') AS m FROM range(5000))`, "5000|10000"},
		{`SELECT count(*), count(m) FROM (SELECT __internal_json_members(NULL) AS m FROM range(5000))`, "5000|0"},
		{`SELECT __internal_json_members('{}')::VARCHAR, __internal_json_elements('[]')::VARCHAR, __internal_json_members('[]'), __internal_json_elements('{}')`, "{}|[]|(null)|(null)"},
		// A map made here is one like any other of DuckDB's.
		{`SELECT m = MAP {'a': 'twelve bytes', 'b': 'thirteen byte', 'c': NULL}, count(*) FROM
			(SELECT __internal_json_members(t) AS m FROM (VALUES ('{"b":"thirteen byte","c":null,"a":"twelve bytes"}'), ('{"a":"twelve bytes","b":"thirteen byte","c":null}')) v(t)) GROUP BY m`, "true|2"},
	} {
		_, rows, err := all(t.Context(), s, c.sql)
		if err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		if len(rows) != 1 || strings.Join(rows[0], "|") != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.sql, rows, c.want)
		}
	}
}
