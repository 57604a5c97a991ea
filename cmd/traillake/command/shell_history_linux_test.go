package command

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/peterh/liner"
)

// TestHistoryNotTrimmed wants a history whose file cannot be replaced to be loaded all the same:
// it is a link to a file that has no name, which Linux alone can have.
func TestHistoryNotTrimmed(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "nameless"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = f.WriteString(strings.Repeat("old\n", 2*liner.HistoryLimit+1))
	path := filepath.Join(dir, "history")
	if err := errors.Join(err, os.Remove(f.Name()), os.Symlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), path)); err != nil {
		t.Fatal(err)
	}
	var said, loaded bytes.Buffer
	h := &history{app: &app{stderr: &said}, line: &liner.State{}, path: path}
	if err := h.read(); err != nil || !strings.HasPrefix(said.String(), "history: write "+path+": ") {
		t.Errorf("%v; said: %s", err, said.String())
	}
	if n, err := h.line.WriteHistory(&loaded); n == 0 || err != nil {
		t.Errorf("%d lines are loaded, %v", n, err)
	}
}
