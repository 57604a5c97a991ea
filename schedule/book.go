package schedule

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"time"

	"traillake/lake"
)

var (
	// ErrNotFound reports that there is no schedule of a name.
	ErrNotFound = errors.New("schedule not found")
	// ErrExists reports that there is a schedule of the name.
	ErrExists = errors.New("schedule exists already")
)

// Book keeps the schedules of a lake. It is safe for concurrent use, also by several
// processes.
type Book struct {
	records *lake.Records
}

// NewBook returns the book of a lake.
func NewBook(l *lake.Lake) *Book { return &Book{records: l.Schedules()} }

// Kinds of records have folders of their own, since storage lists a folder with all that
// is below it.
const definitionsDir = "definitions"

func definitionKey(name string) string { return definitionsDir + "/" + name }
func progressKey(name string) string   { return "progress/" + name }
func runsDir(name string) string       { return "runs/" + name }

func runKey(name string, due time.Time) string { return runsDir(name) + "/" + Key(due) }

// Schedules returns all schedules, by name.
func (b *Book) Schedules(ctx context.Context) ([]Definition, error) {
	list, err := b.records.List(ctx, definitionsDir)
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var all []Definition
	for _, v := range list {
		d := new(Definition)
		version, err := b.records.At(ctx, v, d)
		if err == nil && version > 0 {
			err = knownVersion(d.V, definitionVersion)
		}
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", path.Base(v.Key), err)
		}
		if version > 0 && d.Removed.IsZero() {
			all = append(all, *d)
		}
	}
	return all, nil
}

// Schedule returns the schedule of a name. The error wraps ErrNotFound when there is none.
func (b *Book) Schedule(ctx context.Context, name string) (*Definition, error) {
	d, version, err := b.definition(ctx, name)
	if err == nil && (version == 0 || !d.Removed.IsZero()) {
		err = fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	return d, err
}

// definition returns the newest version of a definition, also of one that was removed.
func (b *Book) definition(ctx context.Context, name string) (*Definition, int, error) {
	d := new(Definition)
	if !validName.MatchString(name) {
		return d, 0, nil
	}
	version, err := b.records.Latest(ctx, definitionKey(name), d)
	if err != nil {
		return nil, 0, fmt.Errorf("schedule %s: %w", name, err)
	}
	if version > 0 {
		if err := knownVersion(d.V, definitionVersion); err != nil {
			return nil, 0, fmt.Errorf("schedule %s: %w", name, err)
		}
	}
	return d, version, nil
}

func knownVersion(v, known int) error {
	if v != known {
		return fmt.Errorf("it has version %d, this program knows %d: %w", v, known, lake.ErrLayout)
	}
	return nil
}

// Add adds a schedule, whose due times count from d.From on. With replace it takes the
// place of one of its name, whose history stays. What that one has missed until d.From is
// made up for by the new one if both have the same due times; otherwise it is recorded as
// skipped, and that run is returned. The error wraps ErrInvalid when something is wrong with
// it, and ErrExists when there is one and replace is false.
func (b *Book) Add(ctx context.Context, d Definition, replace bool) (skipped *Run, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("add schedule %s: %w", d.Name, err)
		}
	}()
	if err := d.Validate(); err != nil {
		return nil, err
	}
	old, version, err := b.definition(ctx, d.Name)
	if err != nil {
		return nil, err
	}
	switch there := version > 0 && old.Removed.IsZero(); {
	case !there:
		// What a runner wrote after the removal of one of that name would be taken for ours.
		err = b.removeRuns(ctx, d.Name)
	case !replace:
		err = ErrExists
	case d.Cron == old.Cron && d.TimeZone == old.TimeZone:
		d.inherit(old)
	default:
		// First of all, so that nothing vanishes whatever happens next.
		skipped, err = b.skipMissed(ctx, old, d.From)
	}
	if err == nil {
		err = b.records.Put(ctx, lake.RecordVersion{Key: definitionKey(d.Name), Version: version + 1}, d)
	}
	return skipped, err
}

// inherit makes the due times of a definition go on where those of one like it began. A
// pause ends.
func (d *Definition) inherit(old *Definition) {
	d.Pauses = slices.Clone(old.Pauses)
	if old.Paused() {
		d.Pauses[len(d.Pauses)-1].Until = d.From
	}
	now := d.From
	d.From = old.From
	d.notAfter(now)
}

// skipMissed records that the due times which a schedule has missed until a time are skipped,
// and returns that run; nil where there are none.
func (b *Book) skipMissed(ctx context.Context, d *Definition, until time.Time) (*Run, error) {
	times, err := ParseTimes(d.Cron, d.TimeZone)
	if err != nil {
		return nil, err
	}
	for {
		p, all, err := b.unsettled(ctx, d.Name)
		if err != nil {
			return nil, err
		}
		runs, void := split(all)
		missed, _ := d.missed(times, p, runs, until, math.MaxInt)
		if len(missed) == 0 {
			return nil, nil
		}
		skip := void.begin(Skip(d.Name, missed[0], missed[len(missed)-1], len(missed)))
		// Where a runner has begun one of them meanwhile, fewer are left.
		if _, err = b.save(ctx, skip, skip.Run); !errors.Is(err, lake.ErrConflict) {
			return &skip.Run, err
		}
	}
}

// update changes a definition.
func (b *Book) update(ctx context.Context, name string, change func(*Definition)) error {
	for {
		d, version, err := b.definition(ctx, name)
		if err != nil {
			return err
		}
		if version == 0 || !d.Removed.IsZero() {
			return fmt.Errorf("%w: %q", ErrNotFound, name)
		}
		change(d)
		err = b.records.Put(ctx, lake.RecordVersion{Key: definitionKey(name), Version: version + 1}, d)
		if !errors.Is(err, lake.ErrConflict) {
			return err
		}
	}
}

// Pause keeps a schedule from running. What falls due while it is paused is not made up
// for; what was due before goes on when it is resumed. One that is paused stays so.
func (b *Book) Pause(ctx context.Context, name string, now time.Time) error {
	return b.update(ctx, name, func(d *Definition) {
		if !d.Paused() {
			d.Pauses = append(d.Pauses, Span{Since: now.UTC()})
		}
	})
}

// Resume lets a paused schedule run again.
func (b *Book) Resume(ctx context.Context, name string, now time.Time) error {
	p, _, err := b.progress(ctx, name)
	if err != nil {
		return err
	}
	return b.update(ctx, name, func(d *Definition) {
		if d.Paused() {
			d.Pauses[len(d.Pauses)-1].Until = now.UTC()
		}
		// Those up to which all is settled matter no more.
		d.Pauses = slices.DeleteFunc(d.Pauses, func(s Span) bool { return !s.Until.IsZero() && !s.Until.After(p.Through) })
	})
}

// Remove removes a schedule and its history. The reports stay.
func (b *Book) Remove(ctx context.Context, name string, now time.Time) error {
	if err := b.update(ctx, name, func(d *Definition) { d.Removed = now.UTC() }); err != nil {
		return err
	}
	return b.removeRuns(ctx, name)
}

func (b *Book) removeRuns(ctx context.Context, name string) error {
	list, err := b.records.List(ctx, runsDir(name))
	if err != nil {
		return err
	}
	for _, v := range list {
		if err := b.records.Remove(ctx, v.Key); err != nil {
			return err
		}
	}
	return b.records.Remove(ctx, progressKey(name))
}

func (b *Book) progress(ctx context.Context, name string) (Progress, int, error) {
	p := Progress{V: runVersion}
	version, err := b.records.Latest(ctx, progressKey(name), &p)
	if err == nil {
		err = knownVersion(p.V, runVersion)
	}
	if err != nil {
		return p, 0, fmt.Errorf("progress of schedule %s: %w", name, err)
	}
	return p, version, nil
}

// unsettled returns the progress of a schedule and the runs that are recorded after it.
func (b *Book) unsettled(ctx context.Context, name string) (Progress, []Item, error) {
	p, _, err := b.progress(ctx, name)
	if err != nil {
		return p, nil, err
	}
	runs, err := b.Runs(ctx, name, p.Through)
	return p, runs, err
}

// Runs returns the recorded runs of due times after a time, the oldest first.
func (b *Book) Runs(ctx context.Context, name string, after time.Time) ([]Item, error) {
	refs, err := b.runRefs(ctx, name)
	if err != nil {
		return nil, err
	}
	refs = slices.DeleteFunc(refs, func(r runRef) bool { return !r.due.After(after) })
	return b.read(ctx, refs)
}

// History returns up to so many runs, the newest first; 0 means all.
func (b *Book) History(ctx context.Context, name string, most int) ([]Item, error) {
	refs, err := b.runRefs(ctx, name)
	if err != nil {
		return nil, err
	}
	if most > 0 && len(refs) > most {
		refs = refs[len(refs)-most:]
	}
	items, err := b.read(ctx, refs)
	slices.Reverse(items)
	return items, err
}

// runRef is a record of a run.
type runRef struct {
	lake.RecordVersion
	due time.Time
}

func (b *Book) runRefs(ctx context.Context, name string) ([]runRef, error) {
	list, err := b.records.List(ctx, runsDir(name))
	if err != nil {
		return nil, fmt.Errorf("runs of schedule %s: %w", name, err)
	}
	refs := make([]runRef, 0, len(list))
	for _, v := range list {
		if due, err := parseKey(path.Base(v.Key)); err == nil {
			refs = append(refs, runRef{v, due})
		}
	}
	return refs, nil
}

func (b *Book) read(ctx context.Context, refs []runRef) ([]Item, error) {
	items := make([]Item, 0, len(refs))
	for _, ref := range refs {
		var it Item
		var err error
		it.Version, err = b.records.At(ctx, ref.RecordVersion, &it.Run)
		if err == nil && it.Version > 0 {
			err = knownVersion(it.Run.V, runVersion)
		}
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", ref.Key, err)
		}
		if it.Version > 0 {
			items = append(items, it)
		}
	}
	return items, nil
}

// save records the next state of a run, on top of the version of it. The error wraps
// lake.ErrConflict when somebody else has done so.
func (b *Book) save(ctx context.Context, it Item, next Run) (Item, error) {
	v := lake.RecordVersion{Key: runKey(next.Schedule, next.Due), Version: it.Version + 1}
	if err := b.records.Put(ctx, v, next); err != nil {
		return it, err
	}
	if v.Version == 1 {
		// A run of that due time may have been settled, and its record removed, since we looked.
		p, _, err := b.progress(ctx, next.Schedule)
		if err != nil {
			return it, err
		}
		if !next.Due.After(p.Through) {
			return it, errors.Join(lake.ErrConflict, b.records.Remove(ctx, v.Key))
		}
	}
	return Item{next, v.Version}, nil
}

// advance records progress and removes runs of the history that are too many. It does
// nothing where another runner has recorded more.
func (b *Book) advance(ctx context.Context, d *Definition, p Progress, now time.Time) error {
	for {
		old, version, err := b.progress(ctx, d.Name)
		if err != nil || !p.Through.After(old.Through) {
			return err
		}
		err = b.records.Put(ctx, lake.RecordVersion{Key: progressKey(d.Name), Version: version + 1}, p)
		if err == nil {
			break
		}
		if !errors.Is(err, lake.ErrConflict) {
			return err
		}
	}
	refs, err := b.runRefs(ctx, d.Name)
	if err != nil {
		return err
	}
	// Void runs of due times to come take no place from others.
	refs = slices.DeleteFunc(refs, func(r runRef) bool { return r.due.After(now) })
	for i := 0; i < len(refs)-d.Keep && !refs[i].due.After(p.Through); i++ {
		if err := b.records.Remove(ctx, refs[i].Key); err != nil {
			return err
		}
	}
	return nil
}

// sweepAge is how old what a dead runner left behind is when it is removed: as old as the
// garbage of stores.
const sweepAge = lake.DefaultGrace

func (b *Book) sweep(ctx context.Context, now time.Time) error {
	return b.records.Sweep(ctx, now.Add(-sweepAge))
}
