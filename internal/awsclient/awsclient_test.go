package awsclient

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// isolate keeps the configuration of the machine out of a test.
func isolate(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
		"AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "",
	} {
		t.Setenv(name, value)
	}
}

func TestValidate(t *testing.T) {
	for _, o := range []Options{
		{}, {RoleARN: "arn:aws:iam::123456789012:role/path/reader"}, {RoleARN: "arn:aws-us-gov:iam::123456789012:role/r"},
		{Region: "us-gov-west-1"}, {EndpointURL: "http://127.0.0.1:7070"}, {RequestPayer: "requester"},
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, o := range []Options{
		{RoleARN: "reader"}, {RoleARN: "arn:aws:iam::123456789012:user/u"}, {Region: "us east"}, {EndpointURL: "127.0.0.1:7070"},
		{EndpointURL: "ftp://x"}, {EndpointURL: "https://key:secret@x"}, {RequestPayer: "owner"},
	} {
		if err := o.Validate(); err == nil {
			t.Errorf("%+v is taken", o)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the text tells a secret: %v", err)
		}
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string][2]string{
		"s3://bucket": {"bucket", ""}, "s3://bucket/": {"bucket", ""}, "s3://bucket/a/b/": {"bucket", "a/b/"},
	} {
		if b, p, err := ParseURL(text); err != nil || b != want[0] || p != want[1] {
			t.Errorf("%s: %q, %q, %v", text, b, p, err)
		}
	}
	for _, text := range []string{"", "bucket", "s3://", "s3:///x", "s3:/b", "s3://b c/x", "s3://b?versions"} {
		if _, _, err := ParseURL(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// The region of a bucket is in S3's reply to HeadBucket, also when it refuses.
func TestBucketRegion(t *testing.T) {
	isolate(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amz-bucket-region", "eu-central-1")
		switch strings.Trim(r.URL.Path, "/") {
		case "refused":
			w.WriteHeader(http.StatusForbidden)
		case "moved":
			w.WriteHeader(http.StatusMovedPermanently)
		case "none":
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer srv.Close()
	c, err := Open(t.Context(), Options{EndpointURL: srv.URL, PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	c.custom = false // AWS itself
	for _, bucket := range []string{"mine", "refused", "moved"} {
		got, err := c.Bucket(t.Context(), bucket)
		if err != nil || got.Options().Region != "eu-central-1" {
			t.Errorf("%s: %v", bucket, err)
		}
	}
	if _, err := c.Bucket(t.Context(), "none"); err == nil || !strings.Contains(err.Error(), "no such bucket") {
		t.Errorf("got %v", err)
	}
}

// Requests name who pays, with the bucket in the path, and a refusal names what is
// missing.
func TestRequest(t *testing.T) {
	isolate(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.Header.Get("x-amz-request-payer"); p != "requester" || !strings.Contains(r.Header.Get("Authorization"), "x-amz-request-payer") {
			t.Errorf("payer %q is not signed", p)
		}
		if r.URL.Path != "/logs/key" {
			t.Errorf("path %s", r.URL.Path)
		}
		w.Header().Set("x-amz-request-id", "4XYZ")
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte(`<Error><Code>AccessDenied</Code><Message>User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234 because no identity-based policy allows the kms:Decrypt action</Message></Error>`))
	}))
	defer srv.Close()
	c, err := Open(t.Context(), Options{EndpointURL: srv.URL, PathStyle: true, RequestPayer: "requester"})
	if err != nil {
		t.Fatal(err)
	}
	client, err := c.Bucket(t.Context(), "logs")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("logs"), Key: aws.String("key")})
	err = Denied(Brief(err), "s3:GetObject", BucketARN("us-east-1", "logs", "key"))
	var denied *DeniedError
	if !errors.As(err, &denied) || !errors.Is(err, fs.ErrPermission) || denied.Action != "kms:Decrypt" || denied.Resource != "arn:aws:kms:us-east-1:123456789012:key/1234" {
		t.Fatalf("got %v", err)
	}
	text := err.Error()
	for _, want := range []string{"AccessDenied: User:", "(request 4XYZ)", `{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234"}`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}

// TestDeniedObject has a service that names the object of one request, where all of a prefix
// are asked for.
func TestDeniedObject(t *testing.T) {
	said := &smithy.GenericAPIError{Code: "AccessDenied", Message: `User: arn:aws:iam::123456789012:user/u is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/reports/x/index.html" because no identity-based policy allows the s3:PutObject action`}
	for resource, want := range map[string]string{"arn:aws:s3:::b/reports/*": "arn:aws:s3:::b/reports/*", "arn:aws:s3:::alias/*": "arn:aws:s3:::b/reports/x/index.html"} {
		var denied *DeniedError
		if err := Denied(said, "s3:PutObject", resource); !errors.As(err, &denied) || denied.Resource != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestDenied(t *testing.T) {
	for code, want := range map[string]bool{
		"AccessDenied": true, "AccessDeniedException": true, "ExpiredToken": false, "SignatureDoesNotMatch": false, "NoSuchKey": false, "SlowDown": false,
	} {
		if got := IsDenied(&smithy.GenericAPIError{Code: code}); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
	plain := Denied(&smithy.GenericAPIError{Code: "AccessDenied", Message: "Access Denied"}, "s3:ListBucket", BucketARN("cn-north-1", "b", ""))
	if !strings.Contains(plain.Error(), `"Action": "s3:ListBucket", "Resource": "arn:aws-cn:s3:::b"`) {
		t.Errorf("got %v", plain)
	}
}

func TestQueue(t *testing.T) {
	isolate(t)
	c, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := c.Queue("https://sqs.eu-west-3.amazonaws.com/123456789012/logs")
	if err != nil || q.Options().Region != "eu-west-3" || q.Options().BaseEndpoint != nil {
		t.Errorf("AWS: %v", err)
	}
	q, err = c.Queue("http://127.0.0.1:9324/000000000000/logs")
	if err != nil || aws.ToString(q.Options().BaseEndpoint) != "http://127.0.0.1:9324" {
		t.Errorf("other: %v", err)
	}
	for _, bad := range []string{"", "logs", "https://sqs.eu-west-3.amazonaws.com", "arn:aws:sqs:eu-west-1:123456789012:logs"} {
		if _, err := c.Queue(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, err := Open(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "--profile") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), Options{Profile: "nobody"}); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
}

// TestRefused wants a service that is not there to be given up on soon, unless it was there before.
func TestRefused(t *testing.T) {
	refused := &url.Error{Op: "Put", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
	r := newRetryer().(*retryer)
	for range 3 {
		if !r.IsErrorRetryable(refused) {
			t.Error("given up at once")
		}
	}
	long := time.Now().Add(-2 * patience)
	r.refused.Store(&long)
	if r.IsErrorRetryable(refused) {
		t.Error("nobody has answered for long")
	}
	for _, answer := range []error{nil, &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}}}} {
		r := newRetryer().(*retryer)
		r.refused.Store(&long)
		release, err := r.GetAttemptToken(t.Context())
		if err != nil || release(answer) != nil {
			t.Fatal(err)
		}
		if !r.IsErrorRetryable(refused) {
			t.Errorf("given up on one that answered %v", answer)
		}
	}
}
