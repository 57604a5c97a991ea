package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"traillake/lake"
	"traillake/schedule"
)

func newScheduleList(a *app) *cobra.Command {
	out := &outputOptions{}
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the schedules",
		Long:    "List the schedules: when each is due next, given what was run, and what became of the last\ndue time that has come.",
		Example: "  traillake schedule list\n  traillake schedule list --format json",
		Args:    arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withBook(ctx, func(_ *lake.Lake, b *schedule.Book) error {
				now := a.now()
				all, err := b.Schedules(ctx)
				if err != nil {
					return err
				}
				rows := newListing(column{"name", ""}, column{"state", ""}, column{"cron", ""}, column{"timeZone", ""}, column{"report", ""},
					column{"period", ""}, column{"nextDue", utcTime}, column{"lastDue", utcTime}, column{"lastOutcome", ""})
				for _, d := range all {
					state, next := "active", any(nil)
					o, err := b.Outlook(ctx, &d, now, 1)
					if err != nil {
						return err
					}
					if d.Paused() {
						state = "paused"
					} else if len(o.Due) > 0 {
						next = o.Due[0]
					}
					a.sayAhead(&d, o)
					run, err := b.LastDue(ctx, d.Name, now)
					if err != nil {
						return err
					}
					last, outcome := any(nil), any(nil)
					if run != nil {
						last, outcome = run.Due, runState(*run, now)
					}
					rows.add(d.Name, state, d.Cron, d.TimeZone, d.Report, d.Period, next, last, outcome)
				}
				return a.write(ctx, out, rows)
			})
		},
	}
	out.addFlags(cmd.Flags())
	return cmd
}

// runState is the state of a run in a word.
func runState(r schedule.Run, now time.Time) string {
	switch {
	case !r.Void.IsZero():
		return "void"
	case r.State != schedule.StateOpen:
		return string(r.State)
	case r.Held(now):
		return "running"
	case r.Waiting != "":
		return "waiting"
	default:
		return "retrying"
	}
}

func newScheduleHistory(a *app) *cobra.Command {
	out, most := &outputOptions{}, 0
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "What became of the due times of a schedule",
		Long: `List the due times of a schedule, the newest first, and what became of each: reported,
failed, skipped (for a later one, with --catch-up last, or since the schedule was replaced
by one with other due times), running, waiting (for data), retrying or void (made by a clock
that was ahead, before 'traillake schedule reset'; it does not count); how many attempts
there were and why the last one failed; where the report is, also if other places do not have
it; and what became of the notices.`,
		Example: "  traillake schedule history monthly-cis\n  traillake schedule history monthly-cis --limit 0 --format json",
		Args:    arguments(1, 1, whichSchedule),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if most < 0 {
				return usagef(cmd, "--limit %d: it is 0, for all, or more", most)
			}
			return a.withBook(ctx, func(_ *lake.Lake, b *schedule.Book) error {
				if _, err := b.Schedule(ctx, args[0]); err != nil {
					return err
				}
				runs, err := b.History(ctx, args[0], most)
				if err != nil {
					return err
				}
				rows := newListing(column{"due", utcTime}, column{"state", ""}, column{"attempts", int64(0)}, column{"made", utcTime}, column{"verdicts", ""},
					column{"changed", false}, column{"snapshot", int64(0)}, column{"report", ""}, column{"notices", ""}, column{"details", ""})
				for _, it := range runs {
					addRun(rows, it.Run, a.now())
					for _, before := range slices.Backward(it.Run.Earlier) {
						addRun(rows, before, a.now())
					}
				}
				return a.write(ctx, out, rows)
			})
		},
	}
	cmd.Flags().IntVar(&most, "limit", 20, "how `many` due times to list; 0 for all")
	out.addFlags(cmd.Flags())
	return cmd
}

func addRun(rows *listing, r schedule.Run, now time.Time) {
	var made, changed, snapshot any
	var notices, details []string
	places := r.Delivered
	if m := r.Made; m != nil {
		made, changed, snapshot, places = m.At, r.Changed, m.Snapshot, m.Locations
		if m.Incomplete != "" {
			details = append(details, untrusted+m.Incomplete)
		}
	}
	if !r.Void.IsZero() {
		details = append(details, "begun by a clock that was ahead, and "+string(r.State)+"; reset "+timeText(r.Void))
	}
	if r.Waiting != "" {
		details = append(details, "waits for data: "+r.Waiting)
	}
	if r.State != schedule.StateReported && r.LastError() != "" {
		details = append(details, r.LastError())
	}
	if r.State == schedule.StateOpen && !r.Next.IsZero() {
		details = append(details, "next attempt "+timeText(r.Next))
	}
	if r.Skipped > 0 {
		details = append(details, skippedText(r))
	}
	for _, s := range r.Sent {
		text := noticeText(s.Notice) + " " + string(s.State)
		if s.Error != "" {
			text += fmt.Sprintf(" (%d tries: %s)", s.Tries, s.Error)
		}
		notices = append(notices, text)
	}
	rows.add(r.Due, runState(r, now), int64(len(r.Attempts)), made, orNull(madeText(r.Made)), changed, snapshot,
		orNull(strings.Join(places, " ")), orNull(strings.Join(notices, "; ")), orNull(strings.Join(details, "; ")))
}

// skippedText says which due times a skipped run stands for.
func skippedText(r schedule.Run) string {
	if r.Skipped == 1 {
		return "1 due time, " + timeText(r.Due)
	}
	return fmt.Sprintf("%d due times, %s to %s", r.Skipped, timeText(r.SkippedFrom), timeText(r.Due))
}

func newScheduleShow(a *app) *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:     "show NAME",
		Short:   "Show a schedule, and when it is due",
		Long:    "Show a schedule, where its reports go and whom they are told, and its next due times, given\nwhat was run. As JSON it is the definition, and nextDue.",
		Example: "  traillake schedule show monthly-cis\n  traillake schedule show monthly-cis --format json",
		Args:    arguments(1, 1, whichSchedule),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usagef(cmd, "--format %s: a schedule is shown as text or json", format)
			}
			return a.withBook(cmd.Context(), func(_ *lake.Lake, b *schedule.Book) error {
				d, err := b.Schedule(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				o, err := b.Outlook(cmd.Context(), d, a.now(), shownDues)
				if err != nil {
					return err
				}
				a.sayAhead(d, o)
				if format == "json" {
					enc := a.jsonEncoder()
					enc.SetEscapeHTML(false)
					enc.SetIndent("", "  ")
					return enc.Encode(shownSchedule(d, o))
				}
				_, err = fmt.Fprint(a.stdout, describeSchedule(d, o))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`format`: text or json")
	return cmd
}

// shownSchedule is a schedule as show prints it as JSON: its definition, and when it is due next,
// null for never and where it is paused.
func shownSchedule(d *schedule.Definition, o schedule.Outlook) any {
	shown := struct {
		*schedule.Definition
		NextDue *time.Time `json:"nextDue"`
	}{Definition: d}
	if len(o.Due) > 0 {
		shown.NextDue = &o.Due[0]
	}
	return shown
}

// shownDues is how many due times show lists.
const shownDues = 5

// describeSchedule writes a schedule for people.
func describeSchedule(d *schedule.Definition, o schedule.Outlook) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s%s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(&b, d.Name)
	line("report", "%s%s", d.Report, paramsText(d.Params))
	line("store", "%s", d.Store)
	line("period", "%s", d.Period)
	line("cron", "%s (%s)", d.Cron, d.TimeZone)
	for _, to := range d.To {
		line("to", "%s", to)
	}
	for _, n := range d.Notices {
		line("notify", "%s, %s", noticeText(n), map[schedule.NoticeWhen]string{schedule.NoticeAlways: "always", schedule.NoticeChanged: "when findings or gaps change"}[n.When])
		if n.SMTP != "" {
			line("", "by %s from %s", n.SMTP, n.From)
		}
		if n.User != "" {
			line("", "as the user %s, password from %s", n.User, n.Password)
		}
		if n.Secret != "" {
			line("", "signed with the key from %s", n.Secret)
		}
	}
	if d.RequireComplete {
		line("waits", "for all deliveries of the period, up to %s", time.Duration(d.WaitUpTo))
	}
	line("attempts", "%d, the second %s after the first", d.Attempts, time.Duration(d.Backoff))
	line("catch-up", "%s", d.CatchUp)
	if d.Paused() {
		line("paused", "since %s", timeText(d.Pauses[len(d.Pauses)-1].Since))
		return b.String()
	}
	for i, at := range o.Due {
		line(map[bool]string{true: "due"}[i == 0], "%s", dueText(d, at))
	}
	return b.String()
}
