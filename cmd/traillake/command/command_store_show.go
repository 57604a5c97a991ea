package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/lake"
	"traillake/schema"
)

// storeFacts is what store show prints as JSON; 'traillake help json' documents it.
type storeFacts struct {
	Name          string    `json:"name"`
	ID            string    `json:"id"`
	ARN           string    `json:"arn"`
	Lake          string    `json:"lake"`
	Created       time.Time `json:"created"`
	RetentionDays int       `json:"retentionDays"`
	// TerminationProtection, LegalHold and HistoryDays: see lake.Settings.
	TerminationProtection bool `json:"terminationProtection"`
	LegalHold             bool `json:"legalHold"`
	HistoryDays           int  `json:"historyDays"`
	// Selectors are as in CloudTrail's API; absent when every event is taken.
	Selectors   json.RawMessage `json:"advancedEventSelectors,omitempty"`
	Deleted     *time.Time      `json:"deleted,omitempty"`
	Region      string          `json:"region"`
	Account     string          `json:"account"`
	Events      int64           `json:"events"`
	Bytes       int64           `json:"bytes"`
	Files       int64           `json:"files"`
	FirstEvent  *time.Time      `json:"firstEvent,omitempty"`
	LastEvent   *time.Time      `json:"lastEvent,omitempty"`
	Objects     int64           `json:"objects"`
	Quarantined int64           `json:"quarantined"`
	Commits     int64           `json:"commits"`
	LastCommit  time.Time       `json:"lastCommit"`
	Snapshot    int64           `json:"snapshot"`
}

// storeShowOptions are the flags of store show.
type storeShowOptions struct {
	app     *app
	columns bool
	output  outputOptions
}

func newStoreShow(a *app) *cobra.Command {
	o := &storeShowOptions{app: a}
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show what a store holds, or its columns",
		Long: `Show a store's settings and what it holds: events, range of eventTime, size, how many
records are in quarantine. NAME may also be the id or the ARN.

With --columns, show the columns instead: name, SQL type, the version of the record
format that brought it, and what it means. Columns marked hidden are no part of
SELECT * and can be named. --format and -o take the columns in every form; without
--columns there is text for people or, with --format json, JSON.`,
		Example: `  traillake store show events
  traillake store show events --columns
  traillake store show events --columns --format markdown
  traillake store show events --format json`,
		Args: arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !o.columns && (o.output.file != "" || o.output.format.given && o.output.format.format != encode.JSON) {
				return usagef(cmd, "a store's facts are printed as text or, with --format json, as JSON; other formats and -o are for --columns")
			}
			return a.withStore(cmd.Context(), args[0], func(l *lake.Lake, s *lake.Store) error {
				if o.columns {
					return o.showColumns(cmd.Context())
				}
				return o.show(cmd.Context(), l, s)
			})
		},
	}
	cmd.Flags().BoolVar(&o.columns, "columns", false, "show the columns and what they mean")
	o.output.addFlags(cmd.Flags())
	cmd.Flags().Lookup("format").Usage = "`format`: json; with --columns also " + strings.Join(otherFormats(encode.JSON), ", ") + " (default: text)"
	cmd.Flags().Lookup("output").Usage = "with --columns: write them to this `file`; its ending chooses the format"
	return cmd
}

// otherFormats are the names of all formats but one.
func otherFormats(than encode.Format) []string {
	return slices.DeleteFunc(slices.Clone(encode.Names()), func(name string) bool { return name == than.String() })
}

func (o *storeShowOptions) show(ctx context.Context, l *lake.Lake, s *lake.Store) error {
	f, err := factsOf(ctx, l, s)
	if err != nil {
		return err
	}
	if o.output.format.given {
		enc := o.app.jsonEncoder()
		enc.SetIndent("", "  ")
		return enc.Encode(f)
	}
	pr := printer{people: isTerminal(o.app.stdout)}
	day := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return t.Format("2006-01-02 15:04:05")
	}
	var b strings.Builder
	for _, line := range []struct{ name, value string }{
		{"name", f.Name}, {"id", f.ID}, {"ARN", f.ARN}, {"lake", f.Lake}, {"created", day(&f.Created)},
		{"retention", fmt.Sprintf("%d days", f.RetentionDays)}, {"history", fmt.Sprintf("%d days", f.HistoryDays)},
		{"protected", yesNo(f.TerminationProtection, "from deletion")}, {"legal hold", yesNo(f.LegalHold, "nothing is removed")},
		{"selectors", cmp.Or(string(f.Selectors), "none, every event is taken")},
		{"events", pr.count(f.Events)}, {"first event", day(f.FirstEvent)}, {"last event", day(f.LastEvent)},
		{"data files", pr.count(f.Files) + ", " + pr.bytes(f.Bytes)}, {"objects", pr.count(f.Objects) + " ingested"},
		{"quarantined", pr.count(f.Quarantined)}, {"commits", pr.count(f.Commits) + ", the last " + day(&f.LastCommit)},
		{"snapshot", fmt.Sprint(f.Snapshot)},
	} {
		fmt.Fprintf(&b, "%-13s%s\n", line.name, line.value)
	}
	if f.Deleted != nil {
		fmt.Fprintf(&b, "\nDeleted on %s. 'traillake store restore %s' brings it back until %s.\n",
			day(f.Deleted), f.Name, f.Deleted.AddDate(0, 0, lake.DeletionDays).Format(time.DateOnly))
	}
	if f.Quarantined > 0 {
		fmt.Fprintf(&b, "\n'traillake store quarantine %s' shows what is in quarantine and why.\n", f.Name)
	}
	_, err = io.WriteString(o.app.stdout, b.String())
	return err
}

// yesNo is a setting that is on or off, and what on means.
func yesNo(on bool, meaning string) string {
	if on {
		return "yes, " + meaning
	}
	return "no"
}

func factsOf(ctx context.Context, l *lake.Lake, s *lake.Store) (*storeFacts, error) {
	sn, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	files, err := sn.Files(ctx, lake.TimeRange{})
	if err != nil {
		return nil, err
	}
	ledger, err := s.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	c := s.Config()
	set, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	deleted, err := s.Deleted(ctx)
	if err != nil {
		return nil, err
	}
	f := &storeFacts{
		Name: s.Name(), ID: s.ID(), ARN: s.ARN(), Lake: l.Root(), Created: s.Created(), RetentionDays: c.RetentionDays,
		TerminationProtection: set.TerminationProtection, LegalHold: set.LegalHold, HistoryDays: set.HistoryDays, Selectors: json.RawMessage(set.Selectors),
		Region: c.Region, Account: c.AccountID, Events: sn.Rows(), Bytes: sn.Bytes(), Files: sn.FileCount(),
		Objects: ledger.Len(), Quarantined: sn.Quarantined(), Commits: sn.Seq(), LastCommit: sn.Time(), Snapshot: sn.ID(),
	}
	if !deleted.IsZero() {
		f.Deleted = &deleted
	}
	for _, file := range files {
		first, last := time.UnixMicro(file.MinTime).UTC(), time.UnixMicro(file.MaxTime).UTC()
		if f.FirstEvent == nil || first.Before(*f.FirstEvent) {
			f.FirstEvent = &first
		}
		if f.LastEvent == nil || last.After(*f.LastEvent) {
			f.LastEvent = &last
		}
	}
	return f, nil
}

// showColumns prints the documentation of the columns.
func (o *storeShowOptions) showColumns(ctx context.Context) error {
	if o.output.format.given || o.output.file != "" || !isTerminal(o.app.stdout) {
		rows := newListing(column{"name", ""}, column{"type", ""}, column{"since", ""}, column{"hidden", false}, column{"doc", ""})
		eachColumn(func(path string, c schema.Column, hidden bool) {
			rows.add(path, c.Type(), orNull(c.Since), hidden, c.Doc)
		})
		return o.app.write(ctx, &o.output, rows)
	}
	var b strings.Builder
	w := textWidth(o.app)
	eachColumn(func(path string, c schema.Column, hidden bool) {
		fmt.Fprintf(&b, "%s  %s", path, shortType(c))
		if c.Since != "" {
			fmt.Fprintf(&b, "  since %s", c.Since)
		}
		if hidden {
			b.WriteString("  hidden")
		}
		b.WriteString("\n" + wrap(c.Doc, "    ", w))
	})
	_, err := io.WriteString(o.app.stdout, b.String())
	return err
}

// shortType leaves out the members of a row, which have lines of their own.
func shortType(c schema.Column) string {
	switch c.Kind {
	case schema.KindStruct:
		return "row"
	case schema.KindList:
		return "array(row)"
	default:
		return c.Type()
	}
}

// eachColumn calls f with every column that SQL can name, and the members of each.
// Members that are no part of a column's SQL type are left out.
func eachColumn(f func(path string, c schema.Column, hidden bool)) {
	var walk func(prefix string, cols []schema.Column, hidden bool)
	walk = func(prefix string, cols []schema.Column, hidden bool) {
		for _, c := range cols {
			if prefix != "" && c.Hidden {
				continue
			}
			f(prefix+c.Name, c, hidden)
			walk(prefix+c.Name+".", c.Members, hidden)
		}
	}
	walk("", schema.Visible(), false)
	walk("", schema.Reachable(), true)
}
