package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"traillake/lake"
	"traillake/schedule"
)

// newTestApp returns an app with a home of its own and what it writes.
func newTestApp(t *testing.T, stdin io.Reader) (a *app, stdout, stderr *bytes.Buffer) {
	t.Helper()
	home := t.TempDir()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{
		stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now,
		getenv: func(name string) string { return map[string]string{"HOME": home}[name] },
	}, stdout, stderr
}

// An error may quote a value of a log.
func TestSayIsPrintable(t *testing.T) {
	a, _, stderr := newTestApp(t, nil)
	a.say("%s %v\n", "error:", errors.New("cast \x1b[2J:\n  line 2"))
	a.sayEvent(schedule.Event{Kind: schedule.EventFailed, Run: schedule.Run{Schedule: "s", Attempts: []schedule.Attempt{{Error: "cast \x1b[2J"}}}})
	if got := stderr.String(); strings.Contains(got, "\x1b") || !strings.HasPrefix(got, `error: cast \x1b[2J:`+"\n  line 2\n") {
		t.Errorf("said %q", got)
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want ExitCode
	}{
		{nil, ExitDone},
		{errors.New("x"), ExitFailed},
		{usagef(nil, "x"), ExitUsage},
		{fmt.Errorf("x: %w", errFindings), ExitFindings},
		{fmt.Errorf("x: %w", context.Canceled), ExitInterrupted},
		{fmt.Errorf("x: %w", errOutputClosed), ExitClosed},
		{context.DeadlineExceeded, ExitFailed},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
}

// TestInterrupt cancels every command that can take long, and a query while it runs.
func TestInterrupt(t *testing.T) {
	a, _, stderr := newTestApp(t, nil)
	logs := filepath.Join(t.TempDir(), "logs")
	if code := a.run(t.Context(), []string{"generate", logs, "--records", "1000", "--quiet"}); code != ExitDone {
		t.Fatal(stderr)
	}
	if code := a.run(t.Context(), []string{"ingest", "--quiet", logs}); code != ExitDone {
		t.Fatal(stderr)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{
		{"ingest", logs}, {"query", "SELECT count(*) FROM events"}, {"queries", "run", "root-use"}, {"verify"},
		{"generate", filepath.Join(t.TempDir(), "more")}, {"demo"},
	} {
		stderr.Reset()
		if code := a.run(cancelled, args); code != ExitInterrupted {
			t.Errorf("%q ends with %d: %s", args, code, stderr)
		}
	}

	// The statement has been read when the pipe takes the next byte.
	r, w := io.Pipe()
	a.stdin = r
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan ExitCode, 1)
	go func() { done <- a.run(ctx, []string{"shell"}) }()
	if _, err := io.WriteString(w, "SELECT count(*) FROM events a, events b, events c, events d WHERE a.eventid < d.eventid;\n"); err != nil {
		t.Fatal(err)
	}
	interrupt()
	start := time.Now()
	if code := <-done; code != ExitInterrupted {
		t.Errorf("the shell ends with %d: %s", code, stderr)
	}
	// A second is the promise; the rest is for the race detector on a busy machine.
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("the query went on for %s", took)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// TestNoPermission uses a file in the place of a folder, which stops root as well.
func TestNoPermission(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--lake", filepath.Join(file, "lake"), "store", "create", "abc"},
		{"generate", filepath.Join(file, "logs"), "--records", "1000"},
		{"query", "--lake", filepath.Join(file, "lake"), "SELECT 1"},
	} {
		a, stdout, stderr := newTestApp(t, nil)
		if code := a.run(t.Context(), args); code != ExitFailed {
			t.Errorf("%q ends with %d: %s", args, code, stderr)
		}
		if stdout.Len() > 0 || !strings.Contains(stderr.String(), "not a directory") {
			t.Errorf("%q prints %q and %q", args, stdout, stderr)
		}
	}
}

// TestUnreadable takes the right to read from a file. Root may read it all the same, and
// then it must be ingested.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secret.json")
	if err := os.WriteFile(path, []byte(`{"Records":[]}`), 0o000); err != nil {
		t.Fatal(err)
	}
	want, text := ExitFindings, "permission denied"
	if os.Geteuid() == 0 {
		want, text = ExitDone, "ingested 1 object, 0 events"
	}
	a, _, stderr := newTestApp(t, nil)
	if code := a.run(t.Context(), []string{"ingest", dir}); code != want || !strings.Contains(stderr.String(), text) {
		t.Errorf("exit code %d, want %d: %s", code, want, stderr)
	}
}

// brokenPipe takes nothing.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestOutputFails makes sure that a result that cannot be written is no success.
func TestOutputFails(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"help", "json"}, {"queries", "list"}, {"queries", "show", "root-use"}, {"store", "list"}, {"verify"}, {"query", "SELECT 1"}} {
		a, _, stderr := newTestApp(t, nil)
		if code := a.run(t.Context(), []string{"store", "create", "abc"}); code != ExitDone {
			t.Fatal(stderr)
		}
		a.stdout = brokenPipe{}
		if code := a.run(t.Context(), args); code != ExitFailed {
			t.Errorf("%q ends with %d", args, code)
		}
	}
}

// screen collects what is drawn, for readers while it is drawn.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		now  lake.IngestProgress
		want []string
	}{
		{lake.IngestProgress{Objects: 3, TotalObjects: 1200, Bytes: 2_000_000, TotalBytes: 8_000_000, Records: 5000}, []string{"3/1,200 objects", "2.0 MB/8.0 MB", "events/s"}},
		{lake.IngestProgress{Objects: 1200, TotalObjects: 1200, Reread: 4321}, []string{"no verdict: 4,321"}},
		{lake.IngestProgress{Objects: 1200, TotalObjects: 1200, Reread: 4321, LookedFor: 5}, []string{"digests name: 5"}},
		{lake.IngestProgress{Objects: 1200, TotalObjects: 1200, LookedFor: 4321}, []string{"digests name: 4,321"}},
	} {
		var s screen
		refresh := make(chan any)
		p := drawOn(&s, mpb.WithManualRefresh(refresh), mpb.WithWidth(120))
		p.ingest(c.now)
		refresh <- time.Now()
		p.end()
		for _, want := range c.want {
			if got := s.buf.String(); !strings.Contains(got, want) {
				t.Errorf("%q is not drawn: %q", want, got)
			}
		}
	}
	var none *progress
	none.end()
}

// TestProgressGoesOn wants the bar to stay from the listing, whose end is not known, to the last
// object, and beyond.
func TestProgressGoesOn(t *testing.T) {
	var s screen
	refresh := make(chan any)
	p := drawOn(&s, mpb.WithManualRefresh(refresh), mpb.WithWidth(120))
	draw := func(now lake.IngestProgress, want ...string) {
		t.Helper()
		p.ingest(now)
		got := ""
		for range 1000 { // what is drawn appears with one of the next refreshes
			refresh <- time.Now()
			s.mu.Lock()
			got = s.buf.String()[strings.LastIndexByte(s.buf.String(), '\x1b')+1:]
			s.mu.Unlock()
			if !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(got, w) }) {
				return
			}
		}
		t.Errorf("%+v: %q are not drawn: %q", now, want, got)
	}
	const empty, half, full = "[----------------------]", "[==========>-----------]", "[=====================>]"
	draw(lake.IngestProgress{Listing: true, TotalObjects: 5}, "listing: 5 objects", empty)
	draw(lake.IngestProgress{Listing: true, TotalObjects: 1200}, "listing: 1,200 objects", empty)
	draw(lake.IngestProgress{TotalObjects: 1200, TotalBytes: 8_000_000}, "0/1,200 objects", empty)
	p.started = time.Now().Add(-time.Minute)
	draw(lake.IngestProgress{Objects: 600, TotalObjects: 1200, Bytes: 4_000_000, TotalBytes: 8_000_000}, "600/1,200 objects", half, "m0s left")
	draw(lake.IngestProgress{Objects: 1200, TotalObjects: 1200, Bytes: 8_000_000, TotalBytes: 8_000_000}, "1,200/1,200 objects", full)
	draw(lake.IngestProgress{LookedFor: 1}, "digests name: 1", empty)
	draw(lake.IngestProgress{LookedFor: 2}, "digests name: 2", empty)
	p.end()
}

// TestSQLThatBeginsWithAComment is taken as SQL, not as a flag.
func TestSQLThatBeginsWithAComment(t *testing.T) {
	a, out, stderr := newTestApp(t, nil)
	if code := a.run(t.Context(), []string{"store", "create", "events"}); code != ExitDone {
		t.Fatal(stderr.String())
	}
	for _, args := range [][]string{
		{"-- all of them\nSELECT 42 AS n"},
		{"--\n-- c\nSELECT 42 AS n", "--fresh"},
		{"--arg", "-- 42", "--\tc\nSELECT 42 AS n WHERE ? = '-- 42'"},
	} {
		out.Reset()
		if code := a.run(t.Context(), append([]string{"query"}, args...)); code != ExitDone || out.String() != "n\n42\n" {
			t.Errorf("%q: exit code %d, %q, %s", args, code, out.String(), stderr.String())
		}
	}
}
