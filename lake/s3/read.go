package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/awsclient"
	"traillake/internal/filecache"
	"traillake/lake"
)

// readAttempts is how often a reply is asked for that did not come to its end. The SDK
// has tried as often for each of them to begin.
const readAttempts = 6

// errShort is a reply that ended before its end, or was changed on its way.
var errShort = errors.New("the reply is not what was asked for")

// Get implements lake.Storage.
func (s *Storage) Get(ctx context.Context, name string) ([]byte, error) {
	key := s.key(name)
	if !s.cached || !lake.Immutable(name) {
		return s.get(ctx, key)
	}
	var b []byte
	err := s.intoCache(ctx, key, func() (err error) {
		b, err = s.cache.Read(ctx, s.cacheKey(key), s.source(key))
		return err
	})
	return b, err
}

// get reads an object whole and compares it with its hash.
func (s *Storage) get(ctx context.Context, key string) (b []byte, err error) {
	for n := range readAttempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return nil, err
			}
		}
		out, getErr := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
		if getErr != nil {
			return nil, s.explain(getErr, "read", "s3:GetObject", key)
		}
		b, err = io.ReadAll(out.Body)
		_ = out.Body.Close()
		if err == nil {
			err = whole(b, aws.ToInt64(out.ContentLength), out.Metadata[metaSHA256])
		}
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", s.bucket, key, err)
	}
	return b, nil
}

// whole compares bytes with what the headers say of them.
func whole(b []byte, size int64, sum string) error {
	if int64(len(b)) != size {
		return fmt.Errorf("%w: %d bytes of %d came", errShort, len(b), size)
	}
	if got := sha256.Sum256(b); sum != "" && hex.EncodeToString(got[:]) != sum {
		return fmt.Errorf("%w: its metadata says sha256 %s, it has %x", errShort, sum, got)
	}
	return nil
}

// Fetch implements lake.Remote.
func (s *Storage) Fetch(ctx context.Context, name string, size int64) (string, func(), error) {
	key := s.key(name)
	var path string
	var release func()
	err := s.intoCache(ctx, key, func() (err error) {
		path, release, err = s.cache.Pin(ctx, s.cacheKey(key), size, s.source(key))
		return err
	})
	return path, release, err
}

// damagedAttempts is how often a file is fetched that comes with another hash than its
// own: the network may have cut it, the bucket may have lost it.
const damagedAttempts = 3

// intoCache brings an object into the cache.
func (s *Storage) intoCache(ctx context.Context, key string, fetch func() error) error {
	for n := 1; ; n++ {
		err := fetch()
		if n == damagedAttempts || !errors.Is(err, filecache.ErrDamaged) || filecache.IsDisk(err) {
			return s.cacheError(err, key)
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// cacheKey tells objects apart. Two services may have buckets of one name.
func (s *Storage) cacheKey(key string) string {
	return s.endpoint() + " " + s.bucket + "/" + key
}

func (s *Storage) cacheError(err error, key string) error {
	var path *fs.PathError
	if err == nil || errors.As(err, &path) && errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if filecache.IsDisk(err) {
		return fmt.Errorf("keep a copy of s3://%s/%s: %w", s.bucket, key, err)
	}
	if errors.Is(err, filecache.ErrDamaged) {
		return fmt.Errorf("read s3://%s/%s: %w: %w", s.bucket, key, lake.ErrCorrupt, err)
	}
	return err
}

// source reads an object for the cache, from its beginning to its end.
func (s *Storage) source(key string) filecache.Source {
	return func(ctx context.Context) (filecache.Content, error) {
		if err := lake.AboutToFetch(ctx); err != nil {
			return filecache.Content{}, err
		}
		out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
		if err != nil {
			return filecache.Content{}, s.explain(err, "read", "s3:GetObject", key)
		}
		sum := out.Metadata[metaSHA256]
		if sum == "" {
			return filecache.Content{}, errors.Join(fmt.Errorf("read s3://%s/%s: %w: it has no hash in its metadata, as the files have that traillake wrote, and copies of these that a copy from bucket to bucket made",
				s.bucket, key, lake.ErrCorrupt), out.Body.Close())
		}
		body := &stream{s: s, ctx: ctx, key: key, etag: aws.ToString(out.ETag), whole: aws.ToInt64(out.ContentLength), size: aws.ToInt64(out.ContentLength), body: out.Body}
		return filecache.Content{Body: body, SHA256: sum}, nil
	}
}

// stat describes an object.
func (s *Storage) stat(ctx context.Context, key string) (*s3.HeadObjectOutput, error) {
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	return out, s.explain(err, "look at", "s3:GetObject", key)
}

// Stat implements lake.Storage.
func (s *Storage) Stat(ctx context.Context, name string) (lake.FileInfo, error) {
	out, err := s.stat(ctx, s.key(name))
	if err != nil {
		return lake.FileInfo{}, err
	}
	return lake.FileInfo{Name: name, Size: aws.ToInt64(out.ContentLength), ModTime: aws.ToTime(out.LastModified)}, nil
}

// List implements lake.Storage.
func (s *Storage) List(ctx context.Context, dir string) iter.Seq2[lake.FileInfo, error] {
	return func(yield func(lake.FileInfo, error) bool) {
		root, below := "", ""
		if s.prefix != "" {
			root = s.prefix + "/"
		}
		if below = root; dir != "" {
			below += dir + "/"
		}
		var token *string
		for {
			page, err := s.page(ctx, below, token)
			if err != nil {
				yield(lake.FileInfo{}, err)
				return
			}
			for _, o := range page.Contents {
				key := aws.ToString(o.Key)
				if strings.HasSuffix(key, "/") {
					continue // what consoles show as a folder
				}
				fi := lake.FileInfo{Name: strings.TrimPrefix(key, root), Size: aws.ToInt64(o.Size), ModTime: aws.ToTime(o.LastModified)}
				if !yield(fi, nil) {
					return
				}
			}
			if token = page.NextContinuationToken; !aws.ToBool(page.IsTruncated) {
				return
			}
		}
	}
}

// page returns one page of a listing. A reply that is cut must not pass for a short list.
func (s *Storage) page(ctx context.Context, below string, token *string) (page *s3.ListObjectsV2Output, err error) {
	for n := range readAttempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return nil, err
			}
		}
		page, err = s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &below, ContinuationToken: token})
		if err == nil && page.KeyCount != nil && int(*page.KeyCount) != len(page.Contents)+len(page.CommonPrefixes) {
			err = fmt.Errorf("%w: it lists %d of %d keys", errShort, len(page.Contents), *page.KeyCount)
		}
		if err == nil && aws.ToBool(page.IsTruncated) && page.NextContinuationToken == nil {
			err = fmt.Errorf("%w: it does not say how to go on", errShort)
		}
		var spent *retry.MaxAttemptsError
		if err == nil || ctx.Err() != nil || statusOf(err) >= 400 || errors.As(err, &spent) {
			break
		}
	}
	if err == nil && token != nil && aws.ToBool(page.IsTruncated) && aws.ToString(page.NextContinuationToken) == *token {
		err = awsclient.ErrSameToken
	}
	return page, s.explainList(err, below)
}

func (s *Storage) explainList(err error, below string) error {
	if err == nil {
		return nil
	}
	err = s.explain(err, "list", "s3:ListBucket", below)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list s3://%s/%s: there is no such bucket", s.bucket, below)
	}
	return err
}
