package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"traillake/internal/awsclient"
)

// statusOf returns the status of a reply, 0 when none came.
func statusOf(err error) int {
	var reply *smithyhttp.ResponseError
	if errors.As(err, &reply) {
		return reply.HTTPStatusCode()
	}
	return 0
}

func codeOf(err error) string {
	var api interface{ ErrorCode() string }
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// explain returns an error of a request in the words of the lake: of which object it is,
// which permission lacks, and whether the object is not there.
func (s *Storage) explain(err error, op, action, key string) error {
	if err == nil {
		return nil
	}
	switch code := codeOf(err); {
	case code == "NoSuchBucket":
		return fmt.Errorf("%s s3://%s/%s: there is no such bucket: %w", op, s.bucket, key, awsclient.Brief(err))
	case code == "NoSuchKey" || code == "NotFound" || code == "" && statusOf(err) == http.StatusNotFound:
		return &fs.PathError{Op: op, Path: "s3://" + s.bucket + "/" + key, Err: fs.ErrNotExist}
	}
	err = awsclient.Brief(err)
	if action == "s3:GetObject" {
		err = awsclient.OrList(err)
	}
	on := s.key("*") // names in a lake are new each time
	if action == "s3:ListBucket" {
		on = ""
	}
	err = awsclient.Denied(err, action, awsclient.BucketARN(s.client.Options().Region, s.bucket, on))
	return fmt.Errorf("%s s3://%s/%s: %w", op, s.bucket, key, err)
}

// kind is what the end of a conditional request says about its outcome.
type kind int

const (
	made      kind = iota
	taken          // 412: the key is taken, perhaps by this very write
	again          // 409, or a clock to be set right: not made, may be sent again
	busy           // 503 or 429: it may have been made all the same, but will not be any more
	ambiguous      // no reply, or one that says nothing: 408, and 5xx but 501
	refused        // other 4xx, and 501: not made, and sending it again is of no use
)

// kindOf reads the outcome from an error.
func kindOf(err error) kind {
	if err == nil {
		return made
	}
	switch status := statusOf(err); {
	case status == http.StatusPreconditionFailed, codeOf(err) == "NoSuchUpload":
		return taken // parts that are gone were put together, or dropped
	case status == http.StatusConflict, codeOf(err) == "RequestTimeTooSkewed":
		return again
	case status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
		return busy
	case status == http.StatusRequestTimeout, status >= 500 && status != http.StatusNotImplemented:
		return ambiguous
	case status >= 400:
		return refused
	default:
		return ambiguous
	}
}

// pause waits before a request is sent again, longer each time.
func pause(ctx context.Context, n int) error {
	t := time.NewTimer(jitter(n))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
