// Package queue takes log objects as messages of an SQS queue tell of them: S3's event
// notifications, directly, through SNS or through EventBridge, and CloudTrail's own.
//
// Start with New. A Batch is a source of what some messages tell; its messages are
// deleted by Settle, once the ledger has what they tell of. Until then they are hidden
// from others, and they come back when this process dies. Messages that come twice or
// late change nothing, since the ledger knows the objects.
package queue

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"traillake/internal/awsclient"
	"traillake/lake/source/s3"
)

// Options says how messages are gathered. The zero value has sensible times.
type Options struct {
	// Gather is for how long messages are gathered from the first one on, so that they
	// share a commit; 0 means 25 seconds.
	Gather time.Duration
	// Most is how many messages are gathered at most; 0 means 10,000.
	Most int
	// Hidden is for how long messages are hidden from others at a time; it is extended
	// while they are worked on. 0 means two minutes.
	Hidden time.Duration
	// Poison is from how many receives on a message that cannot be handled is reported
	// as one for the dead-letter queue; 0 means 3.
	Poison int
}

// Queue is a queue of messages about the objects of some sources. Use New to make one.
type Queue struct {
	client  *sqs.Client
	url     string
	sources []*s3.Source
	o       Options
	// answered is set once the queue has.
	answered atomic.Bool
}

// Answered reports whether the queue has ever answered. One that has not may not be what
// was meant.
func (q *Queue) Answered() bool { return q.answered.Load() }

// New returns the queue at an URL. Only what lies in the sources is taken: a message is no
// proof of who sent it.
func New(client *sqs.Client, queueURL string, sources []*s3.Source, o Options) *Queue {
	if o.Gather <= 0 {
		o.Gather = 25 * time.Second
	}
	if o.Most <= 0 {
		o.Most = 10_000
	}
	if o.Hidden <= 0 {
		o.Hidden = 2 * time.Minute
	}
	if o.Poison <= 0 {
		o.Poison = 3
	}
	return &Queue{client: client, url: queueURL, sources: sources, o: o}
}

const (
	// perRequest is how many messages SQS gives, takes and deletes at once.
	perRequest = 10
	// maxWait is the longest that SQS waits for a message.
	maxWait = 20 * time.Second
	// receivers is how many requests for messages are under way once there are some.
	receivers = 4
)

// Next waits for messages and gathers them. The caller ends the batch with Settle or
// Release. There is none, and no error, where no message comes within twenty seconds: the
// caller may have other work to do. It returns the error of ctx when that ends first.
func (q *Queue) Next(ctx context.Context) (*Batch, error) {
	b := &Batch{q: q, byID: make(map[string]*message)}
	if err := q.receive(ctx, b, maxWait); err != nil || len(b.messages) == 0 {
		return nil, err
	}
	b.hold(ctx)
	end := time.Now().Add(q.o.Gather)
	// An error of one request ends none of the others: the messages of an answer that nobody
	// waits for stay hidden until their time is up.
	var g errgroup.Group
	for range receivers {
		g.Go(func() error {
			for {
				left := time.Until(end)
				if left <= 0 || b.size() >= q.o.Most {
					return nil
				}
				if err := q.receive(ctx, b, min(maxWait, left)); err != nil {
					return err
				}
			}
		})
	}
	// A message in the hand is worth more than an error about others: that comes again.
	if err := g.Wait(); err != nil && ctx.Err() != nil {
		b.Release()
		return nil, ctx.Err()
	}
	return b, nil
}

// receive asks for messages once and waits up to so long for them.
func (q *Queue) receive(ctx context.Context, b *Batch, wait time.Duration) error {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String(q.url),
		MaxNumberOfMessages: perRequest,
		// Rounded up: a wait of nothing would ask without a pause.
		WaitTimeSeconds:             int32((wait + time.Second - 1) / time.Second),
		VisibilityTimeout:           int32(q.o.Hidden / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return q.failed("receive messages", err, "sqs:ReceiveMessage")
	}
	q.answered.Store(true)
	for _, m := range out.Messages {
		n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			n = 1
		}
		b.add(&message{id: aws.ToString(m.MessageId), receipt: aws.ToString(m.ReceiptHandle), body: aws.ToString(m.Body), receives: n})
	}
	return nil
}

// failed says what was not possible, and which permission is missing.
func (q *Queue) failed(operation string, err error, action string) error {
	var gone *types.QueueDoesNotExist
	if errors.As(err, &gone) {
		return fmt.Errorf("%s: there is no queue %s", operation, q.url)
	}
	return awsclient.Denied(fmt.Errorf("%s of %s: %w", operation, q.url, awsclient.Brief(err)), action, q.arn())
}

// arn returns the ARN of the queue, as far as its URL tells.
func (q *Queue) arn() string {
	u, err := url.Parse(q.url)
	if err != nil {
		return q.url
	}
	return "arn:aws:sqs:" + q.client.Options().Region + ":" + strings.ReplaceAll(strings.Trim(u.Path, "/"), "/", ":")
}

// message is one message, and what it tells of.
type message struct {
	id, receipt, body string
	receives          int

	once    sync.Once // resolves what follows
	objects []object
	err     error
}

// Batch is a source of the objects that some messages tell of.
type Batch struct {
	q *Queue

	mu       sync.Mutex // guards what follows
	messages []*message
	byID     map[string]*message
	stop     func()
	held     sync.WaitGroup
}

func (b *Batch) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.messages)
}

// add takes a message. Of one that comes twice the newest receipt is the one that counts,
// which is not always the one that arrives last: several requests are under way.
func (b *Batch) add(m *message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.byID[m.id]; known != nil {
		if m.receives >= known.receives {
			known.receipt, known.receives = m.receipt, m.receives
		}
		return
	}
	b.byID[m.id] = m
	b.messages = append(b.messages, m)
}

// hold keeps the messages hidden for as long as it takes.
func (b *Batch) hold(ctx context.Context) {
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.held.Go(func() {
		tick := time.NewTicker(b.q.o.Hidden / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				// Where it fails, or is refused for some, a message comes back and is found to be known.
				_ = b.hide(ctx, b.receipts(), b.q.o.Hidden)
			case <-ctx.Done():
				return
			}
		}
	})
}

func (b *Batch) receipts() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, m := range b.messages {
		all = append(all, m.receipt)
	}
	return all
}

// hide sets for how long from now messages are hidden.
func (b *Batch) hide(ctx context.Context, receipts []string, d time.Duration) error {
	return b.inTens(receipts, func(ten []string) error {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(b.q.url)}
		for i, r := range ten {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(r), VisibilityTimeout: int32(d / time.Second),
			})
		}
		_, err := b.q.client.ChangeMessageVisibilityBatch(ctx, in)
		if err != nil {
			err = b.q.failed("hide messages", err, "sqs:ChangeMessageVisibility")
		}
		return err
	})
}

// remove deletes messages and returns how many are deleted.
func (b *Batch) remove(ctx context.Context, receipts []string) (int, error) {
	var deleted atomic.Int64
	err := b.inTens(receipts, func(ten []string) error {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(b.q.url)}
		for i, r := range ten {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(r)})
		}
		out, err := b.q.client.DeleteMessageBatch(ctx, in)
		if err != nil {
			return b.q.failed("delete messages", err, "sqs:DeleteMessage")
		}
		deleted.Add(int64(len(out.Successful)))
		if n := len(out.Failed); n > 0 {
			return fmt.Errorf("delete messages of %s: refused for %d of %d, which come again: %s", b.q.url, n, len(ten), aws.ToString(out.Failed[0].Code))
		}
		return nil
	})
	return int(deleted.Load()), err
}

func (b *Batch) inTens(receipts []string, do func([]string) error) error {
	var g errgroup.Group
	g.SetLimit(receivers)
	for ten := range slices.Chunk(receipts, perRequest) {
		g.Go(func() error { return do(ten) })
	}
	return g.Wait()
}
