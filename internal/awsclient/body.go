package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// stallTime is for how long the body of a reply may give nothing. A guess.
const stallTime = time.Minute

// ErrSameToken reports a service whose listing would go on for ever.
var ErrSameToken = errors.New("the listing does not move on: the service gives the same continuation token again")

// brokenError is a reply whose body did not come to its end. The SDK asks again where it
// reads the body itself.
type brokenError struct{ err error }

func (e *brokenError) Error() string      { return e.err.Error() }
func (e *brokenError) Unwrap() error      { return e.err }
func (*brokenError) RetryableError() bool { return true }

// livelyClient ends replies that begin and then give nothing for too long, as a connection
// does that broke without either side being told. The client of net/http guards but the
// headers.
type livelyClient struct {
	aws.HTTPClient
	stall time.Duration
}

func (c livelyClient) Do(r *http.Request) (*http.Response, error) {
	reply, err := c.HTTPClient.Do(r)
	if err == nil {
		b := &livelyBody{ReadCloser: reply.Body, stall: c.stall}
		b.watch = time.AfterFunc(c.stall, func() {
			b.stalled.Store(true)
			_ = b.ReadCloser.Close()
		})
		b.watch.Stop() // it runs while something is read
		reply.Body = b
	}
	return reply, err
}

type livelyBody struct {
	io.ReadCloser
	stall   time.Duration
	watch   *time.Timer
	stalled atomic.Bool
}

// Read implements io.Reader.
func (b *livelyBody) Read(p []byte) (int, error) {
	b.watch.Reset(b.stall)
	n, err := b.ReadCloser.Read(p)
	b.watch.Stop()
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case b.stalled.Load():
		err = fmt.Errorf("nothing came for %s", b.stall)
	}
	return n, &brokenError{err}
}

const (
	// readAttempts is how often a body is asked for, and readBackoff the longest wait between.
	readAttempts = 6
	readBackoff  = 10 * time.Second
)

// Whole calls read, which asks for an object and reads it from its beginning to its end,
// again while the body of the reply breaks off or stalls.
func Whole(ctx context.Context, read func() error) error {
	backoff := retry.NewExponentialJitterBackoff(readBackoff)
	for n := 0; ; n++ {
		err := read()
		var broken *brokenError
		if n+1 == readAttempts || ctx.Err() != nil || !errors.As(err, &broken) {
			return err
		}
		wait, waitErr := backoff.BackoffDelay(n, err)
		if waitErr != nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
