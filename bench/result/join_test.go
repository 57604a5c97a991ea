package result

import (
	"bytes"
	"slices"
	"testing"
)

// part is a small document of a kind.
func part(kind string) *Document {
	d := New(kind, "A part", "traillake test", ".")
	d.Seed = 3
	d.Sizes = []Quantity{{Name: "records", Unit: Count, Value: 10}}
	d.Settings = []Setting{{Name: "runs", Value: "2"}}
	d.Systems = []System{{Name: "traillake", Text: "this"}, {Name: "other", Text: "that"}}
	d.Tasks = []Task{{Name: "a", Title: "A"}, {Name: "b", Title: "B"}}
	for i, task := range []string{"a", "b"} {
		d.Cases = append(d.Cases,
			Case{Task: task, System: "traillake", Measures: []Measure{NewMeasure(Wall, Seconds, Lower, float64(1+i)), NewMeasure("by events", Count, Neither, float64(10+i))}},
			Case{Task: task, System: "other", Measures: []Measure{NewMeasure(Wall, Seconds, Lower, float64(2+2*i))}})
	}
	d.AddRatios("traillake", Wall)
	d.Views = []View{{Title: "Times", Measure: Wall}, {Title: "Growth", X: "by events", Measure: Wall}}
	d.Findings = []string{"Fine."}
	return d
}

// TestJoin joins two documents that use the same names.
func TestJoin(t *testing.T) {
	one, two := part("one"), part("two")
	d := Join("Both", "traillake bench all", one, two)
	if err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	if d.Kind != "all" || d.Seed != 3 || len(d.Cases) != 8 || len(d.Ratios) != 6 || len(d.Systems) != 2 || len(d.Views) != 4 || d.Findings[1] != "two: Fine." {
		t.Errorf("joined %+v", d)
	}
	if c := d.Case("two: b", "two", "other"); c == nil || c.Measure(Wall).Median != 4 {
		t.Errorf("case b of two is %+v", c)
	}
	if one.Tasks[0].Name != "a" || one.Cases[0].Variant != "" || one.Views[0].Title != "Times" {
		t.Errorf("a part has changed: %+v", one)
	}
	var text, page, js bytes.Buffer
	for _, err := range []error{d.Text(&text), d.HTML(&page), d.JSON(&js)} {
		if err != nil {
			t.Error(err)
		}
	}
	again, err := Read(&js)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Compare(d, again, CompareOptions{Tolerance: 1.1}); err != nil || len(c.Lines) != 6 {
		t.Errorf("compared with itself: %+v, %v", c, err)
	}
}

// TestHeadlines takes geometric means, what clients met, and the largest sizes.
func TestHeadlines(t *testing.T) {
	d := part("one")
	d.Tasks = append(d.Tasks, Task{Name: "clients"})
	d.Cases = append(d.Cases, Case{Task: "clients", Variant: "open loop", System: "traillake", Measures: []Measure{
		NewMeasure("throughput", PerSecond, Higher, 5), NewMeasure("p50", Seconds, Lower, 1), NewMeasure("p99", Seconds, Lower, 2)}},
		Case{Task: "clients", Variant: "process", System: "traillake", Measures: []Measure{NewMeasure(Peak, Bytes, Lower, 2e6), NewMeasure("limit", Bytes, Neither, 4e6)}})
	want := []Headline{
		{"one", "time of traillake to other", "×0.50"},
		{"one", "throughput, open loop", "5/s"}, {"one", "p50, open loop", "1 s"}, {"one", "p99, open loop", "2 s"},
		{"one", "peak memory, process", "2 MB"},
		{"one", "a, ", "1 s"}, {"one", "b, ", "2 s"},
	}
	if got := d.Headlines(); !slices.Equal(got, want) {
		t.Errorf("headlines %q, want %q", got, want)
	}
}
