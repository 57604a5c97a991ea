package awsclient

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A HEAD that is refused as the clock is wrong is sent again with the time of the service,
// and is no matter of permissions where it is not.
func TestSkew(t *testing.T) {
	isolate(t)
	for _, skew := range []time.Duration{-20 * time.Hour, 20 * time.Minute} {
		requests := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			now := time.Now().Add(skew).UTC()
			w.Header().Set("Date", now.Format(http.TimeFormat))
			at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
			if err != nil || now.Sub(at).Abs() > 15*time.Minute || strings.HasSuffix(r.URL.Path, "/denied") {
				w.WriteHeader(http.StatusForbidden)
			}
		}))
		defer srv.Close()
		c, err := Open(t.Context(), Options{EndpointURL: srv.URL, PathStyle: true})
		if err != nil {
			t.Fatal(err)
		}
		head := func(client *s3.Client, key string, o ...func(*s3.Options)) error {
			_, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("b"), Key: &key}, o...)
			return err
		}
		if err := head(c.s3("us-east-1"), "k"); err != nil || requests != 2 {
			t.Errorf("%s: after %d requests: %v", skew, requests, err)
		}
		if err := head(c.s3("us-east-1"), "denied"); !IsDenied(err) {
			t.Errorf("%s: no matter of permissions: %v", skew, err)
		}
		once := func(o *s3.Options) { o.Retryer = aws.NopRetryer{} }
		client := c.s3("us-east-1")
		err = Brief(head(client, "k", once))
		if err == nil || IsDenied(err) || !strings.HasPrefix(err.Error(), "RequestTimeTooSkewed: the time of the request is ") {
			t.Errorf("%s: %v", skew, err)
		}
		if err := head(client, "k", once); err != nil {
			t.Errorf("%s: the next request: %v", skew, err)
		}
	}
}
