package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRecordNames(t *testing.T) {
	for name, want := range map[string]RecordVersion{
		"monthly/definition.000001.json":         {"monthly/definition", 1},
		"a-b_c/runs/20261101-0500.1000000.json":  {"a-b_c/runs/20261101-0500", 1000000},
		"monthly/definition.1.json":              {},
		"monthly/definition.000000.json":         {},
		"monthly/definition.-00001.json":         {},
		"monthly/definition.json":                {},
		"monthly//definition.000001.json":        {},
		"monthly/.000001.json":                   {},
		"-a/b.000001.json":                       {},
		"Monthly/definition.000001.json":         {},
		"monthly/../x.000001.json":               {},
		"/monthly.000001.json":                   {},
		".tmp-0190":                              {},
		"monthly/definition.000001.000002.json":  {},
		"monthly/definition.99999999999999.json": {},
	} {
		got, ok := parseRecordName(name)
		if got != want || ok != (want != RecordVersion{}) || ok && recordName(got) != name {
			t.Errorf("%s is %v, %v", name, got, ok)
		}
	}
}

// TestRecordWriters lets writers count a record up: no count is lost, and none made twice.
func TestRecordWriters(t *testing.T) {
	root := t.TempDir()
	l := createTest(t, root, Options{})
	const writers, times = 4, 20
	var wg sync.WaitGroup
	var unknown atomic.Int64
	for range writers {
		wg.Go(func() {
			for done := 0; done < times; {
				var n int
				version, err := l.Schedules().Latest(t.Context(), "a/count", &n)
				if err == nil {
					err = l.Schedules().Put(t.Context(), RecordVersion{"a/count", version + 1}, n+1)
				}
				switch {
				case err == nil:
					done++
				case errors.Is(err, ErrCommitUnknown): // many others came after it at once
					done++
					unknown.Add(1)
				case !errors.Is(err, ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	var n int
	version, err := l.Schedules().Latest(t.Context(), "a/count", &n)
	if err != nil || n > writers*times || n < writers*times-int(unknown.Load()) || version != n {
		t.Errorf("version %d holds %d, want %d, of which %d are unknown: %v", version, n, writers*times, unknown.Load(), err)
	}
	if files, err := filepath.Glob(filepath.Join(root, "schedules/a/*")); err != nil || len(files) != 2 {
		t.Errorf("left are %v, %v", files, err)
	}
	mustBeWhole(t, l)
}

// TestRecordZombie is of a writer whose base, and what came after it, was removed while it
// slept.
func TestRecordZombie(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	r := l.Schedules()
	for version := 1; version <= 4; version++ {
		if err := r.Put(t.Context(), RecordVersion{"a/b", version}, version); err != nil {
			t.Fatal(err)
		}
	}
	for version := 2; version <= 4; version++ {
		if err := r.Put(t.Context(), RecordVersion{"a/b", version}, "late"); !errors.Is(err, ErrConflict) {
			t.Errorf("a late version %d: %v", version, err)
		}
	}
	// It read its base, and makes its version when both are gone.
	slow := &hookedStorage{Storage: l.st}
	slow.put = func(name string, put func() error) error {
		for version := 6; version <= 8; version++ {
			if err := r.Put(t.Context(), RecordVersion{"a/b", version - 1}, version-1); err != nil {
				t.Error(err)
			}
		}
		return put()
	}
	late := &Records{subStorage{Storage: slow, dir: schedulesDir}}
	if err := late.Put(t.Context(), RecordVersion{"a/b", 5}, "late"); !errors.Is(err, ErrConflict) {
		t.Errorf("a version 5 that others made and removed: %v", err)
	}
	list, err := r.List(t.Context(), "")
	if err != nil || !slices.Equal(list, []RecordVersion{{"a/b", 7}}) {
		t.Errorf("%v, %v", list, err)
	}
	for version := 1; version <= 7; version++ {
		err := r.get(t.Context(), RecordVersion{"a/b", version}, new(any))
		if gone := errors.Is(err, fs.ErrNotExist); gone != (version < 6) || !gone && err != nil {
			t.Errorf("version %d: %v", version, err)
		}
	}
	if err := r.Remove(t.Context(), "a/b"); err != nil {
		t.Error(err)
	}
	if version, err := r.newest(t.Context(), "a/b"); version != 0 || err != nil {
		t.Errorf("%d, %v", version, err)
	}
	for _, key := range []string{"", "A/b", "a/../b", "a.b"} {
		if err := r.Put(t.Context(), RecordVersion{key, 1}, 1); !errors.Is(err, ErrInvalid) {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

// TestRecordZombies is of two writers that slept, of which the second builds on what the first
// made too late.
func TestRecordZombies(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	r := l.Schedules()
	put := func(version int) error { return r.Put(t.Context(), RecordVersion{"a/b", version}, version) }
	for version := 1; version <= 4; version++ {
		if err := put(version); err != nil {
			t.Fatal(err)
		}
	}
	slow := &hookedStorage{Storage: l.st}
	slow.put = func(_ string, late func() error) error {
		for version := 5; version <= 9; version++ {
			if err := put(version); err != nil {
				t.Error(err)
			}
		}
		err := late()
		if err := put(6); !errors.Is(err, ErrConflict) {
			t.Errorf("a version 6 on a version 5 that means nothing: %v", err)
		}
		return err
	}
	late := &Records{subStorage{Storage: slow, dir: schedulesDir}}
	if err := late.Put(t.Context(), RecordVersion{"a/b", 5}, "late"); !errors.Is(err, ErrConflict) {
		t.Errorf("a version 5 that others made and removed: %v", err)
	}
	if versions, err := r.versions(t.Context(), "a/b"); !slices.Equal(versions, []int{8, 9}) || err != nil {
		t.Errorf("left are %v, %v", versions, err)
	}
}

// TestRecordFollowed is of a writer that others followed before it looked: it learns that its
// version counts as long as they name it.
func TestRecordFollowed(t *testing.T) {
	for others, want := range map[int]error{1: nil, 2: nil, 3: nil, recordBefore + 1: nil, recordBefore + 2: ErrCommitUnknown} {
		l := createTest(t, t.TempDir(), Options{})
		slow := &hookedStorage{Storage: l.st}
		slow.put = func(_ string, put func() error) error {
			err := put()
			for version := 2; version <= 1+others; version++ {
				if err := l.Schedules().Put(t.Context(), RecordVersion{"a/b", version}, version); err != nil {
					t.Error(err)
				}
			}
			return err
		}
		r := &Records{subStorage{Storage: slow, dir: schedulesDir}}
		if err := r.Put(t.Context(), RecordVersion{"a/b", 1}, 1); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%d came after it: %v, want %v", others, err, want)
		}
	}
}

// TestRecordListing is of a writer that slept, too, and whose listing passes over the newest
// version, which was removed for one that was not there yet when it began.
func TestRecordListing(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	r := l.Schedules()
	put := func(version int) {
		t.Helper()
		if err := r.Put(t.Context(), RecordVersion{"a/b", version}, version); err != nil {
			t.Error(err)
		}
	}
	put(1)
	put(2)
	slow := &blindStorage{Storage: l.st, shown: "b.000003"}
	slow.before = func() {
		for version := 3; version <= 5; version++ {
			put(version)
		}
		slow.blind = true
	}
	late := &Records{subStorage{Storage: slow, dir: schedulesDir}}
	if err := late.Put(t.Context(), RecordVersion{"a/b", 3}, "late"); !errors.Is(err, ErrConflict) && !errors.Is(err, ErrCommitUnknown) {
		t.Errorf("a version that others made and removed: %v", err)
	}
	var n int
	if version, err := r.Latest(t.Context(), "a/b", &n); version != 5 || n != 5 || err != nil {
		t.Errorf("version %d is %d: %v", version, n, err)
	}
	if err := r.Remove(t.Context(), "a/b"); err != nil {
		t.Error(err)
	}
}

// blindStorage calls before when a file is to be made. When it is blind the next listing
// shows one file only.
type blindStorage struct {
	Storage
	before func()
	shown  string
	blind  bool
}

func (s *blindStorage) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	s.before()
	return s.Storage.PutIfAbsent(ctx, name, data)
}

func (s *blindStorage) List(ctx context.Context, dir string) iter.Seq2[FileInfo, error] {
	blind := s.blind
	s.blind = false
	return func(yield func(FileInfo, error) bool) {
		for fi, err := range s.Storage.List(ctx, dir) {
			if blind && err == nil && !strings.Contains(fi.Name, s.shown) {
				continue
			}
			if !yield(fi, err) {
				return
			}
		}
	}
}

// TestRecordStale is of a storage whose listings go on to show a version that is not there.
func TestRecordStale(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	shown := path.Join(schedulesDir, recordName(RecordVersion{"a/b", 9}))
	r := &Records{subStorage{Storage: staleStorage{l.st, shown}, dir: schedulesDir}}
	if err := r.Put(t.Context(), RecordVersion{"a/b", 1}, 1); !errors.Is(err, ErrCommitUnknown) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a version behind which another is shown: %v", err)
	}
	var n int
	if version, err := r.Latest(t.Context(), "a/b", &n); version != 0 || err == nil || !strings.Contains(err.Error(), "version 9 is listed and not there") {
		t.Errorf("version %d is %d: %v", version, n, err)
	}
}

// staleStorage shows one more file than there is.
type staleStorage struct {
	Storage
	shown string
}

func (s staleStorage) List(ctx context.Context, dir string) iter.Seq2[FileInfo, error] {
	return func(yield func(FileInfo, error) bool) {
		if yield(FileInfo{Name: s.shown}, nil) {
			s.Storage.List(ctx, dir)(yield)
		}
	}
}

// TestRecordSweep removes what means nothing and is old.
func TestRecordSweep(t *testing.T) {
	root := t.TempDir()
	l := createTest(t, root, Options{})
	r := l.Schedules()
	for version := 1; version <= 3; version++ {
		if err := r.Put(t.Context(), RecordVersion{"a/b", version}, version); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(root, "schedules", "a")
	for _, name := range []string{"b.000001.json", tempPrefix + "x", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if err := r.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || left() != 5 {
		t.Errorf("%d files are left, %v", left(), err)
	}
	if err := r.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil || left() != 3 {
		t.Errorf("%d files are left, %v", left(), err)
	}
}

// TestRecordReplies loses the reply of a write that happened, and of one that did not.
func TestRecordReplies(t *testing.T) {
	root := t.TempDir()
	local, err := newLocalStorage(root)
	if err != nil {
		t.Fatal(err)
	}
	lossy := &hookedStorage{Storage: local}
	l := createTest(t, root, Options{Storage: lossy})
	for i, c := range []struct {
		do   func(put func() error) error
		want error
	}{
		{func(put func() error) error {
			return errors.Join(put(), fmt.Errorf("%w: connection reset", ErrOutcomeUnknown))
		}, nil},
		{func(put func() error) error { return errors.Join(put(), put()) }, nil}, // the client tried again by itself
		{func(func() error) error { return ErrOutcomeUnknown }, ErrCommitUnknown},
		{func(func() error) error { return errors.ErrUnsupported }, errors.ErrUnsupported},
	} {
		lossy.put = func(_ string, put func() error) error { return c.do(put) }
		err := l.Schedules().Put(t.Context(), RecordVersion{fmt.Sprintf("a/%d", i), 1}, i)
		if !errors.Is(err, c.want) {
			t.Errorf("case %d: %v, want %v", i, err, c.want)
		}
	}
	mustBeWhole(t, l)
}

// TestRecordDamage flips every byte of a record: it is not read, and a check names it.
func TestRecordDamage(t *testing.T) {
	root := t.TempDir()
	l := createTest(t, root, Options{})
	v := RecordVersion{"a/b", 1}
	if err := l.Schedules().Put(t.Context(), v, map[string]string{"seal": "x"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "schedules", recordName(v))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.Schedules().get(t.Context(), v, new(any)); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	stray := filepath.Join(root, "schedules", "a", "notes.txt")
	if err := os.WriteFile(stray, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Check(t.Context(), l, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != 1 || report.Problems[0].Invariant != "I17" || report.Problems[0].Path != "schedules/"+recordName(v) {
		t.Errorf("problems: %v", report.Problems)
	}
	if len(report.Orphans) != 1 || !strings.HasSuffix(report.Orphans[0].Name, "notes.txt") {
		t.Errorf("orphans: %v", report.Orphans)
	}
}
