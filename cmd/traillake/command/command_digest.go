package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"traillake/lake/digest/custody"
	"traillake/lake/source"
)

const digestLong = `CloudTrail signs what it delivers, where a trail validates its log files: every hour a digest
file lists the log files with their hashes, and the digests are chained and signed with RSA.`

const digestVerifyLong = `Verify checks the digests below SOURCE and every log file that they name, of all accounts,
regions and trails, and tells what was modified, deleted or put there since CloudTrail delivered
it. Verdicts are those of 'aws cloudtrail validate-logs'. Beyond these it finds

  a digest that is signed and is not the one that the next digest names
  a digest beside the chain
  a log that no digest names, though valid digests cover the time of its delivery

Times without digests are told and are no findings, as with validate-logs: a trail that is stopped
makes none. Neither are logs of the last hour, whose digest is still to come. That the newest
digests were removed cannot be told from the files: look at the time up to which results are found.

--public-keys has the keys: a file with what 'aws cloudtrail list-public-keys --start-time …
--end-time …' printed in the region of the logs, a folder of such files (*.json), or aws to ask
CloudTrail. With a file nothing leaves this machine.

The signature of a digest is metadata of its S3 object, which 'aws s3 sync' leaves behind. In a
folder it is looked for in a file beside the digest, FILE.json.gz.metadata.json, with what
'aws s3api head-object' prints:

  cd ./AWSLogs && find . -path '*/CloudTrail-Digest/*.json.gz' | while read -r f; do
    aws s3api head-object --bucket BUCKET --key "AWSLogs/${f#./}" > "$f.metadata.json"; done

Without such files the next digest has the signature, for all digests but the newest of a trail.

The exit code is 3 where there are findings.`

// digestVerifyOptions are the flags of digest verify.
type digestVerifyOptions struct {
	app      *app
	from, to string
	accounts []string
	regions  []string
	keys     string
	json     bool
	verbose  bool
}

func newDigest(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "digest",
		Short:   "Check that the log files are those that CloudTrail delivered",
		Long:    digestLong,
		Example: `  traillake digest verify ./AWSLogs --public-keys keys.json`,
		Args:    onlySubcommands,
		RunE:    showHelp,
	}
	cmd.AddCommand(newDigestVerify(a))
	return cmd
}

func newDigestVerify(a *app) *cobra.Command {
	o := &digestVerifyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "verify SOURCE…",
		Short: "Check log files against CloudTrail's digest files",
		Long:  digestVerifyLong,
		Example: `  traillake digest verify ./AWSLogs --public-keys keys.json
  traillake digest verify ./AWSLogs --public-keys aws --from 2026-10-01 --to 2026-11-01
  traillake digest verify ./AWSLogs --public-keys keys/ --account 111111111111 --json`,
		Args: arguments(1, -1, "verify what? Name the folder with the logs and digests, such as: traillake digest verify ./AWSLogs --public-keys keys.json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := o.options()
			if err != nil {
				return &usageError{cmd, err}
			}
			return o.run(cmd.Context(), args, opts)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.keys, "public-keys", "", publicKeysUsage)
	f.StringVar(&o.from, "from", "", "only what was delivered at this `time` or later: 2026-10-01, a time, or 7d for seven days ago")
	f.StringVar(&o.to, "to", "", "only what was delivered up to this `time`")
	f.StringSliceVar(&o.accounts, "account", nil, "only logs of this `account`; may be repeated")
	f.StringSliceVar(&o.regions, "region", nil, "only logs of this `region`; may be repeated")
	f.BoolVar(&o.verbose, "verbose", false, "tell more: why a file is not valid, times without digests, unchecked digests")
	f.BoolVar(&o.json, "json", false, "print the outcome as JSON (see 'traillake help json')")
	return cmd
}

func (o *digestVerifyOptions) options() (custody.Options, error) {
	opts := custody.Options{Accounts: o.accounts, Regions: o.regions}
	var errs []error
	for _, b := range []struct {
		flag, text string
		to         *time.Time
	}{{"--from", o.from, &opts.From}, {"--to", o.to, &opts.To}} {
		if b.text == "" {
			continue
		}
		at, err := parseWhen(b.text, o.app.now())
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", b.flag, err))
		}
		*b.to = at
	}
	if len(errs) == 0 && !opts.To.IsZero() && opts.From.After(opts.To) {
		errs = append(errs, errors.New("--from must not lie after --to"))
	}
	for _, acc := range o.accounts {
		if err := checkAccount(acc); err != nil {
			errs = append(errs, err)
		}
	}
	if o.keys == "" {
		errs = append(errs, errors.New("--public-keys is missing: a file with what 'aws cloudtrail list-public-keys' printed, or aws"))
	}
	return opts, errors.Join(errs...)
}

func (o *digestVerifyOptions) run(ctx context.Context, args []string, opts custody.Options) (err error) {
	keys, err := o.app.publicKeys(o.keys)
	if err != nil {
		return err
	}
	opts.Keys = keys
	src, err := o.app.openSources(ctx, args, listFilter(opts), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	bar := o.app.newProgress(o.json)
	if bar != nil {
		pr := printer{people: true}
		opts.Progress = func(p custody.Progress) {
			bar.show(0, 0, fmt.Sprintf("%s, %s", pr.things(p.Digests, "digest", "digests"), pr.things(p.Logs, "log", "logs")))
		}
	}
	report, err := custody.Verify(ctx, src, opts)
	bar.end()
	if err != nil {
		return err
	}
	if o.json {
		enc := o.app.jsonEncoder()
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		_, err = io.WriteString(o.app.stdout, digestText(report, o.verbose, printer{people: isTerminal(o.app.stdout)}))
	}
	if err == nil && len(report.Findings) > 0 {
		err = errFindings
	}
	return err
}

// listFilter leaves out of a listing what cannot have been delivered in the period. A log
// that is named and lies elsewhere is asked for by itself.
func listFilter(o custody.Options) source.Filter {
	f := source.Filter{Accounts: o.Accounts, Regions: o.Regions}
	if !o.From.IsZero() {
		f.From = o.From.AddDate(0, 0, -1)
	}
	if !o.To.IsZero() {
		f.To = o.To.AddDate(0, 0, 1)
	}
	return f
}
