package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"traillake/lake"
)

const (
	backoffFirst = 50 * time.Millisecond
	backoffMost  = 5 * time.Second
	// attemptTime is how long one attempt of a small write may take, before its outcome
	// is looked for. A guess: a hundred times what it takes.
	attemptTime = 20 * time.Second
)

// jitter is a wait of random length, up to twice as long each time.
func jitter(n int) time.Duration {
	most := backoffMost
	if n < 7 {
		most = min(most, backoffFirst<<n)
	}
	return time.Millisecond + rand.N(most)
}

// once keeps the SDK from sending a request again by itself: it would take the reply to
// its own first request, which was lost, for that of somebody else.
func once(o *s3.Options) { o.Retryer = aws.NopRetryer{} }

// PutIfAbsent implements lake.Storage.
func (s *Storage) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	if err := s.demandConditional(ctx); err != nil {
		return err
	}
	return s.putIfAbsent(ctx, s.key(name), data)
}

func (s *Storage) putIfAbsent(ctx context.Context, key string, data []byte) error {
	id := uuid.NewString()
	return s.conditional(ctx, key, id, attemptTime, func(ctx context.Context) error {
		return s.putOnce(ctx, key, id, data)
	})
}

// putOnce sends one conditional write.
func (s *Storage) putOnce(ctx context.Context, key, id string, data []byte) error {
	in := s.object(key, sha256.Sum256(data), id)
	in.IfNoneMatch = aws.String("*")
	in.Body = bytes.NewReader(data)
	_, err := s.client.PutObject(ctx, in, once)
	return err
}

// object describes a new object.
func (s *Storage) object(key string, sum [sha256.Size]byte, id string) *s3.PutObjectInput {
	return &s3.PutObjectInput{
		Bucket: &s.bucket, Key: &key, Metadata: metadata(sum, id),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
	}
}

func metadata(sum [sha256.Size]byte, id string) map[string]string {
	return map[string]string{metaSHA256: hex.EncodeToString(sum[:]), metaCommit: id}
}

// conditional makes an object by a request that fails when the key is taken, and finds
// out whether it did. send sends the request once; the object that it makes carries id.
//
// It returns nil only when the object is that of this write, an error that wraps
// fs.ErrExist only when another's was seen, and one that wraps lake.ErrOutcomeUnknown when
// neither can be told. After any other error nothing was made.
func (s *Storage) conditional(ctx context.Context, key, id string, limit time.Duration, send func(ctx context.Context) error) error {
	deadline := time.Now().Add(s.patience)
	perhaps := false // a request without a reply may still be made
	for n := 0; ; n++ {
		actx, cancel := context.WithTimeout(ctx, limit)
		err := send(actx)
		cancel()
		k := kindOf(err)
		if k == made {
			return nil
		}
		perhaps = perhaps || k == ambiguous
		cause := s.explain(err, "write", "s3:PutObject", key)
		if k == taken || k == busy || perhaps {
			switch owner, readErr := s.owner(ctx, key, deadline); {
			case readErr == nil && owner == id:
				return nil
			case readErr == nil:
				return &fs.PathError{Op: "write", Path: "s3://" + s.bucket + "/" + key, Err: fs.ErrExist}
			case !errors.Is(readErr, fs.ErrNotExist):
				return fmt.Errorf("%w: %w; and then: %w", lake.ErrOutcomeUnknown, cause, readErr)
			}
			// It is not there: the same request again.
		}
		if k == refused && !perhaps {
			return cause
		}
		if err := pause(ctx, n); err != nil || time.Now().After(deadline) {
			cause = errors.Join(cause, err)
			if perhaps {
				return fmt.Errorf("%w: %w", lake.ErrOutcomeUnknown, cause)
			}
			return cause
		}
	}
}

// owner returns the id of the write that made an object. It asks until the deadline.
func (s *Storage) owner(ctx context.Context, key string, deadline time.Time) (string, error) {
	for n := 0; ; n++ {
		actx, cancel := context.WithTimeout(ctx, attemptTime)
		out, err := s.client.HeadObject(actx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key}, once)
		cancel()
		if err == nil {
			return out.Metadata[metaCommit], nil
		}
		err = s.explain(err, "look at", "s3:GetObject", key)
		if errors.Is(err, fs.ErrNotExist) || kindOf(err) == refused {
			return "", err
		}
		if time.Now().After(deadline) {
			return "", err
		}
		if waitErr := pause(ctx, n); waitErr != nil {
			return "", errors.Join(err, waitErr)
		}
	}
}

// Put implements lake.Storage.
func (s *Storage) Put(ctx context.Context, name string, data []byte) error {
	key := s.key(name)
	in := s.object(key, sha256.Sum256(data), uuid.NewString())
	in.Body = bytes.NewReader(data)
	_, err := s.client.PutObject(ctx, in)
	return s.explain(err, "write", "s3:PutObject", key)
}

// Remove implements lake.Storage. In a bucket with versions it leaves a marker.
func (s *Storage) Remove(ctx context.Context, name string) error {
	key := s.key(name)
	defer s.Forget(name) // what is removed from the lake is not to stay on this disk
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	if err = s.explain(err, "remove", "s3:DeleteObject", key); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
