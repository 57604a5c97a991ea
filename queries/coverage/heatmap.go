package coverage

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// shades stand for numbers of events of a day, each for about four times as many as the
// one before. A day without any is a dot, a missing one an exclamation mark.
var shades = []rune("░▒▓█")

// HeatMap draws rows that were told apart by day as text: a line for each account and
// region, a character for each day, newest days at the right. Days that do not fit into the
// width are left out, the oldest first, which the text says; it ends with a legend. Mark, if it is not nil,
// is applied to every missing day.
func HeatMap(rows []Row, width int, mark func(string) string) string {
	var first, last time.Time
	var most int64
	label := func(r Row) string { return strings.TrimSpace(r.Account + " " + r.Region) }
	var labels []string
	days := map[string]map[time.Time]Row{}
	wide := 0
	for _, r := range rows {
		if r.Day.IsZero() {
			continue
		}
		l := label(r)
		if days[l] == nil {
			days[l] = map[time.Time]Row{}
			labels = append(labels, l)
			wide = max(wide, len([]rune(l)))
		}
		days[l][r.Day] = r
		most = max(most, r.Events)
		if first.IsZero() || r.Day.Before(first) {
			first = r.Day
		}
		if r.Day.After(last) {
			last = r.Day
		}
	}
	if labels == nil {
		return "no object tells its day of delivery\n"
	}
	leftOut := 0 // days
	if room, all := max(width-wide-1, 7), int(last.Sub(first).Hours()/24)+1; all > room {
		first, leftOut = last.AddDate(0, 0, 1-room), all-room
	}
	slices.Sort(labels)
	var b strings.Builder
	fmt.Fprintf(&b, "%*s %s to %s\n", -wide, "", first.Format(time.DateOnly), last.Format(time.DateOnly))
	for _, l := range labels {
		fmt.Fprintf(&b, "%*s ", -wide, l)
		for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
			r, ok := days[l][day]
			switch {
			case ok && r.Missing:
				cell := "!"
				if mark != nil {
					cell = mark(cell)
				}
				b.WriteString(cell)
			case r.Events == 0:
				b.WriteByte('.')
			default:
				b.WriteRune(shade(r.Events, most))
			}
		}
		b.WriteByte('\n')
	}
	if leftOut > 0 {
		var events int64
		for _, r := range rows {
			if !r.Day.IsZero() && r.Day.Before(first) {
				events += r.Events
			}
		}
		fmt.Fprintf(&b, "\nnot shown, since a line has no room for them: %d earlier days with %d events\n", leftOut, events)
	}
	fmt.Fprintf(&b, "\n! no delivery between days with some, or logs are missing   . no events   %s up to %d events a day\n", string(shades), most)
	return b.String()
}

// shade returns the last shade for the most events, and one less for each factor of four.
func shade(n, most int64) rune {
	i := len(shades) - 1 - int(math.Log(float64(most)/float64(n))/math.Log(4))
	return shades[max(i, 0)]
}
