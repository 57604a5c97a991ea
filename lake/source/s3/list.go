package s3

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"traillake/lake/source"
)

const (
	// maxBuffered is how many keys wait for the consumer, 200 bytes each. With half of them
	// the workers, who run three pages each, waited a third of their time.
	maxBuffered = 256_000
	// maxAhead is how many folders and ranges are listed before the consumer comes to
	// them.
	maxAhead = 1024
	// taskPages is into how many pages the days of a region are cut. More would keep
	// fewer requests under way with the keys that may wait, fewer would ask for more
	// half-filled pages.
	taskPages = 3
)

// task is a folder, or a range of keys below the folder of a region. Tasks form a list
// in the order of their keys; a task may put others behind itself while it runs.
type task struct {
	folder folder
	// after and before bound the keys of a range: after < key < before. Empty means no
	// bound.
	after, before string
	// learns is what is learnt of the region; nil where days are asked for. It is whole
	// where this range and those that are cut from it are all that the region holds.
	learns *Folder
	whole  bool

	// What follows is guarded by listing.mu.
	started, done bool
	out           []item
	next          *task
}

// item is what List yields; the object is made when it is.
type item struct {
	entry  entry
	folder *folder
	err    error
}

// listing is one run of List. Workers run tasks in the order of the list, and the
// consumer takes what they found in this order.
type listing struct {
	s       *Source
	filter  source.Filter
	digests bool    // what is looked for is digests, not logs
	known   *Listed // what an earlier listing saw
	seen    *Listed // what this listing sees

	mu       sync.Mutex // guards what follows, and the tasks
	changed  sync.Cond
	current  *task // the consumer is here
	buffered int
	failed   bool
}

// List implements source.Source, in lexical order but for the objects of a folder above
// AWSLogs, which come before its folders.
func (s *Source) List(ctx context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		s.listed.Store(nil)
		if s.single != nil {
			start := folderAt(s.prefix, s.o.Filter, false)
			yield(s.object(item{entry: *s.single, folder: &start}, true))
			return
		}
		l := &listing{s: s, seen: s.newListed(), filter: s.o.Filter, known: s.known}
		if l.all(ctx, yield) {
			s.listed.Store(l.seen)
		}
	}
}

// all yields what is below the source. It reports whether that was all, without an error.
func (l *listing) all(ctx context.Context, yield func(source.Object, error) bool) bool {
	l.changed.L = &l.mu
	start := folderAt(l.s.prefix, l.filter, l.digests)
	switch start.level {
	case leftAlone:
		yield(source.Object{Key: start.prefix}, &source.LeftOut{Key: start.prefix, Reason: start.reason, Folder: true})
		return false
	case notChosen:
		return true
	case inRegion:
		l.current = l.tasksOf(start)
	default:
		l.current = &task{folder: start}
	}
	ctx, cancel := context.WithCancel(ctx)
	wake := context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changed.Broadcast()
	})
	var workers sync.WaitGroup
	defer func() {
		cancel()
		workers.Wait()
		wake()
	}()
	for range l.s.o.Parallel {
		workers.Go(func() { l.work(ctx) })
	}
	for {
		items, more := l.take(ctx)
		for _, it := range items {
			if !yield(l.s.object(it, false)) {
				return false
			}
		}
		if !more {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		yield(source.Object{Key: l.s.prefix}, err)
		return false
	}
	return !l.failed
}

// take waits for what the current task found and moves on behind tasks that are done.
// more is false at the end of the list or of ctx.
func (l *listing) take(ctx context.Context) (items []item, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ctx.Err() == nil {
		t := l.current
		if len(t.out) > 0 {
			items, t.out = t.out, nil
			l.buffered -= len(items)
			l.changed.Broadcast()
			return items, true
		}
		if t.done {
			if t.next == nil {
				return nil, false
			}
			l.current = t.next
			l.changed.Broadcast()
			continue
		}
		l.changed.Wait()
	}
	return nil, false
}

// work runs tasks until ctx ends.
func (l *listing) work(ctx context.Context) {
	for {
		t := l.pick(ctx)
		if t == nil {
			return
		}
		if err := l.run(ctx, t); err != nil && ctx.Err() == nil {
			l.mu.Lock()
			l.failed = true
			l.mu.Unlock()
			l.found(ctx, t, []item{{entry: entry{key: t.folder.prefix}, err: err}})
		}
		l.mu.Lock()
		t.done = true
		l.changed.Broadcast()
		l.mu.Unlock()
	}
}

// pick waits for the first task that nobody runs. The one that the consumer waits for may
// always run; others only while there is room for what they find.
func (l *listing) pick(ctx context.Context) *task {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ctx.Err() == nil {
		n := 0
		for t := l.current; t != nil && n < maxAhead; t = t.next {
			if !t.started {
				if t != l.current && l.buffered >= maxBuffered {
					break
				}
				t.started = true
				return t
			}
			n++
		}
		l.changed.Wait()
	}
	return nil
}

// found gives items to the consumer once there is room for them.
func (l *listing) found(ctx context.Context, t *task, items []item) {
	if len(items) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.buffered >= maxBuffered && l.current != t && ctx.Err() == nil {
		l.changed.Wait()
	}
	t.out = append(t.out, items...)
	l.buffered += len(items)
	l.changed.Broadcast()
}

// insert puts tasks behind t. It returns the last of them.
func (l *listing) insert(t, tasks *task) *task {
	if tasks == nil {
		return t
	}
	last := tasks
	for last.next != nil {
		last = last.next
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	last.next = t.next
	t.next = tasks
	l.changed.Broadcast()
	return last
}

func (l *listing) run(ctx context.Context, t *task) error {
	if t.folder.level == inRegion {
		return l.days(ctx, t)
	}
	return l.walk(ctx, t)
}

// walk lists what lies in a folder itself and makes tasks of its folders.
func (l *listing) walk(ctx context.Context, t *task) error {
	var beside bool
	last := t
	for token := ""; ; {
		p, err := l.s.list(ctx, t.folder.prefix, "/", "", token)
		if err != nil {
			return err
		}
		var items []item
		var children []*task
		for _, prefix := range p.prefixes {
			name := strings.TrimSuffix(strings.TrimPrefix(prefix, t.folder.prefix), "/")
			child := t.folder.child(name, l.filter, l.digests)
			beside = beside || child.level == inLogs && t.folder.level == above
			switch child.level {
			case leftAlone:
				items = append(items, item{entry: entry{key: prefix}, err: &source.LeftOut{Key: prefix, Reason: child.reason, Folder: true}})
			case notChosen:
			case inRegion:
				children = append(children, l.tasksOf(child))
			default:
				children = append(children, &task{folder: child})
			}
		}
		for _, e := range p.objects {
			it := item{entry: e, folder: &t.folder}
			if beside {
				it.err = &source.LeftOut{Key: e.key, Reason: "beside the folder AWSLogs, not in it"}
			}
			items = append(items, it)
		}
		l.found(ctx, t, items)
		for _, c := range children {
			last = l.insert(last, c)
		}
		if p.next == "" {
			return nil
		}
		token = p.next
	}
}

// tasksOf returns the tasks that list the folder of a region, or a folder below it: all
// of its days, or those that the filter chooses, or those in which there can be something
// new.
func (l *listing) tasksOf(f folder) *task {
	filter := l.filter
	if !filter.From.IsZero() || !filter.To.IsZero() {
		t := &task{folder: f}
		if !filter.From.IsZero() {
			t.after = f.keyOfDay(filter.From.UTC())
		}
		if !filter.To.IsZero() {
			// A bound inside a day keeps the whole day.
			last := filter.To.UTC().Add(-time.Nanosecond).Truncate(24 * time.Hour)
			t.before = f.keyOfDay(last.AddDate(0, 0, 1))
		}
		return t
	}
	spans, whole := l.known.spans(f, l.s.o.Now())
	if whole {
		return &task{folder: f, learns: l.seen.learn(f.region), whole: true}
	}
	learns := l.seen.keep(f.region, l.known)
	var first, last *task
	for _, sp := range spans {
		t := &task{folder: f, learns: learns}
		if !sp.from.IsZero() {
			t.after = f.keyOfDay(sp.from)
		}
		if !sp.to.IsZero() {
			t.before = f.keyOfDay(sp.to)
		}
		if first == nil {
			first = t
		} else {
			last.next = t
		}
		last = t
	}
	return first
}

// days lists a range below the folder of a region. Where it takes many pages, the days
// that are left are cut into tasks of a few pages.
func (l *listing) days(ctx context.Context, t *task) error {
	var first time.Time
	after := t.after
	for token, pages := "", 1; ; pages++ {
		p, err := l.s.list(ctx, t.folder.prefix, "", after, token)
		if err != nil {
			return err
		}
		end := p.next == ""
		items := make([]item, 0, len(p.objects))
		for _, e := range p.objects {
			if t.before != "" && e.key >= t.before {
				end = true
				break
			}
			items = append(items, item{entry: e, folder: &t.folder})
		}
		l.found(ctx, t, items)
		if len(p.objects) > 0 && first.IsZero() {
			first, _ = t.folder.dayOf(p.objects[0].key)
		}
		if t.learns != nil {
			l.seen.see(t.learns, t.folder, items)
		}
		if t.whole {
			l.seen.add(t.learns, int64(len(items)), first)
		}
		if end || ctx.Err() != nil {
			return nil
		}
		token = p.next
		if len(p.objects) == 0 || first.IsZero() {
			continue
		}
		if last, ok := t.folder.dayOf(p.objects[len(p.objects)-1].key); ok {
			l.cut(t, first, last, pages)
		}
	}
}

// cut leaves a task the days up to last and makes tasks of the others. So many pages
// held the days from first to last.
func (l *listing) cut(t *task, first, last time.Time, pages int) {
	const day = 24 * time.Hour
	from := last.Add(day)
	to := l.s.o.Now().UTC().Truncate(day).Add(day)
	if t.before != "" {
		if before, ok := t.folder.dayOf(t.before + "/"); ok && before.Before(to) {
			to = before
		}
	}
	daysLeft := int(to.Sub(from) / day)
	daysSeen := int(last.Sub(first)/day) + 1
	size := max(1, taskPages*daysSeen/pages)
	if daysLeft < 1 || daysLeft*pages <= 2*taskPages*daysSeen {
		return // not much is left
	}
	before := t.before
	t.before = t.folder.keyOfDay(from)
	var tasks, end *task
	for ; from.Before(to); from = from.Add(time.Duration(size) * day) {
		part := &task{folder: t.folder, after: t.folder.keyOfDay(from), learns: t.learns, whole: t.whole}
		if tasks == nil {
			tasks = part
		} else {
			end.next, end.before = part, part.after
		}
		end = part
	}
	end.before = before
	l.insert(t, tasks)
}

// object makes what List yields.
func (s *Source) object(it item, named bool) (source.Object, error) {
	e := it.entry
	o := source.Object{Bucket: s.bucket, Key: e.key, ETag: e.etag, Size: e.size, ModTime: e.time()}
	if it.err != nil {
		return o, it.err
	}
	place, err := it.folder.placeOf(e.key)
	switch name := e.key[strings.LastIndexByte(e.key, '/')+1:]; {
	case err != nil && !(named && place.Kind == source.Unknown):
		return o, err
	case name == "" && e.size == 0:
		return o, &source.LeftOut{Key: e.key, Reason: "the mark of a folder"}
	case strings.HasPrefix(name, ".") && !named:
		return o, &source.LeftOut{Key: e.key, Reason: "a hidden file"}
	case !source.HasLogSuffix(name) && !named:
		return o, &source.LeftOut{Key: e.key, Reason: source.NoLogSuffix}
	}
	o.Place = place
	return o, nil
}
