package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"traillake/lake/source"
	"traillake/lake/source/s3"
)

var (
	_ source.Source     = (*Batch)(nil)
	_ source.Prefetcher = (*Batch)(nil)
)

// object is one that a message tells of.
type object struct {
	source.Object
	src *s3.Source
	// err says why it is not to be read: *source.LeftOut, or no source has it.
	err error
}

// errForeign is about an object that lies in none of the sources.
var errForeign = errors.New("it is in none of the places that are ingested")

// resolve finds out what a message tells of, once.
func (b *Batch) resolve(ctx context.Context, m *message) {
	m.once.Do(func() {
		notices, err := parse(m.body)
		if err != nil {
			m.err = err
			return
		}
		for _, n := range notices {
			o := object{Object: source.Object{Bucket: n.bucket, Key: n.key}}
			if o.src = b.q.sourceOf(n); o.src == nil {
				o.err = errForeign
			} else if o.Object, o.err = o.src.Named(n.key, n.etag, n.size); o.err == nil && (n.etag == "" || m.receives > 1) {
				// A message that comes again may tell of an object that was replaced.
				o.Object, o.err = o.src.Stat(ctx, o.Object)
			}
			m.objects = append(m.objects, o)
		}
	})
}

func (q *Queue) sourceOf(n notice) *s3.Source {
	for _, s := range q.sources {
		if n.bucket == s.Bucket() && strings.HasPrefix(n.key, s.Prefix()) {
			return s
		}
	}
	return nil
}

// stats is how many objects are asked for at once.
const stats = 16

// List implements source.Source: the objects of all messages, each once.
func (b *Batch) List(ctx context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		b.mu.Lock()
		messages := b.messages
		b.mu.Unlock()
		var g errgroup.Group
		g.SetLimit(stats)
		for _, m := range messages {
			g.Go(func() error {
				b.resolve(ctx, m)
				return nil
			})
		}
		if g.Wait(); ctx.Err() != nil {
			yield(source.Object{}, ctx.Err())
			return
		}
		type identity struct{ bucket, key, etag string }
		seen := make(map[identity]bool)
		for _, m := range messages {
			for _, o := range m.objects {
				id := identity{o.Bucket, o.Key, o.ETag}
				var out *source.LeftOut
				if seen[id] || o.err != nil && !errors.As(o.err, &out) {
					continue // Settle reports what is wrong
				}
				seen[id] = true
				if !yield(o.Object, o.err) {
					return
				}
			}
		}
	}
}

// Open implements source.Source.
func (b *Batch) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	if s := b.q.sourceOf(notice{bucket: o.Bucket, key: o.Key}); s != nil {
		return s.Open(ctx, o)
	}
	return nil, fmt.Errorf("open s3://%s/%s: %w", o.Bucket, o.Key, errForeign)
}

// Prefetch implements source.Prefetcher.
func (b *Batch) Prefetch(ctx context.Context, o source.Object) {
	if s := b.q.sourceOf(notice{bucket: o.Bucket, key: o.Key}); s != nil {
		s.Prefetch(ctx, o)
	}
}

// Report is what became of the messages of a batch.
type Report struct {
	// Messages were received, and Deleted of them are done.
	Messages, Deleted int
	// Foreign objects lie in none of the sources; their messages are deleted.
	Foreign int
	// Left are those that are not deleted and come again, of which the last receives
	// are for the dead-letter queue.
	Left []Left
}

// Left is a message that is not done.
type Left struct {
	// ID is the message's, and Object the first of its objects that is not done; empty
	// when it names none.
	ID, Object string
	// Receives is how often it was received, and Poison whether that is often.
	Receives int
	Poison   bool
	Reason   string
}

// Settle deletes the messages whose objects are all done, which done tells: they are in
// the ledger, or not chosen. Others are left to come again, or to go to the dead-letter
// queue. It ends the batch.
func (b *Batch) Settle(ctx context.Context, done func(source.Object) bool) (Report, error) {
	b.stop()
	b.held.Wait()
	r := Report{Messages: len(b.messages)}
	var receipts []string
	for _, m := range b.messages {
		b.resolve(ctx, m)
		left := Left{ID: m.id, Receives: m.receives, Poison: m.receives >= b.q.o.Poison}
		if m.err != nil {
			left.Reason = m.err.Error()
		}
		for _, o := range m.objects {
			var out *source.LeftOut
			switch {
			case errors.Is(o.err, errForeign):
				r.Foreign++
			case errors.As(o.err, &out), o.err == nil && done(o.Object):
			case left.Reason == "":
				left.Object, left.Reason = "s3://"+o.Bucket+"/"+o.Key, "its object was not ingested"
				if o.err != nil {
					left.Reason = o.err.Error()
				}
			}
		}
		if left.Reason == "" {
			receipts = append(receipts, m.receipt)
		} else {
			r.Left = append(r.Left, left)
		}
	}
	var err error
	r.Deleted, err = b.remove(ctx, receipts)
	return r, err
}

// releaseTime is how long giving messages back may take when the process ends.
const releaseTime = 5 * time.Second

// Release gives all messages back, for others to receive at once. It ends the batch. What
// cannot be given back comes back by itself.
func (b *Batch) Release() {
	if b.stop != nil {
		b.stop()
		b.held.Wait()
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	_ = b.hide(ctx, b.receipts(), 0)
}
