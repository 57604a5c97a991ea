package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/lake"
	"traillake/lake/selector"
)

func newStoreCreate(a *app) *cobra.Command {
	var c lake.StoreConfig
	var selectors string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make an event data store",
		Long: `Make an empty event data store, and the lake when there is none. The name has 3 to 128
letters, digits, dots, underscores or hyphens, and not the form of an id. The id of the new
store is printed.

--selectors takes CloudTrail's advanced event selectors, as the AWS CLI writes them, and the
store then holds what they select. An ingest counts the records that it leaves out as
filtered, and does not read them again when the selectors change.

--region and --account go into the store's ARN; they mean nothing else.`,
		Example: `  traillake store create investigation
  traillake store create archive --retention-days 3653
  traillake store create writes --selectors writes.json

  where writes.json holds
    [{"Name": "changes", "FieldSelectors": [
      {"Field": "eventCategory", "Equals": ["Management"]},
      {"Field": "readOnly", "Equals": ["false"]}]}]`,
		Args: arguments(1, 1, "what is the store to be called? For example: traillake store create investigation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.Name = args[0]
			if err := checkAccount(c.AccountID); err != nil {
				return &usageError{cmd, err}
			}
			if err := readSelectors(selectors, &c.Selectors); err != nil {
				return err
			}
			if err := c.Validate(); err != nil {
				return &usageError{cmd, err}
			}
			return a.createStore(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.IntVar(&c.RetentionDays, "retention-days", lake.DefaultRetentionDays, fmt.Sprintf("how many `days` events are to be kept, %d to %d; 'traillake store expire' removes older ones", lake.MinRetentionDays, lake.MaxRetentionDays))
	acceptRetention(f)
	f.StringVar(&selectors, "selectors", "", "`file` with advanced event selectors as JSON (default: every event)")
	f.StringVar(&c.Region, "region", lake.DefaultRegion, "`region` in the ARN")
	f.StringVar(&c.AccountID, "account", lake.DefaultAccount, "`account` in the ARN")
	return cmd
}

// acceptRetention has --retention be another spelling of --retention-days.
func acceptRetention(f *pflag.FlagSet) {
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "retention" {
			name = "retention-days"
		}
		return pflag.NormalizedName(name)
	})
}

// readSelectors reads the selectors from a file, if one is given, into their compact form.
func readSelectors(file string, into *string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read selectors: %w", err)
	}
	s, err := selector.Parse(text)
	if err != nil {
		return fmt.Errorf("file %s: %w", file, err)
	}
	if s == nil {
		return fmt.Errorf("file %s: selectors: it is empty; write an array of selectors, as traillake store create --help shows", file)
	}
	*into = s.String()
	return nil
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
