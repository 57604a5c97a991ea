package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// grid is a table of texts. The first column, or first columns, are names; the others are
// numbers.
type grid struct {
	header []string
	names  int
	rows   [][]string
	// note says how to read it.
	note string
}

// grid makes the table of a view.
func (d *Document) grid(v View) grid {
	switch {
	case v.Measure == "":
		return d.measures(v)
	case v.X != "":
		return d.curves(v)
	default:
		return d.pivot(v)
	}
}

// measures has a row for each case and a column for each measure.
func (d *Document) measures(v View) grid {
	g := grid{header: []string{"", ""}, names: 2}
	var units []Measure
	for _, c := range d.Cases {
		if !v.shows(c) {
			continue
		}
		for _, m := range c.Measures {
			if !slices.ContainsFunc(units, func(o Measure) bool { return o.Name == m.Name }) {
				units = append(units, m)
				g.header = append(g.header, m.Name)
			}
		}
	}
	var shown []*Measure
	for _, c := range d.Cases {
		if !v.shows(c) {
			continue
		}
		row := []string{c.Task, c.System}
		for _, u := range units {
			text := ""
			if m := c.Measure(u.Name); m != nil {
				shown = append(shown, m)
				text = m.spread()
			}
			row = append(row, text)
		}
		g.rows = append(g.rows, row)
	}
	// A column says nothing where it is the same in every row, and in the title.
	switch {
	case v.System != "":
		g.drop(1)
	case len(d.Tasks) == 1:
		g.drop(0)
	}
	g.note = runsNote(shown)
	return g
}

// shows reports whether a view without a measure shows a case.
func (v View) shows(c Case) bool {
	return c.Variant == v.Variant && (v.System == "" || v.System == c.System)
}

// drop leaves out a column of names.
func (g *grid) drop(column int) {
	g.names--
	g.header = slices.Delete(g.header, column, column+1)
	for i := range g.rows {
		g.rows[i] = slices.Delete(g.rows[i], column, column+1)
	}
}

// pivot has a row for each task and a column for each system, with the median of one
// measure and how many times that of the first system it is.
func (d *Document) pivot(v View) grid {
	g := grid{header: []string{""}, names: 1}
	var systems []string
	for _, s := range d.Systems {
		if slices.ContainsFunc(d.Cases, func(c Case) bool {
			return c.System == s.Name && c.Variant == v.Variant && c.Measure(v.Measure) != nil
		}) {
			systems = append(systems, s.Name)
		}
	}
	g.header = append(g.header, systems...)
	var shown []*Measure
	compared := false
	for _, t := range d.Tasks {
		row, any := []string{t.Name}, false
		for _, s := range systems {
			text := ""
			if m := d.value(t.Name, v.Variant, s, v.Measure); m != nil {
				shown = append(shown, m)
				any = true
				text = m.spread()
				if r := d.ratioTo(t.Name, v.Variant, v.Measure, s); r != nil {
					compared = true
					text += "  " + factor(1/r.Value)
				}
			}
			row = append(row, text)
		}
		if any {
			g.rows = append(g.rows, row)
		}
	}
	mean, any := []string{"geometric mean"}, false
	for _, s := range systems {
		text := ""
		if r := d.ratioTo("", v.Variant, v.Measure, s); r != nil {
			text, any = factor(1/r.Value), true
		}
		mean = append(mean, text)
	}
	if any {
		g.rows = append(g.rows, mean)
	}
	g.note = runsNote(shown)
	if compared {
		g.note += fmt.Sprintf("; × is how many times that of %s", d.Ratios[0].System)
	}
	return g
}

// curves has a row for each case that has both measures, by task, system and X.
func (d *Document) curves(v View) grid {
	g := grid{header: []string{"", "", v.X, v.Measure}, names: 2}
	var shown []*Measure
	for _, p := range d.points(v) {
		g.rows = append(g.rows, []string{p.task, p.system, p.x.Unit.Format(p.x.Median), p.y.spread()})
		shown = append(shown, p.y)
	}
	g.note = runsNote(shown)
	return g
}

// point is a case on a curve.
type point struct {
	task, system string
	x, y         *Measure
}

// points are those of a view with X, curve by curve. A view with a variant shows cases of
// this variant only, one without shows all, since what X is a variant may say, too.
func (d *Document) points(v View) []point {
	var list []point
	for i := range d.Cases {
		c := &d.Cases[i]
		x, y := c.Measure(v.X), c.Measure(v.Measure)
		if x != nil && y != nil && (v.Variant == "" || v.Variant == c.Variant) {
			list = append(list, point{c.Task, c.System, x, y})
		}
	}
	slices.SortStableFunc(list, func(a, b point) int {
		return cmp.Or(d.rank(a)-d.rank(b), cmp.Compare(a.x.Median, b.x.Median))
	})
	return list
}

// rank orders curves as tasks, and then systems, are in the document.
func (d *Document) rank(p point) int {
	task := slices.IndexFunc(d.Tasks, func(t Task) bool { return t.Name == p.task })
	system := slices.IndexFunc(d.Systems, func(s System) bool { return s.Name == p.system })
	return task*len(d.Systems) + system
}

// runsNote says what the numbers are of how many runs.
func runsNote(shown []*Measure) string {
	least, most := 0, 0
	for _, m := range shown {
		if m.Better == Neither {
			continue // a fact, which does not change from run to run
		}
		n := len(m.Runs)
		if least == 0 || n < least {
			least = n
		}
		most = max(most, n)
	}
	switch {
	case most <= 1:
		return "one run"
	case least == most:
		return fmt.Sprintf("medians of %d runs, ± median absolute deviation", most)
	default:
		return fmt.Sprintf("medians of %d to %d runs, ± median absolute deviation", least, most)
	}
}

// facts are what there is to say about the run itself.
func (d *Document) facts() [][2]string {
	h := d.Host
	list := [][2]string{{"began", d.Started.Format("2006-01-02 15:04 MST") + ", took " + seconds(d.Took)}}
	var sizes, settings, versions []string
	for _, q := range d.Sizes {
		text := q.Name + " " + q.Unit.Format(q.Value)
		if q.Unit == Count {
			text = q.Unit.Format(q.Value) + " " + q.Name
		}
		sizes = append(sizes, text)
	}
	for _, s := range d.Settings {
		settings = append(settings, s.Name+" "+s.Value)
	}
	if d.Seed != 0 {
		settings = append(settings, fmt.Sprintf("seed %d", d.Seed))
	}
	for _, v := range d.Versions {
		versions = append(versions, v.Name+" "+v.Version)
	}
	add := func(name string, texts ...string) {
		texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
		if len(texts) > 0 {
			list = append(list, [2]string{name, strings.Join(texts, ", ")})
		}
	}
	add("sizes", sizes...)
	add("settings", settings...)
	memory := ""
	if h.Memory > 0 {
		memory = decimal(float64(h.Memory)) + " of memory"
	}
	load := ""
	if h.Load > 0 {
		load = fmt.Sprintf("load %.1f when it began", h.Load)
	}
	kernel, system := h.Kernel, h.FileSystem
	if kernel != "" {
		kernel = "kernel " + kernel
	}
	if system != "" {
		system = "files on " + system
	}
	add("host", h.CPU, fmt.Sprintf("%d cores", h.Cores), memory, h.OS, h.Arch, kernel, system, load)
	add("versions", append([]string{d.Tool}, versions...)...)
	add("command", d.Command)
	return list
}
