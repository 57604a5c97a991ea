package scale

import (
	"fmt"
	"slices"

	"traillake/bench/result"
)

// target is how many events the model is asked about.
const target = 10e9

// views says what to show.
func (b *bench) views() {
	add := func(title, x, measure string) {
		b.d.Views = append(b.d.Views, result.View{Title: title, X: x, Measure: measure})
	}
	add("Ingest, processor time per event", "by "+events, "cpu per event")
	add("Ingest, time per event", "by "+events, "time per event")
	add("Bytes per event", "by "+events, "bytes per event")
	for _, kind := range []string{events, files, commits} {
		if !slices.ContainsFunc(b.points, func(p point) bool { return p.kind == kind }) {
			continue
		}
		add("Time by "+kind+", whole processes", "by "+kind, result.Wall)
		add("Processor time by "+kind, "by "+kind, result.CPU)
		add("Peak memory by "+kind, "by "+kind, result.Peak)
	}
}

// predict fits a model to each task, and says what it takes to hold and to query the target.
func (b *bench) predict() {
	d := b.d
	var largest point
	for _, p := range b.points {
		if p.kind == events && p.events >= largest.events {
			largest = p
		}
	}
	then := point{events: target, bytes: largest.bytes / largest.events * target, files: largest.files / largest.events * target}
	say := func(format string, args ...any) { d.Findings = append(d.Findings, fmt.Sprintf(format, args...)) }
	say("Ten billion events take %s in %s files, if bytes per event and events per file stay those of %s events.",
		result.Bytes.Format(then.bytes), result.Count.Format(then.files), result.Count.Format(largest.events))
	for _, t := range d.Tasks {
		for _, m := range []struct {
			name  string
			value func(point) float64
		}{{result.Wall, func(p point) float64 { return p.wall }}, {result.CPU, func(p point) float64 { return p.cpu }}} {
			form, terms := "a + b·files + c·bytes", func(p point) []float64 { return []float64{1, p.files, p.bytes} }
			if t.Name == ingestTask {
				form, terms = "a + b·events", func(p point) []float64 { return []float64{1, p.events} }
			}
			var samples []sample
			for _, p := range b.points {
				// Commits are a matter of their own, and have few points.
				if p.task == t.Name && p.kind != commits {
					samples = append(samples, sample{terms(p), m.value(p)})
				}
			}
			say("%s", predictText(t.Name+", "+m.name, form, samples, terms(then)))
		}
	}
	d.Limits = append(d.Limits,
		"Models are linear, fitted by least squares of relative errors, without negative coefficients; residuals are (model - measured) / measured. The spread is that of a 95 % interval if costs go on to grow linearly, which nothing here shows.",
		fmt.Sprintf("Ten billion events are %s times the largest store here. The model assumes the same machine, files in the system's cache, and the same 31 days: an hour then has as many times more events. Memory, temporary files and the time of a disk are not in it.",
			result.Count.Format(target/largest.events)),
		"A query is a process of its own, from its start to its end, after one run that is not counted.",
		"An ingest of the first size runs as often as a query; those of larger sizes run a quarter as often, but once at least.")
}

// predictText fits and extrapolates, or says why not.
func predictText(what, form string, samples []sample, at []float64) string {
	m, err := fit(samples)
	if err != nil {
		return fmt.Sprintf("%s: no model of the form %s: %v.", what, form, err)
	}
	names := []string{"a", "b", "c"}
	text := fmt.Sprintf("%s = %s:", what, form)
	for i, c := range m.coefficients {
		text += fmt.Sprintf(" %s = %s,", names[i], result.Seconds.Format(c))
	}
	text += " residuals " + m.residualText() + "."
	value, spread, err := m.extrapolate(at)
	if err != nil {
		return fmt.Sprintf("%s Not extrapolated: %v.", text, err)
	}
	return fmt.Sprintf("%s At ten billion events: %s ± %s.", text, result.Seconds.Format(value), result.Seconds.Format(spread))
}
