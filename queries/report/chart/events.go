package chart

import (
	"fmt"
	"time"

	"traillake/queries/report"
)

// mostBars is how many bars fit next to each other; a longer period has one for a week, and one of
// more than mostWeeks weeks has one for several.
const mostBars, mostWeeks = 100, 300

// stepOf returns how many days a bar stands for, and what that is called.
func stepOf(days int) (step int, unit string) {
	if days <= mostBars {
		return 1, "day"
	}
	weeks := 1
	for days > 7*weeks*mostWeeks {
		weeks *= 2
	}
	if weeks == 1 {
		return 7, "week"
	}
	return 7 * weeks, fmt.Sprintf("%d weeks", weeks)
}

// Events draws the number of events by day, or by week where the period is long. Days
// without any, in the middle of the period, are marked.
func Events(r *report.Report) *Drawing {
	const width, height, left, bottom, top = 760, 200, 64, 24, 10
	d := &Drawing{Width: width, Height: height, Title: "Events over time"}
	days := daysOf(r.Period)
	step, unit := stepOf(len(days))
	missing := map[string]bool{}
	for _, day := range r.Coverage.DaysWithout {
		missing[day] = true
	}
	events := map[string]int64{}
	for _, day := range r.Coverage.Days {
		events[day.Day] = day.Events
	}
	type bar struct {
		from    string
		n       int64
		missing int
	}
	var bars []bar
	var most int64
	for i := 0; i < len(days); i += step {
		b := bar{from: days[i]}
		for _, day := range days[i:min(i+step, len(days))] {
			b.n += events[day]
			if missing[day] {
				b.missing++
			}
		}
		most = max(most, b.n)
		bars = append(bars, b)
	}
	d.Desc = fmt.Sprintf("%s events in all; by %s, at most %s; %d days without any.", Count(r.Coverage.Events), unit, Count(most), len(missing))
	scale, ticks := axis(most)
	y := func(n int64) float64 { return height - bottom - float64(n)/float64(scale)*(height-bottom-top) }
	for _, n := range ticks {
		d.rect(left, y(n), width-left, 0.5, "grid", "")
		d.text(left-6, y(n)+4, "end", "label", Count(n))
	}
	room := (width - left) / float64(max(len(bars), 1))
	gap := min(room*0.2, 3)
	labelled := -1000.0
	for i, b := range bars {
		x := left + float64(i)*room
		tip := fmt.Sprintf("%s: %s events", b.from, Count(b.n))
		if step > 1 {
			tip = unit + " of " + tip
		}
		if b.n > 0 {
			top := min(y(b.n), height-bottom-1) // what is there is seen
			d.rect(x+gap/2, top, room-gap, height-bottom-top, "bar", tip)
		}
		if b.missing > 0 {
			d.rect(x+gap/2, height-bottom-5, room-gap, 5, "gap", fmt.Sprintf("%s: no events on %d days", b.from, b.missing))
		}
		if label := b.from; x-labelled > textWidth(label)+14 && x+room/2+textWidth(label)/2 < width {
			labelled = x
			d.text(max(x+room/2, left+textWidth(label)/2-6), height-8, "middle", "label", label)
		}
	}
	return d
}

// daysOf are the days in UTC that a period touches.
func daysOf(p report.Period) []string {
	var days []string
	for at := p.Since.UTC().Truncate(24 * time.Hour); at.Before(p.Until); at = at.AddDate(0, 0, 1) {
		days = append(days, at.Format(time.DateOnly))
	}
	return days
}

// axis returns where an axis ends that shows numbers up to most, and where its lines are.
func axis(most int64) (end int64, ticks []int64) {
	step := int64(1)
	for i := 0; step*4 < most; i++ { // 1, 2, 5, 10 …
		step = step / [3]int64{1, 2, 5}[i%3] * [3]int64{2, 5, 10}[i%3]
	}
	for n := int64(0); ; n += step {
		ticks = append(ticks, n)
		if n >= most && n > 0 {
			return n, ticks
		}
	}
}
