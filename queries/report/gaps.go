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
	// endsEarlier is endsEarly for one account, beyond what is usual for it. A guess.
	endsEarlier = 12 * time.Hour
	// nearby is how many days before and behind a silence tell what was usual then.
	nearby = 14
)

// silent returns the days among whole, which are in order, without a delivery since the
// first one, and those of them that are missing.
//
// CloudTrail delivers nothing where nothing happened. So a working day without a delivery
// is missing only where there is one on at least half of all working days between the first
// and the last delivery, or on three of four in the two weeks before or behind the silence, and on a
// few at least; and the same for days of weekends. The two weeks are there since a long silence is not
// usual because it is long, nor because there was a delivery long ago.
func silent(deliveries map[string]time.Time, whole []string) (days, missing []string) {
	days = []string{}
	if len(deliveries) == 0 {
		return days, nil
	}
	order := slices.Sorted(maps.Keys(deliveries))
	first, last := parseDay(order[0]), parseDay(order[len(order)-1])
	ever := shareOf(deliveries, first, last)
	var silence int // how many days with a delivery come before it
	var before, behind share
	for _, text := range whole {
		day := parseDay(text)
		if _, ok := deliveries[text]; ok || !day.After(first) {
			continue
		}
		days = append(days, text)
		if next, _ := slices.BinarySearch(order, text); next != silence {
			silence, behind = next, share{}
			until := parseDay(order[next-1])
			before = shareOf(deliveries, latest(first, until.AddDate(0, 0, 1-nearby)), until)
			if next < len(order) {
				from := parseDay(order[next])
				behind = shareOf(deliveries, from, earliest(last, from.AddDate(0, 0, nearby-1)))
			}
		}
		if ever.atLeast(day, 1, 2) || before.atLeast(day, 3, 4) || behind.atLeast(day, 3, 4) {
			missing = append(missing, text)
		}
	}
	return days, missing
}

// share is how many of all days have a delivery: of working days, and of days of weekends.
type share struct{ have, all [2]int }

func shareOf(deliveries map[string]time.Time, from, to time.Time) (s share) {
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		s.all[kindOfDay(day)]++
		if _, ok := deliveries[dayText(day)]; ok {
			s.have[kindOfDay(day)]++
		}
	}
	return s
}

// atLeast reports whether of the days of the kind of a day at least a of b have a delivery.
func (s share) atLeast(day time.Time, a, b int) bool {
	k := kindOfDay(day)
	return s.have[0]+s.have[1] >= fewDeliveries && s.have[k] > 0 && b*s.have[k] >= a*s.all[k]
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// stopped returns the time of the last delivery or event, of those that are the last of their days, if
// that is long before a period's end: longer than, in the two weeks before it, the last of a day was
// before the end of the day. Where that is not known, or a whole day is missing anyway, ok is false.
func stopped(lasts map[string]time.Time, until time.Time) (last time.Time, ok bool) {
	var usual []time.Duration
	for _, text := range slices.Backward(slices.Sorted(maps.Keys(lasts))) {
		at := lasts[text]
		if at.IsZero() {
			return last, false
		}
		if last.IsZero() {
			last = at
			continue
		}
		day := parseDay(text)
		if day.AddDate(0, 0, nearby).Before(last) {
			break
		}
		usual = append(usual, day.AddDate(0, 0, 1).Sub(at))
	}
	if len(usual) < fewDeliveries {
		return last, false
	}
	slices.Sort(usual)
	silence := until.Sub(last)
	return last, silence > endsEarlier+usual[len(usual)/2] && silence <= 24*time.Hour
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
// an account, else for a region of it. So many pieces of log files whose names tell no day are in
// quarantine as undated says.
func (r *run) gaps(ps *places, due []string, undated int64) []Gap {
	c := &r.report.Coverage
	gaps := append(c.modified(), c.missing()...)
	early := r.report.Store.Committed.Before(r.Period.Until) // then all accounts end early
	if at := r.report.Store.Committed; early {
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
		early = true
		gaps = append(gaps, Gap{Kind: GapEndsEarly, Text: fmt.Sprintf("nothing was delivered after %s", timeText(t))})
	} else if last, ok := stopped(ps.lastEvents, r.Period.Until); ok && t.IsZero() {
		gaps = append(gaps, Gap{Kind: GapEndsEarly, Text: fmt.Sprintf("no log file's name tells when it was delivered, and the last event is of %s", timeText(last))})
	}
	if r.Awaited != "" {
		gaps = append(gaps, Gap{Kind: GapAwaited, Text: r.Awaited})
	}
	told := map[string]bool{}
	for _, day := range c.DaysWithout {
		told[day] = true
	}
	gaps = append(gaps, dayGap(Gap{Kind: GapNoEvents}, "no events at all"+daysOf(r.Period.Zone), c.DaysWithout)...)

	accounts := map[string]map[string]time.Time{}
	for _, p := range ps.all {
		if accounts[p.Account] == nil {
			accounts[p.Account] = map[string]time.Time{}
		}
		for day, at := range p.deliveries {
			accounts[p.Account][day] = latest(at, accounts[p.Account][day])
		}
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
		if t, ok := stopped(accounts[account], r.Period.Until); ok && !early {
			gaps = append(gaps, Gap{Kind: GapEndsEarly, Account: account, Text: fmt.Sprintf("nothing was delivered of account %s after %s", account, timeText(t))})
		}
	}
	var lost int64
	for _, p := range c.Places {
		lost += p.Quarantined
		var days []string
		for _, day := range p.MissingDays {
			if !toldOf[p.Account][day] {
				days = append(days, day)
			}
		}
		gaps = append(gaps, dayGap(Gap{Kind: GapNoDeliveries, Account: p.Account, Region: p.Region},
			"nothing delivered of "+strings.TrimSpace(p.Account+" "+p.Region), days)...)
	}
	return append(gaps, unreadable(lost, undated)...)
}

// unreadable tells of what lies in quarantine: of log files of the period, and of those whose names do not
// tell of what time they are.
func unreadable(lost, undated int64) (gaps []Gap) {
	tell := func(n int64, of string) {
		if n == 0 {
			return
		}
		is := "are in quarantine as unreadable: each is a record, or more"
		if n == 1 {
			is = "is in quarantine as unreadable: a record, or more"
		}
		gaps = append(gaps, Gap{Kind: GapUnreadable, Text: many(n, "piece", "pieces") + of + " " + is})
	}
	tell(lost, " of log files")
	tell(undated, " of log files whose names do not tell of what time they are")
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

// missing lists the accounts with log files and digests that CloudTrail delivered, by its digests, and
// that nobody found where they were delivered to.
func (c *Coverage) missing() (gaps []Gap) {
	accounts := map[string]*Digests{}
	for _, p := range c.Places {
		if accounts[p.Account] == nil {
			accounts[p.Account] = &Digests{}
		}
		accounts[p.Account].add(p.Digests)
	}
	tell := func(kind GapKind, account string, n int64, one, more, what string) {
		if n == 0 {
			return
		}
		of := ""
		if account != "" {
			of = " of account " + account
		}
		were := " were"
		if n == 1 {
			were = " was"
		}
		gaps = append(gaps, Gap{Kind: kind, Account: account, Text: many(n, one, more) + of + " that CloudTrail delivered, by its digests," + were + what})
	}
	for _, account := range slices.Sorted(maps.Keys(accounts)) {
		d := accounts[account]
		tell(GapMissingLogs, account, d.Missing, "log file", "log files", " not there to be ingested")
		tell(GapMissingDigests, account, d.MissingDigests, "digest, or several in a row,", "digests", " not there or not valid, so that log files may be missing without a trace")
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

// Whole is a sentence for a report without gaps.
func (c *Coverage) Whole() string {
	if c.Filtered > 0 {
		return "Nothing is known to be missing of the period but " + c.filteredText() + "."
	}
	return "Nothing is known to be missing of the period."
}

// filteredText says what no query can find since the store does not take it in.
func (c *Coverage) filteredText() string {
	return many(c.Filtered, "record", "records") + " that the store's selectors left out"
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
