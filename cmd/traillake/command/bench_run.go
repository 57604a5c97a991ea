package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

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
	output benchOutput
	// commandLine measures the same again.
	commandLine string
}

func (o *benchRun) addFlags(f *pflag.FlagSet) {
	f.Uint64Var(&o.seed, "seed", 1, "`number` that selects the generated logs")
	f.StringVar(&o.dir, "dir", "", "make the temporary `folder` in this one (default: $TMPDIR)")
	o.output.addFlags(f)
}

func (o *benchRun) say(what string) { o.app.say("%s\n", what) }

// inFolder runs measure with a folder that it may fill, and prints its document, also
// beside errFindings.
func (o *benchRun) inFolder(cmd *cobra.Command, args []string, measure func(ctx context.Context, dir string) (*result.Document, error)) (err error) {
	o.commandLine = commandLine(cmd, args)
	dir, err := os.MkdirTemp(o.dir, "traillake-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := measure(cmd.Context(), dir)
	if d == nil {
		return err
	}
	return errors.Join(err, o.app.writeBench(&o.output, d))
}

// ownProcess makes processes of this program.
func ownProcess() (func(ctx context.Context, args ...string) *exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	return func(ctx context.Context, args ...string) *exec.Cmd { return exec.CommandContext(ctx, self, args...) }, nil
}
