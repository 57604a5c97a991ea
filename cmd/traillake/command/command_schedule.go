package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones for machines that have none, such as small containers

	"github.com/spf13/cobra"

	"traillake/lake"
	"traillake/schedule"
	"traillake/schedule/job"
	"traillake/schedule/notify"
)

const scheduleLong = `A schedule makes a report whenever it is due, puts it into folders or onto S3, and tells
people. Schedules live in the lake: any machine that opens it can run them.

'traillake schedule run' runs what is due and exits, and is called every few minutes by
cron, a systemd timer or a Kubernetes CronJob; with --watch it stays. However many run at
once, each due time gets one report. What was missed is made up for. An attempt that fails
is made again, by default four times, after 5, 10, 20 and 40 minutes.`

func newSchedule(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Reports that are made by themselves",
		Long:  scheduleLong,
		Example: `  traillake schedule add monthly-cis --cron "0 6 1 * *" --time-zone Europe/Zagreb \
      --report cis-aws-monitoring --period last-month --to /srv/reports \
      --notify email:audit@example.org --smtp smtp://mail.example.org --mail-from robot@example.org
  traillake schedule run
  traillake schedule history monthly-cis`,
		Args: onlySubcommands,
		RunE: showHelp,
	}
	cmd.AddCommand(newScheduleAdd(a), newScheduleList(a), newScheduleShow(a), newScheduleRun(a), newScheduleHistory(a),
		newSchedulePause(a), newScheduleResume(a), newScheduleReset(a), newScheduleRemove(a))
	return cmd
}

const whichSchedule = "which schedule? 'traillake schedule list' lists them"

// withBook opens the lake and calls f with its schedules.
func (a *app) withBook(ctx context.Context, f func(*lake.Lake, *schedule.Book) error) (err error) {
	l, err := a.openLake(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return f(l, schedule.NewBook(l))
}

// runner makes what runs the schedules of a lake on this machine.
func (a *app) runner(m *job.Maker) *schedule.Runner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	send := &notify.Sender{Getenv: a.getenv, AWS: a.aws, Agent: "traillake/" + version()}
	return &schedule.Runner{
		Book: schedule.NewBook(m.Lake), Name: fmt.Sprintf("%s:%d", host, os.Getpid()), Clock: scheduleClock{schedule.System, a.now},
		Make: m.Make, Send: send.Send,
	}
}

// scheduleClock is the system's, with the time of the app.
type scheduleClock struct {
	schedule.Clock
	now func() time.Time
}

// Now implements schedule.Clock.
func (c scheduleClock) Now() time.Time { return c.now() }

func newSchedulePause(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "pause NAME",
		Short:   "Keep a schedule from running",
		Long:    "Keep a schedule from running until it is resumed. What falls due meanwhile is not made\nup for; what was due before goes on when the schedule is resumed.",
		Example: "  traillake schedule pause monthly-cis",
		Args:    arguments(1, 1, whichSchedule),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBook(cmd.Context(), func(_ *lake.Lake, b *schedule.Book) error {
				if err := b.Pause(cmd.Context(), args[0], a.now()); err != nil {
					return err
				}
				a.say("schedule %s is paused; 'traillake schedule resume %s' lets it run again\n", args[0], args[0])
				return nil
			})
		},
	}
}

func newScheduleResume(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "resume NAME",
		Short:   "Let a paused schedule run again",
		Long:    "Let a paused schedule run again. What fell due while it was paused is not made up for.",
		Example: "  traillake schedule resume monthly-cis",
		Args:    arguments(1, 1, whichSchedule),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBook(cmd.Context(), func(_ *lake.Lake, b *schedule.Book) error {
				if err := b.Resume(cmd.Context(), args[0], a.now()); err != nil {
					return err
				}
				d, err := b.Schedule(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.sayNextDue(cmd.Context(), b, d, "runs again; ")
			})
		},
	}
}

func newScheduleReset(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reset NAME",
		Short: "Put a schedule back to now, after a clock was wrong",
		Long: `Put a schedule back to now. Where 'traillake schedule run' was called, or a schedule was
added or resumed, while a clock was ahead, due times that are still to come count as done, or
as not asked for. This takes that back, once the clock of this machine is right again: they
are run when they come. What was run of them already stays in the history, as void, and its
reports stay where they are. Move these away, since reports are not written over: a run that
finds one at its place fails. A schedule for which no clock was ahead stays as it is.`,
		Example: "  traillake schedule reset monthly-cis",
		Args:    arguments(1, 1, whichSchedule),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withBook(ctx, func(_ *lake.Lake, b *schedule.Book) error {
				now := a.now()
				void, ahead, err := b.Reset(ctx, args[0], now)
				if err != nil {
					return err
				}
				d, err := b.Schedule(ctx, args[0])
				if err != nil {
					return err
				}
				a.sayVoid(d, void, now)
				what := "stays as it is, as no clock was ahead; "
				if ahead {
					what = "is put back to " + timeText(now) + "; "
				}
				return a.sayNextDue(ctx, b, d, what)
			})
		},
	}
}

// sayVoid tells of the runs that a reset took out of account, and what is left to be done.
func (a *app) sayVoid(d *schedule.Definition, void []schedule.Run, now time.Time) {
	if len(void) == 0 {
		return
	}
	p := printer{people: true}
	a.say("schedule %s: %s not count, for due times to come; 'traillake schedule history %s' keeps them as void\n",
		d.Name, p.things(int64(len(void)), "run does", "runs do"), d.Name)
	if slices.ContainsFunc(void, func(r schedule.Run) bool { return len(r.Attempts) > 0 }) {
		var places []string
		for _, to := range d.To {
			places = append(places, d.Place(to))
		}
		a.say("Move the reports of due times after %s away from %s: nothing is written over them, and the runs of those times would fail.\n",
			timeText(now), strings.Join(places, " and "))
	}
}

func newScheduleRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "Remove a schedule and its history",
		Long:    "Remove a schedule and its history. Its reports stay where they are.",
		Example: "  traillake schedule remove monthly-cis",
		Args:    arguments(1, 1, whichSchedule),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBook(cmd.Context(), func(_ *lake.Lake, b *schedule.Book) error {
				if err := b.Remove(cmd.Context(), args[0], a.now()); err != nil {
					return err
				}
				a.say("schedule %s is removed; its reports stay\n", args[0])
				return nil
			})
		},
	}
}

// sayNextDue tells when a schedule is due next, after what has become of it.
func (a *app) sayNextDue(ctx context.Context, b *schedule.Book, d *schedule.Definition, what string) error {
	o, err := b.Outlook(ctx, d, a.now(), 1)
	if err != nil {
		return err
	}
	next := "never"
	if d.Paused() {
		next = "once it is resumed"
	} else if len(o.Due) > 0 {
		next = dueText(d, o.Due[0])
	}
	a.say("schedule %s: %snext due %s\n", d.Name, what, next)
	a.sayAhead(d, o)
	return nil
}

// aheadHint says what to do about schedule.ErrAhead.
const aheadHint = "Due times before that are not run. Set the clock of this machine if it is wrong; if it is right, 'traillake schedule reset NAME' takes back what a wrong one has recorded."

// sayAhead warns of a schedule that a wrong clock keeps from running.
func (a *app) sayAhead(d *schedule.Definition, o schedule.Outlook) {
	if o.Ahead != nil {
		a.say("%s schedule %s: %v\n%s\n", a.red("warning:"), d.Name, o.Ahead, aheadHint)
	}
}

// dueText writes a due time in the schedule's zone and in UTC.
func dueText(d *schedule.Definition, at time.Time) string {
	loc, err := time.LoadLocation(d.TimeZone)
	if err != nil { // which Outlook told
		loc = time.UTC
	}
	text := at.In(loc).Format("Mon 2006-01-02 15:04 MST")
	if zone, offset := at.In(loc).Zone(); offset != 0 || zone != "UTC" {
		text += at.UTC().Format(" (2006-01-02 15:04 UTC)")
	}
	return text
}
