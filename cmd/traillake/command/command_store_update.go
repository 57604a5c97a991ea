package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"traillake/lake"
)

const storeUpdateLong = `Change settings of a store. Only what is given changes; every change is a commit with a
record of who made it.

  --retention-days           for how long events are kept, by their event time; a shorter
                             time lets the next 'traillake store expire' remove more
  --termination-protection   refuses 'traillake store delete'; on in a new store
  --legal-hold               refuses to remove anything: no expire, no gc, no delete
  --selectors                advanced event selectors, a JSON file as for 'store create';
                             they decide about what is ingested from then on
  --history-days             for how long states of the past can be queried
  --name                     queries then use the new name; the id stays`

func newStoreUpdate(a *app) *cobra.Command {
	var name, selectors string
	var retention, history int
	var protect, unprotect, hold, release, unselect bool
	cmd := &cobra.Command{
		Use:   "update NAME",
		Short: "Change a store's retention, protection, legal hold, name",
		Long:  storeUpdateLong,
		Example: `  traillake store update events --retention-days 730
  traillake store update events --legal-hold
  traillake store update events --name trail --no-termination-protection`,
		Args: arguments(1, 1, whichStore),
	}
	f := cmd.Flags()
	a.addToday(f)
	f.StringVar(&name, "name", "", "the new `name`")
	f.StringVar(&selectors, "selectors", "", "`file` with advanced event selectors as JSON")
	f.BoolVar(&unselect, "no-selectors", false, "take every event again")
	f.IntVar(&retention, "retention-days", 0, fmt.Sprintf("how many `days` events are kept, %d to %d", lake.MinRetentionDays, lake.MaxRetentionDays))
	acceptRetention(f)
	f.IntVar(&history, "history-days", 0, fmt.Sprintf("how many `days` back states of the past can be queried, %d to %d", lake.MinHistoryDays, lake.MaxHistoryDays))
	f.BoolVar(&protect, "termination-protection", false, "protect the store from deletion")
	f.BoolVar(&unprotect, "no-termination-protection", false, "let the store be deleted")
	f.BoolVar(&hold, "legal-hold", false, "let nothing be removed")
	f.BoolVar(&release, "no-legal-hold", false, "let what is old be removed again")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range []string{"termination-protection", "legal-hold", "selectors"} {
			if f.Changed(name) && f.Changed("no-"+name) {
				return usagef(cmd, "both --%s and --no-%s are given; give one", name, name)
			}
		}
		if f.NFlag() == 0 || f.NFlag() == 1 && f.Changed("today") {
			return usagef(cmd, "change what? For example: traillake store update %s --retention-days 730", args[0])
		}
		var selected string
		if err := readSelectors(selectors, &selected); err != nil {
			return err
		}
		return a.withStore(cmd.Context(), args[0], func(_ *lake.Lake, s *lake.Store) error {
			now, err := s.UpdateSettings(cmd.Context(), func(c *lake.Settings) error {
				if f.Changed("name") {
					c.Name = name
				}
				if selectors != "" || unselect {
					c.Selectors = selected
				}
				if f.Changed("retention-days") {
					c.RetentionDays = retention
				}
				if f.Changed("history-days") {
					c.HistoryDays = history
				}
				c.TerminationProtection = (c.TerminationProtection || protect) && !unprotect
				c.LegalHold = (c.LegalHold || hold) && !release
				return nil
			})
			if errors.Is(err, lake.ErrInvalid) {
				return &usageError{cmd, err}
			}
			if err != nil {
				return err
			}
			a.say("%s\n", settingsText(now))
			return nil
		})
	}
	return cmd
}

// settingsText tells people what settings are now.
func settingsText(s lake.Settings) string {
	parts := []string{fmt.Sprintf("%s: retention %d days", s.Name, s.RetentionDays), fmt.Sprintf("history %d days", s.HistoryDays)}
	for _, b := range []struct {
		name string
		on   bool
	}{{"termination protection", s.TerminationProtection}, {"legal hold", s.LegalHold}} {
		if b.on {
			parts = append(parts, b.name+" on")
		} else {
			parts = append(parts, b.name+" off")
		}
	}
	if s.Selectors != "" {
		parts = append(parts, "selectors "+s.Selectors)
	}
	return strings.Join(parts, ", ")
}
