package command

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"traillake/lake"
	"traillake/queries"
	"traillake/schedule"
	"traillake/schedule/deliver"
	"traillake/schedule/job"
)

const scheduleAddLong = `Add a schedule. Its due times count from now on. With --replace it takes the place of the
schedule of its name. Due times that were missed until then are made up for as the new one
says if --cron and --time-zone stay the same; otherwise they are skipped, which is said and
kept in the history. An attempt that failed is made again as the new one says.

--cron has five fields: minute, hour, day of month, month, day of week, as in crontab; also
L for the last day of a month, FRI#L for its last Friday, 15W for the working day next to
the 15th, and @daily, @weekly, @monthly. They are read in --time-zone. A time that the
clocks skip in spring is due when they do, one that comes twice in autumn the first time:
each exactly once.

--period is relative to the due time, in whole days of the time zone: last-month,
yesterday, last-week and so on, as 'traillake report run --help' says; at least one end of
it, as in 2026-10-01/today. A fixed one, such as 2026-10, is refused.

A report is put into TO/NAME/DUE-TIME for every --to, whole or not at all. Where anything
lies there that is not this run's report, the run fails: schedules of one name in two lakes
need two places. A place that does not work keeps no report from the others; the attempt
fails, and the next puts what is missing. Places on S3 are reached as 'traillake help s3' says.

--notify says whom to tell, and may be repeated:
  email:ADDRESS,…       by the server of --smtp: smtp://HOST (port 587, STARTTLS; none is
                        needed on this machine without a password) or smtps://HOST (465);
                        each address has a message of its own
  slack:REF             REF is where Slack's webhook URL is found
  webhook:URL or REF    JSON is posted ('traillake help json'), signed if there is
                        a --webhook-secret
  sns:ARN               an SNS topic; needs the permission sns:Publish

A REF is env:NAME or file:PATH: secrets are not kept in the lake, but looked up by the
machine that sends. --notify-when changed, the default, tells of a report when a verdict
is not that of the report before, or the rows of findings are not, or the gaps: the kinds
of gaps, the accounts and regions, and how many log files are modified or missing; the same
gap on other days is no change. What fails for good is always told. A notice that cannot be
sent is tried for nine hours; the report stays.

--require-complete waits until every account that delivered in the week before the period's
end has delivered after it, for --wait-up-to after the due time. Then the report is made all
the same; what is missing is one of its gaps, which no verdict passes over.`

// scheduleAddOptions are the flags of schedule add.
type scheduleAddOptions struct {
	catalog catalogOptions
	d       schedule.Definition
	params  []string
	notify  []string
	notice  schedule.Notice // what the notices share
	secret  string
	wait    spanFlag
	backoff spanFlag
	catchUp string
	when    string
	replace bool
}

func newScheduleAdd(a *app) *cobra.Command {
	o := &scheduleAddOptions{catalog: catalogOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a schedule",
		Long:  scheduleAddLong,
		Example: `  traillake schedule add monthly-cis --cron "0 6 1 * *" --time-zone Europe/Zagreb \
      --report cis-aws-monitoring --period last-month --require-complete --to s3://audit/reports \
      --notify slack:env:SLACK_URL
  traillake schedule add root-use --cron "@daily" --report root-use --period yesterday \
      --to /srv/reports --notify sns:arn:aws:sns:eu-west-1:123456789012:audit`,
		Args: arguments(1, 1, "add which schedule? Give it a name, such as monthly-cis"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.addSchedule(cmd, o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.d.Cron, "cron", "", "when: a cron `expression` of five fields, such as \"0 6 1 * *\"")
	f.StringVar(&o.d.TimeZone, "time-zone", "UTC", "the `zone` of the expression and of the period, such as Europe/Zagreb")
	f.StringVar(&o.d.Report, "report", "", "what: the `name` of a pack or a saved query")
	f.StringArrayVar(&o.params, "param", nil, "value of a parameter of a saved query, `name=value`; may be repeated")
	f.StringVar(&o.d.Store, "store", lake.DefaultStore, "the `name`, id or ARN of the store")
	f.StringVar(&o.d.Period, "period", "last-month", "`period` of the report, relative to the due time")
	f.StringArrayVar(&o.d.To, "to", nil, "a `folder` or s3://BUCKET/PREFIX that the reports go to; may be repeated")
	f.StringArrayVar(&o.notify, "notify", nil, "whom to tell, `kind:where`; may be repeated")
	f.StringVar(&o.when, "notify-when", string(schedule.NoticeChanged), "which reports to tell of: `changed` or always")
	f.StringVar(&o.secret, "webhook-secret", "", "where the key that webhooks are signed with is found, as `env:NAME` or file:PATH")
	f.StringVar(&o.notice.SMTP, "smtp", "", "mail server, as `smtp://HOST:PORT` or smtps://HOST:PORT")
	f.StringVar(&o.notice.From, "mail-from", "", "sender `address` of e-mail")
	f.StringVar(&o.notice.User, "smtp-user", "", "`user` of the mail server, or where it is found")
	f.StringVar(&o.notice.Password, "smtp-password", "", "where the password of the mail server is found, as `env:NAME` or file:PATH")
	f.StringVar(&o.d.Link, "link", "", "`URL` under which people find the first --to, for the link in notices")
	f.BoolVar(&o.d.RequireComplete, "require-complete", false, "wait until all deliveries of the period are there")
	o.wait = spanFlag(schedule.DefaultWait)
	f.Var(&o.wait, "wait-up-to", "how long after the due time to wait for them")
	f.IntVar(&o.d.Attempts, "attempts", schedule.DefaultAttempts, "how `often` to try")
	o.backoff = spanFlag(schedule.DefaultBackoff)
	f.Var(&o.backoff, "backoff", "the pause after the first failure; it doubles after each")
	f.StringVar(&o.catchUp, "catch-up", string(schedule.CatchUpAll), "what becomes of due times that nobody ran: `all` run, or the last does")
	f.IntVar(&o.d.Keep, "keep-history", schedule.DefaultKeep, "how many `runs` the history keeps")
	f.BoolVar(&o.replace, "replace", false, "take the place of the schedule of that name, whose history stays")
	o.catalog.addFlags(f)
	return cmd
}

func (a *app) addSchedule(cmd *cobra.Command, o *scheduleAddOptions, name string) error {
	d, err := o.definition(cmd, name, a.now())
	if err == nil {
		err = d.Validate()
	}
	if err != nil {
		return &usageError{cmd, err}
	}
	set, packs, err := o.catalog.loadPacks()
	if err != nil {
		return err
	}
	plan := (&job.Maker{Queries: set, Packs: packs}).Plan
	_, period, err := plan(d, firstDue(d))
	if err == nil {
		// A cron expression has no last due time: what is the same after years always is.
		if _, later, laterErr := plan(d, firstDue(d).AddDate(10, 0, 0)); laterErr == nil && later.Since.Equal(period.Since) && later.Until.Equal(period.Until) {
			err = fmt.Errorf("--period %s: each due time would report the same; give one that is relative to the due time, such as last-month, or make this report once with 'traillake report run'", d.Period)
		}
	}
	if err != nil {
		if errors.Is(err, queries.ErrNotFound) || errors.Is(err, queries.ErrPackNotFound) {
			return err
		}
		return &usageError{cmd, err}
	}
	return a.withBook(cmd.Context(), func(l *lake.Lake, b *schedule.Book) error {
		if _, err := l.Store(cmd.Context(), d.Store); err != nil {
			return err
		}
		skipped, err := b.Add(cmd.Context(), *d, o.replace)
		if err != nil {
			if errors.Is(err, schedule.ErrExists) {
				return fmt.Errorf("%w; --replace puts this one in its place", err)
			}
			return err
		}
		if skipped != nil {
			a.say("schedule %s: skipped %s that the schedule before has missed; 'traillake schedule history %s' keeps that\n", d.Name, skippedText(*skipped), d.Name)
		}
		if err := a.sayNextDue(cmd.Context(), b, d, ""); err != nil {
			return err
		}
		a.say("It will report %s to %s (not included), to %s\n", period.Since.Format("2006-01-02 15:04"), period.Until.Format("2006-01-02 15:04 UTC"),
			strings.Join(d.To, " and "))
		a.say("Something has to call 'traillake schedule run' every few minutes; 'traillake schedule run --help' shows how.\n")
		return nil
	})
}

func firstDue(d *schedule.Definition) time.Time {
	times, err := schedule.ParseTimes(d.Cron, d.TimeZone)
	if err != nil {
		return d.From // Plan says what is wrong
	}
	return times.Next(d.From)
}

// definition makes the definition out of the flags.
func (o *scheduleAddOptions) definition(cmd *cobra.Command, name string, now time.Time) (*schedule.Definition, error) {
	d := o.d
	d.Name, d.From = name, now.UTC()
	d.Backoff, d.CatchUp = schedule.Duration(o.backoff), schedule.CatchUp(o.catchUp)
	if d.RequireComplete {
		d.WaitUpTo = schedule.Duration(o.wait)
	} else if cmd.Flags().Changed("wait-up-to") {
		return nil, errors.New("--wait-up-to is for --require-complete")
	}
	var err error
	if d.Params, err = reportParams(o.params); err != nil {
		return nil, err
	}
	d.To = slices.Clone(d.To)
	for i, to := range d.To {
		if to != "" && !strings.Contains(to, "://") { // whoever runs it may be elsewhere
			if d.To[i], err = filepath.Abs(to); err != nil {
				return nil, err
			}
		} else if to != "" && !onS3(to) {
			return nil, fmt.Errorf("--to %s: it is a folder or s3://BUCKET/PREFIX", to)
		} else if err := deliver.Check(to); err != nil {
			return nil, fmt.Errorf("--to: %w", err)
		}
	}
	webhook, mail := false, false
	for _, text := range o.notify {
		kind, to, ok := strings.Cut(text, ":")
		if !ok || to == "" {
			return nil, fmt.Errorf("--notify: it is email:ADDRESS, slack:REF, webhook:URL or sns:ARN")
		}
		n := schedule.Notice{Kind: schedule.NoticeKind(kind), To: to, When: schedule.NoticeWhen(o.when)}
		switch n.Kind {
		case schedule.NoticeWebhook:
			n.Secret, webhook = o.secret, true
		case schedule.NoticeEmail:
			n.SMTP, n.From, n.User, n.Password, mail = o.notice.SMTP, o.notice.From, o.notice.User, o.notice.Password, true
		}
		for _, ref := range []*string{&n.To, &n.Secret, &n.User, &n.Password} {
			if *ref, err = wholeReference(*ref); err != nil {
				return nil, err
			}
		}
		d.Notices = append(d.Notices, n)
	}
	if o.secret != "" && !webhook {
		return nil, errors.New("--webhook-secret is for --notify webhook:…")
	}
	if o.notice != (schedule.Notice{}) && !mail {
		return nil, errors.New("--smtp, --smtp-user, --smtp-password and --mail-from are for --notify email:…")
	}
	d.Normalize()
	return &d, nil
}

// wholeReference makes the file of a reference file:PATH absolute: whoever runs the schedule may
// be elsewhere. Other values stay.
func wholeReference(value string) (string, error) {
	path, ok := strings.CutPrefix(value, "file:")
	if !ok || path == "" {
		return value, nil
	}
	path, err := filepath.Abs(path)
	return "file:" + path, err
}
