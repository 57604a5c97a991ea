package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// ExitCode is what the process returns to the shell. "traillake help exit-codes"
// explains the codes.
type ExitCode int

// The exit codes.
const (
	// ExitDone means that what was asked for was done; zero rows is done.
	ExitDone ExitCode = 0
	// ExitFailed means that it was not done, or not all of it.
	ExitFailed ExitCode = 1
	// ExitUsage means that the command line is wrong and nothing was done.
	ExitUsage ExitCode = 2
	// ExitFindings means that the command ran to its end and found problems, which
	// it has listed.
	ExitFindings ExitCode = 3
	// ExitInterrupted means that a signal ended the command.
	ExitInterrupted ExitCode = 130
	// ExitClosed means that nobody reads standard output any more.
	ExitClosed ExitCode = 141
)

// errFindings ends a command that ran to its end and has listed problems.
var errFindings = errors.New("problems were found")

// usageError is a command line that is wrong.
type usageError struct {
	cmd *cobra.Command
	err error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usagef returns a usage error about cmd.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{cmd, fmt.Errorf(format, args...)}
}

// exitCode is the one table from errors to exit codes.
func exitCode(err error) ExitCode {
	var usage *usageError
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, errOutputClosed):
		return ExitClosed
	case errors.Is(err, errFindings):
		return ExitFindings
	case errors.As(err, &usage):
		return ExitUsage
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	default:
		return ExitFailed
	}
}

// arguments makes a check of positional arguments that reports usage errors: there
// must be at least low and at most high of them; high < 0 means no bound. missing
// says what to give, with an example.
func arguments(low, high int, missing string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return usagef(cmd, "%s", missing)
		case high >= 0 && len(args) > high:
			return usagef(cmd, "unexpected argument %q", args[high])
		}
		return nil
	}
}
