package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/bench/result"
)

// benchRun is what benchmarks share: a folder that is gone at the end, a seed, and a
// result.
type benchRun struct {
	app    *app
	seed   uint64
	dir    string
	keep   bool // the folder stays
	output benchOutput
	// commandLine measures the same again.
	commandLine string
}

func (o *benchRun) addFlags(f *pflag.FlagSet) {
	f.Uint64Var(&o.seed, "seed", 1, "`number` that selects the generated logs, and what is looked for in them")
	f.StringVar(&o.dir, "dir", "", "make the temporary `folder` in this one (default: $TMPDIR)")
	o.output.addFlags(f)
}

func (o *benchRun) say(what string) { o.app.say("%s\n", what) }

// runE checks the flags, and measures in a folder.
func (o *benchRun) runE(validate func() error, measure func(ctx context.Context, dir string) (*result.Document, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := cmp.Or(validate(), o.output.validate()); err != nil {
			return &usageError{cmd, err}
		}
		return o.inFolder(cmd, args, measure)
	}
}

// inFolder runs measure with a folder that it may fill, and prints its document, also
// beside errFindings.
func (o *benchRun) inFolder(cmd *cobra.Command, args []string, measure func(ctx context.Context, dir string) (*result.Document, error)) (err error) {
	o.commandLine = commandLine(cmd, args)
	dir, err := os.MkdirTemp(o.dir, "traillake-bench-")
	if err != nil {
		return err
	}
	defer func() {
		if o.keep {
			o.app.say("Logs, lake and what was compared stay in %s.\n", dir)
		} else {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	d, err := measure(cmd.Context(), dir)
	if d == nil {
		return err
	}
	return errors.Join(err, o.app.writeBench(&o.output, d))
}

// ownProcess makes processes of this program, which compute what they are asked.
func ownProcess() (func(ctx context.Context, args ...string) *exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	return func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, self, args...)
		cmd.Env = append(cmd.Environ(), envResults+"=0")
		// A process that is killed leaves its temporary files.
		ownGroup(cmd)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 5 * time.Second
		return cmd
	}, nil
}
