package syntax

import (
	"errors"
	"strings"
	"testing"
)

// grammar has a text for each alternative of the rules of Trino's SqlBase.g4 that a query
// can reach, from query downwards, by rule and label. What is refused has the words by
// which it is.
var grammar = []struct{ rule, text, refused string }{
	{"rootQuery", "WITH FUNCTION f() RETURNS int RETURN 1 SELECT 1", "an inline function"},
	{"rootQuery withSession", "WITH SESSION a = 1 SELECT 1", "WITH SESSION"},
	{"query with", "WITH a AS (SELECT 1), b (x, y) AS (VALUES 1) SELECT 1", ""},
	{"query with recursive", "WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n FROM a) SELECT 1", ""},
	{"queryNoWith", "SELECT 1 ORDER BY 1 ASC NULLS FIRST, 2 DESC NULLS LAST OFFSET 1 ROWS LIMIT ALL", ""},
	{"queryNoWith limit", "SELECT 1 OFFSET ? ROW LIMIT ?", ""},
	{"queryNoWith fetch", "SELECT 1 FETCH FIRST 1 ROW ONLY", ""},
	{"queryNoWith fetch ties", "SELECT 1 ORDER BY 1 FETCH NEXT ROWS WITH TIES", ""},
	{"queryTerm intersect", "SELECT 1 INTERSECT ALL SELECT 1 INTERSECT DISTINCT SELECT 1", ""},
	{"queryTerm union except", "SELECT 1 UNION DISTINCT SELECT 1 EXCEPT ALL SELECT 1", ""},
	{"queryPrimary table", "TABLE a", ""},
	{"queryPrimary values", "VALUES 1, (1, 2), ROW(1, 2)", ""},
	{"queryPrimary subquery", "((SELECT 1) LIMIT 1)", ""},
	{"querySpecification", "SELECT DISTINCT a FROM b, c WHERE d GROUP BY e HAVING f WINDOW w AS (PARTITION BY a), v AS (w)", ""},
	{"groupBy all", "SELECT ALL a FROM b GROUP BY ALL a, (b, c), ()", ""},
	{"groupBy distinct", "SELECT a FROM b GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (), GROUPING SETS ((), a)", ""},
	{"selectItem all", "SELECT *, a.*, (b).c.* AS (d, e), f AS g, h i", ""},
	{"relation cross", "SELECT 1 FROM a CROSS JOIN b", ""},
	{"relation join", "SELECT 1 FROM a JOIN b ON c INNER JOIN d USING (e, f) LEFT OUTER JOIN g ON h RIGHT JOIN i ON j FULL OUTER JOIN k ON l", ""},
	{"relation natural", "SELECT 1 FROM a NATURAL JOIN b NATURAL LEFT JOIN c", ""},
	{"sampledRelation", "SELECT 1 FROM a TABLESAMPLE BERNOULLI (10), b TABLESAMPLE SYSTEM (5.5)", ""},
	{"patternRecognition", "SELECT 1 FROM a MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)", "MATCH_RECOGNIZE"},
	{"aliasedRelation", "SELECT 1 FROM a AS b (c, d), e f", ""},
	{"relationPrimary tableName", "SELECT 1 FROM a.b.c", ""},
	{"relationPrimary queryPeriod version", "SELECT 1 FROM a FOR VERSION AS OF 1", "FOR VERSION AS OF"},
	{"relationPrimary queryPeriod timestamp", "SELECT 1 FROM a FOR TIMESTAMP AS OF TIMESTAMP '2024-01-01'", "FOR TIMESTAMP AS OF"},
	{"relationPrimary subquery", "SELECT 1 FROM (SELECT 1) a", ""},
	{"relationPrimary unnest", "SELECT 1 FROM UNNEST(a, b) WITH ORDINALITY AS c (d, e, f)", ""},
	{"relationPrimary lateral", "SELECT 1 FROM LATERAL (SELECT 1) a", ""},
	{"relationPrimary tableFunction", "SELECT 1 FROM TABLE(f(a => 1))", "a table function"},
	{"relationPrimary parenthesized", "SELECT 1 FROM ((a JOIN b ON c))", ""},
	{"relationPrimary jsonTable", "SELECT 1 FROM JSON_TABLE(a, 'lax $' COLUMNS (b int))", "JSON_TABLE"},
	{"booleanExpression", "SELECT a AND NOT b OR c", ""},
	{"predicate comparison", "SELECT a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b", ""},
	{"predicate quantified", "SELECT a = ALL (SELECT 1), a < SOME (SELECT 1), a > ANY (SELECT 1)", ""},
	{"predicate between", "SELECT a BETWEEN 1 AND 2, a NOT BETWEEN 1 AND 2", ""},
	{"predicate in", "SELECT a IN (1, 2), a NOT IN (1), a IN (SELECT 1), a NOT IN (SELECT 1)", ""},
	{"predicate like", "SELECT a LIKE b, a NOT LIKE b ESCAPE '!'", ""},
	{"predicate is", "SELECT a IS NULL, a IS NOT NULL, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b", ""},
	{"valueExpression", "SELECT a AT TIME ZONE 'UTC', a AT TIME ZONE INTERVAL '1' HOUR, -a, +a, a * b / c % d + e - f || g", ""},
	{"primaryExpression literals", "SELECT NULL, INTERVAL '1' DAY, DATE '2024-01-01', DOUBLE PRECISION '1', 1, 1.5, 1e5, .5, TRUE, FALSE, 'a''b', U&'\\0041', U&'!0041' UESCAPE '!', X'6A 6b', 0xFF, 0o7, 0b11, 1_000, ?", ""},
	{"primaryExpression interval", "SELECT INTERVAL -'1-2' YEAR TO MONTH, INTERVAL +'1' DAY TO SECOND, INTERVAL '1' HOUR, INTERVAL '1' MINUTE", ""},
	{"primaryExpression position", "SELECT POSITION(a IN b)", ""},
	{"primaryExpression row", "SELECT (a, b), ROW(a), ROW(a, b)", ""},
	{"primaryExpression listagg", "SELECT LISTAGG(DISTINCT a, ',' ON OVERFLOW TRUNCATE '.' WITHOUT COUNT) WITHIN GROUP (ORDER BY a) FILTER (WHERE b), LISTAGG(a ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY a)", ""},
	{"primaryExpression functionCall star", "SELECT count(*) FILTER (WHERE a) OVER w", ""},
	{"primaryExpression functionCall label", "SELECT count(a.*)", "count(relation.*)"},
	{"primaryExpression functionCall", "SELECT a.f(), f(DISTINCT a ORDER BY b DESC), f(ALL a) FILTER (WHERE c), f(a) IGNORE NULLS OVER (w), f(a) RESPECT NULLS OVER ()", ""},
	{"primaryExpression processingMode", "SELECT FINAL last(a)", "FINAL in front of a function"},
	{"primaryExpression measure", "SELECT a OVER (ORDER BY b)", "a measure over a window"},
	{"primaryExpression lambda", "SELECT f(x -> x, () -> 1, (x, y) -> x)", ""},
	{"primaryExpression subquery", "SELECT (SELECT 1), EXISTS (SELECT 1)", ""},
	{"primaryExpression case", "SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CASE WHEN a THEN b WHEN c THEN d END", ""},
	{"primaryExpression cast", "SELECT CAST(a AS bigint), TRY_CAST(a AS varchar(3))", ""},
	{"primaryExpression array", "SELECT ARRAY[], ARRAY[1, 2][1], a[1][2]", ""},
	{"primaryExpression dereference", "SELECT a.b.c, f(a).b, a[1].b", ""},
	{"primaryExpression current", "SELECT CURRENT_DATE, CURRENT_TIME, CURRENT_TIME(3), CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(6), LOCALTIME, LOCALTIME(0), LOCALTIMESTAMP, LOCALTIMESTAMP(9), CURRENT_USER, CURRENT_CATALOG, CURRENT_SCHEMA, CURRENT_PATH", ""},
	{"primaryExpression trim", "SELECT TRIM(a), TRIM(BOTH FROM a), TRIM(LEADING 'x' FROM a), TRIM(TRAILING FROM a), TRIM('x' FROM a), TRIM(a, 'x')", ""},
	{"primaryExpression substring", "SELECT SUBSTRING(a FROM 1), SUBSTRING(a FROM 1 FOR 2), substring(a, 1)", ""},
	{"primaryExpression normalize", "SELECT NORMALIZE(a), NORMALIZE(a, NFD), NORMALIZE(a, NFC), NORMALIZE(a, NFKD), NORMALIZE(a, NFKC)", ""},
	{"primaryExpression extract", "SELECT EXTRACT(YEAR FROM a)", ""},
	{"primaryExpression grouping", "SELECT GROUPING(a, b.c)", ""},
	{"primaryExpression json", "SELECT JSON_EXISTS(a, 'lax $'), JSON_VALUE(a, 'lax $'), JSON_QUERY(a, 'lax $'), JSON_OBJECT(), JSON_ARRAY()", ""},
	{"type", "SELECT CAST(a AS ROW(bigint, b varchar, \"c\" ROW(d int))), CAST(a AS INTERVAL DAY TO SECOND), CAST(a AS INTERVAL YEAR TO MONTH)", ""},
	{"type dateTime", "SELECT CAST(a AS TIMESTAMP), CAST(a AS TIMESTAMP(3) WITHOUT TIME ZONE), CAST(a AS TIMESTAMP(6) WITH TIME ZONE), CAST(a AS TIME), CAST(a AS TIME(3) WITH TIME ZONE)", ""},
	{"type others", "SELECT CAST(a AS DOUBLE PRECISION), CAST(a AS ARRAY<bigint>), CAST(a AS MAP<varchar, ARRAY<int>>), CAST(a AS bigint ARRAY), CAST(a AS bigint ARRAY[3]), CAST(a AS decimal(3,1)), CAST(a AS map(varchar, json))", ""},
	{"windowFrame", "SELECT f() OVER (RANGE UNBOUNDED PRECEDING), f() OVER (ROWS 1 PRECEDING), f() OVER (GROUPS CURRENT ROW), f() OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING), f() OVER (RANGE BETWEEN CURRENT ROW AND INTERVAL '1' DAY FOLLOWING)", ""},
	{"windowFrame pattern", "SELECT f() OVER (ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING AFTER MATCH SKIP TO NEXT ROW PATTERN (a))", "row pattern recognition in a window"},
	{"windowFrame measures", "SELECT f() OVER (MEASURES a AS b ROWS CURRENT ROW)", "row pattern recognition in a window"},
}

func TestGrammar(t *testing.T) {
	for _, g := range grammar {
		q, err := Parse(g.text, Limits{})
		var e *Error
		switch {
		case g.refused == "" && err != nil:
			t.Errorf("%s: %s\n%v", g.rule, g.text, err)
		case g.refused == "":
			fixed(t, g.text, q)
		case !errors.As(err, &e) || e.Code != CodeNotSupported || !strings.HasPrefix(e.Message, g.refused+" is not supported"):
			t.Errorf("%s: %s\n%v, want %s is not supported", g.rule, g.text, err, g.refused)
		}
	}
}
