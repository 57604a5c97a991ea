package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A reply that begins and then gives nothing is asked for again, by the SDK where it reads
// the body.
func TestStall(t *testing.T) {
	isolate(t)
	var requests atomic.Int64
	whole := `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		if requests.Add(1)%2 == 1 {
			io.WriteString(w, whole[:40])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		io.WriteString(w, whole)
	}))
	defer srv.Close()
	c, err := Open(t.Context(), Options{EndpointURL: srv.URL, PathStyle: true, Stall: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	client, err := c.Bucket(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	page, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("b")})
	if err != nil || len(page.Contents) != 1 || requests.Load() != 2 {
		t.Errorf("%v, %v after %d requests", page, err, requests.Load())
	}
	var errs []error
	err = Whole(t.Context(), func() error {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("a")})
		if err != nil {
			return err
		}
		b, err := io.ReadAll(out.Body)
		if err = errors.Join(err, out.Body.Close()); err != nil {
			errs = append(errs, err)
		} else if string(b) != whole {
			t.Errorf("read %q", b)
		}
		return err
	})
	if err != nil || len(errs) != 1 || !strings.Contains(errs[0].Error(), "nothing came for 300ms") {
		t.Errorf("%v after %v", err, errs)
	}
}

// What is no broken reply is not done again, and neither is what nobody wants any more.
func TestWhole(t *testing.T) {
	n := 0
	other := errors.New("the disk is full")
	if err := Whole(t.Context(), func() error { n++; return other }); err != other || n != 1 {
		t.Errorf("%v after %d times", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	err := Whole(ctx, func() error { n++; cancel(); return &brokenError{io.ErrUnexpectedEOF} })
	if !errors.Is(err, io.ErrUnexpectedEOF) || n != 1 {
		t.Errorf("%v after %d times", err, n)
	}
}
