package awsclient

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// briefError says in few words what the SDK says in many.
type briefError struct {
	text string
	err  error
}

func (e *briefError) Error() string { return e.text }
func (e *briefError) Unwrap() error { return e.err }

// Brief returns err with a text that a person reads: code and message of the service
// with the id of the request, or the error of the network. Other errors are returned as
// they are.
func Brief(err error) error {
	var tries string
	var spent *retry.MaxAttemptsError
	if errors.As(err, &spent) {
		tries = fmt.Sprintf(", after %d attempts", spent.Attempt)
	}
	var api smithy.APIError
	var reply *awshttp.ResponseError
	var network *url.Error
	switch {
	case errors.As(err, &api):
		text := api.ErrorCode()
		if m := api.ErrorMessage(); m != "" && m != text {
			text += ": " + m
		}
		if errors.As(err, &reply) && reply.RequestID != "" {
			text += " (request " + reply.RequestID + ")"
		}
		return &briefError{text + tries, err}
	case errors.As(err, &network):
		return &briefError{network.Err.Error() + tries, err}
	}
	return err
}
