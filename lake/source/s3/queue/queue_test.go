package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/awsclient"
	"traillake/internal/s3test"
	"traillake/internal/sqstest"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source"
	"traillake/lake/source/s3"
)

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// place is a bucket, a queue that tells of it, and a store.
type place struct {
	t      *testing.T
	srv    *s3test.Server
	bucket string
	sqs    *sqstest.Server
	queue  *Queue
	store  *lake.Store
}

func newPlace(t *testing.T, o Options) *place {
	t.Helper()
	p := &place{t: t, srv: s3test.Shared(t), sqs: sqstest.New(t, start)}
	p.srv.Setenv(t)
	p.bucket = p.srv.Bucket(t)
	p.srv.Put(t, p.bucket, map[string]string{"AWSLogs/README.txt": "x"})
	src, err := s3.Open(t.Context(), p.srv.Client(), p.bucket, "AWSLogs", s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := awsclient.Open(t.Context(), awsclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := c.Queue(p.sqs.URL)
	if err != nil {
		t.Fatal(err)
	}
	if o.Gather == 0 {
		o.Gather = 20 * time.Millisecond
	}
	p.queue = New(client, p.sqs.URL, []*s3.Source{src}, o)
	if p.store, err = laketest.New(t).CreateStore(t.Context(), lake.StoreConfig{Name: "events"}); err != nil {
		t.Fatal(err)
	}
	return p
}

// put writes the log number n with one event and returns its key.
func (p *place) put(n int) string {
	p.t.Helper()
	key := fmt.Sprintf("AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/20/log & %d.json", n)
	p.srv.Put(p.t, p.bucket, map[string]string{key: fmt.Sprintf(`{"Records":[{"eventTime":"2026-11-20T11:00:00Z","eventID":"%d"}]}`, n)})
	return key
}

// event is S3's message about an object as it is now; an object that is not there may be
// told of as well.
func (p *place) event(key string) string {
	p.t.Helper()
	etag, size := "0", int64(1)
	out, err := p.srv.Client().HeadObject(p.t.Context(), &awss3.HeadObjectInput{Bucket: aws.String(p.bucket), Key: aws.String(key)})
	if err == nil {
		etag, size = strings.Trim(*out.ETag, `"`), *out.ContentLength
	}
	return fmt.Sprintf(`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q,"size":%d,"eTag":%q}}}]}`,
		p.bucket, strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"), size, etag)
}

// cloudTrail is CloudTrail's own message, in SNS's envelope.
func (p *place) cloudTrail(keys ...string) string {
	p.t.Helper()
	inner, err := json.Marshal(map[string]any{"s3Bucket": p.bucket, "s3ObjectKey": keys})
	if err != nil {
		p.t.Fatal(err)
	}
	outer, err := json.Marshal(map[string]string{"Type": "Notification", "Message": string(inner)})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(outer)
}

// round takes in one batch and settles it, as the program does.
func (p *place) round() Report {
	p.t.Helper()
	// A bound for what hangs, far from what a busy machine takes.
	ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Minute)
	defer cancel()
	b, err := p.queue.Next(ctx)
	if err != nil {
		p.t.Fatalf("%v; %d of %d messages are visible", err, p.sqs.Visible(), p.sqs.Len())
	}
	if b == nil {
		p.t.Fatalf("no message came; %d of %d are visible", p.sqs.Visible(), p.sqs.Len())
	}
	return p.settle(b)
}

func (p *place) events() int64 {
	p.t.Helper()
	snap, err := p.store.Snapshot(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return snap.Rows()
}

// Messages of all forms, some twice, in any order, over several rounds: every event once,
// and every message deleted.
func TestRounds(t *testing.T) {
	p := newPlace(t, Options{})
	p.sqs.Twice = 0.3
	var two []string
	for n := range 40 {
		key := p.put(n)
		switch n % 4 {
		case 0:
			p.sqs.Send(p.event(key), p.event(key))
		case 1:
			p.sqs.Send(p.event(key))
		default:
			two = append(two, key)
		}
	}
	p.sqs.Send(p.cloudTrail(two[:10]...), p.cloudTrail(two[10:]...), p.event(two[3]), `{"Event":"s3:TestEvent"}`,
		p.cloudTrail("AWSLogs/111111111111/CloudTrail-Digest/us-east-1/2026/11/20/d.json.gz"))
	for p.sqs.Len() > 0 {
		// The messages of an answer that got lost come back when their time is up.
		if p.sqs.Visible() == 0 {
			t.Logf("an answer with some of %d messages got lost", p.sqs.Len())
			p.sqs.Advance(time.Hour)
		}
		if r := p.round(); len(r.Left) > 0 || r.Foreign > 0 {
			t.Fatalf("%+v", r)
		}
	}
	if n := p.events(); n != 40 {
		t.Errorf("%d events, want 40", n)
	}
	// The same messages again are nothing new.
	p.sqs.Send(p.event(two[0]), p.cloudTrail(two...))
	for p.sqs.Len() > 0 {
		p.round()
	}
	if n := p.events(); n != 40 {
		t.Errorf("%d events after messages that came again, want 40", n)
	}
}

// A message that cannot be handled does not stop others, is named each time, and goes to
// the dead-letter queue; what a sender cannot know counts for nothing.
func TestPoison(t *testing.T) {
	p := newPlace(t, Options{Poison: 2, Hidden: 30 * time.Second})
	p.sqs.MaxReceives = 3
	good, gone := p.put(1), "AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/20/gone.json.gz"
	p.sqs.Send("no JSON", p.event(gone), p.cloudTrail(good, gone), p.event(good),
		strings.ReplaceAll(p.event(good), p.bucket, "somebody-elses"), strings.ReplaceAll(p.event(good), "AWSLogs", "elsewhere"))
	left := make(map[string]int)
	foreign := 0
	for range 20 {
		if p.sqs.Visible() == 0 {
			p.sqs.Advance(31 * time.Second)
		}
		if p.sqs.Len() == 0 {
			break
		}
		b, err := p.queue.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			continue // the last ones went to the dead-letter queue
		}
		r := p.settle(b)
		foreign += r.Foreign
		for _, l := range r.Left {
			left[l.Reason]++
			if l.Poison != (l.Receives >= 2) {
				t.Errorf("%+v", l)
			}
		}
	}
	if dead := p.sqs.Dead(); len(dead) != 3 || p.sqs.Len() != 0 {
		t.Errorf("%d messages are dead, %d left; want 3 and 0", len(dead), p.sqs.Len())
	}
	if n := p.events(); n != 1 || foreign != 2 {
		t.Errorf("%d events and %d foreign objects, want 1 and 2", n, foreign)
	}
	if len(left) < 2 {
		t.Errorf("reasons %v", left)
	}
}

// settle takes in a batch.
func (p *place) settle(b *Batch) Report {
	p.t.Helper()
	r, err := p.store.Ingest(p.t.Context(), b, lake.IngestOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	ledger, err := p.store.Ledger(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	report, err := b.Settle(p.t.Context(), func(o source.Object) bool {
		return r.ObjectsFailed == 0 || ledger.Has(lake.ObjectID{Bucket: o.Bucket, Key: o.Key, ETag: o.ETag, Size: o.Size})
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return report
}

// Messages that become visible again while they are worked on are taken by another
// process: both commit, and every event is there once.
func TestVisibilityExpires(t *testing.T) {
	p := newPlace(t, Options{Hidden: time.Hour})
	for n := range 5 {
		p.sqs.Send(p.event(p.put(n)))
	}
	slow, err := p.queue.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.sqs.Advance(2 * time.Hour)
	if r := p.round(); r.Deleted != 5 {
		t.Errorf("the second: %+v", r)
	}
	if r := p.settle(slow); r.Deleted != 5 || len(r.Left) > 0 {
		t.Errorf("the first: %+v", r)
	}
	if n := p.events(); n != 5 || p.sqs.Len() != 0 {
		t.Errorf("%d events, %d messages left", n, p.sqs.Len())
	}
}

// A message that the queue does not delete counts as none that is deleted, and is told of.
func TestUndeleted(t *testing.T) {
	p := newPlace(t, Options{Most: 3, Gather: time.Minute})
	p.sqs.Undeleted = 1
	for range 3 {
		p.sqs.Send(`{"Event":"s3:TestEvent"}`)
	}
	b, err := p.queue.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Settle(t.Context(), func(source.Object) bool { return true })
	if err == nil || !strings.Contains(err.Error(), "refused for 1 of 3, which come again: InternalError") {
		t.Errorf("got %v", err)
	}
	if r.Messages != 3 || r.Deleted != 2 || p.sqs.Len() != 1 {
		t.Errorf("%+v, and %d messages are there", r, p.sqs.Len())
	}
}

// Work that takes long keeps its messages hidden.
func TestHold(t *testing.T) {
	p := newPlace(t, Options{Hidden: time.Second})
	p.sqs.Send(p.event(p.put(1)))
	b, err := p.queue.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for p.sqs.Calls("ChangeMessageVisibilityBatch") < 2 {
		<-tick.C
	}
	if r := p.settle(b); r.Deleted != 1 {
		t.Errorf("%+v", r)
	}
}

// What is given back can be received at once, and an end while waiting is no error of the
// queue.
func TestRelease(t *testing.T) {
	p := newPlace(t, Options{})
	p.sqs.Send(p.event(p.put(1)), p.event(p.put(2)))
	b, err := p.queue.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := p.sqs.Visible(); n != 0 {
		t.Errorf("%d messages are visible", n)
	}
	b.Release()
	if n := p.sqs.Visible(); n != 2 {
		t.Errorf("%d messages are visible after the release, want 2", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.queue.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	none := New(p.queue.client, p.sqs.URL+"-not", nil, Options{})
	if _, err := none.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "there is no queue") || none.Answered() || !p.queue.Answered() {
		t.Errorf("got %v", err)
	}
}

// A queue that is silent keeps nobody waiting for ever: who follows it lists from time to time.
func TestSilent(t *testing.T) {
	p := newPlace(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // far from what one request takes
	defer cancel()
	if b, err := p.queue.Next(ctx); b != nil || err != nil {
		t.Errorf("got %v, %v", b, err)
	}
	if n := p.sqs.Calls("ReceiveMessage"); n != 1 {
		t.Errorf("it was asked %d times, want once", n)
	}
}

// An object that was replaced before it was read is taken as it is now when its message
// comes again.
func TestReplaced(t *testing.T) {
	p := newPlace(t, Options{})
	key := p.put(1)
	old := p.event(key)
	p.srv.Put(t, p.bucket, map[string]string{key: `{"Records":[{"eventTime":"2026-11-20T11:00:00Z","eventID":"other"},{"eventTime":"2026-11-20T11:00:00Z","eventID":"more"}]}`})
	p.sqs.Send(old)
	if r := p.round(); len(r.Left) != 1 || !strings.HasSuffix(r.Left[0].Object, key) {
		t.Errorf("%+v", r)
	}
	p.sqs.Advance(time.Hour)
	if r := p.round(); r.Deleted != 1 || p.events() != 2 {
		t.Errorf("%+v, %d events", r, p.events())
	}
}

func TestOneCommit(t *testing.T) {
	p := newPlace(t, Options{Gather: 2 * time.Second})
	var bodies []string
	for n := range 30 {
		bodies = append(bodies, p.event(p.put(n)))
	}
	for ten := range slices.Chunk(bodies, 10) {
		p.sqs.Send(ten...)
	}
	if r := p.round(); r.Deleted != 30 {
		t.Errorf("%+v", r)
	}
	if n := p.events(); n != 30 {
		t.Errorf("%d events", n)
	}
}

// An error of one request ends none of the others, whose answers have messages.
func TestErrorOfOne(t *testing.T) {
	inner := sqstest.New(t, start)
	var receives atomic.Int32
	later := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ReceiveMessage") {
			inner.ServeHTTP(w, r)
			return
		}
		switch receives.Add(1) {
		case 2: // has its messages, and comes after others
			answer := httptest.NewRecorder()
			inner.ServeHTTP(answer, r)
			select {
			case <-later:
			case <-r.Context().Done():
				return
			}
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
			w.Write(answer.Body.Bytes())
		case 3:
			http.Error(w, `{"__type":"com.amazonaws.sqs#OverLimit"}`, http.StatusForbidden)
		case 6:
			close(later)
			fallthrough
		default:
			inner.ServeHTTP(w, r)
		}
	}))
	defer srv.Close()
	inner.URL = srv.URL + "/000000000000/logs"
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	c, err := awsclient.Open(t.Context(), awsclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := c.Queue(inner.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		inner.Send("{}")
	}
	b, err := New(client, inner.URL, nil, Options{Gather: time.Minute, Most: 20}).Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if len(b.messages) != 20 {
		t.Errorf("%d messages, want 20", len(b.messages))
	}
}

// Two answers about one message may overtake each other: only the last receipt deletes it.
func TestNewestReceipt(t *testing.T) {
	for _, order := range [][]int{{1, 2}, {2, 1}} {
		b := &Batch{byID: make(map[string]*message)}
		for _, n := range order {
			b.add(&message{id: "m", receipt: fmt.Sprint("receipt ", n), receives: n})
		}
		if got := b.receipts(); len(got) != 1 || got[0] != "receipt 2" {
			t.Errorf("received as %v: %q is kept", order, got)
		}
	}
}
