//go:build unix

package main

import (
	"io"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestInterruptsTogether sends a query that is writing several signals at once, as timeout(1)
// and a terminal that is closed do: it ends by itself, once.
func TestInterruptsTogether(t *testing.T) {
	command := program(t, t.TempDir())
	if out, err := command("store", "create", "events").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := command("query", "--format", "csv", "SELECT x, y FROM UNNEST(sequence(1, 10000)) AS a (x), UNNEST(sequence(1, 10000)) AS b (y)")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	// It can write no more than a pipe holds, so that it is still there.
	for start := time.Now(); time.Since(start) < 50*time.Millisecond; {
		for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP, syscall.SIGTERM} {
			if err := cmd.Process.Signal(s); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("the query ends with %v, want 130", err)
	}
}
