package engine_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/schema"
)

// oddRecord is in no canonical form, so that its text is kept.
const oddRecord = `{"Records":[{"eventID":"e3","eventTime":"2024-03-03T10:00:00Z","eventSource":"odd.amazonaws.com","eventName":"Odd","eventVersion":"1.11","requestParameters":{"a":2,"b":{"c":[1.5,{"d":"x"}]},"s":"{\"in\":5}"},"responseElements":[1,2],"additionalEventData":"text","serviceEventDetails":{"k":"\ud83d\ude00 \/"},"addendum":7,"eventContext":{"requestContext":{"aws:PrincipalOrgPaths":["o/r"],"aws:SourceIp":"::1"},"tagContext":{"resourceTags":[{"arn":"arn:x","tags":{"env":"prod"}}],"principalTags":{"team":"blue"}}},"unknownKey":{"new":true}}]}`

func trinoFixture(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	logs := [][]byte{[]byte(oddRecord)}
	b, err := os.ReadFile("../schema/testdata/delivered.json")
	if err != nil {
		t.Fatal(err)
	}
	logs = append(logs, b)
	f.load("events", "logs/trino.json", logs...)
	return f
}

func (f *fixture) run(d engine.Dialect, sql string) string {
	f.t.Helper()
	out, err := f.query(f.t.Context(), engine.Request{SQL: sql, Dialect: d}, encode.JSONL)
	if err != nil {
		f.t.Errorf("%s: %v", sql, err)
	}
	return out
}

// TestTrinoColumns compares each logical column with what the view of it shows.
func TestTrinoColumns(t *testing.T) {
	f := trinoFixture(t)
	var hidden []string
	for _, c := range schema.Reachable() {
		hidden = append(hidden, c.Name)
	}
	for _, list := range []string{strings.Join(hidden, ", "), "useridentity", "eventjson", "eventcategory", "resources", "eventcontext", "responseelements"} {
		sql := "SELECT " + list + " FROM events ORDER BY eventid, eventname"
		want, got := f.run(engine.DialectDuckDB, sql), f.run(engine.DialectTrino, sql)
		if want != got {
			t.Errorf("%s:\n%s\nwant\n%s", list, got, want)
		}
		if strings.Count(got, "\n") < 3 {
			t.Errorf("%s: %d rows", list, strings.Count(got, "\n"))
		}
	}
	if want, got := f.run(engine.DialectDuckDB, "SELECT * FROM events ORDER BY eventid, eventname"), f.run(engine.DialectTrino, "SELECT * FROM events ORDER BY eventid, eventname"); want != got {
		t.Errorf("*:\n%s\nwant\n%s", got, want)
	}
}

// TestRecordPaths compares paths that are compiled to the column that holds them with
// the same paths on the text of the record.
func TestRecordPaths(t *testing.T) {
	f := trinoFixture(t)
	paths := []string{
		"$", "$.eventVersion", "$.eventTime", "$.readOnly", "$.managementEvent", "$.requestParameters", "$.requestParameters.a",
		"$.requestParameters.b.c[0]", "$.requestParameters.b.c[1].d", "$.requestParameters.s.in", "$.requestParameters.bucketName",
		"$.responseElements[0]", "$.responseElements", "$.additionalEventData", "$.addendum", "$.userIdentity", "$.userIdentity.type",
		"$.userIdentity.sessionContext.attributes.creationDate", "$.userIdentity.sessionContext.sessionIssuer.userName",
		"$.userIdentity.sessionContext.webIdFederationData.attributes", "$.userIdentity.sessionContext.webIdFederationData.attributes.a",
		"$.userIdentity.credentialId", "$.userIdentity.inScopeOf.credentialsIssuedTo", "$.userIdentity.nothing", "$.useridentity.type",
		"$.resources", "$.resources[0]", "$.resources[0].ARN", "$.resources[0].arn", "$.tlsDetails.tlsVersion", "$.tlsDetails.keyExchange",
		"$.eventCategory", "$.eventContext.tagContext.principalTags.team", "$.unknownKey.new", "$.unknownKey", "$.eventName.x",
		"$.serviceEventDetails.k", "$._raw", "$.eventjson", "$._source",
	}
	for _, fn := range []string{"json_extract_scalar", "json_extract"} {
		var compiled, onText []string
		for i, p := range paths {
			compiled = append(compiled, fmt.Sprintf("%s(eventJson, '%s') AS v%d", fn, p, i))
			onText = append(onText, fmt.Sprintf("%s(concat(eventJson, ''), '%s') AS v%d", fn, p, i))
		}
		from := " FROM events ORDER BY eventid, eventname"
		got := strings.Split(f.run(engine.DialectTrino, "SELECT "+strings.Join(compiled, ", ")+from), "\n")
		want := strings.Split(f.run(engine.DialectTrino, "SELECT "+strings.Join(onText, ", ")+from), "\n")
		if len(got) != len(want) || len(got) < 4 {
			t.Fatalf("%d and %d rows", len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s:\n%s\nwant\n%s", fn, got[i], want[i])
			}
		}
	}
}

// TestTextMaps compares reading one key with reading the whole map, and the ways in
// which a map can travel.
func TestTextMaps(t *testing.T) {
	f := trinoFixture(t)
	f.load("events", "logs/order.json", []byte(`[{"eventVersion":"1.08","eventTime":"2024-03-04T00:00:00Z","eventSource":"m.amazonaws.com","eventName":"M","requestParameters":{"b":"1","a":"2"},"eventID":"m1"},{"eventVersion":"1.08","eventTime":"2024-03-04T00:00:00Z","eventSource":"m.amazonaws.com","eventName":"M","requestParameters":{"a":"2","b":"1"},"eventID":"m2"}]`))
	same := func(a, b string) {
		t.Helper()
		if got, want := f.run(engine.DialectTrino, a), f.run(engine.DialectTrino, b); got != want || got == "" {
			t.Errorf("%s\n%s\n%s\n%s", a, got, b, want)
		}
	}
	order := " AS v FROM events ORDER BY eventid, eventname"
	whole := "map_filter(requestParameters, (k, v) -> true)"
	for _, k := range []string{"a", "b", "s", "bucketName", "nothing", "deep", "x~y/z"} {
		same("SELECT element_at(requestParameters, '"+k+"')"+order, "SELECT element_at("+whole+", '"+k+"')"+order)
		same("SELECT try(requestParameters['"+k+"'])"+order, "SELECT try("+whole+"['"+k+"'])"+order)
	}
	same("SELECT map_keys(requestParameters)"+order, "SELECT map_keys("+whole+")"+order)
	same("SELECT map_values(requestParameters)"+order, "SELECT map_values("+whole+")"+order)
	same("SELECT cardinality(requestParameters)"+order, "SELECT cardinality("+whole+")"+order)
	same("SELECT requestParameters IS NULL"+order, "SELECT "+whole+" IS NULL"+order)
	same("SELECT responseElements IS NOT NULL"+order, "SELECT NOT map_filter(responseElements, (k, v) -> true) IS NULL"+order)
	same("SELECT element_at(r, 'a') AS v FROM (SELECT requestParameters AS r, eventid, eventname FROM events) ORDER BY eventid, eventname", "SELECT element_at(requestParameters, 'a')"+order)
	same("WITH w AS (SELECT requestParameters AS r, eventid, eventname FROM events) SELECT r AS v FROM w ORDER BY eventid, eventname", "SELECT requestParameters"+order)
	same("SELECT json_extract_scalar(requestParameters, '$.b.c[0]')"+order, "SELECT json_extract_scalar(eventJson, '$.requestParameters.b.c[0]')"+order)
	same("SELECT useridentity.sessioncontext.webidfederationdata.attributes"+order, "SELECT map_filter(useridentity.sessioncontext.webidfederationdata.attributes, (k, v) -> true)"+order)
	same("SELECT element_at(resources, 1).arn"+order, "SELECT element_at(filter(resources, r -> true), 1).arn"+order)
	same("SELECT any_match(resources, r -> r.type = 'AWS::S3::Bucket')"+order, "SELECT any_match(filter(resources, r -> true), r -> r.type = 'AWS::S3::Bucket')"+order)
	for _, rest := range []string{"r.type AS v, r.arn AS w, r AS x", "count(DISTINCT r) AS v, min(r.accountId) AS w", "r.type AS v, count(DISTINCT r.arn) AS w"} {
		for _, join := range []string{"CROSS JOIN UNNEST(%s) AS t (r)", "LEFT JOIN UNNEST(%s) AS t (r) ON true", "CROSS JOIN UNNEST(%s, ARRAY[1, 2, 3]) WITH ORDINALITY AS t (r, a, n)"} {
			q := "SELECT " + rest + " FROM events " + join
			if strings.Contains(rest, "count(DISTINCT r.arn)") {
				q += " GROUP BY 1 ORDER BY 1"
			} else if strings.HasPrefix(rest, "r.") {
				q += " ORDER BY eventid, eventname, 1, 2"
			}
			same(fmt.Sprintf(q, "resources"), fmt.Sprintf(q, "filter(resources, r -> true)"))
		}
	}
	f.load("events", "logs/twice.json", []byte(`[{"eventVersion":"1.08","eventTime":"2024-03-05T00:00:00Z","eventName":"Twice","requestParameters":{"k":1.10,"j":1e5,"k":"last"},"eventID":"t1"}]`))
	if got := f.run(engine.DialectTrino, "SELECT element_at(requestParameters, 'k') AS a, requestParameters AS v FROM events WHERE eventname = 'Twice'"); got != `{"a":"last","v":{"j":"1e5","k":"last"}}`+"\n" {
		t.Errorf("a key that stands twice: %s", got)
	}
	if got := f.run(engine.DialectTrino, "SELECT requestParameters AS v, count(*) AS n FROM events WHERE eventname = 'M' GROUP BY requestParameters"); got != `{"v":{"a":"2","b":"1"},"n":2}`+"\n" {
		t.Errorf("maps with other orders are other groups: %s", got)
	}
	if got := f.run(engine.DialectTrino, "SELECT element_at(requestParameters, 'a') AS v, count(*) AS n FROM events WHERE eventname = 'M' GROUP BY requestParameters"); got != `{"v":"2","n":2}`+"\n" {
		t.Errorf("a key of a grouped map: %s", got)
	}
	if got := f.run(engine.DialectTrino, "SELECT t.k AS k, t.v AS v FROM events CROSS JOIN UNNEST(requestParameters) AS t(k, v) WHERE eventid = 'm1' ORDER BY 1"); got != `{"k":"a","v":"2"}`+"\n"+`{"k":"b","v":"1"}`+"\n" {
		t.Errorf("unnest: %s", got)
	}
	_, err := f.query(t.Context(), engine.Request{SQL: "SELECT requestParameters['no'] FROM events WHERE eventname = 'M'", Dialect: engine.DialectTrino}, encode.TSV)
	if err == nil || !strings.Contains(err.Error(), "Key not present in map: no") {
		t.Errorf("strict subscript: %v", err)
	}
}

// TestUnreadQueries asks for nothing of outputs with queries of a store.
func TestUnreadQueries(t *testing.T) {
	f := trinoFixture(t)
	for _, sql := range []string{
		"SELECT count(*) AS n FROM (SELECT 1 a, (SELECT count(*) FROM events) n)",
		"SELECT count(*) AS n FROM (SELECT e, e IN (SELECT f.eventName FROM events f) n FROM (VALUES 'a') e(e))",
		"SELECT count(*) AS n FROM (SELECT e, EXISTS (SELECT 1 FROM events f WHERE f.eventName = e) n FROM (VALUES 'a') e(e))",
		"WITH q AS (SELECT e, (SELECT count(*) FROM events f WHERE f.eventName = e) n FROM (VALUES 1, 1) e(e1) CROSS JOIN (VALUES 'a') u(e)) SELECT count(e) - 1 AS n FROM q",
		"SELECT n FROM (SELECT 1 n, max(x) OVER (ORDER BY (SELECT count(*) FROM events)) b FROM (VALUES 1) t(x))",
		"SELECT n FROM (SELECT 1 n, (SELECT count(*) FROM events) m UNION SELECT 1, 2)",
	} {
		if got := f.run(engine.DialectTrino, sql); !strings.Contains(got, `"n":1`) {
			t.Errorf("%s:\n%s", sql, got)
		}
	}
	if got := f.run(engine.DialectTrino, "SELECT EXISTS (SELECT (SELECT count(*) FROM events)) AS n"); !strings.Contains(got, `"n":true`) {
		t.Errorf("EXISTS:\n%s", got)
	}
}

// TestAbsentRows compares what an outer join has of a store where no row meets its condition with what
// it has of a query of it.
func TestAbsentRows(t *testing.T) {
	f := trinoFixture(t)
	columns := "x, f.eventid, f.eventcategory, f.eventjson, f.eventjsonchecksum, json_extract(f.eventjson, '$') AS j, json_extract(f.eventjson, '$.eventName') AS n"
	for _, from := range []string{
		"(VALUES 'Odd', 'nope') e(x) LEFT JOIN events f ON f.eventname = x",
		"(VALUES 'Odd', 'nope') e(x) LEFT JOIN events f ON f.eventname = x AND x IN (SELECT 'nope')",
		"(VALUES 'Odd', 'nope') e(x) LEFT JOIN events f ON f.eventname = x AND f.eventcategory = 'Data'",
		"events f RIGHT JOIN (VALUES 'Odd', 'nope') e(x) ON f.eventname = x",
		"events f FULL JOIN (VALUES 'Odd', 'nope') e(x) ON f.eventname = x",
		"(VALUES 'Odd', 'nope') e(x) LEFT JOIN (events f JOIN (VALUES 'Odd') g(y) ON f.eventname = y) ON y = x",
		"(VALUES 'Odd', 'nope') e(x) LEFT JOIN events f ON f.eventname = x WHERE f.eventcategory IS NULL AND f.eventjson IS NULL",
	} {
		sql := "SELECT " + columns + " FROM " + from + " ORDER BY x, f.eventid"
		got := f.run(engine.DialectTrino, sql)
		want := f.run(engine.DialectTrino, strings.Replace(sql, "events f", "(SELECT * FROM events) f", 1))
		if got != want || !strings.Contains(got, `"nope","eventid":null,"eventcategory":null,"eventjson":null,"eventjsonchecksum":null,"j":null,"n":null`) {
			t.Errorf("%s:\n%s\nwant\n%s", from, got, want)
		}
	}
}
