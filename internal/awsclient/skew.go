package awsclient

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxSkew is how far the time of a request may be from that of its reply before a refusal
// is taken for one of the clock. S3 allows a quarter of an hour. What is wrongly taken for
// one is refused again once the request has the right time.
const maxSkew = 5 * time.Minute

// skewedError is a refusal of the clock without a body that says so. It has the code that
// S3 gives elsewhere, by which the SDK takes over the time of the reply and asks again.
type skewedError struct {
	ahead time.Duration
	err   error
}

func (e *skewedError) Error() string { return e.ErrorCode() + ": " + e.ErrorMessage() }
func (e *skewedError) Unwrap() error { return e.err }

func (*skewedError) ErrorCode() string { return "RequestTimeTooSkewed" }

func (e *skewedError) ErrorMessage() string {
	where := "ahead of"
	if e.ahead < 0 {
		where = "behind"
	}
	return fmt.Sprintf("the time of the request is %s %s that of the service; set the clock right", e.ahead.Abs().Round(time.Second), where)
}

func (*skewedError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// tellSkew tells refusals of the clock from those of permissions in replies to HEAD.
func tellSkew(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("traillakeSkew", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleDeserialize(ctx, in)
		req, ok := in.Request.(*smithyhttp.Request)
		reply, replied := out.RawResponse.(*smithyhttp.Response)
		if err == nil || !ok || !replied || req.Method != http.MethodHead || reply.StatusCode != http.StatusForbidden {
			return out, meta, err
		}
		signed, err1 := time.Parse("20060102T150405Z", req.Header.Get("X-Amz-Date"))
		date, err2 := http.ParseTime(reply.Header.Get("Date"))
		if ahead := signed.Sub(date); err1 == nil && err2 == nil && ahead.Abs() > maxSkew {
			err = &skewedError{ahead, err}
		}
		return out, meta, err
	}), middleware.Before)
}
