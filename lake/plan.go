package lake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"traillake/internal/inflate"
	"traillake/lake/source"
)

// IngestPlan is what an ingest would do.
type IngestPlan struct {
	Store string `json:"store"`
	// Objects and Bytes, as delivered, would be read.
	Objects int64 `json:"objects"`
	Bytes   int64 `json:"bytes"`
	// First and Last are the days of delivery of these objects, UTC; zero when no key
	// tells.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Accounts and Regions are those of their folders, sorted.
	Accounts []string `json:"accounts,omitempty"`
	Regions  []string `json:"regions,omitempty"`
	// Estimate is about how long it would take, from reading Sample objects; 0 when
	// there is nothing to read.
	Estimate time.Duration `json:"estimateNanoseconds"`
	Sample   int           `json:"sample"`
	// The other objects, as in IngestResult; what cannot be read of the sample is among Objects,
	// too.
	ObjectsListed   int64          `json:"objectsListed"`
	ObjectsExcluded int64          `json:"objectsExcluded"`
	ObjectsUntold   int64          `json:"objectsUntold"`
	ObjectsLeftOut  int64          `json:"objectsLeftOut"`
	LeftOut         LeftOutReasons `json:"leftOut,omitempty"`
	ObjectsKnown    int64          `json:"objectsKnown"`
	// ObjectsFailed and Failures are those that cannot be listed or, of the sample, read.
	ObjectsFailed int64           `json:"objectsFailed"`
	Failures      []ObjectProblem `json:"failures,omitempty"`
	// Elapsed is how long listing took.
	Elapsed time.Duration `json:"elapsedNanoseconds"`
}

const (
	// maxSample is how many objects are read for an estimate, and maxSampleBytes how
	// much of them.
	maxSample      = 32
	maxSampleBytes = 64 << 20
	// gunzipShare is how much of an ingest's processor time inflate.Gunzip takes; see
	// ARCHITECTURE.md. streamShare is that of the library, which takes twice as long, where
	// objects are read by it.
	gunzipShare = 0.15
	streamShare = 0.26
)

// PlanIngest lists src as Store.Ingest would and says what that would read. It writes
// nothing. A nil store is one that is still to be made.
func PlanIngest(ctx context.Context, store *Store, src source.Source, o IngestOptions) (*IngestPlan, error) {
	in := &ingest{store: store, src: src, o: o.withDefaults(), started: time.Now()}
	p := &IngestPlan{}
	known := func(source.Object) bool { return false }
	if store != nil {
		p.Store = store.Name()
		ledger, err := store.Ledger(ctx)
		if err != nil {
			return nil, fmt.Errorf("plan an ingest into %s: %w", p.Store, err)
		}
		known = func(obj source.Object) bool { return ledger.Has(objectID(obj)) }
	}
	var r IngestResult
	accounts, regions := make(map[string]bool), make(map[string]bool)
	var sample []source.Object
	for obj, err := range src.List(ctx) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !in.choose(obj, err, &r) {
			continue
		}
		if known(obj) {
			r.ObjectsKnown++
			continue
		}
		p.Objects++
		p.Bytes += obj.Size
		if in.o.Progress != nil {
			in.o.Progress(IngestProgress{Listing: true, TotalObjects: p.Objects, TotalBytes: p.Bytes})
		}
		if pl := obj.Place; pl.Kind != source.Unknown {
			accounts[pl.Account], regions[pl.Region] = true, true
			if p.First.IsZero() || pl.Day.Before(p.First) {
				p.First = pl.Day
			}
			if pl.Day.After(p.Last) {
				p.Last = pl.Day
			}
		}
		if len(sample) < maxSample {
			sample = append(sample, obj)
		} else if i := rand.Int64N(p.Objects); i < maxSample {
			sample[i] = obj
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.Accounts, p.Regions = slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(regions))
	p.ObjectsListed, p.ObjectsExcluded, p.ObjectsUntold = r.ObjectsListed, r.ObjectsExcluded, r.ObjectsUntold
	p.ObjectsLeftOut, p.ObjectsKnown, p.ObjectsFailed, p.Failures = r.ObjectsLeftOut, r.ObjectsKnown, r.ObjectsFailed, r.Failures
	p.LeftOut = r.LeftOut
	p.Elapsed = time.Since(in.started)
	return p, p.estimate(ctx, src, sample)
}

// estimate reads a sample, as many objects at once as an ingest does. What is longer
// counts: reading, or what the processors do.
func (p *IngestPlan) estimate(ctx context.Context, src source.Source, sample []source.Object) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var total int64
	for i, obj := range sample {
		if total += obj.Size; total > maxSampleBytes && i > 0 {
			sample = sample[:i]
			break
		}
	}
	texts, failed := make([][]byte, len(sample)), make([]error, len(sample))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	if _, ok := src.(source.Prefetcher); ok {
		g.SetLimit(maxSample)
	}
	started := time.Now()
	for i, obj := range sample {
		g.Go(func() error {
			r, err := src.Open(ctx, obj)
			if err != nil {
				failed[i] = err
				return nil
			}
			defer r.Close()
			texts[i], failed[i] = io.ReadAll(io.LimitReader(r, maxSampleBytes))
			return nil
		})
	}
	_ = g.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, err := range failed {
		if err != nil {
			p.ObjectsFailed++
			p.Failures = firstFew(append(p.Failures, ObjectProblem{Object: sample[i].Key, Reason: err.Error()}))
		} else {
			p.Sample++
		}
	}
	reading := time.Since(started)
	var bytesRead int64
	var working float64
	var buf []byte
	for _, object := range texts {
		bytesRead += int64(len(object))
		var err error
		started, share := time.Now(), gunzipShare
		if buf, err = inflate.Gunzip(buf[:0], object, maxContent); err != nil {
			// What is no gzip costs nothing here and little later.
			gz, err := gzip.NewReader(bytes.NewReader(object))
			if err != nil {
				continue
			}
			started, share = time.Now(), streamShare
			_, _ = io.CopyN(io.Discard, gz, 1<<30)
		}
		working += float64(time.Since(started)) / share
	}
	if bytesRead == 0 {
		return nil
	}
	working /= float64(runtime.GOMAXPROCS(0))
	p.Estimate = time.Duration(max(float64(reading), working) * float64(p.Bytes) / float64(bytesRead))
	return nil
}
