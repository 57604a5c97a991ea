package engine_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"traillake/engine"
	"traillake/engine/dialect"
	"traillake/engine/encode"
	"traillake/queries"
	"traillake/schema"
)

// trinoRequests returns the queries of the front end's test data and all saved queries.
func trinoRequests(t *testing.T) []engine.Request {
	t.Helper()
	now := time.Date(2024, 5, 15, 12, 34, 56, 789_000_000, time.UTC)
	var list []engine.Request
	add := func(sql string) {
		sql = storeName.ReplaceAllString(sql, "$1 events")
		list = append(list, engine.Request{SQL: sql, Now: now})
	}
	text, err := os.ReadFile("dialect/testdata/accepted.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "\n\n") {
		sql := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(strings.TrimSpace(block)+"\n", "")
		if strings.TrimSpace(sql) != "" {
			add(sql)
		}
	}
	for _, file := range []string{"print_duckdb", "print_trino"} {
		text, err := os.ReadFile("dialect/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?ms)^print\n(.*?)\n----$`).FindAllStringSubmatch(string(text), -1) {
			add(m[1])
		}
	}
	for _, q := range queries.Catalog().All() {
		given := map[string]string{}
		for _, f := range catalogFixture(t, q.Name).Files {
			if f.Name == "params" {
				for line := range strings.Lines(string(f.Data)) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
					given[name] = value
				}
			}
		}
		values, err := q.Values(given, now)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, engine.Request{SQL: q.SQL, Params: values, Now: now})
	}
	return list
}

func catalogFixture(t *testing.T, query string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile("../queries/testdata/catalog/" + query + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// catalogLogs are the logs by which the saved queries are tested.
func catalogLogs(t *testing.T) [][]byte {
	t.Helper()
	var logs [][]byte
	for _, q := range queries.Catalog().All() {
		for _, f := range catalogFixture(t, q.Name).Files {
			if strings.HasSuffix(f.Name, ".json") {
				logs = append(logs, f.Data)
			}
		}
	}
	return logs
}

// storeName finds the stores that the test data names.
var storeName = regexp.MustCompile(`(?i)\b(FROM|JOIN|,|TABLE)\s+(?:trail|other|3e5e2676-9fce-46ef-8142-3e36a94e6691|"arn:aws:cloudtrail:[^"]*")(?:\b|")`)

// TestTrinoTextGivesTheSameRows runs queries as they are, and by their text for Trino
// over the stored columns, on records with and without their text.
func TestTrinoTextGivesTheSameRows(t *testing.T) {
	f := trinoFixture(t)
	f.load("events", "logs/catalog.json", catalogLogs(t)...)
	params := map[string]queries.Value{
		"since": {Type: queries.TypeTimestamp, Data: time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC)},
		"names": {Type: queries.TypeStrings, Data: []string{"ConsoleLogin", "GetObject"}},
		"n":     {Type: queries.TypeInteger, Data: int64(3)},
	}
	compared, rows, refusals := 0, 0, 0
	list := trinoRequests(t)
	for _, r := range trinoColumns() {
		list = append(list, engine.Request{SQL: r})
	}
	for i, r := range list {
		if testing.Short() && i%4 > 0 {
			continue
		}
		// Some have several right answers, since some times are equal.
		one := r.Params != nil || !severalAnswers.MatchString(r.SQL)
		if r.Params == nil {
			r.Params = map[string]queries.Value{}
			for name, v := range params {
				if strings.Contains(r.SQL, ":"+name) {
					r.Params[name] = v
				}
			}
		}
		r.TempDir = f.temp
		want, wantErr := f.query(t.Context(), r, encode.JSONL)
		res, text, err := f.engine.QueryTrinoText(t.Context(), r)
		var refused *dialect.PrintError
		if errors.As(err, &refused) {
			t.Logf("%v: %s", err, r.SQL)
			refusals++
			continue
		}
		got := ""
		if err == nil {
			got, err = encoded(t.Context(), res, encode.JSONL)
		}
		// Which row fails first is up to the engine.
		var failed, wantFailed *engine.StatementError
		if errors.As(err, &failed) != errors.As(wantErr, &wantFailed) || failed == nil && err != nil || failed != nil && failed.Code != wantFailed.Code {
			t.Errorf("%v, want %v\n%s\n%s", err, wantErr, r.SQL, text)
			continue
		}
		compared++
		rows += strings.Count(want, "\n")
		if one && canonical(t, want) != canonical(t, got) || strings.Count(want, "\n") != strings.Count(got, "\n") {
			t.Errorf("%s\n%s\ngives\n%s\nwant\n%s", r.SQL, text, got, want)
		}
	}
	if !testing.Short() && (compared < 80 || rows < 2000 || refusals > 3) {
		t.Errorf("%d queries of %d rows were compared, %d refused", compared, rows, refusals)
	}
}

var severalAnswers = regexp.MustCompile(`(?i)\b(lag|lead|array_agg|max_by|min_by|row_number|LIMIT|FETCH|TABLESAMPLE|uuid|random)\b`)

// canonical sorts lines of JSON. Blocks in the values of maps, whose text is that of
// Trino's json_parse there, are compared as JSON.
func canonical(t *testing.T, s string) string {
	t.Helper()
	var blocks func(v any, inMap bool) any
	blocks = func(v any, inMap bool) any {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				v[k] = blocks(x, true)
			}
		case []any:
			for i, x := range v {
				v[i] = blocks(x, inMap)
			}
		case string:
			var x any
			if inMap && strings.HasPrefix(v, "{") || inMap && strings.HasPrefix(v, "[") {
				if json.Unmarshal([]byte(v), &x) == nil {
					return x
				}
			}
		}
		return v
	}
	var lines []string
	for line := range strings.Lines(s) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		for k, v := range row {
			row[k] = blocks(v, false)
		}
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// trinoColumns are queries of each logical column, and of members that the front end
// reads where they lie.
func trinoColumns() []string {
	var columns []string
	for _, c := range append(schema.Visible(), schema.Reachable()...) {
		if c.Name != schema.ColSourceVerdict { // which Trino cannot know
			columns = append(columns, c.Name)
		}
	}
	members := []string{
		"userIdentity.sessionContext.attributes.creationDate", "userIdentity.sessionContext.webIdFederationData.attributes",
		"userIdentity.sessionContext.webIdFederationData", "element_at(userIdentity.sessionContext.webIdFederationData.attributes, 'a')",
		"element_at(requestParameters, 'a')", "element_at(requestParameters, 'b')", "element_at(requestParameters, 's')",
		"element_at(requestParameters, '0')", "element_at(responseElements, '0')", "element_at(responseElements, 'x')",
		"element_at(requestParameters, 'bucketName')", "element_at(additionalEventData, 'x')", "map_keys(requestParameters)",
		"json_extract_scalar(requestParameters, '$.b.c[0]')", "json_extract(requestParameters, '$.b')",
		"json_extract_scalar(json_parse(element_at(requestParameters, 's')), '$.in')", "cardinality(requestParameters)",
		"json_extract_scalar(eventJson, '$.requestParameters.b.c[1].d')", "json_extract(eventJson, '$.requestParameters.b')",
		"json_extract_scalar(eventJson, '$.eventTime')", "json_extract(eventJson, '$.eventTime')", "json_extract(eventJson, '$.readOnly')",
		"json_extract_scalar(eventJson, '$.readOnly')", "json_extract_scalar(eventJson, '$.userIdentity.sessionContext.attributes.creationDate')",
		"json_extract(eventJson, '$.userIdentity')", "json_extract(json_parse(eventJson), '$.requestParameters.b')",
		"json_extract_scalar(eventJson, '$.resources[0].ARN')", "json_extract_scalar(eventJson, '$.unknownKey.new')",
		"json_extract_scalar(eventJson, '$.eventContext.tagContext.principalTags.team')", "json_extract_scalar(eventJson, '$.eventName.x')",
		"eventContext.requestContext", "element_at(eventContext.requestContext, 'aws:SourceIp')", "eventContext.tagContext.principalTags",
		"eventContext.tagContext.resourceTags", "transform(resources, r -> r.arn)", "element_at(resources, 1).arn",
	}
	list := []string{
		"SELECT " + strings.Join(columns, ", ") + " FROM events",
		"SELECT eventid, " + strings.Join(columns, " IS NULL, ") + " IS NULL FROM events",
		"SELECT eventid, " + strings.Join(members, ", ") + " FROM events",
		"SELECT eventid, " + strings.Join(members, " IS NULL, ") + " IS NULL FROM events",
		"SELECT eventid FROM events ORDER BY " + strings.Join(members[:1], ", "),
	}
	// Each alone, where the sub-select has one form of the column only.
	for _, c := range []string{"eventjson", "eventcategory", "eventjsonchecksum", "resources", "useridentity", "eventcontext", "requestparameters"} {
		list = append(list, "SELECT eventid, "+c+" FROM events", "SELECT count(*), count(DISTINCT "+c+") FROM events GROUP BY "+c)
	}
	return list
}
