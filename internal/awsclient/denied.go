package awsclient

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// DeniedError is a request that permissions do not allow. Its text ends with the policy
// statement that allows it.
type DeniedError struct {
	// Action is what must be allowed, such as s3:GetObject.
	Action string
	// Resource is the ARN that it must be allowed on.
	Resource string
	err      error
}

func (e *DeniedError) Error() string {
	where := "the policy of the role or user"
	if e.Action == "kms:Decrypt" || e.Action == "kms:GenerateDataKey" {
		where += ", and to the policy of the key if that is in another account"
	}
	return fmt.Sprintf("%v\nThe permission %s is missing. Add to %s:\n"+
		`  {"Effect": "Allow", "Action": %q, "Resource": %q}`, e.err, e.Action, where, e.Action, e.Resource)
}

// Unwrap returns the reply of the service.
func (e *DeniedError) Unwrap() error { return e.err }

// Is reports whether target is fs.ErrPermission, so that who knows nothing of AWS can ask.
func (e *DeniedError) Is(target error) bool { return target == fs.ErrPermission }

// named finds action and resource in the text of a refusal: User: … is not authorized to
// perform: kms:Decrypt on resource: arn:aws:kms:… because no identity-based policy ….
var named = regexp.MustCompile(`not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)(?: on resource: "?([^\s"]+)"?)?`)

// Denied returns err as a *DeniedError if it is the reply to a request without
// permission, else as it is. The action and its resource are those of the request; where
// the service names others, such as the key of an encrypted object, these count. A resource
// that ends with * stays: the service names the object of this one request.
func Denied(err error, action, resource string) error {
	if !IsDenied(err) {
		return err
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		if m := named.FindStringSubmatch(api.ErrorMessage()); m != nil {
			action = m[1]
			if all, ok := strings.CutSuffix(resource, "*"); m[2] != "" && !(ok && strings.HasPrefix(m[2], all)) {
				resource = m[2]
			}
		}
	}
	return &DeniedError{Action: action, Resource: resource, err: err}
}

// notPermissions are codes of refusals that no policy changes.
var notPermissions = map[string]bool{
	"InvalidAccessKeyId": true, "SignatureDoesNotMatch": true, "RequestTimeTooSkewed": true, "ExpiredToken": true,
	"InvalidToken": true, "InvalidObjectState": true, "AccountProblem": true, "NotSignedUp": true,
	"UnrecognizedClientException": true, "InvalidClientTokenId": true,
}

// IsDenied reports whether err is a refusal for lack of permission.
func IsDenied(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch code := api.ErrorCode(); {
		case notPermissions[code]:
			return false
		case code == "AccessDenied", code == "AccessDeniedException", code == "Forbidden", code == "AllAccessDisabled":
			return true
		}
	}
	var reply *smithyhttp.ResponseError
	return errors.As(err, &reply) && reply.HTTPStatusCode() == http.StatusForbidden
}

// OrList returns the error of a request for an object with what else may be missing, if it
// is a refusal.
func OrList(err error) error {
	if !IsDenied(err) {
		return err
	}
	return fmt.Errorf("%w (S3 says so of keys that are not there, too, where s3:ListBucket is missing)", err)
}

// BucketARN returns the ARN of a bucket, or of what lies in it, in AWS's partition that
// the region belongs to. A key of * stands for all.
func BucketARN(region, bucket, key string) string {
	partition := "aws"
	switch {
	case len(region) > 3 && region[:3] == "cn-":
		partition = "aws-cn"
	case len(region) > 7 && region[:7] == "us-gov-":
		partition = "aws-us-gov"
	}
	arn := "arn:" + partition + ":s3:::" + bucket
	if key != "" {
		arn += "/" + key
	}
	return arn
}
