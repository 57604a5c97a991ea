package dir

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"traillake/lake/source"
	"traillake/lake/source/sourcetest"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFolder(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const trail = "/in/AWSLogs/111111111111/"
	want := make(map[string]string)
	for _, path := range []string{
		trail + "CloudTrail/us-east-1/2023/07/10/a.json.gz",
		trail + "CloudTrail-Insight/us-east-1/2023/07/10/b.json.gz",
		"/loose/c.json", "/loose/d.jsonl", "/loose/e.GZ", "/loose/f.ndjson",
	} {
		want[write(t, root+path, path)] = path
	}
	for _, path := range []string{
		trail + "CloudTrail-Digest/us-east-1/2023/07/10/x.json.gz", trail + "Config/us-east-1/2023/7/1/x.json.gz",
		"/in/truth.json", "/in/AWSLogs/README.md", "/loose/README.md", "/loose/.x.json", "/.hidden/x.json",
	} {
		write(t, root+path, path)
	}
	if err := os.Symlink(root+"/loose/c.json", root+"/loose/link.json"); err != nil {
		t.Fatal(err)
	}
	want[root+"/loose/link.json"] = "/loose/c.json"
	src, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.Run(t, src, want)
}

func TestSingleFile(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "anything"), "x")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, link} {
		src, err := Open(p)
		if err != nil {
			t.Fatal(err)
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			t.Fatal(err)
		}
		sourcetest.Run(t, src, map[string]string{real: "x"})
	}
}

func TestOpenMissing(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// A file that is not what was listed is an error at the end of reading, not rows.
func TestChangedFile(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"grown": func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) },
		"cut":   func(path string) error { return os.Truncate(path, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "a.json"), "0123456789")
			src, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			for o, err := range src.List(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if err := change(o.Key); err != nil {
					t.Fatal(err)
				}
				r, err := src.Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadAll(r); !errors.Is(err, source.ErrChanged) {
					t.Errorf("got %v", err)
				}
				r.Close()
			}
		})
	}
}
