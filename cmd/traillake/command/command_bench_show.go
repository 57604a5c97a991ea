package command

import (
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
