package command

import (
	"context"
	"errors"
	"fmt"
	"os"
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
		newSchedulePause(a), newScheduleResume(a), newScheduleRemove(a))
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
				a.say("schedule %s runs again; next due %s\n", args[0], nextDue(d, a.now()))
				return nil
			})
		},
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

// nextDue writes when a schedule is due next, in its zone and in UTC.
func nextDue(d *schedule.Definition, now time.Time) string {
	times, err := schedule.ParseTimes(d.Cron, d.TimeZone)
	if err != nil {
		return "never: " + err.Error()
	}
	if d.From.After(now) {
		now = d.From
	}
	return dueText(times, times.Next(now))
}

func dueText(times *schedule.Times, at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	text := at.In(times.Zone()).Format("Mon 2006-01-02 15:04 MST")
	if zone, offset := at.In(times.Zone()).Zone(); offset != 0 || zone != "UTC" {
		text += at.UTC().Format(" (2006-01-02 15:04 UTC)")
	}
	return text
}
