package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"traillake/lake"
)

func newStoreCreate(a *app) *cobra.Command {
	var c lake.StoreConfig
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make an event data store",
		Long: `Make an empty event data store, and the lake when there is none. The name has 3 to 128
letters, digits, dots, underscores or hyphens. The id of the new store is printed.

--region and --account go into the store's ARN; they mean nothing else.`,
		Example: `  traillake store create investigation
  traillake store create archive --retention 3653`,
		Args: arguments(1, 1, "what is the store to be called? For example: traillake store create investigation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.Name = args[0]
			if err := c.Validate(); err != nil {
				return &usageError{cmd, err}
			}
			return a.createStore(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.IntVar(&c.RetentionDays, "retention", lake.DefaultRetentionDays, fmt.Sprintf("how many `days` events are to be kept, %d to %d; recorded, and not enforced yet", lake.MinRetentionDays, lake.MaxRetentionDays))
	f.StringVar(&c.Region, "region", lake.DefaultRegion, "`region` in the ARN")
	f.StringVar(&c.AccountID, "account", lake.DefaultAccount, "`account` in the ARN")
	return cmd
}

func (a *app) createStore(ctx context.Context, c lake.StoreConfig) (err error) {
	l, err := a.makeLake(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s, err := l.CreateStore(ctx, c)
	if err != nil {
		return err
	}
	a.say("made store %s in %s\n", s.Name(), l.Root())
	_, err = fmt.Fprintln(a.stdout, s.ID())
	return err
}
