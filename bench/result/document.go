package result

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Schema is the version of the JSON: fields may be added to it, none is renamed or removed.
const Schema = "traillake.bench/1"

// Document is what a benchmark has found.
type Document struct {
	// Schema is the constant of this name.
	Schema string `json:"schema"`
	// Kind is the benchmark: ingest, query, concurrent, compact, scale.
	Kind string `json:"kind"`
	// Title says in a line what was measured.
	Title string `json:"title"`
	// Tool is the program and its version.
	Tool string `json:"tool"`
	// Command is a command line that measures the same again.
	Command string `json:"command"`
	// Started is when it began, Took for how long it ran, in seconds.
	Started time.Time `json:"started"`
	Took    float64   `json:"took"`
	// Seed selects the generated logs and the values in the queries; 0 where nothing
	// depends on a seed.
	Seed uint64 `json:"seed"`
	// Sizes say how much there was to do. Documents of other sizes are not compared.
	Sizes []Quantity `json:"sizes"`
	// Settings are those of the systems and of the benchmark.
	Settings []Setting `json:"settings"`
	Host     Host      `json:"host"`
	// Versions are those of programs and libraries.
	Versions []Version `json:"versions"`
	// Systems are what was measured, in the order in which they are shown.
	Systems []System `json:"systems"`
	// Tasks are what each case's name stands for.
	Tasks []Task `json:"tasks"`
	// Cases are the figures: one for each task, variant and system.
	Cases []Case `json:"cases"`
	// Ratios compare systems in one case.
	Ratios []Ratio `json:"ratios"`
	// Views say what to show.
	Views []View `json:"views"`
	// Agreement says which results were compared and found equal, Findings what follows
	// from the figures, and Limits what they do not tell. Each is a sentence.
	Agreement []string `json:"agreement"`
	Findings  []string `json:"findings"`
	Limits    []string `json:"limits"`
}

// Quantity is a number with its unit.
type Quantity struct {
	Name  string  `json:"name"`
	Unit  Unit    `json:"unit"`
	Value float64 `json:"value"`
}

// Setting is a choice.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Version is that of a program or library.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// System is one of those that are compared.
type System struct {
	Name string `json:"name"`
	// Text says what it does, in a sentence.
	Text string `json:"text"`
}

// Task is what systems do in a case.
type Task struct {
	Name string `json:"name"`
	// Group is what kind of task it is; may be empty.
	Group string `json:"group"`
	// Title says in a line what it is.
	Title string `json:"title"`
	// Texts are what the systems were given, if that is a text, such as SQL.
	Texts []TaskText `json:"texts"`
}

// TaskText is what systems were given to do.
type TaskText struct {
	// Systems are the names of those to which it was given.
	Systems []string `json:"systems"`
	Text    string   `json:"text"`
}

// Case is what one system did.
type Case struct {
	// Task is the name of a task.
	Task string `json:"task"`
	// Variant is the circumstance, such as warm or cold; may be empty.
	Variant string `json:"variant"`
	// System is the name of a system.
	System   string    `json:"system"`
	Measures []Measure `json:"measures"`
}

// Measure finds a measure by its name; nil where there is none.
func (c *Case) Measure(name string) *Measure {
	for i := range c.Measures {
		if c.Measures[i].Name == name {
			return &c.Measures[i]
		}
	}
	return nil
}

// Ratio compares two systems in one case.
type Ratio struct {
	// Task is empty for the geometric mean over all tasks.
	Task    string `json:"task"`
	Variant string `json:"variant"`
	Measure string `json:"measure"`
	// System and Baseline are names of systems.
	System   string `json:"system"`
	Baseline string `json:"baseline"`
	// Better says which values are: lower or higher.
	Better Better `json:"better"`
	// Value is the median of System over that of Baseline.
	Value float64 `json:"value"`
}

// View is a table, and a chart if it is of one measure.
type View struct {
	Title string `json:"title"`
	// Variant is the circumstance that is shown; empty shows cases without one.
	Variant string `json:"variant"`
	// Measure is shown for each task and system. Where it is empty, all measures are.
	Measure string `json:"measure"`
	// System is the only one that is shown; empty shows all.
	System string `json:"system"`
	// X is a measure along which the values are drawn, such as the number of events; empty
	// draws them by task.
	X string `json:"x"`
}

// New makes a document that began now, with the facts of the host and of what is at dir,
// the folder that the benchmark works in.
func New(kind, title, tool, dir string) *Document {
	return &Document{Schema: Schema, Kind: kind, Title: title, Tool: tool, Started: time.Now().UTC().Truncate(time.Second),
		Host: hostFacts(dir), Versions: libraryVersions()}
}

// Finish notes for how long the benchmark ran. It returns an error if the document
// contradicts itself, which is a mistake of the benchmark.
func (d *Document) Finish() error {
	d.Took = math.Round(time.Since(d.Started).Seconds())
	d.fill()
	return d.validate()
}

// fill makes lists of what is nil, which JSON would write as null.
func (d *Document) fill() {
	for _, list := range []*[]string{&d.Agreement, &d.Findings, &d.Limits} {
		*list = notNil(*list)
	}
	d.Sizes, d.Settings, d.Versions, d.Systems = notNil(d.Sizes), notNil(d.Settings), notNil(d.Versions), notNil(d.Systems)
	d.Tasks, d.Cases, d.Ratios, d.Views = notNil(d.Tasks), notNil(d.Cases), notNil(d.Ratios), notNil(d.Views)
	for i := range d.Tasks {
		d.Tasks[i].Texts = notNil(d.Tasks[i].Texts)
	}
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Case finds a case; nil where there is none.
func (d *Document) Case(task, variant, system string) *Case {
	for i := range d.Cases {
		if c := &d.Cases[i]; c.Task == task && c.Variant == variant && c.System == system {
			return c
		}
	}
	return nil
}

// variants are those of the cases, in their order.
func (d *Document) variants() []string {
	var list []string
	for _, c := range d.Cases {
		if !slices.Contains(list, c.Variant) {
			list = append(list, c.Variant)
		}
	}
	return list
}

// validate looks for what no writer or reader of a document can make sense of.
func (d *Document) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if d.Kind == "" {
		bad("it does not say of which kind it is")
	}
	number := func(what string, values ...float64) {
		if slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			bad("%s: %v is no number", what, values)
		}
	}
	unit := func(what string, u Unit) {
		if !slices.Contains(units, u) {
			bad("%s: there is no unit %q", what, u)
		}
	}
	systems, tasks := map[string]bool{}, map[string]bool{}
	for _, s := range d.Systems {
		systems[s.Name] = true
	}
	for _, t := range d.Tasks {
		tasks[t.Name] = true
	}
	for _, q := range d.Sizes {
		number(q.Name, q.Value)
		unit(q.Name, q.Unit)
	}
	seen := map[[3]string]bool{}
	for _, c := range d.Cases {
		what := fmt.Sprintf("case %s %s of %s", c.Task, c.Variant, c.System)
		if key := [3]string{c.Task, c.Variant, c.System}; seen[key] {
			bad("%s is there twice", what)
		} else {
			seen[key] = true
		}
		if !systems[c.System] || !tasks[c.Task] {
			bad("%s: no such system or task", what)
		}
		for _, m := range c.Measures {
			if n := NewMeasure(m.Name, m.Unit, m.Better, m.Runs...); len(m.Runs) == 0 || !n.about(m) {
				bad("%s: measure %s does not follow from its runs", what, m.Name)
			}
			number(what, m.Runs...)
			unit(what, m.Unit)
		}
	}
	for _, r := range d.Ratios {
		if !systems[r.System] || !systems[r.Baseline] || !(r.Task == "" || tasks[r.Task]) {
			bad("ratio %s of %s to %s: no such system or task", r.Measure, r.System, r.Baseline)
		}
		if !(r.Value > 0) {
			bad("ratio %s of %s to %s is %v", r.Measure, r.System, r.Baseline, r.Value)
		}
		number("ratio", r.Value)
	}
	return errors.Join(errs...)
}

// JSON writes the document.
func (d *Document) JSON(w io.Writer) error {
	d.fill()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// Read reads the JSON of a document. One that another version of the program has written
// in another schema is an error.
func Read(r io.Reader) (*Document, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var d Document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("this is no result of a benchmark: %w", err)
	}
	if d.Schema != Schema {
		return nil, fmt.Errorf("schema %q is not %s, which this program reads", cmp.Or(d.Schema, "(none)"), Schema)
	}
	if err := d.validate(); err != nil {
		return nil, err
	}
	d.fill()
	return &d, nil
}
