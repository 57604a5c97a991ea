package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

func newStoreList(a *app) *cobra.Command {
	out := &outputOptions{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the event data stores",
		Long:  "List the event data stores of the lake with what they hold. Sizes are in bytes.",
		Example: `  traillake store list
  traillake store list --format json`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listStores(cmd.Context(), out) },
	}
	out.addFlags(cmd.Flags())
	return cmd
}

func (a *app) listStores(ctx context.Context, out *outputOptions) (err error) {
	l, err := a.openLake(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	stores, unread := l.Stores(ctx)
	rows := newListing(column{"name", ""}, column{"events", int64(0)}, column{"files", int64(0)}, column{"bytes", int64(0)},
		column{"quarantined", int64(0)}, column{"deleted", utcTime}, column{"lastCommit", utcTime}, column{"id", ""})
	rows.minor = []string{"id"}
	for _, s := range stores {
		sn, err := s.Snapshot(ctx)
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		deleted, err := s.Deleted(ctx)
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		rows.add(s.Name(), sn.Rows(), sn.FileCount(), sn.Bytes(), sn.Quarantined(), deleted, sn.Time(), s.ID())
	}
	if err := a.write(ctx, out, rows); err != nil {
		return err
	}
	return unread // those that can be read are told all the same
}
