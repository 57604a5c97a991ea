package relay

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// start returns a relay in front of a server that answers with what it was sent, and the
// number of requests that the server saw whole.
func start(t *testing.T) (*Relay, *atomic.Int64) {
	t.Helper()
	var seen atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		seen.Add(1)
		w.Header().Set("X-Host", r.Host)
		w.Header().Set("X-Uri", r.RequestURI)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	r, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, &seen
}

func send(t *testing.T, method, url, body string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	reply, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	return reply, string(text), err
}

// TestPass wants a request to arrive as it was sent, Host and escapes included, since a
// signature covers them.
func TestPass(t *testing.T) {
	r, seen := start(t)
	const uri = "/bucket/a%2Fb%20c=d/%7Ee?list-type=2&prefix=x%2Fy&empty"
	reply, text, err := send(t, "PUT", r.URL()+uri, "hello")
	if err != nil || text != "hello" || seen.Load() != 1 {
		t.Fatalf("%q, %d seen, error %v", text, seen.Load(), err)
	}
	if got := reply.Header.Get("X-Uri"); got != uri {
		t.Errorf("the server saw %s", got)
	}
	if host := strings.TrimPrefix(r.URL(), "http://"); reply.Header.Get("X-Host") != host {
		t.Errorf("the server saw host %s, want %s", reply.Header.Get("X-Host"), host)
	}
	if n := r.Count("PUT"); n != 1 {
		t.Errorf("%d requests counted", n)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault  Fault
		status int    // what the client sees; 0 for an error
		text   string // of the reply
		seen   int64  // requests that the server saw whole
	}{
		{Pass, 200, "0123456789", 1},
		{LoseReply, 0, "", 1},
		{Refuse, 503, "SlowDown", 0},
		{Reset, 0, "", 0},
		{CutRequest, 0, "", 0},
		{CutReply, 0, "", 1},
		{ShortReply, 200, "01234", 1},
		{Duplicate, 200, "0123456789", 2},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			r, seen := start(t)
			r.Add(Rule{Method: "PUT", Path: regexp.MustCompile("key$"), Fault: c.fault, Times: 1})
			reply, text, err := send(t, "PUT", r.URL()+"/bucket/key", "0123456789")
			if (err != nil) != (c.status == 0) || seen.Load() != c.seen {
				t.Fatalf("got %v, %d requests seen", err, seen.Load())
			}
			if err == nil && (reply.StatusCode != c.status || !strings.Contains(text, c.text)) {
				t.Errorf("status %d, %q", reply.StatusCode, text)
			}
			if got := r.Requests(); len(got) != 1 || got[0].Fault != c.fault {
				t.Errorf("noted %+v", got)
			}
			if _, text, err := send(t, "PUT", r.URL()+"/bucket/key", "again"); err != nil || text != "again" {
				t.Errorf("the second request: %q, error %v", text, err)
			}
		})
	}
}

// TestHang wants the client to see the beginning of the reply, and no end.
func TestHang(t *testing.T) {
	r, _ := start(t)
	r.Add(Rule{Fault: Hang})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "PUT", r.URL()+"/b/k", strings.NewReader("0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	reply, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	half := make([]byte, 5)
	if _, err := io.ReadFull(reply.Body, half); err != nil || string(half) != "01234" {
		t.Errorf("%q, error %v", half, err)
	}
	cancel()
	if n, err := reply.Body.Read(half); err == nil {
		t.Errorf("%d bytes more", n)
	}
}

func TestRules(t *testing.T) {
	r, _ := start(t)
	r.Add(Rule{Method: "GET", Query: regexp.MustCompile("uploads"), Skip: 1, Times: 2, Fault: Refuse, Status: 409, Code: "ConditionalRequestConflict"})
	for i, want := range []int{200, 409, 409, 200} {
		reply, _, err := send(t, "GET", r.URL()+"/b/k?uploads", "")
		if err != nil || reply.StatusCode != want {
			t.Errorf("request %d: error %v", i, err)
		}
	}
	if reply, _, err := send(t, "GET", r.URL()+"/b/k?other", ""); err != nil || reply.StatusCode != 200 {
		t.Errorf("another query: error %v", err)
	}
	r.Reset()
	called := false
	r.Add(Rule{Delay: 30 * time.Millisecond, Before: func() { called = true }})
	began := time.Now()
	if _, _, err := send(t, "GET", r.URL()+"/b/k", ""); err != nil || !called || time.Since(began) < 30*time.Millisecond {
		t.Errorf("called %v after %v, error %v", called, time.Since(began), err)
	}
}

// TestRandomly wants the same seed to give the same faults.
func TestRandomly(t *testing.T) {
	r, _ := start(t)
	run := func() (faults []Fault) {
		r.Reset()
		r.Randomly(7, 0.5, Refuse, Reset)
		for range 20 {
			_, _, _ = send(t, "GET", r.URL()+"/b/k", "")
		}
		for _, q := range r.Requests() {
			faults = append(faults, q.Fault)
		}
		return faults
	}
	first, second := run(), run()
	bad := 0
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("request %d: %v, then %v", i, first[i], second[i])
		}
		if first[i] != Pass {
			bad++
		}
	}
	if bad < 5 || bad > 15 {
		t.Errorf("%d of 20 requests had a fault", bad)
	}
}
