package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"traillake/lake"
)

func newStoreDelete(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a store; it can be restored for 7 days",
		Long: fmt.Sprintf(`Delete a store. From then on it takes in nothing and answers no query. For %d days
'traillake store restore' brings it back as it was; after that 'traillake store gc' marks
it, and a call three days later removes it for good, with all of its files. Its name is free
again then.

A store whose termination protection is on, as it is in a new store, or that is under a
legal hold, is not deleted.`, lake.DeletionDays),
		Example: `  traillake store update investigation --no-termination-protection
  traillake store delete investigation`,
		Args: arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), args[0], func(_ *lake.Lake, s *lake.Store) error {
				err := s.Delete(cmd.Context())
				switch {
				case errors.Is(err, lake.ErrProtected):
					return fmt.Errorf("%w\nTo switch it off: traillake store update %s --no-termination-protection", err, s.Name())
				case errors.Is(err, lake.ErrLegalHold):
					return fmt.Errorf("%w\nTo end it: traillake store update %s --no-legal-hold", err, s.Name())
				case err != nil:
					return err
				}
				a.say("deleted %s; 'traillake store restore %s' brings it back within %d days\n", s.Name(), s.Name(), lake.DeletionDays)
				return nil
			})
		},
	}
	a.addToday(cmd.Flags())
	return cmd
}

func newStoreRestore(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "restore NAME",
		Short:   "Bring a deleted store back",
		Long:    "Bring back a store that was deleted, as it was, until 'traillake store gc' has removed it.",
		Example: `  traillake store restore investigation`,
		Args:    arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), args[0], func(_ *lake.Lake, s *lake.Store) error {
				if err := s.Restore(cmd.Context()); err != nil {
					return err
				}
				a.say("restored %s\n", s.Name())
				return nil
			})
		},
	}
	a.addToday(cmd.Flags())
	return cmd
}
