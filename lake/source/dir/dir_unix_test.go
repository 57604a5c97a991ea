//go:build unix

package dir

import (
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

// TestReadDigestRefuses wants neither a digest nor what lies beside one to be waited for.
func TestReadDigestRefuses(t *testing.T) {
	root := t.TempDir()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(root, name) }
	pipe(t, at("pipe"))
	pipe(t, write(t, at("beside pipe"), "digest")+digest.SidecarSuffix)
	for name, want := range map[string]string{
		"pipe":        "read digest " + at("pipe") + ": it is no regular file",
		"beside pipe": "read metadata of digest " + at("beside pipe") + ": it is no regular file",
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
