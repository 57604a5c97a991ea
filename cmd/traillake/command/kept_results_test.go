package command

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/internal/filecache"
)

// TestGCForgetsResults wants the rows that are kept on this machine to go when files of the lake
// do, and not before.
func TestGCForgetsResults(t *testing.T) {
	a, _, errOut := newTestApp(t, strings.NewReader(`{"eventTime":"2023-07-10T12:00:00Z","eventID":"1"}`))
	lakeDir, home := t.TempDir(), a.getenv("HOME")
	run := func(args ...string) {
		t.Helper()
		if code := a.run(t.Context(), append(args, "--lake", lakeDir)); code != ExitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, errOut)
		}
	}
	run("ingest", "-")
	cache, err := filecache.Open(filepath.Join(home, ".cache", "traillake", "results"), resultBytes)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	err = cache.Put("query", func(w io.Writer) error {
		_, err := io.WriteString(w, "rows")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// What a writer that died has left.
	files, err := filepath.Glob(filepath.Join(lakeDir, "eds", "*", "data", "*", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("data files %v, %v", files, err)
	}
	left := filepath.Join(filepath.Dir(files[0]), "00000000-0000-7000-8000-000000000000.parquet")
	if err := os.WriteFile(left, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	run("store", "gc", "--grace", "0", "--dry-run")
	if b, err := cache.Get("query"); string(b) != "rows" || err != nil {
		t.Fatalf("before anything is removed: %q, %v", b, err)
	}
	run("store", "gc", "--grace", "0") // marks it
	run("store", "gc", "--grace", "0")
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("what was left is still there: %v: %s", err, errOut)
	}
	if b, err := cache.Get("query"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("kept are %q, %v", b, err)
	}
}

func TestResultSummary(t *testing.T) {
	for want, s := range map[string]engine.Stats{
		"1 row in 5ms": {Rows: 1, Elapsed: 5 * time.Millisecond},
		"1,000 rows in 1.5s (2 of 3 data files opened)":                      {Rows: 1000, Elapsed: 1500 * time.Millisecond, FilesTotal: 3, FilesRead: 2},
		"3 rows in 5ms (kept result of a moment ago; --fresh asks again)":    {Rows: 3, Elapsed: 5 * time.Millisecond, FilesTotal: 3, Kept: time.Now().Add(-10 * time.Millisecond)},
		"2 rows in 5ms (kept result of 3 minutes ago; --fresh asks again)":   {Rows: 2, Elapsed: 5 * time.Millisecond, FilesTotal: 3, Kept: time.Now().Add(-200 * time.Second)},
		"2 rows in 5ms (kept result of 119 minutes ago; --fresh asks again)": {Rows: 2, Elapsed: 5 * time.Millisecond, Kept: time.Now().Add(-2*time.Hour + time.Minute)},
		"2 rows in 5ms (kept result of 47 hours ago; --fresh asks again)":    {Rows: 2, Elapsed: 5 * time.Millisecond, Kept: time.Now().Add(-48*time.Hour + time.Minute)},
		"2 rows in 5ms (kept result of 2 days ago; --fresh asks again)":      {Rows: 2, Elapsed: 5 * time.Millisecond, Kept: time.Now().Add(-70 * time.Hour)},
		"2 rows in 6ms (kept result of a moment ago; --fresh asks again)":    {Rows: 2, Elapsed: 6 * time.Millisecond, Kept: time.Now().Add(time.Hour)},
	} {
		if got := resultSummary(s, "--fresh"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
