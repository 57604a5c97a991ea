package command

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"traillake/lake"
)

func newStoreHistory(a *app) *cobra.Command {
	out := &outputOptions{}
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "List a store's commits",
		Long: `List the commits of a store, oldest first: when, what, how much it added and removed, and
who did it with which program. The records of the commits are chained by hashes;
'traillake verify' checks the chain. A snapshot that is kept can be queried with
'traillake query --snapshot'.`,
		Example: `  traillake store history events
  traillake store history events --format json`,
		Args: arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), args[0], func(_ *lake.Lake, s *lake.Store) error {
				commits, err := s.History(cmd.Context())
				if err != nil {
					return err
				}
				kept, err := s.Kept(cmd.Context())
				if err != nil {
					return err
				}
				n := int64(0)
				rows := newListing(column{"commit", n}, column{"time", utcTime}, column{"operation", ""}, column{"objects", n}, column{"events", n},
					column{"quarantined", n}, column{"files", n}, column{"bytes", n},
					column{"removedFiles", n}, column{"removedEvents", n}, column{"details", ""}, column{"snapshot", n}, column{"kept", false}, column{"user", ""}, column{"host", ""}, column{"tool", ""})
				for _, c := range commits {
					removed := int64(0)
					for _, f := range c.Removed {
						removed += f.Rows
					}
					rows.add(c.Seq, c.Time, c.Operation, c.Objects, c.Rows, c.Quarantined, c.Files, c.Bytes,
						int64(len(c.Removed)), removed, commitDetails(c), c.SnapshotID, kept[c.SnapshotID], c.User, c.Host, c.Tool)
				}
				return a.write(cmd.Context(), out, rows)
			})
		},
	}
	out.addFlags(cmd.Flags())
	return cmd
}

// commitDetails returns what a commit set, and where an expiry ended; nil for others.
func commitDetails(c lake.CommitRecord) any {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(c.Settings)) {
		parts = append(parts, strings.TrimPrefix(k, "traillake.")+"="+c.Settings[k])
	}
	if c.Cutoff != "" {
		parts = append(parts, "cutoff="+c.Cutoff)
	}
	return orNull(strings.Join(parts, " "))
}
