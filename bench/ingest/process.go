package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"

	"traillake/bench/cost"
)

// Process is a command that has not been started.
type Process = *exec.Cmd

// foundProblems is the exit code of an ingest that put records into quarantine, which
// logs with oddities do.
const foundProblems = 3

// process runs the program and waits for it.
func (b *bench) process(ctx context.Context, args ...string) (*cost.Process, error) {
	p, err := cost.Run(b.Command(ctx, args...), foundProblems)
	if err != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	return p, nil
}

func decode(p *cost.Process, to any) error {
	if err := json.Unmarshal(p.Stdout, to); err != nil {
		return fmt.Errorf("read the output of a run: %w", err)
	}
	return nil
}
