package concurrent

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"traillake/lake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func small(t *testing.T) Config {
	return Config{
		Records: 2000, Seed: 1, Clients: 4, AtOnce: 2, Duration: 2 * time.Second, IngestRate: 200, Memory: 4 << 30,
		Dir: t.TempDir(), Lake: lake.Options{Tool: "test"},
	}
}

// TestRun has clients ask during an ingest, in both loops.
func TestRun(t *testing.T) {
	r, d, err := Run(t.Context(), small(t))
	if err != nil {
		t.Fatal(err)
	}
	if c := d.Case(everything, openLoop, System); c == nil || c.Measure("p99") == nil || c.Measure("p99").Median <= 0 {
		t.Errorf("the document has no latency of the open loop: %+v", d.Cases)
	}
	if !r.Good() {
		t.Errorf("errors %v %v %v, wrong answers %q, problems %q, %d bytes of %d", r.Closed.Errors, r.Open.Errors, r.Ingest.Errors, r.Wrong, r.Problems, r.PeakBytes, r.MemoryLimit)
	}
	if r.Records < 1900 || r.Ingest.Commits < 1 || r.Ingest.Events < 100 {
		t.Errorf("%d events before, then %+v", r.Records, r.Ingest)
	}
	for name, l := range map[string]Loop{"closed": r.Closed, "open": r.Open} {
		sum := 0
		for _, s := range l.ByShape {
			sum += s.Count
		}
		if l.Queries < 1 || sum != int(l.Queries) || l.Latency.Count != sum || l.Commits < 1 {
			t.Errorf("%s loop: %+v", name, l)
		}
	}
	if r.Open.Rate <= 0 || r.Open.Rate > r.Closed.PerSecond {
		t.Errorf("the open loop had %v queries per second, the closed one %v", r.Open.Rate, r.Closed.PerSecond)
	}
}

// TestInterrupted ends a run: goroutines are looked for when all tests have ended.
func TestInterrupted(t *testing.T) {
	c := small(t)
	c.Duration = time.Hour
	c.IngestRate = 0
	c.Rate = 100
	ctx, cancel := context.WithCancel(t.Context())
	c.Progress = func(what string) {
		if what[:6] == "closed" {
			cancel()
		}
	}
	if _, _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted run gave %v", err)
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "lake" {
			t.Errorf("%s is left", e.Name())
		}
	}
}

// TestFindings has a run in which everything goes wrong.
func TestFindings(t *testing.T) {
	r := &Report{
		Closed: Loop{Errors: map[string]int{"hour: out of memory": 3}}, Ingest: Load{Errors: map[string]int{"disk full": 1}, Behind: true},
		Wrong: []string{"one"}, Problems: []string{"two"}, MemoryLimit: 1e9, PeakBytes: 2e9,
	}
	want := []string{
		"ERROR, 3 times, closed loop: hour: out of memory", "ERROR, 1 times, ingest: disk full", "WRONG ANSWER: one", "DAMAGE: two",
		"TOO MUCH MEMORY: 2 GB resident, the limit is 1 GB.", "The ingest did not keep pace with the logs that came in.",
	}
	if got := r.findings(); !slices.Equal(got, want) || r.Good() {
		t.Errorf("good: %v, findings %q, want %q", r.Good(), got, want)
	}
}

// TestLatency compares percentiles with those of the nearest-rank method, by hand.
func TestLatency(t *testing.T) {
	var d []time.Duration
	for i := range 200 {
		d = append(d, time.Duration(200-i))
	}
	if got, want := latency(d), (Latency{200, 100, 190, 198, 200}); got != want {
		t.Errorf("latency of 1 to 200 is %+v, want %+v", got, want)
	}
	if got, want := latency([]time.Duration{7}), (Latency{1, 7, 7, 7, 7}); got != want {
		t.Errorf("latency of 7 is %+v, want %+v", got, want)
	}
}

// TestJudge gives a client answers that cannot all be true.
func TestJudge(t *testing.T) {
	b := &bench{oldEvents: 10}
	c := &client{bench: b, number: 1}
	for _, a := range []struct {
		shape string
		first int64
	}{{oldEvents, 10}, {allEvents, 10}, {allEvents, 12}, {allEvents, 11}, {oldEvents, 9}} {
		c.judge(shape{name: a.shape}, answer{first: a.first})
	}
	want := []string{
		"client 1 was told of 11 events in all, and of 12 before",
		"client 1 was told of 9 events before 0001-01-01T00:00:00Z; there are 10",
	}
	if got := b.answers.wrongTexts(); !slices.Equal(got, want) {
		t.Errorf("wrong answers %q, want %q", got, want)
	}
}
