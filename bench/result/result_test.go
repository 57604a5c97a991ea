package result

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample has two systems, a task that both have and one that one has, and a curve.
func sample(t *testing.T) *Document {
	t.Helper()
	d := New("query", "a sample of <queries> & \"others\"", "traillake test", t.TempDir())
	d.Seed, d.Command = 7, "traillake bench query --records 2000 --seed 7"
	d.Sizes = []Quantity{{"records", Count, 2000}, {"of gzip", Bytes, 123456}}
	d.Settings = []Setting{{"threads", "2"}}
	d.Systems = []System{{"ours", "what we do"}, {"theirs", "what <they> do"}, {"none", "what nobody does"}}
	d.Tasks = []Task{
		{Name: "needle", Group: "needles", Title: "one event", Texts: []TaskText{{[]string{"ours", "theirs"}, "SELECT * FROM t WHERE a < 'b' -- & <script>"}}},
		{Name: "group", Title: "many events"}, {Name: "only-ours", Title: "what they cannot"},
	}
	d.Cases = []Case{
		{"needle", "warm", "ours", []Measure{NewMeasure(Wall, Seconds, Lower, 0.010, 0.012, 0.011), NewMeasure("rows", Count, Neither, 1), NewMeasure("events", Count, Neither, 1000)}},
		{"needle", "warm", "theirs", []Measure{NewMeasure(Wall, Seconds, Lower, 1.1, 1.0, 1.2), NewMeasure("rows", Count, Neither, 1), NewMeasure("events", Count, Neither, 1000)}},
		{"group", "warm", "ours", []Measure{NewMeasure(Wall, Seconds, Lower, 0.2), NewMeasure("rate", PerSecond, Higher, 500), NewMeasure("events", Count, Neither, 10_000)}},
		{"group", "warm", "theirs", []Measure{NewMeasure(Wall, Seconds, Lower, 0.2), NewMeasure("rate", PerSecond, Higher, 100)}},
		{"only-ours", "warm", "ours", []Measure{NewMeasure(Wall, Seconds, Lower, 0.3)}},
	}
	d.AddRatios("ours", Wall, "rate")
	d.Views = []View{{Title: "all", Variant: "warm"}, {Title: "ours alone", Variant: "warm", System: "ours"}, {Title: "time", Variant: "warm", Measure: Wall}, {Title: "growth", Measure: Wall, X: "events"}, {Title: "nothing", Variant: "cold", Measure: Wall}}
	d.Agreement, d.Findings, d.Limits = []string{"all agree"}, []string{"it is <fast>"}, []string{"one machine"}
	if err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMeasure has medians and deviations worked out by hand.
func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		runs                  []float64
		median, min, max, mad float64
	}{
		{[]float64{3}, 3, 3, 3, 0},
		{[]float64{4, 1, 2}, 2, 1, 4, 1},        // 1 0 2 → 1
		{[]float64{1, 2, 3, 10}, 2.5, 1, 10, 1}, // 1.5 0.5 0.5 7.5 → 1
		{[]float64{5, 5, 5, 5, 90}, 5, 5, 90, 0},
	} {
		m := NewMeasure("m", Count, Lower, c.runs...)
		if m.Median != c.median || m.Min != c.min || m.Max != c.max || m.MAD != c.mad {
			t.Errorf("%v has median %v, min %v, max %v, MAD %v", c.runs, m.Median, m.Min, m.Max, m.MAD)
		}
	}
}

// TestRatios: a ratio is the median of ours over theirs, and the mean is geometric.
func TestRatios(t *testing.T) {
	d := sample(t)
	want := map[string]float64{"needle time": 0.01, "group time": 1, " time": 0.1, "group rate": 5}
	if len(d.Ratios) != len(want) {
		t.Errorf("%d ratios: %+v", len(d.Ratios), d.Ratios)
	}
	for _, r := range d.Ratios {
		if w := want[r.Task+" "+r.Measure]; math.Abs(r.Value-w) > 1e-9 || r.System != "ours" || r.Baseline != "theirs" {
			t.Errorf("%+v, want %v of ours to theirs", r, w)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	d := sample(t)
	var b bytes.Buffer
	if err := d.JSON(&b); err != nil {
		t.Fatal(err)
	}
	got, err := Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, d) {
		t.Errorf("read back:\n%+v\nwritten:\n%+v", got, d)
	}
	if strings.Contains(b.String(), "null") {
		t.Error("null in place of an empty list")
	}
	if _, err := Read(strings.NewReader(b.String() + "{}")); err == nil || !strings.Contains(err.Error(), "this is no result") {
		t.Errorf("with text behind it: %v", err)
	}
	for _, c := range []struct{ from, to, want string }{
		{Schema, "traillake.bench/2", "schema"},
		{`"median": 1.1,`, `"median": 2.1,`, "does not follow from its runs"},
		{`"unit": "1/s"`, `"unit": "furlongs"`, "furlongs"},
		{`"baseline": "theirs"`, `"baseline": "others"`, "no such system"},
		{`{`, `[`, "no result of a benchmark"},
	} {
		if _, err := Read(strings.NewReader(strings.Replace(b.String(), c.from, c.to, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s: %v", c.to, err)
		}
	}
}

// TestFinish: a benchmark that contradicts itself does not get to write.
func TestFinish(t *testing.T) {
	for name, spoil := range map[string]func(*Document){
		"twice":          func(d *Document) { d.Cases = append(d.Cases, d.Cases[0]) },
		"no such system": func(d *Document) { d.Cases[0].System = "nobody's" },
		"no number":      func(d *Document) { d.Sizes[0].Value = math.NaN() },
		"ratio time":     func(d *Document) { d.Ratios[0].Task = "nothing" },
		"which kind":     func(d *Document) { d.Kind = "" },
	} {
		d := sample(t)
		spoil(d)
		if err := d.Finish(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A result of others holds what they like: nothing of it reaches the terminal as control
// characters.
func TestTextIsPrintable(t *testing.T) {
	d := sample(t)
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	// The names of systems and tasks, and all other texts of people, each with an escape.
	for _, text := range []string{"ours", "theirs", "needle", "warm", "threads", "of gzip", "what we do", "all agree", "it is <fast>", "one machine", "ours alone", "traillake test", "a sample", "events", "rate"} {
		old, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		old = bytes.Trim(old, `"`)
		raw = bytes.ReplaceAll(raw, old, slices.Concat(old, []byte(`\u001b[2J\u202e`)))
	}
	var hostile Document
	if err := json.Unmarshal(raw, &hostile); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := hostile.Text(&b); err != nil {
		t.Fatal(err)
	}
	hostile.Settings = nil
	other := hostile
	other.Settings = []Setting{{"\x1b[2J", "\x1b[2J"}}
	c, err := Compare(&hostile, &other, CompareOptions{Tolerance: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Text(&b); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") || strings.Count(b.String(), `\x1b[2J`) < 15 {
		t.Errorf("shown is\n%q", b.String())
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := sample(t).Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2,000 records", "seed 7", "11 ms ±9%", "1.10 s ±9%  ×100", "200 ms  ×1", "geometric mean", "×10", "it is <fast>", "what nobody does",
		"medians of 1 to 3 runs", "× is how many times that of ours", "500/s",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestHTML reads the page as XML, which it is but for the doctype, and looks for what it must and must not hold.
func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := sample(t).HTML(&b); err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	dec.Entity = xml.HTMLEntity
	count := map[string]int{}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			count[e.Name.Local]++
			for _, a := range e.Attr {
				if n := a.Name.Local; n == "src" || n == "href" || n == "style" || strings.HasPrefix(n, "on") {
					t.Errorf("<%s %s=%q>", e.Name.Local, n, a.Value)
				}
			}
		}
	}
	if count["svg"] != 2 || count["table"] != 4 || count["script"] != 0 || count["details"] != 3 {
		t.Errorf("elements: %v", count)
	}
	if text := b.String(); strings.Contains(text, "url(") || strings.Contains(text, "@import") || !strings.Contains(text, "default-src &#39;none&#39;") {
		t.Error("the page may fetch something")
	}
	if bytes.Contains(b.Bytes(), []byte("NaN")) {
		t.Error("a coordinate is no number")
	}
}

func TestCompare(t *testing.T) {
	before, after := sample(t), sample(t)
	for i := range after.Ratios {
		switch r := &after.Ratios[i]; r.Task + " " + r.Measure {
		case "needle time":
			r.Value *= 1.3 // slower
		case "group rate":
			r.Value /= 1.2 // less
		case "group time":
			r.Value /= 3 // faster
		}
	}
	worse := func(tolerance float64, measures ...string) (names []string) {
		c, err := Compare(before, after, CompareOptions{Tolerance: tolerance, Measures: measures})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range c.Regressed() {
			names = append(names, l.Task+" "+l.Measure)
		}
		return names
	}
	if got := worse(1.25); !slices.Equal(got, []string{"needle time"}) {
		t.Errorf("worse by 1.25: %v", got)
	}
	if got := worse(1.1); !slices.Equal(got, []string{"needle time", "group rate"}) {
		t.Errorf("worse by 1.1: %v", got)
	}
	if got := worse(1.1, "rate"); !slices.Equal(got, []string{"group rate"}) {
		t.Errorf("rates worse by 1.1: %v", got)
	}
	if c, err := Compare(before, after, CompareOptions{Tolerance: 1, Means: true}); err != nil || len(c.Lines) != 1 || c.Lines[0].Task != "" {
		t.Errorf("means only: %+v, %v", c, err)
	}
	after.Ratios = after.Ratios[1:]
	after.Settings[0].Value = "8"
	c, err := Compare(before, after, CompareOptions{Tolerance: 1.25})
	if err != nil || len(c.Missing) != 1 || len(c.New) != 0 || len(c.Lines) != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	var b strings.Builder
	if err := c.Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"only before: needle warm time of ours to theirs, 0.01", "not the same: threads: 2, then 8", "0 of 3 ratios became worse by more than ×1.25"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestIncomparable(t *testing.T) {
	for want, change := range map[string]func(*Document){
		"bench ingest":       func(d *Document) { d.Kind = "ingest" },
		"the other 8":        func(d *Document) { d.Seed = 8 },
		"records: 2,000":     func(d *Document) { d.Sizes[0].Value = 2100 },
		"of gzip: 123 kB":    func(d *Document) { d.Sizes = d.Sizes[:1] },
		"days: unknown":      func(d *Document) { d.Sizes = append(d.Sizes, Quantity{"days", Count, 3}) },
		"no ratio in common": func(d *Document) { d.Ratios = nil },
	} {
		before, after := sample(t), sample(t)
		change(after)
		if _, err := Compare(before, after, CompareOptions{Tolerance: 1.25}); !errors.Is(err, ErrIncomparable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	a, b := sample(t), sample(t)
	if _, err := Compare(a, b, CompareOptions{Tolerance: 1.25, Measures: []string{"time", "tme"}}); !errors.Is(err, ErrIncomparable) || !strings.Contains(err.Error(), "tme; they have ") {
		t.Errorf("an unknown measure: %v", err)
	}
	b.Sizes[1].Value *= 1.005 // another gzip
	if _, err := Compare(a, b, CompareOptions{Tolerance: 1.25}); err != nil {
		t.Error(err)
	}
	if _, err := Compare(a, b, CompareOptions{Tolerance: 0.9}); err == nil || errors.Is(err, ErrIncomparable) {
		t.Errorf("tolerance 0.9: %v", err)
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		unit Unit
		v    float64
		want string
	}{
		{Seconds, 0, "0"}, {Seconds, 12e-6, "12 µs"}, {Seconds, 0.00345, "3.45 ms"}, {Seconds, 0.1234, "123 ms"}, {Seconds, 0.9999, "1.00 s"},
		{Seconds, 12.34, "12.3 s"}, {Seconds, 3600, "60 min"}, {Bytes, 999, "999 bytes"}, {Bytes, 1_234_567, "1.23 MB"}, {BytesPerSecond, 45e6, "45 MB/s"},
		{Count, 1234567, "1,234,567"}, {Count, 2.5, "2.50"}, {PerSecond, 12345.6, "12,346/s"}, {Share, 0.456, "0.46"}, {Share, 0.00123, "0.0012"},
	} {
		if got := c.unit.Format(c.v); got != c.want {
			t.Errorf("%v %s is %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

// TestAxis: a logarithmic axis has powers of ten, a linear one steps of 1, 2 or 5.
func TestAxis(t *testing.T) {
	for _, c := range []struct {
		values, ticks []float64
	}{
		{[]float64{0.02, 30}, []float64{0.01, 0.1, 1, 10, 100}},
		{[]float64{3, 9}, []float64{0, 2, 4, 6, 8, 10}},
		{[]float64{0}, []float64{0}},
		{[]float64{0, 1000}, []float64{0, 200, 400, 600, 800, 1000}},
	} {
		got := newAxis(c.values, 0, 100).ticks()
		if !slices.EqualFunc(got, c.ticks, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("axis of %v has lines at %v, want %v", c.values, got, c.ticks)
		}
	}
	if at := newAxis([]float64{1, 100}, 0, 100).at(10); math.Abs(at-50) > 1e-9 {
		t.Errorf("10 of 1 to 100 is at %v", at)
	}
}

// TestHost has at least what every system tells, and no name of the machine.
func TestHost(t *testing.T) {
	h := hostFacts(t.TempDir())
	if h.Cores < 1 || h.OS == "" || h.Arch == "" {
		t.Errorf("%+v", h)
	}
	if got := fileSystem("/proc/self"); h.Memory > 0 && got != "proc" {
		t.Errorf("/proc lies on %q", got)
	}
}

// schemaNode is what the test reads of a schema.
type schemaNode struct {
	Type        string                `json:"type"`
	Format      string                `json:"format"`
	Const       string                `json:"const"`
	Description string                `json:"description"`
	Enum        []string              `json:"enum"`
	Required    []string              `json:"required"`
	Properties  map[string]schemaNode `json:"properties"`
	Items       *schemaNode           `json:"items"`
}

// TestSchemaIsTheDocument compares the JSON Schema with the types.
func TestSchemaIsTheDocument(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(JSONSchema, &root); err != nil {
		t.Fatal(err)
	}
	if got := root.Properties["schema"].Const; got != Schema {
		t.Errorf("the schema is of %s, not %s", got, Schema)
	}
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Uint64: "integer",
		reflect.Float64: "number", reflect.Struct: "object", reflect.Slice: "array"}
	var check func(path string, n schemaNode, typ reflect.Type)
	check = func(path string, n schemaNode, typ reflect.Type) {
		switch {
		case n.Const != "":
			return
		case typ == reflect.TypeFor[time.Time]():
			if n.Format != "date-time" {
				t.Errorf("%s is a time", path)
			}
			return
		case n.Type != kinds[typ.Kind()]:
			t.Errorf("%s is %q, and %s", path, n.Type, typ)
			return
		}
		switch {
		case typ == reflect.TypeFor[Unit]() && len(n.Enum) != len(units):
			t.Errorf("%s: the units are %v", path, n.Enum)
		case typ.Kind() == reflect.Slice:
			check(path+"[]", *n.Items, typ.Elem())
		case typ.Kind() == reflect.Struct:
			var names []string
			for i := range typ.NumField() {
				name := typ.Field(i).Tag.Get("json")
				names = append(names, name)
				p, ok := n.Properties[name]
				if !ok || p.Description == "" && p.Const == "" {
					t.Errorf("%s.%s is not in the schema, or not described", path, name)
					continue
				}
				check(path+"."+name, p, typ.Field(i).Type)
			}
			if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values(n.Required))) || len(names) != len(n.Properties) {
				t.Errorf("%s has %v, and the schema %v", path, names, n.Required)
			}
		}
	}
	check("result", root, reflect.TypeFor[Document]())
}
