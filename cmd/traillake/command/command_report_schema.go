package command

import (
	"github.com/spf13/cobra"

	"traillake/queries/report"
)

func newReportSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of a report's JSON",
		Long:    "Print the JSON Schema (draft 2020-12) of report.json, which 'report run --format json' prints, too.",
		Example: "  traillake report schema > report.schema.json",
		Args:    arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(report.JSONSchema)
			return err
		},
	}
}
