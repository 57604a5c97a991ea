package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/schedule"
)

var message = schedule.Message{
	Schema: schedule.MessageSchema, ID: "monthly/20261101-0500", Schedule: "monthly", Due: time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC),
	Outcome: schedule.StateReported, Report: "cis-aws-monitoring", Title: "CIS <AWS> & monitoring ž", Changed: true, Attempts: 1,
	Verdicts: map[string]int{"findings": 2, "pass": 14}, Summary: []string{"16 controls: 2 findings, 14 pass."}, Link: "https://reports.example.org/monthly/index.html",
	Period: &schedule.Span{Since: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)},
}

// sender has a clock that stands still and takes note of pauses.
func sender(env map[string]string, pauses *[]time.Duration) *Sender {
	return &Sender{
		Getenv: func(name string) string { return env[name] }, Timeout: 10 * time.Second,
		Now: func() time.Time { return time.Unix(1_800_000_000, 0) },
		Pause: func(_ context.Context, d time.Duration) {
			if pauses != nil {
				*pauses = append(*pauses, d)
			}
		},
	}
}

// request is what a server was sent.
type request struct {
	header http.Header
	body   []byte
}

// serve answers with one status after the other, the last one again and again.
func serve(t *testing.T, statuses ...int) (string, *[]request) {
	t.Helper()
	var got []request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, request{r.Header, body})
		status := statuses[min(len(got), len(statuses))-1]
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		if status != http.StatusOK {
			fmt.Fprintf(w, "no service\nat %s", r.URL)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, &got
}

// TestWebhook posts the message, signed as a receiver would check it.
func TestWebhook(t *testing.T) {
	url, got := serve(t, http.StatusOK)
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := schedule.Notice{Kind: schedule.NoticeWebhook, To: url + "/hook", Secret: "file:" + keyFile}
	if err := sender(nil, nil).Send(t.Context(), n, message); err != nil {
		t.Fatal(err)
	}
	r := (*got)[0]
	var back schedule.Message
	if err := json.Unmarshal(r.body, &back); err != nil || back.ID != message.ID || back.Verdicts["findings"] != 2 || !back.Period.Since.Equal(message.Period.Since) {
		t.Errorf("%s: %v", r.body, err)
	}
	mac := hmac.New(sha256.New, []byte("hunter2"))
	mac.Write([]byte("1800000000."))
	mac.Write(r.body)
	if want := "t=1800000000,v1=" + hex.EncodeToString(mac.Sum(nil)); r.header.Get("Traillake-Signature") != want {
		t.Errorf("signature %q, want %q", r.header.Get("Traillake-Signature"), want)
	}
	if r.header.Get("Content-Type") != "application/json" || r.header.Get("Idempotency-Key") != "monthly/20261101-0500" {
		t.Errorf("%v", r.header)
	}
}

// TestSign has what this prints: printf '1.{}' | openssl dgst -sha256 -hmac Jefe
func TestSign(t *testing.T) {
	if got, want := Sign([]byte("Jefe"), 1, []byte("{}")), "t=1,v1=dc7943cccf20f64327d263db5e2aca27c2b8175e8e6e7ea04f482091bf456b0f"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestSlack posts what incoming webhooks take: text with three characters escaped.
func TestSlack(t *testing.T) {
	url, got := serve(t, http.StatusOK)
	n := schedule.Notice{Kind: schedule.NoticeSlack, To: "env:SLACK"}
	if err := sender(map[string]string{"SLACK": url + "/services/T/B/X"}, nil).Send(t.Context(), n, message); err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.Unmarshal((*got)[0].body, &body); err != nil || len(body) != 1 {
		t.Fatalf("%s: %v", (*got)[0].body, err)
	}
	want := "*Traillake: monthly, CIS &lt;AWS&gt; &amp; monitoring ž: 2 findings*\n" +
		"Schedule monthly, due 2026-11-01 05:00 UTC.\n" +
		"Period: 2026-10-01 00:00 to 2026-11-01 00:00 UTC (not included).\n" +
		"16 controls: 2 findings, 14 pass.\n\nhttps://reports.example.org/monthly/index.html"
	if body["text"] != want {
		t.Errorf("got\n%s\nwant\n%s", body["text"], want)
	}
}

// TestTries repeats what may pass, twice, and nothing else; errors tell no secret.
func TestTries(t *testing.T) {
	for _, c := range []struct {
		statuses []int
		tries    int
		want     string // in the error; "" for none
	}{
		{[]int{200}, 1, ""},
		{[]int{503, 429, 204}, 3, ""},
		{[]int{500}, 3, "answered 500 Internal Server Error no service at (secret)"},
		{[]int{404}, 1, "answered 404 Not Found"},
		{[]int{302}, 1, "answered 302 Found"},
	} {
		url, got := serve(t, c.statuses...)
		var paused []time.Duration
		n := schedule.Notice{Kind: schedule.NoticeWebhook, To: "env:HOOK"}
		err := sender(map[string]string{"HOOK": url + "/hunter2?key=hunter2"}, &paused).Send(t.Context(), n, message)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%v: %v", c.statuses, err)
		}
		if len(*got) != c.tries || len(paused) != c.tries-1 {
			t.Errorf("%v: %d tries, pauses %v", c.statuses, len(*got), paused)
		}
	}
}

// TestNobody has no server, or one that says nothing.
func TestNobody(t *testing.T) {
	s := httptest.NewServer(nil)
	gone := s.URL
	s.Close()
	hangs := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(hangs); silent.Close() })
	for _, url := range []string{gone, silent.URL} {
		var paused []time.Duration
		s := sender(map[string]string{"HOOK": url + "/hunter2"}, &paused)
		s.Timeout = 20 * time.Millisecond
		err := s.Send(t.Context(), schedule.Notice{Kind: schedule.NoticeSlack, To: "env:HOOK"}, message)
		if err == nil || strings.Contains(err.Error(), "hunter2") || !slices.Equal(paused, pauses) {
			t.Errorf("%v after %v", err, paused)
		}
	}
	for ref, want := range map[string]string{
		"env:NOPE": "variable NOPE is not set", "file:/nowhere/x": "/nowhere/x", "env:BAD": "its URL is none",
	} {
		err := sender(map[string]string{"BAD": "hunter2"}, nil).Send(t.Context(), schedule.Notice{Kind: schedule.NoticeSlack, To: ref}, message)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", ref, err)
		}
	}
}
