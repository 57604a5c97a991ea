package engine

import (
	"slices"
	"strings"

	"traillake/engine/dialect"
)

// filter is a condition on the stored columns of a relation called dialect.FilterAlias
// that holds for every row of a store that can matter to a statement.
type filter struct {
	// parts are conditions that all hold.
	parts []string
	// keys are the event names of which the row has one; nil for any.
	keys []string
	// demands are, by the names of lake.NeedleColumns, texts of which the row has one.
	demands map[string][]string
}

// filterOf returns what holds for the rows of any of several scans; nil where that is
// nothing.
func filterOf(scans []*dialect.Filter) *filter {
	if len(scans) == 0 || slices.Contains(scans, nil) {
		return nil
	}
	parts := make([][]string, len(scans))
	f := &filter{keys: scans[0].Keys, demands: scans[0].Demands}
	for i, s := range scans {
		parts[i] = s.Parts
		if i == 0 {
			continue
		}
		f.demands = eitherOf(f.demands, s.Demands)
		if f.keys == nil || s.Keys == nil {
			f.keys = nil
		} else {
			f.keys = sorted(slices.Concat(f.keys, s.Keys))
		}
	}
	common, rest := factor(parts)
	f.parts = common
	if sql := anyOf(rest); sql != "" {
		f.parts = append(f.parts, sql)
	}
	if len(f.parts) == 0 {
		return nil
	}
	return f
}

// eitherOf returns what rows have of which each meets one of two demands.
func eitherOf(a, b map[string][]string) map[string][]string {
	both := map[string][]string{}
	for name, texts := range a {
		if b[name] != nil {
			both[name] = sorted(slices.Concat(texts, b[name]))
		}
	}
	return both
}

// factor takes the parts that all lists have out of them.
func factor(lists [][]string) (common []string, rest [][]string) {
	for _, part := range lists[0] {
		if !slices.Contains(common, part) && !slices.ContainsFunc(lists, func(l []string) bool { return !slices.Contains(l, part) }) {
			common = append(common, part)
		}
	}
	rest = make([][]string, len(lists))
	for i, l := range lists {
		for _, part := range l {
			if !slices.Contains(common, part) {
				rest[i] = append(rest[i], part)
			}
		}
	}
	return common, rest
}

// anyOf writes that all parts of one of the lists hold; "" where that always is so.
func anyOf(lists [][]string) string {
	var alternatives []string
	for _, l := range lists {
		if len(l) == 0 {
			return ""
		}
		alternatives = append(alternatives, allOf(l))
	}
	return "(" + strings.Join(sorted(alternatives), " OR ") + ")"
}

// allOf writes that all parts hold.
func allOf(parts []string) string {
	if len(parts) == 0 {
		return "true"
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// sorted returns the texts in order, each once.
func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return slices.Compact(texts)
}
