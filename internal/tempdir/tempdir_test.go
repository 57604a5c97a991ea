package tempdir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSweep removes what a killed process has left, and nothing else: no folder that
// is in use, none that is young, nothing with another name.
func TestSweep(t *testing.T) {
	const prefix = "traillake-test-"
	parent := t.TempDir()
	long := time.Now().Add(-time.Hour)
	make := func(name string, changed time.Time) string {
		dir := filepath.Join(parent, name)
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "duckdb_temp"), 0o700),
			os.WriteFile(filepath.Join(dir, "duckdb_temp", "storage.tmp"), []byte("x"), 0o600), os.Chtimes(dir, changed, changed)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	open, err := New(parent, prefix, Age)
	if err != nil {
		t.Fatal(err)
	}
	if open.lock == nil {
		t.Fatal("the folder is not locked")
	}
	if err := os.Chtimes(open.Dir, long, long); err != nil {
		t.Fatal(err)
	}
	left, young, other := make(prefix+"1", long), make(prefix+"2", time.Now()), make("something", long)
	link := filepath.Join(parent, prefix+"3")
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	sweep(parent, prefix, time.Now().Add(-Age))
	for dir, stays := range map[string]bool{open.Dir: true, left: false, young: true, filepath.Join(other, "duckdb_temp"): true, link: true} {
		if _, err := os.Lstat(dir); (err == nil) != stays || err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is to stay: %v; error %v", dir, stays, err)
		}
	}
	if err := open.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(open.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that was removed: %v", err)
	}
}
