package duck_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
)

// TestImpliedConditions compares conditions on the values of map keys, for which DuckDB
// looks at the text of the map first, with the same in a form in which it cannot.
func TestImpliedConditions(t *testing.T) {
	blocks := []string{
		`{"bucketName":"logs"}`, `{"bucketName":"log\u0073"}`, `{"bucket\u004eame":"logs"}`, `{"bucketName": "logs" }`,
		`{"other":{"bucketName":"logs"}}`, `{"bucketName":["logs"]}`, `{"bucketName":{"k":"logs"}}`, `{"bucketName":"logs2"}`,
		`{"bucketName":"a","bucketName":"logs"}`, `{"bucketName":"logs","bucketName":"a"}`, `{"bucketName":"say \"logs\""}`,
		`{"bucketName":"10.0.0.0/8"}`, `{"bucketName":"10.0.0.0\/8"}`, `{"bucketName":{"a":[ "10.0.0.0\/8" , 1 ]}}`,
		`{"bucketName":true}`, `{"bucketName":"true"}`, `{"bucketName":"tru\u0065"}`, `{"bucketName":false}`, `{"bucketName":null}`,
		`{"bucketName":{"x" : true}}`, `{"bucketName":"::/0"}`, `{"bucketName":"arn:aws:s3:::logs"}`, `{"bucketName":1.50}`, `{"bucketName":"\\u"}`,
		`{}`, `null`, `"logs"`, `["logs"]`, `{"BucketName":"logs"}`,
	}
	var records []string
	for i, b := range blocks {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.10","eventTime":"2026-01-01T00:00:%02dZ","eventSource":"s3.amazonaws.com","eventName":"N","eventID":"e%d","requestParameters":%s,"additionalEventData":%s,%s"recipientAccountId":"111122223333"}`,
			i, i, b, []string{`{"k":"v"}`, `{"j":"v"}`, "null"}[i%3],
			[]string{"", `"managementEvent":false,`, `"eventCategory":"Insight",`, `"eventCategory":"Management","managementEvent":true,`, `"eventCategory":"Data",`}[i%5]))
	}
	e := engineOver(t, records)
	ids := func(where string) string {
		t.Helper()
		return fmt.Sprint(texts(t, e, engine.Request{SQL: "SELECT eventID FROM " + lake.DefaultStore + " WHERE " + where + " ORDER BY eventTime"}))
	}
	const value = "element_at(requestParameters, 'bucketName')"
	// A key that is computed is no constant, nor is what is concatenated.
	const plain = "element_at(requestParameters, concat('bucketName', substr(eventID, 1, 0)))"
	found := 0
	for _, condition := range []string{
		"$ = 'logs'", "'logs' = $", "$ IN ('logs', 'logs2')", "$ = 'true'", "$ = 'false'", "$ = '10.0.0.0/8'", "$ = '::/0'",
		"$ = '1.50'", "$ = '1.5'", "$ = '\\u'", "$ = 'say \"logs\"'", "$ = 'arn:aws:s3:::logs'", "$ = '[\"logs\"]'", "$ <> 'logs'", "NOT $ = 'logs'",
		"$ NOT IN ('logs')", "$ IS NULL", "$ IS NOT NULL", "strpos($, 'logs') > 0", "strpos($, '10.0.0.0/8') > 0", "strpos($, 'true') > 0",
		"strpos($, '/8') > 0", "strpos($, ':') > 0", "strpos($, 'logs') = 0", "strpos($, ' ') > 0", "$ = 'logs' OR eventID = 'e25'",
		"$ = 'logs' OR strpos($, '/8') > 0", "$ = 'logs' AND eventID <> 'e1'", "NOT ($ = 'logs' OR $ = 'true')", "coalesce($, 'logs') = 'logs'",
		"json_extract_scalar($, '#.k') = 'logs'", "json_extract_scalar($, '#.x') = 'true'", "json_extract_scalar($, '#.a[1]') = '1'",
		"$ = 'logs' OR json_extract_scalar($, '#.k') = 'logs'", "$ = 'a b'", "$ = ''", "$ = eventID", "strpos($, '1.5') > 0", "$ IN ('1.50', 'true', 'logs')",
		"($ = 'logs') IS NULL", "$ IS NOT NULL OR element_at(additionalEventData, 'k') = 'v'", "$ = 'logs' OR element_at(additionalEventData, 'k') = 'v'",
		"$ = 'logs' OR element_at(additionalEventData, 'k') IS NULL", "$ = 'logs' OR $ IS NULL", "CASE WHEN $ = 'logs' THEN true ELSE false END",
	} {
		got, want := ids(strings.NewReplacer("$", value, "#", "$").Replace(condition)), ids(strings.NewReplacer("$", plain, "#", "$").Replace(condition))
		if got != want {
			t.Errorf("%s gives %s, without a look at the text %s", condition, got, want)
		}
		// Where the event's name is asked for as well, it is looked at first.
		for _, name := range []string{"eventName = 'N'", "eventName IN ('N', 'M')"} {
			if named := ids("(" + strings.NewReplacer("$", value, "#", "$").Replace(condition) + ") AND " + name); named != want {
				t.Errorf("%s AND %s gives %s, want %s", condition, name, named, want)
			}
		}
		if got != "[]" {
			found++
		}
	}
	for _, condition := range []string{
		"$ = 'Insight'", "$ = 'Data'", "$ = 'Management'", "$ IN ('Insight', 'Data')", "$ IN ('Insight', 'x')", "$ NOT IN ('Data')", "$ <> 'Data'",
		"$ = 'Data' OR eventID = 'e3'", "$ = 'Data' AND eventID <> 'e1'", "NOT $ = 'Insight'", "$ = eventID", "$ = 'x'", "$ LIKE 'I%'",
	} {
		got := ids(strings.ReplaceAll(condition, "$", "eventCategory"))
		want := ids(strings.ReplaceAll(condition, "$", "concat(eventCategory, substr(eventID, 1, 0))"))
		if got != want {
			t.Errorf("eventCategory: %s gives %s, of a computed text %s", condition, got, want)
		}
	}
	if found < 28 {
		t.Errorf("only %d conditions find anything", found)
	}
	if got := ids(value + " = 'logs'"); got != "[e0 e1 e2 e3 e8]" {
		t.Errorf("the bucket is found in %s", got)
	}
}

// TestRowConditions compares conditions on members of a stored row beside one on another column,
// which are then printed in another way, with the same alone.
func TestRowConditions(t *testing.T) {
	var records []string
	for i, identity := range []string{
		`"userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root"},`, `"userIdentity":{"type":"AssumedRole","principalId":"AROAX:i-0a"},`, ``,
		`"userIdentity":{"accountId":"111122223333"},`, `"userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},`, `"userIdentity":null,`, `"userIdentity":{},`,
	} {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.10",%s"eventTime":"2026-01-01T00:00:%02dZ","eventSource":"s3.amazonaws.com","eventName":"N","eventID":"e%d"}`, identity, i, i))
	}
	e := engineOver(t, records)
	found := map[string]bool{}
	for _, c := range []string{
		"userIdentity.type <> 'Root'", "userIdentity.type IS DISTINCT FROM 'AWSService'", "userIdentity.type = 'AssumedRole'", "userIdentity.invokedBy IS NULL",
		"userIdentity.arn IS NOT NULL", "userIdentity.type NOT IN ('Root', 'x')", "userIdentity.principalId LIKE '%:i-%'", "userIdentity.principalId NOT LIKE '%:i-%'",
		"NOT (userIdentity.type = 'Root' AND userIdentity.arn IS NOT NULL)", "(userIdentity.type <> 'Root' OR userIdentity.accountId IS NOT NULL)",
		"coalesce(userIdentity.type, 'none') <> 'AWSService'", "userIdentity IS NULL", "userIdentity.type <> eventName",
	} {
		ids := func(where string) string {
			return fmt.Sprint(sorted(texts(t, e, engine.Request{SQL: "SELECT eventID FROM " + lake.DefaultStore + " WHERE " + where})))
		}
		alone := ids(c)
		found[alone] = true
		if got := ids("eventTime >= TIMESTAMP '2026-01-01 00:00:00' AND " + c); got != alone {
			t.Errorf("%s: %s beside a condition on eventTime, %s alone", c, got, alone)
		}
		if got := ids(c + " AND 'N' = eventName AND eventID <> 'e99'"); got != alone {
			t.Errorf("%s: %s beside conditions on texts, %s alone", c, got, alone)
		}
	}
	if len(found) < 8 {
		t.Errorf("the conditions tell only %d sets apart", len(found))
	}
}

// TestReadColumns looks at which columns conditions on a path into the record are said to read,
// on which depends what is fetched from afar.
func TestReadColumns(t *testing.T) {
	e := engineOver(t, []string{`{"eventVersion":"1.10","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"N","eventID":"e"}`})
	for condition, want := range map[string]string{
		"coalesce(json_extract_scalar(eventJson, '$.userAgent'), 'none') <> 'x'":               "eventtime, useragent, _raw",
		"eventName = 'A' AND json_extract_scalar(eventJson, '$.userAgent') = 'x'":              "eventtime, eventname, useragent, _raw",
		"userIdentity.type <> 'Root' AND element_at(requestParameters, 'bucketName') = 'logs'": "useridentity, eventtime, requestparameters",
	} {
		text, err := e.Explain(t.Context(), engine.Request{SQL: "SELECT count(*) FROM " + lake.DefaultStore + " WHERE eventTime > TIMESTAMP '2025-12-31 00:00:00' AND " + condition})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "columns: "+want+"\n") {
			t.Errorf("%s reads other columns than %s:\n%s", condition, want, text)
		}
	}
}

// engineOver returns an engine over a store of records.
func engineOver(t *testing.T, records []string) *engine.Engine {
	t.Helper()
	l := laketest.New(t)
	st, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	logs := t.TempDir()
	if err := os.WriteFile(filepath.Join(logs, "a.json"), []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	return engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir()})
}

// TestTextsOfRecords compares searches in the text of records, which look at its parts first,
// with the same in a text that is computed. The texts stand in values of every kind, across
// escapes, in names of members, in constants, and in what stands between values.
func TestTextsOfRecords(t *testing.T) {
	var records []string
	for i, extra := range []string{
		`"userAgent":"a\nbcdef"`, `"userAgent":"a\u001fabcde"`, `"userAgent":"say \"abcd\" \\abcd"`, `"userAgent":"\t\r\n\b\fabcdef"`,
		`"userAgent":"a\u0026bcdef"`, `"userAgent": "spaced out"`, `"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/a/b","sessionContext":{"attributes":{"mfaAuthenticated":"true","creationDate":"2025-11-30T01:02:03Z"}}}`,
		`"requestParameters":{"bucketName":"abc/def","n":12345,"deep":{"k":["x","yyyy"]}}`, `"resources":[{"ARN":"arn:aws:s3:::bucket-one","accountId":"999988887777","type":"AWS::S3::Bucket"}]`,
		`"errorMessage":"€uro café","errorCode":"AccessDenied"`, `"readOnly":true`, `"addendum":{"reason":"UPDATED_DATA","updatedFields":"userAgent"}`, `"unknownMember":{"needle":"unknown-1"}`, `"userAgent":""`,
	} {
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.10","eventTime":"2026-01-01T00:00:%02dZ","eventSource":"s3.amazonaws.com","eventName":"N","eventID":"e%d",%s,"recipientAccountId":"111122223333"}`, i, i, extra))
	}
	e := engineOver(t, records)
	some := []string{"# LIKE '%$%'", "strpos(#, '$') > 0 AND eventID <> 'e3'"}
	all := append(some, "# LIKE '%$%' OR eventID = 'e3'", "# LIKE '%$%' OR # LIKE '%yyyy%'", "# NOT LIKE '%$%'", "# LIKE '%$'", "lower(#) LIKE '%$%'", "# LIKE '%$%e%'", "# LIKE concat('%', '$', '%')")
	// All in one statement, since a database takes long to open. Each row has the number of
	// its condition before the event's id.
	rows := func(conditions []string, column, text string) []string {
		var parts []string
		for i, c := range conditions {
			c = strings.NewReplacer("#", column, "$", text).Replace(c)
			parts = append(parts, fmt.Sprintf("SELECT concat('%d ', eventID) FROM %s WHERE %s", i, lake.DefaultStore, c))
		}
		return sorted(texts(t, e, engine.Request{SQL: strings.Join(parts, " UNION ALL ")}))
	}
	found := 0
	for i, text := range []string{
		"abcdef", "nbcdef", "bcdef", "fabcdef", "tabcdef", "u001fabcde", "001fabcde", "1fabcde", "fabcde", "abcde", "u0026bcdef", "0026bcdef", "6bcdef", "abcd",
		"spaced", "spaced out", "assumed-role/a/b", "sts::1111", "2025-11-30", "30T01", "01:02", "12345", "2345", "yyyy", "bucket-one", "999988887777", "S3::B",
		"caf", "AccessDenied", "true", "tru", "rue", "false", "null", "userAgent", "gent", "UPDATED_DATA", "unknown-1", "needle", "unknownMember",
		"2026-01-01", "0Z", "1.10", "s3.amazonaws", "e1", "11112222", "say", "", "a", "1", "N", "none-such", "aws", "k", "deep", "T00", "-",
	} {
		conditions := some
		switch {
		case testing.Short() && i%6 > 0:
			continue
		case !testing.Short() && i%10 == 0:
			conditions = all
		}
		got, want := rows(conditions, "eventJson", text), rows(conditions, "concat(eventJson, substr(eventID, 1, 0))", text)
		if !slices.Equal(got, want) {
			t.Errorf("%q is found in %s, in a computed text in %s", text, got, want)
		}
		found += len(got)
	}
	if found < 200 && !testing.Short() {
		t.Errorf("only %d rows are found", found)
	}
}

// texts returns what a query of one column gives.
func texts(t *testing.T, e *engine.Engine, r engine.Request) (values []string) {
	t.Helper()
	rows, err := e.Query(t.Context(), r)
	if err != nil {
		t.Fatalf("%s: %v", r.SQL, err)
	}
	defer rows.Close()
	for {
		batch, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return values
		}
		if err != nil {
			t.Fatalf("%s: %v", r.SQL, err)
		}
		for i := range int(batch.NumRows()) {
			values = append(values, batch.Column(0).ValueStr(i))
		}
		batch.Release()
	}
}

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }
