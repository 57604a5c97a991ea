package selector

import (
	"bytes"

	"traillake/schema"
)

// Match reports whether a store with these selectors takes the record.
func (s *Set) Match(r *schema.Record) bool {
	if s == nil {
		return true
	}
	for i := range s.selectors {
		if s.selectors[i].match(r) {
			return true
		}
	}
	return false
}

func (s *Selector) match(r *schema.Record) bool {
	for i := range s.FieldSelectors {
		if !s.FieldSelectors[i].match(r) {
			return false
		}
	}
	return true
}

func (f *FieldSelector) match(r *schema.Record) bool {
	if f.Field == fieldCategory {
		return f.holds([]byte(category(r)))
	}
	// Of several resources, one that meets the selector is enough.
	any, found := false, false
	r.Any(f.at, func(text []byte) bool {
		found = true
		any = f.holds(text)
		return any
	})
	positive := len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) > 0
	return any || !found && !positive
}

// holds says whether the operators hold for a value.
func (f *FieldSelector) holds(text []byte) bool {
	for _, op := range f.operators() {
		if op.negative && op.hits(text) {
			return false
		}
	}
	positive := false
	for _, op := range f.operators() {
		if !op.negative && len(op.values) > 0 {
			if op.hits(text) {
				return true
			}
			positive = true
		}
	}
	return !positive
}

// operator is one operator of a field with its values.
type operator struct {
	name     string
	values   []string
	negative bool
	hit      func(text []byte, value string) bool
}

func (o *operator) hits(text []byte) bool {
	for _, v := range o.values {
		if o.hit(text, v) {
			return true
		}
	}
	return false
}

func (f *FieldSelector) operators() [6]operator {
	return [6]operator{
		{"Equals", f.Equals, false, equals}, {"StartsWith", f.StartsWith, false, startsWith}, {"EndsWith", f.EndsWith, false, endsWith},
		{"NotEquals", f.NotEquals, true, equals}, {"NotStartsWith", f.NotStartsWith, true, startsWith}, {"NotEndsWith", f.NotEndsWith, true, endsWith},
	}
}

func equals(text []byte, value string) bool { return string(text) == value }
func startsWith(text []byte, value string) bool {
	return len(text) >= len(value) && string(text[:len(value)]) == value
}
func endsWith(text []byte, value string) bool {
	return len(text) >= len(value) && string(text[len(text)-len(value):]) == value
}

var (
	managementAt = mustField("managementEvent")
	eventTypeAt  = mustField("eventType")
)

func mustField(path string) schema.Field {
	f, ok := schema.FieldAt(path)
	if !ok {
		panic("BUG: no field " + path + " in records")
	}
	return f
}

// category returns the record's category. Records before version 1.07 do not say it: there
// it follows from the type of the event, and else from managementEvent. Where that lacks
// too, before 1.06, a record is taken for a management event.
func category(r *schema.Record) string {
	if c := r.Category(); len(c) > 0 {
		return string(c)
	}
	is := func(at schema.Field, want string) bool {
		return r.Any(at, func(text []byte) bool { return bytes.Equal(text, []byte(want)) })
	}
	switch {
	case is(eventTypeAt, "AwsCloudTrailInsight"):
		return "Insight"
	case is(eventTypeAt, "AwsVpceEvent"):
		return "NetworkActivity"
	case is(managementAt, "false"):
		return "Data"
	}
	return "Management"
}
