package command

import (
	"fmt"
	"strings"
	"time"

	"traillake/engine/encode"
	"traillake/lake/digest/custody"
)

// digestText is the outcome of digest verify for people: a line for each trail, account and
// region, and every finding in the words of validate-logs.
func digestText(r *custody.Report, verbose bool, pr printer) string {
	var b strings.Builder
	when := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	for _, t := range r.Trails {
		fmt.Fprintf(&b, "%s %s, trail %s of %s", t.Account, t.Region, t.Name, t.HomeRegion)
		if t.FoundFrom != nil {
			fmt.Fprintf(&b, ", %s to %s", when(*t.FoundFrom), when(*t.FoundTo))
		}
		b.WriteString(": " + ratios(t.Digests, t.Backfill, t.Logs, pr) + "\n")
		unsigned := int64(0)
		for _, u := range t.Unsigned {
			unsigned += u.Logs
			if verbose || u.Logs > 0 {
				fmt.Fprintf(&b, "  no valid digests from %s to %s (%s): %s\n", when(u.From), when(u.To), u.Reason, pr.things(u.Logs, "log", "logs"))
			}
		}
		for _, g := range t.Gaps {
			if verbose {
				fmt.Fprintf(&b, "  No log files were delivered by CloudTrail between %s and %s\n", when(g.From), when(g.To))
			}
		}
		for _, n := range []struct {
			logs int64
			text string
		}{
			{t.Outside.Before, "delivered before the first valid digest"}, {t.Outside.After, "delivered after the last valid digest, or just before its end"},
			{t.Outside.Untold, "without a time of delivery in the name, and not in any digest"},
			{t.Logs.Unchecked, "named by digests only that are not valid or not checked"},
		} {
			if n.logs > 0 {
				fmt.Fprintf(&b, "  not verified: %s %s\n", pr.things(n.logs, "log", "logs"), n.text)
			}
		}
		if n := len(t.Unchecked); n > 0 {
			fmt.Fprintf(&b, "  not checked: %s without a signature beside it or in a later digest\n", pr.things(int64(n), "digest", "digests"))
			for _, d := range t.Unchecked {
				if verbose {
					fmt.Fprintf(&b, "    %s\n", encode.Printable(d))
				}
			}
		}
	}
	for _, w := range r.Without {
		place := strings.TrimSpace(w.Account + " " + w.Region)
		if place == "" {
			place = "files that tell no account and region"
		}
		fmt.Fprintf(&b, "%s: no digests, %s not verified\n", place, pr.things(w.Logs, "log", "logs"))
	}
	for _, f := range r.Findings {
		line := f.Line()
		switch {
		case f.Kind == custody.KindNone && f.Account != "":
			line = fmt.Sprintf("%s %s, trail %s: %s", f.Account, f.Region, f.Trail, f.Verdict)
		case f.Detail != "" && (verbose || f.Verdict == custody.NotReadable):
			line += " (" + f.Detail + ")"
		}
		b.WriteString(strings.Map(func(c rune) rune {
			if c < ' ' && c != '\t' || c == 0x7f {
				return '?'
			}
			return c
		}, line) + "\n")
	}
	if len(r.Trails) > 1 {
		fmt.Fprintf(&b, "in all: %s\n", ratios(r.Digests, r.Backfill, r.Logs, pr))
	}
	if n := int64(len(r.Findings)); n > 0 {
		fmt.Fprintf(&b, "%s\n", pr.things(n, "finding", "findings"))
	} else {
		b.WriteString("no findings\n")
	}
	return b.String()
}

// ratios are the counts as validate-logs prints them.
func ratios(digests, backfill, logs custody.Count, pr printer) string {
	var parts []string
	for _, c := range []struct {
		of   custody.Count
		name string
	}{{digests, "digest"}, {backfill, "backfill digest"}, {logs, "log"}} {
		total := c.of.Valid + c.of.Invalid + c.of.Unchecked
		if total == 0 {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s/%s %s files valid", pr.count(c.of.Valid), pr.count(total), c.name))
		if c.of.Invalid > 0 {
			parts = append(parts, fmt.Sprintf("%s/%s %s files INVALID", pr.count(c.of.Invalid), pr.count(total), c.name))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
