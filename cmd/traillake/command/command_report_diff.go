package command

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/queries/report/folder"
)

const reportDiffLong = `Compare two reports: what was looked at, the verdicts and numbers of rows of controls, and
every row that is new (+), gone (-), or changed (~): of the same texts, with other numbers
and times. The exit code is 3 where they differ.

Where a query failed in one of them, its rows are not compared, and it is told: that is a
difference, too. Where a query reached its limit, rows beyond are not compared.

Both are folders of 'report run --to'. 'traillake report verify' says whether these are as
they were written.`

func newReportDiff(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "diff BEFORE AFTER",
		Short:   "Compare two reports",
		Long:    reportDiffLong,
		Example: "  traillake report diff reports/2026-09 reports/2026-10\n  traillake report diff reports/2026-09 reports/2026-10 --format json",
		Args:    arguments(2, 2, "compare which reports? Give two folders: traillake report diff reports/2026-09 reports/2026-10"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usagef(cmd, "--format %s: there are text and json", format)
			}
			for _, dir := range args {
				if err := localOnly(cmd, dir); err != nil {
					return err
				}
			}
			c, err := folder.Diff(args[0], args[1])
			if err != nil {
				return err
			}
			if format == "json" {
				enc := a.jsonEncoder()
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				err = enc.Encode(c)
			} else {
				_, err = io.WriteString(a.stdout, diffText(c))
			}
			if err == nil && !c.Empty() {
				err = errFindings
			}
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`format`: text or json")
	return cmd
}

// diffText writes changes for people.
func diffText(c *folder.Changes) string {
	var b strings.Builder
	for _, h := range c.Header {
		fmt.Fprintf(&b, "%-10s %s -> %s\n", h.What, cmp.Or(h.Before, "none"), cmp.Or(h.After, "none"))
	}
	for i, k := range c.Controls {
		if i == 0 && len(c.Header) > 0 {
			b.WriteByte('\n')
		}
		rows := fmt.Sprintf("%s -> %s rows", orMore(k.RowsBefore, k.LimitedBefore), orMore(k.RowsAfter, k.LimitedAfter))
		if k.Failed() {
			rows = "rows not compared: a query failed in " + which(k.FailedBefore, k.FailedAfter)
		}
		fmt.Fprintf(&b, "control %s  %s: %s -> %s, %s\n", k.ID, k.Title, cmp.Or(string(k.Before), "not there"), cmp.Or(string(k.After), "not there"), rows)
	}
	line := func(sign string, row []string) {
		for i, cell := range row {
			row[i] = encode.Printable(cell)
		}
		fmt.Fprintf(&b, "%s %s\n", sign, strings.Join(row, " | "))
	}
	for _, r := range c.Rows {
		fmt.Fprintf(&b, "\n%s (%s): ", r.Result, strings.Join(r.Controls, ", "))
		if r.Failed() {
			fmt.Fprintf(&b, "not compared: the query failed in %s\n", which(r.FailedBefore, r.FailedAfter))
			continue
		}
		fmt.Fprintf(&b, "%d new, %d gone, %d changed\n", len(r.New), len(r.Gone), len(r.Changed))
		if r.Limited() {
			fmt.Fprintf(&b, "  the limit was reached in %s: rows beyond it are not compared%s\n", which(r.LimitedBefore, r.LimitedAfter), beyond(r))
		}
		if r.Differ() {
			line(" ", r.Columns)
		}
		for _, row := range r.New {
			line("+", row)
		}
		for _, row := range r.Gone {
			line("-", row)
		}
		for _, p := range r.Changed {
			line("~", p.Before)
			line(" ", p.After)
		}
	}
	return encode.PrintableLines(b.String())
}

// which names the reports.
func which(before, after bool) string {
	switch {
	case before && after:
		return "both reports"
	case before:
		return "the earlier report"
	default:
		return "the later report"
	}
}

// beyond says which of the rows that differ may be beyond a limit in the other report.
func beyond(r folder.RowChanges) string {
	var may []string
	if r.LimitedBefore && len(r.New) > 0 {
		may = append(may, "those that are new may have been there before")
	}
	if r.LimitedAfter && len(r.Gone) > 0 {
		may = append(may, "those that are gone may still be there")
	}
	if may == nil {
		return ""
	}
	return "; " + strings.Join(may, ", ")
}
