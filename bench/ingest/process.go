package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// Process is a command that has not been started.
type Process = *exec.Cmd

// foundProblems is the exit code of an ingest that put records into quarantine, which
// logs with oddities do.
const foundProblems = 3

// finished is a process that has ended well.
type finished struct {
	stdout       []byte
	elapsed, cpu time.Duration
	peak         int64
}

// process runs the program and waits for it.
func (b *bench) process(ctx context.Context, args ...string) (*finished, error) {
	cmd := b.Command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	started := time.Now()
	err := cmd.Run()
	elapsed := time.Since(started)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == foundProblems {
		err = nil
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w: %s", cmd, err, bytes.TrimSpace(stderr.Bytes())), ctx.Err())
	}
	state := cmd.ProcessState
	return &finished{
		stdout: stdout.Bytes(), elapsed: elapsed, cpu: state.UserTime() + state.SystemTime(), peak: peak(state),
	}, nil
}

func (f *finished) decode(to any) error {
	if err := json.Unmarshal(f.stdout, to); err != nil {
		return fmt.Errorf("read the output of a run: %w", err)
	}
	return nil
}
