package query

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"traillake/bench/result"
	"traillake/engine/duck/unboxed"
)

// The measures of a query, beside those of package result.
const (
	measureRows   = "rows"
	measureRead   = "bytes read"
	measureOpened = "files opened"
	measurePruned = "files pruned"
)

// add puts what was measured of a query into the document.
func (b *bench) add(t *task, parts []*part) {
	d := b.document
	entry := result.Task{Name: t.name, Group: t.group, Title: t.title}
	for _, p := range parts {
		text := p.text
		if p.system.name == Zgrep {
			text = `zgrep -hoF '"eventID":"…"' FILES`
		}
		i := slices.IndexFunc(entry.Texts, func(o result.TaskText) bool { return o.Text == text })
		if i < 0 {
			entry.Texts = append(entry.Texts, result.TaskText{Text: text})
			i = len(entry.Texts) - 1
		}
		entry.Texts[i].Systems = append(entry.Texts[i].Systems, p.system.name)
	}
	d.Tasks = append(d.Tasks, entry)
	for _, variant := range []string{variantWarm, variantCold} {
		for _, p := range parts {
			if runs := p.done[variant]; len(runs) > 0 {
				d.Cases = append(d.Cases, result.Case{Task: t.name, Variant: variant, System: p.system.name, Measures: measures(runs)})
			}
		}
	}
}

func measures(runs []once) []result.Measure {
	each := func(value func(once) float64) []float64 {
		list := make([]float64, len(runs))
		for i, r := range runs {
			list[i] = value(r)
		}
		return list
	}
	last := runs[len(runs)-1]
	list := []result.Measure{
		result.NewMeasure(result.Wall, result.Seconds, result.Lower, each(func(o once) float64 { return o.Wall.Seconds() })...),
		result.NewMeasure(result.CPU, result.Seconds, result.Lower, each(func(o once) float64 { return o.CPU.Seconds() })...),
		result.NewMeasure(measureRows, result.Count, result.Neither, float64(last.rows)),
	}
	if last.opened >= 0 {
		list = append(list, result.NewMeasure(measureOpened, result.Count, result.Neither, float64(last.opened)),
			result.NewMeasure(measurePruned, result.Count, result.Neither, float64(last.total-last.opened)))
	}
	if last.peak > 0 {
		list = append(list, result.NewMeasure(result.Peak, result.Bytes, result.Lower, each(func(o once) float64 { return float64(o.peak) })...))
	}
	if last.read >= 0 {
		list = append(list, result.NewMeasure(measureRead, result.Bytes, result.Lower, each(func(o once) float64 { return o.read })...))
	}
	return list
}

// describe fills in what there is to say about the whole run.
func (b *bench) describe() {
	d, in := b.document, b.input
	d.Command, d.Seed = b.CommandLine, b.Seed
	d.Versions = append(d.Versions, result.Version{Name: "DuckDB", Version: unboxed.Version()})
	if b.clickHouse != nil {
		d.Versions = append(d.Versions, result.Version{Name: "ClickHouse", Version: b.clickHouse.version})
	}
	if b.trino != nil {
		d.Versions = append(d.Versions, result.Version{Name: "Trino", Version: b.trino.Version})
	}
	d.Sizes = []result.Quantity{
		{Name: "records", Unit: result.Count, Value: float64(in.Records)}, {Name: "log files", Unit: result.Count, Value: float64(in.Files)},
		{Name: "JSON", Unit: result.Bytes, Value: float64(in.JSONBytes)}, {Name: "gzip", Unit: result.Bytes, Value: float64(in.GzipBytes)},
	}
	d.Settings = []result.Setting{{Name: "runs", Value: strconv.Itoa(b.Runs)}, {Name: "threads", Value: or(b.Threads, "one for each core")}}
	memory := "the engine's default"
	if b.Memory > 0 {
		memory = result.Bytes.Format(float64(b.Memory))
	}
	d.Settings = append(d.Settings, result.Setting{Name: "memory", Value: memory}, result.Setting{Name: "cold", Value: cmp.Or(b.coldAs, "not measured")})
	for _, s := range b.systems {
		d.Systems = append(d.Systems, result.System{Name: s.name, Text: s.text})
	}
	subject := b.systems[0].name
	d.AddRatios(subject, result.Wall, result.CPU)
	for _, v := range []struct{ variant, title string }{{variantWarm, "with files in the page cache"}, {variantCold, "with nothing in the page cache"}} {
		d.Views = append(d.Views, result.View{Title: "Time, " + v.title, Variant: v.variant, Measure: result.Wall})
	}
	d.Views = append(d.Views, result.View{Title: "Processor time, with files in the page cache", Variant: variantWarm, Measure: result.CPU},
		result.View{Title: "Bytes read, with files in the page cache", Variant: variantWarm, Measure: measureRead},
		result.View{Title: "All of " + subject + ", with files in the page cache", Variant: variantWarm, System: subject})
	b.conclude(subject)
}

// conclude adds the sentences.
func (b *bench) conclude(subject string) {
	d := b.document
	if compared := slices.DeleteFunc(slices.Clone(b.systems), func(s *system) bool { return s.countsOnly }); len(compared) > 1 {
		d.Agreement = append(d.Agreement, fmt.Sprintf("All %d systems gave the same rows for each of the %d queries, in any order: as many, with the same sum of hashes of all values.",
			len(compared), len(d.Tasks)))
	}
	for _, s := range b.systems {
		if s.countsOnly && slices.ContainsFunc(d.Cases, func(c result.Case) bool { return c.System == s.name }) {
			d.Agreement = append(d.Agreement, fmt.Sprintf("%s gave as many rows for each query that it takes part in.", s.name))
		}
	}
	for _, variant := range []string{variantWarm, variantCold} {
		for _, s := range b.systems[1:] {
			if text := finding(d.Ratios, variant, s.name); text != "" {
				d.Findings = append(d.Findings, fmt.Sprintf("%s: %s takes %s as long as %s.", variant, s.name, text, subject))
			}
		}
	}
	d.Limits = append(d.Limits,
		"A time is that from the text of a query to its last row, which is read and dropped, and the closing of the database. The start of the process and the opening of an empty database are not in it, but for zgrep and traillake-process.",
		"Every query has a database of its own with the same settings, in one process; the systems take turns, run by run.",
		fmt.Sprintf("What took more than %s in its warm-up ran at most %d times warm and once cold, what took more than %s once and not cold.", SlowAfter, SlowRuns, VerySlowAfter),
		"Bytes read are what the process asked the system for, from the disk or its cache. Files are the data files of a store, or those given to DuckDB, which may still read no more than their ends.",
		"What systems have to prepare is not counted: Traillake its ingest, DuckDB its Parquet file and the rewriting as one record per line.",
		"DuckDB's Parquet has no text of the record: what is searched there is the row as JSON.")
	if b.has(Again) {
		b.limit("%s is asked what it was asked before, over the same files: its times are those of finding the rows again. Its ratios are in no other system's mean. It is not measured cold.", Again)
	}
	if b.clickHouse != nil {
		b.limit("%s is a process for each query. Its time and processor time are those of its statements, as it counts them itself; the processor time of writing rows is not in it.", ClickHouse)
	}
	if b.trino != nil {
		b.limit("%s is one server that runs beside Traillake for all queries, as its users have it: it is warm, keeps what it read of the table's metadata, and gives rows as JSON, whose reading is in its time. Its processor time is that of its tasks, as it counts it itself, without planning. It works on for a while after an answer, which takes time from whoever has the next turn: leave it out with --systems to compare the others.", Trino)
	}
}

// finding says how many times as long a system takes as the first: the geometric mean, the
// least and the most; empty where nothing compares them.
func finding(ratios []result.Ratio, variant, baseline string) string {
	var of []result.Ratio
	mean := ""
	for _, r := range ratios {
		if r.Variant != variant || r.Measure != result.Wall || r.Baseline != baseline {
			continue
		}
		if r.Task == "" {
			mean = times(r)
		} else {
			of = append(of, r)
		}
	}
	switch len(of) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s (%s)", times(of[0]), of[0].Task)
	}
	slices.SortFunc(of, func(a, b result.Ratio) int { return cmp.Compare(b.Value, a.Value) })
	least, most := of[0], of[len(of)-1]
	return fmt.Sprintf("%s (geometric mean of %d queries; from %s, %s, to %s, %s)", mean, len(of), times(least), least.Task, times(most), most.Task)
}

// times is how many times as long the baseline takes.
func times(r result.Ratio) string { return result.Share.Format(1/r.Value) + " times" }

func or(n int, text string) string {
	if n > 0 {
		return strconv.Itoa(n)
	}
	return text
}
