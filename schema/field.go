package schema

import (
	"slices"
	"strings"
)

// Field is a text or a boolean of a record, found once by FieldAt and then read of many
// records without a search. The zero value is no field.
type Field struct {
	path []*node
}

// FieldAt returns the field at a path of keys in the record's spelling, such as
// userIdentity.arn or resources.ARN. ok is false where the record has no column of its own
// for it.
func FieldAt(path string) (f Field, ok bool) {
	n := plan
	for key := range strings.SplitSeq(path, ".") {
		if n = n.byKey[key]; n == nil {
			return Field{}, false
		}
		f.path = append(f.path, n)
	}
	return f, n.col.Kind == KindString || n.col.Kind == KindBool
}

// Any reports whether do returns true for a value of the field: one for each entry of a
// list, none where the record says nothing. Booleans are given as true and false. The text
// is valid during the call only.
func (r *Record) Any(f Field, do func(text []byte) bool) bool {
	return r.any(f.path, r.vals, do)
}

var boolTexts = [2][]byte{[]byte("false"), []byte("true")}

func (r *Record) any(path []*node, vals []value, do func([]byte) bool) bool {
	n := path[0]
	v := &vals[n.slot]
	if !v.set {
		return false
	}
	switch {
	case n.col.Kind == KindBool:
		return do(boolTexts[v.n])
	case n.col.Kind == KindString:
		return do(v.text)
	case !n.group():
		return r.any(path[1:], vals, do)
	}
	for entry := range slices.Chunk(r.entriesOf(n, v), n.slots) {
		if r.any(path[1:], entry, do) {
			return true
		}
	}
	return false
}
