package dialect

import (
	"errors"
	"testing"
)

// TestLeniencies has the leniencies by number: what is taken beyond Trino, that it is
// reported for the text in Trino's own form, and what stays refused beside it. A zero
// leniency is one that is not reported.
func TestLeniencies(t *testing.T) {
	o := testOptions(t)
	for _, c := range []struct {
		name    string
		want    Leniency
		takes   []string
		refuses map[string]Code
	}{
		{"L1", LenientBareID, []string{
			"SELECT eventID FROM " + testID, "SELECT a.eventID FROM " + testID + " a", "SELECT eventID FROM $EDS_ID",
			"SELECT eventID FROM (SELECT * FROM " + testID + ")", "SELECT 1 FROM trail, " + testID + " WHERE true",
		}, map[string]Code{
			"SELECT 1 FROM 3e5e2676-9fce-46ef-8142-3e36a94e6692": CodeTableNotFound, "SELECT 1 FROM 3e5e2676-9fce": CodeSyntax,
			"SELECT 1 FROM <event_data_store_id>": CodeSyntax,
		}},
		{"L2", LenientTimeText, []string{
			"SELECT 1 FROM trail WHERE eventTime > '2024-01-01'", "SELECT 1 FROM trail WHERE eventTime > '2024-01-01 10:00:00'",
			"SELECT 1 FROM trail WHERE '2024-01-01 10:00:00.123' <= eventTime", "SELECT 1 FROM trail WHERE eventTime > '2024-11-05T10:45:24.00Z'",
			"SELECT 1 FROM trail WHERE eventTime BETWEEN '2024-01-01' AND '2024-01-02'", "SELECT 1 FROM trail WHERE date(eventTime) = '2024-01-01'",
			"SELECT 1 FROM trail WHERE eventTime >= date_format(date_add('day',-7,now()),'%Y-%m-%d %H:%i:%s')",
		}, map[string]Code{
			"SELECT 1 FROM trail WHERE eventTime > '2023-11-01T%'": CodeInvalidLiteral, "SELECT 1 FROM trail WHERE eventTime LIKE '2023%'": CodeTypeMismatch,
		}},
		{"L3", LenientBooleanText, []string{
			"SELECT 1 FROM trail WHERE sessionCredentialFromConsole = true", "SELECT 1 FROM trail WHERE errorCode = false",
		}, map[string]Code{"SELECT 1 FROM trail WHERE errorCode = readOnly": CodeTypeMismatch, "SELECT 1 FROM trail WHERE errorCode = 1": CodeTypeMismatch}},
		{"L4", LenientUnnestRow, []string{
			"SELECT r.arn FROM trail CROSS JOIN UNNEST(resources) AS t (r)",
		}, map[string]Code{"SELECT 1 FROM trail CROSS JOIN UNNEST(resources) AS t (a, b, c, d, e, f, g)": CodeMismatchedAliases}},
		{"L5", LenientJSONPath, []string{
			"SELECT json_extract_scalar(eventJson, '$.requestParameters.x-amz-copy-source') FROM trail",
		}, map[string]Code{"SELECT json_extract_scalar(eventJson, '$.a b') FROM trail": CodeInvalidArguments}},
		{"L6", LenientSemicolon, []string{"SELECT 1 FROM trail;", "SELECT 1 FROM trail ; -- end"},
			map[string]Code{"SELECT 1 FROM trail; SELECT 1": CodeSyntax, "SELECT 1 FROM trail;;": CodeSyntax}},
		{"L7", 0, []string{
			`SELECT useridentity.ARN, "userIdentity"."arn" FROM trail GROUP BY userIdentity.arn`, "SELECT t.USERIDENTITY.arn FROM trail t GROUP BY useridentity.Arn",
		}, map[string]Code{"SELECT userIdentity.type FROM trail GROUP BY userIdentity.arn": CodeNotAggregate}},
		{"L8", 0, nil, map[string]Code{
			`SELECT "$path" FROM trail`: CodeNotSupported, "SELECT _raw FROM trail": CodeNotSupported, `SELECT t."_RAW" FROM trail t`: CodeNotSupported,
		}},
		{"L9", LenientMapText, []string{
			"SELECT json_extract_scalar(requestParameters, '$.bucketName') FROM trail", "SELECT json_array_length(requestParameters) FROM trail",
			"SELECT json_value(requestParameters, 'lax $.bucketName') FROM trail",
		}, map[string]Code{"SELECT 1 FROM trail WHERE requestParameters LIKE '%x%'": CodeTypeMismatch, "SELECT lower(requestParameters) FROM trail": CodeFunctionNotFound}},
	} {
		for _, text := range c.takes {
			a, err := Analyze(text, forText(o, text))
			if err != nil {
				t.Errorf("%s: %s\n%v", c.name, text, err)
				continue
			}
			found := c.want == 0 && len(a.Lenient) == 0
			for _, u := range a.Lenient {
				found = found || u.Leniency == c.want
			}
			if !found {
				t.Errorf("%s: %s has %v", c.name, text, a.Lenient)
			}
		}
		for text, code := range c.refuses {
			_, err := Analyze(text, forText(o, text))
			var e *Error
			if !errors.As(err, &e) || e.Code != code {
				t.Errorf("%s: %s: %v, want %s", c.name, text, err, code)
			}
		}
	}
}
