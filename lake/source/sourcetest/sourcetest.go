// Package sourcetest is the suite that every source.Source passes.
package sourcetest

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"testing"

	"traillake/lake/source"
)

// Objects lists src and returns the content of every object by key. Errors of the
// listing other than *source.LeftOut fail the test.
func Objects(t testing.TB, src source.Source) map[string]string {
	t.Helper()
	got := make(map[string]string)
	for o, err := range src.List(t.Context()) {
		var out *source.LeftOut
		if errors.As(err, &out) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := src.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", o.Key, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if int64(len(text)) != o.Size {
			t.Errorf("%s: %d bytes, listed with %d", o.Key, len(text), o.Size)
		}
		if _, ok := got[o.Key]; ok {
			t.Errorf("%s is listed twice", o.Key)
		}
		got[o.Key] = string(text)
	}
	return got
}

// Run checks src, which must hold exactly the given objects by key.
func Run(t *testing.T, src source.Source, want map[string]string) {
	t.Run("content", func(t *testing.T) {
		if got := Objects(t, src); !maps.Equal(got, want) {
			t.Errorf("objects\n got %v\nwant %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	})
	t.Run("order", func(t *testing.T) {
		keys := func() (keys []string) {
			for o := range src.List(t.Context()) {
				keys = append(keys, o.Key)
			}
			return keys
		}
		if a, b := keys(), keys(); !slices.Equal(a, b) {
			t.Errorf("two listings differ:\n%v\n%v", a, b)
		}
	})
	t.Run("stop", func(t *testing.T) {
		n := 0
		for range src.List(t.Context()) {
			n++
			break
		}
		if n > 1 {
			t.Error("the listing did not stop")
		}
	})
	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for o, err := range src.List(ctx) {
			if err == nil && len(want) > 1 {
				t.Errorf("listed %s after the end of the context", o.Key)
			}
		}
	})
}
