package command

import (
	"errors"

	"github.com/spf13/cobra"

	"traillake/lake"
)

const storeGCLong = `Remove files that nothing needs any more, of the named stores or of all: those that
compactions and expiries have replaced or removed and that no state of the history holds,
old versions of the metadata, and what writers that died have left behind; and for good the
stores that were deleted a week ago or earlier.

It goes in two steps, so that nothing is removed that a slow reader or writer still needs: a
call marks what nothing has needed, if it is older than --grace, and a later call removes it
when the mark is older than --grace, too, and still nothing needs it. So run it from time to
time, after 'traillake store expire' for example. What a running query reads is never removed.
With the files go the copies of them on this machine, and all rows of queries that are kept on
it; of queries with --cache-dir, where gc has the same one. --grace 0 removes at once.

--dry-run prints what would be done. Nothing is removed under a legal hold, or on the word of
a clock that is behind the newest commit or more than a month ahead of it (see --today).`

func newStoreGC(a *app) *cobra.Command {
	out := &outputOptions{}
	var o lake.GarbageOptions
	cmd := &cobra.Command{
		Use:   "gc [NAME…]",
		Short: "Remove files that nothing needs any more",
		Long:  storeGCLong,
		Example: `  traillake store gc --dry-run
  traillake store gc
  traillake store gc --grace 24h events`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Grace == 0 {
				o.Grace = -1
			}
			rows := newListing(column{"store", ""}, column{"file", ""}, column{"bytes", int64(0)}, column{"action", ""})
			pr := printer{people: isTerminal(a.stderr)}
			removed := false
			err := a.eachStore(cmd.Context(), args, func(s *lake.Store) error {
				r, err := s.CollectGarbage(cmd.Context(), o)
				if len(args) == 0 && errors.Is(err, lake.ErrLegalHold) {
					a.say("%s: left alone: %v\n", s.Name(), err)
					return nil
				}
				for _, f := range r.Removed {
					rows.add(r.Store, f.Path, f.Size, "remove")
				}
				for _, f := range r.Marked {
					rows.add(r.Store, f.Path, f.Size, "mark")
				}
				removed = removed || len(r.Removed) > 0
				if err != nil {
					return err
				}
				remove, mark := "removed", "marked"
				if o.DryRun {
					remove, mark = "would remove", "would mark"
				}
				a.say("%s: %s %s (%s), %s %s (%s)\n", r.Store, remove,
					pr.things(int64(len(r.Removed)), "file", "files"), pr.bytes(lake.Sum(r.Removed)), mark,
					pr.things(int64(len(r.Marked)), "file", "files"), pr.bytes(lake.Sum(r.Marked)))
				if r.Purged {
					a.say("%s: %s the store, which was deleted\n", r.Store, remove)
				}
				return nil
			})
			if removed && !o.DryRun {
				err = errors.Join(err, a.forgetResults())
			}
			return errors.Join(a.writeUnless(cmd.Context(), err, out, rows), err)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.DryRun, "dry-run", false, "only print what would be removed and marked")
	o.Grace = lake.DefaultGrace
	f.Var((*spanFlag)(&o.Grace), "grace", "for how long nothing may have needed a file, such as 24h or 7d: longer than any ingest or compaction takes; with 0 no other program may be reading or writing, not even an ingest")
	a.addToday(f)
	out.addFlags(f)
	return cmd
}
