package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/engine/encode"
	"traillake/internal/hostmemory"
	"traillake/lake"
	"traillake/lake/source"
)

const ingestLong = `Ingest reads CloudTrail log files and keeps their events in an event data store.

SOURCE is a folder, a file, a place on S3 (s3://BUCKET/PREFIX), or - for standard
input. Folders are searched to any depth. Files may be gzipped or not, and hold what
CloudTrail delivers ({"Records":[…]}), a bare array, one record, or a record per line:
what a file is is found by its content. Digests and logs of other services are left out.

A file is known by its path, size, time and content, an object on S3 by its key, ETag
and size: ingesting again takes in what is new, and nothing twice. Interrupting is safe
for the same reason.

Of a place on S3, accounts, regions and days that are not chosen are not listed at all.
The next ingest lists the last days, folders that are new or small, and every older month
once in sixty days; --relist lists all. 'traillake help s3' explains credentials.

--watch goes on: it lists every 30 seconds and takes in what is new, but for files that
were changed in the last minute and are cut off, or very large: somebody may still be
writing them. --queue waits for messages of an SQS queue instead, fed by S3's event
notifications, directly or through SNS or EventBridge, or by CloudTrail's own; it lists
at the start and once an hour, in case one is lost. Messages are gathered for 25 seconds into
one commit, or for --interval if that is less. A message is deleted when what it tells of is
committed. One that cannot be handled is named and left for the queue's dead-letter queue.
Ctrl-C or SIGTERM stops both; --json prints one line for each round that took something in, met
a new failure, or learned something from digests. A failure is told once, until it changes.

A record that cannot be read is put into quarantine with its bytes, place and
reason; the good records beside it are kept, and the exit code is 3. The counts
reconcile: records read = stored + filtered + quarantined.

Where many small ingests have left many small files of a day, some are merged at the end;
--no-compact leaves them. 'traillake store compact' merges all.

--verify-digests compares every file with CloudTrail's digests beside it, whose public keys
--public-keys has (see 'traillake digest verify --help'), and keeps the verdict. With check, all
files are taken in. With require, one that is not what CloudTrail delivered goes into
quarantine, and one that no valid digest names waits for a later ingest. Digests that
come later complete the verdicts of files that were ingested with check, and with --reread of those
that were ingested without digests, if they are there still as they were. Logs that digests
name and that are not there are told, and kept in mind: coverage and reports count them, until
an ingest finds them. That a log was put there that no digest will name, 'digest verify' tells.
With --watch and --queue, which take check only, digests of the last days are read once an
hour, and all once a day.

--from, --to, --account and --region choose files by their path, before they are
opened: …/AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE, or the name of the file.
The day is that of delivery; a log of shortly after midnight holds events of the day
before. A file whose path does not tell is left out then, and counted.`

const ingestExample = `  traillake ingest ./AWSLogs
  traillake ingest --from 2023-07-01 --to 2023-08-01 --region us-east-1 ./AWSLogs
  traillake ingest --from 7d ./AWSLogs
  traillake ingest --store investigation evidence/*.json.gz
  traillake ingest --max-memory 2GB ./AWSLogs
  traillake ingest --verify-digests check --public-keys keys.json ./AWSLogs
  traillake ingest --dry-run s3://my-trail-bucket
  traillake ingest --profile audit --from 30d s3://my-trail-bucket/AWSLogs
  traillake ingest --watch ./AWSLogs
  traillake ingest --queue https://sqs.eu-west-1.amazonaws.com/123456789012/trail s3://my-trail-bucket
  zcat one.json.gz | traillake ingest -`

// ingestOptions are the flags of ingest.
type ingestOptions struct {
	app      *app
	store    string
	from, to string
	accounts []string
	regions  []string
	// noCompact leaves small files as they are.
	noCompact bool
	json      bool
	quiet     bool
	// digests is off, check or require; keys are the public keys for them.
	digests string
	keys    string
	// reread is for what was ingested without digests.
	reread bool
	// dryRun says what would be done.
	dryRun bool
	// watch goes on with what comes, found by listing every interval; queue is the URL of
	// the queue that tells of it.
	watch    bool
	queue    string
	interval time.Duration
	// relist lists all that is on S3, whatever was listed before.
	relist bool
	// maxMemory is the most that the process shall take.
	maxMemory size
}

// leastIngestMemory is the least of --max-memory.
const leastIngestMemory = 128e6

// defaultIngestMemory is --max-memory where nothing is said.
func defaultIngestMemory() size { return size(max(leastIngestMemory, hostmemory.Most(512e6, 75))) }

const ingestMemoryUsage = "about the most `memory` to take, such as 4GB; the least is 128MB (default: 512MB, or three quarters of the machine's)"

func (o *ingestOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.store, "store", lake.DefaultStore, "`name`, id or ARN of the event data store; the store \"events\" is made when it is not there")
	f.StringVar(&o.from, "from", "", "only files delivered on this `day` or later: 2023-07-10, a time, or 7d for seven days ago")
	f.StringVar(&o.to, "to", "", "only files delivered before this `day` or time (it is not included)")
	f.StringSliceVar(&o.accounts, "account", nil, "only files of this `account`; may be repeated")
	f.StringSliceVar(&o.regions, "region", nil, "only files of this `region`; may be repeated")
	f.Var(&o.maxMemory, "max-memory", ingestMemoryUsage)
	f.StringVar(&o.digests, "verify-digests", digestsOff, "compare files with CloudTrail's digests: check, require or off")
	f.StringVar(&o.keys, "public-keys", "", publicKeysUsage)
	f.BoolVar(&o.reread, "reread", false, "with --verify-digests, read again what was ingested without it, to give it verdicts")
	f.BoolVar(&o.noCompact, "no-compact", false, "do not merge small files afterwards")
	f.BoolVar(&o.dryRun, "dry-run", false, "only say what would be read: objects, bytes, days, accounts, regions, and about how long it takes")
	f.BoolVar(&o.relist, "relist", false, "list all of a place on S3 again, not only what can be new since the last time")
	f.BoolVar(&o.watch, "watch", false, "go on with what comes, until stopped")
	f.StringVar(&o.queue, "queue", "", "go on with what an SQS queue tells of, by its `URL`, until stopped")
	f.DurationVar(&o.interval, "interval", 30*time.Second, "`time` from one look to the next with --watch; with --queue, for how long messages are gathered into one commit, at most 25s")
	o.app.addToday(f)
	f.BoolVar(&o.json, "json", false, "print the counts as JSON to standard output (see 'traillake help json')")
	f.BoolVar(&o.quiet, "quiet", false, "no progress and no summary; problems are still listed")
}

func newIngest(a *app) *cobra.Command {
	o := &ingestOptions{app: a}
	cmd := &cobra.Command{
		Use:     "ingest SOURCE…",
		Short:   "Take in log files: folders, files, S3, or - for standard input",
		Long:    ingestLong,
		Example: ingestExample,
		Args:    arguments(1, -1, "ingest what? Name a folder or file with CloudTrail logs, such as: traillake ingest ./AWSLogs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			filter, err := o.filter()
			if o.maxMemory == 0 {
				o.maxMemory = defaultIngestMemory()
			}
			if o.maxMemory < leastIngestMemory {
				err = errors.Join(err, fmt.Errorf("--max-memory %d: the least is 128MB", o.maxMemory))
			}
			if cmd.Flags().Changed("interval") && !o.watch && o.queue == "" {
				err = errors.Join(err, errors.New("--interval is for --watch and --queue; give one of them, too"))
			}
			err = errors.Join(err, o.checkFollow(args))
			if err = errors.Join(err, o.checkDigests()); err != nil {
				return &usageError{cmd, err}
			}
			return o.run(cmd.Context(), args, filter)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// filter reads the flags that choose files.
func (o *ingestOptions) filter() (source.Filter, error) {
	f := source.Filter{Accounts: o.accounts, Regions: o.regions}
	var errs []error
	now := o.app.now()
	for _, b := range []struct {
		flag, text string
		to         *time.Time
	}{{"--from", o.from, &f.From}, {"--to", o.to, &f.To}} {
		if b.text == "" {
			continue
		}
		at, err := parseWhen(b.text, now)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", b.flag, err))
		}
		*b.to = at
	}
	if len(errs) == 0 && !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		errs = append(errs, errors.New("--from must lie before --to, which is not included: one day is --from 2023-07-10 --to 2023-07-11"))
	}
	for _, acc := range o.accounts {
		if err := checkAccount(acc); err != nil {
			errs = append(errs, err)
		}
	}
	return f, errors.Join(errs...)
}

func (o *ingestOptions) run(ctx context.Context, args []string, filter source.Filter) (err error) {
	src, err := o.app.openSources(ctx, args, filter, o.watch || o.queue != "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	limitMemory(int64(o.maxMemory))
	// A quarter is for rows that wait. Reading and encoding take as much again, and so
	// does garbage.
	opts := lake.IngestOptions{Filter: filter, Memory: int(o.maxMemory / 4), WholeObject: wholeObject(int64(o.maxMemory)), Reread: o.reread}
	if o.watch {
		opts.Settle = settle
	}
	if o.dryRun {
		return o.plan(ctx, src, opts)
	}
	q, err := o.openQueue(ctx, src)
	if err != nil {
		return err
	}
	l, store, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()

	judged := o.app.now()
	if o.digests != digestsOff {
		if err := o.loadDigests(ctx, src, filter.From, &opts); err != nil {
			return err
		}
	}
	listed, err := o.app.listings(ctx, l, store, src, o.relist)
	if err != nil {
		return err
	}
	bar := o.app.newProgress(o.quiet || o.json)
	if bar != nil {
		opts.Progress = bar.ingest
	}
	var before *lake.Snapshot // nil where nobody is told of old events
	if !o.quiet && !o.json {
		if before, err = store.Snapshot(ctx); err != nil {
			return err
		}
	}
	result, err := store.Ingest(ctx, src, opts)
	bar.end()
	if err == nil && result.ObjectsFailed+result.ObjectsWaiting == 0 {
		if err := errors.Join(listed.learn(ctx), listed.write()); err != nil {
			o.app.say("%v\n", err)
		}
	}
	if err != nil {
		if result != nil && result.Commits > 0 {
			o.app.say("%d objects with %d events were committed before and stay; ingest again for the rest\n", result.ObjectsIngested, result.Stored)
		}
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w; what was not committed left nothing behind", err)
		}
		return err
	}
	if err := o.compact(ctx, store, result); err != nil {
		return err
	}
	if o.json {
		enc := o.app.jsonEncoder()
		if !o.watch && o.queue == "" { // else lines follow
			enc.SetIndent("", "  ")
		}
		if err := enc.Encode(result); err != nil {
			return err
		}
	}
	err = o.app.reportIngest(result, o.json, o.quiet)
	o.tellUnhashed(result)
	o.tellOld(ctx, store, before, result)
	if !o.watch && o.queue == "" || err != nil && !errors.Is(err, errFindings) {
		return err
	}
	f := &follower{o: o, store: store, src: src, listed: listed, kept: o.app.now(), opts: opts, queue: q, relisted: o.app.now(),
		judged: judged, judgedAll: judged, invalid: make(map[string]bool), toldUnread: make(map[lake.ObjectProblem]bool),
		objects: result.ObjectsIngested, events: result.Stored, told: make(map[lake.ObjectProblem]bool), toldMessages: make(map[lake.ObjectProblem]bool), failed: result.ObjectsFailed}
	f.untold(result)
	f.untoldDigests(result, opts.Digests, true)
	f.opts.Progress, f.opts.Digests, f.opts.HashText, f.opts.Reread = nil, nil, o.digests != digestsOff, false
	return f.run(ctx)
}

// compact merges small files where many have gathered. The ingest is done: what goes
// wrong here costs nothing but the merging.
func (o *ingestOptions) compact(ctx context.Context, store *lake.Store, result *lake.IngestResult) error {
	if o.noCompact || result.Commits == 0 {
		return nil
	}
	r, err := store.Compact(ctx, lake.CompactOptions{Sparing: true, Memory: int64(o.maxMemory / 4)})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		o.app.say("small files were not merged: %v\n", err)
	case r.Commits > 0 && !o.quiet && !o.json:
		o.app.say("%s\n", compactSummary(r, printer{people: isTerminal(o.app.stderr)}, false))
	}
	return nil
}

// tellOld says how many of the events that came after a snapshot are older than the store's
// retention. Who ingests an archive would miss them after the next expiry. Without a snapshot it
// says nothing.
func (o *ingestOptions) tellOld(ctx context.Context, store *lake.Store, before *lake.Snapshot, result *lake.IngestResult) {
	if before == nil || result.Stored == 0 {
		return
	}
	n, s, err := o.oldEvents(ctx, store, before)
	expire := "store expire"
	if err == nil && n > 0 {
		var r *lake.ExpireResult
		if r, err = store.Expire(ctx, lake.ExpireOptions{DryRun: true}); err == nil && r.Doubt != nil {
			expire += " --today " + o.app.now().UTC().Format(time.DateOnly) // which it would ask for
		}
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		o.app.say("whether events are older than the retention is not known: %v\n", err)
	case n > 0:
		pr := printer{people: isTerminal(o.app.stderr)}
		o.app.say("%s older than the %d days that %s keeps, and 'traillake %s' removes them; 'traillake store update %s --retention-days DAYS' keeps more\n",
			pr.things(n, "event is", "events are"), s.RetentionDays, s.Name, expire, s.Name)
	}
}

// oldEvents counts them, by the days of the data files: those of the store now, but for what
// was there before. None are under a legal hold, which nothing is removed under.
func (o *ingestOptions) oldEvents(ctx context.Context, store *lake.Store, before *lake.Snapshot) (int64, lake.Settings, error) {
	s, err := store.Settings(ctx)
	if err != nil || s.LegalHold {
		return 0, s, err
	}
	kept := lake.DayOf(o.app.now().UnixMicro()) - lake.Day(s.RetentionDays) // the first day
	old := func(sn *lake.Snapshot) (n int64, err error) {
		files, err := sn.Files(ctx, lake.TimeRange{To: kept.Time()})
		for _, f := range files {
			if f.Day < kept {
				n += f.Rows
			}
		}
		return n, err
	}
	now, err := store.Snapshot(ctx)
	if err != nil {
		return 0, s, err
	}
	n, err := old(now)
	if err != nil || n == 0 {
		return 0, s, err
	}
	m, err := old(before)
	return n - m, s, err
}

// limitMemory has garbage collected in time for the process to stay below most bytes.
// The sixth that is held back is the program itself and what the runtime cannot use at
// once. GOMEMLIMIT decides where it is set.
func limitMemory(most int64) { limitHeap(most * 5 / 6) }

// limitHeap has garbage collected more often from so many bytes on.
func limitHeap(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// wholeObject is up to which size files are read at once, one for each processor: a
// sixteenth of the memory all together.
func wholeObject(most int64) int64 { return min(16<<20, most/16/int64(runtime.GOMAXPROCS(0))) }

// open opens lake and store. Only the default store is made when it is not there: a
// name that was mistyped should not become a store.
func (o *ingestOptions) open(ctx context.Context) (*lake.Lake, *lake.Store, error) {
	open := o.app.makeLake
	if !strings.EqualFold(o.store, lake.DefaultStore) {
		open = o.app.openLake
	}
	l, err := open(ctx)
	if errors.Is(err, lake.ErrLakeNotFound) {
		return nil, nil, fmt.Errorf("%w\nMake the store first: traillake store create %s", err, o.store)
	}
	if err != nil {
		return nil, nil, err
	}
	store, err := l.Store(ctx, o.store)
	if errors.Is(err, lake.ErrStoreNotFound) && strings.EqualFold(o.store, lake.DefaultStore) {
		store, err = l.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore})
		if errors.Is(err, lake.ErrStoreExists) { // another process made it
			store, err = l.Store(ctx, o.store)
		}
	}
	if errors.Is(err, lake.ErrStoreNotFound) {
		err = fmt.Errorf("%w\nTo make it: traillake store create %s", err, o.store)
	}
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	return l, store, nil
}

// reportIngest says what an ingest did. The error is errFindings when something is in
// quarantine or could not be read.
func (a *app) reportIngest(r *lake.IngestResult, asJSON, quiet bool) error {
	pr := printer{people: isTerminal(a.stderr)}
	if !quiet && !asJSON {
		a.say("%s", ingestSummary(r, pr))
	}
	if len(r.Failures) > 0 && !asJSON {
		a.say("%s could not be read and will be tried again by the next ingest:\n", pr.things(r.ObjectsFailed, "object", "objects"))
		a.problems(r.Failures, r.ObjectsFailed, "")
	}
	if len(r.Damage) > 0 && !asJSON {
		a.say("%s in quarantine:\n", pr.things(r.Quarantined, "record is", "records are"))
		a.problems(r.Damage, r.Quarantined, "; see them with: traillake store quarantine "+r.Store)
	}
	mismatched := r.ObjectsMismatched + r.LaterMismatched
	if len(r.Mismatches) > 0 && !asJSON {
		a.say("%s not what CloudTrail delivered:\n", pr.things(mismatched, "object is", "objects are"))
		a.problems(r.Mismatches, mismatched, "; 'traillake coverage --by account,region,day' counts them")
	}
	if r.DigestsInvalid > 0 && !asJSON {
		a.say("%s not valid or not there; 'traillake digest verify' tells more\n", pr.things(r.DigestsInvalid, "digest is", "digests are"))
	}
	if len(r.Missing)+len(r.Unread) > 0 && !asJSON {
		a.say("%s:\n", missingSummary(r, pr))
		more := ""
		if r.LogsMissing+r.DigestsMissing > 0 {
			more = "; 'traillake coverage --missing-logs' lists them"
		}
		a.problems(slices.Concat(r.Missing, r.Unread), r.LogsMissing+r.LogsUnknown+r.DigestsMissing+r.DigestsUnread, more)
	}
	if r.LogsMissing+r.LogsUnknown+r.DigestsMissing+r.DigestsUnread > 0 || r.ObjectsFailed > 0 || r.Quarantined > 0 || r.ObjectsDamaged > 0 || mismatched > 0 {
		return errFindings
	}
	return nil
}

// problems lists the first few of n problems.
func (a *app) problems(list []lake.ObjectProblem, n int64, more string) {
	for _, p := range list {
		place := encode.Printable(p.Object)
		if p.Offset > 0 {
			place += fmt.Sprintf(" at byte %d", p.Offset)
		}
		// The reason of an unreadable file names the file already, as in "open FILE: permission denied".
		reason := strings.TrimPrefix(strings.Replace(p.Reason, " "+p.Object+": ", ": ", 1), p.Object+": ")
		if place != "" { // what is wrong with a whole bucket has none
			place += ": "
		}
		a.say("  %s%s\n", place, encode.Printable(reason))
	}
	switch rest := n - int64(len(list)); {
	case rest > 0:
		a.say("  … and %d more%s\n", rest, more)
	case more != "":
		a.say("  %s\n", strings.TrimPrefix(more, "; "))
	}
}

// ingestSummary tells people what an ingest did.
func ingestSummary(r *lake.IngestResult, pr printer) string {
	var b strings.Builder
	switch {
	case r.ObjectsIngested > 0:
		fmt.Fprintf(&b, "ingested %s, %s into %s in %s (%s read, %s stored)", pr.things(r.ObjectsIngested, "object", "objects"),
			pr.things(r.Stored, "event", "events"), r.Store, seconds(r.Elapsed), pr.bytes(r.BytesRead), pr.bytes(r.BytesStored))
		if r.ObjectsKnown > 0 {
			fmt.Fprintf(&b, "; %s known already", pr.things(r.ObjectsKnown, "object was", "objects were"))
		}
	case r.ObjectsKnown > 0:
		fmt.Fprintf(&b, "ingested 0 objects: nothing new in %s, %s known already", r.Store, pr.things(r.ObjectsKnown, "object was", "objects were"))
	case r.ObjectsFailed > 0 || r.ObjectsExcluded > 0:
		b.WriteString("ingested 0 objects")
	default:
		b.WriteString("ingested 0 objects: no CloudTrail logs found")
	}
	b.WriteByte('\n')
	fmt.Fprintf(&b, "records read %s = stored %s + filtered %s + quarantined %s\n",
		pr.count(r.RecordsRead), pr.count(r.Stored), pr.count(r.Filtered), pr.count(r.Quarantined))
	b.WriteString(verdictSummary(r, pr))
	if r.ObjectsChanged > 0 {
		fmt.Fprintf(&b, "%s ingested before, from another place or with other content; the store now holds the events of both, "+
			"and 'query --distinct-events' reads each once\n", pr.things(r.ObjectsChanged, "object was", "objects were"))
	}
	if r.ObjectsExcluded > 0 {
		fmt.Fprintf(&b, "%s not chosen by --from, --to, --account or --region", pr.things(r.ObjectsExcluded, "object was", "objects were"))
		if r.ObjectsUntold > 0 {
			fmt.Fprintf(&b, ", %s because the path does not tell", pr.count(r.ObjectsUntold))
		}
		b.WriteByte('\n')
	}
	if r.ObjectsLeftOut > 0 {
		fmt.Fprintf(&b, "left out %s: %s\n", leftOutCount(r.LeftOut, pr), leftOutText(r.LeftOut, pr))
	}
	return b.String()
}

// leftOutCount counts the files and folders that were left out.
func leftOutCount(reasons lake.LeftOutReasons, pr printer) string {
	var files, folders int64
	for _, r := range reasons {
		files += r.Objects - r.Folders
		folders += r.Folders
	}
	switch {
	case folders == 0:
		return pr.things(files, "file", "files")
	case files == 0:
		return pr.things(folders, "folder", "folders")
	default:
		return pr.things(files, "file", "files") + " and " + pr.things(folders, "folder", "folders")
	}
}

// leftOutText names the most frequent reasons, and how many files and folders each is the reason for unless
// there is only one.
func leftOutText(reasons lake.LeftOutReasons, pr printer) string {
	const few = 4
	if len(reasons) == 1 {
		return reasons[0].Reason
	}
	var list []string
	for _, r := range reasons[:min(few, len(reasons))] {
		list = append(list, fmt.Sprintf("%s (%s)", r.Reason, pr.count(r.Objects)))
	}
	if len(reasons) > few {
		list = append(list, "…")
	}
	return strings.Join(list, "; ")
}

// checkAccount says whether the value of --account is an account.
func checkAccount(acc string) error {
	if len(acc) != 12 || strings.Trim(acc, "0123456789") != "" {
		return fmt.Errorf("--account: %q is no account; it has 12 digits", acc)
	}
	return nil
}
