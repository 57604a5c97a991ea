package queue

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// The forms are those of AWS's documentation, which is named beside the fields.
func TestParse(t *testing.T) {
	for file, want := range map[string][]notice{
		"s3":          {{"trail", "a folder/AWSLogs/111111111111/CloudTrail/eu-west-1/2026/11/20/x&y=é.json.gz", "d41d8cd98f00b204e9800998ecf8427e", 1024}},
		"test-event":  nil,
		"sns":         {{"trail", "AWSLogs/b.json.gz", "0f343b0931126a20f133d67c2b018a3b-2", 7}},
		"eventbridge": {{"trail", "AWSLogs/a+b c%20.json.gz", "b1946ac92492d2347c6235b4d2611184", 5}},
		"cloudtrail": {{"trail", "AWSLogs/111111111111/CloudTrail/eu-west-1/2026/11/20/one.json.gz", "", 0},
			{"trail", "AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/20/two.json.gz", "", 0}},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parse(string(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", file, got, err, want)
		}
	}
	for name, text := range map[string]string{
		"removal":      `{"source":"aws.s3","detail-type":"Object Deleted","detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`,
		"subscription": `{"Type":"SubscriptionConfirmation","Message":"You have chosen to subscribe to the topic","TopicArn":"arn:aws:sns:eu-west-1:1:t"}`,
	} {
		if got, err := parse(text); err != nil || len(got) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, bad := range []string{
		"", "hello", "{}", "[]", "null", `{"Records":[{"eventSource":"aws:ses"}]}`, `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%zz"}}}]}`,
		`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}`, `{"s3Bucket":"b"}`, `{"Type":"Notification","Message":"hello"}`,
		`{"Type":"Notification","Message":"{\"Type\":\"Notification\",\"Message\":\"{\\\"Type\\\":\\\"Notification\\\",\\\"Message\\\":\\\"{\\\\\\\"Type\\\\\\\":\\\\\\\"Notification\\\\\\\",\\\\\\\"Message\\\\\\\":\\\\\\\"x\\\\\\\"}\\\"}\"}"}`,
	} {
		if got, err := parse(bad); err == nil {
			t.Errorf("%s: taken as %+v", bad, got)
		}
	}
}

// FuzzParse feeds anything: an error, or objects that have names.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, err := parse(text)
		for _, n := range found {
			if err == nil && (n.bucket == "" || n.key == "" || n.size < 0) {
				t.Errorf("%+v", n)
			}
		}
	})
}
