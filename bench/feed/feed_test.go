package feed

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/bench/gen"
	"traillake/lake"
	"traillake/lake/laketest"
)

// TestTiny ingests two portions into a store: a file a day, a commit a portion.
func TestTiny(t *testing.T) {
	ctx := t.Context()
	l := laketest.New(t)
	s, err := l.CreateStore(ctx, lake.StoreConfig{Name: "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	tiny := Tiny{Seed: 7, Events: 3, Start: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Every: 24 * time.Hour}
	for _, span := range [][2]int{{0, 5}, {5, 9}} {
		tiny.From, tiny.To = span[0], span[1]
		r, err := s.Ingest(ctx, tiny, lake.IngestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if n := span[1] - span[0]; r.Stored != int64(3*n) || r.Files != int64(n) || r.Commits != 1 || r.Quarantined != 0 {
			t.Errorf("portion %v: %+v, want %d events in %[1]d files", span, r, 3*n)
		}
	}
	snap, err := s.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if snap.Rows() != 27 || snap.FileCount() != 9 {
		t.Errorf("%d events in %d files, want 27 in 9", snap.Rows(), snap.FileCount())
	}
	for o := range tiny.List(ctx) {
		r, err := tiny.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		if int64(len(text)) != o.Size || !strings.Contains(string(text), tiny.EventID(tiny.From, 2)) {
			t.Errorf("%s has %d bytes, listed with %d: %s", o.Key, len(text), o.Size, text)
		}
		break
	}
}

// TestLogs takes all objects of a folder, each once, in the order of time.
func TestLogs(t *testing.T) {
	folder := t.TempDir()
	c := gen.DefaultConfig()
	c.Records = 1000
	truth, err := gen.Write(t.Context(), folder, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if int64(l.Len()) != int64(truth.Files) {
		t.Fatalf("%d objects of %d files", l.Len(), truth.Files)
	}
	var times []string
	for from := 0; from < l.Len(); from += 10 {
		for o, err := range l.Portion(from, min(from+10, l.Len())).List(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			times = append(times, delivered(o)[:len("20261029T0155Z")])
		}
	}
	if len(times) != l.Len() || !slices.IsSorted(times) {
		t.Errorf("%d objects came, want %d in order: %v", len(times), l.Len(), times)
	}
}
