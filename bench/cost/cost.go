// Package cost measures what work costs: time by the clock, time of processors, and the
// peak of memory where the work is a process of its own.
package cost

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"
)

// Cost is the time that something takes: by the clock, and of processors, which does not
// count what other processes take.
type Cost struct{ Wall, CPU time.Duration }

var epoch = time.Now()

// Clock returns the time since this process began, more or less, and what it has taken of
// processors since.
func Clock() Cost { return Cost{time.Since(epoch), cpuTime()} }

// Minus returns what c costs more than d.
func (c Cost) Minus(d Cost) Cost { return Cost{c.Wall - d.Wall, c.CPU - d.CPU} }

// Plus returns what both cost.
func (c Cost) Plus(d Cost) Cost { return Cost{c.Wall + d.Wall, c.CPU + d.CPU} }

// Process is a process that has ended.
type Process struct {
	Cost
	// Peak is the largest resident set, in bytes; 0 where the system does not tell.
	Peak int64
	// Stdout is what it printed.
	Stdout []byte
	// Code is its exit code.
	Code int
}

// maxSaid is how much of what a process that fails says is in the error: a few lines, where
// some programs list all that they know.
const maxSaid = 1000

// Run starts a command, waits for it, and measures it. An exit code other than zero and
// those of allowed is an error with the beginning of what it printed to standard error.
func Run(cmd *exec.Cmd, allowed ...int) (*Process, error) {
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	cmd.Stderr = &stderr
	started := time.Now()
	err := cmd.Run()
	p := &Process{Cost: Cost{Wall: time.Since(started)}, Stdout: stdout.Bytes()}
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(allowed, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		said := bytes.TrimSpace(stderr.Bytes())
		return nil, fmt.Errorf("%s: %w: %s", cmd, err, said[:min(len(said), maxSaid)])
	}
	state := cmd.ProcessState
	p.CPU, p.Peak, p.Code = state.UserTime()+state.SystemTime(), peak(state), state.ExitCode()
	return p, nil
}
