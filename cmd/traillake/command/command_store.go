package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"traillake/lake"
)

const storeLong = `An event data store holds the events that were ingested into it. "events" is the one
that 'traillake ingest' makes by itself; make others to keep things apart. A store has a
name, an id and an ARN, and a query may use any of them as a table.`

func newStore(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "The event data stores: create, list, show, history, update, delete, …",
		Long:  storeLong,
		Example: `  traillake store list
  traillake store show events
  traillake store show events --columns
  traillake store create investigation
  traillake store quarantine events
  traillake store update events --retention-days 730
  traillake store expire events --dry-run
  traillake store gc`,
		Args: onlySubcommands,
		RunE: showHelp,
	}
	cmd.AddCommand(newStoreCreate(a), newStoreList(a), newStoreShow(a), newStoreHistory(a), newStoreQuarantine(a), newStoreUpdate(a), newStoreDelete(a), newStoreRestore(a),
		newStoreCompact(a), newStoreExpire(a), newStoreGC(a))
	return cmd
}

// withStore opens lake and store for f.
func (a *app) withStore(ctx context.Context, ref string, f func(*lake.Lake, *lake.Store) error) (err error) {
	l, err := a.openLake(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s, err := l.Store(ctx, ref)
	if err != nil {
		return err
	}
	return f(l, s)
}

// whichStore is what a command says that needs the name of a store.
const whichStore = "which store? 'traillake store list' lists them"
