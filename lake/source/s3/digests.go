package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/awsclient"
	"traillake/lake/digest"
	"traillake/lake/source"
)

var _ source.Digests = (*Source)(nil)

// ListDigests implements source.Digests. The filter is about logs: their digests may lie in
// other folders. A digest lies in that of the day that it ends on.
func (s *Source) ListDigests(ctx context.Context, from time.Time) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		l := &listing{s: s, seen: s.newListed(), filter: source.Filter{From: from}, digests: true}
		l.all(ctx, func(o source.Object, err error) bool {
			var out *source.LeftOut
			if _, ok := digest.ParseName(path.Base(o.Key)); errors.As(err, &out) {
				if !ok || strings.HasSuffix(o.Key, "/") {
					return true
				}
				o.Place, err = source.ParseKey(o.Key), nil
			} else if err == nil && !ok {
				return true
			}
			return yield(o, err)
		})
	}
}

// ReadDigest implements source.Digests. The metadata is the object's.
func (s *Source) ReadDigest(ctx context.Context, o source.Object) ([]byte, map[string]string, error) {
	var stored []byte
	metadata := map[string]string{}
	err := awsclient.Whole(ctx, func() error {
		out, err := s.client.GetObject(ctx, &awss3.GetObjectInput{Bucket: aws.String(o.Bucket), Key: aws.String(o.Key)})
		if err != nil {
			return s.readError(o, err)
		}
		defer out.Body.Close()
		if out.Metadata != nil {
			metadata = out.Metadata
		}
		if stored, err = io.ReadAll(io.LimitReader(out.Body, digest.MaxBytes+1)); err != nil {
			return fmt.Errorf("read digest %s: %w", s.url(o.Key), err)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return stored, metadata, nil
}

// Stat implements source.Digests.
func (s *Source) Stat(ctx context.Context, o source.Object) (source.Object, error) {
	if o.Bucket != s.bucket {
		return o, fmt.Errorf("find s3://%s/%s in bucket %s: %w", o.Bucket, o.Key, s.bucket, fs.ErrNotExist)
	}
	out, err := s.client.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: aws.String(o.Bucket), Key: aws.String(o.Key)})
	if err != nil {
		return o, awsclient.OrList(s.readError(o, err))
	}
	o.ETag, o.Size, o.ModTime = strings.Trim(aws.ToString(out.ETag), `"`), aws.ToInt64(out.ContentLength), aws.ToTime(out.LastModified)
	o.Place = source.ParseKey(o.Key)
	return o, nil
}

// Below implements source.Digests.
func (s *Source) Below(o source.Object) bool {
	if s.single != nil {
		return o.Bucket == s.bucket && o.Key == s.single.key
	}
	return o.Bucket == s.bucket && strings.HasPrefix(o.Key, s.prefix)
}
