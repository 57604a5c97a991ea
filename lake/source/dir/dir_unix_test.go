//go:build unix

package dir

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func pipe(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
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
