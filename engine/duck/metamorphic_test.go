package duck_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/dialect"
)

// The tests here know no expected values: they compare what two ways of asking the same
// give. Queries are made from a seed, which failures print; fixedSeed makes runs alike.
const fixedSeed = 20240515

// records is a store of made rows: ev, and shuffled, in which the keys of all JSON
// objects stand in another order. Each column is NULL in some rows.
type records struct {
	session engine.Session
	with    string
	rows    int
}

var recordColumns = []dialect.Column{
	{Name: "id", Type: dialect.Bigint}, {Name: "eventtime", Type: dialect.Timestamp(3)}, {Name: "eventname", Type: dialect.Varchar},
	{Name: "readonly", Type: dialect.Boolean}, {Name: "n", Type: dialect.Bigint},
	{Name: "requestparameters", Type: dialect.MustType("map(varchar,varchar)")},
}

func (*records) Table(n dialect.TableName) *dialect.Table {
	name := strings.ToLower(strings.Join(n.Parts, "."))
	if name != "ev" && name != "shuffled" {
		return nil
	}
	return &dialect.Table{Store: name, Columns: recordColumns, Time: 1}
}

func newRecords(t *testing.T, r *rand.Rand) *records {
	s := &records{session: expressionSession(t), rows: 80}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	var plain, shuffled []string
	for i := range s.rows {
		var members []string
		for _, k := range []string{"bucketName", "key", "a-b", "nested", "list"} {
			if r.IntN(4) > 0 {
				members = append(members, fmt.Sprintf("%q:%s", k, pick(`"x"`, `"y z"`, "1", "1.50", "true", "null", `""`)))
			}
		}
		text := func() string { return "'{" + strings.Join(members, ",") + "}'" }
		object := text()
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		other := text()
		if i%9 == 0 {
			object = pick("NULL", "'{}'", "'null'")
			other = object
		}
		at := "NULL"
		if i%11 != 0 {
			at = "TIMESTAMP '" + start.Add(time.Duration(r.IntN(45*24*3600*4))*250*time.Millisecond).Format("2006-01-02 15:04:05.000") + "'"
		}
		head := fmt.Sprintf("(%d, %s, %s, %s, %s, ", i, at, pick("'GetObject'", "'PutObject'", "'a%_b'", "''", "NULL"), pick("true", "false", "NULL"), pick("0", "1", "-7", "42", "NULL"))
		plain, shuffled = append(plain, head+object+")"), append(shuffled, head+other+")")
	}
	var names []string
	for _, c := range recordColumns {
		names = append(names, c.Name)
	}
	list := strings.Join(names, ", ")
	s.with = fmt.Sprintf("WITH ev(%s) AS (VALUES %s), shuffled(%s) AS (VALUES %s) ", list, strings.Join(plain, ", "), list, strings.Join(shuffled, ", "))
	return s
}

// rowsOf returns the rows of a query, with commas between values, and what the analyzer
// knows of it.
func (s *records) rowsOf(t *testing.T, text string) ([]string, *dialect.Analysis) {
	t.Helper()
	a, err := dialect.Analyze(text, dialect.Options{Now: time.Date(2024, 5, 20, 12, 0, 0, 0, time.UTC), Catalog: s})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	storage := &dialect.Storage{}
	for _, c := range recordColumns {
		st := dialect.Stored{Name: c.Name, Key: c.Name, Type: c.Type, Repeats: c.Type == dialect.Varchar}
		if c.Name == "requestparameters" {
			st.Kind = dialect.StoredMap
		}
		storage.Columns = append(storage.Columns, st)
	}
	d, err := dialect.PrintDuckDB(a.Statement, dialect.DuckOptions{
		Table:   func(scan *dialect.StoreScan) string { return scan.Store },
		Storage: func(*dialect.StoreScan) *dialect.Storage { return storage },
	})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	rows, err := s.session.Query(t.Context(), s.with+"SELECT * FROM ("+d.SQL+") AS x")
	if err != nil {
		t.Fatalf("%s\n%v\n%s", text, trinoError(err), d.SQL)
	}
	defer rows.Close()
	var out []string
	for {
		b, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out, a
		}
		if err != nil {
			t.Fatalf("%s\n%v\n%s", text, trinoError(err), d.SQL)
		}
		for r := range int(b.NumRows()) {
			var values []string
			for c, col := range b.Columns() {
				v := "NULL"
				if !col.IsNull(r) {
					v = string(engine.AppendTrino(nil, d.Columns[c].Type, col, r))
				}
				values = append(values, v)
			}
			out = append(out, strings.Join(values, ","))
		}
		b.Release()
	}
}

// condition makes a condition on the columns of ev.
func condition(r *rand.Rand, depth int) string {
	if depth > 0 {
		switch r.IntN(5) {
		case 0:
			return "(" + condition(r, depth-1) + " AND " + condition(r, depth-1) + ")"
		case 1:
			return "(" + condition(r, depth-1) + " OR " + condition(r, depth-1) + ")"
		case 2:
			return "NOT (" + condition(r, depth-1) + ")"
		}
	}
	list := []string{
		"eventName = 'GetObject'", "eventName <> 'PutObject'", "eventName LIKE '%Object'", `eventName LIKE 'a!%!_b' ESCAPE '!'`,
		"eventName IN ('GetObject', NULL)", "eventName NOT IN ('', 'GetObject')", "eventName IS NULL", "eventName IS DISTINCT FROM NULL",
		"readOnly", "NOT readOnly", "readOnly = (n > 0)", "n BETWEEN 0 AND 10", "n NOT BETWEEN 1 AND 42", "n % 2 = 1", "abs(n) > 5",
		"n IN (SELECT n FROM ev WHERE readOnly)", "n NOT IN (SELECT n FROM ev WHERE n IS NOT NULL)", "EXISTS (SELECT 1 FROM ev e WHERE e.n = ev.n AND e.id > ev.id)",
		"n > ALL (SELECT e.n FROM ev e WHERE e.readOnly AND e.n < 0)", "n = ANY (SELECT e.n FROM ev e)",
		"element_at(requestParameters, 'bucketName') = 'x'", "element_at(requestParameters, 'a-b') IS NULL",
		"cardinality(requestParameters) > 2", "contains(map_keys(requestParameters), 'key')", "requestParameters IS NULL",
		"any_match(map_values(requestParameters), v -> v = '1')", "json_extract_scalar(requestParameters, '$.key') = 'y z'",
		"json_exists(requestParameters, 'lax $.nested')", "json_value(requestParameters, 'lax $.list' RETURNING double) > 1",
		"TRY_CAST(element_at(requestParameters, 'list') AS bigint) = 1", "CASE WHEN readOnly THEN n > 0 END", "if(readOnly, eventName = '', NULL)",
		"coalesce(readOnly, n = 42)", "nullif(eventName, '') > 'H'", "(eventName, n) = ('GetObject', 42)", "regexp_like(eventName, '^(Get|Put)')",
		"NULL", "true", "eventTime > '2024-05-20'", "date(eventTime) = DATE '2024-05-07'", "day_of_week(eventTime) > 5",
	}
	return list[r.IntN(len(list))]
}

// TestPartition splits the rows by conditions: those for which one is true, false and
// NULL are all rows, and as many as are counted one by one.
func TestPartition(t *testing.T) {
	r := rand.New(rand.NewPCG(fixedSeed, 1))
	s := newRecords(t, r)
	for range 80 {
		p := condition(r, 3)
		rows, _ := s.rowsOf(t, fmt.Sprintf("SELECT (SELECT count(*) FROM ev WHERE %[1]s) + (SELECT count(*) FROM ev WHERE NOT (%[1]s)) + (SELECT count(*) FROM ev WHERE (%[1]s) IS NULL), "+
			"(SELECT count(*) FROM ev WHERE %[1]s) - (SELECT count_if(x) FROM (SELECT %[1]s AS x FROM ev))", p))
		if want := fmt.Sprintf("%d,0", s.rows); rows[0] != want {
			t.Errorf("seed %d: %s: %s, want %s", fixedSeed, p, rows[0], want)
		}
	}
}

// TestShuffledKeys asks the same of objects whose keys stand in another order.
func TestShuffledKeys(t *testing.T) {
	s := newRecords(t, rand.New(rand.NewPCG(fixedSeed, 2)))
	for _, q := range []string{
		"SELECT id, requestParameters FROM %s ORDER BY id", "SELECT id, element_at(requestParameters, 'key') FROM %s ORDER BY id",
		"SELECT id, map_keys(requestParameters), map_values(requestParameters), cardinality(requestParameters) FROM %s ORDER BY id",
		"SELECT requestParameters, count(*), min(id) FROM %s GROUP BY requestParameters ORDER BY 3",
		"SELECT count(DISTINCT requestParameters) FROM %s", "SELECT count(*), sum(cardinality(p)) FROM (SELECT DISTINCT requestParameters AS p FROM %s)",
		"SELECT a.id, b.id FROM %s a JOIN ev b ON a.requestParameters = b.requestParameters ORDER BY 1, 2",
		"SELECT id, k, v FROM %s CROSS JOIN UNNEST(requestParameters) AS u (k, v) ORDER BY 1, 2",
		"SELECT id, json_extract_scalar(requestParameters, '$.list'), json_value(requestParameters, 'lax $.\"a-b\"') FROM %s ORDER BY id",
		"SELECT id, map_filter(requestParameters, (k, v) -> v <> 'x'), map_entries(requestParameters) FROM %s ORDER BY id",
		"SELECT id, json_format(CAST(requestParameters AS json)) FROM %s ORDER BY id",
		"SELECT count(*) FROM (SELECT requestParameters FROM %s INTERSECT SELECT requestParameters FROM ev)",
	} {
		plain, _ := s.rowsOf(t, fmt.Sprintf(q, "ev"))
		other, _ := s.rowsOf(t, fmt.Sprintf(q, "shuffled"))
		if !slices.Equal(plain, other) {
			t.Errorf("seed %d: %s\n  %v\n  %v", fixedSeed, q, plain, other)
		}
	}
}

// TestOrders sorts by many keys: each order has all rows, and its first ones are what
// LIMIT gives.
func TestOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(fixedSeed, 3))
	s := newRecords(t, r)
	keys := []string{"eventName", "n DESC", "readOnly NULLS FIRST", "eventTime DESC NULLS LAST", "element_at(requestParameters, 'key')", "n % 3", "cardinality(requestParameters) DESC NULLS FIRST"}
	for range 20 {
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		order := "SELECT id FROM ev ORDER BY " + strings.Join(keys[:1+r.IntN(3)], ", ") + ", id"
		all, _ := s.rowsOf(t, order)
		seen := map[string]bool{}
		for _, id := range all {
			seen[id] = true
		}
		if len(all) != s.rows || len(seen) != s.rows {
			t.Errorf("seed %d: %s has %d rows, %d of them different", fixedSeed, order, len(all), len(seen))
		}
		skip, n := r.IntN(s.rows), r.IntN(s.rows)
		some, _ := s.rowsOf(t, fmt.Sprintf("%s OFFSET %d LIMIT %d", order, skip, n))
		if want := all[skip:min(skip+n, len(all))]; !slices.Equal(some, want) {
			t.Errorf("seed %d: %s OFFSET %d LIMIT %d: %v, want %v", fixedSeed, order, skip, n, some, want)
		}
	}
}

// TestFirstRows reads the first rows of partitions: they are those that a window numbers.
func TestFirstRows(t *testing.T) {
	r := rand.New(rand.NewPCG(fixedSeed, 7))
	s := newRecords(t, r)
	keys := []string{"eventName", "n DESC NULLS FIRST", "readOnly NULLS FIRST", "eventTime DESC", "n / 3E0", "ROW(n, eventName)", "element_at(requestParameters, 'key') DESC"}
	for range 40 {
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		partition := []string{"", "PARTITION BY eventName ", "PARTITION BY readOnly, n ", "PARTITION BY id "}[r.IntN(4)]
		id := []string{"id", "id DESC"}[r.IntN(2)]
		window := fmt.Sprintf("SELECT id, eventName, row_number() OVER (%sORDER BY %s) AS nth FROM ev", partition, strings.Join(append(slices.Clone(keys[:r.IntN(3)]), id), ", "))
		n := []int{1, 2, 5, 2000, 1_000_000}[r.IntN(4)]
		limit := []string{fmt.Sprint("nth <= ", n), fmt.Sprint(n, " >= nth"), fmt.Sprint("nth < ", n+1)}[r.IntN(3)]
		if n == 1 && r.IntN(2) == 0 {
			limit = "nth = 1"
		}
		all, _ := s.rowsOf(t, window)
		var want []string
		for _, row := range all {
			values := strings.Split(row, ",")
			if nth, err := strconv.Atoi(values[2]); err == nil && nth <= n {
				want = append(want, row)
			}
		}
		query := "WITH w AS (" + window + ") SELECT * FROM w WHERE " + limit
		if r.IntN(2) == 0 {
			query = "SELECT id, eventName, nth FROM (" + window + ") CROSS JOIN (VALUES 1) AS v WHERE " + limit
		}
		got, _ := s.rowsOf(t, query)
		slices.Sort(want)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("seed %d: %s\n  %v\n  %v", fixedSeed, query, got, want)
		}
	}
}

// timeCondition makes a condition on eventTime of which bounds are made.
func timeCondition(r *rand.Rand, column string, depth int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	if depth > 0 {
		switch r.IntN(6) {
		case 0, 1:
			return "(" + timeCondition(r, column, depth-1) + " AND " + timeCondition(r, column, depth-1) + ")"
		case 2, 3:
			return "(" + timeCondition(r, column, depth-1) + " OR " + timeCondition(r, column, depth-1) + ")"
		case 4:
			return "NOT " + timeCondition(r, column, depth-1)
		}
	}
	day := func() string { return fmt.Sprintf("2024-%02d-%02d", 5+r.IntN(2), 1+r.IntN(30)) }
	at := func() string {
		return pick("'"+day()+"'", "'"+day()+" 07:30:00'", "'"+day()+"T07:30:00Z'", "TIMESTAMP '"+day()+" 23:59:59.999'", "DATE '"+day()+"'",
			"TIMESTAMP '"+day()+" 05:00:00 Europe/Berlin'", "now() - INTERVAL '7' DAY", "date_add('day', -3, now())", "current_date", "date_trunc('week', now())",
			"from_iso8601_timestamp('"+day()+"T10:00:00+02:00')", "current_timestamp - INTERVAL '36' HOUR")
	}
	unit := pick("hour", "day", "week", "month", "quarter", "year")
	op := pick("=", "<>", "<", "<=", ">", ">=")
	return pick(
		column+" "+op+" "+at(), at()+" "+op+" "+column, column+" BETWEEN "+at()+" AND "+at(), column+" NOT BETWEEN "+at()+" AND "+at(),
		column+" IN (TIMESTAMP '"+day()+" 00:00:00', TIMESTAMP '"+day()+" 12:00:00')", column+" IS NULL", column+" IS NOT DISTINCT FROM NULL",
		"date("+column+") "+op+" DATE '"+day()+"'", "CAST("+column+" AS date) "+op+" DATE '"+day()+"'", "date("+column+") IN (DATE '"+day()+"', DATE '"+day()+"')",
		"date_trunc('"+unit+"', "+column+") "+op+" TIMESTAMP '"+day()+" 00:00:00'", "date_trunc('"+unit+"', "+column+") "+op+" date_trunc('"+unit+"', now())",
		"date("+column+") BETWEEN DATE '"+day()+"' AND DATE '"+day()+"'", column+" + INTERVAL '1' DAY "+op+" "+at(), "n > 0",
		"date_add('hour', 5, "+column+") "+op+" "+at(), "date("+column+") "+op+" current_date - INTERVAL '3' DAY")
}

// TestBounds compares the bounds that the analyzer finds with the rows that the engine
// finds: none may lie outside.
func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(fixedSeed, 4))
	s := newRecords(t, r)
	bounded := 0
	for range 150 {
		p := timeCondition(r, "eventTime", 2)
		q := timeCondition(r, "at", 1)
		text := []string{
			"SELECT eventTime FROM ev WHERE " + p,
			"SELECT at FROM (SELECT eventTime AS at, n FROM ev WHERE " + p + ") WHERE " + q,
			"WITH e AS (SELECT eventTime AS at, n FROM ev WHERE " + p + "), f AS (SELECT * FROM e) SELECT at FROM f WHERE " + q + " UNION ALL SELECT at FROM e WHERE at IS NOT NULL AND " + q,
			"SELECT eventTime FROM ev WHERE id IN (SELECT id FROM shuffled) AND " + p,
			"SELECT at FROM (SELECT eventTime AS at, max(n) AS n FROM ev GROUP BY 1 HAVING " + strings.ReplaceAll(p, "n > 0", "max(n) > 0") + ") WHERE " + q,
			"SELECT at FROM shuffled x LEFT JOIN (SELECT id, eventTime AS at, n FROM ev) y ON x.id = y.id WHERE " + strings.ReplaceAll(q, "n > 0", "y.n > 0"),
			"SELECT at FROM (SELECT eventTime AS at, n, rank() OVER (ORDER BY id) FROM ev WHERE " + p + " LIMIT 30) WHERE " + q,
		}[r.IntN(7)]
		rows, a := s.rowsOf(t, text)
		i := slices.IndexFunc(a.Stores, func(u dialect.StoreUse) bool { return u.Store == "ev" })
		b := a.Stores[i].Bounds
		if !b.From.IsZero() || !b.To.IsZero() {
			bounded++
		}
		for _, row := range rows {
			if row == "NULL" {
				if !b.From.IsZero() || !b.To.IsZero() {
					t.Errorf("seed %d: %s\n  finds a row without a time, which [%v, %v) leaves out", fixedSeed, text, b.From, b.To)
				}
				continue
			}
			at, err := time.Parse("2006-01-02 15:04:05.000", row)
			if err != nil {
				t.Fatal(err)
			}
			if at.Before(b.From) || !b.To.IsZero() && !at.Before(b.To) {
				t.Errorf("seed %d: %s\n  finds %s, which [%v, %v) leaves out", fixedSeed, text, row, b.From, b.To)
				break
			}
		}
	}
	if bounded < 40 {
		t.Errorf("only %d queries had bounds", bounded)
	}
}
