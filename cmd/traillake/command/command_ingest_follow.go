package command

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"traillake/engine/encode"
	"traillake/internal/awsclient"
	"traillake/lake"
	"traillake/lake/source"
	"traillake/lake/source/s3"
	"traillake/lake/source/s3/queue"
	"traillake/lake/source/stdin"
)

const (
	// relistEvery is how often what a queue tells is checked against a listing. Messages
	// can be lost, and nobody notices those that were never sent.
	relistEvery = time.Hour
	// keepEvery is how often what was listed is written down while it is followed.
	keepEvery = 10 * time.Minute
	// judgeEvery is how often digests are read, of which CloudTrail delivers one an hour, and
	// judgeAllEvery how often those of all days: some come late, as do public keys.
	judgeEvery, judgeAllEvery = time.Hour, 24 * time.Hour
	// maxPause is the longest pause after rounds that went wrong.
	maxPause = 5 * time.Minute
)

// follower takes in what comes, round after round, until it is told to stop.
type follower struct {
	o        *ingestOptions
	store    *lake.Store
	src      *sources
	listed   *listings
	kept     time.Time
	opts     lake.IngestOptions
	queue    *queue.Queue // nil for --watch
	relisted time.Time
	// judged is when digests were read, judgedAll when those of all days were, judge when to try
	// again after that went wrong, and notJudged how it did.
	judged, judgedAll, judge time.Time
	notJudged                string
	invalid                  map[string]bool // digests that were told
	toldUnread               map[lake.ObjectProblem]bool
	objects                  int64 // ingested since the start, with what was there then
	events                   int64
	// told and toldMessages are failures of objects and messages that were told, without what
	// differs each time; failed is of how many objects there were last.
	told, toldMessages map[lake.ObjectProblem]bool
	failed             int64
}

// checkFollow checks the flags that do not go together.
func (o *ingestOptions) checkFollow(args []string) error {
	var errs []error
	following := o.watch || o.queue != ""
	if o.watch && o.queue != "" {
		errs = append(errs, errors.New("--watch and --queue: one of them is enough, and --queue asks for less"))
	}
	if o.interval < time.Second {
		errs = append(errs, fmt.Errorf("--interval %s: the least is 1s", o.interval))
	}
	if following && o.dryRun {
		errs = append(errs, errors.New("--dry-run does not follow: leave out --watch or --queue"))
	}
	if following && o.digests == digestsRequire {
		errs = append(errs, errors.New("--verify-digests require does not go with --watch or --queue: the digest of a log comes an hour later; give check, or run an ingest with require instead, once an hour or once a day"))
	}
	for _, arg := range args {
		_, _, err := awsclient.ParseURL(arg)
		switch {
		case o.queue != "" && err != nil:
			errs = append(errs, fmt.Errorf("--queue: %q is no place on S3; name those that the queue tells of, such as s3://BUCKET/AWSLogs", arg))
		case o.watch && arg == stdin.Key:
			errs = append(errs, errors.New("--watch: standard input ends and cannot be watched"))
		}
	}
	return errors.Join(errs...)
}

// openQueue opens the queue that --queue names; nil without.
func (o *ingestOptions) openQueue(ctx context.Context, src *sources) (*queue.Queue, error) {
	if o.queue == "" {
		return nil, nil
	}
	client, err := o.app.openAWS(ctx)
	if err != nil {
		return nil, err
	}
	q, err := client.Queue(o.queue)
	if err != nil {
		return nil, &usageError{nil, err}
	}
	var places []*s3.Source
	for _, s := range src.all {
		if place, ok := s.(*s3.Source); ok {
			places = append(places, place)
		}
	}
	return queue.New(q, o.queue, places, queue.Options{Gather: min(25*time.Second, o.interval)}), nil
}

// run goes round until ctx ends, which is no error: what was committed is there, and the
// rest is found again. An error that the next round would meet as well ends it.
func (f *follower) run(ctx context.Context) error {
	var pause time.Duration
	for ctx.Err() == nil {
		err := f.round(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil:
			pause = 0
		case lasting(err), f.queue != nil && !f.queue.Answered():
			return err
		default:
			pause = min(max(2*pause, f.o.interval), maxPause)
			f.o.app.say("%v\nTrying again in %s.\n", err, pause)
		}
		if f.queue == nil || pause > 0 {
			wait(ctx, max(pause, f.o.interval))
		}
	}
	if err := f.listed.write(); err != nil {
		f.o.app.say("%v\n", err)
	}
	if !f.o.quiet && !f.o.json {
		pr := printer{people: isTerminal(f.o.app.stderr)}
		f.o.app.say("stopped; ingested %s, %s into %s since the start\n", pr.things(f.objects, "object", "objects"), pr.things(f.events, "event", "events"), f.store.Name())
	}
	return nil
}

// settle is for how long after its last change --watch takes a file that is cut off for one that is
// still being written. A guess.
const settle = time.Minute

// wait waits, or returns when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// lasting is whether an error is one that another round does not get over.
func lasting(err error) bool {
	for _, e := range []error{lake.ErrCorrupt, lake.ErrLayout, lake.ErrStoreNotFound, lake.ErrPendingDeletion, lake.ErrCommitUnknown, lake.ErrFirewall, lake.ErrClock, errOutputClosed} {
		if errors.Is(err, e) {
			return true
		}
	}
	var denied *awsclient.DeniedError
	return errors.As(err, &denied)
}

func (f *follower) round(ctx context.Context) error {
	if now := f.o.app.now(); f.queue == nil || now.Sub(f.relisted) >= relistEvery || f.judges(now) {
		if err := f.list(ctx); err != nil || f.queue == nil {
			return err
		}
	}
	return f.messages(ctx)
}

// list takes in what a listing shows to be new.
func (f *follower) list(ctx context.Context) error {
	opts, now := f.opts, f.o.app.now()
	all := now.Sub(f.judgedAll) >= judgeAllEvery
	if err := f.digests(ctx, now, all, &opts); err != nil {
		return err
	}
	r, err := f.ingest(ctx, f.src, opts, all)
	if err != nil {
		return err
	}
	f.relisted = f.o.app.now()
	if opts.Digests != nil {
		f.judged = now
		if all {
			f.judgedAll = now
		}
	}
	if r.ObjectsFailed == int64(len(r.Failures)) { // these are all: what is not among them is over
		clear(f.told)
		f.untold(r)
	}
	if r.ObjectsFailed > 0 {
		return nil
	}
	if err := f.listed.learn(ctx); err != nil {
		return err
	}
	if f.o.app.now().Sub(f.kept) >= keepEvery {
		f.kept = f.o.app.now()
		return f.listed.write()
	}
	return nil
}

// judges reports whether it is time to read digests.
func (f *follower) judges(now time.Time) bool {
	return f.o.digests != digestsOff && now.Sub(f.judged) >= judgeEvery && !now.Before(f.judge)
}

// digests reads those that came, if it is time, with those of the day before the last time, or all. What goes
// wrong keeps no log from being taken in: the error is that of ctx.
func (f *follower) digests(ctx context.Context, now time.Time, all bool, opts *lake.IngestOptions) error {
	if !f.judges(now) {
		return nil
	}
	from := f.judged.Add(-24 * time.Hour)
	if all || from.Before(opts.Filter.From) {
		from = opts.Filter.From
	}
	err := f.o.loadDigests(ctx, f.src, from, opts)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		f.notJudged = ""
	default:
		f.judge = now.Add(maxPause)
		if text := requestID.ReplaceAllString(err.Error(), ""); f.notJudged != text {
			f.notJudged = text
			f.o.app.say("%v\nTrying again every %s.\n", err, maxPause)
		}
	}
	return nil
}

// untoldDigests leaves of a result what was not told before of digests, and remembers it. Missing
// logs and digests are in the ledger then, and are told once by that. Digests of all days show
// which are not invalid any more.
func (f *follower) untoldDigests(r *lake.IngestResult, digests lake.Digests, all bool) {
	if digests == nil {
		return
	}
	told := f.invalid
	if all {
		f.invalid = make(map[string]bool)
	}
	r.DigestsInvalid = 0
	digests.Invalid(func(key string) {
		if !told[key] {
			r.DigestsInvalid++
		}
		f.invalid[key] = true
	})
	if r.LogsUnknown+r.DigestsUnread == 0 {
		clear(f.toldUnread)
	}
	r.Unread = slices.DeleteFunc(slices.Clone(r.Unread), func(p lake.ObjectProblem) bool { return !isNew(f.toldUnread, p.Object, p.Reason) })
	if len(r.Unread) == 0 {
		r.LogsUnknown, r.DigestsUnread = 0, 0
	}
}

// messages takes in what the messages of a queue tell of, if some come before long.
func (f *follower) messages(ctx context.Context) error {
	batch, err := f.queue.Next(ctx)
	if err != nil || batch == nil {
		return err
	}
	r, err := f.ingest(ctx, batch, f.opts, false)
	if err != nil {
		batch.Release()
		return err
	}
	ledger, err := f.store.Ledger(ctx)
	if err != nil {
		batch.Release()
		return err
	}
	report, err := batch.Settle(ctx, func(o source.Object) bool {
		if chosen, _ := f.opts.Filter.Match(o.Place); !chosen || r.ObjectsFailed == 0 {
			return true
		}
		return ledger.Has(lake.ObjectID{Bucket: o.Bucket, Key: o.Key, Version: o.Version, ETag: o.ETag, Size: o.Size})
	})
	f.tell(report)
	return err
}

// tell names the messages that are not done.
func (f *follower) tell(r queue.Report) {
	if r.Foreign > 0 && !f.o.quiet {
		f.o.app.say("%s in none of the places that are ingested; the messages are deleted\n",
			printer{people: isTerminal(f.o.app.stderr)}.things(int64(r.Foreign), "object that messages name is", "objects that messages name are"))
	}
	for _, left := range r.Left {
		about := encode.Printable(left.ID)
		if left.Object != "" {
			about += " about " + encode.Printable(left.Object)
		}
		what := "comes again"
		if left.Poison {
			what = "is left for the dead-letter queue"
		}
		if !isNew(f.toldMessages, left.ID+" "+what, left.Reason) {
			continue
		}
		f.o.app.say("message %s, received %d times, %s: %s\n", about, left.Receives, what, encode.Printable(left.Reason))
	}
}

// maxTold bounds what is remembered of failures.
const maxTold = 10_000

// requestID is what differs between two errors of S3 that say the same.
var requestID = regexp.MustCompile(` \(request [^()]*\)`)

// untold returns the failures that were not told before, and remembers them. Every round
// meets what cannot be read again.
func (f *follower) untold(r *lake.IngestResult) (list []lake.ObjectProblem) {
	for _, p := range r.Failures {
		if isNew(f.told, p.Object, p.Reason) {
			list = append(list, p)
		}
	}
	return list
}

func isNew(told map[lake.ObjectProblem]bool, what, reason string) bool {
	if len(told) > maxTold {
		clear(told)
	}
	p := lake.ObjectProblem{Object: what, Reason: requestID.ReplaceAllString(reason, "")}
	before := told[p]
	told[p] = true
	return !before
}

// ingest is one round's. What it did is said where it did something. All says that opts has digests
// of all days, if any.
func (f *follower) ingest(ctx context.Context, src source.Source, opts lake.IngestOptions, all bool) (*lake.IngestResult, error) {
	r, err := f.store.Ingest(ctx, src, opts)
	if r != nil {
		f.objects += r.ObjectsIngested
		f.events += r.Stored
	}
	if err != nil {
		return r, err
	}
	shown := *r
	if shown.Failures = f.untold(r); r.ObjectsFailed == int64(len(r.Failures)) {
		shown.ObjectsFailed = int64(len(shown.Failures))
	}
	// A result names the first failures only, which may all be old ones.
	if r.ObjectsFailed > f.failed && r.ObjectsFailed > int64(len(r.Failures)) {
		shown.Failures = r.Failures
	}
	f.failed = r.ObjectsFailed
	a := f.o.app
	pr := printer{people: isTerminal(a.stderr)}
	judged := verdictSummary(r, pr)
	f.untoldDigests(&shown, opts.Digests, all)
	if r.ObjectsIngested == 0 && len(shown.Failures)+len(shown.Missing)+len(shown.Unread) == 0 && shown.DigestsInvalid == 0 && judged == "" {
		return r, nil
	}
	if err := f.o.compact(ctx, f.store, r); err != nil {
		return r, err
	}
	switch at := a.now().UTC().Format(time.TimeOnly); {
	case f.o.json:
		if err := a.jsonEncoder().Encode(r); err != nil {
			return r, err
		}
	case !f.o.quiet:
		if r.ObjectsIngested > 0 {
			a.say("%s ingested %s, %s into %s in %s\n", at, pr.things(r.ObjectsIngested, "object", "objects"),
				pr.things(r.Stored, "event", "events"), r.Store, seconds(r.Elapsed))
		}
		for line := range strings.Lines(judged) {
			a.say("%s %s", at, line)
		}
	}
	// What could not be read is tried again, and what is in quarantine stays there: both
	// are said once, and neither ends the round.
	if err := a.reportIngest(&shown, false, true); err != nil && !errors.Is(err, errFindings) {
		return r, err
	}
	return r, nil
}
