package awsclient

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	maxAttempts = 8
	maxBackoff  = 20 * time.Second
	// retryTokens is what all retries of a client may spend, five each, before they
	// must be earned again by requests that succeed: a service that is down ends an
	// ingest soon, instead of after eight attempts for each of its objects.
	retryTokens = 2000
	// patience is for how long a client asks again while connections are refused and nobody has
	// answered it yet: an endpoint that was mistyped should be told of soon. A guess.
	patience = 5 * time.Second
)

// retryer is the SDK's, but for a service that is not there.
type retryer struct {
	*retry.Standard
	answered atomic.Bool
	refused  atomic.Pointer[time.Time] // first
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
	if errors.Is(err, syscall.ECONNREFUSED) && !r.answered.Load() {
		now := time.Now()
		r.refused.CompareAndSwap(nil, &now)
		if now.Sub(*r.refused.Load()) > patience {
			return false
		}
	}
	return r.Standard.IsErrorRetryable(err)
}

// GetAttemptToken implements aws.RetryerV2. It learns that somebody answers, if only with an error.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	release, err := r.Standard.GetAttemptToken(ctx)
	if err != nil {
		return release, err
	}
	return func(err error) error {
		var reply *smithyhttp.ResponseError
		if err == nil || errors.As(err, &reply) && reply.HTTPStatusCode() > 0 {
			r.answered.Store(true)
		}
		return release(err)
	}, nil
}
