package result

import (
	"cmp"
	"slices"
)

// Join makes one document of several of different kinds that were measured one after the
// other on one machine: a document of kind all. Names of tasks, variants, sizes and settings
// begin with the kind, so that the same names in two documents stay apart. The parts are not
// changed.
func Join(title, command string, parts ...*Document) *Document {
	d := &Document{Schema: Schema, Kind: "all", Title: title, Command: command}
	for i, p := range parts {
		if i == 0 {
			d.Tool, d.Started, d.Host, d.Seed = p.Tool, p.Started, p.Host, p.Seed
		}
		named := func(name string) string { return p.Kind + ": " + name }
		variant := func(v string) string {
			if v == "" {
				return p.Kind
			}
			return named(v)
		}
		task := func(name string) string {
			if name == "" {
				return "" // the geometric mean
			}
			return named(name)
		}
		for _, q := range p.Sizes {
			q.Name = named(q.Name)
			d.Sizes = append(d.Sizes, q)
		}
		for _, s := range p.Settings {
			s.Name = named(s.Name)
			d.Settings = append(d.Settings, s)
		}
		for _, v := range p.Versions {
			if !slices.Contains(d.Versions, v) {
				d.Versions = append(d.Versions, v)
			}
		}
		for _, s := range p.Systems {
			// Of one name, it is the same program in several roles.
			if at := slices.IndexFunc(d.Systems, func(o System) bool { return o.Name == s.Name }); at < 0 {
				s.Text = named(s.Text)
				d.Systems = append(d.Systems, s)
			} else {
				d.Systems[at].Text += "; " + named(s.Text)
			}
		}
		for _, t := range p.Tasks {
			t.Name = task(t.Name)
			d.Tasks = append(d.Tasks, t)
		}
		for _, c := range p.Cases {
			c.Task, c.Variant = task(c.Task), variant(c.Variant)
			d.Cases = append(d.Cases, c)
		}
		for _, r := range p.Ratios {
			r.Task, r.Variant = task(r.Task), variant(r.Variant)
			d.Ratios = append(d.Ratios, r)
		}
		for _, v := range p.Views {
			v.Title = named(v.Title)
			// A view along X without a variant shows those of all variants.
			if v.X == "" || v.Variant != "" {
				v.Variant = variant(v.Variant)
			}
			d.Views = append(d.Views, v)
		}
		for _, list := range []struct{ to, from *[]string }{{&d.Agreement, &p.Agreement}, {&d.Findings, &p.Findings}, {&d.Limits, &p.Limits}} {
			for _, text := range *list.from {
				*list.to = append(*list.to, named(text))
			}
		}
	}
	return d
}

// Headline is one of the figures that say the most.
type Headline struct{ Kind, What, Value string }

// Headlines are those of a document: how systems compare over all tasks, and the measures
// that only some kinds have.
func (d *Document) Headlines() []Headline {
	var list []Headline
	single := len(d.Tasks) == 1
	for _, r := range d.Ratios {
		if (r.Task == "" || single) && (r.Measure == Wall || r.Measure == CPU) {
			what := r.Measure + " of " + r.System + " to " + r.Baseline
			if r.Variant != "" {
				what += ", " + r.Variant
			}
			list = append(list, Headline{d.Kind, what, factor(r.Value)})
		}
	}
	largest := map[string]*Case{}
	for i := range d.Cases {
		c := &d.Cases[i]
		for _, name := range []string{"throughput", "p50", "p99", "limit"} {
			if m := c.Measure(name); m != nil && (name == "limit" || c.Measure("throughput") != nil) {
				if name == "limit" { // beside it is what it limits
					name, m = Peak, cmp.Or(c.Measure(Peak), m)
				}
				list = append(list, Headline{d.Kind, name + ", " + c.Variant, m.Unit.Format(m.Median)})
			}
		}
		if m := c.Measure("by events"); m != nil {
			if l := largest[c.Task]; l == nil || l.Measure("by events").Median < m.Median {
				largest[c.Task] = c
			}
		}
	}
	for _, t := range d.Tasks {
		if c := largest[t.Name]; c != nil && c.Measure(Wall) != nil {
			list = append(list, Headline{d.Kind, t.Name + ", " + c.Variant, c.Measure(Wall).spread()})
		}
	}
	return list
}
