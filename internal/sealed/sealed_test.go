package sealed

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/internal/sign"
)

const testSchema = "test/1"

type testManifest struct {
	Schema string `json:"schema"`
	Files  []File `json:"files"`
}

// sealer fills folders of four files, one of them in a folder, and signs them with one key.
func sealer(t *testing.T) func(dir string) error {
	t.Helper()
	key, err := sign.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return func(dir string) error {
		if err := os.Mkdir(filepath.Join(dir, "rows"), 0o700); err != nil {
			return err
		}
		for _, name := range []string{"a.txt", "b.txt", "rows/c.txt"} {
			if err := WriteFile(filepath.Join(dir, name), []byte(name)); err != nil {
				return err
			}
		}
		return Seal(dir, key, func(files []File) any { return testManifest{testSchema, files} })
	}
}

// TestLinks says that a folder may be reached by a link, and that in it nothing may be one.
func TestLinks(t *testing.T) {
	fill := sealer(t)
	linked := func(name string) func(string) error {
		return func(dir string) error {
			at := filepath.Join(dir, name)
			away := filepath.Join(t.TempDir(), "away")
			return errors.Join(os.Rename(at, away), os.Symlink(away, at))
		}
	}
	const link = "it is no file of its own"
	for _, c := range []struct {
		what   string
		change func(dir string) error
		want   []Problem
	}{
		{"nothing", func(string) error { return nil }, []Problem{}},
		{"the manifest is a link", linked(ManifestName), []Problem{{ManifestName, link}}},
		{"the signature is a link", linked(SignatureName), []Problem{{SignatureName, link}}},
		{"the key is a link", linked(PublicKeyName), []Problem{{PublicKeyName, link}}},
		{"a file is a link", linked("a.txt"), []Problem{{"a.txt", link}}},
		{"a folder is a link", linked("rows"), []Problem{{"rows", "extra"}, {"rows/c.txt", "missing"}}},
		{"an empty folder", func(dir string) error { return os.Mkdir(filepath.Join(dir, "more"), 0o700) }, []Problem{{"more", "extra"}}},
		{"an empty folder that may be", func(dir string) error { return os.Mkdir(filepath.Join(dir, "may"), 0o700) }, []Problem{}},
		{"a folder without its file", func(dir string) error { return os.Remove(filepath.Join(dir, "rows", "c.txt")) }, []Problem{{"rows/c.txt", "missing"}}},
	} {
		above := t.TempDir()
		dir, byLink := filepath.Join(above, "dir"), filepath.Join(above, "link")
		if err := errors.Join(Write(dir, fill), os.Symlink("dir", byLink), c.change(dir)); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{dir, byLink} {
			check, _, err := Verify(at, nil, testSchema, &testManifest{}, "may")
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			} else if !slices.Equal(check.Problems, c.want) || !check.Signed && c.what != "the manifest is a link" {
				t.Errorf("%s: %v, want %v", c.what, check.Problems, c.want)
			}
		}
	}
}

// TestWriteOverChanged says that a folder with the same manifest and other files is not taken
// for the same.
func TestWriteOverChanged(t *testing.T) {
	fill := sealer(t)
	above := t.TempDir()
	dir := filepath.Join(above, "dir")
	for range 2 {
		if err := Write(dir, fill); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(os.WriteFile(filepath.Join(dir, "a.txt"), []byte("x"), 0o600), os.Remove(filepath.Join(dir, "b.txt")))
	if err != nil {
		t.Fatal(err)
	}
	err = Write(dir, fill)
	if want := "a.txt (changed), b.txt (missing); remove it, or give another name"; !errors.Is(err, ErrExists) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want … %s", err, want)
	}
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(dir, fill); err == nil || !strings.Contains(err.Error(), "5 (extra), and 2 more;") {
		t.Error(err)
	}
	if entries, err := os.ReadDir(above); err != nil || len(entries) != 1 {
		t.Errorf("left: %v %v", entries, err)
	}
	dangling := filepath.Join(above, "dangling")
	if err := os.Symlink("nowhere", dangling); err != nil {
		t.Fatal(err)
	}
	if err := Write(dangling, fill); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
}

// TestWriteSweeps removes what a killed process has left of the same folder, once it is old.
func TestWriteSweeps(t *testing.T) {
	fill := sealer(t)
	above := t.TempDir()
	old := time.Now().Add(-25 * time.Hour)
	left := map[string]bool{".dir.traillake-1": false, ".dir.traillake-2": true, ".dir-3": true, ".other.traillake-4": true}
	for name := range left {
		if err := os.MkdirAll(filepath.Join(above, name, "rows"), 0o700); err != nil {
			t.Fatal(err)
		}
		if name == ".dir.traillake-2" { // which may be in the making elsewhere
			continue
		}
		if err := os.Chtimes(filepath.Join(above, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(filepath.Join(above, "dir"), fill); err != nil {
		t.Fatal(err)
	}
	for name, stays := range left {
		if _, err := os.Stat(filepath.Join(above, name)); (err == nil) != stays {
			t.Errorf("%s is to stay: %v; %v", name, stays, err)
		}
	}
}

// TestWriteLongName: a folder may have as long a name as the file system takes.
func TestWriteLongName(t *testing.T) {
	dst := filepath.Join(t.TempDir(), strings.Repeat("n", 255))
	if err := Write(dst, sealer(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dst, ManifestName)); err != nil {
		t.Error(err)
	}
}
