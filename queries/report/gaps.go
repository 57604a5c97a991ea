package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	// fewDeliveries is the number of days with a delivery below which nothing can be said
	// of what is usual. A guess.
	fewDeliveries = 3
	// endsEarly is by how much the last delivery may lie before the end of the period.
	// CloudTrail delivers every five minutes or so where there are events, so that an hour
	// without any is quiet, or a gap.
	endsEarly = time.Hour
)

// silent returns the days among whole, which are in order, without a delivery since the
// first one, and those of them that are missing.
//
// CloudTrail delivers nothing where nothing happened. So a working day without a delivery
// is missing only where there is one on at least half of all working days between the first
// and the last delivery, and on a few at least; and the same for days of weekends.
func silent(deliveries map[string]bool, whole []string) (days, missing []string) {
	days = []string{}
	if len(deliveries) == 0 {
		return days, nil
	}
	order := slices.Sorted(maps.Keys(deliveries))
	first, last := order[0], order[len(order)-1]
	var have, all [2]int // working days, days of weekends
	for day := parseDay(first); !day.After(parseDay(last)); day = day.AddDate(0, 0, 1) {
		all[kindOfDay(day)]++
		if deliveries[dayText(day)] {
			have[kindOfDay(day)]++
		}
	}
	for _, day := range whole {
		if day <= first || deliveries[day] {
			continue
		}
		days = append(days, day)
		if k := kindOfDay(parseDay(day)); len(order) >= fewDeliveries && have[k] > 0 && 2*have[k] >= all[k] {
			missing = append(missing, day)
		}
	}
	return days, missing
}

// kindOfDay is 1 for days of weekends.
func kindOfDay(day time.Time) int {
	if d := day.Weekday(); d == time.Saturday || d == time.Sunday {
		return 1
	}
	return 0
}

func parseDay(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic("BUG: no day: " + text)
	}
	return day
}

// daysBetween is the number of days from one to another, both included.
func daysBetween(from, to string) int {
	return int(parseDay(to).Sub(parseDay(from)).Hours()/24) + 1
}

// gaps lists what is missing of the period. A day is told once: for the store, else for
// an account, else for a region of it.
func (r *run) gaps(ps places, due []string) []Gap {
	c := &r.report.Coverage
	gaps := append(c.modified(), c.missingLogs()...)
	if at := r.report.Store.Committed; at.Before(r.Period.Until) {
		text := "the store has no data"
		switch {
		case at.IsZero():
		case at.Before(r.Period.Since):
			text = fmt.Sprintf("the snapshot was made before the period began, at %s", timeText(at))
		default:
			text = fmt.Sprintf("the snapshot was made before the period was over, at %s", timeText(at))
		}
		gaps = append(gaps, Gap{Kind: GapNotOver, Text: text})
	} else if t := c.CompleteThrough; !t.IsZero() && t.Add(endsEarly).Before(r.Period.Until) {
		gaps = append(gaps, Gap{Kind: GapEndsEarly, Text: fmt.Sprintf("nothing was delivered after %s", timeText(t))})
	}
	if r.Awaited != "" {
		gaps = append(gaps, Gap{Kind: GapAwaited, Text: r.Awaited})
	}
	told := map[string]bool{}
	for _, day := range c.DaysWithout {
		told[day] = true
	}
	gaps = append(gaps, dayGap(Gap{Kind: GapNoEvents}, "no events at all"+daysOf(r.Period.Zone), c.DaysWithout)...)

	accounts := map[string]map[string]bool{}
	for _, p := range ps {
		if accounts[p.Account] == nil {
			accounts[p.Account] = map[string]bool{}
		}
		maps.Copy(accounts[p.Account], p.deliveries)
	}
	toldOf := map[string]map[string]bool{}
	for _, account := range slices.Sorted(maps.Keys(accounts)) {
		mine := maps.Clone(told)
		toldOf[account] = mine
		_, missing := silent(accounts[account], due)
		missing = slices.DeleteFunc(missing, func(day string) bool { return told[day] })
		gaps = append(gaps, dayGap(Gap{Kind: GapNoDeliveries, Account: account}, "nothing delivered of account "+account, missing)...)
		for _, day := range missing {
			mine[day] = true
		}
	}
	var unreadable int64
	for _, p := range c.Places {
		unreadable += p.Quarantined
		var days []string
		for _, day := range p.MissingDays {
			if !toldOf[p.Account][day] {
				days = append(days, day)
			}
		}
		gaps = append(gaps, dayGap(Gap{Kind: GapNoDeliveries, Account: p.Account, Region: p.Region},
			"nothing delivered of "+strings.TrimSpace(p.Account+" "+p.Region), days)...)
	}
	if unreadable > 0 {
		gaps = append(gaps, Gap{Kind: GapUnreadable, Text: fmt.Sprintf("%s could not be read and lie in quarantine", many(unreadable, "delivered record", "delivered records"))})
	}
	return gaps
}

// modified lists the accounts with log files that are not what CloudTrail delivered. They come
// first: what is missing may be quiet, this cannot.
func (c *Coverage) modified() []Gap {
	gaps := []Gap{}
	failed := map[string]*Delivered{}
	for _, p := range c.Places {
		if p.Digests.Failed.Objects == 0 {
			continue
		}
		if failed[p.Account] == nil {
			failed[p.Account] = &Delivered{}
		}
		failed[p.Account].add(p.Digests.Failed)
	}
	for _, account := range slices.Sorted(maps.Keys(failed)) {
		n := failed[account]
		are := " are"
		if n.Objects == 1 {
			are = " is"
		}
		gaps = append(gaps, Gap{Kind: GapModified, Account: account, Text: many(n.Objects, "log file", "log files") + " of account " + account +
			", with " + many(n.Records, "record", "records") + "," + are + " not what CloudTrail delivered, by its digests"})
	}
	return gaps
}

// missingLogs lists the accounts with log files that CloudTrail delivered, by its digests, and
// that nobody found where they were delivered to.
func (c *Coverage) missingLogs() (gaps []Gap) {
	missing := map[string]int64{}
	for _, p := range c.Places {
		missing[p.Account] += p.Digests.Missing
	}
	for _, account := range slices.Sorted(maps.Keys(missing)) {
		n := missing[account]
		if n == 0 {
			continue
		}
		were := " were"
		if n == 1 {
			were = " was"
		}
		gaps = append(gaps, Gap{Kind: GapMissingLogs, Account: account, Text: many(n, "log file", "log files") + strings.TrimSuffix(" of account "+account, " of account ") +
			" that CloudTrail delivered, by its digests," + were + " not there to be ingested"})
	}
	return gaps
}

// dayGap makes a gap of days; none of none.
func dayGap(g Gap, what string, days []string) []Gap {
	if len(days) == 0 {
		return nil
	}
	g.Days = days
	g.Text = what + " on " + dayRanges(days)
	if len(days) > 1 {
		g.Text = fmt.Sprintf("%s on %d days: %s", what, len(days), dayRanges(days))
	}
	return []Gap{g}
}

// daysOf says whose days follow, where it is not UTC.
func daysOf(zone string) string {
	if zone == "" {
		return ""
	}
	return ", by days of " + zone + ","
}

// dayRanges writes days with the first and last of those that follow each other.
func dayRanges(days []string) string {
	var ranges []string
	for i := 0; i < len(days); {
		last := i
		for last+1 < len(days) && daysBetween(days[last], days[last+1]) == 2 {
			last++
		}
		text := days[i]
		if last > i {
			text += " to " + days[last]
		}
		ranges = append(ranges, text)
		i = last + 1
	}
	const most = 10
	if n := len(ranges) - most; n > 0 {
		return strings.Join(ranges[:most], ", ") + fmt.Sprintf(" and %d more times", n)
	}
	return strings.Join(ranges, ", ")
}

// timeText writes a time for people.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// gapsText says in a few words what is missing or was changed; "" where nothing is.
func (c *Coverage) gapsText() string {
	if len(c.Gaps) == 0 {
		return ""
	}
	text := "data of the period is missing: " + c.Gaps[0].Text
	if c.Gaps[0].Kind == GapModified {
		text = "data of the period was changed: " + c.Gaps[0].Text
	}
	if n := len(c.Gaps) - 1; n > 0 {
		text += ", and " + many(int64(n), "other gap", "other gaps")
	}
	return text
}
