package compact

import (
	"context"
	"errors"
	"os/exec"
	"testing"

	"traillake/lake"
)

// TestBad runs what cannot be run; the command's script test runs the rest.
func TestBad(t *testing.T) {
	c := Config{Records: 400, Commits: 300, Seed: 1, Runs: 1, Dir: t.TempDir(), Lake: lake.Options{Tool: "test"},
		Command: func(ctx context.Context, args ...string) *exec.Cmd { return exec.CommandContext(ctx, "/nonexistent") }}
	if _, err := Run(t.Context(), c); err == nil {
		t.Error("a run without a program succeeded")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.Dir = t.TempDir()
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted run gave %v", err)
	}
	if _, err := Run(t.Context(), Config{Records: 1, Commits: 2, Runs: 1}); err == nil {
		t.Error("more commits than records")
	}
}
