//go:build unix

package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReplaceFile wants files to be replaced when they are whole, links to be followed, and nothing to
// take the place of what is no file.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put := func(name, text string) error {
		return replaceFile(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	}
	if err := os.WriteFile(at("file"), []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink("file", at("link")), os.Symlink("nothing", at("dangling")), syscall.Mkfifo(at("pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(put(at("new"), "new"), put(at("link"), "linked"), put("/dev/null", "x"), replaceText(at("folder/of/text"), []byte("text"))); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(at("pipe"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if err := put(at("pipe"), "piped"); err != nil {
		t.Fatal(err)
	}
	piped := make([]byte, 5)
	if _, err := io.ReadFull(pipe, piped); err != nil || string(piped) != "piped" {
		t.Errorf("the pipe has %q, %v", piped, err)
	}
	stream, err := os.OpenFile(at("stream"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if err := put(fmt.Sprintf("/dev/fd/%d", stream.Fd()), "streamed"); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(stream); err != nil || string(text) != "streamed" {
		t.Errorf("the open file has %q, %v", text, err)
	}
	broken := errors.New("broken")
	if err := replaceFile(at("file"), func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return broken }); !errors.Is(err, broken) {
		t.Errorf("a write that breaks: %v", err)
	}
	for _, name := range []string{"dangling", "nowhere/x", "."} {
		if err := put(at(name), "x"); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if err := replaceText(at("dangling"), nil); err == nil || !strings.HasPrefix(err.Error(), "write "+at("dangling")+": ") {
		t.Errorf("the text was not written: %v", err)
	}
	for name, want := range map[string]string{"file": "linked", "new": "new", "folder/of/text": "text"} {
		if got, err := os.ReadFile(at(name)); err != nil || string(got) != want {
			t.Errorf("%s has %q, %v, want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]fs.FileMode{"file": 0o640, "new": 0o600, "link": fs.ModeSymlink | 0o777, "dangling": fs.ModeSymlink | 0o777, "pipe": fs.ModeNamedPipe | 0o600} {
		if info, err := os.Lstat(at(name)); err != nil || info.Mode() != want {
			t.Errorf("%s is %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Errorf("/dev/null is %v, %v", info, err)
	}
	if left, err := filepath.Glob(at(".traillake-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
