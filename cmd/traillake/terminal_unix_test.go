//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is the program at a terminal.
type terminal struct {
	t    *testing.T
	pty  *os.File
	read chan string
	all  strings.Builder
}

// patience is how long a test waits for a text. It is far above what it takes.
const patience = 2 * time.Minute

func (m *terminal) send(text string) {
	m.t.Helper()
	if _, err := m.pty.WriteString(text); err != nil {
		m.t.Fatal(err)
	}
}

// expect waits for a text behind what was expected before. What is poked, if anything, is
// sent again and again meanwhile.
func (m *terminal) expect(text, poke string) {
	m.t.Helper()
	m.await(poke, text)
}

// await waits as expect does, for the first of several texts to come, and returns it.
func (m *terminal) await(poke string, texts ...string) string {
	m.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for {
		for _, text := range texts {
			if _, rest, ok := strings.Cut(m.all.String(), text); ok {
				m.all.Reset()
				m.all.WriteString(rest)
				return text
			}
		}
		select {
		case s, ok := <-m.read:
			if !ok {
				m.t.Fatalf("the shell ended before it said %q; it said %q", texts, m.all.String())
			}
			m.all.WriteString(s)
		case <-tick.C:
			if poke != "" {
				m.send(poke)
			}
		case <-limit:
			m.t.Fatalf("no %q after %s in %q", texts, patience, m.all.String())
		}
	}
}

// TestShellAtTerminal types into the shell: it completes, an interrupt stops a query and
// not the shell, and the end of input ends it.
func TestShellAtTerminal(t *testing.T) {
	home := t.TempDir()
	command := program(t, home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "TERM=xterm", "NO_COLOR=1")
	if out, err := command("store", "create", "events").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := command("shell")
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	m := &terminal{t: t, pty: f, read: make(chan string)}
	go func() {
		defer close(m.read)
		b := make([]byte, 4096)
		for {
			n, err := f.Read(b)
			if err != nil {
				return // the other end is closed when the shell has ended
			}
			m.read <- string(b[:n])
		}
	}()
	m.expect("traillake> ", "")
	m.send("SELECT userId\t")
	m.expect("SELECT userIdentity", "")
	m.send("\x03")
	m.expect("traillake> ", "")
	m.send("SELECT 'a;' AS t,\n")
	m.expect("... ", "")
	m.send("42 AS n;\n")
	m.expect("a;", "")
	m.expect("1 row", "")
	m.expect("traillake> ", "")

	// What takes a moment is kept.
	const long = "SELECT count(*) AS many FROM UNNEST(sequence(1, 10000)) AS a (x), UNNEST(sequence(1, 10000)) AS b (y) WHERE x * y <> 7;\n"
	m.send(long)
	m.expect("99999998", "")
	m.expect("1 row in", "")
	m.expect("traillake> ", "")
	m.send(long)
	m.expect("99999998", "")
	m.expect(` ago; \fresh on asks again)`, "")
	m.expect("traillake> ", "")

	m.send("SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x), UNNEST(sequence(1, 10000)) AS b (y), UNNEST(sequence(1, 10000)) AS c (z) WHERE x + y + z = 7;\n")
	m.expect("error: stopped", "\x03")
	// An interrupt that was sent too much may stop the next query.
	for again := true; again; {
		m.send("\nSELECT 6 * 7 AS alive;\n")
		m.expect("alive", "")
		again = m.await("", "42", "error: stopped") != "42"
	}
	m.expect("traillake> ", "")
	m.send("\x1b[A") // the last one again
	m.expect("SELECT 6 * 7 AS alive;", "")
	m.send("\x03")
	m.expect("traillake> ", "")
	m.send("\x04")
	for range m.read {
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the shell ends with %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	history, err := os.ReadFile(filepath.Join(home, "traillake", "history"))
	if err != nil || !strings.HasPrefix(string(history), "SELECT 'a;' AS t, 42 AS n;\n") {
		t.Errorf("the history is %q, %v", history, err)
	}
}

// TestDumbTerminal gets no colours and no bar that moves the cursor.
func TestDumbTerminal(t *testing.T) {
	for term, wanted := range map[string]bool{"xterm": true, "dumb": false} {
		cmd := program(t, t.TempDir(), "NO_COLOR=", "TERM="+term)("query", "nonsense")
		f, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(f) // fails when the other end is closed
		if err := cmd.Wait(); err == nil {
			t.Error("nonsense is well")
		}
		if strings.Contains(string(text), "\x1b") != wanted || !strings.Contains(string(text), "traillake:") {
			t.Errorf("TERM=%s: %q", term, text)
		}
	}
}

// TestTerminalOfNoWidth has tables cut as for one of 80 cells.
func TestTerminalOfNoWidth(t *testing.T) {
	home := t.TempDir()
	command := program(t, home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "NO_COLOR=1")
	if out, err := command("store", "create", "events").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out := atTerminal(t, command("query", "SELECT array_join(repeat('long', 100), '') AS t"), pty.Winsize{})
	if !strings.Contains(out, "…") || strings.Contains(out, strings.Repeat("long", 20)) {
		t.Error(out)
	}
}

// TestRecordsAtTerminal: what records hold does not reach a terminal as something that it obeys, in
// any format; where the output is no terminal, csv and tsv have the bytes.
func TestRecordsAtTerminal(t *testing.T) {
	home := t.TempDir()
	command := program(t, home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home, "NO_COLOR=1")
	if out, err := command("store", "create", "events").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const hidden = "\x00\a\x1b\x7f\u009b\u202e\u2066"
	sql := "SELECT 'BEGIN' || chr(0) || chr(7) || chr(27) || chr(127) || chr(155) || chr(8238) || chr(8294) || 'END' AS t"
	for _, format := range []string{"table", "csv", "tsv", "json", "jsonl", "markdown"} {
		out := atTerminal(t, command("query", "--format", format, sql), pty.Winsize{Rows: 24, Cols: 120})
		if strings.ContainsAny(out, hidden) || !strings.Contains(out, "BEGIN") || !strings.Contains(out, "END") {
			t.Errorf("%s: %q", format, out)
		}
		if format != "csv" && format != "tsv" {
			continue
		}
		piped, err := command("query", "--format", format, sql).Output()
		if err != nil || string(piped) != "t\nBEGIN"+hidden+"END\n" {
			t.Errorf("%s in a pipe: %q, %v", format, piped, err)
		}
	}
}

// atTerminal returns what a command shows at a terminal.
func atTerminal(t *testing.T, cmd *exec.Cmd, size pty.Winsize) string {
	t.Helper()
	f, err := pty.StartWithSize(cmd, &size)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(f) // fails when the other end is closed
	if err := errors.Join(cmd.Wait(), f.Close()); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return string(text)
}
