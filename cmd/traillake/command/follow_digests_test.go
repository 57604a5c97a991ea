package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// said is what a command says while it runs.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // has one after a write that nobody waited for
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until what was said matches, or the command is done.
func (s *said) await(t *testing.T, pattern string, done <-chan ExitCode) {
	t.Helper()
	for re := regexp.MustCompile("(?m)" + pattern); !re.MatchString(s.String()); {
		select {
		case <-s.more:
		case code := <-done:
			t.Fatalf("it ended with %d and did not say %q:\n%s", code, pattern, s)
		case <-t.Context().Done():
			t.Fatalf("it did not say %q:\n%s", pattern, s)
		}
	}
}

// TestFollowDigests watches a folder to which logs come before their digests.
func TestFollowDigests(t *testing.T) {
	a, _, stderr := newTestApp(t, nil)
	run := func(args ...string) {
		t.Helper()
		if code := a.run(t.Context(), args); code != ExitDone {
			t.Fatalf("%q ends with %d: %s", args, code, stderr)
		}
	}
	logs := filepath.Join(t.TempDir(), "logs")
	run("generate", logs, "--records", "800", "--days", "1", "--accounts", "1", "--regions", "1", "--global-copies=false", "--digests", "--quiet")
	glob := func(pattern string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(logs, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		return found[0]
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	keys := filepath.Join(logs, "public-keys.json")
	digests, first, gone := glob("AWSLogs/*/CloudTrail-Digest"), glob("AWSLogs/*/CloudTrail/*/*/*/*/*T13*.gz"), glob("AWSLogs/*/CloudTrail/*/*/*/*/*T14*.gz")
	aside := t.TempDir()
	for name, file := range map[string]string{"digests": digests, "log": first, "gone": gone, "keys": keys} {
		if err := os.Rename(file, filepath.Join(aside, name)); err != nil {
			t.Fatal(err)
		}
	}
	move(filepath.Join(aside, "keys"), keys)

	var hours atomic.Int64
	a.now = func() time.Time {
		return time.Date(2026, 10, 2, 0, 30, 0, 0, time.UTC).Add(time.Duration(hours.Load()) * time.Hour)
	}
	text := &said{more: make(chan struct{}, 1)}
	a.stderr = text
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan ExitCode, 1)
	go func() {
		done <- a.run(ctx, []string{"ingest", "--watch", "--interval", "1s", "--verify-digests", "check", "--public-keys", keys, logs})
	}()
	text.await(t, `^ingested \d+ objects, `, done)
	move(filepath.Join(aside, "log"), first)
	text.await(t, ` ingested 1 object, `, done)
	move(filepath.Join(aside, "digests"), digests)
	move(keys, filepath.Join(aside, "keys")) // what goes wrong with digests keeps no log out
	hours.Add(1)
	text.await(t, `public-keys.*no such file`, done)
	move(filepath.Join(aside, "keys"), keys)
	hours.Add(1)
	text.await(t, `^\d\d:\d\d:\d\d digests that came later: \d\d+ objects of earlier ingests verified, 0 not what was delivered$`, done)
	text.await(t, `^1 log that digests name is not there:\n.*T14.*: not there, and s3://.* names it$`, done)
	move(filepath.Join(aside, "gone"), gone)
	text.await(t, ` ingested 1 object, (?s:.*) ingested 1 object, `, done)
	hours.Add(1)
	text.await(t, `^\d\d:\d\d:\d\d digests that came later: 1 object of earlier ingests verified, 0 not what was delivered$`, done)
	stop()
	if code := <-done; code != ExitDone && code != ExitInterrupted {
		t.Errorf("it ends with %d: %s", code, text)
	}

	var out bytes.Buffer
	a.stdout, a.stderr = &out, stderr
	run("coverage", "--by", "account", "--format", "csv")
	if !regexp.MustCompile(`,verified,unverified,failed,missing_logs,missing_digests,repeated\n.*,[1-9]\d+,0,0,0,0,0\n$`).MatchString(out.String()) {
		t.Errorf("coverage is\n%s", &out)
	}
	run("verify", "--deep")
}
