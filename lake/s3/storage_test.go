package s3

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"traillake/internal/awsclient"
	"traillake/internal/s3test"
	"traillake/internal/s3test/relay"
	"traillake/lake"
	"traillake/lake/laketest"
)

func TestMain(m *testing.M) {
	// Connections that wait for the next request end with the server.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"))
}

// place is a bucket behind a relay.
type place struct{ *s3test.Relayed }

func newPlace(t *testing.T) place {
	t.Helper()
	return place{s3test.NewRelayed(t)}
}

// open returns the storage as a process of its own has it, with an empty cache.
func (p place) open(t *testing.T, change ...func(*Options)) *Storage {
	t.Helper()
	return p.openAt(t, p.URL(), change...)
}

func (p place) openAt(t *testing.T, url string, change ...func(*Options)) *Storage {
	t.Helper()
	o := Options{
		Access:   awsclient.Options{EndpointURL: url, PathStyle: true, Region: s3test.Region},
		CacheDir: t.TempDir(), PartBytes: minPartBytes, Patience: 20 * time.Second, backoff: 100 * time.Millisecond,
	}
	for _, f := range change {
		f(&o)
	}
	s, err := Open(t.Context(), "s3://"+p.Bucket+"/some/lake", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func seed(t *testing.T) uint64 {
	n := uint64(time.Now().UnixNano())
	t.Logf("seed %d", n)
	return n
}

func TestStorage(t *testing.T) {
	p := newPlace(t)
	laketest.Storage(t, p.open(t))
	laketest.StorageReads(t, p.open(t))
}

// TestStorageWithFaults runs the suite while one request in eight meets a fault.
func TestStorageWithFaults(t *testing.T) {
	p := newPlace(t)
	p.Randomly(seed(t), 0.125, relay.LoseReply, relay.Refuse, relay.Reset, relay.CutRequest, relay.CutReply, relay.ShortReply, relay.Duplicate)
	laketest.Storage(t, p.open(t))
	laketest.StorageReads(t, p.open(t))
}

func TestOpenRefuses(t *testing.T) {
	s3test.Shared(t).Setenv(t)
	for uri, want := range map[string]string{
		"s3://":              "want s3://BUCKET/PREFIX",
		"s3:///prefix":       "want s3://BUCKET/PREFIX",
		"s3://bucket/a b":    "use letters",
		"s3://bucket/a//b":   "use letters",
		"s3://bucket/a/../b": "use letters",
		"s3://bucket/a%20b":  "use letters",
	} {
		_, err := Open(t.Context(), uri, Options{CacheDir: t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func matching(text string) *regexp.Regexp { return regexp.MustCompile(text) }

// TestConditional is F16, F17, F18 and F22 for single writes: whatever happens to the
// request or its reply, the outcome is told as it is.
func TestConditional(t *testing.T) {
	for name, rules := range map[string][]relay.Rule{
		"reply lost":              {{Fault: relay.LoseReply, Times: 1}},
		"reply lost, three times": {{Fault: relay.LoseReply, Times: 3}},
		"sent twice":              {{Fault: relay.Duplicate, Times: 1}},
		"refused, then made":      {{Fault: relay.Refuse, Times: 2}},
		"cut":                     {{Fault: relay.CutRequest, Times: 1}},
		"reset":                   {{Fault: relay.Reset, Times: 2}},
		"conflict":                {{Fault: relay.Refuse, Status: 409, Code: "ConditionalRequestConflict", Times: 2}},
		"clock skew":              {{Fault: relay.Refuse, Status: 403, Code: "RequestTimeTooSkewed", Times: 1}},
		"internal error":          {{Fault: relay.Refuse, Status: 500, Code: "InternalError", Times: 1}},
		"bad gateway":             {{Fault: relay.Refuse, Status: 502, Code: "BadGateway", Times: 1}},
		"lost, then the read-back, too": {
			{Fault: relay.LoseReply, Times: 1}, {Method: "HEAD", Fault: relay.Refuse, Times: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			s := p.open(t)
			if err := s.demandConditional(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, r := range rules {
				if r.Method == "" {
					r.Method = "PUT"
				}
				r.Path = matching("/some/lake/one$")
				p.Add(r)
			}
			if err := s.PutIfAbsent(t.Context(), "one", []byte("mine")); err != nil {
				t.Fatalf("what was made is told as %v", err)
			}
			if b, err := s.Get(t.Context(), "one"); err != nil || string(b) != "mine" {
				t.Errorf("%q, error %v", b, err)
			}
			p.Reset()
			for _, r := range rules {
				if r.Method == "" {
					r.Method = "PUT"
				}
				r.Path = matching("/some/lake/one$")
				p.Add(r)
			}
			if err := s.PutIfAbsent(t.Context(), "one", []byte("other")); !errors.Is(err, fs.ErrExist) {
				t.Errorf("a name that is taken: %v", err)
			}
			if b, err := s.Get(t.Context(), "one"); err != nil || string(b) != "mine" {
				t.Errorf("%q, error %v", b, err)
			}
		})
	}
}

// TestOutcomes says when nothing was made, and when nobody knows (F19, F21).
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name    string
		rules   []relay.Rule
		unknown bool
		text    string
	}{
		{"denied", []relay.Rule{{Method: "PUT", Fault: relay.Refuse, Status: 403, Code: "AccessDenied"}}, false, `"Action": "s3:PutObject"`},
		{"no bucket", []relay.Rule{{Method: "PUT", Fault: relay.Refuse, Status: 404, Code: "NoSuchBucket"}}, false, "no such bucket"},
		{"writes are refused for long", []relay.Rule{{Method: "PUT", Fault: relay.Refuse}}, false, "SlowDown"},
		{"everything is refused for long", []relay.Rule{{Fault: relay.Refuse}}, true, ""},
		{"no reply, ever", []relay.Rule{{Method: "PUT", Fault: relay.Reset}}, true, ""},
		{"the reply is lost, and nothing can be read", []relay.Rule{{Method: "PUT", Fault: relay.LoseReply}, {Method: "HEAD", Fault: relay.Reset}}, true, ""},
		{"the reply is lost, and reading is denied", []relay.Rule{{Method: "PUT", Fault: relay.LoseReply}, {Method: "HEAD", Fault: relay.Refuse, Status: 403, Code: "AccessDenied"}}, true, "s3:GetObject"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			s := p.open(t, func(o *Options) { o.Patience = 300 * time.Millisecond })
			if err := s.demandConditional(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, r := range c.rules {
				p.Add(r)
			}
			err := s.PutIfAbsent(t.Context(), "one", []byte("mine"))
			if err == nil || errors.Is(err, lake.ErrOutcomeUnknown) != c.unknown || errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%v", err)
			}
			p.Reset()
			if _, err := s.Stat(t.Context(), "one"); !c.unknown && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it was made all the same: %v", err)
			}
		})
	}
}

// TestParts is F20 and F22: a large file arrives whole or not at all.
func TestParts(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 700_000) // three parts
	write := func(t *testing.T, s *Storage) error {
		w, err := s.Create(t.Context(), "large")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		return w.Close()
	}
	complete := relay.Rule{Method: "POST", Query: matching("uploadId=")}
	part := relay.Rule{Method: "PUT", Query: matching("partNumber=2")}
	with := func(r relay.Rule, f relay.Fault, times int) []relay.Rule {
		r.Fault, r.Times = f, times
		return []relay.Rule{r}
	}
	for name, rules := range map[string][]relay.Rule{
		"plain":                nil,
		"complete lost":        with(complete, relay.LoseReply, 1),
		"complete twice":       with(complete, relay.Duplicate, 1),
		"complete refused":     with(complete, relay.Refuse, 2),
		"complete reset":       with(complete, relay.Reset, 1),
		"part cut":             with(part, relay.CutRequest, 1),
		"part lost":            with(part, relay.LoseReply, 1),
		"created, reply lost":  with(relay.Rule{Method: "POST", Query: matching("^uploads")}, relay.LoseReply, 1),
		"created, reply cut":   with(relay.Rule{Method: "POST", Query: matching("^uploads")}, relay.CutReply, 3),
		"created, reply short": with(relay.Rule{Method: "POST", Query: matching("^uploads")}, relay.ShortReply, 2),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			s := p.open(t)
			for _, r := range rules {
				p.Add(r)
			}
			if err := write(t, s); err != nil {
				t.Fatal(err)
			}
			if b, err := s.Get(t.Context(), "large"); err != nil || string(b) != content {
				t.Errorf("%d bytes, error %v", len(b), err)
			}
			if err := write(t, s); !errors.Is(err, fs.ErrExist) {
				t.Errorf("a name that is taken: %v", err)
			}
		})
	}
	t.Run("denied", func(t *testing.T) {
		p := newPlace(t)
		s := p.open(t)
		p.Add(relay.Rule{Method: "PUT", Query: matching("partNumber=3"), Fault: relay.Refuse, Status: 403, Code: "AccessDenied"})
		if err := write(t, s); err == nil || errors.Is(err, lake.ErrOutcomeUnknown) {
			t.Error(err)
		}
		if _, err := s.Stat(t.Context(), "large"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a part of it is there: %v", err)
		}
	})
}

// ignoring is a service that takes no notice of conditions.
type ignoring struct {
	mu      sync.Mutex
	objects map[string]http.Header
	mode    string
}

func (s *ignoring) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Server", "OldStore/1.0")
	meta, there := s.objects[r.URL.Path]
	switch {
	case r.Method == http.MethodPut && s.mode == "unsupported" && r.Header.Get("If-None-Match") != "":
		w.WriteHeader(http.StatusNotImplemented)
	case r.Method == http.MethodPut && s.mode == "forgets metadata" && there:
		w.WriteHeader(http.StatusPreconditionFailed)
	case r.Method == http.MethodPut:
		s.objects[r.URL.Path] = r.Header.Clone()
	case r.Method == http.MethodDelete:
		delete(s.objects, r.URL.Path)
	case !there:
		w.WriteHeader(http.StatusNotFound)
	case s.mode != "forgets metadata":
		for _, name := range []string{"X-Amz-Meta-Sha256", "X-Amz-Meta-Commit-Id"} {
			w.Header().Set(name, meta.Get(name))
		}
	}
}

// TestProbe is F23: a service that would let two writers overwrite each other is refused,
// by its name, before anything is written.
func TestProbe(t *testing.T) {
	for mode, want := range map[string]string{"ignores": "it made a write that was to fail", "unsupported": "NotImplemented", "forgets metadata": "it does not keep the metadata"} {
		t.Run(mode, func(t *testing.T) {
			s3test.Shared(t).Setenv(t)
			service := &ignoring{objects: make(map[string]http.Header), mode: mode}
			server := httptest.NewServer(service)
			defer server.Close()
			p := place{&s3test.Relayed{Bucket: "bucket"}}
			s := p.openAt(t, server.URL)
			err := s.PutIfAbsent(t.Context(), "lake.json", nil)
			if !errors.Is(err, ErrConditional) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "OldStore/1.0 at "+server.URL) {
				t.Errorf("%v", err)
			}
			if len(service.objects) > 0 {
				t.Errorf("it left %v", service.objects)
			}
		})
	}
}

// TestProbeWithFaults wants faults of the network not to be taken for those of the service.
func TestProbeWithFaults(t *testing.T) {
	for _, fault := range []relay.Fault{relay.LoseReply, relay.Duplicate, relay.Refuse, relay.Reset, relay.CutRequest} {
		for skip := range 2 {
			p := newPlace(t)
			s := p.open(t)
			p.Add(relay.Rule{Method: "PUT", Fault: fault, Skip: skip, Times: 1})
			if err := s.PutIfAbsent(t.Context(), "one", nil); err != nil {
				t.Errorf("%v of request %d: %v", fault, skip+1, err)
			}
		}
	}
}

// TestRemoveForgets: what is removed from the bucket does not stay in the cache.
func TestRemoveForgets(t *testing.T) {
	s := newPlace(t).open(t)
	key := s.cacheKey(s.key("gone"))
	err := s.cache.Put(key, func(w io.Writer) error {
		_, err := io.WriteString(w, "content")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	if b, err := s.cache.Get(key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cache has %q, %v", b, err)
	}
}

// TestSameToken wants a listing to end that a service would go on with for ever.
func TestSameToken(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>")
	}))
	t.Cleanup(srv.Close)
	s := place{&s3test.Relayed{Bucket: "b"}}.openAt(t, srv.URL)
	var err error
	for _, err = range s.List(t.Context(), "") {
	}
	if !errors.Is(err, awsclient.ErrSameToken) {
		t.Error(err)
	}
}

// Without s3:ListBucket, S3 refuses to tell that a key is not there.
func TestNoListBucket(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
	}))
	t.Cleanup(srv.Close)
	_, err := place{&s3test.Relayed{Bucket: "b"}}.openAt(t, srv.URL).Get(t.Context(), "lake.json")
	if err == nil || !strings.Contains(err.Error(), "where s3:ListBucket is missing") {
		t.Error(err)
	}
}
