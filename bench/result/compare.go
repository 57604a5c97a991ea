package result

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"traillake/engine/encode"
)

// ErrIncomparable is the error of two documents that are not of the same benchmark at the
// same size.
var ErrIncomparable = errors.New("the results cannot be compared")

// Comparison is two documents side by side.
type Comparison struct {
	// Lines are the ratios that both have, in the order of the second document.
	Lines []Line
	// Missing are ratios of the first that the second does not have, and New the other
	// way round.
	Missing, New []Ratio
	// Notes say what is not the same in both: hosts, versions, settings.
	Notes []string
	// Tolerance is what it was made with.
	Tolerance float64
}

// Line is a ratio in both documents.
type Line struct {
	Ratio
	// Before and After are its values, Worse how many times worse it has become: above 1
	// is worse, below is better, whatever the measure.
	Before, After, Worse float64
	// Regressed reports whether Worse is above the tolerance.
	Regressed bool
}

// Regressed are the lines that became worse beyond the tolerance.
func (c *Comparison) Regressed() []Line {
	return slices.DeleteFunc(slices.Clone(c.Lines), func(l Line) bool { return !l.Regressed })
}

// CompareOptions say which ratios are compared, and how.
type CompareOptions struct {
	// Tolerance is how many times worse a ratio may be; the least is 1.
	Tolerance float64
	// Measures are those that are compared; nil is all.
	Measures []string
	// Means leaves out the ratios of single tasks, which scatter more than their mean.
	Means bool
}

// Compare puts the ratios of two documents side by side. Times are not compared. The error
// is ErrIncomparable where the documents are of different benchmarks or sizes, or have no
// ratio in common.
func Compare(before, after *Document, o CompareOptions) (*Comparison, error) {
	if !(o.Tolerance >= 1) {
		return nil, fmt.Errorf("compare: a tolerance of %v; the least is 1", o.Tolerance)
	}
	if err := comparable(before, after); err != nil {
		return nil, err
	}
	for _, m := range o.Measures {
		if has := measures(before, after); !slices.Contains(has, m) {
			return nil, fmt.Errorf("%w: no ratio is of the measure %s; they have %s", ErrIncomparable, m, strings.Join(has, ", "))
		}
	}
	c := &Comparison{Tolerance: o.Tolerance, Notes: differences(before, after)}
	chosen := func(list []Ratio) []Ratio {
		return slices.DeleteFunc(slices.Clone(list), func(r Ratio) bool {
			return o.Measures != nil && !slices.Contains(o.Measures, r.Measure) || o.Means && r.Task != ""
		})
	}
	old, now := chosen(before.Ratios), chosen(after.Ratios)
	for _, r := range now {
		i := slices.IndexFunc(old, r.same)
		if i < 0 {
			c.New = append(c.New, r)
			continue
		}
		l := Line{Ratio: r, Before: old[i].Value, After: r.Value}
		switch r.Better {
		case Higher:
			l.Worse = l.Before / l.After
		default:
			l.Worse = l.After / l.Before
		}
		l.Regressed = r.Better != Neither && l.Worse > o.Tolerance
		c.Lines = append(c.Lines, l)
	}
	for _, r := range old {
		if !slices.ContainsFunc(now, r.same) {
			c.Missing = append(c.Missing, r)
		}
	}
	if len(c.Lines) == 0 {
		return nil, fmt.Errorf("%w: they have no ratio in common", ErrIncomparable)
	}
	return c, nil
}

// measures are those that the ratios of documents are of.
func measures(documents ...*Document) []string {
	var all []string
	for _, d := range documents {
		for _, r := range d.Ratios {
			all = append(all, r.Measure)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// same reports whether two ratios are of the same things.
func (r Ratio) same(o Ratio) bool {
	r.Value, o.Value = 0, 0
	return r == o
}

// comparable returns why two documents are of different things.
func comparable(a, b *Document) error {
	var why []string
	if a.Kind != b.Kind {
		why = append(why, fmt.Sprintf("one is of bench %s, the other of bench %s", a.Kind, b.Kind))
	}
	if a.Seed != b.Seed {
		why = append(why, fmt.Sprintf("one has seed %d, the other %d", a.Seed, b.Seed))
	}
	size := func(d *Document, name string) string {
		i := slices.IndexFunc(d.Sizes, func(q Quantity) bool { return q.Name == name })
		if i < 0 {
			return "unknown"
		}
		return d.Sizes[i].Unit.Format(d.Sizes[i].Value)
	}
	for _, q := range a.Sizes {
		i := slices.IndexFunc(b.Sizes, func(o Quantity) bool { return o.Name == q.Name })
		// Another version of a library may compress a little better.
		if i < 0 || math.Abs(b.Sizes[i].Value-q.Value) > 0.01*math.Abs(q.Value) {
			why = append(why, fmt.Sprintf("%s: %s in one, %s in the other", q.Name, size(a, q.Name), size(b, q.Name)))
		}
	}
	for _, q := range b.Sizes {
		if size(a, q.Name) == "unknown" {
			why = append(why, fmt.Sprintf("%s: unknown in one, %s in the other", q.Name, size(b, q.Name)))
		}
	}
	if why != nil {
		return fmt.Errorf("%w: %s", ErrIncomparable, strings.Join(why, "; "))
	}
	return nil
}

// differences are facts that are not the same in both, which may explain a change.
func differences(a, b *Document) []string {
	left, right := facts(a), facts(b)
	var notes []string
	for _, f := range left {
		i := slices.IndexFunc(right, func(g [2]string) bool { return g[0] == f[0] })
		switch {
		case i < 0:
			notes = append(notes, fmt.Sprintf("%s: %s, then not there", f[0], f[1]))
		case right[i][1] != f[1]:
			notes = append(notes, fmt.Sprintf("%s: %s, then %s", f[0], cmp.Or(f[1], "unknown"), cmp.Or(right[i][1], "unknown")))
		}
	}
	for _, g := range right {
		if !slices.ContainsFunc(left, func(f [2]string) bool { return g[0] == f[0] }) {
			notes = append(notes, fmt.Sprintf("%s: not there, then %s", g[0], g[1]))
		}
	}
	return notes
}

func facts(d *Document) [][2]string {
	h := d.Host
	list := [][2]string{{"program", d.Tool}, {"processor", h.CPU}, {"cores", fmt.Sprint(h.Cores)}, {"memory of the machine", decimal(float64(h.Memory))},
		{"system", h.OS + " " + h.Arch}, {"kernel", h.Kernel}, {"file system", h.FileSystem}}
	for _, v := range d.Versions {
		list = append(list, [2]string{v.Name, v.Version})
	}
	for _, s := range d.Settings {
		list = append(list, [2]string{s.Name, s.Value})
	}
	return list
}

// Text writes the comparison for people: what became worse first.
func (c *Comparison) Text(w io.Writer) error {
	lines := slices.Clone(c.Lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(b.Worse, a.Worse) })
	g := grid{header: []string{"", "", "measure", "of", "to", "before", "after", "worse by", ""}, names: 5}
	for _, l := range lines {
		mark := ""
		if l.Regressed {
			mark = "REGRESSED"
		}
		g.rows = append(g.rows, []string{cmp.Or(l.Task, "geometric mean"), l.Variant, l.Measure, l.System, l.Baseline,
			ratio(l.Before), ratio(l.After), factor(l.Worse), mark})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", g.draw())
	name := func(r Ratio) string {
		return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s of %s to %s", cmp.Or(r.Task, "geometric mean"), r.Variant, r.Measure, r.System, r.Baseline)), " ")
	}
	for _, part := range []struct {
		text string
		list []Ratio
	}{{"only before", c.Missing}, {"only after", c.New}} {
		for _, r := range part.list {
			fmt.Fprintf(&b, "%s: %s, %s\n", part.text, encode.Printable(name(r)), ratio(r.Value))
		}
	}
	for _, n := range c.Notes {
		fmt.Fprintf(&b, "not the same: %s\n", encode.Printable(n))
	}
	fmt.Fprintf(&b, "%d of %d ratios became worse by more than %s\n", len(c.Regressed()), len(c.Lines), factor(c.Tolerance))
	_, err := io.WriteString(w, b.String())
	return err
}

// ratio writes one to three digits, however small it is.
func ratio(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%.3g", v)
	}
	return digits(v)
}
