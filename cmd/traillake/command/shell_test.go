package command

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/peterh/liner"

	"traillake/engine/dialect"
	"traillake/engine/dialect/complete"
	"traillake/queries"
)

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		" SELECT 1; ":                             "SELECT 1;",
		"SELECT a, -- why; not\n  b\nFROM t":      "SELECT a, b FROM t",
		"SELECT 'two\n--lines' /* x */ FROM\n\tt": "SELECT 'two --lines' FROM t",
		"\\d events":                              "\\d events",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestHistoryIsTrimmed has another shell append while the file is trimmed.
func TestHistoryIsTrimmed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	many := strings.Repeat("old\n", 2*liner.HistoryLimit+1) + "new\n"
	if err := os.WriteFile(path, []byte(many), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &history{line: &liner.State{}, path: path}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := h.read(); err != nil {
		t.Fatal(err)
	}
	// Whoever had the file open still has all of it.
	if text, err := io.ReadAll(f); err != nil || string(text) != many {
		t.Errorf("%d bytes are left of %d, %v", len(text), len(many), err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != liner.HistoryLimit-1 || !strings.HasSuffix(string(text), "old\nnew\n") {
		t.Errorf("%d lines, %v: %q", strings.Count(string(text), "\n"), err, text)
	}
	g, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if _, err := io.ReadAll(g); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(appendLine(path, "meanwhile"), h.trim(g, []string{"kept\n"})); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "kept\nmeanwhile\n" {
		t.Errorf("after lines came meanwhile: %q, %v", text, err)
	}
}

func TestTimeTaken(t *testing.T) {
	for d, want := range map[time.Duration]string{
		22178 * time.Microsecond:                    "Time: 22.178 ms",
		83 * time.Second:                            "Time: 83000.000 ms (01:23.000)",
		2*time.Hour + 3*time.Minute + 4*time.Second: "Time: 7384000.000 ms (02:03:04.000)",
	} {
		if got := timeTaken(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	c := &completer{
		names: complete.Names{Stores: []string{"events", "archive"}, Columns: []complete.Field{
			{Name: "eventName", Type: dialect.Varchar}, {Name: "eventTime", Type: dialect.Timestamp(3)},
		}, Spelling: func(s string) string { return s }},
		saved: queries.Catalog(),
		paths: []string{"useridentity", "useridentity.arn"},
	}
	for _, tc := range []struct{ pending, line, want string }{
		{"", "", "|" + indent},
		{"", `\q`, `|\queries \q`},
		{"", `\d userid`, `\d |useridentity useridentity.arn`},
		{"", `\run root-u`, `\run |root-use`},
		{"", `\run root-use si`, `\run root-use |since=`},
		{"", `\format js`, `\format |json jsonl`},
		{"", `\fresh o`, `\fresh |on off`},
		{"", "SELECT eventN", "SELECT |eventName"},
		{"", "SELECT ü, EVENTN", "SELECT ü, |EVENTNAME"},
		{"", "SELECT 1 FROM arch", "SELECT 1 FROM |archive"},
		{"SELECT eventName\n", "FROM arch", "FROM |archive"},
		{"", `\explain SELECT 1 FROM arch`, `\explain SELECT 1 FROM |archive`},
		{"", "\\explain\tSELECT 1 FROM arch", "\\explain\tSELECT 1 FROM |archive"},
		{"", "SELECT 'eventN", "SELECT 'eventN|"},
	} {
		head, found, tail := c.complete(tc.pending, tc.line, len([]rune(tc.line)), "trino")
		if got := head + "|" + strings.Join(found, " "); got != tc.want || tail != "" {
			t.Errorf("%q, %q: %q and %q, want %q", tc.pending, tc.line, got, tail, tc.want)
		}
	}
}
