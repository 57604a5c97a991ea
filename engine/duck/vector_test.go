package duck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"go.uber.org/goleak"

	"traillake/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a session that is closed at the end, and checks that its folder is
// gone then.
func open(t testing.TB, box engine.Sandbox) engine.Session {
	t.Helper()
	if box.TempDir == "" {
		box.TempDir = t.TempDir()
	}
	if box.Threads == 0 {
		box.Threads = 2
	}
	s, err := New().Open(t.Context(), box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		left, err := os.ReadDir(box.TempDir)
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	return s
}

// all runs a query and returns its schema and the text of every value by row.
func all(ctx context.Context, s engine.Session, sql string) (*arrow.Schema, [][]string, error) {
	rows, err := s.Query(ctx, sql)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var out [][]string
	for {
		b, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows.Schema(), out, nil
		}
		if err != nil {
			return rows.Schema(), out, err
		}
		for i := range int(b.NumRows()) {
			var r []string
			for _, c := range b.Columns() {
				r = append(r, c.ValueStr(i))
			}
			out = append(out, r)
		}
		b.Release()
	}
}

// TestTypes reads each type as a value among NULLs, alone and inside a list, a
// struct and a map.
func TestTypes(t *testing.T) {
	s := open(t, engine.Sandbox{})
	for _, c := range []struct{ expr, typ, want string }{
		{"true", "bool", "true"},
		{"-7::TINYINT", "int8", "-7"},
		{"-300::SMALLINT", "int16", "-300"},
		{"-70000", "int32", "-70000"},
		{"-9223372036854775807", "int64", "-9223372036854775807"},
		{"200::UTINYINT", "uint8", "200"},
		{"60000::USMALLINT", "uint16", "60000"},
		{"4000000000::UINTEGER", "uint32", "4000000000"},
		{"18446744073709551615::UBIGINT", "uint64", "18446744073709551615"},
		{"170141183460469231731687303715884105727::HUGEINT", "decimal(38, 0)", "1.7014118346046923173168730371588410573e+38"},
		{"-170141183460469231731687303715884105727::HUGEINT", "decimal(38, 0)", "-1.7014118346046923173168730371588410573e+38"},
		{"340282366920938463463374607431768211455::UHUGEINT", "utf8", "340282366920938463463374607431768211455"},
		{"1.5::FLOAT", "float32", "1.5"},
		{"2.25::DOUBLE", "float64", "2.25"},
		{"12.3::DECIMAL(3,1)", "decimal(3, 1)", "12.3"},
		{"-1234.56::DECIMAL(9,2)", "decimal(9, 2)", "-1234.56"},
		{"-12345678901.23::DECIMAL(18,2)", "decimal(18, 2)", "-12345678901.23"},
		{"-1234567890123456789012345678.9::DECIMAL(38,1)", "decimal(38, 1)", "-1234567890123456789012345678.9"},
		{"'short'", "utf8", "short"},
		{"'thirteen char'", "utf8", "thirteen char"},
		{"'exactly 12 c'", "utf8", "exactly 12 c"},
		{"''", "utf8", ""},
		{"'zero'||chr(0)||'byte'", "utf8", "zero\x00byte"},
		{"'\\x00\\xFF'::BLOB", "binary", "AP8="},
		{`'{"a":1}'::JSON`, "utf8", `{"a":1}`},
		{"DATE '2024-02-29'", "date32", "2024-02-29"},
		{"TIME '23:59:59.123456'", "time64[us]", "23:59:59.123456"},
		{"TIMETZ '23:59:59.5-01:30'", "utf8", "23:59:59.5-01:30"},
		{"TIMETZ '00:00:00+15:59:59'", "utf8", "00:00:00+15:59:59"},
		{"TIMESTAMP '2023-07-10 12:32:49.123456'", "timestamp[us]", "2023-07-10T12:32:49.123456"},
		{"TIMESTAMP_S '1969-12-31 23:59:59'", "timestamp[s]", "1969-12-31T23:59:59"},
		{"TIMESTAMP_MS '2023-07-10 12:32:49.123'", "timestamp[ms]", "2023-07-10T12:32:49.123"},
		{"TIMESTAMP_NS '2023-07-10 12:32:49.123456789'", "timestamp[ns]", "2023-07-10T12:32:49.123456789"},
		{"TIMESTAMPTZ '2023-07-10 12:32:49+02'", "timestamp[us, tz=UTC]", "2023-07-10T10:32:49Z"},
		{"INTERVAL '14 months -3 days 4 hours 5.5 seconds'", "utf8", "1 year 2 months -3 days 04:00:05.5"},
		{"INTERVAL 0 DAY", "utf8", "00:00:00"},
		{"'-00:00:01.25'::INTERVAL", "utf8", "-00:00:01.25"},
		{"UUID '5e2676f8-9fce-46ef-8142-3e36a94e6691'", "utf8", "5e2676f8-9fce-46ef-8142-3e36a94e6691"},
		{"'b'::ENUM('a','b')", "utf8", "b"},
		{"'10110011101'::BIT", "utf8", "10110011101"},
		{"['x',NULL]", "list<element: utf8, nullable>", `["x",null]`},
		{"{'a': 1, 'b': ['q']}", "struct<a: int32 nullable, b: list<element: utf8, nullable> nullable>", `{"a":1,"b":["q"]}`},
		{"MAP {'k': 'v', 'l': NULL}", "map<utf8, utf8, items_nullable>", `[{"key":"k","value":"v"},{"key":"l","value":null}]`},
		{"MAP {}::MAP(VARCHAR,VARCHAR)", "map<utf8, utf8, items_nullable>", `[]`},
	} {
		// A table and not a constant, so that DuckDB makes flat vectors with NULLs.
		sql := fmt.Sprintf(`SELECT x, [x, NULL, x] AS l, {'f': x, 'g': i} AS s, MAP {i: x} AS m
			FROM (SELECT i, CASE WHEN i %% 3 <> 1 THEN %s END AS x FROM range(2100) r(i)) ORDER BY i`, c.expr)
		schema, rows, err := all(t.Context(), s, sql)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if got := schema.Field(0).Type.String(); got != c.typ {
			t.Errorf("%s: type %s, want %s", c.expr, got, c.typ)
		}
		if len(rows) != 2100 {
			t.Fatalf("%s: %d rows", c.expr, len(rows))
		}
		for i, r := range rows {
			want := c.want
			if i%3 == 1 {
				want = "(null)"
			}
			if r[0] != want {
				t.Fatalf("%s: row %d is %q, want %q", c.expr, i, r[0], want)
			}
			for k, nested := range r[1:] {
				if null := strings.Contains(nested, "null"); k > 0 && null != (i%3 == 1 || strings.Contains(want, "null")) {
					t.Fatalf("%s: row %d nested in column %d is %s", c.expr, i, k+1, nested)
				}
			}
		}
		if inner := rows[0][1]; c.typ == "utf8" && c.expr != "''" && !strings.HasPrefix(c.expr, "'zero") && c.want != `{"a":1}` &&
			inner != fmt.Sprintf(`[%q,null,%q]`, c.want, c.want) {
			t.Errorf("%s: list is %s", c.expr, inner)
		}
	}
}

// TestListsOutOfOrder reads lists whose entries do not follow each other in the
// child vector, as a filter and a join leave them.
func TestListsOutOfOrder(t *testing.T) {
	s := open(t, engine.Sandbox{})
	_, rows, err := all(t.Context(), s, `
		SELECT i, [i::VARCHAR, NULL, 'long enough to be no inline string '||i] AS l, MAP {i: [i, i+1]} AS m
		FROM range(100000) r(i) WHERE i % 7 = 3 ORDER BY hash(i)`)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 14286 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		var n int
		fmt.Sscan(r[0], &n)
		if want := fmt.Sprintf(`["%d",null,"long enough to be no inline string %d"]`, n, n); r[1] != want {
			t.Fatalf("row %s: %s, want %s", r[0], r[1], want)
		}
		if want := fmt.Sprintf(`[{"key":%d,"value":[%d,%d]}]`, n, n, n+1); r[2] != want {
			t.Fatalf("row %s: %s, want %s", r[0], r[2], want)
		}
	}
}

func TestSplitLongText(t *testing.T) {
	maxArrayBytes = 5000
	defer func() { maxArrayBytes = math.MaxInt32 }()
	s := open(t, engine.Sandbox{})
	_, rows, err := all(t.Context(), s, `SELECT i, repeat('x', 100 + i::INT), [repeat('y', 30)] FROM range(3000) r(i) ORDER BY i`)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3000 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		if r[0] != fmt.Sprint(i) || len(r[1]) != 100+i || len(r[2]) != 34 {
			t.Fatalf("row %d: %s, %d, %d", i, r[0], len(r[1]), len(r[2]))
		}
	}
	if _, _, err = all(t.Context(), s, `SELECT repeat('x', 6000)`); !errors.Is(err, errTooLong) {
		t.Errorf("one value longer than an array: %v", err)
	}
}

func TestFixedSizeArrays(t *testing.T) {
	s := open(t, engine.Sandbox{})
	schema, rows, err := all(t.Context(), s, `SELECT x, [x] AS l FROM (VALUES (['a','b']::VARCHAR[2]), (NULL), ([NULL,'d']::VARCHAR[2])) v(x)`)
	if err != nil {
		t.Fatal(err)
	}
	if got := schema.Field(0).Type.String(); got != "fixed_size_list<element: utf8, nullable>[2]" {
		t.Error(got)
	}
	if got := fmt.Sprint(rows); got != `[[["a","b"] [["a","b"]]] [(null) [null]] [[null,"d"] [[null,"d"]]]]` {
		t.Error(got)
	}
}

func TestUnsupportedType(t *testing.T) {
	s := open(t, engine.Sandbox{})
	for _, expr := range []string{"union_value(a := 1)", "[union_value(a := 1)]", "'1'::BIGNUM"} {
		_, _, err := all(t.Context(), s, "SELECT "+expr+" AS x")
		var e *engine.ExecError
		if !errors.As(err, &e) || !strings.Contains(e.Message, "cast it to varchar") {
			t.Errorf("%s: %v", expr, err)
		}
	}
}
