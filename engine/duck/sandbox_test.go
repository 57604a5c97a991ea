package duck

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"traillake/engine"
)

// hashes returns the hash of every file below a folder.
func hashes(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		out[path] = fmt.Sprintf("%x", sha256.Sum256(b))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSandbox runs SQL that the engine would never hand on, to see what the
// database itself refuses. {in} is the one allowed file, {out} a file beside it,
// {dir} their folder, {temp} the session's private folder.
func TestSandbox(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.parquet"), filepath.Join(dir, "out.parquet")
	writeParquet(t, in)
	writeParquet(t, out)
	if err := os.Symlink(out, filepath.Join(dir, "link.parquet")); err != nil {
		t.Fatal(err)
	}
	before := hashes(t, dir)
	late := false
	datadriven.RunTest(t, "testdata/sandbox.test", func(t *testing.T, d *datadriven.TestData) string {
		box := engine.Sandbox{Files: []string{in}}
		if late = !late; late {
			box = engine.Sandbox{More: func() ([]string, error) { return []string{in}, nil }}
		}
		s := open(t, box)
		place := strings.NewReplacer("{in}", in, "{out}", out, "{dir}", dir, "{temp}", s.(*session).spill.Dir)
		var answers []string
		for _, sql := range strings.Split(d.Input, "\n") {
			_, rows, err := all(t.Context(), s, place.Replace(sql))
			var x *engine.ExecError
			switch {
			case errors.As(err, &x):
				msg, _, _ := strings.Cut(x.Message, "\n")
				msg = strings.NewReplacer(in, "{in}", out, "{out}", dir, "{dir}", s.(*session).spill.Dir, "{temp}").Replace(msg)
				answers = append(answers, fmt.Sprintf("class %d: %.110s", x.Class, msg))
			case err != nil:
				answers = append(answers, "error: "+err.Error())
			default:
				answers = append(answers, fmt.Sprint("rows: ", rows))
			}
			// Whatever it was, the session still works and the files are what they were.
			if _, rows, err := all(t.Context(), s, "SELECT count(*) FROM read_parquet('"+in+"')"); err != nil || rows[0][0] != "1000" {
				t.Errorf("after %s: %v, %v", sql, rows, err)
			}
		}
		after := hashes(t, dir)
		for path, h := range before {
			if after[path] != h {
				t.Errorf("%s: %s has changed", d.Pos, path)
			}
		}
		if len(after) != len(before) {
			t.Errorf("%s: files: %v", d.Pos, after)
		}
		return strings.Join(answers, "\n") + "\n"
	})
}

// writeParquet writes a file of 1000 rows with a database that is not confined.
func writeParquet(t testing.TB, path string) {
	t.Helper()
	s := &session{grace: defaultGrace}
	t.Cleanup(func() { s.Close() })
	openLoose(t, s)
	if err := s.Exec(t.Context(), "COPY (SELECT i FROM range(1000) r(i)) TO "+quote(path)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
}

// stopped checks that a query ends soon after its context.
func stopped(t *testing.T, sql string) {
	t.Helper()
	s := open(t, engine.Sandbox{})
	s.(*session).grace = time.Minute // DuckDB is to end it, not to be given up
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked time.Time
	timer := time.AfterFunc(200*time.Millisecond, func() { asked = time.Now(); cancel() })
	defer timer.Stop()
	_, _, err := all(ctx, s, sql)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%s: %v", sql, err)
	}
	// A second is the promise; the rest is for the race detector on a busy machine.
	if late := time.Since(asked); late > 10*time.Second {
		t.Errorf("%s: stopped after %s", sql, late)
	}
	// The session is of use afterwards.
	if _, rows, err := all(t.Context(), s, "SELECT 1"); err != nil || rows[0][0] != "1" {
		t.Errorf("%s: afterwards %v, %v", sql, rows, err)
	}
}

func TestCancel(t *testing.T) {
	for _, sql := range []string{
		"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
		"SELECT count(*) FROM range(1000000000000) r(i) WHERE hash(i) = 7",
		"SELECT i, repeat('x', 100) FROM range(1000000000000) r(i)",
		"SELECT max(md5(a.i::VARCHAR || b.i::VARCHAR)) FROM range(1000000) a(i), range(1000000) b(i)",
		"SELECT i FROM range(100000000) r(i) ORDER BY hash(i) LIMIT 3 OFFSET 99999990",
	} {
		stopped(t, sql)
	}
}

func TestDeadline(t *testing.T) {
	s := open(t, engine.Sandbox{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err := all(ctx, s, "SELECT count(*) FROM range(1000000000000) r(i) WHERE hash(i) = 7")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := New().Open(ctx, engine.Sandbox{TempDir: t.TempDir()}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestNoMore(t *testing.T) {
	dir, none := t.TempDir(), errors.New("there are none")
	_, err := New().Open(t.Context(), engine.Sandbox{TempDir: dir, More: func() ([]string, error) { return nil, none }})
	if !errors.Is(err, none) {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, error %v", left, err)
	}
}

func TestCloseWhileRowsAreLeft(t *testing.T) {
	s := open(t, engine.Sandbox{})
	rows, err := s.Query(t.Context(), "SELECT i FROM range(1000000000) r(i)")
	if err != nil {
		t.Fatal(err)
	}
	b, err := rows.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Release()
	if _, err := s.Query(t.Context(), "SELECT 1"); err == nil {
		t.Error("a second open result was allowed")
	}
	if err := errors.Join(rows.Close(), rows.Close()); err != nil {
		t.Error(err)
	}
	if _, err := rows.Next(t.Context()); err == nil {
		t.Error("a closed result was read")
	}
	if _, _, err := all(t.Context(), s, "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func TestMemoryLimit(t *testing.T) {
	s := open(t, engine.Sandbox{MaxMemory: 64 << 20})
	_, _, err := all(t.Context(), s, "SELECT list(i) FROM range(30000000) r(i)")
	var x *engine.ExecError
	if !errors.As(err, &x) || x.Class != engine.ClassMemory {
		t.Errorf("%v", err)
	}
	if _, err := New().Open(t.Context(), engine.Sandbox{MaxMemory: 1 << 20}); err == nil || !strings.Contains(err.Error(), "too small") {
		t.Errorf("%v", err)
	}
}

func TestSpillsIntoPrivateFolder(t *testing.T) {
	s := open(t, engine.Sandbox{MaxMemory: 64 << 20, Threads: 1})
	rows, err := s.Query(t.Context(), "SELECT i, md5(i::VARCHAR) AS m FROM range(3000000) r(i) ORDER BY m")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	dir := s.(*session).spill.Dir
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) == 0 {
		t.Errorf("nothing was spilled: %v", err)
	}
}

// TestSpillFull wants a query that needs more temporary space than it may have to fail,
// and the session to answer the next.
func TestSpillFull(t *testing.T) {
	small := executor{limits{memory: 64 << 20, spill: 8 << 20, threads: 1}}
	s, err := small.Open(t.Context(), engine.Sandbox{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, _, err = all(t.Context(), s, "SELECT i, md5(i::VARCHAR) AS m FROM range(3000000) r(i) ORDER BY m")
	var x *engine.ExecError
	if !errors.As(err, &x) || x.Class != engine.ClassMemory {
		t.Errorf("got %v", err)
	}
	if _, rows, err := all(t.Context(), s, "SELECT 'a' AS a"); err != nil || len(rows) != 1 {
		t.Errorf("afterwards: %v, %v", rows, err)
	}
}

// TestSettings compares what a session says of its settings with the table.
func TestSettings(t *testing.T) {
	s := open(t, engine.Sandbox{MaxMemory: 1 << 30, Threads: 2})
	for _, c := range []struct{ name, want string }{
		{"enable_external_access", "false"}, {"lock_configuration", "true"}, {"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"}, {"allow_community_extensions", "false"}, {"allow_persistent_secrets", "false"},
		{"TimeZone", "UTC"}, {"threads", "2"}, {"memory_limit", "1.0 GiB"}, {"max_temp_directory_size", "20.0 GiB"},
		{"allowed_paths", "[]"}, {"allowed_directories", "[" + s.(*session).spill.Dir + "/]"}, {"temp_directory", s.(*session).spill.Dir},
	} {
		_, rows, err := all(t.Context(), s, "SELECT CAST(current_setting('"+c.name+"') AS VARCHAR)")
		if err != nil {
			t.Fatal(err)
		}
		if rows[0][0] != c.want {
			t.Errorf("%s is %s, want %s", c.name, rows[0][0], c.want)
		}
	}
	for _, set := range append(startSettings, connSettings...) {
		if set.why == "" {
			t.Errorf("%s has no reason", set.name)
		}
	}
}
