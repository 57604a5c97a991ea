package concurrent

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"traillake/bench/result"
)

// System is the name of what is measured.
const System = "traillake"

// The variants of cases.
const (
	closedLoop = "closed loop"
	openLoop   = "open loop"
	process    = "process"
)

// everything is the task of all queries together.
const everything = "all queries"

// document writes what was measured as every benchmark does.
func (r *Report) document(d *result.Document, shapes []shape) error {
	d.Sizes = []result.Quantity{{Name: "events before", Unit: result.Count, Value: float64(r.Records)}, {Name: "clients", Unit: result.Count, Value: float64(r.Clients)}}
	d.Systems = []result.System{{Name: System, Text: "one process: an ingest, compactions, and an engine that answers every query in a database of its own"}}
	d.Tasks = []result.Task{{Name: everything, Title: "The mix of all queries below"}}
	for _, s := range shapes {
		d.Tasks = append(d.Tasks, result.Task{Name: s.name, Title: s.Title, Texts: []result.TaskText{{Systems: []string{System}, Text: s.SQL}}})
	}
	d.Tasks = append(d.Tasks, result.Task{Name: "ingest", Title: "What came in meanwhile"}, result.Task{Name: process, Title: "The process as a whole"})
	for _, l := range []struct {
		name string
		Loop
	}{{closedLoop, r.Closed}, {openLoop, r.Open}} {
		add := func(task string, x Latency, more ...result.Measure) {
			if x.Count == 0 {
				return
			}
			d.Cases = append(d.Cases, result.Case{Task: task, Variant: l.name, System: System, Measures: append([]result.Measure{
				result.NewMeasure("queries", result.Count, result.Neither, float64(x.Count)),
				latencyMeasure("p50", x.P50), latencyMeasure("p95", x.P95), latencyMeasure("p99", x.P99), latencyMeasure("max", x.Max),
			}, more...)})
		}
		add(everything, l.Latency,
			result.NewMeasure("throughput", result.PerSecond, result.Higher, l.PerSecond),
			result.NewMeasure("errors", result.Count, result.Lower, float64(count(l.Errors))),
			result.NewMeasure("commits seen", result.Count, result.Neither, float64(l.Commits)))
		for _, s := range shapes {
			add(s.name, l.ByShape[s.name])
		}
		text := fmt.Sprintf("Queries of %d clients, %s", r.Clients, l.name)
		if l.Rate > 0 {
			text += fmt.Sprintf(", %.3g a second", l.Rate)
			d.Settings = append(d.Settings, result.Setting{Name: "arrivals a second", Value: fmt.Sprintf("%.3g", l.Rate)})
		}
		d.Views = append(d.Views, result.View{Title: text, Variant: l.name})
	}
	if r.Ingest.Commits > 0 {
		d.Cases = append(d.Cases, result.Case{Task: "ingest", Variant: "ingest", System: System, Measures: []result.Measure{
			result.NewMeasure("events", result.Count, result.Neither, float64(r.Ingest.Events)),
			result.NewMeasure("rate", result.PerSecond, result.Neither, r.Ingest.EventsPerSecond),
			result.NewMeasure("commits", result.Count, result.Neither, float64(r.Ingest.Commits)),
			result.NewMeasure("commit p50", result.Seconds, result.Lower, r.Ingest.Median.Seconds()),
			result.NewMeasure("commit max", result.Seconds, result.Lower, r.Ingest.Max.Seconds()),
			result.NewMeasure("compactions", result.Count, result.Neither, float64(r.Ingest.Compactions)),
			result.NewMeasure("errors", result.Count, result.Lower, float64(count(r.Ingest.Errors))),
		}})
		d.Views = append(d.Views, result.View{Title: "Logs that came in meanwhile", Variant: "ingest"})
	}
	if r.PeakBytes > 0 {
		d.Cases = append(d.Cases, result.Case{Task: process, Variant: process, System: System, Measures: []result.Measure{
			result.NewMeasure(result.Peak, result.Bytes, result.Lower, float64(r.PeakBytes)),
			result.NewMeasure("limit", result.Bytes, result.Neither, float64(r.MemoryLimit)),
		}})
		d.Views = append(d.Views, result.View{Title: "Memory", Variant: process})
	}
	d.Settings = append(d.Settings, result.Setting{Name: "queries at once", Value: fmt.Sprint(r.AtOnce)})
	d.Agreement = r.agreement()
	d.Findings = r.findings()
	d.Limits = []string{
		"Latency is until the last row. In the open loop it is counted from when the query was to arrive, also where it had to wait (no coordinated omission); in the closed loop from when the client asked.",
		"Clients are in the process that answers them: there is no network between them.",
		"p99 of a few hundred queries is one of the slowest few; a longer --duration makes it firmer.",
	}
	return d.Finish()
}

func latencyMeasure(name string, d time.Duration) result.Measure {
	return result.NewMeasure(name, result.Seconds, result.Lower, d.Seconds())
}

func count(errors map[string]int) (n int) {
	for _, c := range errors {
		n += c
	}
	return n
}

func (r *Report) agreement() []string {
	old := r.Closed.ByShape[oldEvents].Count + r.Open.ByShape[oldEvents].Count
	all := r.Closed.ByShape[allEvents].Count + r.Open.ByShape[allEvents].Count
	var list []string
	if len(r.Wrong) == 0 {
		list = append(list, fmt.Sprintf("%d queries found the same number of events of the time before the run, and the number of all events did not go down for any client in %d queries.", old, all))
	}
	if len(r.Problems) == 0 {
		list = append(list, "verify --deep found nothing wrong with the lake at the end.")
	}
	return list
}

// findings are what is wrong, first of all.
func (r *Report) findings() []string {
	var list []string
	for _, e := range []struct {
		where string
		list  map[string]int
	}{{closedLoop, r.Closed.Errors}, {openLoop, r.Open.Errors}, {"ingest", r.Ingest.Errors}} {
		for _, text := range slices.Sorted(maps.Keys(e.list)) {
			list = append(list, fmt.Sprintf("ERROR, %d times, %s: %s", e.list[text], e.where, text))
		}
	}
	for _, text := range r.Wrong {
		list = append(list, "WRONG ANSWER: "+text)
	}
	for _, text := range r.Problems {
		list = append(list, "DAMAGE: "+text)
	}
	switch limit := result.Bytes.Format(float64(r.MemoryLimit)); {
	case r.PeakBytes > r.MemoryLimit:
		list = append(list, fmt.Sprintf("TOO MUCH MEMORY: %s resident, the limit is %s.", result.Bytes.Format(float64(r.PeakBytes)), limit))
	case r.PeakBytes > 0:
		list = append(list, fmt.Sprintf("The process stayed within the limit of %s: %s resident at most.", limit, result.Bytes.Format(float64(r.PeakBytes))))
	}
	if r.Ingest.Behind {
		list = append(list, "The ingest did not keep pace with the logs that came in.")
	}
	return list
}
