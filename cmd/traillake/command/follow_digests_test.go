package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
	run("generate", logs, "--seed", "1", "--start", "2026-10-01", "--records", "2400", "--days", "3", "--accounts", "1", "--regions", "1", "--global-copies=false", "--digests", "--quiet")
	aside := t.TempDir()
	// take puts aside what is at a pattern, and returns how to put it back.
	take := func(pattern string) (back func()) {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(logs, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		at := filepath.Join(aside, filepath.Base(found[0])+".aside")
		for ; ; at += "x" {
			if _, err := os.Stat(at); err != nil {
				break
			}
		}
		move := func(from, to string) {
			t.Helper()
			if err := os.Rename(from, to); err != nil {
				t.Fatal(err)
			}
		}
		move(found[0], at)
		return func() { t.Helper(); move(at, found[0]) }
	}
	const trail, digests = "AWSLogs/*/CloudTrail/us-east-1/2026/10", "AWSLogs/*/CloudTrail-Digest"
	old, err := filepath.Glob(filepath.Join(logs, trail, "01", "*"))
	if err != nil {
		t.Fatal(err)
	}
	oldLogs, oldDigests := take(trail+"/01"), take(digests+"/us-east-1/2026/10/01")
	goneDigest := take(digests + "/us-east-1/2026/10/03/*T220000Z.json.gz")
	oneLog, goneLog, allDigests := take(trail+"/03/*T1[0-9]*.gz"), take(trail+"/03/*T1[0-9]*.gz"), take(digests)
	keys := filepath.Join(logs, "public-keys.json")

	var hours atomic.Int64
	a.now = func() time.Time {
		return time.Date(2026, 10, 4, 0, 30, 0, 0, time.UTC).Add(time.Duration(hours.Load()) * time.Hour)
	}
	text := &said{more: make(chan struct{}, 1)}
	a.stderr = text
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	done := make(chan ExitCode, 1)
	go func() {
		done <- a.run(ctx, []string{"ingest", "--watch", "--interval", "1s", "--verify-digests", "check", "--public-keys", keys, logs})
	}()
	text.await(t, `^ingested \d+ objects, `, done)
	oneLog()
	text.await(t, ` ingested 1 object, `, done)
	allDigests()
	theKeys := take("public-keys.json") // what goes wrong with digests keeps no log out
	hours.Add(1)
	text.await(t, `public-keys.*no such file`, done)
	theKeys()
	hours.Add(1)
	text.await(t, `^\d\d:\d\d:\d\d digests that came later: \d\d+ objects of earlier ingests verified, 0 not what was delivered$`, done)
	text.await(t, `^1 digest is not valid or not there; `, done)
	text.await(t, `^2 logs that digests name are not there; 1 digest is not there or not valid, .*:\n.*/01/.*\n.*T1\d.*: not there, and s3://.* names it\n.*T220000Z.*: not there`, done)
	goneDigest()
	goneLog()
	text.await(t, ` ingested 1 object, (?s:.*) ingested 1 object, `, done)
	hours.Add(1)
	text.await(t, `^\d\d:\d\d:\d\d digests that came later: 1 object of earlier ingests verified, 0 not what was delivered$`, done)
	oldDigests()
	oldLogs()
	text.await(t, ` ingested \d\d+ objects, `, done)
	hours.Add(23)
	text.await(t, fmt.Sprintf(`digests that came later: %d objects of earlier ingests verified, 0 not what was delivered$`, len(old)), done)
	stop()
	if code := <-done; code != ExitDone && code != ExitInterrupted {
		t.Errorf("it ends with %d: %s", code, text)
	}
	if n := strings.Count(text.String(), "not valid or not there; "); n != 1 {
		t.Errorf("a digest that is not there was told %d times:\n%s", n, text)
	}

	var out bytes.Buffer
	a.stdout, a.stderr = &out, stderr
	run("coverage", "--by", "account", "--format", "csv")
	if !regexp.MustCompile(`,verified,unverified,failed,missing_logs,missing_digests,repeated\n.*,[1-9]\d+,0,0,0,0,0\n$`).MatchString(out.String()) {
		t.Errorf("coverage is\n%s", &out)
	}
	run("verify", "--deep")
}
