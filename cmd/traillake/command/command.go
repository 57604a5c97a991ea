// Package command holds the commands of traillake, one file per verb: flags in,
// calls out. What the commands do is in the packages below; what they say to
// people is here.
//
// Start with Main. Every command has a struct of options that adds its own flags,
// and a run method.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
)

// againKills is how long after the first interrupt further ones are taken for the same.
// timeout(1) signals its child and then its group, a terminal that is closed sends
// SIGHUP itself and has the shell send another, and neither means to kill.
const againKills = 300 * time.Millisecond

// Main runs the program with the arguments of the process and returns its exit
// code. The first interrupt ends what runs in good order, one after againKills kills.
func Main() ExitCode {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	context.AfterFunc(ctx, func() { time.AfterFunc(againKills, stop) })
	// A closed pipe then is an error of writing, and the command ends in good order. Were
	// the signal ignored instead, programs that are started would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	a := &app{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		getenv: os.Getenv,
		now:    time.Now,
		noSignals: func() context.Context {
			stop()
			return context.WithoutCancel(ctx)
		},
	}
	return a.run(ctx, os.Args[1:])
}

// run executes one command line.
func (a *app) run(ctx context.Context, args []string) ExitCode {
	out := &stdout{w: a.stdout}
	if !isTerminal(a.stdout) {
		a.stdout = out
		defer func() { a.stdout = out.w }()
	}
	root := newRoot(a)
	root.SetArgs(protectComments(args))
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	checkCompletion(root)
	_, err := root.ExecuteContextC(ctx)
	err = out.judge(err)
	code := exitCode(err)
	var usage *usageError
	switch {
	case err == nil, code == ExitFindings, code == ExitClosed:
	case code == ExitInterrupted:
		a.say("traillake: interrupted\n")
	case errors.As(err, &usage):
		a.say("%s %s\n", a.red("traillake:"), err)
		if usage.cmd != nil {
			a.say("usage: %s\nRun '%s --help' for more.\n", usageLine(usage.cmd), usage.cmd.CommandPath())
		}
	default:
		a.say("%s %s\n", a.red("traillake:"), err)
		if hint := hintFor(err, a); hint != "" {
			a.say("%s\n", hint)
		}
	}
	return code
}

// protectComments puts a blank before arguments that begin with a comment of SQL, which are no
// flags. No flag but --arg has a value that begins so and means something.
func protectComments(args []string) []string {
	args = slices.Clone(args)
	for i, arg := range args {
		rest, ok := strings.CutPrefix(arg, "--")
		if ok && strings.TrimLeftFunc(rest, unicode.IsSpace) != rest && (i == 0 || args[i-1] != "--arg") {
			args[i] = " " + arg
		}
	}
	return args
}

// usageLine is how a command is called.
func usageLine(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return cmd.CommandPath() + " COMMAND [flags]"
	}
	return cmd.UseLine()
}

// say writes a message for people to stderr. That it cannot be written is nothing
// that could be told to anyone. Errors quote what others wrote, and are made printable.
func (a *app) say(format string, args ...any) {
	for i, arg := range args {
		if err, ok := arg.(error); ok {
			args[i] = encode.PrintableLines(err.Error())
		}
	}
	fmt.Fprintf(a.stderr, format, args...)
}
