package command

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/internal/sign"
	"traillake/queries"
	"traillake/queries/report"
	"traillake/queries/report/folder"
)

const reportLong = `A report runs a pack of saved queries, such as the monitoring controls of a benchmark,
over a period and one snapshot of a store, and says of every control what came out:

  pass       no rows where none are expected, or nothing to review
  evidence   rows where some are expected
  review     rows that somebody has to look at
  incomplete what would be pass or evidence, but data of the period is missing: days
             without events or deliveries, records that could not be read, log
             files that CloudTrail's digests name; or log files are not what it
             delivered, by its digests
  missing    no evidence; or no events in which the queries could find any
  findings   rows where none are expected
  failed     a query did not run; the reason is beside it

'traillake queries packs' lists the packs. A saved query can be run as a report, too.`

func newReport(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Reports: packs of saved queries over a period",
		Long:  reportLong,
		Example: `  traillake report run cis-aws-monitoring --period 2026-10
  traillake report run weekly-review --period last-week --format json`,
		Args: onlySubcommands,
		RunE: showHelp,
	}
	cmd.AddCommand(newReportRun(a), newReportVerify(a), newReportDiff(a), newReportKey(a), newReportSchema(a))
	return cmd
}

const reportRunLong = `Run a pack, or one saved query, over a period and the newest snapshot of a store.

--period is whole days: today, yesterday, this-week, last-week, this-month,
last-month, this-quarter, last-quarter, this-year, last-year, 2026, 2026-Q4, 2026-10,
2026-10-31, or two of these with .. between, such as 2026-10-01..2026-10-31, both
included, or with / where the second is not. --time-zone says whose days these are, such
as Europe/Zagreb. --since and --until are times as for ingest --from: 2026-10-01, 7d. The
default is last month. The period takes the place of the queries' parameters since and
until.

--to DIR leaves the report in a folder of its own, which appears when it is complete. The
same pack, period and snapshot (--snapshot) give the same files, byte for byte, unless a query
of yours calls random(), uuid() or shuffle, samples a table, or takes averages and the like
over a window with ORDER BY in which rows tie. In it are index.html and report.pdf to read,
report.md, report.json, a CSV with all rows of each query, and manifest.json with the SHA-256
of each file, which is signed if there is a key ('report key init').

Rows beyond --max-rows are counted and left out. 'traillake help json' explains the JSON.

The exit code is 1 where a control is failed; else 3 where one is findings, missing or
incomplete; else 0. Where data of the period is missing, a control to review stays one, with
what is missing beside it, and does not change the exit code: somebody reads it in any case.`

// reportOptions are the flags of report run.
type reportOptions struct {
	catalog      catalogOptions
	engine       engineOptions
	period       string
	since, until string
	timeZone     string
	format       string
	formatGiven  bool
	to, key      string
	maxRows      int
	params       []string
}

// Rows that are kept of a result: in a table, people read the first few.
const tableMaxRows = 10

func newReportRun(a *app) *cobra.Command {
	o := &reportOptions{catalog: catalogOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "run {PACK | QUERY}",
		Short: "Run a pack of saved queries, or one of them, over a period",
		Long:  reportRunLong,
		Example: `  traillake report run cis-aws-monitoring --period last-month
  traillake report run weekly-review --period 2026-10-05..2026-10-11
  traillake report run mitre-attack-cloud --since 7d --format json > report.json
  traillake report run pci-dss-10 --period 2026-Q3 --to reports/pci-2026-Q3
  traillake report run root-use --period 2026-10`,
		Args: arguments(1, 1, "run which pack? 'traillake queries packs' lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.formatGiven = cmd.Flags().Changed("format")
			return a.report(cmd, o, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.period, "period", "", "`period` of whole days, such as last-month, 2026-10 or 2026-10-01..2026-10-31 (default: last-month)")
	f.StringVar(&o.since, "since", "", "first `time` of the period, instead of --period")
	f.StringVar(&o.until, "until", "", "`time` at which the period ends, itself not included (default: now)")
	f.StringVar(&o.timeZone, "time-zone", "UTC", "the `zone` whose days --period means, such as Europe/Zagreb")
	f.StringVar(&o.to, "to", "", "leave the report in this `folder`, which must not be there yet, or under s3://BUCKET/PREFIX")
	f.StringVar(&o.key, "key", "", keyFileUsage)
	f.StringVar(&o.format, "format", "table", "`format` of the report: table or json")
	f.IntVar(&o.maxRows, "max-rows", 0, fmt.Sprintf("most `rows` of a query that are shown (default: %d in a table, %d in json)", tableMaxRows, report.DefaultMaxRows))
	f.StringArrayVar(&o.params, "param", nil, "value of a parameter of a single query, `name=value`; may be repeated")
	o.catalog.addFlags(f)
	o.engine.addFlags(f)
	return cmd
}

// report runs a pack and writes what came out.
func (a *app) report(cmd *cobra.Command, o *reportOptions, name string) (err error) {
	config, err := o.config(a)
	if err != nil {
		return &usageError{cmd, err}
	}
	set, packs, err := o.catalog.loadPacks()
	if err != nil {
		return err
	}
	config.Queries = set
	params, err := reportParams(o.params)
	if err != nil {
		return &usageError{cmd, err}
	}
	if config.Pack, err = report.Find(packs, set, name, params); err != nil {
		if errors.Is(err, queries.ErrParameter) {
			return &usageError{cmd, err}
		}
		return err
	}
	var key *sign.Key
	if o.to != "" {
		if key, err = a.signingKey(o.key); err != nil {
			return err
		}
	}
	l, e, err := a.openEngine(cmd.Context(), "", o.engine.timeout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	bar := a.newProgress(false)
	if bar != nil {
		config.Progress = func(n, of int) {
			bar.show(int64(n-1), int64(of), fmt.Sprintf("%d of %d queries", n, of))
		}
	}
	var r *report.Report
	if o.to != "" {
		err = a.leave(cmd.Context(), o.to, folder.ManifestName, func(dir string) error {
			written, err := folder.Write(cmd.Context(), e, config, dir, folder.Options{Key: key})
			if err == nil {
				r = written.Report
			}
			return err
		})
	} else {
		r, err = report.Run(cmd.Context(), e, config)
	}
	bar.end()
	if err != nil {
		return err
	}
	if err := a.writeReport(cmd, o, r, key != nil); err != nil {
		return err
	}
	switch {
	case r.Summary[report.VerdictFailed] > 0:
		return fmt.Errorf("report %s: %s failed", r.Pack.Name, printer{people: true}.things(int64(r.Summary[report.VerdictFailed]), "control", "controls"))
	case r.Summary[report.VerdictFindings]+r.Summary[report.VerdictMissing]+r.Summary[report.VerdictIncomplete] > 0:
		return errFindings
	}
	return nil
}

func (a *app) writeReport(cmd *cobra.Command, o *reportOptions, r *report.Report, signed bool) error {
	if o.to != "" {
		a.say("%s\nthe report lies in %s\n", reportSummary(r), o.to)
		if !signed {
			a.say("it is not signed; 'traillake report key init' makes a key\n")
		}
		return nil
	}
	if o.format == "json" {
		enc := a.jsonEncoder()
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return a.printReport(cmd.Context(), r)
}

// config reads the flags.
func (o *reportOptions) config(a *app) (report.Config, error) {
	c := report.Config{
		Store: o.engine.store, Snapshot: o.engine.snapshot.point, Tool: "traillake " + version(), MaxRows: o.maxRows,
		DistinctEvents: o.engine.distinct, Timeout: o.engine.timeout, MaxMemory: int64(o.engine.maxMemory),
	}
	if o.format = strings.ToLower(o.format); o.format != "table" && o.format != "json" {
		return c, fmt.Errorf("--format %s: a report is written as table or json", o.format)
	}
	if o.to != "" && (o.formatGiven || o.maxRows != 0) {
		return c, errors.New("--to leaves the report in every form, with all rows; leave out --format and --max-rows")
	}
	if o.key != "" && o.to == "" {
		return c, errors.New("--key signs what --to leaves; give both")
	}
	zone, err := time.LoadLocation(o.timeZone)
	if err != nil || o.timeZone == "" || o.timeZone == "Local" {
		return c, fmt.Errorf("--time-zone %s: give a zone as Europe/Zagreb or UTC", o.timeZone)
	}
	if o.maxRows < 0 {
		return c, fmt.Errorf("--max-rows %d: a number of rows is positive", o.maxRows)
	}
	if c.MaxRows == 0 && o.format == "table" && o.to == "" {
		c.MaxRows = tableMaxRows
	}
	if err := o.engine.validate(); err != nil {
		return c, err
	}
	now := a.now()
	switch {
	case o.since != "" && o.timeZone != "UTC":
		return c, errors.New("--time-zone is for the days of --period; --since and --until are times in UTC, or with a zone, such as 2026-10-01T00:00:00+02:00")
	case o.since == "" && o.until != "":
		return c, errors.New("--until without --since; give both, or --period")
	case o.since != "" && o.period != "":
		return c, errors.New("both --period and --since are given; give one")
	case o.since != "":
		if c.Period.Since, err = parseWhen(o.since, now); err != nil {
			return c, fmt.Errorf("--since: %w", err)
		}
		c.Period.Until = now.UTC()
		if o.until != "" {
			if c.Period.Until, err = parseWhen(o.until, now); err != nil {
				return c, fmt.Errorf("--until: %w", err)
			}
		}
		if c.Period.Since.Year() < 2 {
			return c, fmt.Errorf("--since %s: a period begins in the year 2 or later", o.since)
		}
		if !c.Period.Since.Before(c.Period.Until) {
			return c, errors.New("--since is not before --until")
		}
	default:
		if c.Period, err = report.ParsePeriod(cmp.Or(o.period, "last-month"), now, zone); err != nil {
			return c, fmt.Errorf("--period: %w", err)
		}
	}
	return c, nil
}

// reportParams reads the parameters of a single query.
func reportParams(flags []string) (map[string]string, error) {
	params, err := parseParams(flags)
	if err != nil {
		return nil, err
	}
	return given(params)
}

// loadPacks returns the catalogue and the packs, each together with the user's.
func (o *catalogOptions) loadPacks() (*queries.Set, *queries.PackSet, error) {
	set, err := o.load()
	if err != nil {
		return nil, nil, err
	}
	packs := queries.Packs()
	if dir := cmp.Or(o.dir, o.app.getenv(envQueries)); dir != "" {
		own, err := queries.PackDir(dir)
		if err != nil {
			o.app.say("left out, because they are wrong ('traillake queries check %s' checks them):\n%v\n", dir, err)
		}
		packs = packs.Merge(own)
	}
	return set, packs, nil
}

func newQueriesPacks(a *app) *cobra.Command {
	o, out := &catalogOptions{app: a}, &outputOptions{}
	cmd := &cobra.Command{
		Use:   "packs [NAME]",
		Short: "List the packs of saved queries, or show one",
		Long: `List the packs: saved queries grouped as the controls of a framework, with what is
expected of each. With a name, show that pack: every control with its requirement, its
queries, what they give evidence of and what they cannot show.

Packs of your own are .yaml files in the folder packs of your queries' folder. One with
the name of a pack of the catalogue takes its place.`,
		Example: `  traillake queries packs
  traillake queries packs cis-aws-monitoring
  traillake queries packs --format json`,
		Args: arguments(0, 1, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && out.given() {
				return usagef(cmd, "one pack is shown as text; leave out --format and -o, which are for the list")
			}
			_, packs, err := o.loadPacks()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				p, err := packs.Get(args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(a.stdout, describePack(p, textWidth(a)))
				return err
			}
			l := newListing(column{"name", ""}, column{"title", ""}, column{"framework", ""}, column{"version", ""},
				column{"controls", int64(0)}, column{"source", ""})
			for _, p := range packs.All() {
				l.add(p.Name, p.Title, orNull(p.Framework), orNull(p.Version), int64(len(p.Controls)), packSource(p))
			}
			return a.write(cmd.Context(), out, l)
		},
	}
	o.addFlags(cmd.Flags())
	out.addFlags(cmd.Flags())
	return cmd
}

func packSource(p *queries.Pack) string {
	return querySource(&queries.Query{File: p.File, Overrides: p.Overrides})
}

// describePack writes a pack for people.
func describePack(p *queries.Pack, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", p.Name, p.Title)
	if p.Framework != "" {
		fmt.Fprintf(&b, "%s\n", strings.TrimSpace(p.Framework+" "+p.Version))
	}
	fmt.Fprintf(&b, "\n%s", wrap(p.Description, "  ", width))
	if p.Scope != "" {
		fmt.Fprintf(&b, "\nWhat it cannot show:\n%s", wrap(p.Scope, "  ", width))
	}
	section := ""
	for _, c := range p.Controls {
		if c.Section != section {
			section = c.Section
			fmt.Fprintf(&b, "\n%s\n", section)
		}
		fmt.Fprintf(&b, "\n%s  %s\n%s", c.ID, c.Title, wrap(c.Requirement, "  ", width))
		fmt.Fprintf(&b, "  expect %s rows, severity %s\n", c.Expect, c.Severity)
		for _, u := range c.Queries {
			fmt.Fprintf(&b, "  query %s%s\n", u.Query, paramsText(u.Params))
		}
		fmt.Fprintf(&b, "  Evidence:\n%s  Limits:\n%s", wrap(c.Evidence, "    ", width), wrap(c.Limits, "    ", width))
		if len(c.Needs) > 0 {
			fmt.Fprintf(&b, "  Needs %s events.\n", strings.Join(c.Needs, " and "))
		}
	}
	fmt.Fprintf(&b, "\nfrom  %s\nrun   traillake report run %s --period %s\n", packSource(p), p.Name, examplePeriod(p.Name))
	return encode.PrintableLines(b.String())
}

// examplePeriod is a period for a pack, by its name; the shortest, if that has several.
func examplePeriod(pack string) string {
	for _, e := range []struct{ rhythm, period string }{
		{"daily", "yesterday"}, {"weekly", "last-week"}, {"quarterly", "last-quarter"}, {"yearly", "last-year"},
	} {
		if slices.Contains(strings.Split(pack, "-"), e.rhythm) {
			return e.period
		}
	}
	return "last-month"
}

func paramsText(params map[string]string) string {
	var list []string
	for name, value := range params {
		list = append(list, fmt.Sprintf(" %s=%q", name, value))
	}
	slices.Sort(list)
	return strings.Join(list, "")
}

// checkPacks reports what is wrong with the packs of a user's folder.
func checkPacks(dir string, own *queries.Set) (checked int, wrong []error) {
	packs, err := queries.PackDir(dir)
	if err != nil {
		wrong = append(wrong, err)
	}
	set := queries.Catalog().Merge(own)
	for _, p := range packs.All() {
		if err := queries.CheckPack(p, set); err != nil {
			wrong = append(wrong, err)
		}
	}
	return len(packs.All()), wrong
}
