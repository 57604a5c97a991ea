package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"traillake/queries/report"
)

// Severities are those of controls, the worst first.
var Severities = []string{"critical", "high", "medium", "low", "info"}

// mostControls is how many controls Findings shows.
const mostControls = 20

// Findings draws the number of rows of each control with findings, in the colour of its
// severity, the worst first. Numbers are far apart, so that the scale is logarithmic.
func Findings(r *report.Report) *Drawing {
	var list []report.Control
	counts := map[string]int{}
	for _, c := range r.Controls {
		if c.Verdict == report.VerdictFindings {
			list = append(list, c)
			counts[c.Severity]++
		}
	}
	slices.SortStableFunc(list, func(a, b report.Control) int {
		if s := slices.Index(Severities, a.Severity) - slices.Index(Severities, b.Severity); s != 0 {
			return s
		}
		return int(min(max(b.Rows-a.Rows, -1), 1))
	})
	left := len(list) - mostControls
	bars := make([]bar, 0, min(len(list), mostControls))
	for _, c := range list[:min(len(list), mostControls)] {
		value := Count(c.Rows)
		if c.Limited {
			value += "+"
		}
		bars = append(bars, bar{c.ID + "  " + c.Title, c.Rows, c.Severity, value + " " + c.Severity})
	}
	d := horizontal("Findings by control and severity", bars, func(n int64) float64 { return math.Log10(float64(n)) + 1 })
	d.Desc = fmt.Sprintf("%d controls with findings.", len(list))
	if len(list) == 0 {
		d.Height = 40
		d.text(0, 24, "start", "label", "No control has findings.")
		return d
	}
	x := 0.0
	for _, s := range Severities {
		if n := counts[s]; n > 0 {
			text := fmt.Sprintf("%s: %d", s, n)
			d.rect(x, d.Height+2, 10, 10, s, "")
			d.text(x+15, d.Height+11, "start", "label", text)
			x += textWidth(text) + 32
		}
	}
	note := "rows, on a logarithmic scale"
	if left > 0 {
		note += fmt.Sprintf("; %d more controls in the list below", left)
	}
	d.text(d.Width, d.Height+11, "end", "label", note)
	d.Height += 20
	return d
}

// Principals draws who has the most events.
func Principals(r *report.Report) *Drawing {
	var bars []bar
	for _, p := range r.Activity.Principals {
		value := Count(p.Events)
		if p.Errors > 0 {
			value += fmt.Sprintf(" (%s errors)", Count(p.Errors))
		}
		bars = append(bars, bar{shortARN(p.Name), p.Events, "bar", value})
	}
	d := horizontal("Principals with the most events", bars, func(n int64) float64 { return float64(n) })
	d.Desc = "AWS services are left out."
	if len(bars) == 0 {
		d.Height = 40
		d.text(0, 24, "start", "label", "No events of principals other than AWS services.")
	}
	return d
}

// shortARN leaves out of an ARN what is the same in all.
func shortARN(s string) string {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return s
	}
	return strings.TrimSpace(parts[4] + " " + parts[5])
}

type bar struct {
	label string
	n     int64
	class string
	value string
}

// horizontal draws bars below each other with their labels at the left.
func horizontal(title string, bars []bar, length func(int64) float64) *Drawing {
	const width, row, labels, values = 760, 20, 330, 110
	d := &Drawing{Width: width, Height: float64(len(bars)) * row, Title: title}
	most := 0.0
	for _, b := range bars {
		most = max(most, length(b.n))
	}
	for i, b := range bars {
		y := float64(i) * row
		w := max(length(b.n)/most*(width-labels-values), 1.5)
		d.text(labels-8, y+14, "end", "label", fit(b.label, labels-8))
		d.rect(labels, y+3, w, row-6, b.class, b.label+": "+b.value)
		d.text(labels+w+6, y+14, "start", "value", b.value)
	}
	return d
}
