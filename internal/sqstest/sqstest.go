// Package sqstest is a queue for tests that speaks SQS's JSON protocol over loopback
// HTTP, as a standard queue does: messages come in any order and sometimes twice, are
// hidden while somebody works on them, come back when that takes too long, and go to a
// dead-letter queue after so many times.
//
// Start with New. Its clock is the test's.
package sqstest

import (
	"context"
	"crypto/md5" // the protocol's checksum of bodies
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// longPoll bounds how long a request waits for messages, whatever it asks for: tests
// turn the clock themselves.
const longPoll = 50 * time.Millisecond

// Server is one queue. Use New to make one. Its fields are set before it is used.
type Server struct {
	// URL is that of the queue.
	URL string
	// MaxReceives is after how many receives a message goes to the dead-letter queue; 0
	// keeps it for ever.
	MaxReceives int
	// Twice is the share of receives after which a message is not hidden.
	Twice float64
	// Undeleted is how many messages of a batch are not deleted, the first ones, as a queue says
	// that has a fault of its own.
	Undeleted int

	mu       sync.Mutex // guards what follows
	now      time.Time
	random   *rand.Rand
	messages []*message
	dead     []string
	next     int
	calls    map[string]int
	changed  chan struct{} // closed when there may be more to receive
}

type message struct {
	id, body string
	sent     time.Time
	visible  time.Time // hidden before
	receipt  string    // of the last receive
	receives int
}

// New starts a queue that ends with the test. The clock begins at now.
func New(t testing.TB, now time.Time) *Server {
	t.Helper()
	s := &Server{now: now, random: rand.New(rand.NewPCG(1, 2)), calls: make(map[string]int), changed: make(chan struct{})}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.URL = srv.URL + "/000000000000/logs"
	return s
}

// Send puts messages into the queue.
func (s *Server) Send(bodies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, body := range bodies {
		s.next++
		s.messages = append(s.messages, &message{id: fmt.Sprintf("message-%d", s.next), body: body, sent: s.now, visible: s.now})
	}
	s.wake()
}

// Advance turns the clock. Messages that were hidden until then can be received again.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
	s.wake()
}

// Len returns how many messages there are, hidden or not, and Dead the bodies of those in
// the dead-letter queue.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.messages)
}

// Dead returns the bodies of the messages in the dead-letter queue.
func (s *Server) Dead() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dead)
}

// Visible returns how many messages could be received now.
func (s *Server) Visible() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, m := range s.messages {
		if !m.visible.After(s.now) {
			n++
		}
	}
	return n
}

// Calls returns how often an operation was asked for, such as DeleteMessageBatch.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// request holds the fields of all operations.
type request struct {
	QueueUrl                    string
	MaxNumberOfMessages         int
	VisibilityTimeout           *int
	WaitTimeSeconds             int
	MessageBody                 string
	MessageSystemAttributeNames []string
	ReceiptHandle               string
	Entries                     []struct {
		Id, ReceiptHandle string
		VisibilityTimeout int
	}
}

const targetPrefix = "AmazonSQS."

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	var req request
	if len(target) <= len(targetPrefix) || json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, "InvalidAction")
		return
	}
	operation := target[len(targetPrefix):]
	s.mu.Lock()
	s.calls[operation]++
	s.mu.Unlock()
	if req.QueueUrl != s.URL {
		fail(w, "QueueDoesNotExist")
		return
	}
	switch operation {
	case "SendMessage":
		s.Send(req.MessageBody)
		reply(w, map[string]any{"MessageId": "message", "MD5OfMessageBody": sum(req.MessageBody)})
	case "ReceiveMessage":
		s.receive(r.Context(), w, req)
	case "DeleteMessage":
		s.remove(req.ReceiptHandle)
		reply(w, struct{}{})
	case "DeleteMessageBatch", "ChangeMessageVisibilityBatch":
		if len(req.Entries) == 0 || len(req.Entries) > 10 {
			fail(w, "TooManyEntriesInBatchRequest")
			return
		}
		var done, failed []map[string]any
		for i, e := range req.Entries {
			switch {
			case operation == "DeleteMessageBatch" && i < s.Undeleted:
				failed = append(failed, map[string]any{"Id": e.Id, "Code": "InternalError", "SenderFault": false})
				continue
			case operation == "DeleteMessageBatch":
				s.remove(e.ReceiptHandle)
			case !s.hide(e.ReceiptHandle, e.VisibilityTimeout):
				failed = append(failed, map[string]any{"Id": e.Id, "Code": "MessageNotInflight", "SenderFault": true})
				continue
			}
			done = append(done, map[string]any{"Id": e.Id})
		}
		reply(w, map[string]any{"Successful": done, "Failed": failed})
	default:
		fail(w, "UnsupportedOperation")
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws.sqs#" + code, "message": code})
}

func sum(body string) string {
	h := md5.Sum([]byte(body))
	return hex.EncodeToString(h[:])
}

// defaultVisibility is what a queue has that nobody configured.
const defaultVisibility = 30

func (s *Server) receive(ctx context.Context, w http.ResponseWriter, req request) {
	ctx, cancel := context.WithTimeout(ctx, min(longPoll, time.Duration(req.WaitTimeSeconds)*time.Second))
	defer cancel()
	for {
		found, changed := s.take(req)
		if len(found) > 0 {
			reply(w, map[string]any{"Messages": found})
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			reply(w, struct{}{})
			return
		}
	}
}

// take hides messages and returns them, with the channel that tells of more.
func (s *Server) take(req request) ([]map[string]any, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hidden := defaultVisibility
	if req.VisibilityTimeout != nil {
		hidden = *req.VisibilityTimeout
	}
	var found []map[string]any
	for _, i := range s.random.Perm(len(s.messages)) {
		m := s.messages[i]
		if m.visible.After(s.now) || len(found) == max(req.MaxNumberOfMessages, 1) {
			continue
		}
		if s.MaxReceives > 0 && m.receives >= s.MaxReceives {
			s.dead = append(s.dead, m.body)
			m.id = ""
			continue
		}
		m.receives++
		m.receipt = fmt.Sprintf("%s/%d", m.id, m.receives)
		if s.random.Float64() >= s.Twice {
			m.visible = s.now.Add(time.Duration(hidden) * time.Second)
		}
		found = append(found, map[string]any{
			"MessageId": m.id, "ReceiptHandle": m.receipt, "Body": m.body, "MD5OfBody": sum(m.body),
			"Attributes": map[string]string{
				"ApproximateReceiveCount": strconv.Itoa(m.receives), "SentTimestamp": strconv.FormatInt(m.sent.UnixMilli(), 10),
			},
		})
	}
	s.messages = slices.DeleteFunc(s.messages, func(m *message) bool { return m.id == "" })
	return found, s.changed
}

// remove deletes the message of a receipt. That of an earlier receive counts as well, as
// it mostly does at AWS.
func (s *Server) remove(receipt string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = slices.DeleteFunc(s.messages, func(m *message) bool { return matches(m, receipt) })
}

func matches(m *message, receipt string) bool {
	return len(receipt) > len(m.id) && receipt[:len(m.id)+1] == m.id+"/"
}

// hide changes for how many seconds from now the message of a receipt is hidden. One that
// is not hidden is nobody's.
func (s *Server) hide(receipt string, seconds int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if matches(m, receipt) {
			if !m.visible.After(s.now) {
				return false
			}
			m.visible = s.now.Add(time.Duration(seconds) * time.Second)
			s.wake()
			return true
		}
	}
	return false
}
