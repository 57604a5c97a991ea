package command

import (
	"github.com/spf13/cobra"

	"traillake/lake"
)

func newStoreHistory(a *app) *cobra.Command {
	out := &outputOptions{}
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "List a store's commits",
		Long: `List the commits of a store, oldest first: when, what, how much it added, and who did it
with which program. The records of the commits are chained by hashes; 'traillake verify'
checks the chain.`,
		Example: `  traillake store history events
  traillake store history events --format json`,
		Args: arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), args[0], func(_ *lake.Lake, s *lake.Store) error {
				commits, err := s.History(cmd.Context())
				if err != nil {
					return err
				}
				n := int64(0)
				rows := newListing(column{"commit", n}, column{"time", utcTime}, column{"operation", ""}, column{"objects", n}, column{"events", n},
					column{"quarantined", n}, column{"files", n}, column{"bytes", n}, column{"snapshot", n}, column{"user", ""}, column{"host", ""}, column{"tool", ""})
				for _, c := range commits {
					rows.add(c.Seq, c.Time, c.Operation, c.Objects, c.Rows, c.Quarantined, c.Files, c.Bytes, c.SnapshotID, c.User, c.Host, c.Tool)
				}
				return a.write(cmd.Context(), out, rows)
			})
		},
	}
	out.addFlags(cmd.Flags())
	return cmd
}
