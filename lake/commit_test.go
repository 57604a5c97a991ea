package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCommit(t *testing.T) {
	s := openTest(t)
	empty, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if files, err := empty.Files(t.Context(), TimeRange{}); err != nil || len(files) != 0 || empty.ID() != 0 || empty.Seq() != 0 || empty.Rows() != 0 {
		t.Fatalf("new store has files %v, id %d, seq %d, error %v", files, empty.ID(), empty.Seq(), err)
	}
	one := ingestRows(t, s, testDay, 100, "/logs/a.json.gz")
	b := begin(t, s)
	addRows(t, b, testDay, 50, "/logs/b.json.gz")
	addRows(t, b, testDay+1, 25, "/logs/c.json.gz")
	two := commit(t, b)
	if one.Rows() != 100 || two.Rows() != 175 || two.FileCount() != 3 || two.Seq() != 2 || two.Version() != 3 || two.ID() == one.ID() {
		t.Errorf("rows %d then %d, %d files, seq %d, version %d", one.Rows(), two.Rows(), two.FileCount(), two.Seq(), two.Version())
	}
	for name, c := range map[string]struct {
		r    TimeRange
		want int
	}{
		"all":          {TimeRange{}, 3},
		"first day":    {TimeRange{From: testDay.Time(), To: (testDay + 1).Time()}, 2},
		"from":         {TimeRange{From: (testDay + 1).Time()}, 1},
		"at the last":  {TimeRange{From: testDay.Time().Add(99 * time.Second)}, 2},
		"past the one": {TimeRange{From: testDay.Time().Add(99*time.Second + 1)}, 1},
		"to the first": {TimeRange{To: testDay.Time()}, 0},
		"to past it":   {TimeRange{To: testDay.Time().Add(1)}, 2},
	} {
		files, err := two.Files(t.Context(), c.r)
		if err != nil || len(files) != c.want {
			t.Errorf("%s: %d files, want %d, error %v", name, len(files), c.want, err)
		}
		if !slices.IsSortedFunc(files, func(a, b DataFile) int { return strings.Compare(a.URI, b.URI) }) {
			t.Errorf("%s: files are not sorted", name)
		}
	}
	// A snapshot is fixed for good, also for another process.
	if files, err := one.Files(t.Context(), TimeRange{}); err != nil || len(files) != 1 {
		t.Errorf("the first snapshot now has %d files, error %v", len(files), err)
	}
	if got := liveURIs(t, reopen(t, s)); !maps.Equal(got, liveURIs(t, s)) {
		t.Errorf("another process sees %v", got)
	}
	if _, err := b.Commit(t.Context()); !errors.Is(err, ErrBatchDone) {
		t.Errorf("second commit: %v", err)
	}
	if err := b.Abort(); err != nil {
		t.Errorf("abort after commit: %v", err)
	}
	mode := func(uri string) os.FileMode {
		fi, err := os.Stat(uri)
		if err != nil {
			t.Fatal(err)
		}
		return fi.Mode().Perm()
	}
	files, _ := two.Files(t.Context(), TimeRange{})
	if m := mode(files[0].Path); m != 0o444 {
		t.Errorf("data file has mode %o", m)
	}
	if m := mode(filepath.Dir(files[0].Path)); m != 0o700 {
		t.Errorf("data folder has mode %o", m)
	}
}

func TestCommitWithoutRows(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	b.AddObject(object("/logs/empty.json", 0))
	sn := commit(t, b)
	if sn.Seq() != 1 || sn.ID() != 0 {
		t.Errorf("seq %d, snapshot %d", sn.Seq(), sn.ID())
	}
	first := ingestRows(t, s, testDay, 3, "/logs/a.json")
	b = begin(t, s)
	b.AddObject(object("/logs/empty2.json", 0))
	sn = commit(t, b)
	if made, _ := sn.Made(); sn.Seq() != 3 || made != 3 || sn.ID() == first.ID() || sn.Rows() != 3 {
		t.Errorf("seq %d, snapshot %d of commit %d, before it %d", sn.Seq(), sn.ID(), made, first.ID())
	}
	// What the ledger says as of a snapshot does not change.
	for id, want := range map[int64]int{first.ID(): 2, sn.ID(): 3} {
		of, err := s.SnapshotAt(t.Context(), Point{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range of.Objects(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Errorf("as of snapshot %d there are %d objects, want %d", id, n, want)
		}
	}
	h, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, r := range h {
		ops = append(ops, fmt.Sprintf("%d %s %d/%d", r.Seq, r.Operation, r.Objects, r.Rows))
	}
	want := []string{"0 create 0/0", "1 ingest 1/0", "2 ingest 1/3", "3 ingest 1/0"}
	if !slices.Equal(ops, want) {
		t.Errorf("history is %q, want %q", ops, want)
	}
}

func TestCommitRefusesWhatDoesNotAddUp(t *testing.T) {
	s := openTest(t)
	for name, f := range map[string]func(b *Batch){
		"rows without object": func(b *Batch) { addRows(t, b, testDay, 5, "/a"); b.objects = nil },
		"unbalanced object":   func(b *Batch) { o := object("/a", 0); o.RowsIn = 1; b.AddObject(o) },
		"unknown status":      func(b *Batch) { o := object("/a", 0); o.Status = "fine"; b.AddObject(o) },
		"open file":           func(b *Batch) { b.NewFile(testDay) },
		"object twice":        func(b *Batch) { b.AddObject(object("/a", 0)); b.AddObject(object("/a", 0)) },
	} {
		b := begin(t, s)
		f(b)
		if _, err := b.Commit(t.Context()); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err := b.Abort(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustHaveNoOrphans(t, s.lake)
}

func TestWriterRefuses(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	defer b.Abort()
	for name, c := range map[string]struct {
		day Day
		seq int64
	}{
		"another day":    {testDay + 1, b.Seq()},
		"another number": {testDay, b.Seq() + 1},
	} {
		w, err := b.NewFile(testDay)
		if err != nil {
			t.Fatal(err)
		}
		rec := rows(t, c.day, 3, "/a", c.seq)
		defer rec.Release()
		if err := w.Write(rec); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.Close(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	if _, err := b.NewFile(Day(1 << 30)); !errors.Is(err, ErrInvalid) {
		t.Errorf("a day far away: %v", err)
	}
}

func mustHaveNoOrphans(t *testing.T, l *Lake) {
	t.Helper()
	report, err := Check(t.Context(), l, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range report.Orphans {
		t.Errorf("left behind: %s", o.Name)
	}
}

// TestPublishFollowsTheLoadedBase is a permanent test: the version to publish comes from
// the base that was loaded. Reading the newest version again after validation loses files
// while every commit reports success.
func TestPublishFollowsTheLoadedBase(t *testing.T) {
	s := openTest(t)
	stale, err := s.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ingestRows(t, s, testDay, 1, "/first")
	if out, err := s.publish(t.Context(), stale, []byte("anything")); out != conflicted || err != nil {
		t.Fatalf("publish on a stale base: outcome %d, error %v, want a conflict", out, err)
	}

	// Two processes that both stage on version 2 before either publishes.
	var ready sync.WaitGroup
	ready.Add(2)
	conflicts := make(chan string, 10)
	var wg sync.WaitGroup
	for i := range 2 {
		held := false
		local, err := newLocalStorage(s.lake.Root())
		if err != nil {
			t.Fatal(err)
		}
		st := &hookedStorage{Storage: local, put: func(name string, put func() error) error {
			if isMetadata(name) {
				conflicts <- name
				if !held {
					held = true
					ready.Done()
					ready.Wait()
				}
			}
			return put()
		}}
		l := createTest(t, s.lake.Root(), Options{Storage: st})
		other, err := l.Store(t.Context(), DefaultStore)
		if err != nil {
			t.Fatal(err)
		}
		b := begin(t, other)
		addRows(t, b, testDay, 10, fmt.Sprintf("/writer/%d", i))
		wg.Go(func() {
			if _, err := b.Commit(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(conflicts)
	var tried []string
	for name := range conflicts {
		tried = append(tried, filepath.Base(name))
	}
	slices.Sort(tried)
	if want := []string{"v3.metadata.json", "v3.metadata.json", "v4.metadata.json"}; !slices.Equal(tried, want) {
		t.Errorf("published as %v, want %v", tried, want)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sn.Rows() != 21 || sn.FileCount() != 3 {
		t.Errorf("%d rows in %d files are live, want 21 in 3", sn.Rows(), sn.FileCount())
	}
	mustHaveNoOrphans(t, s.lake)
}

// TestHintIsOnlyAHint is a permanent test: whatever the hint holds, all readers load the
// same newest version.
func TestHintIsOnlyAHint(t *testing.T) {
	s := openTest(t)
	for i := range 10 {
		ingestRows(t, s, testDay, 1, fmt.Sprintf("/%d", i))
	}
	path := s.st.LocalPath(hintName())
	for name, content := range map[string]*string{
		"right": ptr("11\n"), "no newline": ptr("11"), "empty": ptr(""), "torn": ptr("1"), "too low": ptr("3\n"), "too high": ptr("110\n"),
		"one too high": ptr("12\n"), "far too high": ptr("99999999999999999999\n"), "zero": ptr("0"), "negative": ptr("-1"),
		"not a number": ptr("eleven"), "zeros before": ptr("0011"), "binary": ptr("\x00\x01"), "absent": nil,
	} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if content != nil {
			if err := os.WriteFile(path, []byte(*content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		sn, err := reopen(t, s).Snapshot(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if sn.Version() != 11 || sn.FileCount() != 10 {
			t.Errorf("%s: version %d with %d files, want 11 with 10", name, sn.Version(), sn.FileCount())
		}
	}
	// Readers do not mind a hint that is too high; the check at the end does, for it is
	// what remains of a version that was lost.
	if err := os.WriteFile(path, formatHint(11), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestConcurrentWriters(t *testing.T) {
	s := openTest(t)
	const writers, commits = 2, 12
	var wg sync.WaitGroup
	for i := range writers {
		other := reopen(t, s)
		wg.Go(func() {
			for j := range commits {
				b, err := other.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if err := tryAddRows(t, b, testDay+Day(j%3), 5, fmt.Sprintf("/w%d/%d", i, j)); err != nil {
					t.Error(err)
				}
				if _, err := b.Commit(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	sn, err := reopen(t, s).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(writers * commits); sn.FileCount() != n || sn.Rows() != 5*n || sn.Seq() != n {
		t.Errorf("%d files, %d rows, seq %d, want %d, %d, %d", sn.FileCount(), sn.Rows(), sn.Seq(), n, 5*n, n)
	}
	mustHaveNoOrphans(t, s.lake)
}

// TestSameObjectTwice lets two writers ingest the same object at the same time.
func TestSameObjectTwice(t *testing.T) {
	s := openTest(t)
	a, b := begin(t, s), begin(t, reopen(t, s))
	addRows(t, a, testDay, 5, "/same")
	addRows(t, b, testDay, 5, "/same")
	commit(t, a)
	if _, err := b.Commit(t.Context()); !errors.Is(err, ErrAlreadyIngested) {
		t.Errorf("second commit: %v", err)
	}
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
	mustHaveNoOrphans(t, s.lake)
}

// TestRenumber checks the rows of a batch that was overtaken.
func TestRenumber(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	rec := rows(t, testDay, 500, "/slow", b.Seq())
	defer rec.Release()
	w, err := b.NewFile(testDay)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := object("/slow", 1500)
	if o.Multiset, err = MultisetOf(rec, rec, rec); err != nil {
		t.Fatal(err)
	}
	b.AddObject(o)
	ingestRows(t, s, testDay, 1, "/fast")
	if sn := commit(t, b); sn.Seq() != 2 || b.Seq() != 2 || sn.Rows() != 1501 {
		t.Errorf("seq %d, rows %d", sn.Seq(), sn.Rows())
	}
	// The copy holds what the file held, but for the number.
	name, err := nameOf(s.st.Root(), b.Files()[0].URI)
	if err != nil {
		t.Fatal(err)
	}
	want := rows(t, testDay, 500, "/slow", 2)
	defer want.Release()
	got := readAll(t, s, name)
	if len(got) != 3 {
		t.Fatalf("the copy has %d row groups, want 3", len(got))
	}
	for _, g := range got {
		sameRows(t, g, want)
	}
	mustHaveNoOrphans(t, s.lake)
}
