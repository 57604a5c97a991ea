//go:build unix

package dir

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"traillake/lake/digest"
	"traillake/lake/source"
)

func pipe(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReadDigestRefuses wants neither a digest nor what lies beside one to be waited for, or to be read
// whatever its size.
func TestReadDigestRefuses(t *testing.T) {
	root := t.TempDir()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(root, name) }
	long := func(path string, size int64) {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	pipe(t, at("pipe"))
	pipe(t, write(t, at("beside pipe"), "digest")+digest.SidecarSuffix)
	long(write(t, at("long"), ""), digest.MaxBytes+1)
	write(t, at("beside long"), "digest")
	long(write(t, at("beside long")+digest.SidecarSuffix, "{}"), maxSidecar+1)
	for name, want := range map[string]string{
		"pipe": "read digest " + at("pipe") + ": it is no regular file", "long": "it has more than 64 MB",
		"beside pipe": "read metadata of digest " + at("beside pipe") + ": it is no regular file", "beside long": "it has more than 1 MB",
	} {
		if _, _, err := s.ReadDigest(t.Context(), source.Object{Key: at(name)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoLake wants a folder not to be a lake for a pipe or a long file that has the name of a
// lake's, and neither to be read.
func TestNoLake(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a", "names", "log.json"), "x")
	pipe(t, filepath.Join(root, "a", lakeFile))
	write(t, filepath.Join(root, "b", "names", "log.json"), "x")
	write(t, filepath.Join(root, "b", lakeFile), `{"format":"traillake"}`+strings.Repeat(" ", maxLakeFile))
	for _, dir := range []string{"a", "b"} {
		if isLake(filepath.Join(root, dir)) {
			t.Errorf("%s is a lake", dir)
		}
	}
}
