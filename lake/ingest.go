package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"traillake/lake/source"
	"traillake/schema"
)

// IngestOptions says what an ingest takes and how. The zero value takes everything
// with sensible bounds.
type IngestOptions struct {
	// Filter chooses objects by their keys, before they are opened.
	Filter source.Filter
	// Limits bound one record.
	Limits schema.Limits
	// MaxObject is the most that one object may decompress to, in bytes; what lies
	// behind is quarantined. 0 means 8 GiB: CloudTrail's files stay below 50 MB.
	MaxObject int64
	// Workers is how many objects are read at once; 0 means one for each processor.
	Workers int
	// BatchBytes is how much decompressed text goes into one commit; 0 means 1 GiB.
	BatchBytes int64
	// CommitEvery is how long a commit gathers objects at most, so that an ingest that is
	// interrupted keeps what is older; 0 means 30 s. An object is never cut.
	CommitEvery time.Duration
	// Memory bounds the rows that are held in memory before they are written, in bytes,
	// over all workers; 0 means 128 MiB. Reading, encoding and garbage take about three
	// times as much again.
	Memory int
	// WholeObject is up to which size, in bytes as delivered, an object is read whole
	// before it is decoded; a larger one is read twice, first for its hash. 0 means
	// 128 MiB over all workers, but no more than 16 MiB. CloudTrail's own files stay
	// far below.
	WholeObject int64
	// Settle is how long after its last change a local file that is cut off, or larger than
	// WholeObject, may still be being written. One that may is none of those taken in, but of
	// those that failed, which the next ingest reads again. 0 takes files as they are.
	Settle time.Duration
	// Digests, if not nil, has every object compared with what CloudTrail's digests say of
	// it, and gives objects of earlier ingests the verdicts that they lack.
	Digests Digests
	// RequireDigests takes in only what Digests vouches for: an object that fails is put
	// into quarantine as a whole, and one that no valid digest names waits for a later
	// ingest.
	RequireDigests bool
	// HashText keeps the hash of the text of every object, as is done with Digests, for those that
	// come later: an object without it gets a verdict by Reread only.
	HashText bool
	// Reread reads objects of earlier ingests again that Digests knows and whose texts nobody
	// hashed, so that they get verdicts.
	Reread bool
	// Progress, if not nil, is called from one goroutine at a time, often.
	Progress func(IngestProgress)
}

func (o IngestOptions) withDefaults() IngestOptions {
	if o.MaxObject <= 0 {
		o.MaxObject = 8 << 30
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = 1 << 30
	}
	if o.CommitEvery <= 0 {
		o.CommitEvery = 30 * time.Second
	}
	if o.Memory <= 0 {
		o.Memory = 128 << 20
	}
	if o.WholeObject <= 0 {
		o.WholeObject = min(16<<20, 128<<20/int64(o.Workers))
	}
	return o
}

// IngestProgress is how far an ingest has come.
type IngestProgress struct {
	// Listing is whether objects are still looked for; the totals are what was found so
	// far.
	Listing bool
	// Objects and Bytes (as delivered) are done, of TotalObjects and TotalBytes that
	// are to be read. What was known before does not count.
	Objects, TotalObjects int64
	Bytes, TotalBytes     int64
	// Records is how many were stored so far.
	Records int64
	// LookedFor is how many of the logs that digests name and that the ledger does not have
	// were looked for, which comes last.
	LookedFor int64
	// Reread is how many objects were read again for their verdicts, which comes before that.
	Reread int64
}

// IngestResult accounts for everything that an ingest saw. The record counts
// reconcile: RecordsRead = Stored + Filtered + Quarantined.
type IngestResult struct {
	Store string `json:"store"`

	// ObjectsListed = Excluded + LeftOut + Known + Waiting + Ingested + Failed.
	ObjectsListed int64 `json:"objectsListed"`
	// ObjectsExcluded were not chosen by the filter; of these, ObjectsUntold because
	// their keys do not tell what the filter asks for.
	ObjectsExcluded int64 `json:"objectsExcluded"`
	ObjectsUntold   int64 `json:"objectsUntold"`
	// ObjectsLeftOut are no logs by their names or places; LeftOut says why, the most frequent
	// reason first.
	ObjectsLeftOut int64          `json:"objectsLeftOut"`
	LeftOut        LeftOutReasons `json:"leftOut,omitempty"`
	// ObjectsKnown had been ingested before.
	ObjectsKnown int64 `json:"objectsKnown"`
	// ObjectsIngested were read; of these, ObjectsDamaged have something in quarantine.
	ObjectsIngested int64 `json:"objectsIngested"`
	ObjectsDamaged  int64 `json:"objectsDamaged"`
	// ObjectsChanged had been ingested before: from another place, by the name that CloudTrail
	// gave them, or with other content. The records of both are in the store.
	ObjectsChanged int64 `json:"objectsChanged"`
	// ObjectsFailed could not be read and are tried again by the next ingest.
	ObjectsFailed int64 `json:"objectsFailed"`
	// ObjectsWaiting were left for later with RequireDigests: no valid digest names them.
	ObjectsWaiting int64 `json:"objectsWaiting,omitempty"`
	// ObjectsVerified and ObjectsMismatched are those of ObjectsIngested that are, and are
	// not, what a valid digest says; of the rest no digest says anything.
	ObjectsVerified   int64 `json:"objectsVerified,omitempty"`
	ObjectsMismatched int64 `json:"objectsMismatched,omitempty"`
	// LogsMissing are logs that valid digests name and that are not there. Those that an
	// earlier ingest found missing are not among them.
	LogsMissing int64 `json:"logsMissing,omitempty"`
	// DigestsMissing are digests that the next ones name and that are not there or not valid, and
	// others that are not CloudTrail's, a day's run of these as one; less those that an earlier ingest found.
	DigestsMissing int64 `json:"digestsMissing,omitempty"`
	// DigestsUnread are digests that could not be read, so that nobody knows what they name.
	DigestsUnread int64 `json:"digestsUnread,omitempty"`
	// DigestsInvalid are digests that are not valid, not there or not readable, of those that were
	// looked at; what they name has no verdict by them.
	DigestsInvalid int64 `json:"digestsInvalid,omitempty"`
	// LogsUnknown are logs that valid digests name, and of which could not be told whether they
	// are there. The next ingest looks again.
	LogsUnknown int64 `json:"logsUnknown,omitempty"`
	// LaterVerified and LaterMismatched are objects of earlier ingests that got their
	// verdicts now.
	LaterVerified   int64 `json:"laterVerified,omitempty"`
	LaterMismatched int64 `json:"laterMismatched,omitempty"`
	// LaterUnhashed are those that valid digests name, and that stay without a verdict since their
	// texts were not hashed; with IngestOptions.Reread, since they could not be read again as they
	// were.
	LaterUnhashed int64 `json:"laterUnhashed,omitempty"`

	RecordsRead int64 `json:"recordsRead"`
	Stored      int64 `json:"recordsStored"`
	// Filtered are records that the store does not hold: aggregated events, and what
	// its selectors leave out.
	Filtered    int64 `json:"recordsFiltered"`
	Quarantined int64 `json:"recordsQuarantined"`

	// BytesRead is as delivered, BytesText decompressed, BytesStored what the data
	// files take.
	BytesRead   int64 `json:"bytesRead"`
	BytesText   int64 `json:"bytesText"`
	BytesStored int64 `json:"bytesStored"`

	Files    int64         `json:"files"`
	Commits  int64         `json:"commits"`
	Snapshot int64         `json:"snapshot,omitempty"`
	Elapsed  time.Duration `json:"elapsedNanoseconds"`

	// Failures and Damage are the first few of ObjectsFailed and Quarantined, for
	// people.
	Failures []ObjectProblem `json:"failures,omitempty"`
	Damage   []ObjectProblem `json:"damage,omitempty"`
	// Mismatches are the first few of ObjectsMismatched and LaterMismatched, but for those
	// in quarantine, which are in Damage.
	Mismatches []ObjectProblem `json:"mismatches,omitempty"`
	// Missing are the first few of LogsMissing and DigestsMissing, Unread of LogsUnknown and
	// DigestsUnread.
	Missing []ObjectProblem `json:"missing,omitempty"`
	Unread  []ObjectProblem `json:"unread,omitempty"`
	// Lost are the first few that could not be read again.
	Lost []ObjectProblem `json:"lost,omitempty"`
}

// ObjectProblem is what was wrong with an object, or at an offset of it.
type ObjectProblem struct {
	// Object is the key or path.
	Object string `json:"object"`
	// Offset is the place in the decompressed text, in bytes; 0 for a whole object.
	Offset int64 `json:"offset,omitempty"`
	// Reason is for people.
	Reason string `json:"reason"`
}

// LeftOutReasons are the reasons why objects were left out, the most frequent first.
type LeftOutReasons []LeftOutReason

// LeftOutReason is one of them.
type LeftOutReason struct {
	// Reason is for people.
	Reason string `json:"reason"`
	// Objects is how many were left out for it. A folder of which nothing was looked at
	// counts as one; Folders are those.
	Objects int64 `json:"objects"`
	Folders int64 `json:"folders,omitempty"`
}

// add counts one more object. Sources have a handful of reasons, and so little has to move.
func (l *LeftOutReasons) add(reason string, folder bool) {
	list := *l
	i := slices.IndexFunc(list, func(r LeftOutReason) bool { return r.Reason == reason })
	if i < 0 {
		i, list = len(list), append(list, LeftOutReason{Reason: reason})
	}
	list[i].Objects++
	if folder {
		list[i].Folders++
	}
	for ; i > 0 && list[i].Objects > list[i-1].Objects; i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	*l = list
}

// maxProblems is how many problems a result lists of each kind.
const maxProblems = 10

// add merges what a committed batch did into r.
func (r *IngestResult) add(o *IngestResult) {
	r.ObjectsKnown += o.ObjectsKnown
	r.ObjectsIngested += o.ObjectsIngested
	r.ObjectsDamaged += o.ObjectsDamaged
	r.ObjectsChanged += o.ObjectsChanged
	r.ObjectsFailed += o.ObjectsFailed
	r.ObjectsVerified += o.ObjectsVerified
	r.ObjectsMismatched += o.ObjectsMismatched
	r.RecordsRead += o.RecordsRead
	r.Stored += o.Stored
	r.Filtered += o.Filtered
	r.Quarantined += o.Quarantined
	r.BytesRead += o.BytesRead
	r.BytesText += o.BytesText
	r.BytesStored += o.BytesStored
	r.Files += o.Files
	r.Commits += o.Commits
	if o.Snapshot != 0 {
		r.Snapshot = o.Snapshot
	}
	r.Failures = firstFew(append(r.Failures, o.Failures...))
	r.Damage = firstFew(append(r.Damage, o.Damage...))
	r.Mismatches = firstFew(append(r.Mismatches, o.Mismatches...))
}

func firstFew(p []ObjectProblem) []ObjectProblem { return p[:min(len(p), maxProblems)] }

// Ingest reads the objects of src that the store does not know and commits their
// records. What was committed stays when it returns an error; what was not is read
// again by the next ingest. Objects that cannot be read are counted in the result
// and are no error.
func (s *Store) Ingest(ctx context.Context, src source.Source, o IngestOptions) (*IngestResult, error) {
	in := &ingest{store: s, src: src, o: o.withDefaults(), started: time.Now()}
	if o.RequireDigests && o.Digests == nil {
		return &in.result, fmt.Errorf("ingest into %s: %w: digests are required and none are given", s.Name(), ErrInvalid)
	}
	in.result.Store = s.Name()
	err := in.run(ctx)
	in.result.Elapsed = time.Since(in.started)
	if err != nil {
		return &in.result, fmt.Errorf("ingest into %s: %w", s.Name(), err)
	}
	return &in.result, nil
}

// ingest is one run of Store.Ingest.
type ingest struct {
	store   *Store
	src     source.Source
	o       IngestOptions
	started time.Time
	objects chan source.Object

	mu       sync.Mutex // guards what follows
	result   IngestResult
	progress IngestProgress
}

func (in *ingest) run(ctx context.Context) error {
	ledger, err := in.store.Ledger(ctx)
	if err != nil {
		return err
	}
	known := ledger.Len()
	on, err := in.store.newest(ctx)
	if err != nil {
		return err
	}
	if err := cmp.Or(in.store.active(on), in.store.complete(ctx, on)); err != nil {
		return err
	}
	if err := in.store.settle(ctx); err != nil {
		return err
	}
	if in.o.Progress != nil {
		if err := in.count(ctx, ledger); err != nil {
			return err
		}
	}
	in.objects = make(chan source.Object, 64)
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(in.objects)
		return in.list(gctx, ledger)
	})
	g.Go(func() error { return in.batches(gctx) })
	if err := g.Wait(); err != nil || in.o.Digests == nil {
		return err
	}
	in.o.Digests.Invalid(func(string) { in.result.DigestsInvalid++ })
	if known > 0 {
		if err := in.giveVerdicts(ctx); err != nil {
			return err
		}
	}
	news, err := in.store.noteMissing(ctx, in.o.Digests, func(key string) bool {
		place, err := source.Classify(filepath.ToSlash(key)) // what is left out of a listing never comes
		chosen, _ := in.o.Filter.Match(place)
		return err == nil && chosen
	}, func() {
		if in.o.Progress != nil {
			in.progress.LookedFor++
			in.o.Progress(in.progress)
		}
	})
	if err == nil {
		err = in.store.noteDigests(ctx, in.o.Digests, func(key string) bool {
			chosen, _ := in.o.Filter.Match(source.ParseKey(filepath.ToSlash(key)))
			return chosen
		}, &news)
	}
	in.addMissing(news)
	return err
}

func (in *ingest) addMissing(news missingNews) {
	r := &in.result
	r.LogsMissing, r.LogsUnknown = int64(len(news.logs)), news.unknown
	r.DigestsMissing, r.DigestsUnread = int64(len(news.digests)), news.digestsUnread
	for _, m := range news.logs[:min(len(news.logs), maxProblems)] {
		r.Missing = append(r.Missing, ObjectProblem{Object: m.Key, Reason: "not there, and " + m.Digest + " names it"})
	}
	r.Unread = firstFew(news.problems)
	for _, m := range news.digests[:min(len(news.digests), maxProblems)] {
		r.Missing = append(r.Missing, ObjectProblem{Object: m.Key, Reason: m.reason()})
	}
	r.Missing = firstFew(r.Missing)
	r.Commits += news.commits
	if news.snapshot != 0 {
		r.Snapshot = news.snapshot
	}
}

// choose reports whether the listed object is to be read, and counts it if not.
func (in *ingest) choose(obj source.Object, err error, r *IngestResult) bool {
	r.ObjectsListed++
	var leftOut *source.LeftOut
	switch {
	case errors.As(err, &leftOut):
		r.ObjectsLeftOut++
		r.LeftOut.add(leftOut.Reason, leftOut.Folder)
	case err != nil:
		r.ObjectsFailed++
		r.Failures = firstFew(append(r.Failures, ObjectProblem{Object: obj.Key, Reason: err.Error()}))
	default:
		ok, untold := in.o.Filter.Match(obj.Place)
		if !ok {
			r.ObjectsExcluded++
			if untold {
				r.ObjectsUntold++
			}
		}
		return ok
	}
	return false
}

// count lists once for the totals that a progress bar needs, keeping nothing.
func (in *ingest) count(ctx context.Context, ledger *Ledger) error {
	var scratch IngestResult
	in.progress.Listing = true
	for obj, err := range in.src.List(ctx) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if in.choose(obj, err, &scratch) && !ledger.Has(objectID(obj)) {
			in.progress.TotalObjects++
			in.progress.TotalBytes += obj.Size
			in.o.Progress(in.progress)
		}
	}
	in.progress.Listing = false
	return nil
}

// window is how many objects are listed before the first of them is read, so that they
// are read by day of delivery: the rows of a day then come together, and few days have
// rows waiting. They take about 12 MB.
const window = 1 << 15

// list sends the objects that are to be read, window by window in the order of days.
func (in *ingest) list(ctx context.Context, ledger *Ledger) error {
	objects := make([]source.Object, 0, 64)
	ahead, _ := in.src.(source.Prefetcher)
	send := func() error {
		slices.SortStableFunc(objects, func(a, b source.Object) int { return a.Place.Day.Compare(b.Place.Day) })
		for _, obj := range objects {
			if ahead != nil {
				ahead.Prefetch(ctx, obj)
			}
			select {
			case in.objects <- obj:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		objects = objects[:0]
		return nil
	}
	for obj, err := range in.src.List(ctx) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		in.mu.Lock()
		chosen := in.choose(obj, err, &in.result)
		in.mu.Unlock()
		if !chosen {
			continue
		}
		if known := ledger.Has(objectID(obj)); known || in.waits(obj) {
			in.mu.Lock()
			if known {
				in.result.ObjectsKnown++
			} else {
				in.result.ObjectsWaiting++
			}
			in.mu.Unlock()
			continue
		}
		objects = append(objects, obj)
		if len(objects) == window {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return send()
}

// waits reports whether an object is left for later: no valid digest names it yet.
func (in *ingest) waits(o source.Object) bool {
	if !in.o.RequireDigests {
		return false
	}
	_, _, ok := in.o.Digests.Expected(o.Bucket, o.Key)
	return !ok
}

func objectID(o source.Object) ObjectID {
	return ObjectID{Bucket: o.Bucket, Key: o.Key, Version: o.Version, ETag: o.ETag, Size: o.Size, MTime: o.ModTime}
}

// maxAttempts is how often a batch is begun. Every attempt but the first knows more of
// what not to take, so that a second one rarely fails.
const maxAttempts = 20

// lostObject is an object of which some records are in the batch and others cannot be
// read. The batch goes with it.
type lostObject struct {
	object source.Object
	err    error
}

func (e *lostObject) Error() string { return fmt.Sprintf("object %s: %v", e.object.Key, e.err) }
func (e *lostObject) Unwrap() error { return e.err }

// fail counts an object that the next ingest tries again.
func (in *ingest) fail(o source.Object, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.result.ObjectsFailed++
	in.result.Failures = firstFew(append(in.result.Failures, ObjectProblem{Object: o.Key, Reason: err.Error()}))
}

// batches commits batch after batch until the listing ends. What is reported as known
// must stay known, also where another process has made it so.
func (in *ingest) batches(ctx context.Context) error {
	for first := range in.objects {
		b := &ingestBatch{in: in, todo: []source.Object{first}, more: in.objects}
		for attempt := 1; ; attempt++ {
			err := b.run(ctx)
			if err == nil {
				break
			}
			var lost *lostObject
			switch again := errors.As(err, &lost) || errors.Is(err, ErrAlreadyIngested); {
			case !again || attempt == maxAttempts || ctx.Err() != nil:
				return err
			case lost != nil:
				b.taken = slices.DeleteFunc(b.taken, func(o source.Object) bool { return objectID(o) == objectID(lost.object) })
				in.fail(lost.object, lost.err)
			}
			// Read again what is left: without the object that was lost, or without
			// those that another process took first.
			in.advance(-int64(len(b.taken)), -b.bytes, -b.done.Stored)
			b = &ingestBatch{in: in, todo: slices.Concat(b.taken, b.todo)}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return in.store.settle(ctx)
}

// ingestBatch is what goes into one commit.
type ingestBatch struct {
	in   *ingest
	more <-chan source.Object // to read on from; nil for no more
	done IngestResult

	mu    sync.Mutex      // guards what follows
	todo  []source.Object // to read first
	ends  time.Time       // when it takes no more objects; zero until it was asked for one
	taken []source.Object
	bytes int64 // as delivered
}

// maxObjects is how many objects go into one commit: the ledger holds them in memory
// while it is written, about 500 bytes each.
const maxObjects = 50_000

// next returns the next object to read, until there is enough for a commit.
func (b *ingestBatch) next(text int64) (obj source.Object, ok bool) {
	b.mu.Lock()
	if len(b.todo) > 0 {
		obj, b.todo = b.todo[0], b.todo[1:]
		ok = true
	}
	now := b.in.store.lake.now()
	if b.ends.IsZero() {
		b.ends = now.Add(b.in.o.CommitEvery)
	}
	count, left := len(b.taken), b.ends.Sub(now)
	b.mu.Unlock()
	if !ok && b.more != nil && text < b.in.o.BatchBytes && count < maxObjects && left > 0 {
		select {
		case obj, ok = <-b.more:
		case <-time.After(left):
		}
	}
	if ok {
		b.mu.Lock()
		b.taken = append(b.taken, obj)
		b.bytes += obj.Size
		b.mu.Unlock()
	}
	return obj, ok
}

// run reads the objects and commits them.
func (b *ingestBatch) run(ctx context.Context) (err error) {
	in := b.in
	ledger, err := in.store.Ledger(ctx)
	if err != nil {
		return err
	}
	batch, err := in.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, batch.Abort()) }()
	var text atomic.Int64
	g, gctx := errgroup.WithContext(ctx)
	rows := newAssembly(batch, g, in.o)
	workers := make([]*worker, in.o.Workers)
	for i := range workers {
		w := newWorker(in, rows, ledger)
		workers[i] = w
		g.Go(func() error {
			for {
				obj, ok := b.next(text.Load())
				if !ok {
					return w.finish()
				}
				if err := w.object(gctx, obj, &text); err != nil {
					return err
				}
			}
		})
	}
	if err = g.Wait(); err == nil {
		err = rows.finish(ctx, in.o.Workers)
	}
	for _, w := range workers {
		b.done.add(&w.result)
	}
	if err != nil {
		return err
	}
	if b.done.ObjectsIngested > 0 {
		snap, err := batch.Commit(ctx)
		if err != nil {
			return err
		}
		b.done.Snapshot, b.done.Commits = snap.ID(), 1
		for _, f := range batch.Files() {
			b.done.Files++
			b.done.BytesStored += f.Bytes
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.result.add(&b.done)
	return nil
}

// advance moves the progress on.
func (in *ingest) advance(objects, bytes, records int64) {
	if in.o.Progress == nil {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.progress.Objects += objects
	in.progress.Bytes += bytes
	in.progress.Records += records
	in.o.Progress(in.progress)
}
