package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"traillake/lake"
	"traillake/queries/coverage"
)

const coverageLong = `Show what a store holds of which account, region and day: objects, records, events, what
selectors left out and what is in quarantine, the first and last event, how long deliveries
took, and days without a delivery between days with some, which ask for an explanation.

Accounts, regions and days are those of the log files' names: a day is the day of delivery,
in UTC. Files whose names do not tell have empty cells.

  objects, bytes        log files that were ingested, as delivered
  records               read from them = stored + filtered + quarantined
  events                in the store now: those stored, less what retention has removed
  days, missing_days    with a delivery, and without one between them; counted for
                        each account and region alone
  mean_delay_seconds,   from an event to its delivery, for files whose names
  max_delay_seconds     tell the minute of delivery
  verified, failed      log files that are, and are not, what CloudTrail's digests
                        say (ingest --verify-digests); of the unverified nothing is known
  missing_logs          log files that digests name and that were not there when an ingest
                        with --verify-digests looked for them
  missing_digests       digests that the next ones name and that were not there, or not
                        valid: log files of theirs may be missing without a trace;
                        --missing-logs lists both
  repeated              log files that the store had before, from another place or with
                        other content: the events of both are in it`

func newCoverage(a *app) *cobra.Command {
	out := &outputOptions{}
	var store, by string
	var heat, missing bool
	cmd := &cobra.Command{
		Use:   "coverage",
		Short: "Show which accounts, regions and days there are, and which are missing",
		Long:  coverageLong,
		Example: `  traillake coverage
  traillake coverage --by account,region,day --format csv
  traillake coverage --by day --format json
  traillake coverage --heat-map
  traillake coverage --missing-logs`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			apart, err := parseBy(by)
			if err != nil {
				return &usageError{cmd, err}
			}
			if heat {
				if out.given() {
					return usagef(cmd, "--heat-map draws on the terminal; leave out --format and -o")
				}
				apart.Day = true
				if !cmd.Flags().Changed("by") {
					apart.Account, apart.Region = true, true
				}
			}
			if missing {
				if heat || cmd.Flags().Changed("by") {
					return usagef(cmd, "--missing-logs lists logs; leave out --heat-map and --by")
				}
				return a.missingLogs(cmd.Context(), store, out)
			}
			return a.coverage(cmd.Context(), store, apart, heat, out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&store, "store", lake.DefaultStore, "the `name`, id or ARN of the store")
	f.StringVar(&by, "by", "account,region", "what to tell apart: `columns` out of account, region, day; empty for one row")
	allowEmpty(f, "by")
	f.BoolVar(&missing, "missing-logs", false, "list the files of missing_logs and missing_digests")
	f.BoolVar(&heat, "heat-map", false, "draw the days as a map of shades")
	out.addFlags(f)
	return cmd
}

// missingLogs lists the logs and digests that digests name and that have not come.
func (a *app) missingLogs(ctx context.Context, store string, out *outputOptions) (err error) {
	l, err := a.openLake(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s, err := l.Store(ctx, store)
	if err != nil {
		return err
	}
	sn, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	missing, err := sn.Deliveries(ctx, func(lake.ObjectEntry) error { return nil })
	if err != nil {
		return err
	}
	logs := missing.Logs
	for _, d := range missing.Digests {
		logs = append(logs, lake.MissingLog(d))
	}
	slices.SortFunc(logs, func(a, b lake.MissingLog) int {
		return cmp.Or(strings.Compare(a.Bucket, b.Bucket), strings.Compare(a.Key, b.Key))
	})
	list := newListing(column{"log", ""}, column{"digest", ""})
	for _, m := range logs {
		log := m.Key
		if m.Bucket != "" {
			log = "s3://" + m.Bucket + "/" + m.Key
		}
		list.add(log, m.Digest)
	}
	return a.write(ctx, out, list)
}

func parseBy(text string) (by coverage.By, err error) {
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch name {
		case "account":
			by.Account = true
		case "region":
			by.Region = true
		case "day":
			by.Day = true
		default:
			return by, fmt.Errorf("--by %s: %q is none of account, region, day", text, name)
		}
	}
	return by, nil
}

func (a *app) coverage(ctx context.Context, store string, by coverage.By, heat bool, out *outputOptions) (err error) {
	l, e, err := a.openEngine(ctx, store, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s, err := l.Store(ctx, store)
	if err != nil {
		return err
	}
	rows, err := coverage.Of(ctx, e, s, by)
	if err != nil {
		return err
	}
	if heat {
		mark := a.red
		if !isTerminal(a.stdout) {
			mark = nil
		}
		_, err := io.WriteString(a.stdout, coverage.HeatMap(rows, cmp.Or(width(a.stdout), textWidth(a)), mark))
		return err
	}
	return a.write(ctx, out, coverageListing(rows, by))
}

// coverageListing has a column for each thing told apart, and days as text.
func coverageListing(rows []coverage.Row, by coverage.By) *listing {
	var columns []column
	for _, c := range []struct {
		name string
		is   bool
	}{{"account", by.Account}, {"region", by.Region}, {"day", by.Day}} {
		if c.is {
			columns = append(columns, column{c.name, ""})
		}
	}
	for _, name := range []string{"objects", "bytes", "records", "events", "filtered", "quarantined"} {
		columns = append(columns, column{name, int64(0)})
	}
	columns = append(columns, column{"first_event", utcTime}, column{"last_event", utcTime},
		column{"days", int64(0)}, column{"missing_days", int64(0)}, column{"mean_delay_seconds", int64(0)}, column{"max_delay_seconds", int64(0)},
		column{"verified", int64(0)}, column{"unverified", int64(0)}, column{"failed", int64(0)}, column{"missing_logs", int64(0)},
		column{"missing_digests", int64(0)}, column{"repeated", int64(0)})
	list := newListing(columns...)
	list.minor = []string{"objects", "bytes", "records", "filtered", "first_event", "last_event", "days", "mean_delay_seconds", "max_delay_seconds",
		"verified", "unverified"}
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	for _, r := range rows {
		var cells []any
		if by.Account {
			cells = append(cells, text(r.Account))
		}
		if by.Region {
			cells = append(cells, text(r.Region))
		}
		if by.Day {
			day := ""
			if !r.Day.IsZero() {
				day = r.Day.Format("2006-01-02")
			}
			cells = append(cells, text(day))
		}
		cells = append(cells, r.Objects, r.Bytes, r.Records, r.Events, r.Filtered, r.Quarantined, r.FirstEvent, r.LastEvent, r.Days, r.MissingDays)
		if r.Timed > 0 {
			cells = append(cells, int64(r.MeanDelay), int64(r.MaxDelay))
		} else {
			cells = append(cells, nil, nil)
		}
		cells = append(cells, r.Verified, r.Unverified, r.Failed, r.MissingLogs, r.MissingDigests, r.Repeated)
		list.add(cells...)
	}
	return list
}
