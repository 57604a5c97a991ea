package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/lake"
)

const storeExpireLong = `Remove the events that are older than the retention of their store, of the named stores or
of all. Whole days of event time go, in UTC, once their last event is old enough; files are
never rewritten for it.

--dry-run prints the days, files and events that would be removed, and removes nothing; where
the clock is in doubt, it says so. What was removed can be queried for as long as the history
goes back (--snapshot), and the space is free when 'traillake store gc' has run after that.

Nothing is removed under a legal hold. Nothing is removed either on the word of a clock that
is behind the newest commit, or more than a month ahead of the newest event: where it is right,
as for logs that are old on purpose, say what day it is with --today.`

func newStoreExpire(a *app) *cobra.Command {
	out := &outputOptions{}
	var o lake.ExpireOptions
	cmd := &cobra.Command{
		Use:   "expire [NAME…]",
		Short: "Remove events that are older than the retention",
		Long:  storeExpireLong,
		Example: `  traillake store expire --dry-run
  traillake store expire events`,
		RunE: func(cmd *cobra.Command, args []string) error {
			n := int64(0)
			rows := newListing(column{"store", ""}, column{"day", ""}, column{"files", n}, column{"events", n}, column{"bytes", n})
			pr := printer{people: isTerminal(a.stderr)}
			err := a.eachStore(cmd.Context(), args, func(s *lake.Store) error {
				r, err := s.Expire(cmd.Context(), o)
				if len(args) == 0 && (errors.Is(err, lake.ErrLegalHold) || errors.Is(err, lake.ErrPendingDeletion)) {
					a.say("%s: left alone: %v\n", s.Name(), err)
					return nil
				}
				if err != nil {
					return err
				}
				for _, d := range r.Days {
					rows.add(r.Store, d.Day, d.Files, d.Events, d.Bytes)
				}
				verb := "removed"
				if o.DryRun {
					verb = "would remove"
				}
				a.say("%s: %s %s of %s before %s (%s, %s)\n", r.Store, verb, pr.things(r.Events, "event", "events"),
					pr.things(int64(len(r.Days)), "day", "days"), r.Cutoff, pr.things(r.Files, "file", "files"), pr.bytes(r.Bytes))
				if r.Doubt != nil {
					a.say("%s: without --dry-run nothing would be removed: %v\n", r.Store, r.Doubt)
				}
				return nil
			})
			return errors.Join(a.writeUnless(cmd.Context(), err, out, rows), err)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.DryRun, "dry-run", false, "only print what would be removed")
	a.addToday(f)
	out.addFlags(f)
	return cmd
}

// writeUnless writes a listing, but not an empty one after an error.
func (a *app) writeUnless(ctx context.Context, err error, out *outputOptions, rows *listing) error {
	if err != nil && rows.empty() {
		return nil
	}
	return a.write(ctx, out, rows)
}

// addToday adds --today, which every command that commits has.
func (a *app) addToday(f *pflag.FlagSet) {
	f.Var((*dayFlag)(&a.today), "today", "the `day` that it is, YYYY-MM-DD in UTC, where the lake cannot tell whether the clock is right")
}

// eachStore calls f with the stores of the given names, or with all.
func (a *app) eachStore(ctx context.Context, names []string, f func(*lake.Store) error) (err error) {
	l, err := a.openLake(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var stores []*lake.Store
	var errs []error
	if len(names) == 0 {
		if stores, err = l.Stores(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	for _, name := range names {
		s, err := l.Store(ctx, name)
		if err != nil {
			return err
		}
		stores = append(stores, s)
	}
	for _, s := range stores {
		if err := f(s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			errs = append(errs, err) // one store's trouble is not that of the others
		}
	}
	return errors.Join(errs...)
}
