// Package relay stands between a client and an HTTP server and does to their requests
// what networks and busy services do: it loses replies, refuses, resets, delays, cuts
// and repeats, by rule or at random. It is for tests of what speaks to S3.
//
// Bytes are handed on as they are, so that signatures made for the relay's address hold
// where the server takes the Host header as it comes.
package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Request is one request that the relay saw.
type Request struct {
	// Method, Path and Query are those of the request, the query as it was sent.
	Method, Path, Query string
	// Fault is what was done to it.
	Fault Fault
	// Status is what the server, or the relay in its place, answered; zero while nobody has.
	Status int
	// Bytes is how much of the answer's body was handed on so far.
	Bytes int64
}

// Relay is an HTTP server in front of another. It is safe for concurrent use.
type Relay struct {
	upstream *url.URL
	client   *http.Transport
	server   *http.Server
	listener net.Listener
	wg       sync.WaitGroup

	mu       sync.Mutex // guards what follows
	rules    []*Rule
	random   *rand.Rand // nil for no faults at random
	share    float64
	faults   []Fault
	requests []*Request
}

// New starts a relay in front of the server at the URL. Whoever starts it ends it with
// Close.
func New(upstream string) (*Relay, error) {
	u, err := url.Parse(upstream)
	if err != nil {
		return nil, fmt.Errorf("relay to %s: %w", upstream, err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("relay to %s: %w", upstream, err)
	}
	r := &Relay{upstream: u, listener: l, client: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256}}
	r.server = &http.Server{Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: time.Minute}
	r.wg.Go(func() { _ = r.server.Serve(l) }) // ends with Close
	return r, nil
}

// URL is where clients find the relay.
func (r *Relay) URL() string { return "http://" + r.listener.Addr().String() }

// Close ends the relay and all connections.
func (r *Relay) Close() error {
	err := r.server.Close()
	r.wg.Wait()
	r.client.CloseIdleConnections()
	return err
}

// Add adds a rule. Of the rules that match a request, the first that is for it is applied.
func (r *Relay) Add(rule Rule) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rules = append(r.rules, &rule)
}

// Randomly applies one of the faults to that share of the requests that no rule is for.
// The same seed gives the same sequence of decisions.
func (r *Relay) Randomly(seed uint64, share float64, faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.random, r.share, r.faults = rand.New(rand.NewPCG(seed, 0)), share, faults
}

// Reset forgets all rules and all requests.
func (r *Relay) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rules, r.random, r.requests = nil, nil, nil
}

// Requests returns the requests seen since the last Reset, in the order in which they came.
func (r *Relay) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := make([]Request, len(r.requests))
	for i, q := range r.requests {
		seen[i] = *q
	}
	return seen
}

// Count returns how many requests of the method were seen; empty counts all.
func (r *Relay) Count(method string) int {
	n := 0
	for _, req := range r.Requests() {
		if method == "" || req.Method == method {
			n++
		}
	}
	return n
}

// decide returns the rule that is for the request, and notes the request.
func (r *Relay) decide(req *http.Request) (Rule, *Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rule := r.ruleFor(req)
	noted := &Request{Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery, Fault: rule.Fault}
	r.requests = append(r.requests, noted)
	return rule, noted
}

func (r *Relay) ruleFor(req *http.Request) Rule {
	for _, rule := range r.rules {
		if rule.matches(req) && rule.take() {
			return *rule
		}
	}
	if r.random != nil && r.random.Float64() < r.share {
		return Rule{Fault: r.faults[r.random.IntN(len(r.faults))]}
	}
	return Rule{}
}

// answered notes the status of the answer, before the client can have it.
func (r *Relay) answered(noted *Request, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	noted.Status = status
}

func (r *Relay) serve(w http.ResponseWriter, req *http.Request) {
	rule, noted := r.decide(req)
	if !wait(req.Context(), rule.Delay) {
		return
	}
	if rule.Before != nil {
		rule.Before()
	}
	switch rule.Fault {
	case Refuse:
		r.refuse(w, req, rule, noted)
	case Reset:
		reset(w)
	case CutRequest:
		r.cutRequest(req, noted)
		reset(w)
	default:
		r.handOn(w, req, rule.Fault, noted)
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *Relay) refuse(w http.ResponseWriter, req *http.Request, rule Rule, noted *Request) {
	status, code := rule.Status, rule.Code
	if status == 0 {
		status, code = http.StatusServiceUnavailable, "SlowDown"
	}
	_, _ = io.Copy(io.Discard, req.Body) // a client that still sends would see a reset
	text := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>the relay says so</Message></Error>`, code)
	r.answered(noted, status)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if req.Method != http.MethodHead {
		_, _ = io.WriteString(w, text)
	}
}

// outgoing makes the request that the server sees, with the bytes of the one that came.
func (r *Relay) outgoing(ctx context.Context, req *http.Request, body io.Reader) *http.Request {
	out := req.Clone(ctx)
	out.URL.Scheme, out.URL.Host = r.upstream.Scheme, r.upstream.Host
	out.RequestURI = ""
	out.Header.Del("Expect")     // answered by the relay
	out.Header.Del("Connection") // ours with the server is another
	out.Body = io.NopCloser(body)
	if req.ContentLength == 0 {
		out.Body = http.NoBody
	}
	return out
}

// handOn sends the request to the server and its reply back, or what the fault leaves of it.
func (r *Relay) handOn(w http.ResponseWriter, req *http.Request, f Fault, noted *Request) {
	var body io.Reader = req.Body
	ctx := req.Context()
	if f != Pass {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			reset(w)
			return
		}
		body = bytes.NewReader(raw)
		ctx = context.WithoutCancel(ctx) // the server is to see all of it
		if f == Duplicate {
			if first, err := r.client.RoundTrip(r.outgoing(ctx, req, bytes.NewReader(raw))); err == nil {
				drain(first)
			}
		}
	}
	reply, err := r.client.RoundTrip(r.outgoing(ctx, req, body))
	if err != nil {
		reset(w)
		return
	}
	defer drain(reply)
	r.answered(noted, reply.StatusCode)
	if f == LoseReply {
		_, _ = io.Copy(io.Discard, reply.Body)
		reset(w)
		return
	}
	for name, values := range reply.Header {
		w.Header()[name] = values
	}
	var from io.Reader = reply.Body
	if f == CutReply || f == ShortReply || f == Hang {
		raw, _ := io.ReadAll(reply.Body)
		from = bytes.NewReader(raw[:len(raw)/2])
		if f == ShortReply && req.Method != http.MethodHead {
			w.Header().Set("Content-Length", strconv.Itoa(len(raw)/2))
		}
	}
	w.WriteHeader(reply.StatusCode)
	_, err = io.Copy(countingWriter{w, r, noted}, from)
	if f == Hang {
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
	}
	if f == CutReply || err != nil {
		_ = http.NewResponseController(w).Flush()
		reset(w)
	}
}

// countingWriter notes how much of a reply is handed on, before the client can have it.
type countingWriter struct {
	io.Writer
	relay *Relay
	noted *Request
}

// Write implements io.Writer.
func (w countingWriter) Write(b []byte) (int, error) {
	w.relay.mu.Lock()
	w.noted.Bytes += int64(len(b))
	w.relay.mu.Unlock()
	return w.Writer.Write(b)
}

func drain(reply *http.Response) {
	_, _ = io.Copy(io.Discard, reply.Body)
	_ = reply.Body.Close()
}

// cutRequest sends half of the body. The server sees its connection end.
func (r *Relay) cutRequest(req *http.Request, noted *Request) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	cut := io.MultiReader(bytes.NewReader(raw[:len(raw)/2]), failing{})
	reply, err := r.client.RoundTrip(r.outgoing(context.WithoutCancel(req.Context()), req, cut))
	if err != nil {
		return
	}
	r.answered(noted, reply.StatusCode)
	drain(reply)
}

var errCut = errors.New("the relay ends here")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errCut }

// reset ends the connection with the client at once, and without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
