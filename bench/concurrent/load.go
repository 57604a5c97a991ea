package concurrent

import (
	"context"
	"slices"
	"time"

	"traillake/bench/feed"
	"traillake/lake"
)

// Load is what was ingested during the loops.
type Load struct {
	Events  int64 `json:"events"`
	Objects int64 `json:"objects"`
	// Commits are those of ingests, Compactions those of compactions.
	Commits     int64 `json:"commits"`
	Compactions int64 `json:"compactions"`
	// Elapsed is how long it went on; EventsPerSecond is over it.
	Elapsed         time.Duration `json:"elapsedNanoseconds"`
	EventsPerSecond float64       `json:"eventsPerSecond"`
	// Median and Max are the times from when logs are there until they are committed.
	Median time.Duration `json:"commitMedianNanoseconds"`
	Max    time.Duration `json:"commitMaxNanoseconds"`
	// Behind is whether it could not keep pace: at the end logs of more than three
	// rounds were waiting.
	Behind bool `json:"behind"`
	// Errors are the texts of errors, counted.
	Errors map[string]int `json:"errors"`
}

// load ingests logs as they become due.
type load struct {
	store     *lake.Store
	logs      *feed.Logs
	perSecond float64 // objects
	shares    shares
	result    Load
}

// round is how often logs are taken in, if there are any.
const round = time.Second

// run ingests until ctx ends. A round that has begun ends first, so that nothing is torn.
func (l *load) run(ctx context.Context) {
	whole := context.WithoutCancel(ctx)
	started := time.Now()
	l.result.Errors = map[string]int{}
	var took []time.Duration
	done := 0
	tick := time.NewTicker(round)
	defer tick.Stop()
	for done < l.logs.Len() {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		if ctx.Err() != nil {
			break
		}
		due := min(int(time.Since(started).Seconds()*l.perSecond), l.logs.Len())
		if due == done {
			continue
		}
		begun := time.Now()
		r, err := l.store.Ingest(whole, l.logs.Portion(done, due), lake.IngestOptions{Memory: int(l.shares.ingest)})
		if err != nil {
			l.result.Errors[err.Error()]++
			continue // they are due again
		}
		took = append(took, time.Since(begun))
		done = due
		l.result.Events += r.Stored
		l.result.Objects += r.ObjectsIngested
		l.result.Commits += r.Commits
		// As 'traillake ingest' does.
		c, err := l.store.Compact(whole, lake.CompactOptions{Sparing: true, Memory: l.shares.compact})
		if err != nil {
			l.result.Errors[err.Error()]++
			continue
		}
		l.result.Compactions += c.Commits
	}
	l.result.Elapsed = time.Since(started)
	l.result.EventsPerSecond = float64(l.result.Events) / l.result.Elapsed.Seconds()
	l.result.Behind = float64(done) < (l.result.Elapsed-3*round).Seconds()*l.perSecond && done < l.logs.Len()
	if len(took) > 0 {
		slices.Sort(took)
		l.result.Median, l.result.Max = took[len(took)/2], took[len(took)-1]
	}
}
