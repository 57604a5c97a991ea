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
	// Names are what whoever made the files chose; the lines of validate-logs have tabs.
	line := func(format string, args ...any) {
		text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", `\n`)
		b.WriteString(encode.PrintableLines(text) + "\n")
	}
	when := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	for _, t := range r.Trails {
		found := ""
		if t.FoundFrom != nil {
			found = fmt.Sprintf(", %s to %s", when(*t.FoundFrom), when(*t.FoundTo))
		}
		line("%s %s, trail %s of %s%s: %s", t.Account, t.Region, t.Name, t.HomeRegion, found, ratios(t.Digests, t.Backfill, t.Logs, pr))
		for _, u := range t.Unsigned {
			if verbose || u.Logs > 0 {
				line("  no valid digests from %s to %s (%s): %s", when(u.From), when(u.To), u.Reason, pr.things(u.Logs, "log", "logs"))
			}
		}
		for _, g := range t.Gaps {
			if verbose {
				line("  No log files were delivered by CloudTrail between %s and %s", when(g.From), when(g.To))
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
				line("  not verified: %s %s", pr.things(n.logs, "log", "logs"), n.text)
			}
		}
		if n := len(t.Unchecked); n > 0 {
			line("  not checked: %s without a signature beside it or in a later digest", pr.things(int64(n), "digest", "digests"))
			for _, d := range t.Unchecked {
				if verbose {
					line("    %s", d)
				}
			}
		}
	}
	for _, w := range r.Without {
		place := strings.TrimSpace(w.Account + " " + w.Region)
		if place == "" {
			place = "files that tell no account and region"
		}
		line("%s: no digests, %s not verified", place, pr.things(w.Logs, "log", "logs"))
	}
	for _, f := range r.Findings {
		text := f.Line()
		switch {
		case f.Kind == custody.KindNone && f.Account != "":
			text = fmt.Sprintf("%s %s, trail %s: %s", f.Account, f.Region, f.Trail, f.Verdict)
		case f.Detail != "" && (verbose || f.Verdict == custody.NotReadable):
			text += " (" + f.Detail + ")"
		}
		line("%s", text)
	}
	if len(r.Trails) > 1 {
		line("in all: %s", ratios(r.Digests, r.Backfill, r.Logs, pr))
	}
	if n := int64(len(r.Findings)); n > 0 {
		line("%s", pr.things(n, "finding", "findings"))
	} else {
		line("no findings")
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
