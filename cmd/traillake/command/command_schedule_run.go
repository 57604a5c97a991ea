package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/engine/encode"
	"traillake/queries/report/folder"
	"traillake/schedule"
	"traillake/schedule/job"
)

const scheduleRunLong = `Run all schedules, or those that are named: make the reports that are due, try again what
failed, send the notices that are left, and exit. Call it every few minutes:

  cron         */5 * * * *  traillake --lake /srv/lake schedule run
  systemd      a timer with OnCalendar=*:0/5
  Kubernetes   a CronJob with schedule "*/5 * * * *" and concurrencyPolicy Forbid

Reports are signed if there is a key ('traillake report key init'); all machines that run
schedules need the same. Where there is no HOME, as in a system service, name it by --key or
TRAILLAKE_REPORT_KEY. Two runners at the same time do no harm. With --watch the command stays
until it is told to end, and then exits with 0.

The exit code is 0 where nothing was due, where all that was due was made, and where a run
waits for data; 1 where a run or a notice failed, be it for good or to be tried again. What
reports found does not change it: notices tell, and 'traillake schedule history'.

What is due is what the clock of this machine says. A clock that is ahead has reports made too
early, whose due times then count as done. It cannot be told from a lake that nobody looked
after for long. A run with the right clock tells it by what is recorded more than an hour
ahead: it says so, runs the other schedules, and exits with 1, with --watch at its end if it
is still so. Then 'traillake schedule reset NAME' puts a schedule back to now.`

// scheduleRunOptions are the flags of schedule run.
type scheduleRunOptions struct {
	catalog   catalogOptions
	out       outputOptions
	watch     bool
	dryRun    bool
	key       string
	timeout   time.Duration
	maxMemory size
}

func (o *scheduleRunOptions) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.watch, "watch", false, "stay, and run what falls due")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be run now, and run nothing")
	f.StringVar(&o.key, "key", "", keyFileUsage)
	f.DurationVar(&o.timeout, "timeout", 0, "end each query after this `time`, such as 10m (default 1h)")
	f.Var(&o.maxMemory, "max-memory", "the most memory that the queries may use, such as 1GB (default: 512MiB, or a bit less than half of the machine's)")
	o.catalog.addFlags(f)
	o.out.addFlags(f)
}

func newScheduleRun(a *app) *cobra.Command {
	o := &scheduleRunOptions{catalog: catalogOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "run [NAME…]",
		Short: "Run what is due",
		Long:  scheduleRunLong,
		Example: `  traillake schedule run
  traillake schedule run --dry-run
  traillake schedule run --watch`,
		Args: arguments(0, -1, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case o.watch && o.dryRun:
				return usagef(cmd, "--watch and --dry-run exclude each other")
			case o.out.given() && !o.dryRun:
				return usagef(cmd, "--format and -o are for the list of --dry-run; add it, or leave them out")
			case o.timeout < 0:
				return usagef(cmd, "--timeout %s: a time limit is positive", o.timeout)
			}
			return a.runSchedules(cmd, o, args)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (a *app) runSchedules(cmd *cobra.Command, o *scheduleRunOptions, names []string) (err error) {
	ctx := cmd.Context()
	set, packs, err := o.catalog.loadPacks()
	if err != nil {
		return err
	}
	l, e, err := a.openEngine(ctx, "", o.timeout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	key, err := a.signingKey(o.key)
	if err != nil {
		return err
	}
	m := &job.Maker{Lake: l, Folder: folder.Options{Key: key}, Engine: e, Queries: set, Packs: packs, AWS: a.aws, Tool: "traillake " + version(), Timeout: o.timeout, MaxMemory: int64(o.maxMemory)}
	r := a.runner(m)
	if o.dryRun {
		return a.dryRun(ctx, r, m, o, names)
	}
	r.Event = a.sayEvent
	if !o.watch {
		res, err := r.Run(ctx, names...)
		if err == nil && res.Failed() {
			err = errors.New(failures(res))
		}
		return err
	}
	// A name that is wrong is no reason to wait.
	for _, name := range names {
		if _, err := r.Book.Schedule(ctx, name); err != nil {
			return err
		}
	}
	var last error
	said := ""
	r.Watch(ctx, func(_ schedule.Result, err error) {
		text := ""
		last = err
		if err != nil {
			text = err.Error()
			if hint := hintFor(err, a); hint != "" {
				text += "\n" + hint
			}
		}
		if text != said && text != "" { // not every minute again
			a.say("%s %s\n", a.red("error:"), encode.PrintableLines(text))
		}
		said = text
	}, names...)
	if errors.Is(last, schedule.ErrAhead) { // who looks at the exit code is to know
		return last
	}
	return nil
}

// failures says in one line what failed.
func failures(res schedule.Result) string {
	var parts []string
	p := printer{people: true}
	add := func(n int, one, more string) {
		if n > 0 {
			parts = append(parts, p.things(int64(n), one, more))
		}
	}
	add(res.Counts[schedule.EventFailed], "run failed for good", "runs failed for good")
	add(res.Counts[schedule.EventRetry], "attempt failed", "attempts failed")
	add(res.Counts[schedule.EventNoticeFailed], "notice failed for good", "notices failed for good")
	add(res.Counts[schedule.EventNoticeRetry], "notice failed", "notices failed")
	return strings.Join(parts, ", ") + "; 'traillake schedule history NAME' tells more"
}

// sayEvent tells what happened to a run.
func (a *app) sayEvent(e schedule.Event) {
	r := e.Run
	text := ""
	switch e.Kind {
	case schedule.EventReported:
		text = "reported: " + madeText(r.Made) + "; it is in " + strings.Join(r.Made.Locations, " and ")
		if r.Made.Incomplete != "" {
			text += "; " + untrusted + r.Made.Incomplete
		}
	case schedule.EventWaiting:
		text = "waits for data until " + timeText(r.Next) + " or later: " + r.Waiting
	case schedule.EventRetry:
		text = fmt.Sprintf("attempt %d failed, the next is due %s: %s", len(r.Attempts), timeText(r.Next), r.LastError())
	case schedule.EventFailed:
		text = fmt.Sprintf("failed for good after %d attempts: %s", len(r.Attempts), r.LastError())
	case schedule.EventSkipped:
		text = "skipped " + skippedText(r) + ", since a later one is due"
	case schedule.EventTaken:
		text = "another runner has taken it over"
	case schedule.EventNoticeSent:
		text = "told " + noticeText(r.Sent[e.Notice].Notice)
	case schedule.EventNoticeRetry:
		s := r.Sent[e.Notice]
		text = fmt.Sprintf("notice %s was not sent, the next try is due %s: %s", noticeText(s.Notice), timeText(s.Next), s.Error)
	case schedule.EventNoticeFailed:
		s := r.Sent[e.Notice]
		text = fmt.Sprintf("notice %s was not sent, after %d tries: %s", noticeText(s.Notice), s.Tries, s.Error)
	}
	a.say("%s, due %s: %s\n", r.Schedule, timeText(r.Due), encode.PrintableLines(text))
}

// untrusted begins what is told of gaps, whatever their kind.
const untrusted = "data is missing or cannot be trusted: "

func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// madeText counts the verdicts of a report, the worst first.
func madeText(m *schedule.Made) string {
	if m == nil || len(m.Lines) == 0 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(m.Lines[0], "Controls: "), ".")
}

// noticeText names a notice.
func noticeText(n schedule.Notice) string { return string(n.Kind) + ":" + n.To }

// dryRun prints what would be run.
func (a *app) dryRun(ctx context.Context, r *schedule.Runner, m *job.Maker, o *scheduleRunOptions, names []string) error {
	all, err := schedules(ctx, r.Book, names)
	if err != nil {
		return err
	}
	rows := newListing(column{"schedule", ""}, column{"due", utcTime}, column{"what", ""}, column{"attempt", int64(0)}, column{"since", utcTime}, column{"until", utcTime})
	var ahead []error
	for _, d := range all {
		plan, err := r.Due(ctx, &d)
		if err != nil {
			return err
		}
		if plan.Ahead != nil {
			ahead = append(ahead, fmt.Errorf("schedule %s: %w", d.Name, plan.Ahead))
		}
		if plan.Skip != nil {
			s := plan.Skip.Run
			rows.add(d.Name, s.Due, fmt.Sprintf("skip %d due times", s.Skipped), nil, nil, nil)
		}
		for _, it := range plan.Ready {
			what, attempt := "make the report", any(int64(len(it.Run.Attempts)+1))
			if it.Run.State != schedule.StateOpen {
				what, attempt = "send notices", nil
			}
			_, period, err := m.Plan(&d, it.Run.Due)
			if err != nil {
				what += ", which fails: " + err.Error()
			}
			rows.add(d.Name, it.Run.Due, what, attempt, period.Since, period.Until)
		}
	}
	return errors.Join(append(ahead, a.write(ctx, &o.out, rows))...)
}

// schedules returns the named schedules, or all.
func schedules(ctx context.Context, b *schedule.Book, names []string) ([]schedule.Definition, error) {
	if len(names) == 0 {
		return b.Schedules(ctx)
	}
	var all []schedule.Definition
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		d, err := b.Schedule(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, *d)
	}
	return all, nil
}
