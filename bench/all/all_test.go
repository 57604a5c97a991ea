package all

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestArgs has sizes that the benchmarks take, whatever the size of all.
func TestArgs(t *testing.T) {
	for records, want := range map[int]string{
		1000:       "--records 1000 --steps 1 --runs 5 --files 10 --commits 10",
		100_000:    "--records 1000 --steps 3 --runs 5 --files 1000 --commits 100",
		1_000_000:  "--records 10000 --steps 3 --runs 5 --files 10000 --commits 1000",
		50_000_000: "--records 500000 --steps 3 --runs 5 --files 10000 --commits 1000",
	} {
		c := Config{Records: records, Runs: 5, Clients: 8, Duration: time.Second, Dir: "d", Seed: 1}
		if got := strings.Join(c.args("scale"), " "); !strings.HasSuffix(got, want) {
			t.Errorf("scale at %d: %s, want … %s", records, got, want)
		}
	}
}

// TestErrors runs programs that fail, print nothing, and do not end.
func TestErrors(t *testing.T) {
	c := Config{Records: 1000, Runs: 1, Only: []string{"ingest"}, Dir: t.TempDir()}
	for script, want := range map[string]string{
		"echo first >&2; echo it is broken >&2; exit 1": "bench all: ingest: exit status 1: it is broken",
		"exit 0":                     "bench all: ingest: this is no result of a benchmark",
		"echo odd >&2; exit 3":       "bench all: ingest: this is no result of a benchmark",
		"echo '{\"schema\": \"x\"}'": "bench all: ingest: schema",
	} {
		c.Command = func(ctx context.Context, _ ...string) *exec.Cmd { return exec.CommandContext(ctx, "sh", "-c", script) }
		if _, _, _, err := Run(t.Context(), c); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n gives %v\n want  %s…", script, err, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	c.Command = func(ctx context.Context, _ ...string) *exec.Cmd { return exec.CommandContext(ctx, "sleep", "600") }
	if _, _, _, err := Run(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an interrupted run gave %v", err)
	}
	c.Only = []string{"nothing"}
	if _, _, _, err := Run(t.Context(), c); err == nil {
		t.Error("a run of nothing succeeded")
	}
}
