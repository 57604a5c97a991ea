// Package all runs the other benchmarks one after the other at one size, each in a process of
// its own, so that none has the memory of another, and joins what they have found.
package all

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"time"

	"traillake/bench/probe"
	"traillake/bench/result"
)

// Config says what to measure. All but Only and Log must be set.
type Config struct {
	// Records is how many events there are at most.
	Records int
	Seed    uint64
	// Runs is how often each thing is measured.
	Runs int
	// Clients and Duration are those of bench concurrent.
	Clients  int
	Duration time.Duration
	// Only are the kinds to run; nil is all.
	Only []string
	// Dir is a folder for all of them, which the caller removes.
	Dir string
	// Command makes processes, and CommandLine measures the same again.
	Command     probe.Command
	CommandLine string
	// Log, if not nil, gets what the benchmarks say about their progress.
	Log io.Writer
}

// foundProblems is the exit code of a benchmark that has found something wrong.
const foundProblems = 3

// Kinds are the benchmarks, in order.
func Kinds() []string { return []string{"ingest", "query", "concurrent", "compact", "scale"} }

// args are those of a benchmark.
func (c *Config) args(kind string) []string {
	n := func(v int) string { return fmt.Sprint(v) }
	args := []string{"bench", kind, "--format", "json", "--dir", c.Dir, "--seed", fmt.Sprint(c.Seed)}
	switch kind {
	case "ingest", "query":
		return append(args, "--records", n(c.Records), "--runs", n(c.Runs))
	case "concurrent":
		return append(args, "--records", n(c.Records), "--clients", n(c.Clients), "--duration", c.Duration.String())
	case "compact":
		return append(args, "--records", n(c.Records), "--commits", n(min(max(c.Records/200, 2), 1440)), "--runs", n(c.Runs))
	default:
		first, steps := c.Records, 1
		for steps < 3 && first >= 10_000 {
			first, steps = first/10, steps+1
		}
		return append(args, "--records", n(first), "--steps", n(steps), "--runs", n(c.Runs),
			"--files", n(min(max(c.Records/100, 10), 10_000)), "--commits", n(min(max(c.Records/1000, 10), 1000)))
	}
}

// Run measures. Good is false where a benchmark has found something wrong, which its findings
// say. The headlines are those of each, in order.
func Run(ctx context.Context, c Config) (d *result.Document, lines []result.Headline, good bool, err error) {
	good = true
	var parts []*result.Document
	for _, kind := range Kinds() {
		if c.Only != nil && !slices.Contains(c.Only, kind) {
			continue
		}
		part, fine, err := c.one(ctx, kind)
		if err != nil {
			return nil, nil, false, fmt.Errorf("bench all: %s: %w", kind, errors.Join(err, ctx.Err()))
		}
		good = good && fine
		parts = append(parts, part)
		lines = append(lines, part.Headlines()...)
	}
	if len(parts) == 0 {
		return nil, nil, false, errors.New("bench all: nothing to run")
	}
	d = result.Join("All benchmarks", c.CommandLine, parts...)
	return d, lines, good, d.Finish()
}

// one runs a benchmark.
func (c *Config) one(ctx context.Context, kind string) (_ *result.Document, good bool, err error) {
	cmd := c.Command(ctx, c.args(kind)...)
	// It is asked to end, so that it removes what it has made.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	var stdout bytes.Buffer
	said := &tail{}
	cmd.Stdout, cmd.Stderr = &stdout, io.Writer(said)
	if c.Log != nil {
		fmt.Fprintf(c.Log, "bench %s\n", kind)
		cmd.Stderr = io.MultiWriter(said, c.Log)
	}
	if err := cmd.Run(); err != nil {
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != foundProblems {
			return nil, false, fmt.Errorf("%w: %s", err, said.last())
		}
	}
	d, err := result.Read(&stdout)
	return d, cmd.ProcessState.Success(), err
}

// tail keeps the end of what a process has said.
type tail struct{ text []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(p), nil
}

// last returns the last line.
func (t *tail) last() string {
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return lines[len(lines)-1]
}
