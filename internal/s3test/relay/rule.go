package relay

import (
	"net/http"
	"regexp"
	"time"
)

// Fault is what the relay does to a request.
type Fault int

const (
	// Pass hands on request and reply.
	Pass Fault = iota
	// LoseReply has the server do what it is asked, and then resets the connection: the
	// client never learns what became of its request.
	LoseReply
	// Refuse answers with Rule.Status and Rule.Code; the server sees nothing. Without
	// them it answers 503 SlowDown.
	Refuse
	// Reset resets the connection; the server sees nothing.
	Reset
	// CutRequest lets the server see half of the request's body and then nothing more.
	CutRequest
	// CutReply sends half of the reply's body and resets the connection.
	CutReply
	// ShortReply sends half of the reply's body as if that were all of it.
	ShortReply
	// Hang sends half of the reply's body, and then nothing until the client gives up.
	Hang
	// Duplicate sends the request twice and hands on the second reply, like a proxy or a
	// client's library that tries again by itself.
	Duplicate
)

// String names the fault.
func (f Fault) String() string {
	names := [...]string{"pass", "lose reply", "refuse", "reset", "cut request", "cut reply", "short reply", "hang", "duplicate"}
	if f < 0 || int(f) >= len(names) {
		return "unknown"
	}
	return names[f]
}

// Rule says which requests a fault happens to. The zero value matches all, and passes
// them on.
type Rule struct {
	// Method of the request; empty for any.
	Method string
	// Path is searched for in the path, bucket included; nil for any.
	Path *regexp.Regexp
	// Query is searched for in the query as it was sent; nil for any.
	Query *regexp.Regexp
	// Header names a header that the request must have; empty for any.
	Header string
	// Skip is how many requests that match are left alone first.
	Skip int
	// Times is how many requests it happens to then; zero for all.
	Times int

	Fault Fault
	// Delay is waited for before anything else happens.
	Delay time.Duration
	// Status and Code are what Refuse answers; Header Retry-After is never sent.
	Status int
	Code   string
	// Before, if not nil, is called before the request is handed on, by the goroutine
	// that serves it.
	Before func()

	seen int // guarded by Relay.mu
}

func (r *Rule) matches(req *http.Request) bool {
	return (r.Method == "" || r.Method == req.Method) &&
		(r.Path == nil || r.Path.MatchString(req.URL.Path)) &&
		(r.Query == nil || r.Query.MatchString(req.URL.RawQuery)) &&
		(r.Header == "" || req.Header.Get(r.Header) != "")
}

// take counts a request that matches, and reports whether the rule is for it.
func (r *Rule) take() bool {
	r.seen++
	n := r.seen - r.Skip
	return n > 0 && (r.Times == 0 || n <= r.Times)
}
