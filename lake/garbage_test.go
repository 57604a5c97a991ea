package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

const day = 24 * time.Hour

func collect(t testing.TB, s *Store, o GarbageOptions) *GarbageResult {
	t.Helper()
	r, err := s.CollectGarbage(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func setSettings(t testing.TB, s *Store, change func(*Settings)) {
	t.Helper()
	if _, err := s.UpdateSettings(t.Context(), func(c *Settings) error { change(c); return nil }); err != nil {
		t.Fatal(err)
	}
}

// kinds counts files by the letter of what they are: d data, m manifests and lists.
func kinds(files []GarbageFile) (data, meta int) {
	for _, f := range files {
		switch {
		case strings.HasSuffix(f.Path, dataSuffix):
			data++
		case strings.HasSuffix(f.Path, avroSuffix):
			meta++
		}
	}
	return data, meta
}

// TestCollectGarbage follows files that a compaction replaced: they stay while the history
// holds them, are marked, and removed when the grace is over.
func TestCollectGarbage(t *testing.T) {
	c, s := openPast(t)
	for i := range 3 {
		ingestRows(t, s, testDay, 5, fmt.Sprintf("/%d", i))
		c.pass(t, time.Minute)
	}
	compact(t, s, CompactOptions{})
	c.pass(t, 4*day)
	if r := collect(t, s, GarbageOptions{}); len(r.Removed)+len(r.Marked) != 0 {
		t.Errorf("in the history: %+v", r)
	}
	c.pass(t, 4*day) // the history is a week
	plan := collect(t, s, GarbageOptions{DryRun: true})
	r := collect(t, s, GarbageOptions{})
	if data, meta := kinds(r.Marked); data != 3 || meta < 3 || len(r.Removed) != 0 {
		t.Errorf("after the history: %+v", r)
	}
	if !slices.Equal(plan.Marked, r.Marked) || !slices.Equal(plan.Removed, r.Removed) {
		t.Errorf("the dry run said %+v, it was %+v", plan, r)
	}
	if r := collect(t, s, GarbageOptions{}); len(r.Marked)+len(r.Removed) != 0 {
		t.Errorf("at once again: %+v", r)
	}
	marked := r.Marked
	c.pass(t, 2*day)
	if r := collect(t, s, GarbageOptions{}); len(r.Marked)+len(r.Removed) != 0 {
		t.Errorf("within the grace: %+v", r)
	}
	c.pass(t, 2*day)
	plan = collect(t, s, GarbageOptions{DryRun: true})
	r = collect(t, s, GarbageOptions{})
	if !slices.Equal(r.Removed, marked) || !slices.Equal(plan.Removed, r.Removed) || len(r.Marked) != 0 {
		t.Errorf("after the grace: %+v, want %+v removed", r, marked)
	}
	if n := dataFilesOnDisk(t, s); n != 1 {
		t.Errorf("%d data files", n)
	}
	if n := len(storedRows(t, s)); n != 15 {
		t.Errorf("%d rows", n)
	}
	for fi, err := range s.st.List(t.Context(), gcDir) {
		t.Errorf("mark %s is left, %v", fi.Name, err)
	}
}

// TestTornMark has a mark that cannot be read: it lets nothing be removed, and goes like another.
func TestTornMark(t *testing.T) {
	c, s := openPast(t)
	ingestRows(t, s, testDay, 5, "/a")
	name := gcDir + "/" + strconv.FormatInt(s.lake.now().UnixMilli(), 10) + "-" + uuid.NewString() + ".json"
	if _, ok := parseMarkName(name); !ok {
		t.Fatalf("%s is no mark", name)
	}
	if err := s.st.Put(t.Context(), name, nil); err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{1, 0} {
		if r := collect(t, s, GarbageOptions{}); len(r.Removed)+len(r.Marked) > 0 {
			t.Errorf("%+v", r)
		}
		n := 0
		for _, err := range s.st.List(t.Context(), gcDir) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != left {
			t.Errorf("%d marks, want %d", n, left)
		}
		c.pass(t, 4*day)
	}
}

// TestCollectGarbageOfTheDead removes what writers have left behind, and nothing young.
func TestCollectGarbageOfTheDead(t *testing.T) {
	c, s := openPast(t)
	ingestRows(t, s, testDay, 5, "/a")
	dead := begin(t, s)
	addRows(t, dead, testDay, 5, "/dead")
	if err := os.WriteFile(s.st.LocalPath("data/"+tempPrefix+"x"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.pass(t, 4*day)
	busy := begin(t, s)
	addRows(t, busy, testDay, 5, "/busy")
	if r := collect(t, s, GarbageOptions{}); len(r.Marked) != 2 {
		t.Errorf("marked: %+v", r.Marked)
	}
	// The dead one wakes up before its file is removed. It is too late.
	if _, err := dead.Commit(t.Context()); err == nil || errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "its clock jumped") {
		t.Errorf("a batch of four days ago: %v", err)
	}
	commit(t, busy)
	c.pass(t, 4*day)
	if r := collect(t, s, GarbageOptions{}); len(r.Removed) != 2 {
		t.Errorf("removed: %+v", r.Removed)
	}
	if n := len(storedRows(t, s)); n != 10 {
		t.Errorf("%d rows", n)
	}
}

// TestLease is F30: what a query reads stays, whatever is compacted, expired and removed
// meanwhile, and goes when the query ends or its process dies.
func TestLease(t *testing.T) {
	c, s := openPast(t)
	for i := range 3 {
		ingestRows(t, s, testDay, 5, fmt.Sprintf("/%d", i))
	}
	other := reopen(t, s)
	other.lake.now = s.lake.now
	sn, err := other.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	lease, err := sn.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release()
	gone := func() (n int) {
		for _, f := range files {
			if _, err := os.Stat(f.Path); errors.Is(err, fs.ErrNotExist) {
				n++
			}
		}
		return n
	}
	compact(t, s, CompactOptions{})
	setSettings(t, s, func(c *Settings) { c.RetentionDays, c.HistoryDays = 7, 1 })
	for range 4 {
		c.pass(t, 5*day)
		if err := lease.write(t.Context()); err != nil { // as every five minutes
			t.Fatal(err)
		}
		if _, err := s.Expire(t.Context(), ExpireOptions{}); err != nil {
			t.Fatal(err)
		}
		collect(t, s, GarbageOptions{Grace: -1})
	}
	if fileCount(t, s) != 0 || gone() != 0 {
		t.Errorf("%d files are live, of those that are read %d are gone", fileCount(t, s), gone())
	}
	if n := dataFilesOnDisk(t, s); n != 3 {
		t.Errorf("%d data files, the compacted one is not read", n)
	}
	if _, err := sn.Lease(t.Context()); !errors.Is(err, ErrSnapshotNotFound) {
		t.Errorf("a lease of what is not kept: %v", err)
	}
	// The reader dies: its lease is not renewed any more.
	c.pass(t, leaseTime+time.Minute)
	collect(t, s, GarbageOptions{Grace: -1})
	if gone() != 3 {
		t.Errorf("%d files are gone", gone())
	}
	for fi, err := range s.st.List(t.Context(), leasesDir) {
		t.Errorf("lease %s is left, %v", fi.Name, err)
	}
}

func TestLeaseRelease(t *testing.T) {
	_, s := openPast(t)
	ingestRows(t, s, testDay, 5, "/a")
	sn, _ := s.Snapshot(t.Context())
	lease, err := sn.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	good, _, err := s.leases(t.Context(), s.lake.now())
	if err != nil || len(good) != 1 || good[0].Snapshot != sn.ID() || good[0].PID != os.Getpid() {
		t.Errorf("leases are %+v, %v", good, err)
	}
	lease.Release()
	lease.Release()
	if good, ended, err := s.leases(t.Context(), s.lake.now()); err != nil || len(good)+len(ended) != 0 {
		t.Errorf("leases are %+v, %v, %v", good, ended, err)
	}
	// Where nothing can be written there is no lease, and no error.
	if err := os.Chmod(s.st.LocalPath(leasesDir), 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(s.st.LocalPath(leasesDir), 0o700)
	if lease, err = sn.Lease(t.Context()); err != nil {
		t.Errorf("without a place for it: %v", err)
	}
	lease.Release()
}

// TestLeaseNotWritten goes on without a lease, and tells where one was to be had.
func TestLeaseNotWritten(t *testing.T) {
	for cause, told := range map[error]bool{syscall.EROFS: false, syscall.EACCES: false, syscall.ENOSPC: true, errBadDisk: true} {
		root := t.TempDir()
		l := createTest(t, root, Options{})
		s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
		if err != nil {
			t.Fatal(err)
		}
		ingestRows(t, s, testDay, 5, "/a")
		local, err := newLocalStorage(root)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		reader, err := Open(t.Context(), root, Options{Storage: noLease{local, cause}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		_, sn, err := reader.SnapshotAt(t.Context(), DefaultStore, Point{})
		if err != nil {
			t.Fatal(err)
		}
		lease, err := sn.Lease(t.Context())
		if err != nil {
			t.Fatalf("%v: %v", cause, err)
		}
		lease.Release()
		if got := strings.Contains(log.String(), "level=WARN"); got != told {
			t.Errorf("%v: the log says %q", cause, log.String())
		}
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	}
}

// noLease is a storage on which no lease can be written.
type noLease struct {
	Storage
	cause error
}

func (s noLease) Put(_ context.Context, name string, _ []byte) error {
	return &fs.PathError{Op: "write", Path: name, Err: s.cause}
}

// TestFloor removes old versions of the metadata. A writer that has slept since one of
// them was the newest does not succeed with a commit on top of it: F28.
func TestFloor(t *testing.T) {
	c, s := openPast(t)
	zombie := reopen(t, s)
	zombie.lake.now = s.lake.now
	old, err := zombie.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range keptVersions + 5 {
		setSettings(t, s, func(c *Settings) { c.RetentionDays = 100 + i })
	}
	c.pass(t, 4*day)
	r := collect(t, s, GarbageOptions{Grace: -1})
	on, err := s.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := on.version - keptVersions; on.version != keptVersions+6 || on.floor != want+1 || len(r.Removed) != want {
		t.Fatalf("version %d, floor %d, %d removed", on.version, on.floor, len(r.Removed))
	}
	mustBeWhole(t, s.lake)
	out, err := zombie.publish(t.Context(), old, []byte("{}"))
	if err != nil || out != conflicted {
		t.Errorf("a commit on version %d: outcome %d, %v", old.version, out, err)
	}
	setSettings(t, zombie, func(c *Settings) { c.RetentionDays = 99 })
	if got, err := s.Settings(t.Context()); err != nil || got.RetentionDays != 99 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPurge(t *testing.T) {
	c, s := openPast(t)
	ingestRows(t, s, testDay, 5, "/a")
	setSettings(t, s, func(c *Settings) { c.TerminationProtection = false })
	if err := s.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.pass(t, DeletionDays*day-time.Hour)
	if r := collect(t, s, GarbageOptions{}); r.Purged || len(r.Removed) != 0 {
		t.Errorf("before its time: %+v", r)
	}
	c.pass(t, time.Hour)
	for _, dry := range []bool{true, false} {
		if r := collect(t, s, GarbageOptions{DryRun: dry}); r.Purged || len(r.Removed) != 0 || len(r.Marked) == 0 {
			t.Errorf("when its time has come: %+v", r)
		}
	}
	c.pass(t, DefaultGrace-time.Hour)
	if r := collect(t, s, GarbageOptions{}); r.Purged || len(r.Removed)+len(r.Marked) != 0 {
		t.Errorf("before the mark's time: %+v", r)
	}
	// A mark counts for one deletion.
	if err := errors.Join(s.Restore(t.Context()), s.Delete(t.Context())); err != nil {
		t.Fatal(err)
	}
	c.pass(t, DeletionDays*day)
	if r := collect(t, s, GarbageOptions{}); r.Purged || len(r.Marked) == 0 {
		t.Errorf("deleted again: %+v", r)
	}
	c.pass(t, DefaultGrace)
	plan := collect(t, s, GarbageOptions{DryRun: true})
	if !plan.Purged || dataFilesOnDisk(t, s) != 1 {
		t.Errorf("the dry run: %+v", plan)
	}
	r := collect(t, s, GarbageOptions{})
	if !r.Purged || len(r.Removed) < len(plan.Removed) {
		t.Errorf("%+v", r)
	}
	if _, err := c.lake.Store(t.Context(), DefaultStore); !errors.Is(err, ErrStoreNotFound) {
		t.Errorf("the store: %v", err)
	}
	for fi := range s.st.List(t.Context(), "") {
		t.Errorf("%s is left", fi.Name)
	}
	if _, err := c.lake.CreateStore(t.Context(), StoreConfig{Name: DefaultStore}); err != nil {
		t.Errorf("the name is not free: %v", err)
	}
}

// TestPurgeInterrupted kills a removal at every file: what is left is no damage, and the
// next one goes on.
func TestPurgeInterrupted(t *testing.T) {
	for n := 1; ; n++ {
		c := &pastClock{now: pastStart}
		l := createTest(t, t.TempDir(), Options{Now: func() time.Time { return c.now }})
		c.lake = l
		s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
		if err != nil {
			t.Fatal(err)
		}
		ingestRows(t, s, testDay, 1, "/a")
		setSettings(t, s, func(c *Settings) { c.TerminationProtection = false })
		if err := s.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.pass(t, DeletionDays*day)
		collect(t, s, GarbageOptions{})
		c.pass(t, DefaultGrace)
		removals := 0
		s.st = removing{s.st, func(name string) error {
			if removals++; removals > n {
				return errors.New("killed")
			}
			return nil
		}}
		_, err = s.CollectGarbage(t.Context(), GarbageOptions{})
		mustBeWhole(t, l)
		again := createTest(t, l.Root(), Options{Now: l.now})
		if other, otherErr := again.Store(t.Context(), DefaultStore); otherErr == nil {
			if restoreErr := other.Restore(t.Context()); restoreErr == nil {
				t.Fatal("a store that is half removed is restored")
			}
			if r := collect(t, other, GarbageOptions{}); !r.Purged {
				t.Fatalf("%d removals: %+v", n, r)
			}
		}
		mustBeWhole(t, again)
		if err == nil {
			return
		}
	}
}

// removing asks before every removal.
type removing struct {
	Storage
	ask func(name string) error
}

func (s removing) Remove(ctx context.Context, name string) error {
	if err := s.ask(name); err != nil {
		return err
	}
	return s.Storage.Remove(ctx, name)
}

// TestGarbageRefuses is F36 and the legal hold.
func TestGarbageRefuses(t *testing.T) {
	c, s := openPast(t)
	ingestRows(t, s, testDay, 5, "/a")
	today := func() string { return c.now.Format(time.DateOnly) }
	for name, q := range map[string]struct {
		jump  time.Duration
		today bool
		want  error
	}{
		"a year back":             {-365 * day, false, ErrClock},
		"a year back, confirmed":  {-365 * day, true, nil},
		"a year ahead":            {365 * day, false, ErrClock},
		"a year ahead, confirmed": {365 * day, true, nil},
		"a week ahead":            {7 * day, false, nil},
		"a minute back":           {-50 * time.Second, false, nil},
	} {
		c.now = pastStart.Add(q.jump)
		c.lake.today = ""
		if q.today {
			c.lake.today = today()
		}
		if _, err := s.CollectGarbage(t.Context(), GarbageOptions{DryRun: true}); !errors.Is(err, q.want) {
			t.Errorf("gc, %s: %v", name, err)
		}
		// A dry run answers, and says what it is in doubt about.
		if r, err := s.Expire(t.Context(), ExpireOptions{DryRun: true}); err != nil || !errors.Is(r.Doubt, q.want) {
			t.Errorf("expire, %s: %+v, %v", name, r, err)
		}
		if q.want != nil {
			if _, err := s.Expire(t.Context(), ExpireOptions{}); !errors.Is(err, q.want) {
				t.Errorf("expire, %s: %v", name, err)
			}
		}
	}
	c.now = pastStart.Add(time.Hour)
	c.lake.today = "2024-10-05"
	if _, err := s.Expire(t.Context(), ExpireOptions{}); !errors.Is(err, ErrClock) {
		t.Errorf("another day than the clock's: %v", err)
	}
	c.lake.today = ""
	setSettings(t, s, func(c *Settings) { c.LegalHold = true })
	if _, err := s.CollectGarbage(t.Context(), GarbageOptions{}); !errors.Is(err, ErrLegalHold) {
		t.Errorf("gc on hold: %v", err)
	}
	if _, err := s.Expire(t.Context(), ExpireOptions{}); !errors.Is(err, ErrLegalHold) {
		t.Errorf("expire on hold: %v", err)
	}
	// An ingest at a clock that is a year ahead is no proof that it is right.
	setSettings(t, s, func(c *Settings) { c.LegalHold = false })
	c.now = pastStart.Add(400 * day)
	ingestRows(t, s, testDay, 5, "/b")
	if _, err := s.Expire(t.Context(), ExpireOptions{}); !errors.Is(err, ErrClock) {
		t.Errorf("expire after an ingest at a wrong clock: %v", err)
	}
}

func TestExpire(t *testing.T) {
	c, s := openPast(t)
	for i := range 12 {
		ingestRows(t, s, testDay+Day(i), 5+i, fmt.Sprintf("/%d", i))
	}
	ingestRows(t, s, testDay, 3, "/more")
	setSettings(t, s, func(c *Settings) { c.RetentionDays = 7 })
	c.pass(t, 11*day+11*time.Hour) // 23:00 on testDay+11
	// An event of testDay+3 23:59:59.999 is seven days old at 00:00 on testDay+11.
	plan, err := s.Expire(t.Context(), ExpireOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(storedRows(t, s)) != 12*5+66+3 {
		t.Error("a dry run removes something")
	}
	r, err := s.Expire(t.Context(), ExpireOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(plan) != fmt.Sprint(r) {
		t.Errorf("the dry run said %+v, it was %+v", plan, r)
	}
	if r.Cutoff != (testDay+4).String() || len(r.Days) != 4 || r.Days[0].Files != 2 || r.Days[0].Events != 8 || r.Files != 5 || r.Events != 5+6+7+8+3 {
		t.Errorf("%+v", r)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), TimeRange{})
	if err != nil || len(files) != 8 || slices.ContainsFunc(files, func(f DataFile) bool { return f.Day < testDay+4 }) {
		t.Errorf("%d files, %v", len(files), err)
	}
	if op := sn.snap.Summary.Operation; op != "delete" {
		t.Errorf("snapshot of operation %s", op)
	}
	h, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := h[len(h)-1]
	if last.Operation != OpExpire || last.Cutoff != r.Cutoff || len(last.Removed) != 5 || len(last.Added) != 0 {
		t.Errorf("the record is %+v", last)
	}
	seq := sn.Seq()
	if r, err := s.Expire(t.Context(), ExpireOptions{}); err != nil || r.Files != 0 {
		t.Errorf("again: %+v, %v", r, err)
	}
	if sn, _ := s.Snapshot(t.Context()); sn.Seq() != seq {
		t.Error("to expire nothing is a commit")
	}
	// F33: a late event for a day that is gone is stored, and goes with the next expiry. The
	// ledger knows what was ingested.
	ingestRows(t, s, testDay, 2, "/late")
	if r, err := s.Expire(t.Context(), ExpireOptions{}); err != nil || r.Events != 2 {
		t.Errorf("late: %+v, %v", r, err)
	}
	b := begin(t, s)
	addRows(t, b, testDay, 5, "/0")
	if _, err := b.Commit(t.Context()); !errors.Is(err, ErrAlreadyIngested) {
		t.Errorf("an object that has expired: %v", err)
	}
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
	// Everything goes.
	c.pass(t, 30*day)
	if r, err := s.Expire(t.Context(), ExpireOptions{}); err != nil || fileCount(t, s) != 0 {
		t.Errorf("all: %+v, %v", r, err)
	}
	ingestRows(t, s, testDay+41, 2, "/new")
	if n := len(storedRows(t, s)); n != 2 {
		t.Errorf("%d rows", n)
	}
}

// TestOperationsAtOnce lets ingests, compactions, expiries, collections of garbage, changes
// of settings and readers go on at once, in several processes: F27 and F30. Nothing is
// lost but what is older than the retention, no reader loses a file, the lake is whole.
func TestOperationsAtOnce(t *testing.T) {
	c, s := openPast(t)
	setSettings(t, s, func(c *Settings) { c.RetentionDays = 7 })
	ingestRows(t, s, testDay-1, 3, "/newest")
	for i := range 4 {
		ingestRows(t, s, testDay-20, 3, fmt.Sprintf("/old%d", i))
	}
	c.pass(t, time.Hour)
	var wg sync.WaitGroup
	start := func(times int, do func(*Store, int) error) {
		mine := reopen(t, s)
		mine.lake.now = s.lake.now
		wg.Go(func() {
			for i := range times {
				if err := do(mine, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for w := range 2 {
		start(4, func(s *Store, i int) error {
			ingestRows(t, s, testDay-Day(i%2), 3, fmt.Sprintf("/%d/%d", w, i))
			ingestRows(t, s, testDay-20, 3, fmt.Sprintf("/old/%d/%d", w, i))
			return nil
		})
		start(4, func(s *Store, _ int) error {
			_, err := s.Compact(t.Context(), CompactOptions{})
			if errors.Is(err, fs.ErrNotExist) {
				err = nil // an expiry and a collection without grace were faster
			}
			return err
		})
		start(3, func(s *Store, _ int) error {
			_, err := s.Expire(t.Context(), ExpireOptions{})
			return err
		})
		start(6, func(s *Store, i int) error {
			var sn *Snapshot
			var lease *Lease
			for {
				var err error
				if sn, err = s.SnapshotAt(t.Context(), Point{}); err != nil {
					return err
				}
				if lease, err = sn.Lease(t.Context()); err == nil {
					break
				} else if !errors.Is(err, ErrSnapshotNotFound) {
					return err
				}
			}
			defer lease.Release()
			files, err := sn.Files(t.Context(), TimeRange{})
			if err != nil {
				return err
			}
			for range 3 { // for as long as others take to remove some
				for _, f := range files {
					if _, err := os.ReadFile(f.Path); err != nil {
						return fmt.Errorf("a reader lost a file: %w", err)
					}
				}
			}
			return nil
		})
	}
	start(4, func(s *Store, i int) error {
		_, err := s.UpdateSettings(t.Context(), func(c *Settings) error { c.HistoryDays = 1 + i; return nil })
		return err
	})
	// The clock stands, so nothing that a writer has just made is garbage.
	start(4, func(s *Store, _ int) error {
		_, err := s.CollectGarbage(t.Context(), GarbageOptions{Grace: -1})
		return err
	})
	wg.Wait()
	if _, err := s.Expire(t.Context(), ExpireOptions{}); err != nil {
		t.Fatal(err)
	}
	if n, want := len(storedRows(t, s)), 3*(1+2*4); n != want {
		t.Errorf("%d rows, want %d", n, want)
	}
	mustBeWhole(t, s.lake)
}
