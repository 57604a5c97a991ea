package ingest

import (
	"fmt"
	"slices"
	"strconv"

	"traillake/bench/result"
)

// texts say what the contenders do.
var texts = map[string]string{
	Traillake:    "traillake ingest, into a new lake",
	DuckDBJSON:   "DuckDB: read_json over the files as delivered, unnest, COPY to one Parquet file with the same columns",
	DuckDBNDJSON: "the same over the records rewritten beforehand as gzipped files of one record per line; the rewriting is not counted",
}

// document puts what was measured into d.
func (b *bench) document(d *result.Document, runs map[string][]run) {
	const task = "ingest"
	in := b.input
	d.Command = b.CommandLine
	if b.Source == "" {
		d.Seed = b.Seed
	}
	d.Versions = append(d.Versions, result.Version{Name: "DuckDB", Version: b.DuckDB})
	d.Sizes = []result.Quantity{
		{Name: "records", Unit: result.Count, Value: float64(in.Records)}, {Name: "files", Unit: result.Count, Value: float64(in.Files)},
		{Name: "JSON", Unit: result.Bytes, Value: float64(in.JSONBytes)}, {Name: "gzip", Unit: result.Bytes, Value: float64(in.GzipBytes)},
		{Name: "largest file", Unit: result.Bytes, Value: float64(in.LargestBytes)},
	}
	d.Settings = []result.Setting{{Name: "runs", Value: strconv.Itoa(b.Runs)}}
	if b.MaxMemory != "" {
		d.Settings = append(d.Settings, result.Setting{Name: "max-memory", Value: b.MaxMemory})
	}
	d.Tasks = []result.Task{{Name: task, Title: "turns the log files into Parquet"}}
	for _, name := range b.Contenders {
		d.Systems = append(d.Systems, result.System{Name: name, Text: texts[name]})
		measure := func(name string, unit result.Unit, better result.Better, value func(run) float64) result.Measure {
			return result.NewMeasure(name, unit, better, each(runs[d.Systems[len(d.Systems)-1].Name], value)...)
		}
		rate := func(amount int64) func(run) float64 {
			return func(r run) float64 { return float64(amount) / r.Wall.Seconds() }
		}
		d.Cases = append(d.Cases, result.Case{Task: task, System: name, Measures: []result.Measure{
			measure("events/s", result.PerSecond, result.Higher, rate(in.Records)),
			measure("JSON/s", result.BytesPerSecond, result.Higher, rate(in.JSONBytes)),
			measure("gzip/s", result.BytesPerSecond, result.Higher, rate(in.GzipBytes)),
			measure(result.Wall, result.Seconds, result.Lower, func(r run) float64 { return r.Wall.Seconds() }),
			measure(result.CPU, result.Seconds, result.Lower, func(r run) float64 { return r.CPU.Seconds() }),
			measure(result.Peak, result.Bytes, result.Lower, func(r run) float64 { return float64(r.peak) }),
			measure("written", result.Bytes, result.Lower, func(r run) float64 { return float64(r.outputBytes) }),
			measure("of gzip", result.Share, result.Neither, func(r run) float64 { return float64(r.outputBytes) / float64(max(1, in.GzipBytes)) }),
			measure("files", result.Count, result.Neither, func(r run) float64 { return float64(r.outputFiles) }),
		}})
	}
	d.AddRatios(b.Contenders[0], result.Wall, result.CPU, result.Peak, "written")
	d.Views = []result.View{{Title: "Ingest"}, {Title: "Time", Measure: result.Wall}, {Title: "Processor time", Measure: result.CPU}}
	b.agreement(d, runs)
	d.Limits = []string{
		"Every run is a process of its own with a new target; files that were read before come from the page cache.",
		"DuckDB's defaults hold for its memory, Traillake's for its own; rows are compared by number only.",
	}
	if !slices.Contains(b.Contenders, Traillake) {
		d.Limits = append(d.Limits, "Traillake was left out.")
	}
}

// agreement says who stored all events; a store may leave some out by its selectors.
func (b *bench) agreement(d *result.Document, runs map[string][]run) {
	for _, name := range b.Contenders {
		stored := runs[name][0].events
		for _, r := range runs[name] {
			stored = min(stored, r.events)
		}
		if stored == b.input.Records {
			d.Agreement = append(d.Agreement, fmt.Sprintf("%s stored all %s events in every run.", name, result.Count.Format(float64(stored))))
		} else {
			d.Findings = append(d.Findings, fmt.Sprintf("%s stored %d events of %d.", name, stored, b.input.Records))
		}
	}
}

func each(runs []run, value func(run) float64) []float64 {
	list := make([]float64, len(runs))
	for i, r := range runs {
		list[i] = value(r)
	}
	return list
}
