// Package laketest gives tests a lake that is checked when they end.
package laketest

import (
	"context"
	"testing"

	"traillake/lake"
)

// New returns an empty lake in a temporary folder. When the test ends, the lake is
// checked to the last byte, the test fails on any problem, and the lake is closed.
func New(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), t.TempDir(), lake.Options{Tool: "laketest"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		Check(t, l)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// Check fails the test for every problem of the lake.
func Check(t testing.TB, l *lake.Lake) {
	t.Helper()
	// The test's own context has ended when this runs at clean-up.
	report, err := lake.Check(context.Background(), l, lake.CheckOptions{Deep: true})
	if err != nil {
		t.Error(err)
		return
	}
	for _, p := range report.Problems {
		t.Error(p)
	}
}
