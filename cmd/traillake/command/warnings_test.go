package command

import (
	"io"
	"log/slog"
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	var said strings.Builder
	log := slog.New(&warnings{app: &app{stdout: io.Discard, stderr: &said}})
	log.Info("nothing")
	for range 2 {
		log.Warn("file left behind", "file", "a\x1b[2J", "version", 3)
	}
	log.Error("no more")
	if got, want := said.String(), "warning: file left behind (file a\\x1b[2J, version 3)\nwarning: no more\n"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
