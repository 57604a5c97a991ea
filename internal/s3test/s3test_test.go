package s3test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"traillake/internal/awsclient"
)

// The server keeps what it is given, refuses to overwrite where it is told not to, and
// is reached by the clients of the program.
func TestServer(t *testing.T) {
	s := Shared(t)
	s.Setenv(t)
	bucket := s.Bucket(t)
	s.Put(t, bucket, map[string]string{"a/b": "text"})
	c, err := awsclient.Open(t.Context(), awsclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := c.Bucket(t.Context(), bucket)
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("a/b")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if text, err := io.ReadAll(out.Body); err != nil || string(text) != "text" {
		t.Errorf("read %q, %v", text, err)
	}
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("a/b"), Body: strings.NewReader("other"), IfNoneMatch: aws.String("*"),
	})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "PreconditionFailed" {
		t.Errorf("overwriting: %v", err)
	}
	s.Versioned(t, bucket)
	s.Put(t, bucket, map[string]string{"a/b": "new"})
	versions, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(bucket)})
	if err != nil || len(versions.Versions) != 2 {
		t.Errorf("versions: %v, %v", versions, err)
	}
}

// A server that ends leaves nothing behind.
func TestEnd(t *testing.T) {
	var dir string
	t.Run("server", func(t *testing.T) { dir = Start(t).dir })
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); ; {
		if _, err := os.Stat(dir); dir == "" || errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s is left", dir)
		}
	}
}
