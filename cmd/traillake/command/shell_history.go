package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/peterh/liner"

	"traillake/engine/dialect/syntax"
)

// history keeps what was typed in the editor's memory and in a file, to which every
// entry is appended at once: several shells may share it.
type history struct {
	app  *app
	line *liner.State
	path string // empty for no file
}

// openHistory loads the history. A shell without its history is still a shell, so that
// errors are only told.
func (sh *shell) openHistory(line *liner.State) *history {
	h := &history{app: sh.app, line: line}
	dir, err := sh.app.userDir("XDG_STATE_HOME", ".local/state")
	if err == nil {
		h.path = filepath.Join(dir, "history")
		err = h.read()
	}
	if err != nil {
		sh.app.say("history: %v\n", err)
		h.path = ""
	}
	return h
}

// read loads the newest entries, and drops the others from the file when it has grown
// to twice of what is loaded.
func (h *history) read() error {
	f, err := os.Open(h.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(strings.ToValidUTF8(string(text), "\ufffd"), "\n")
	if n := len(lines) - liner.HistoryLimit; n > liner.HistoryLimit {
		lines = lines[n:]
		if err := h.trim(f, lines); err != nil { // it grows on
			h.app.say("history: %v\n", err)
		}
	}
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			h.line.AppendHistory(l)
		}
	}
	return nil
}

// trim leaves these lines in the file, of which f has been read to its end, and those that other
// shells have appended since. What is appended while two shells trim at once may be lost: that is
// rare, and not worth a lock.
func (h *history) trim(f *os.File, lines []string) error {
	if err := replaceText(h.path, []byte(strings.Join(lines, ""))); err != nil {
		return err
	}
	since, err := io.ReadAll(f)
	if err != nil || len(since) == 0 {
		return err
	}
	return appendLine(h.path, strings.TrimSuffix(string(since), "\n"))
}

// add appends an entry, which is one line.
func (h *history) add(entry string) {
	h.line.AppendHistory(entry)
	if h.path == "" {
		return
	}
	if err := appendLine(h.path, entry); err != nil {
		h.app.say("history: %v\n", err)
		h.path = ""
	}
}

func appendLine(path, line string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Close())
}

// oneLine writes statements in one line: without comments, which could swallow what
// follows them, and with one blank for white space.
func oneLine(text string) string {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "\n") {
		return text
	}
	var b strings.Builder
	end := 0
	for _, t := range syntax.Lex(text) {
		if t.Start > end && b.Len() > 0 && t.Kind != syntax.EOF {
			b.WriteByte(' ')
		}
		b.WriteString(strings.Join(strings.FieldsFunc(text[t.Start:t.End], func(r rune) bool { return r == '\n' || r == '\r' }), " "))
		end = t.End
	}
	return b.String()
}
