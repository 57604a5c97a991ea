package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/awsclient"
	"traillake/internal/s3test"
	"traillake/internal/tempdir"
	"traillake/queries/report/folder"
)

// write makes a folder that looks like a report.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var first = map[string]string{"index.html": "<p>", "rows/a.csv": "a,b\n", folder.ManifestName: "{1}", folder.SignatureName: "signed"}

// testPlace is what every kind of place must do. leave leaves a file there as an attempt
// does that did not come to its end.
func testPlace(t *testing.T, p Place, leave func(name, text string)) {
	ctx := t.Context()
	if has, err := p.Has(ctx); has || err != nil {
		t.Errorf("an empty place has a report: %v, %v", has, err)
	}
	if _, err := p.Open(ctx, "index.html"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	leave("index.html", "an attempt before")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.Put(cancelled, write(t, first)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for range 2 { // a second time changes nothing
		if err := p.Put(ctx, write(t, first)); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := p.Has(ctx); !has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
	if err := p.Put(ctx, write(t, map[string]string{"index.html": "<i>", folder.ManifestName: "{2}"})); !errors.Is(err, ErrExists) {
		t.Errorf("another report takes the place: %v", err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := Fetch(ctx, p, copied); err != nil {
		t.Fatal(err)
	}
	for name, want := range first {
		if raw, err := os.ReadFile(filepath.Join(copied, name)); err != nil || string(raw) != want {
			t.Errorf("%s holds %q, %v", name, raw, err)
		}
	}
	if err := Same(ctx, p, copied); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(map[string]string){
		"it has another rows/a.csv":            func(files map[string]string) { files["rows/a.csv"] = "a,c\n" },
		"it lacks rows/b.csv":                  func(files map[string]string) { files["rows/b.csv"] = "" },
		"it has a file manifest.json.sig more": func(files map[string]string) { delete(files, folder.SignatureName) },
	} {
		other := maps.Clone(first)
		change(other)
		// A manifest that is the same does not make the rest so.
		for _, err := range []error{Same(ctx, p, write(t, other)), p.Put(ctx, write(t, other))} {
			if !errors.Is(err, ErrExists) || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
	if err := Fetch(ctx, outside{p}, filepath.Join(t.TempDir(), "other")); err == nil {
		t.Error("a name leads out of the folder")
	}
}

// outside is a place with a file that lies in no report.
type outside struct{ Place }

func (outside) Files(context.Context) ([]string, error) { return []string{"../x"}, nil }

func TestFolder(t *testing.T) {
	above := filepath.Join(t.TempDir(), "reports")
	p, err := Open(t.Context(), filepath.Join(above, "monthly"), above, folder.ManifestName, awsclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	testPlace(t, p, func(name, text string) {
		left := leave(t, above, "monthly", 2*tempdir.AgeShared)
		if err := os.WriteFile(filepath.Join(left, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, left, 2*tempdir.AgeShared)
	})
	left, err := os.ReadDir(above)
	if err != nil || len(left) != 1 || left[0].Name() != "monthly" {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := os.Symlink("index.html", filepath.Join(above, "monthly", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Files(t.Context()); err == nil || !strings.Contains(err.Error(), "link is a link") {
		t.Errorf("a link is taken for a file: %v", err)
	}
	// What is no report is not written over.
	if err := os.WriteFile(filepath.Join(above, "notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (localPlace{filepath.Join(above, "notes"), folder.ManifestName}).Put(t.Context(), write(t, first)); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	if err := (localPlace{filepath.Join(above, "notes", "monthly"), folder.ManifestName}).Put(t.Context(), write(t, first)); err == nil {
		t.Error("a file is taken for a folder")
	}
}

// leave leaves a folder as Put does that is killed, so long ago.
func leave(t *testing.T, above, name string, since time.Duration) string {
	t.Helper()
	left := filepath.Join(above, tempdir.Prefix(name, ".traillake-")+"1")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	age(t, left, since)
	return left
}

func age(t *testing.T, dir string, since time.Duration) {
	t.Helper()
	changed := time.Now().Add(-since)
	if err := os.Chtimes(dir, changed, changed); err != nil {
		t.Fatal(err)
	}
}

// TestFolderNames delivers below folders whose names mean something in a pattern, and removes
// nothing that only looks like what it leaves behind, or that another may be at work on.
func TestFolderNames(t *testing.T) {
	top := t.TempDir()
	var others []string
	for _, name := range []string{"r1/monthly", "r[1]/monthly-x", "r[1]/month"} {
		others = append(others, leave(t, filepath.Join(top, filepath.Dir(name)), filepath.Base(name), 2*tempdir.AgeShared))
	}
	others = append(others, leave(t, filepath.Join(top, "young"), "monthly", tempdir.AgeShared/2))
	for _, above := range []string{"r[1]", "old [reports", `back\slash`, "star*", "young"} {
		above = filepath.Join(top, above)
		var left string
		if filepath.Base(above) != "young" {
			left = leave(t, above, "monthly", 2*tempdir.AgeShared)
		}
		if err := (localPlace{filepath.Join(above, "monthly"), folder.ManifestName}).Put(t.Context(), write(t, first)); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left is %s: %v", left, err)
		}
	}
	for _, other := range others {
		if _, err := os.Stat(other); err != nil {
			t.Error(err)
		}
	}
}

// between calls do when it is asked for the second time whether it has ended.
type between struct {
	context.Context
	do    func()
	asked int
}

// Err implements context.Context.
func (c *between) Err() error {
	if c.asked++; c.asked == 2 {
		c.do()
	}
	return c.Context.Err()
}

// TestFolderTogether has one runner come to a place where another is half way, as one may that has
// taken over a job whose runner slept.
func TestFolderTogether(t *testing.T) {
	p, dir := localPlace{filepath.Join(t.TempDir(), "monthly"), folder.ManifestName}, write(t, first)
	ctx := &between{Context: t.Context(), do: func() {
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Put(cancelled, dir); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}}
	if err := p.Put(ctx, dir); err != nil {
		t.Error(err)
	}
	if err := Same(t.Context(), p, dir); err != nil || ctx.asked < 2 {
		t.Errorf("asked %d times: %v", ctx.asked, err)
	}
}

func TestS3(t *testing.T) {
	server := s3test.Shared(t)
	server.Setenv(t)
	bucket := server.Bucket(t)
	p, err := Open(t.Context(), "s3://"+bucket+"/reports/monthly", "s3://"+bucket+"/reports", folder.ManifestName, awsclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	testPlace(t, p, func(name, text string) {
		server.Put(t, bucket, map[string]string{"reports/monthly/" + name: text})
	})
	head, err := server.Client().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("reports/monthly/index.html")})
	if err != nil || aws.ToString(head.ContentType) != "text/html; charset=utf-8" {
		t.Errorf("%v, %v", head, err)
	}
	nowhere, err := Open(t.Context(), "s3://"+bucket+"-nope/x", "s3://"+bucket+"-nope/x", folder.ManifestName, awsclient.Options{})
	if err == nil {
		err = nowhere.Put(t.Context(), write(t, first))
	}
	if err == nil {
		t.Error("there is no such bucket")
	}
}

// TestDenied asks for a permission that is good for the next due time as well, also where the
// service names the object.
func TestDenied(t *testing.T) {
	const names = "User: arn:aws:iam::123456789012:user/u is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::audit/reports/monthly/2026-11-01T0500Z/manifest.json because no identity-based policy allows it"
	message := "Access Denied"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<Error><Code>AccessDenied</Code><Message>%s</Message></Error>", message)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	access := awsclient.Options{EndpointURL: server.URL, PathStyle: true, Region: "eu-west-1"}
	for _, message = range []string{"Access Denied", names} {
		for within, want := range map[string]string{
			"s3://audit/reports/monthly": "arn:aws:s3:::audit/reports/monthly/*", "s3://audit/": "arn:aws:s3:::audit/*",
		} {
			p, err := Open(t.Context(), "s3://audit/reports/monthly/2026-11-01T0500Z", within, folder.ManifestName, access)
			if err != nil {
				t.Fatal(err)
			}
			var denied *awsclient.DeniedError
			if _, err := p.Has(t.Context()); !errors.As(err, &denied) || denied.Resource != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}

// fakeS3 is the place s3://b/r in a service that h is.
func fakeS3(t *testing.T, h http.HandlerFunc) Place {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	p, err := Open(t.Context(), "s3://b/r", "s3://b/r", folder.ManifestName,
		awsclient.Options{EndpointURL: srv.URL, PathStyle: true, Region: "us-east-1", Stall: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A file that begins to come and then stalls is asked for again.
func TestStall(t *testing.T) {
	const text = "<p>a report</p>"
	stall := true // requests come one by one
	p := fakeS3(t, func(w http.ResponseWriter, r *http.Request) {
		reply := text
		if r.URL.Query().Has("list-type") {
			reply = "<ListBucketResult><Contents><Key>r/index.html</Key></Contents></ListBucketResult>"
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
		if stall = !stall; !stall {
			io.WriteString(w, reply[:5])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		io.WriteString(w, reply)
	})
	dir := filepath.Join(t.TempDir(), "copy")
	if err := Fetch(t.Context(), p, dir); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "index.html")); err != nil || string(raw) != text {
		t.Errorf("%q, %v", raw, err)
	}
	if err := Same(t.Context(), p, dir); err != nil {
		t.Error(err)
	}
}

func TestSameToken(t *testing.T) {
	p := fakeS3(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>")
	})
	if _, err := p.Files(t.Context()); !errors.Is(err, awsclient.ErrSameToken) {
		t.Error(err)
	}
}

// Without s3:ListBucket, S3 refuses to tell that a file is not there.
func TestNoListBucket(t *testing.T) {
	p := fakeS3(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
	})
	err := p.Put(t.Context(), write(t, first))
	if err == nil || !strings.Contains(err.Error(), "where s3:ListBucket is missing") || !strings.Contains(err.Error(), `"Action": "s3:GetObject"`) {
		t.Error(err)
	}
}

// TestFolderLongName: a folder may have as long a name as the file system takes, and what an
// attempt for it left goes.
func TestFolderLongName(t *testing.T) {
	above, name := t.TempDir(), strings.Repeat("n", 255)
	leave(t, above, name, 2*tempdir.AgeShared)
	p := localPlace{filepath.Join(above, name), folder.ManifestName}
	if err := p.Put(t.Context(), write(t, first)); err != nil {
		t.Fatal(err)
	}
	if has, err := p.Has(t.Context()); !has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
	if entries, err := os.ReadDir(above); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestLarge delivers files, such as those of rows, without holding them in memory, also where an
// attempt before has left another.
func TestLarge(t *testing.T) {
	const size, most = 32 << 20, 8 << 20
	var mu sync.Mutex // guards put
	put := map[string]int64{}
	remote := fakeS3(t, func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/b/r/")
		switch {
		case r.Method != http.MethodPut && name == "rows.csv":
			io.WriteString(w, "another")
		case r.Method != http.MethodPut:
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("If-None-Match") != "" && name == "rows.csv":
			w.WriteHeader(http.StatusPreconditionFailed)
		default:
			n, _ := io.Copy(io.Discard, r.Body)
			mu.Lock()
			put[name] = n
			mu.Unlock()
		}
	})
	dir := write(t, map[string]string{folder.ManifestName: "{1}", "rows.csv": ""})
	if err := os.Truncate(filepath.Join(dir, "rows.csv"), size); err != nil {
		t.Fatal(err)
	}
	for _, p := range []Place{remote, localPlace{filepath.Join(t.TempDir(), "monthly"), folder.ManifestName}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := p.Put(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > most {
			t.Errorf("%T takes %d bytes of memory for a file of %d", p, n, size)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if put["rows.csv"] < size || put[folder.ManifestName] == 0 {
		t.Errorf("put were %v", put)
	}
}
