package command

import (
	"errors"
	"iter"
	"slices"
	"testing"

	"traillake/lake/source"
)

// TestOnce: no problem hides an object, or another problem.
func TestOnce(t *testing.T) {
	type listed struct {
		key string
		err error
	}
	list := func(all ...listed) iter.Seq2[source.Object, error] {
		return func(yield func(source.Object, error) bool) {
			for _, l := range all {
				if !yield(source.Object{Key: l.key}, l.err) {
					return
				}
			}
		}
	}
	refused, gone := errors.New("refused"), errors.New("gone")
	hidden, folder := &source.LeftOut{Key: "b", Reason: "hidden"}, &source.LeftOut{Key: "c", Folder: true}
	lists := []iter.Seq2[source.Object, error]{
		list(listed{"", refused}, listed{"a", gone}, listed{"b", hidden}, listed{"c", folder}),
		list(listed{"", refused}, listed{"", gone}, listed{"a", nil}, listed{"b", nil}, listed{"c", folder}),
		list(listed{"a", nil}, listed{"b", hidden}),
	}
	want := []listed{{"", refused}, {"a", gone}, {"", gone}, {"a", nil}, {"b", nil}, {"c", folder}}
	var got []listed
	for o, err := range once(lists) {
		got = append(got, listed{o.Key, err})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for n := range want {
		for range once(lists) { // the consumer may stop anywhere
			if n--; n < 0 {
				break
			}
		}
	}
}
