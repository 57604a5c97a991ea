package notify

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"traillake/schedule"
)

// serveSNS answers as SNS's Query API does (Publish, 2010-03-31) and returns the forms
// that it was sent.
func serveSNS(t *testing.T, code string) *[]url.Values {
	t.Helper()
	var got []url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		got = append(got, r.PostForm)
		if auth := r.Header.Get("Authorization"); !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=AKID/") || !strings.Contains(auth, "/eu-west-1/sns/aws4_request") {
			t.Errorf("authorization %q", auth)
		}
		w.Header().Set("Content-Type", "text/xml")
		if code != "" {
			w.WriteHeader(map[string]int{"NotFound": 404, "AuthorizationError": 403}[code])
			fmt.Fprintf(w, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`, code)
			return
		}
		fmt.Fprint(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>`)
	}))
	t.Cleanup(s.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SNS": s.URL, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return &got
}

const topic = "arn:aws:sns:eu-west-1:123456789012:audit"

func TestSNS(t *testing.T) {
	got := serveSNS(t, "")
	for _, arn := range []string{topic, topic + ".fifo"} {
		if err := sender(nil, nil).Send(t.Context(), schedule.Notice{Kind: schedule.NoticeSNS, To: arn}, message); err != nil {
			t.Fatal(err)
		}
	}
	form := (*got)[0]
	for name, want := range map[string]string{
		"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic, "Message": message.Text(),
		"Subject": "Traillake: monthly, CIS <AWS> & monitoring ?: 2 findings", "MessageGroupId": "",
	} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
	attributes := map[string]string{}
	for i := 1; form.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		attributes[form.Get(entry+"Name")] = form.Get(entry + "Value.StringValue")
	}
	if len(attributes) != 4 || attributes["schedule"] != "monthly" || attributes["outcome"] != "reported" || attributes["changed"] != "true" {
		t.Errorf("%v", attributes)
	}
	if fifo := (*got)[1]; fifo.Get("MessageGroupId") != "monthly" || fifo.Get("MessageDeduplicationId") != "monthly.20261101-0500" {
		t.Errorf("%v", fifo)
	}
}

func TestSNSRefused(t *testing.T) {
	for code, want := range map[string]string{"NotFound": "there is no topic " + topic, "AuthorizationError": "sns:Publish"} {
		serveSNS(t, code)
		err := sender(nil, nil).Send(t.Context(), schedule.Notice{Kind: schedule.NoticeSNS, To: topic}, message)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", code, err)
		}
	}
}
