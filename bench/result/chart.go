package result

import (
	"fmt"
	"math"
	"slices"

	"traillake/queries/report/chart"
)

// seriesColours is how many systems or curves the style sheet has colours for; more of
// them share these.
const seriesColours = 8

// The measures of charts, in units of a chart.Drawing.
const (
	chartWidth = 900
	chartLeft  = 190
	chartRight = 20
	rowHeight  = 22
	dotSize    = 9
)

// drawing makes the chart of a view; nil where there is nothing to draw.
func (d *Document) drawing(v View) *chart.Drawing {
	switch {
	case v.Measure == "":
		return nil
	case v.X != "":
		return d.curveChart(v)
	default:
		return d.dotChart(v)
	}
}

// canvas adds shapes to a drawing.
type canvas struct{ *chart.Drawing }

func (c canvas) rect(x, y, w, h float64, class, tip string) {
	c.Shapes = append(c.Shapes, chart.Shape{X: x, Y: y, W: w, H: h, Class: class, Tip: tip})
}

func (c canvas) text(x, y float64, anchor, class, s string) {
	c.Shapes = append(c.Shapes, chart.Shape{X: x, Y: y, Class: class, Text: s, Anchor: anchor})
}

// legend names the series above the chart, and returns how high that is.
func (c canvas) legend(names []string) float64 {
	x, y := 0.0, 4.0
	for i, n := range names {
		w := float64(len([]rune(n)))*chart.TextHeight*0.56 + 34
		if x+w > chartWidth {
			x, y = 0, y+18
		}
		c.rect(x, y, dotSize, dotSize, series(i), "")
		c.text(x+14, y+9, "start", "label", n)
		x += w
	}
	return y + 24
}

func series(i int) string { return fmt.Sprintf("s%d", i%seriesColours) }

// dotChart has a line for each task, with a dot for each system's median and behind it
// the span of its runs.
func (d *Document) dotChart(v View) *chart.Drawing {
	var values []float64
	var systems, tasks []string
	for _, s := range d.Systems {
		for _, t := range d.Tasks {
			if m := d.value(t.Name, v.Variant, s.Name, v.Measure); m != nil {
				values = append(values, m.Min, m.Max)
				if !slices.Contains(systems, s.Name) {
					systems = append(systems, s.Name)
				}
				if !slices.Contains(tasks, t.Name) {
					tasks = append(tasks, t.Name)
				}
			}
		}
	}
	if len(values) == 0 {
		return nil
	}
	slices.SortStableFunc(tasks, func(a, b string) int { return d.taskIndex(a) - d.taskIndex(b) })
	c := canvas{&chart.Drawing{Width: chartWidth, Title: v.Title}}
	top := c.legend(systems)
	bottom := top + float64(len(tasks))*rowHeight
	c.Height = bottom + 24
	axis := newAxis(values, chartLeft, chartWidth-chartRight)
	unit := d.unit(v)
	for _, tick := range axis.ticks() {
		x := axis.at(tick)
		c.rect(x, top, 0.5, bottom-top, "grid", "")
		c.text(x, bottom+14, "middle", "label", unit.Format(tick))
	}
	for row, t := range tasks {
		y := top + float64(row)*rowHeight + rowHeight/2
		c.text(chartLeft-10, y+4, "end", "label", t)
		for i, s := range systems {
			m := d.value(t, v.Variant, s, v.Measure)
			if m == nil {
				continue
			}
			from, to := axis.at(m.Min), axis.at(m.Max)
			c.rect(from, y-1, max(to-from, 1), 2, series(i), "")
		}
		for i, s := range systems {
			if m := d.value(t, v.Variant, s, v.Measure); m != nil {
				c.rect(axis.at(m.Median)-dotSize/2, y-dotSize/2, dotSize, dotSize, series(i), fmt.Sprintf("%s, %s: %s", t, s, m.spread()))
			}
		}
	}
	c.Desc = axis.desc(v.Measure)
	return c.Drawing
}

func (d *Document) taskIndex(name string) int {
	return slices.IndexFunc(d.Tasks, func(t Task) bool { return t.Name == name })
}

// unit is that of the measure of a view.
func (d *Document) unit(v View) Unit {
	for _, c := range d.Cases {
		if m := c.Measure(v.Measure); m != nil && (v.X != "" || c.Variant == v.Variant) {
			return m.Unit
		}
	}
	return Count
}

// curveChart has a curve for each task and system, along the measure X.
func (d *Document) curveChart(v View) *chart.Drawing {
	points := d.points(v)
	if len(points) == 0 {
		return nil
	}
	var names []string
	var xs, ys []float64
	name := func(p point) string {
		if len(d.Tasks) == 1 {
			return p.system
		}
		if len(d.Systems) == 1 {
			return p.task
		}
		return p.task + ", " + p.system
	}
	for _, p := range points {
		if n := name(p); !slices.Contains(names, n) {
			names = append(names, n)
		}
		xs = append(xs, p.x.Median)
		ys = append(ys, p.y.Min, p.y.Max)
	}
	c := canvas{&chart.Drawing{Width: chartWidth, Title: v.Title}}
	const left, height = 80, 300
	top := c.legend(names)
	bottom := top + height
	c.Height = bottom + 34
	across := newAxis(xs, left+20, chartWidth-chartRight-20)
	up := newAxis(ys, bottom, top+10)
	for _, tick := range up.ticks() {
		y := up.at(tick)
		c.rect(left, y, chartWidth-chartRight-left, 0.5, "grid", "")
		c.text(left-8, y+4, "end", "label", points[0].y.Unit.Format(tick))
	}
	for _, tick := range across.ticks() {
		x := across.at(tick)
		c.rect(x, top, 0.5, height, "grid", "")
		c.text(x, bottom+14, "middle", "label", points[0].x.Unit.Format(tick))
	}
	c.text(chartWidth-chartRight, bottom+30, "end", "label", v.X)
	for i, p := range points {
		s := slices.Index(names, name(p))
		x, y := across.at(p.x.Median), up.at(p.y.Median)
		if i > 0 && name(points[i-1]) == name(p) {
			c.line(across.at(points[i-1].x.Median), up.at(points[i-1].y.Median), x, y, series(s))
		}
		c.rect(x-dotSize/2, y-dotSize/2, dotSize, dotSize, series(s),
			fmt.Sprintf("%s at %s: %s", name(p), p.x.Unit.Format(p.x.Median), p.y.spread()))
	}
	c.Desc = up.desc(v.Measure)
	return c.Drawing
}

// line draws a line of small dots, since a drawing has rectangles only.
func (c canvas) line(x1, y1, x2, y2 float64, class string) {
	const step = 6
	n := int(math.Hypot(x2-x1, y2-y1) / step)
	for i := 1; i < n; i++ {
		f := float64(i) / float64(n)
		c.rect(x1+(x2-x1)*f-0.8, y1+(y2-y1)*f-0.8, 1.6, 1.6, class, "")
	}
}

// axis maps values to places. It is logarithmic where they are far apart.
type axis struct {
	low, high float64
	from, to  float64
	log       bool
}

// newAxis makes an axis for values that goes from one place to another.
func newAxis(values []float64, from, to float64) axis {
	a := axis{low: slices.Min(values), high: slices.Max(values), from: from, to: to}
	if a.low > 0 && a.high/a.low > 15 {
		a.log = true
		a.low, a.high = math.Pow(10, math.Floor(math.Log10(a.low))), math.Pow(10, math.Ceil(math.Log10(a.high)))
		return a
	}
	a.low = min(0, a.low)
	step := a.step()
	a.high = math.Ceil(a.high/step-1e-9) * step
	return a
}

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(v)
	}
	if high == low {
		return a.from
	}
	return a.from + (v-low)/(high-low)*(a.to-a.from)
}

// step is 1, 2 or 5 times a power of ten, about a fifth of the axis.
func (a axis) step() float64 {
	if !(a.high > a.low) {
		return 1
	}
	rough := (a.high - a.low) / 5
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= rough {
			return n * power
		}
	}
	return 10 * power
}

func (a axis) ticks() []float64 {
	var list []float64
	if a.log {
		for v := a.low; v <= a.high*1.001; v *= 10 {
			list = append(list, v)
		}
		return list
	}
	step := a.step()
	for i := 0; a.low+float64(i)*step <= a.high+step/1000; i++ {
		list = append(list, a.low+float64(i)*step)
	}
	return list
}

func (a axis) desc(measure string) string {
	if a.log {
		return measure + ", on a logarithmic scale"
	}
	return measure
}
