package awsclient

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const (
	maxAttempts = 8
	maxBackoff  = 20 * time.Second
	// retryTokens is what all retries of a client may spend, five each, before they
	// must be earned again by requests that succeed: a service that is down ends an
	// ingest soon, instead of after eight attempts for each of its objects.
	retryTokens = 2000
	// maxRefused is how often all requests of a client are tried again while nobody is there who
	// answers any: an endpoint that was mistyped should be told of soon. A guess.
	maxRefused = 2
)

// retryer is the SDK's, but for a service that is not there.
type retryer struct {
	*retry.Standard
	answered atomic.Bool
	refused  atomic.Int32
}

// newRetryer waits with full jitter, up to maxBackoff.
func newRetryer() aws.Retryer {
	return &retryer{Standard: retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
		o.RateLimiter = ratelimit.NewTokenRateLimit(retryTokens)
	})}
}

// IsErrorRetryable implements aws.Retryer.
func (r *retryer) IsErrorRetryable(err error) bool {
	var dns *net.DNSError
	if errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &dns) && dns.IsNotFound {
		if !r.answered.Load() && r.refused.Add(1) > maxRefused {
			return false
		}
	}
	return r.Standard.IsErrorRetryable(err)
}

// GetAttemptToken implements aws.RetryerV2. It learns that somebody answers.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	release, err := r.Standard.GetAttemptToken(ctx)
	if err != nil {
		return release, err
	}
	return func(err error) error {
		if err == nil {
			r.answered.Store(true)
		}
		return release(err)
	}, nil
}
