// Package s3 reads log objects from a bucket.
//
// Start with Open. The layout is found by looking: folders are walked down to those of
// regions, whatever lies before AWSLogs, and accounts, regions and days that a filter
// does not choose are not listed. Below a region keys are listed by ranges of days, many
// at once. What an earlier listing saw shortens the next one, see Listed.
package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"traillake/internal/awsclient"
	"traillake/lake/source"
)

// Options says how a bucket is listed. The zero value lists all of it.
type Options struct {
	// Filter leaves out what it does not choose before it is listed.
	Filter source.Filter
	// Parallel is how many requests are under way at once; 0 means 64.
	Parallel int
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Await is for those who list again and again: where nothing is below the prefix yet
	// it is called with the folder's URL, and Open succeeds. Nil makes that an error.
	Await func(url string)
}

// Source is what lies below a prefix of a bucket. Use Open to make one. It is safe for
// concurrent use, except for Continue.
type Source struct {
	client         *awss3.Client
	bucket, prefix string
	single         *entry // the URL names one object
	o              Options
	ahead          prefetched
	backoff        *retry.ExponentialJitterBackoff
	refused        atomic.Int64 // refusals since something was read

	known  *Listed // what an earlier listing saw
	listed atomic.Pointer[Listed]
}

var (
	_ source.Source     = (*Source)(nil)
	_ source.Prefetcher = (*Source)(nil)
)

// Open returns the source at s3://bucket/prefix: a folder, or one object. It asks for it
// once, so that a name that is wrong is an error here. An empty bucket is none.
func Open(ctx context.Context, client *awss3.Client, bucket, prefix string, o Options) (*Source, error) {
	if o.Parallel <= 0 {
		o.Parallel = 64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Source{client: client, bucket: bucket, prefix: prefix, o: o, backoff: retry.NewExponentialJitterBackoff(maxWait)}
	s.ahead.init()
	p, err := s.list(ctx, strings.TrimSuffix(prefix, "/"), "/", "", "")
	if err != nil {
		return nil, err
	}
	if prefix == "" {
		return s, nil
	}
	folder := strings.TrimSuffix(prefix, "/") + "/"
	for _, found := range p.prefixes {
		if found == folder {
			s.prefix = folder
			return s, nil
		}
	}
	for _, found := range p.objects {
		if found.key == prefix {
			s.single = &found
			return s, nil
		}
	}
	if o.Await != nil {
		s.prefix = folder
		o.Await(s.URL())
		return s, nil
	}
	return nil, fmt.Errorf("open source %s: nothing is there: no folder and no object of this name", s.url(prefix))
}

// URL returns s3://bucket/prefix.
func (s *Source) URL() string { return s.url(s.prefix) }

// Bucket and Prefix say what the source holds: keys that begin with Prefix.
func (s *Source) Bucket() string { return s.bucket }

// Prefix is the empty text or ends with a slash, unless the source is one object.
func (s *Source) Prefix() string { return s.prefix }

func (s *Source) url(key string) string { return "s3://" + s.bucket + "/" + key }

// failed says what an operation could not do and what permission it lacks, if any.
func (s *Source) failed(operation string, err error, action, key string) error {
	resource := awsclient.BucketARN(s.client.Options().Region, s.bucket, "")
	if key != "" {
		// One statement should do for all objects.
		resource += "/" + s.prefix + "*"
		if s.single != nil {
			resource = strings.TrimSuffix(resource, "*")
		}
	}
	var bucket *types.NoSuchBucket
	var api smithy.APIError
	switch {
	case errors.As(err, &bucket):
		return fmt.Errorf("%s: there is no bucket %s", operation, s.bucket)
	case errors.As(err, &api) && api.ErrorCode() == "PermanentRedirect":
		err = fmt.Errorf("%w; the bucket is in another region: name it with --bucket-region", awsclient.Brief(err))
	default:
		err = awsclient.Brief(err)
	}
	return awsclient.Denied(fmt.Errorf("%s: %w", operation, err), action, resource)
}
