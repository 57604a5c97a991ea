package sigma_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries/sigma"
)

var seed = flag.Uint64("seed", 20260301, "of the random rules and records")

// records is a store with records, which the oracle has as well.
type records struct {
	engine *engine.Engine
	raw    []string
	parsed []map[string]any
}

// newRecords stores records, given as JSON without a time and an id.
func newRecords(t testing.TB, bodies []map[string]any) *records {
	t.Helper()
	r := &records{}
	for i, body := range bodies {
		body["eventVersion"] = "1.09"
		body["eventID"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		if body["eventTime"] == nil {
			body["eventTime"] = fmt.Sprintf("2026-03-02T%02d:%02d:00Z", i/60%24, i%60)
		}
		raw := toJSON(body)
		var parsed map[string]any
		d := json.NewDecoder(strings.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&parsed); err != nil {
			t.Fatal(err)
		}
		r.raw, r.parsed = append(r.raw, raw), append(r.parsed, parsed)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "log.json"), []byte(strings.Join(r.raw, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	l := laketest.New(t)
	store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	result, err := store.Ingest(t.Context(), src, lake.IngestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Stored != int64(len(bodies)) {
		t.Fatalf("stored %d of %d records", result.Stored, len(bodies))
	}
	r.engine = engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 2})
	return r
}

// rows runs a query and returns the texts of its rows.
func (r *records) rows(t testing.TB, request engine.Request) [][]string {
	t.Helper()
	res, err := r.engine.Query(t.Context(), request)
	if err != nil {
		t.Fatalf("%v\n%s", err, request.SQL)
	}
	defer func() {
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}()
	var rows [][]string
	for {
		batch, err := res.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, request.SQL)
		}
		for i := range int(batch.NumRows()) {
			var row []string
			for _, column := range batch.Columns() {
				row = append(row, column.ValueStr(i))
			}
			rows = append(rows, row)
		}
		batch.Release()
	}
}

// compare asks the engine and the oracle which records meet each rule. It returns how
// many do.
func (r *records) compare(t *testing.T, rules []string) []int {
	t.Helper()
	counts := make([]int, len(rules))
	for start := 0; start < len(rules); {
		sql := "SELECT eventID"
		part := rules[start:start]
		for _, rule := range rules[start:] {
			condition, err := sigma.ConditionSQL(rule)
			if err != nil {
				t.Fatalf("%v\n%s", err, rule)
			}
			const most = 9_500 // characters of a statement, nearly
			if len(sql)+len(condition) > most && len(part) > 0 {
				break
			}
			part = rules[start : start+len(part)+1]
			sql += ",\n  coalesce(" + condition + ", false)"
		}
		rows := r.rows(t, engine.Request{SQL: sql + "\nFROM $EDS_ID ORDER BY eventID", Store: lake.DefaultStore})
		if len(rows) != len(r.raw) {
			t.Fatalf("%d rows for %d records", len(rows), len(r.raw))
		}
		for j, rule := range part {
			o, err := newOracle(rule)
			if err != nil {
				t.Fatalf("%v\n%s", err, rule)
			}
			for i, row := range rows {
				want := o.matches(r.parsed[i], r.raw[i])
				if got := row[j+1] == "true"; got != want {
					condition, _ := sigma.ConditionSQL(rule)
					t.Fatalf("the engine says %v, the oracle %v\n%s\n%s\n%s", got, want, rule, r.raw[i], condition)
				}
				if want {
					counts[start+j]++
				}
			}
		}
		start += len(part)
	}
	return counts
}

// TestRandomRules compares random rules over random records.
func TestRandomRules(t *testing.T) {
	g := &random{rand.New(rand.NewPCG(*seed, 1))}
	var bodies []map[string]any
	for range 80 {
		bodies = append(bodies, g.record())
	}
	r := newRecords(t, bodies)
	var rules []string
	for range 80 {
		rules = append(rules, g.rule())
	}
	some := 0
	for _, n := range r.compare(t, rules) {
		if n > 0 && n < len(bodies) {
			some++
		}
	}
	if some < len(rules)/5 {
		t.Errorf("only %d of %d rules find some records and not others", some, len(rules))
	}
}

// random makes records and rules that have something to do with each other.
type random struct{ *rand.Rand }

func pick[T any](g *random, of ...T) T { return of[g.IntN(len(of))] }

var texts = []string{"", "a", "A", "ab", "aB", "b*", `b\c`, `\`, `a?`, "50%", "a_b", "x'y", `say "a"`, "é", "É", "a\nb", "10.1.2.3", "10.9.0.1",
	"2001:db8::1", "true", "5", "12.5", "-3", "null", "AWS Internal", "a b", "-a /b"}

func (g *random) text() string { return pick(g, texts...) }

// value returns a value of JSON of at most the depth.
func (g *random) value(depth int) any {
	switch n := g.IntN(12); {
	case n < 6 || depth == 0 && n < 8:
		return g.text()
	case n < 7 || depth == 0:
		return pick[any](g, nil, true, false, 5, 12.5, -3)
	case n < 9:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range g.IntN(4) {
		object[pick(g, "k", "l", "m")] = g.value(depth - 1)
	}
	return object
}

func (g *random) record() map[string]any {
	r := map[string]any{
		"eventSource": pick(g, "iam.amazonaws.com", "ec2.amazonaws.com", "EC2.amazonaws.com"),
		"eventName":   pick(g, "CreateUser", "DeleteUser", "ListUsers", "createuser"),
		"userAgent":   g.text(),
	}
	if g.IntN(3) > 0 {
		r["sourceIPAddress"] = g.text()
	}
	if g.IntN(3) == 0 {
		r["errorCode"] = pick[any](g, "AccessDenied", "", nil)
	}
	if g.IntN(2) == 0 {
		r["readOnly"] = g.IntN(2) == 0
	}
	if g.IntN(3) > 0 {
		who := map[string]any{"type": pick(g, "IAMUser", "AssumedRole")}
		if g.IntN(2) == 0 {
			who["userName"] = g.text()
		}
		if g.IntN(2) == 0 {
			who["sessionContext"] = map[string]any{"attributes": map[string]any{"mfaAuthenticated": pick(g, "true", "false")}}
		}
		r["userIdentity"] = who
	}
	for _, block := range []string{"requestParameters", "responseElements"} {
		switch g.IntN(4) {
		case 0:
			r[block] = nil
		case 1, 2:
			object := map[string]any{}
			for range g.IntN(5) {
				object[pick(g, "k", "l", "m", "Marker")] = g.value(3)
			}
			r[block] = object
		}
	}
	if g.IntN(3) == 0 {
		r["resources"] = []any{map[string]any{"ARN": g.text(), "type": g.text()}, map[string]any{"accountId": "111122223333"}}
	}
	return r
}

var ruleFields = []string{"eventSource", "eventName", "userAgent", "sourceIPAddress", "errorCode", "readOnly", "userIdentity.type",
	"userIdentity.userName", "userIdentity.sessionContext.attributes.mfaAuthenticated", "requestParameters.k", "requestParameters.l",
	"requestParameters.k.l", "requestParameters.l.k", "requestParameters.m.k.l", "responseElements.k", "responseElements.k.m", "requestParameters",
	"responseElements", "resources.ARN", "resources.type"}

// rule writes a rule as YAML. JSON is YAML, too.
func (g *random) rule() string {
	detection := map[string]any{}
	names := []string{"sel_a", "sel_b", "other"}[:1+g.IntN(3)]
	for _, name := range names {
		detection[name] = g.selection()
	}
	atom := func() string {
		return pick(g, names[0], names[g.IntN(len(names))], "1 of them", "all of them", "1 of sel_*", "all of sel*")
	}
	condition := atom()
	for range g.IntN(3) {
		condition = pick(g, condition+" and "+atom(), condition+" or "+atom(), "not "+condition, "not ("+condition+")",
			atom()+" and not ("+condition+")", "("+condition+") or "+atom())
	}
	detection["condition"] = condition
	return toJSON(map[string]any{"title": "random", "logsource": map[string]any{"product": "aws", "service": "cloudtrail"}, "detection": detection})
}

func (g *random) selection() any {
	switch g.IntN(8) {
	case 0:
		return []any{g.keyword(), g.keyword()}
	case 1:
		return []any{g.mapping(), g.mapping()}
	}
	return g.mapping()
}

func (g *random) keyword() string {
	return pick(g, "createuser", "iam*user", "AccessDenied", "10.1", "nothing", "50%")
}

func (g *random) mapping() map[string]any {
	m := map[string]any{}
	for range 1 + g.IntN(2) {
		field := pick(g, ruleFields...)
		mods := pick(g, "", "", "", "|contains", "|startswith", "|endswith", "|contains|cased", "|cased", "|all", "|contains|all", "|neq",
			"|exists", "|re", "|re|i", "|cidr", "|gt", "|lte", "|fieldref", "|fieldref|startswith", "|fieldref|endswith", "|fieldref|contains", "|base64|contains")
		var v any
		switch {
		case strings.Contains(mods, "exists"):
			v = g.IntN(2) == 0
		case strings.Contains(mods, "re"):
			v = pick(g, "^a", "b$", "^[A-Z]+", "a.b", "user", "^$", "[0-9]{2}")
			if strings.Contains(mods, "fieldref") {
				v = pick(g, "userAgent", "requestParameters.k", "requestParameters.l.k", "userIdentity.userName", "eventName")
			}
		case strings.Contains(mods, "cidr"):
			v = pick(g, "10.1.0.0/16", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0")
		case strings.Contains(mods, "gt"), strings.Contains(mods, "lte"):
			v = pick[any](g, 5, 0, 12.5, "5")
		case strings.Contains(mods, "base64"):
			v = pick(g, "a", "ab")
		case g.IntN(10) == 0 && (mods == "" || mods == "|neq"):
			v = nil
		case g.IntN(3) == 0:
			v = []any{g.pattern(), g.pattern(), g.pattern()}
		default:
			v = g.pattern()
		}
		m[field+mods] = v
	}
	return m
}

func (g *random) pattern() any {
	switch g.IntN(8) {
	case 0:
		return pick[any](g, "CreateUser", "iam.amazonaws.com", "IAMUser", "AccessDenied", true, 5, 12.5, false)
	case 1:
		return pick(g, "*", "?", "a*", "*b", "*user", "?ser*", `b\*`, `b\\c`, `\\`, `a\?`, "*%*", "*_*", "cr*te*", `*"a"*`)
	}
	return g.text()
}
