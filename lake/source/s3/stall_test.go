package s3

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"traillake/internal/awsclient"
	"traillake/lake/source"
)

// client returns one that a user has, of a service that h is.
func client(t *testing.T, h http.HandlerFunc) *awsclient.Client {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := awsclient.Open(t.Context(), awsclient.Options{EndpointURL: srv.URL, PathStyle: true, Region: "us-east-1", Stall: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A reply that begins and then gives nothing is asked for again: of a listing, of a digest,
// of a log.
func TestStall(t *testing.T) {
	const name = "AWSLogs/111111111111/CloudTrail-Digest/us-east-1/2026/01/02/111111111111_CloudTrail-Digest_us-east-1_trail_us-east-1_20260102T031500Z.json.gz"
	var mu sync.Mutex
	begun := make(map[string]bool) // guarded by mu
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		reply := `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>` + name + `</Key><Size>6</Size></Contents></ListBucketResult>`
		if strings.HasSuffix(r.URL.Path, ".gz") {
			reply = "digest"
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
		what := r.URL.Path
		mu.Lock()
		again := begun[what]
		begun[what] = true
		mu.Unlock()
		if !again {
			io.WriteString(w, reply[:len(reply)/2])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		if r.Header.Get("Range") == "bytes=3-" {
			w.Header().Set("Content-Length", "3")
			w.WriteHeader(http.StatusPartialContent)
			reply = "est"
		}
		io.WriteString(w, reply)
	})
	b, err := c.Bucket(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), b, "b", "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := source.Object{Bucket: "b", Key: name, Size: 6}
	if text, _, err := s.ReadDigest(t.Context(), o); err != nil || string(text) != "digest" {
		t.Errorf("%q, %v", text, err)
	}
	o.Key = "log.json.gz"
	f, err := s.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := io.ReadAll(f); err != nil || string(text) != "digest" {
		t.Errorf("%q, %v", text, err)
	}
}

// A service that gives one token for ever is told of, at every level of a listing.
func TestSameToken(t *testing.T) {
	for _, folder := range []string{"", day[:len(day)-len("2026/01/02/")]} {
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			common := ""
			if r.URL.Query().Get("prefix") != folder { // Open looks for the folder
				common = "<CommonPrefixes><Prefix>" + folder + "</Prefix></CommonPrefixes>"
			}
			io.WriteString(w, `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>`+common+`</ListBucketResult>`)
		})
		b, err := c.Bucket(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), b, "b", folder, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, err = range s.List(t.Context()) {
		}
		if !errors.Is(err, awsclient.ErrSameToken) {
			t.Errorf("below %q: %v", folder, err)
		}
	}
}
