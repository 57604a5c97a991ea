package command

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/bench/gen"
	"traillake/schedule/deliver"
)

const generateLong = `Generate writes synthetic CloudTrail logs into DIR, in the folders and the form in which
CloudTrail delivers them. The same flags give the same bytes. Beside the logs it writes
truth.json: what is in them, counted while writing, so that the results of queries can be
compared with it. DIR must be new or empty; what was begun and not finished is removed.

The logs are those of an invented organization: accounts, regions, people, roles and
services, many reads and few writes, errors, copies of global events as old trails
delivered them, and an attack with a leaked access key.

With --digests there are digest files of every hour, in the folder CloudTrail-Digest, chained and
signed; their S3 metadata lies beside each in a file that ends in .metadata.json, and
public-keys.json has the public keys. 'traillake digest verify' checks them.`

// generateOptions are the flags of generate.
type generateOptions struct {
	app    *app
	config gen.Config
	start  string
	quiet  bool
}

func (o *generateOptions) addFlags(f *pflag.FlagSet) {
	c := &o.config
	f.IntVar(&c.Records, "records", c.Records, "`number` of records; at least 600, or 1 with --attack=false")
	f.Uint64Var(&c.Seed, "seed", c.Seed, "`number` that selects the set")
	f.IntVar(&c.Accounts, "accounts", c.Accounts, "`number` of accounts")
	f.IntVar(&c.Regions, "regions", c.Regions, "`number` of regions")
	f.StringVar(&o.start, "start", c.Start.Format(time.DateOnly), "first `day` of the period")
	f.IntVar(&c.Days, "days", c.Days, "length of the period in `days`")
	f.BoolVar(&c.Organization, "organization", c.Organization, "the layout of an organization trail")
	f.Float64Var(&c.DataEvents, "data-events", c.DataEvents, "`share` of data events, 0 to 0.9")
	f.BoolVar(&c.Insights, "insights", c.Insights, "add insight events")
	f.BoolVar(&c.NetworkActivity, "network-activity", c.NetworkActivity, "add network activity events")
	f.BoolVar(&c.GlobalCopies, "global-copies", c.GlobalCopies, "one account delivers global events once for each region, as trails did before 2021-11-22")
	f.BoolVar(&c.Attack, "attack", c.Attack, "plant an attack (about a hundred records)")
	f.Float64Var(&c.Oddities, "oddities", c.Oddities, "`share` of records in an unusual form, 0 to 1")
	f.IntVar(&c.FileRecords, "file-records", c.FileRecords, "`number` of records that a file has, about; 0 chooses by --records")
	f.BoolVar(&c.Digests, "digests", c.Digests, "add hourly digest files, signed with a test key")
	f.StringVar(&c.DigestFaults, "digest-faults", "", "`faults` to plant, out of "+strings.Join(gen.DigestFaultNames, ","))
	f.BoolVar(&o.quiet, "quiet", false, "no progress and no summary")
}

func newGenerate(a *app) *cobra.Command {
	o := &generateOptions{app: a, config: gen.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "generate DIR",
		Short: "Write synthetic logs to try things with",
		Long:  generateLong,
		Example: `  traillake generate ./logs --records 100000 --seed 1
  traillake generate ./big --records 10000000 --accounts 20 --organization
  traillake ingest ./logs`,
		Args: arguments(1, 1, "where to? Name a folder, such as: traillake generate ./logs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if deliver.Remote(args[0]) {
				return usagef(cmd, "%s: logs are written into a local folder; copy them there then, with: aws s3 cp --recursive DIR %s", args[0], args[0])
			}
			at, err := parseWhen(o.start, a.now())
			if err != nil {
				return usagef(cmd, "--start: %w", err)
			}
			o.config.Start = at
			o.config.Digests = o.config.Digests || o.config.DigestFaults != ""
			if err := o.config.Validate(); err != nil {
				return &usageError{cmd, err}
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *generateOptions) run(ctx context.Context, dir string) error {
	started := time.Now()
	bar := o.app.newProgress(o.quiet)
	var progress func(int)
	if bar != nil {
		pr := printer{people: true}
		total := int64(o.config.Records)
		progress = func(done int) {
			bar.show(int64(done), total, fmt.Sprintf("%s of %s", pr.count(int64(done)), pr.things(total, "record", "records")))
		}
	}
	truth, err := gen.Write(ctx, dir, o.config, progress)
	bar.end()
	if err != nil {
		return err
	}
	if !o.quiet {
		o.app.say("%s", generateSummary(truth, dir, time.Since(started), printer{people: isTerminal(o.app.stderr)}))
	}
	return nil
}

func generateSummary(t *gen.Truth, dir string, took time.Duration, pr printer) string {
	return fmt.Sprintf("generated %s in %s below %s in %s (%s, %s gzipped)\nwhat is in them: %s\n",
		pr.things(t.Records, "record", "records"), pr.things(t.Files, "file", "files"), dir, seconds(took),
		pr.bytes(t.Bytes), pr.bytes(t.CompressedBytes), filepath.Join(dir, gen.TruthFile))
}
