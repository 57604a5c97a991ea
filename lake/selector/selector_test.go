package selector

import (
	"strings"
	"testing"

	"traillake/schema"
)

// set parses selectors.
func set(t *testing.T, text string) *Set {
	t.Helper()
	s, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

func record(t *testing.T, text string) *schema.Record {
	t.Helper()
	var r schema.Record
	if err := schema.NewDecoder(strings.NewReader(`{"Records":[`+text+`]}`), schema.Limits{}).Next(&r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &r
}

// TestMatch takes the semantics of the user guide, "Logging data events", and of the
// API reference, AdvancedFieldSelector.
func TestMatch(t *testing.T) {
	const management = `"eventCategory":"Management"`
	event := func(members string) string {
		return `{"eventVersion":"1.11","eventTime":"2026-01-01T00:00:00Z",` + members + `}`
	}
	for _, c := range []struct {
		selectors, record string
		want              bool
	}{
		{`{"Field":"eventCategory","Equals":["Management"]}`, management, true},
		{`{"Field":"eventCategory","Equals":["Management"]}`, `"eventCategory":"Insight"`, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}`, `"readOnly":false,` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}`, `"readOnly":true,` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}`, management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["true","false"]}`, `"readOnly":true,` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com","rdsdata.amazonaws.com"]}`, `"eventSource":"kms.amazonaws.com",` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com","rdsdata.amazonaws.com"]}`, `"eventSource":"s3.amazonaws.com",` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}`, management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","StartsWith":["Get","List"],"NotEndsWith":["Policy"]}`, `"eventName":"GetUser",` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","StartsWith":["Get","List"],"NotEndsWith":["Policy"]}`, `"eventName":"ListUsers",` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","StartsWith":["Get","List"],"NotEndsWith":["Policy"]}`, `"eventName":"GetPolicy",` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","StartsWith":["Get","List"],"NotEndsWith":["Policy"]}`, `"eventName":"PutUser",` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","Equals":["getuser"]}`, `"eventName":"GetUser",` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","Equals":["PutUser"],"StartsWith":["Get"],"EndsWith":["Role"]}`, `"eventName":"DeleteRole",` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventName","NotStartsWith":["Get"]}`, `"eventName":"GetUser",` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"userIdentity.arn","StartsWith":["arn:aws:iam::1"]}`, `"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/a"},` + management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"userIdentity.arn","StartsWith":["arn:aws:iam::1"]}`, `"userIdentity":{"type":"AWSService"},` + management, false},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"sessionCredentialFromConsole","NotEquals":["true"]}`, management, true},
		{`{"Field":"eventCategory","Equals":["Management"]},{"Field":"sessionCredentialFromConsole","NotEquals":["true"]}`, management + `,"sessionCredentialFromConsole":"true"`, false},
		{`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`, `"eventCategory":"Data","resources":[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k"}]`, true},
		{`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`, `"eventCategory":"Data","resources":[{"type":"AWS::Lambda::Function","ARN":"arn"}]`, false},
		{`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}`, `"eventCategory":"Data"`, false},
		{`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::b/"]}`, `"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k"}]`, true},
		{`{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::b/"]}`, `"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k"}]`, false},
		{`{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["s3.amazonaws.com"]},{"Field":"errorCode","Equals":["VpceAccessDenied"]}`, `"eventSource":"s3.amazonaws.com","errorCode":"VpceAccessDenied","eventType":"AwsVpceEvent","eventCategory":"NetworkActivity"`, true},
		// Records of older versions do not name their category.
		{`{"Field":"eventCategory","Equals":["Management"]}`, `"eventName":"A"`, true},
		{`{"Field":"eventCategory","Equals":["Management"]}`, `"eventName":"A","managementEvent":true`, true},
		{`{"Field":"eventCategory","Equals":["Management"]}`, `"eventName":"A","managementEvent":false`, false},
		{`{"Field":"eventCategory","Equals":["Insight"]}`, `"eventName":"A","eventType":"AwsCloudTrailInsight"`, true},
	} {
		text := `[{"FieldSelectors":[` + c.selectors + `]}]`
		if got := set(t, text).Match(record(t, event(c.record))); got != c.want {
			t.Errorf("%s for %s is %v", text, c.record, got)
		}
	}
	two := set(t, `{"EventDataStoreArn":"arn:aws:cloudtrail:…","AdvancedEventSelectors":[
		{"Name":"writes","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]},
		{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}`)
	for text, want := range map[string]bool{
		`"eventCategory":"Data","resources":[{"type":"AWS::S3::Object"}]`: true,
		`"readOnly":false,` + management:                                  true,
		`"readOnly":true,` + management:                                   false,
	} {
		if got := two.Match(record(t, event(text))); got != want {
			t.Errorf("two selectors for %s: %v", text, got)
		}
	}
	if !(*Set)(nil).Match(record(t, event(`"eventCategory":"Insight"`))) {
		t.Error("no selectors leave a record out")
	}
	if again := set(t, two.String()); again.String() != two.String() || len(again.selectors) != 2 {
		t.Errorf("%s becomes %s", two, again)
	}
}

func TestParseRefuses(t *testing.T) {
	const management = `{"Field":"eventCategory","Equals":["Management"]}`
	const data = `{"Field":"eventCategory","Equals":["Data"]}`
	for fields, want := range map[string]string{
		`{"Field":"readOnly","Equals":["true"]}`:                                                "lacks the field eventCategory",
		`{"Field":"eventCategory","Equals":["Management","Data"]}`:                              "Equals with one value",
		`{"Field":"eventCategory","StartsWith":["Man"]}`:                                        "Equals with one value",
		`{"Field":"eventCategory","Equals":["management"]}`:                                     `"management" is none of Management`,
		management + `,{"Field":"eventname","Equals":["A"]}`:                                    "no such field",
		management + `,{"Field":"resources.ARN","Equals":["A"]}`:                                "not for Management events",
		management + `,{"Field":"readOnly","NotEquals":["true"]}`:                               "NotEquals is not for it",
		management + `,{"Field":"readOnly","Equals":["yes"]}`:                                   `"yes" is none of true, false`,
		management + `,{"Field":"eventName","Equals":[]}`:                                       "no value",
		management + `,{"Field":"eventName","Equals":[""]}`:                                     "1 to 2048",
		management + `,{"Field":"eventName"}`:                                                   "no operator",
		management + `,` + management:                                                           "there twice",
		data:                                                                                    "need the field resources.type",
		data + `,{"Field":"resources.type","Equals":["A","B"]}`:                                 "need the field resources.type",
		`{"Field":"eventCategory","Equals":["NetworkActivity"]}`:                                "need the field eventSource",
		`{"Field":"eventCategory","Equals":["Insight"]},{"Field":"eventName","Equals":["A"]}`:   "not for Insight events",
		management + `,{"Field":"eventName","Equals":["` + strings.Repeat(`A","`, 500) + `A"]}`: "502 values",
		`{"Field":"eventCategory","Equal":["Management"]}`:                                      "unknown field",
	} {
		array := `[{"Name":"n","FieldSelectors":[` + fields + `]}]`
		for _, text := range []string{array, `{"EventDataStoreArn":"arn","AdvancedEventSelectors":` + array + `}`} {
			if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%.120s: got %v, want %s", text, err, want)
			}
		}
	}
	for text, want := range map[string]string{
		`[]`: "there are none", `{}`: "there are none", `{"AdvancedEventSelectors":null}`: "there are none",
		`{"AdvancedEventSelectors":{}}`: "a list in brackets", `nope`: "invalid character", `[] []`: "more behind",
		`[{"FieldSelectors":[` + management + `]},{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]`: "stand alone",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// FuzzParse checks that what Parse takes it makes again of its own text, and matches with.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`[{"Name":"n","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","NotEndsWith":["x"]}]}]`))
	f.Add([]byte(`{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]}`))
	var r schema.Record
	if err := schema.NewDecoder(strings.NewReader(`{"Records":[{"eventVersion":"1.11","eventTime":"2026-01-01T00:00:00Z","eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"x"}]}]}`), schema.Limits{}).Next(&r); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse([]byte(s.String()))
		if err != nil || again.String() != s.String() || again.Match(&r) != s.Match(&r) {
			t.Errorf("%s becomes %s, error %v", s, again, err)
		}
	})
}
