package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/awsclient"
)

// s3Place is a prefix of a bucket.
type s3Place struct {
	client   *s3.Client
	bucket   string
	prefix   string
	within   string // the prefix that permissions are asked for
	manifest string
}

func (p *s3Place) key(name string) string { return below(p.prefix, name) }

func below(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "/" + name
}

// Has implements Place.
func (p *s3Place) Has(ctx context.Context) (bool, error) {
	f, err := p.Open(ctx, p.manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// Files implements Place.
func (p *s3Place) Files(ctx context.Context) ([]string, error) {
	var names []string
	above := p.key("")
	pages := s3.NewListObjectsV2Paginator(p.client, &s3.ListObjectsV2Input{Bucket: aws.String(p.bucket), Prefix: aws.String(above)})
	for token := ""; pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err == nil && token != "" && aws.ToString(page.NextContinuationToken) == token {
			err = awsclient.ErrSameToken
		}
		if err != nil {
			err = awsclient.Denied(awsclient.Brief(err), "s3:ListBucket", awsclient.BucketARN(p.client.Options().Region, p.bucket, ""))
			return nil, fmt.Errorf("list %s: %w", p.url(""), err)
		}
		token = aws.ToString(page.NextContinuationToken)
		for _, o := range page.Contents {
			// Consoles make objects that stand for folders.
			if name := strings.TrimPrefix(aws.ToString(o.Key), above); name != "" && !strings.HasSuffix(name, "/") {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// Open implements Place.
func (p *s3Place) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	out, err := p.client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(p.bucket), Key: aws.String(p.key(name))})
	if err != nil {
		if status(err) == http.StatusNotFound {
			return nil, &fs.PathError{Op: "get", Path: p.url(name), Err: fs.ErrNotExist}
		}
		return nil, p.explain(err, "get", "s3:GetObject", name)
	}
	return out.Body, nil
}

func (p *s3Place) url(name string) string { return "s3://" + p.bucket + "/" + p.key(name) }

func (p *s3Place) explain(err error, op, action, name string) error {
	err = awsclient.Brief(err)
	if action == "s3:GetObject" {
		err = awsclient.OrList(err)
	}
	err = awsclient.Denied(err, action, awsclient.BucketARN(p.client.Options().Region, p.bucket, below(p.within, "*")))
	return fmt.Errorf("%s %s: %w", op, p.url(name), err)
}

func status(err error) int {
	var reply *awshttp.ResponseError
	if errors.As(err, &reply) {
		return reply.HTTPStatusCode()
	}
	return 0
}

// Put implements Place. Files that an attempt has left which did not come to its end are
// written over; once there is a manifest, nothing is.
func (p *s3Place) Put(ctx context.Context, dir string) error {
	if has, err := p.Has(ctx); err != nil || has {
		if err == nil {
			err = Same(ctx, p, dir)
		}
		return p.wrap(err)
	}
	names, err := files(dir, p.manifest)
	if err != nil {
		return p.wrap(err)
	}
	for _, name := range names {
		if err := p.putFile(ctx, dir, name); err != nil {
			return p.wrap(err)
		}
	}
	return nil
}

func (p *s3Place) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("deliver to s3://%s/%s: %w", p.bucket, p.prefix, err)
}

func (p *s3Place) putFile(ctx context.Context, dir, name string) error {
	file := filepath.Join(dir, filepath.FromSlash(name))
	err := p.upload(ctx, file, name, aws.String("*"))
	if status(err) != http.StatusPreconditionFailed {
		return err
	}
	if name == p.manifest {
		return Same(ctx, p, dir) // it may be ours, of a request whose reply was lost
	}
	there, readErr := hashAt(ctx, p, name)
	if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
		return readErr
	}
	here, err := hash(os.Open(file))
	if err != nil || readErr == nil && there == here {
		return err
	}
	return p.upload(ctx, file, name, nil)
}

// upload puts a file, which may be large.
func (p *s3Place) upload(ctx context.Context, file, name string, ifNoneMatch *string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = p.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(p.bucket), Key: aws.String(p.key(name)), Body: f,
		ContentType: aws.String(contentType(name)), IfNoneMatch: ifNoneMatch,
	})
	if err != nil {
		return p.explain(err, "put", "s3:PutObject", name)
	}
	return nil
}
