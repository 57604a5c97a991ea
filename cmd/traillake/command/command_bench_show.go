package command

import (
	"os"

	"github.com/spf13/cobra"

	"traillake/bench/result"
)

func newBenchShow(a *app) *cobra.Command {
	var o benchOutput
	cmd := &cobra.Command{
		Use:   "show RESULT.json",
		Short: "Show a result that was kept as JSON",
		Long:  "Show prints the result of a benchmark that was kept as JSON, as the benchmark itself would have.",
		Example: `  traillake bench show before.json
  traillake bench show before.json --html before.html`,
		Args: arguments(1, 1, "give a result, as in: traillake bench show before.json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(); err != nil {
				return &usageError{cmd, err}
			}
			if sameFile(args[0], o.html) {
				return usagef(cmd, "--html %s: that is the result itself, which the page would replace; give another file", o.html)
			}
			d, err := readBench(args[0])
			if err != nil {
				return err
			}
			return a.writeBench(&o, d)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// sameFile is whether two names are of one regular file.
func sameFile(a, b string) bool {
	there, err := os.Stat(a)
	if err != nil || !there.Mode().IsRegular() {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(there, other)
}

func newBenchSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of a result's JSON",
		Long:    "Print the JSON Schema (draft 2020-12) of what every benchmark prints with --format json.",
		Example: "  traillake bench schema > bench.schema.json",
		Args:    arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(result.JSONSchema)
			return err
		},
	}
}
