package schema

import "bytes"

// otherForms are documents that hold CloudTrail's records inside of something else, by a key
// that they have near their beginning.
var otherForms = []struct{ key, hint string }{
	{`"CloudTrailEvent"`, `it is what 'aws cloudtrail lookup-events' prints: ingest what jq -r '.Events[].CloudTrailEvent' makes of it`},
	{`"detail-type"`, `it is an event of EventBridge: ingest what jq -c .detail makes of it`},
	{`"DATA_MESSAGE"`, `it comes from CloudWatch Logs: ingest what jq -r '.logEvents[].message' makes of it`},
}

// hintOf says what to do with a document of another form, to follow the reason why it cannot be
// read; "" for any other text.
func hintOf(text []byte) string {
	text = text[:min(len(text), lookAhead)]
	for _, f := range otherForms {
		if bytes.Contains(text, []byte(f.key)) {
			return "; " + f.hint
		}
	}
	return ""
}
