package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"traillake/internal/vfs"
	"traillake/lake/source"
	"traillake/lake/table"
)

// step is one thing that a process does to a lake: it happens as a whole or not at all.
// Doing it again when it is done changes nothing.
type step struct {
	name string
	do   func(ctx context.Context, l *Lake) error
	// loose means that it may have happened when it returns an error.
	loose bool
}

// memoryRoot is where lakes lie in file systems in memory.
const memoryRoot = "/lake"

func memoryLake(ctx context.Context, f vfs.FS, create bool) (*Lake, error) {
	st, err := newLocalStorageOn(f, memoryRoot)
	if err != nil {
		return nil, err
	}
	if create {
		return OpenOrCreate(ctx, memoryRoot, Options{Storage: st})
	}
	return Open(ctx, memoryRoot, Options{Storage: st})
}

// run opens the lake, or makes it, and does the step. It returns the lake if it was opened.
func (s step) run(ctx context.Context, f vfs.FS) (*Lake, error) {
	l, err := memoryLake(ctx, f, true)
	if err != nil {
		return nil, err
	}
	return l, s.do(ctx, l)
}

const noLake = "no lake"

// content describes what all stores of a lake hold; it is the same for the same steps.
func content(ctx context.Context, f vfs.FS) (string, error) {
	l, err := memoryLake(ctx, f, false)
	if errors.Is(err, ErrLakeNotFound) {
		return noLake, nil
	}
	if err != nil {
		return "", err
	}
	stores, err := l.Stores(ctx)
	if err != nil {
		return "", err
	}
	records, err := l.Schedules().List(ctx, "")
	if err != nil {
		return "", err
	}
	text := fmt.Sprint(len(stores), " stores")
	for _, v := range records {
		var data any
		if err := l.Schedules().get(ctx, v, &data); err != nil {
			return "", err
		}
		text += fmt.Sprintf("; %v %v", v, data)
	}
	for _, s := range stores {
		sn, err := s.Snapshot(ctx)
		if err != nil {
			return "", err
		}
		files, err := sn.Files(ctx, TimeRange{})
		if err != nil {
			return "", err
		}
		ledger, err := s.Ledger(ctx)
		if err != nil {
			return "", err
		}
		days := make(map[Day]int64)
		for _, f := range files {
			days[f.Day] += f.Rows
		}
		text += fmt.Sprintf("; %s: commit %d, %d objects, %d files, rows %v, %d quarantined", s.Name(), sn.Seq(), ledger.Len(), len(files), days, sn.Quarantined())
	}
	return text, nil
}

// everyOp tests a step against a failure at every operation that it makes.
type everyOp struct {
	step
	disk          *vfs.Memory // as the steps before have left it
	before, after string      // content
	ops           []vfs.Op    // of a run without faults
	share         int         // one in how many operations fails; 1 for all
}

// newEveryOp prepares the test of the last step, on what the others leave.
func newEveryOp(t *testing.T, steps ...step) *everyOp {
	t.Helper()
	m := vfs.NewMemory()
	last := len(steps) - 1
	for _, s := range steps[:last] {
		if _, err := s.run(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	e := &everyOp{step: steps[last], disk: m.Clone(), share: 1}
	count := vfs.NewFaults(m, nil)
	var err error
	if e.before, err = content(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := e.run(t.Context(), count); err != nil {
		t.Fatal(err)
	}
	if e.after, err = content(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	e.ops = count.Ops()
	t.Logf("%s: %d operations\nbefore %s\nafter  %s", e.name, len(e.ops), e.before, e.after)
	if len(e.ops) < 15 || e.before == e.after {
		t.Errorf("the test sees too little")
	}
	return e
}

// knowledge is what is known of a step when its process ends.
type knowledge string

const (
	done    knowledge = "done"
	not     knowledge = "not done"
	perhaps knowledge = "perhaps done"
)

// knownMetadata remembers what was parsed: the versions that a test begins with are read
// again for each of its operations, and nothing takes longer.
var knownMetadata struct {
	sync.Mutex
	parsed map[string]*table.Metadata // by text
}

func init() {
	parse := parseMetadata
	parseMetadata = func(raw []byte) (*table.Metadata, error) {
		known := &knownMetadata
		known.Lock()
		meta := known.parsed[string(raw)]
		known.Unlock()
		if meta != nil {
			return meta, nil
		}
		meta, err := parse(raw)
		if err == nil {
			known.Lock()
			defer known.Unlock()
			if known.parsed == nil || len(known.parsed) > 1000 {
				known.parsed = make(map[string]*table.Metadata)
			}
			known.parsed[string(raw)] = meta
		}
		return meta, err
	}
}

// fail does the step on a file system with faults. When it is reported as done, it is;
// when it fails, it is not, unless the error says that nobody knows.
func (e *everyOp) fail(t *testing.T, inject func(vfs.Op) vfs.Fault) (m *vfs.Memory, l *Lake, k knowledge) {
	t.Helper()
	m = e.disk.Clone()
	l, err := e.run(t.Context(), vfs.NewFaults(m, inject))
	k = e.told(err)
	if k != not || !m.Same(e.disk) {
		e.mustHold(t, m, k)
	}
	return m, l, k
}

func (e *everyOp) told(err error) knowledge {
	switch {
	case err == nil:
		return done
	case e.loose || errors.Is(err, vfs.ErrDead) || errors.Is(err, ErrCommitUnknown) || errors.Is(err, ErrOutcomeUnknown):
		return perhaps
	}
	return not
}

// mustHold checks that the lake is whole, and that the step is done or not.
func (e *everyOp) mustHold(t *testing.T, m *vfs.Memory, k knowledge) {
	t.Helper()
	state, err := content(t.Context(), m)
	if err != nil {
		t.Errorf("the lake cannot be read: %v", err)
		return
	}
	if was, is := state == e.before, state == e.after; !was && !is || was && k == done || is && k == not {
		t.Errorf("the step is %s, and the lake holds %s", k, state)
	}
	if state == noLake {
		return
	}
	l, err := memoryLake(t.Context(), m, false)
	if err != nil {
		t.Error(err)
		return
	}
	mustBeWhole(t, l)
}

// recover lets another process, on a sound disk, do the step, and wants the end to be what
// it is without faults, and to survive a loss of power if that is asked for.
func (e *everyOp) recover(t *testing.T, m *vfs.Memory, durable bool) {
	t.Helper()
	if _, err := e.run(t.Context(), m); err != nil {
		t.Errorf("recovery: %v", err)
		return
	}
	if durable {
		m = m.Crash(nil)
	}
	e.mustHold(t, m, done)
}

// each calls f in parallel for each operation that match chooses, or for one in share of
// them. Where tests are to be short, as under the race detector, which is ten times
// slower, f is called for few.
func (e *everyOp) each(t *testing.T, share int, match func(vfs.Op) bool, f func(t *testing.T, n int)) {
	t.Helper()
	share *= e.share
	if testing.Short() {
		share *= 19
	}
	i := 0
	for _, o := range e.ops {
		if !match(o) {
			continue
		}
		if i++; i%share != 0 {
			continue
		}
		t.Run(fmt.Sprintf("%d %s %s", o.N, o.Kind, strings.TrimPrefix(o.Name, memoryRoot)), func(t *testing.T) {
			t.Parallel()
			f(t, o.N)
		})
	}
}

func isSync(o vfs.Op) bool    { return o.Kind == vfs.OpSync }
func notSync(o vfs.Op) bool   { return o.Kind != vfs.OpSync }
func changes(o vfs.Op) bool   { return o.Changes() }
func isWrite(o vfs.Op) bool   { return o.Kind == vfs.OpWrite }
func needsRoom(o vfs.Op) bool { return o.Changes() && o.Kind != vfs.OpRemove && o.Kind != vfs.OpChmod }
func needsHandle(o vfs.Op) bool {
	return o.Kind == vfs.OpOpen || o.Kind == vfs.OpCreate || o.Kind == vfs.OpReadDir
}

// killed is F1, F4 and F5: the process is killed at operation k, for every k that changes
// anything, between publish and acknowledgement among them. Another one recovers, and
// is killed while it does. Then there is a loss of power.
func (e *everyOp) killed(t *testing.T) {
	e.each(t, 1, changes, func(t *testing.T, n int) {
		m, _, _ := e.fail(t, vfs.DieAt(n, vfs.Nothing))
		again := rand.New(rand.NewPCG(uint64(n), 1)).IntN(len(e.ops)) + 1
		if _, err := e.run(t.Context(), vfs.NewFaults(m, vfs.DieAt(again, vfs.Half))); err != nil && !errors.Is(err, vfs.ErrDead) {
			t.Error(err)
		}
		e.recover(t, m, true)
	})
}

// powerLoss is F3: power is lost at operation k, for every k that changes anything. What
// was not synced is dropped, reordered, torn.
func (e *everyOp) powerLoss(t *testing.T) {
	e.each(t, 1, changes, func(t *testing.T, n int) {
		m, _, k := e.fail(t, vfs.DieAt(n, vfs.Half))
		for _, r := range []*rand.Rand{nil, rand.New(rand.NewPCG(uint64(n), 2))} {
			left := m.Crash(r)
			e.mustHold(t, left, k)
			e.recover(t, left, true)
		}
	})
}

// errorsOnce is F8, F9, F12: operation k fails, for every k, and the process goes on: the
// same does the step again, or another.
func (e *everyOp) errorsOnce(t *testing.T) {
	for name, c := range map[string]struct {
		fault vfs.Fault
		match func(vfs.Op) bool
		share int
	}{
		"EIO":               {vfs.Fault{Err: syscall.EIO}, notSync, 1},
		"ENOSPC":            {vfs.Fault{Err: syscall.ENOSPC, Extent: vfs.Half}, isWrite, 1},
		"EIO after success": {vfs.Fault{Err: syscall.EIO, Extent: vfs.All}, changes, 2},
	} {
		t.Run(name, func(t *testing.T) {
			e.each(t, c.share, c.match, func(t *testing.T, n int) {
				m, l, k := e.fail(t, vfs.FailAt(n, c.fault))
				if k == not && l != nil && n%4 == 0 {
					if err := e.do(t.Context(), l); err != nil && e.ops[n-1].Kind != vfs.OpSync {
						t.Errorf("the same process again: %v", err)
					}
				}
				if !m.Same(e.disk) { // of which the step made what it is to make
					e.recover(t, m, true)
				}
			})
		})
	}
}

// failedSync is F10: sync k fails and loses what it was to make durable, and those after
// it succeed. What was reported as done is there after a loss of power.
func (e *everyOp) failedSync(t *testing.T) {
	e.each(t, 1, isSync, func(t *testing.T, n int) {
		m, l, k := e.fail(t, vfs.FailAt(n, vfs.Fault{Err: syscall.EIO}))
		e.mustHold(t, m.Crash(nil), k)
		if l == nil {
			return
		}
		err := e.do(t.Context(), l)
		if err == nil || k == not {
			k = e.told(err)
		}
		e.mustHold(t, m.Crash(nil), k)
	})
}

// errorsForGood is F8, F11 and F15: from operation k on the disk is full, cannot be
// written to, or there are no file descriptors; later all is well.
func (e *everyOp) errorsForGood(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		match func(vfs.Op) bool
	}{
		"ENOSPC": {syscall.ENOSPC, needsRoom},
		"EROFS":  {syscall.EROFS, changes},
		"EMFILE": {syscall.EMFILE, needsHandle},
	} {
		t.Run(name, func(t *testing.T) {
			e.each(t, 4, c.match, func(t *testing.T, n int) {
				m, _, _ := e.fail(t, vfs.FailFrom(n, c.err, c.match))
				e.recover(t, m, false)
			})
		})
	}
}

// all runs every kind of failure.
func (e *everyOp) all(t *testing.T) {
	percent := debug.SetGCPercent(400) // much garbage, little that stays
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	t.Run("killed", e.killed)
	t.Run("power loss", e.powerLoss)
	t.Run("errors", e.errorsOnce)
	t.Run("failed sync", e.failedSync)
	t.Run("errors for good", e.errorsForGood)
}

// textSource is a source of objects in memory.
type textSource map[string]string

func (s textSource) List(context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		for key, text := range s {
			if !yield(source.Object{Key: key, Size: int64(len(text)), ModTime: time.Unix(1700000000, 0)}, nil) {
				return
			}
		}
	}
}

func (s textSource) Open(_ context.Context, o source.Object) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(s[o.Key])), nil
}

// textEvents is a log file with one event on each of the days after testDay, and a
// record that cannot be read.
func textEvents(key string, days int) string {
	records := []string{`{"eventTime":"never"}`}
	for i := range days {
		at := (testDay + Day(i)).Time().Format("2006-01-02T15:04:05Z")
		records = append(records, fmt.Sprintf(`{"eventTime":"%s","eventID":"%s-%d","recipientAccountId":"123456789012"}`, at, key, i))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func createStep(name string) step {
	return step{name: "create store", loose: true, do: func(ctx context.Context, l *Lake) error {
		s, err := l.Store(ctx, name)
		if errors.Is(err, ErrStoreNotFound) {
			s, err = l.CreateStore(ctx, StoreConfig{Name: name})
		}
		if err != nil {
			return err
		}
		// To be there is not to be durable; every ingest begins with this.
		return s.settle(ctx)
	}}
}

func ingestStep(store, key string, days int) step {
	return step{name: "ingest " + key, do: func(ctx context.Context, l *Lake) error {
		s, err := l.Store(ctx, store)
		if err != nil {
			return err
		}
		r, err := s.Ingest(ctx, textSource{key: textEvents(key, days)}, IngestOptions{Workers: 1})
		if err == nil && r.ObjectsFailed > 0 {
			err = fmt.Errorf("objects failed: %v", r.Failures)
		}
		return err
	}}
}

// TestEveryOp lets every operation of a step fail in every way.
func TestEveryOp(t *testing.T) {
	makeLake := step{name: "make lake", do: func(ctx context.Context, l *Lake) error { return l.st.Settle(ctx, lakeFile) }, loose: true}
	create := createStep(DefaultStore)
	one, two := ingestStep(DefaultStore, "/one", 2), ingestStep(DefaultStore, "/two", 1)
	for name, c := range map[string]struct {
		steps []step
		share int
	}{
		"make lake":    {[]step{makeLake}, 1},
		"create store": {[]step{makeLake, create}, 1},
		"first ingest": {[]step{create, one}, 5},
		"ingest":       {[]step{create, one, two}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEveryOp(t, c.steps...)
			e.share = c.share
			e.all(t)
		})
	}
}
