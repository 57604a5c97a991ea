package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"traillake/bench/result"
)

const benchCompareLong = `Compare puts the ratios of two results side by side: how Traillake did beside the others in
the run before, and how it does in the run after. A ratio is of systems that took turns on
one machine, so that it says more than a time does; times are not compared.

A ratio that is worse by more than --tolerance times has regressed, and the exit code is 3.
Results of different benchmarks, sizes or seeds are refused. What else is not the same, such
as the machine, is listed.`

func newBenchCompare(a *app) *cobra.Command {
	var o result.CompareOptions
	cmd := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "Compare the ratios of two results",
		Long:  benchCompareLong,
		Example: `  traillake bench query --format json > before.json
  traillake bench compare before.json after.json
  traillake bench compare before.json after.json --measure cpu --tolerance 1.5`,
		Args: arguments(2, 2, "give two results, as in: traillake bench compare before.json after.json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(o.Tolerance >= 1) {
				return usagef(cmd, "--tolerance is %v; the least is 1", o.Tolerance)
			}
			before, err := readBench(args[0])
			if err != nil {
				return err
			}
			after, err := readBench(args[1])
			if err != nil {
				return err
			}
			c, err := result.Compare(before, after, o)
			if err != nil {
				return fmt.Errorf("compare %s with %s: %w", args[0], args[1], err)
			}
			if err := c.Text(a.stdout); err != nil {
				return err
			}
			if len(c.Regressed()) > 0 {
				return errFindings
			}
			return nil
		},
	}
	cmd.Flags().Float64Var(&o.Tolerance, "tolerance", 1.25, "how many `times` worse a ratio may be")
	cmd.Flags().StringSliceVar(&o.Measures, "measure", nil, "compare these `measures` only, such as time or cpu (default: all)")
	cmd.Flags().BoolVar(&o.Means, "means", false, "compare geometric means only: single ratios scatter more")
	return cmd
}
