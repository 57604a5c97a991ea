package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/s3test"
	"traillake/lake/source"
	"traillake/lake/source/sourcetest"
)

const day = "AWSLogs/111111111111/CloudTrail/us-east-1/2026/01/02/"

// The suite of all sources, on a real server.
func TestSource(t *testing.T) {
	srv := s3test.Shared(t)
	bucket := srv.Bucket(t)
	want := map[string]string{
		day + "a.json.gz": "first", day + "b & <c> + é%2F.json.gz": "second", "AWSLogs/o-exampleorg1/222222222222/CloudTrail/eu-west-1/2026/01/03/c.json.gz": "third",
		"loose/d.json": "",
	}
	srv.Put(t, bucket, want)
	srv.Put(t, bucket, map[string]string{"AWSLogs/111111111111/CloudTrail-Digest/us-east-1/2026/01/02/d.json.gz": "no", "loose/readme.md": "no"})
	s, err := Open(t.Context(), srv.Client(), bucket, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.Run(t, s, want)

	t.Run("prefetched", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for o, err := range s.List(ctx) {
			if err == nil {
				s.Prefetch(ctx, o)
				s.Prefetch(ctx, o)
			}
		}
		if got := sourcetest.Objects(t, s); !maps.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		if len(s.ahead.all) != 0 || s.ahead.room != maxRoom {
			t.Errorf("%d objects and %d bytes of room are left", len(s.ahead.all), s.ahead.room)
		}
	})
	t.Run("versions", func(t *testing.T) {
		srv.Versioned(t, bucket)
		srv.Put(t, bucket, map[string]string{day + "a.json.gz": "newer"})
		want := maps.Clone(want)
		want[day+"a.json.gz"] = "newer"
		if _, err := srv.Client().DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("loose/d.json")}); err != nil {
			t.Fatal(err)
		}
		delete(want, "loose/d.json")
		sourcetest.Run(t, s, want)
	})
}

// one lists a bucket with one object.
func one(t *testing.T, s *Source) source.Object {
	t.Helper()
	for o, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	t.Fatal("nothing is listed")
	return source.Object{}
}

func read(ctx context.Context, s *Source, o source.Object) (string, error) {
	r, err := s.Open(ctx, o)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

// An object that is replaced or removed after it was listed is an error, not other rows.
func TestChanged(t *testing.T) {
	srv := s3test.Shared(t)
	bucket := srv.Bucket(t)
	srv.Put(t, bucket, map[string]string{"a.json": "before"})
	s, err := Open(t.Context(), srv.Client(), bucket, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := one(t, s)
	srv.Put(t, bucket, map[string]string{"a.json": "behind"})
	if text, err := read(t.Context(), s, o); !errors.Is(err, source.ErrChanged) {
		t.Errorf("replaced: %q, %v", text, err)
	}
	o = one(t, s)
	if _, err := srv.Client().DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("a.json")}); err != nil {
		t.Fatal(err)
	}
	if text, err := read(t.Context(), s, o); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %q, %v", text, err)
	}
}

// faulty stands before a server and spoils replies to reading objects.
type faulty struct {
	*httputil.ReverseProxy
	spoil func(n int64, w http.ResponseWriter, r *http.Request) bool
	n     atomic.Int64
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, ".json") && f.spoil(f.n.Add(1), w, r) {
		return
	}
	f.ReverseProxy.ServeHTTP(w, r)
}

// behind returns a source that reads through spoil.
func behind(t *testing.T, srv *s3test.Server, bucket string, spoil func(n int64, w http.ResponseWriter, r *http.Request) bool) (*Source, *faulty) {
	t.Helper()
	target, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{spoil: spoil, ReverseProxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}}
	proxy := httptest.NewServer(f)
	t.Cleanup(proxy.Close)
	client := awss3.New(srv.Client().Options(), func(o *awss3.Options) { o.BaseEndpoint = aws.String(proxy.URL) })
	s, err := Open(t.Context(), client, bucket, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

// Reading goes on where a connection broke, also where the reply ended as if it were whole,
// and gives up in the end.
func TestResume(t *testing.T) {
	srv := s3test.Shared(t)
	bucket := srv.Bucket(t)
	text := strings.Repeat("0123456789", 1000)
	srv.Put(t, bucket, map[string]string{"a.json": text})
	broken := func(times int64) func(n int64, w http.ResponseWriter, r *http.Request) bool {
		return func(n int64, w http.ResponseWriter, r *http.Request) bool {
			if n > times {
				return false
			}
			at, _ := digits(strings.Trim(r.Header.Get("Range"), "bytes=-"))
			if at > 0 {
				w.WriteHeader(http.StatusPartialContent)
			}
			io.WriteString(w, text[at:at+100])
			if n%2 == 0 {
				return true // over, with the length of what was sent
			}
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
	s, f := behind(t, srv, bucket, broken(3))
	s.backoff = retry.NewExponentialJitterBackoff(time.Millisecond)
	if got, err := read(t.Context(), s, one(t, s)); err != nil || got != text {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	if n := f.n.Load(); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
	s, _ = behind(t, srv, bucket, broken(1000))
	s.backoff = retry.NewExponentialJitterBackoff(time.Millisecond)
	if got, err := read(t.Context(), s, one(t, s)); err == nil || !strings.Contains(err.Error(), "broke 6 times") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// A missing permission is named, and not asked for without end.
func TestRefused(t *testing.T) {
	srv := s3test.Shared(t)
	bucket := srv.Bucket(t)
	srv.Put(t, bucket, map[string]string{"a.json": "x"})
	s, f := behind(t, srv, bucket, func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
		return true
	})
	o := one(t, s)
	_, err := read(t.Context(), s, o)
	if err == nil || !strings.Contains(err.Error(), `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::`+bucket+`/*"}`) {
		t.Errorf("got %v", err)
	}
	for range 2 * maxRefusals {
		if _, err := read(t.Context(), s, o); err == nil {
			t.Fatal("it is read")
		}
	}
	if n := f.n.Load(); n != maxRefusals {
		t.Errorf("%d requests, want %d", n, maxRefusals)
	}
}

// Names that are wrong are errors before anything is listed.
func TestOpenWrong(t *testing.T) {
	srv := s3test.Shared(t)
	if _, err := Open(t.Context(), srv.Client(), "no-such-bucket", "", Options{}); err == nil || !strings.Contains(err.Error(), "there is no bucket no-such-bucket") {
		t.Errorf("got %v", err)
	}
	bucket := srv.Bucket(t)
	if _, err := Open(t.Context(), srv.Client(), bucket, "", Options{}); err != nil {
		t.Errorf("an empty bucket: %v", err)
	}
}

// Both ways to read a listing give the same on a real server.
func TestPageLikeSDK(t *testing.T) {
	srv := s3test.Shared(t)
	bucket := srv.Bucket(t)
	objects := make(map[string]string)
	for _, name := range []string{"a", "b+c d", "e&f", "<g>", "é", "h%2Bi", "j'k\"l", "m=n;o", "p/q/r"} {
		objects[name] = name
	}
	srv.Put(t, bucket, objects)
	s, err := Open(t.Context(), srv.Client(), bucket, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.list(t.Context(), "", "/", "", "")
	if err != nil {
		t.Fatal(err)
	}
	out, err := srv.Client().ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String(bucket), Delimiter: aws.String("/")})
	if err != nil {
		t.Fatal(err)
	}
	var want page
	for _, c := range out.Contents {
		want.objects = append(want.objects, entry{aws.ToString(c.Key), strings.Trim(aws.ToString(c.ETag), `"`), aws.ToInt64(c.Size), ""})
		if !slices.ContainsFunc(got.objects, func(e entry) bool { return e.key == *c.Key && e.time().Equal(*c.LastModified) }) {
			t.Errorf("%s: another time", *c.Key)
		}
	}
	for i := range got.objects {
		got.objects[i].modified = ""
	}
	if !slices.Equal(got.objects, want.objects) || !slices.Equal(got.prefixes, []string{"p/"}) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Digests are found beside logs, and read with the metadata that holds their signature.
func TestDigests(t *testing.T) {
	srv := s3test.Shared(t)
	bucket := srv.Bucket(t)
	const name = "111111111111_CloudTrail-Digest_us-east-1_trail_us-east-1_20260102T031500Z.json.gz"
	key := "AWSLogs/111111111111/CloudTrail-Digest/us-east-1/2026/01/02/" + name
	srv.Put(t, bucket, map[string]string{day + "a.json.gz": "log", "taken out/" + name: "digest", "AWSLogs/111111111111/Config/c.json": "no"})
	_, err := srv.Client().PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader("digest"), Metadata: map[string]string{"signature": "ab12"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), srv.Client(), bucket, "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]map[string]string)
	for o, err := range s.ListDigests(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		text, metadata, err := s.ReadDigest(t.Context(), o)
		if err != nil || string(text) != "digest" || o.Size != 6 || o.Place.Kind != source.Digest {
			t.Errorf("%+v: %q, %v", o, text, err)
		}
		found[o.Key] = metadata
	}
	if len(found) != 2 || found[key]["signature"] != "ab12" || found["taken out/"+name] == nil {
		t.Errorf("found %v", found)
	}
	for from, want := range map[int]int{2: 2, 3: 1} { // the day of the one that lies in a folder of its day, and the next
		n := 0
		for _, err := range s.ListDigests(t.Context(), time.Date(2026, 1, from, 12, 0, 0, 0, time.UTC)) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("from the %d. on there are %d digests, want %d", from, n, want)
		}
	}
	if o, err := s.Stat(t.Context(), source.Object{Bucket: bucket, Key: day + "a.json.gz"}); err != nil || o.Size != 3 || o.Place.Region != "us-east-1" {
		t.Errorf("%+v, %v", o, err)
	}
	for prefix, want := range map[string]string{"": "true true false", "AWSLogs": "true false false", day + "a.json.gz": "true false false"} {
		s, err := Open(t.Context(), srv.Client(), bucket, prefix, Options{})
		if err != nil {
			t.Fatal(err)
		}
		in := func(bucket, key string) bool { return s.Below(source.Object{Bucket: bucket, Key: key}) }
		if got := fmt.Sprint(in(bucket, day+"a.json.gz"), in(bucket, "AWSLogsOther/x"), in("other", day+"a.json.gz")); got != want {
			t.Errorf("below %q: %s, want %s", prefix, got, want)
		}
	}
	for _, o := range []source.Object{{Bucket: bucket, Key: "none"}, {Bucket: "other", Key: key}} {
		if _, err := s.Stat(t.Context(), o); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", o.Key, err)
		}
	}
}
