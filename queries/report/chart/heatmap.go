package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"traillake/queries/report"
)

// mostPlaces is how many accounts and regions a heat map shows.
const mostPlaces = 40

// Coverage draws which days there are of which account and region: the darker, the more
// events, each shade for about four times as many as the one before. Where something is
// missing, the day is marked. Of many places those with gaps come first, then those with
// the most events. A long period has a column for a week.
func Coverage(r *report.Report) *Drawing {
	const width, left, row, head = 760, 200, 16, 18
	places := slices.Clone(r.Coverage.Places)
	more := len(places) - mostPlaces
	if more > 0 {
		slices.SortStableFunc(places, func(a, b report.Place) int {
			if d := len(b.MissingDays) - len(a.MissingDays); d != 0 {
				return d
			}
			return int(min(max(b.Events-a.Events, -1), 1))
		})
		places = places[:mostPlaces]
		slices.SortStableFunc(places, func(a, b report.Place) int {
			return strings.Compare(a.Account+" "+a.Region, b.Account+" "+b.Region)
		})
	}
	days := daysOf(r.Period)
	step, unit := stepOf(len(days))
	columns := (len(days) + step - 1) / step
	d := &Drawing{Width: width, Height: head + float64(len(places))*row + 26, Title: "Events by account, region and day"}
	d.Desc = fmt.Sprintf("%d accounts and regions, %d gaps.", len(r.Coverage.Places), len(r.Coverage.Gaps))
	room := (width - left) / float64(max(columns, 1))
	cell := room - min(room*0.12, 2)
	labelled := -1000.0
	for i := 0; i < len(days); i += step {
		x := left + float64(i/step)*room
		if label := days[i]; x-labelled > textWidth(label)+10 && x+textWidth(label) < width {
			labelled = x
			d.text(x, 11, "start", "label", label)
		}
	}
	var most int64
	sums := make([][]int64, len(places))
	at := map[string]int{}
	for i, day := range days {
		at[day] = i / step
	}
	for i, p := range places {
		sums[i] = make([]int64, columns)
		for _, day := range p.Days {
			if k, ok := at[day.Day]; ok {
				sums[i][k] += day.Events
				most = max(most, sums[i][k])
			}
		}
	}
	none := map[string]bool{}
	for _, day := range r.Coverage.DaysWithout {
		none[day] = true
	}
	for i, p := range places {
		y := head + float64(i)*row
		name := strings.TrimSpace(p.Account + " " + p.Region)
		if name == "" {
			name = "no account told"
		}
		d.text(left-8, y+11, "end", "label", fit(name, left-8))
		missing := make([]int, columns)
		for day, k := range at {
			if none[day] || slices.Contains(p.MissingDays, day) {
				missing[k]++
			}
		}
		for k, n := range sums[i] {
			x := left + float64(k)*room
			tip := fmt.Sprintf("%s, %s: %s events", name, days[k*step], Count(n))
			d.rect(x, y, cell, row-2, fmt.Sprintf("heat%d", shade(n, most)), tip)
			if missing[k] > 0 {
				d.rect(x+cell*0.25, y+row/2-3.5, cell*0.5, 5, "gap", fmt.Sprintf("%s, %s: missing", name, days[k*step]))
			}
		}
	}
	y := d.Height - 12
	x := float64(left)
	for i, text := range []string{"none", "", "", "", fmt.Sprintf("up to %s events per %s", Count(most), unit)} {
		d.rect(x, y, 12, 10, fmt.Sprintf("heat%d", i), "")
		x += 15
		if text != "" {
			d.text(x, y+9, "start", "label", text)
			x += textWidth(text) + 8
		}
	}
	d.rect(x+6, y+2, 10, 5, "gap", "")
	d.text(x+21, y+9, "start", "label", "missing")
	if more > 0 {
		d.text(0, y+9, "start", "label", fmt.Sprintf("%d more in report.json", more))
	}
	return d
}

// shade is 4 for the most events, one less for each factor of four, and 0 for none.
func shade(n, most int64) int {
	if n == 0 {
		return 0
	}
	return max(4-int(math.Log(float64(most)/float64(n))/math.Log(4)), 1)
}
