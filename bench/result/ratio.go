package result

import "math"

// AddRatios compares system with every other one of the same task and variant, in the
// given measures, and adds the geometric mean over the tasks where there are several.
// Where either has no value, or zero, there is no ratio.
func (d *Document) AddRatios(system string, measures ...string) {
	for _, variant := range d.variants() {
		for _, measure := range measures {
			for _, baseline := range d.Systems {
				if baseline.Name != system {
					d.addRatios(variant, measure, system, baseline.Name)
				}
			}
		}
	}
}

func (d *Document) addRatios(variant, measure, system, baseline string) {
	mean := Ratio{Variant: variant, Measure: measure, System: system, Baseline: baseline}
	logs, n := 0.0, 0
	for _, t := range d.Tasks {
		ours, theirs := d.value(t.Name, variant, system, measure), d.value(t.Name, variant, baseline, measure)
		if ours == nil || theirs == nil || !(ours.Median > 0) || !(theirs.Median > 0) {
			continue
		}
		r := mean
		r.Task, r.Better, r.Value = t.Name, ours.Better, ours.Median/theirs.Median
		d.Ratios = append(d.Ratios, r)
		mean.Better = ours.Better
		logs += math.Log(r.Value)
		n++
	}
	if n > 1 {
		mean.Value = math.Exp(logs / float64(n))
		d.Ratios = append(d.Ratios, mean)
	}
}

func (d *Document) value(task, variant, system, measure string) *Measure {
	if c := d.Case(task, variant, system); c != nil {
		return c.Measure(measure)
	}
	return nil
}

// ratioTo finds a ratio to a baseline; nil where there is none.
func (d *Document) ratioTo(task, variant, measure, baseline string) *Ratio {
	for i := range d.Ratios {
		if r := &d.Ratios[i]; r.Task == task && r.Variant == variant && r.Measure == measure && r.Baseline == baseline {
			return r
		}
	}
	return nil
}
