package duck_test

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/dialect"
)

// orderedRows are rows in an order that aggregates like avg, and those that take one of many, give
// away.
var orderedRows = []string{
	"(1, 0.1e0, REAL '0.1', DECIMAL '0.5', true, 'b', MAP(ARRAY['k', 'b'], ARRAY['0', '2']), ARRAY['b', 'x'], INTERVAL '0.1' SECOND, INTERVAL '1' MONTH, 0.3e0)",
	"(3, 1234.567e0, REAL '1234.567', DECIMAL '1.5', false, 'a', MAP(ARRAY['k', 'a'], ARRAY['1', '2']), ARRAY['a', 'x'], INTERVAL '0.2' SECOND, INTERVAL '2' MONTH, 0.3e0)",
	"(3, 0.7e0, REAL '0.7', DECIMAL '2.5', true, 'c', MAP(ARRAY['k', 'c'], ARRAY['2', '2']), ARRAY['c', 'x'], INTERVAL '0.3' SECOND, INTERVAL '12' MONTH, 7.77e0)",
	"(1, 33.3333e0, REAL '33.3333', DECIMAL '3.5', false, 'd', MAP(ARRAY['k', 'd'], ARRAY['3', '2']), ARRAY['d', 'x'], INTERVAL '0.4' SECOND, INTERVAL '4' MONTH, 0.1e0)",
	"(3, 5.1e0, REAL '5.1', DECIMAL '4.5', true, 'e', MAP(ARRAY['k', 'e'], ARRAY['4', '2']), ARRAY['e', 'x'], INTERVAL '0.5' SECOND, INTERVAL '1' MONTH, 98.6e0)",
	"(7, 0.013e0, REAL '0.013', DECIMAL '5.5', false, 'f', MAP(ARRAY['k', 'f'], ARRAY['5', '2']), ARRAY['f', 'x'], INTERVAL '0.6' SECOND, INTERVAL '3' MONTH, 1.1e0)",
	"(5, 220000.9e0, REAL '220000.9', DECIMAL '6.5', true, 'g', MAP(ARRAY['k', 'g'], ARRAY['6', '2']), ARRAY['g', 'x'], INTERVAL '0.7' SECOND, INTERVAL '3' MONTH, 12.3e0)",
	"(7, 3.3e0, REAL '3.3', DECIMAL '7.5', false, 'h', MAP(ARRAY['k', 'h'], ARRAY['7', '2']), ARRAY['h', 'x'], INTERVAL '0.8' SECOND, INTERVAL '9' MONTH, 0.9e0)",
}

// overOrders evaluates a SELECT over the rows v in some orders, and returns what is not the same for
// all of them.
func overOrders(t *testing.T, s engine.Session, query string, total bool) (answers []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, at := range []int{0, 1, 3, 4, 5, 7} {
		rows := slices.Concat(orderedRows[at:], orderedRows[:at])
		if at%2 == 0 {
			slices.Reverse(rows)
		}
		a, err := dialect.Analyze(strings.ReplaceAll(query, "FROM v", "FROM (VALUES "+strings.Join(rows, ", ")+") AS v (i, d, r, dec, b, s, m, a, t, y, e)"), dialect.Options{Now: time.Unix(0, 0)})
		if err != nil {
			t.Fatalf("%s\n%v", query, err)
		}
		if total {
			a.Statement.Query.OrderTotally()
		}
		d, err := dialect.PrintDuckDB(a.Statement, dialect.DuckOptions{})
		if err != nil {
			return nil // it has no printed form
		}
		answer := allRows(t, s, d)
		if !seen[answer] {
			seen[answer] = true
			answers = append(answers, answer)
		}
	}
	return answers
}

func allRows(t *testing.T, s engine.Session, d *dialect.DuckDB) string {
	t.Helper()
	rows, err := s.Query(t.Context(), d.SQL)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.SQL)
	}
	defer rows.Close()
	var text []byte
	for {
		b, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return string(text)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, d.SQL)
		}
		for i := range int(b.NumRows()) {
			for c, col := range d.Columns {
				text = append(engine.AppendTrino(text, col.Type, b.Column(c), i), ' ')
			}
			text = append(text, '\n')
		}
		b.Release()
	}
}

// arguments are columns of v, or constants, for the types of parameters.
var arguments = map[string]string{
	"bigint": "i", "double": "d", "real": "r", "decimal(p)": "dec", "boolean": "b", "varchar": "s", "T": "m", "O": "i", "C": "s", "K": "i", "V": "s",
	"map(K,V)": "m", "array(C)": "a", "interval day to second": "t", "interval year to month": "y",
}

// TestAggregatesByOrder calls every aggregate of the registry over the same rows in several orders:
// those whose value differs are known to depend on it, no others are, and in a total order none does.
func TestAggregatesByOrder(t *testing.T) {
	s := expressionSession(t)
	called, byOrder := 0, 0
	for _, name := range dialect.Functions() {
		for _, o := range dialect.Overloads(name) {
			if o.Kind != dialect.Aggregate {
				continue
			}
			var args []string
			for i, p := range parameters(o.Signature) {
				arg := arguments[p]
				switch {
				case i > 0 && o.Name == "approx_percentile" && p == "double", i > 0 && o.Name == "approx_distinct":
					arg = "0.1e0"
				case i > 0 && p == "array(double)":
					arg = "ARRAY[0.1e0, 0.5e0]"
				case i > 0 && p == "bigint":
					arg = "2"
				case i > 0 && p == "double":
					arg = "e"
				case i > 0 && p == "real":
					arg = "CAST(e AS real)"
				case i > 0 && o.Name == "listagg":
					arg = "','"
				}
				if arg == "" {
					t.Fatalf("%s: no argument for %s", o.Signature, p)
				}
				args = append(args, arg)
			}
			call := o.Name + "(" + strings.Join(args, ", ") + ")"
			if o.Name == "listagg" {
				call += " WITHIN GROUP (ORDER BY b)"
			}
			query := "SELECT " + call + " FROM v"
			answers := overOrders(t, s, query, false)
			if answers == nil {
				continue
			}
			called++
			if o.ByOrder {
				byOrder++
			}
			if (len(answers) > 1) != o.ByOrder && !(o.ByOrder && rounded.MatchString(o.Signature)) {
				t.Errorf("%s: by order is %v, but it gives\n%s", o.Signature, o.ByOrder, strings.Join(answers, ""))
			}
			if !o.ByOrder {
				continue
			}
			if answers := overOrders(t, s, query, true); len(answers) != 1 {
				t.Errorf("%s, in a total order, gives\n%s", call, strings.Join(answers, ""))
			}
		}
	}
	if called < 60 || byOrder < 30 {
		t.Errorf("%d aggregates called, %d of them by order", called, byOrder)
	}
}

// rounded matches aggregates whose differences are nearly always rounded away.
var rounded = regexp.MustCompile(`\) real$|^(avg\(interval|geometric_mean\(bigint|stddev_samp)`)

// parameters cuts the types out of a signature.
func parameters(signature string) (types []string) {
	depth, start := 0, 0
	for i, r := range signature {
		switch {
		case r == '(':
			if depth++; depth == 1 {
				start = i + 1
			}
		case r == ')':
			depth--
		}
		if depth == 1 && r == ',' || depth == 0 && r == ')' {
			if p := strings.TrimSpace(signature[start:i]); p != "" {
				types = append(types, p)
			}
			start = i + 1
		}
		if depth == 0 && r == ')' {
			break
		}
	}
	return types
}

// TestTotalOrderInside has what else depends on the order of rows: windows, and LIMIT inside.
func TestTotalOrderInside(t *testing.T) {
	s := expressionSession(t)
	for _, query := range []string{
		"SELECT s, i, row_number() OVER (ORDER BY i) FROM v",
		"SELECT s, e, row_number() OVER (PARTITION BY b) FROM v",
		"SELECT s, lag(d) OVER (ORDER BY i) FROM v",
		"SELECT s, e, ntile(2) OVER (ORDER BY i) AS n FROM v ORDER BY d",
		"SELECT s, first_value(s) OVER (ORDER BY i) FROM v",
		"SELECT s, e, first_value(s) OVER (PARTITION BY i) FROM v",
		"SELECT s, e, last_value(s) IGNORE NULLS OVER (ORDER BY i) FROM v",
		"SELECT s, e, nth_value(s, 2) OVER (ORDER BY i RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM v",
		"SELECT s, e, sum(d) OVER (ORDER BY i ROWS UNBOUNDED PRECEDING) FROM v",
		"SELECT s, e, avg(d) OVER (PARTITION BY i) FROM v",
		"SELECT s, e, arbitrary(s) OVER (ORDER BY i) FROM v",
		"SELECT s, e, array_agg(s) OVER () FROM v",
		"SELECT b, count(*), row_number() OVER (ORDER BY count(*) > 1) FROM v GROUP BY b",
		"SELECT i, avg(d), lag(i) OVER (ORDER BY max(b)) FROM v GROUP BY i",
		"SELECT count(*) FROM (SELECT s FROM v LIMIT 2) AS x WHERE s > 'b'",
		"SELECT i FROM (VALUES 1, 2, 3) AS x (i) WHERE i IN (SELECT i FROM v LIMIT 1)",
		"WITH w AS (SELECT s, d FROM v ORDER BY i DESC OFFSET 1 LIMIT 2) SELECT s FROM w",
		"SELECT (SELECT arbitrary(s) FROM v)",
		"SELECT (SELECT count(*) FROM (SELECT * FROM v) AS x WHERE x.i < o.i), row_number() OVER (ORDER BY b) FROM (SELECT * FROM v) AS o",
		"SELECT EXISTS (SELECT 1 FROM (SELECT * FROM v) AS x WHERE x.s > o.s AND x.b = o.b), ntile(3) OVER () FROM (SELECT * FROM v) AS o",
		"SELECT i, (SELECT count(*) FROM (SELECT * FROM v) AS x WHERE x.i < o.i), row_number() OVER (ORDER BY count(*)) FROM (SELECT * FROM v) AS o GROUP BY i",
		"SELECT max_by(s, 1) OVER (ORDER BY b), min_by(s, e) OVER (PARTITION BY b) FROM v",
		"SELECT array_agg(typeof(s)), listagg(typeof(i), ',') WITHIN GROUP (ORDER BY s), array_agg(DISTINCT typeof(d)), array_agg(1 ORDER BY typeof(s)) FROM v",
		"SELECT count(DISTINCT s IN (SELECT 'a')), cardinality(array_agg(DISTINCT s IN (SELECT 'a'))), cardinality(array_agg(DISTINCT (SELECT 1))), avg(DISTINCT random()) > 2, cardinality(set_agg(s IN (SELECT 'a'))), set_agg(typeof(s)), cardinality(set_union(ARRAY[s IN (SELECT 'a')])) FROM v",
		"SELECT array_agg(s ORDER BY i), array_agg(DISTINCT i), map_agg(DISTINCT i, s), array_agg(s) FILTER (WHERE i = 3) FROM v",
		"SELECT max_by(s, d), min_by(s, d), max_by(i, d * 2), max_by(s, i), min_by(s, i, 2), max_by(s, 1), max_by(s, i, NULL), array_agg('x'), arbitrary('y') FROM v",
		"SELECT b, arbitrary(s ORDER BY b), arbitrary(a), arbitrary(m), arbitrary(ROW(s, d)), arbitrary(CAST(s AS JSON)) FROM v GROUP BY GROUPING SETS ((b), ())",
	} {
		if answers := overOrders(t, s, query, true); len(answers) != 1 {
			t.Errorf("%s\ngives %d answers:\n%s", query, len(answers), strings.Join(answers, "\n"))
		}
	}
	// Rows that tie stay one group.
	const ranks = "SELECT s, rank() OVER (ORDER BY i), dense_rank() OVER (ORDER BY i), last_value(i) OVER (ORDER BY b) FROM v ORDER BY s, d"
	total, plain := overOrders(t, s, ranks, true), overOrders(t, s, ranks, false)
	if len(total) != 1 || total[0] != plain[0] {
		t.Errorf("%s\ngives %q in a total order, and %q", ranks, total, plain)
	}
}
