package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// notice is an object that a message tells of. CloudTrail's own messages tell neither ETag
// nor size, and nor do those that had no room for them.
type notice struct {
	bucket, key, etag string
	size              int64
}

// body has the fields of all forms of messages.
type body struct {
	// S3's event notifications: "Event message structure", S3 user guide.
	Records []struct {
		EventSource string `json:"eventSource"`
		EventName   string `json:"eventName"`
		S3          struct {
			Bucket struct{ Name string }
			Object struct {
				Key  string
				Size int64
				ETag string `json:"eTag"`
			}
		} `json:"s3"`
	}
	// Event is s3:TestEvent when a notification was set up.
	Event string

	// EventBridge's events: "EventBridge event message structure", S3 user guide.
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	Detail     struct {
		Bucket struct{ Name string }
		Object struct {
			Key  string
			Size int64
			ETag string `json:"etag"`
		}
	}

	// SNS's envelope: "HTTP/HTTPS notification JSON format", SNS developer guide; its
	// message is one of the others.
	Type    string
	Message *string

	// CloudTrail's notifications: "Configuring Amazon SNS notifications for CloudTrail",
	// user guide.
	Bucket string   `json:"s3Bucket"`
	Keys   []string `json:"s3ObjectKey"`
}

// maxEnvelopes bounds envelopes in envelopes.
const maxEnvelopes = 3

// parse returns the objects that a message tells of. None and no error means that it
// tells of something else, such as a test or a removal.
func parse(text string) ([]notice, error) { return parseIn(text, 0) }

func parseIn(text string, envelopes int) ([]notice, error) {
	var b body
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return nil, fmt.Errorf("it is not JSON of a known form: %w", err)
	}
	var found []notice
	switch {
	case b.Type != "" && b.Message != nil:
		if envelopes == maxEnvelopes {
			return nil, errors.New("it is an envelope in an envelope")
		}
		if b.Type != "Notification" {
			return nil, nil // of the subscription
		}
		return parseIn(*b.Message, envelopes+1)
	case b.Event == "s3:TestEvent":
		return nil, nil
	case len(b.Keys) > 0 && b.Bucket != "":
		for _, key := range b.Keys {
			found = append(found, notice{bucket: b.Bucket, key: key})
		}
	case b.Source == "aws.s3":
		if b.DetailType != "Object Created" {
			return nil, nil
		}
		o := b.Detail.Object // its key is not encoded
		found = append(found, notice{b.Detail.Bucket.Name, o.Key, strings.Trim(o.ETag, `"`), o.Size})
	case len(b.Records) > 0:
		for _, r := range b.Records {
			if r.EventSource != "aws:s3" {
				return nil, fmt.Errorf("its source is %q, not aws:s3", r.EventSource)
			}
			if !strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated:") {
				continue
			}
			key, err := url.QueryUnescape(r.S3.Object.Key)
			if err != nil {
				return nil, fmt.Errorf("its key is not encoded right: %w", err)
			}
			found = append(found, notice{r.S3.Bucket.Name, key, strings.Trim(r.S3.Object.ETag, `"`), r.S3.Object.Size})
		}
	default:
		return nil, errors.New("it is no notification of S3, EventBridge or CloudTrail")
	}
	for _, n := range found {
		if n.bucket == "" || n.key == "" || n.size < 0 {
			return nil, errors.New("it names no object")
		}
	}
	return found, nil
}
