package concurrent

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"traillake/engine"
)

// Loop is what one of the loops did.
type Loop struct {
	// Rate is what an open loop was asked for, in queries per second.
	Rate float64 `json:"rate,omitempty"`
	// Elapsed is from the first query to the last answer.
	Elapsed time.Duration `json:"elapsedNanoseconds"`
	// Queries were answered; PerSecond is over Elapsed.
	Queries   int64   `json:"queries"`
	PerSecond float64 `json:"queriesPerSecond"`
	// Latency is over all, ByShape over each kind of query.
	Latency Latency            `json:"latency"`
	ByShape map[string]Latency `json:"byShape"`
	// Commits is how many states of the store the answers show.
	Commits int `json:"commitsSeen"`
	// Errors are the texts of errors, counted.
	Errors map[string]int `json:"errors"`
}

// Latency is the distribution of times to the last row, of answered queries.
type Latency struct {
	Count int           `json:"count"`
	P50   time.Duration `json:"p50Nanoseconds"`
	P95   time.Duration `json:"p95Nanoseconds"`
	P99   time.Duration `json:"p99Nanoseconds"`
	Max   time.Duration `json:"maxNanoseconds"`
}

// latency sorts d. A percentile is the smallest value that so many are not above.
func latency(d []time.Duration) Latency {
	if len(d) == 0 {
		return Latency{}
	}
	slices.Sort(d)
	at := func(percent int) time.Duration { return d[(len(d)*percent+99)/100-1] }
	return Latency{Count: len(d), P50: at(50), P95: at(95), P99: at(99), Max: d[len(d)-1]}
}

// record collects what clients see.
type record struct {
	mu        sync.Mutex // guards what follows
	all       []time.Duration
	byShape   map[string][]time.Duration
	snapshots map[int64]bool
	errors    map[string]int
}

func newRecord() *record {
	return &record{byShape: map[string][]time.Duration{}, snapshots: map[int64]bool{}, errors: map[string]int{}}
}

func (r *record) loop(elapsed time.Duration) Loop {
	l := Loop{
		Elapsed: elapsed, Queries: int64(len(r.all)), PerSecond: float64(len(r.all)) / elapsed.Seconds(),
		Latency: latency(r.all), ByShape: map[string]Latency{}, Commits: len(r.snapshots), Errors: r.errors,
	}
	for name, d := range r.byShape {
		l.ByShape[name] = latency(d)
	}
	return l
}

// client is one who asks, one query after the other.
type client struct {
	*bench
	number int
	seen   int64 // the largest number of all events so far
}

// one asks a query, and notes what came of it, with the time since it was to be asked.
func (c *client) one(ctx context.Context, s shape, req engine.Request, intended time.Time, r *record) {
	a, err := c.ask(ctx, req, nil)
	took := time.Since(intended)
	if ctx.Err() != nil {
		return // the loop has ended for good
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		r.errors[s.name+": "+text]++
		return
	}
	r.all = append(r.all, took)
	r.byShape[s.name] = append(r.byShape[s.name], took)
	r.snapshots[a.snapshot] = true
	c.judge(s, a)
}

// judge compares an answer with what must hold.
func (c *client) judge(s shape, a answer) {
	switch s.name {
	case oldEvents:
		if a.first != c.oldEvents {
			c.answers.wrong(fmt.Sprintf("client %d was told of %d events before %s; there are %d", c.number, a.first, c.until.Format(time.RFC3339), c.oldEvents))
		}
	case allEvents:
		if a.first < c.seen {
			c.answers.wrong(fmt.Sprintf("client %d was told of %d events in all, and of %d before", c.number, a.first, c.seen))
		}
		c.seen = max(c.seen, a.first)
	case needle:
		if a.rows < 1 {
			c.answers.wrong(fmt.Sprintf("client %d was told that there is no event of an id that there is", c.number))
		}
	}
}

// answers are those that contradict others.
type answers struct {
	mu    sync.Mutex
	texts []string // guarded by mu; the first maxWrong
	count int
}

const maxWrong = 20

func (a *answers) wrong(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
	if len(a.texts) < maxWrong {
		a.texts = append(a.texts, text)
	}
}

func (a *answers) wrongTexts() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if more := a.count - len(a.texts); more > 0 {
		return append(slices.Clone(a.texts), fmt.Sprintf("and %d more", more))
	}
	return a.texts
}

// closed has every client ask again as soon as it is answered. A query that runs when the
// time is over is waited for.
func (b *bench) closed(ctx context.Context) Loop {
	r := newRecord()
	started := time.Now()
	ends := started.Add(b.Duration)
	var g sync.WaitGroup
	for n := range b.Clients {
		c := &client{bench: b, number: n + 1}
		rnd := rand.New(rand.NewPCG(b.Seed, uint64(n)))
		g.Go(func() {
			for ctx.Err() == nil && time.Now().Before(ends) {
				s, req := b.choose(rnd)
				c.one(ctx, s, req, time.Now(), r)
			}
		})
	}
	g.Wait()
	return r.loop(time.Since(started))
}

// arrival is a query of the open loop.
type arrival struct {
	shape   shape
	request engine.Request
	at      time.Time
}

// open has queries arrive at a rate, at random times; who of the clients is free takes
// the next. What has arrived when the time is over is answered.
func (b *bench) open(ctx context.Context, rate float64) Loop {
	r := newRecord()
	rnd := rand.New(rand.NewPCG(b.Seed, 1<<32))
	started := time.Now()
	var arrivals []arrival
	for at := 0.0; ; {
		at += rnd.ExpFloat64() / rate // times between Poisson arrivals
		if at >= b.Duration.Seconds() {
			break
		}
		s, req := b.choose(rnd)
		arrivals = append(arrivals, arrival{s, req, started.Add(time.Duration(at * float64(time.Second)))})
	}
	next := make(chan arrival)
	var g sync.WaitGroup
	for n := range b.Clients {
		c := &client{bench: b, number: n + 1}
		g.Go(func() {
			for a := range next {
				// A client that waits for an arrival waits until its time.
				if wait(ctx, time.Until(a.at)) {
					c.one(ctx, a.shape, a.request, a.at, r)
				}
			}
		})
	}
send:
	for _, a := range arrivals {
		select {
		case next <- a:
		case <-ctx.Done():
			break send
		}
	}
	close(next)
	g.Wait()
	l := r.loop(time.Since(started))
	l.Rate = rate
	return l
}

// wait waits for d, and reports whether ctx lasts.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
