package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// copySource is a lake with two stores, one of them renamed, schedules, and a history.
func copySource(t *testing.T) *Lake {
	t.Helper()
	s := openTest(t)
	ingestRows(t, s, testDay, 300, "a")
	ingestRows(t, s, testDay, 10, "b")
	if _, err := s.Compact(t.Context(), CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	other, err := s.lake.CreateStore(t.Context(), StoreConfig{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.UpdateSettings(t.Context(), func(s *Settings) error { s.Name = "renamed"; return nil }); err != nil {
		t.Fatal(err)
	}
	ingestRows(t, other, testDay+1, 20, "c")
	if err := s.lake.Schedules().Put(t.Context(), RecordVersion{Key: "definitions/weekly", Version: 1}, "x"); err != nil {
		t.Fatal(err)
	}
	return s.lake
}

func describe(t *testing.T, root string) string {
	t.Helper()
	l, err := Open(t.Context(), root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mustBeWhole(t, l)
	var text strings.Builder
	stores, err := l.Stores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		history, err := s.History(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sn, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&text, s.Name(), s.ID(), sn.Rows(), len(history), sn.Heads())
	}
	records, err := l.Schedules().List(t.Context(), "")
	fmt.Fprintln(&text, l.ID(), records, err)
	return text.String()
}

// TestCopy copies with files in one piece and in several.
func TestCopy(t *testing.T) {
	defer func(n int64) { wholeFile = n }(wholeFile)
	l := copySource(t)
	for _, wholeFile = range []int64{1 << 20, 100} {
		to := filepath.Join(t.TempDir(), "copy")
		var last, total int64
		r, err := l.Copy(t.Context(), to, Options{}, CopyOptions{Progress: func(done, all int64) { last, total = done, all }})
		if err != nil {
			t.Fatal(err)
		}
		if r.To != to || r.Stores != 2 || r.Known != 0 || r.Bytes <= total || last != total {
			t.Errorf("%+v; progress %d of %d", r, last, total)
		}
		if got, want := describe(t, to), describe(t, l.Root()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if _, err := l.Copy(t.Context(), to, Options{}, CopyOptions{}); !errors.Is(err, ErrLakeExists) {
			t.Errorf("onto the copy: %v", err)
		}
	}
	if _, err := l.Copy(t.Context(), l.Root(), Options{}, CopyOptions{}); !errors.Is(err, ErrLakeExists) {
		t.Errorf("onto itself: %v", err)
	}
}

// stopping is a storage that fails from one change on.
type stopping struct {
	Storage
	left atomic.Int64
}

var errStopped = errors.New("no more")

func (s *stopping) stopped() error {
	if s.left.Add(-1) < 0 {
		return errStopped
	}
	return nil
}

func (s *stopping) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	if err := s.stopped(); err != nil {
		return err
	}
	return s.Storage.PutIfAbsent(ctx, name, data)
}

func (s *stopping) Put(ctx context.Context, name string, data []byte) error {
	if err := s.stopped(); err != nil {
		return err
	}
	return s.Storage.Put(ctx, name, data)
}

// Create leaves half of the file behind, as a writer does that is killed.
func (s *stopping) Create(ctx context.Context, name string) (Writer, error) {
	if err := s.stopped(); err != nil {
		return nil, errors.Join(err, s.Storage.PutIfAbsent(ctx, name, []byte("half")))
	}
	return s.Storage.Create(ctx, name)
}

// TestCopyResumes stops a copy at every change that it makes, and goes on with it.
func TestCopyResumes(t *testing.T) {
	defer func(n int64) { wholeFile = n }(wholeFile)
	wholeFile = 4 << 10 // data files are larger, and most others smaller
	l := copySource(t)
	want := describe(t, l.Root())
	for n := 0; ; n++ {
		to := filepath.Join(t.TempDir(), "copy")
		st, err := newLocalStorage(to)
		if err != nil {
			t.Fatal(err)
		}
		s := &stopping{Storage: st}
		s.left.Store(int64(n))
		_, err = l.Copy(t.Context(), to, Options{Storage: s}, CopyOptions{Workers: 1})
		if err == nil {
			if n < 20 {
				t.Errorf("a copy of %d changes", n)
			}
			return
		}
		if !errors.Is(err, errStopped) {
			t.Fatalf("change %d: %v", n, err)
		}
		if n > 0 {
			if _, err := OpenOrCreate(t.Context(), to, Options{}); !errors.Is(err, ErrCorrupt) {
				t.Errorf("change %d: half a copy can be opened: %v", n, err)
			}
		}
		r, err := l.Copy(t.Context(), to, Options{}, CopyOptions{})
		if err != nil {
			t.Fatalf("change %d: %v", n, err)
		}
		if n > 2 && r.Known == 0 {
			t.Errorf("change %d: everything was copied again", n)
		}
		if got := describe(t, to); got != want {
			t.Errorf("change %d: got %s\nwant %s", n, got, want)
		}
	}
}

// TestCopyDamaged changes a byte of each file in turn: the copy has it, and says so where the file is
// one of those that the chains have hashes of, or cannot be read.
func TestCopyDamaged(t *testing.T) {
	defer func(n int64) { wholeFile = n }(wholeFile)
	wholeFile = 4 << 10 // data files are larger, and most others smaller
	l := copySource(t)
	hashed := map[string]bool{}
	stores, err := l.Stores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		sn, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for f, err := range sn.Inventory(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			hashed[f.Path] = f.Kind != KindName && f.Kind != KindMetadata // nothing has their hashes
		}
	}
	st, err := newLocalStorage(l.Root())
	if err != nil {
		t.Fatal(err)
	}
	var told int
	for fi, err := range st.List(t.Context(), storesDir) {
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(l.Root(), filepath.FromSlash(fi.Name))
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) == 0 {
			continue
		}
		bad := bytes.Clone(raw)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		from, err := Open(t.Context(), l.Root(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "copy")
		r, err := from.Copy(t.Context(), to, Options{}, CopyOptions{})
		if err != nil {
			t.Fatalf("%s: %v", fi.Name, err)
		}
		if hashed[fi.Name] {
			told++
			// Manifests have one hash together.
			if all := errors.Join(r.Problems...); all == nil || !strings.HasSuffix(path, ".avro") && !strings.Contains(all.Error(), filepath.Base(path)) {
				t.Errorf("%s is damaged, and the copy says %v", fi.Name, r.Problems)
			}
		}
		if got, err := os.ReadFile(filepath.Join(to, filepath.FromSlash(fi.Name))); err == nil && !bytes.Equal(got, bad) && !isHint(fi.Name) {
			t.Errorf("%s was not copied as it is", fi.Name)
		}
		if err := errors.Join(from.Close(), os.WriteFile(path, raw, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if told < 8 {
		t.Errorf("%d files have hashes", told)
	}
	r, err := l.Copy(t.Context(), filepath.Join(t.TempDir(), "copy"), Options{}, CopyOptions{})
	if err != nil || len(r.Problems) > 0 || r.Compared < told {
		t.Errorf("put right again: %+v, %v", r, err)
	}
}

// TestCopyTellsWhatCheckTells removes and empties each file of a lake with some history: where the lake
// does not verify, the copy says so, and does not verify either.
func TestCopyTellsWhatCheckTells(t *testing.T) {
	l := copySource(t)
	st, err := newLocalStorage(l.Root())
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for fi, err := range st.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if fi.Name == lakeFile { // without it there is no lake
			continue
		}
		path := filepath.Join(l.Root(), filepath.FromSlash(fi.Name))
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, empty := range []bool{false, true} {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if empty {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			from, err := Open(t.Context(), l.Root(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			report, err := Check(t.Context(), from, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(t.TempDir(), "copy")
			r, err := from.Copy(t.Context(), to, Options{}, CopyOptions{})
			if err != nil {
				t.Fatalf("%s: %v", fi.Name, err)
			}
			if len(r.Problems) < len(report.Problems) {
				t.Errorf("%s, empty %v: the check finds %v, and the copy says %v", fi.Name, empty, report.Problems, r.Problems)
			}
			other, err := Open(t.Context(), to, Options{})
			if err != nil {
				t.Fatal(err)
			}
			copied, err := Check(t.Context(), other, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if (len(report.Problems) > 0) != (len(copied.Problems) > 0) {
				t.Errorf("%s, empty %v: the check finds %v, and in the copy %v", fi.Name, empty, report.Problems, copied.Problems)
			}
			if len(report.Problems) > 0 {
				told++
			}
			if err := errors.Join(from.Close(), other.Close(), os.WriteFile(path, raw, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if told < 20 {
		t.Errorf("only %d kinds of damage were told", told)
	}
}

// TestLostVersion removes the newest version of a store, which the hint says was there: readers say so,
// and nothing is committed in its place until somebody decides.
func TestLostVersion(t *testing.T) {
	s := openToDamage(t)
	for _, name := range []string{"/a", "/b", "/c"} {
		ingestRows(t, s, testDay, 1, name)
	}
	version := filepath.Join(s.lake.Root(), storeDir(s.id), metadataName(4))
	raw, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(version); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	l, err := Open(t.Context(), s.lake.Root(), Options{Logger: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	less, err := l.Store(t.Context(), s.Name())
	if err != nil {
		t.Fatal(err)
	}
	if sn, err := less.Snapshot(t.Context()); err != nil || sn.Rows() != 2 {
		t.Errorf("%v", err)
	}
	if !strings.Contains(said.String(), metadataName(4)) {
		t.Errorf("a reader says %q", said.String())
	}
	rename := func() error {
		_, err := less.UpdateSettings(t.Context(), func(s *Settings) error { s.Name = "other"; return nil })
		return err
	}
	if err := rename(); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), metadataName(4)) {
		t.Errorf("a commit in place of the lost one: %v", err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	r, err := l.Copy(t.Context(), to, Options{}, CopyOptions{})
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error(), metadataName(4)) {
		t.Errorf("the copy says %v, %v", r.Problems, err)
	}
	if err := os.WriteFile(version, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rename(); err != nil {
		t.Errorf("put back: %v", err)
	}
	// A store that is open has seen the version itself.
	newest := filepath.Join(s.lake.Root(), storeDir(s.id), metadataName(5))
	if err := os.Remove(newest); err != nil {
		t.Fatal(err)
	}
	back := func() error {
		_, err := less.UpdateSettings(t.Context(), func(s *Settings) error { s.RetentionDays = 100; return nil })
		return err
	}
	if err := back(); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), metadataName(5)) {
		t.Errorf("a commit in place of one that was lost meanwhile: %v", err)
	}
	// Somebody decides to go on without it.
	if err := os.Remove(filepath.Join(s.lake.Root(), storeDir(s.id), hintName())); err != nil {
		t.Fatal(err)
	}
	if err := back(); err != nil {
		t.Errorf("without the hint: %v", err)
	}
}

// TestCopyStaged has a writer remove what it staged while the lake is copied: nobody misses it.
func TestCopyStaged(t *testing.T) {
	l := copySource(t)
	s, err := l.Store(t.Context(), DefaultStore)
	if err != nil {
		t.Fatal(err)
	}
	b := begin(t, s)
	addRows(t, b, testDay, 5, "staged")
	st, err := newLocalStorage(l.Root())
	if err != nil {
		t.Fatal(err)
	}
	var listings, checks int
	from, err := Open(t.Context(), l.Root(), Options{Storage: listed{st, func(dir, name string) {
		if dir == storesDir && name == "" {
			listings++
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if _, err := Check(t.Context(), from, CheckOptions{}); err != nil {
		t.Fatal(err)
	}
	checks, listings = listings, 0
	to, err := newLocalStorage(filepath.Join(t.TempDir(), "copy"))
	if err != nil {
		t.Fatal(err)
	}
	// What the copy holds is looked at when the lake has been listed.
	r, err := from.Copy(t.Context(), to.Root(), Options{Storage: listed{to, func(dir, _ string) {
		if listings == checks+2 && b != nil {
			if err := b.Abort(); err != nil {
				t.Error(err)
			}
			b = nil
		}
	}}}, CopyOptions{})
	if err != nil || len(r.Problems) > 0 || b != nil {
		t.Errorf("%v, %v; aborted: %v", err, r.Problems, b == nil)
	}
	copied, err := Open(t.Context(), r.To, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if report, err := Check(t.Context(), copied, CheckOptions{}); err != nil || len(report.Problems) > 0 {
		t.Errorf("the copy: %v, %v", report.Problems, err)
	}
}

// TestCopyWithin refuses places in the lake and around it.
func TestCopyWithin(t *testing.T) {
	l := copySource(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(l.Root(), link); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{filepath.Join(l.Root(), "backup"), filepath.Join(l.Root(), "eds", "x", "y"), filepath.Dir(l.Root()), filepath.Join(link, "backup")} {
		if _, err := l.Copy(t.Context(), to, Options{}, CopyOptions{}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", to, err)
		}
	}
	beside := l.Root() + "-copy"
	if _, err := l.Copy(t.Context(), beside, Options{}, CopyOptions{}); err != nil {
		t.Error(err)
	}
}

// TestCopyProblems has problems that are none of a file's bytes, and some that an attempt before this
// one has copied.
func TestCopyProblems(t *testing.T) {
	// data is a data file of a newest snapshot: of others garbage may have been collected.
	data := func(root string) string {
		t.Helper()
		l, err := Open(t.Context(), root, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		s, err := l.Store(t.Context(), DefaultStore)
		if err != nil {
			t.Fatal(err)
		}
		sn, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for f, err := range sn.Inventory(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if f.Kind == KindData {
				return filepath.Join(root, filepath.FromSlash(f.Path))
			}
		}
		t.Fatal("there is no data file")
		return ""
	}
	flip := func(path string) {
		t.Helper()
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)/2] ^= 1
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	claim := func(root string) string { return filepath.Join(root, filepath.FromSlash(claimName("renamed"))) }
	for name, tc := range map[string]struct {
		change func(root string)
		copied func(copy string) // what is done to the copy, which is then one that was interrupted
		want   int
	}{
		"whole":                         {func(string) {}, nil, 0},
		"a data file is gone":           {func(root string) { os.Remove(data(root)) }, nil, -1},
		"a store has lost its name":     {func(root string) { os.Remove(claim(root)) }, nil, 1},
		"a name is damaged":             {func(root string) { flip(claim(root)) }, nil, -1},
		"damage copied before":          {func(root string) { flip(data(root)) }, func(string) {}, 1},
		"a copy that is another's size": {func(string) {}, func(copy string) { os.Truncate(data(copy), 10) }, 0},
		"a copy that is not the same":   {func(string) {}, func(copy string) { flip(data(copy)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "changed") // the source must be whole at the end
			if err := os.CopyFS(root, os.DirFS(copySource(t).Root())); err != nil {
				t.Fatal(err)
			}
			tc.change(root)
			l, err := Open(t.Context(), root, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			to := filepath.Join(t.TempDir(), "copy")
			r, err := l.Copy(t.Context(), to, Options{}, CopyOptions{})
			if err == nil && tc.copied != nil {
				tc.copied(to)
				if err := os.Remove(filepath.Join(to, lakeFile)); err != nil {
					t.Fatal(err)
				}
				r, err = l.Copy(t.Context(), to, Options{}, CopyOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := len(r.Problems); n != tc.want && (tc.want >= 0 || n == 0) {
				t.Errorf("%d problems, want %d: %v", n, tc.want, r.Problems)
			}
			if tc.want != 0 {
				return
			}
			if got, want := describe(t, to), describe(t, root); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestCopyOfOther refuses a place with other files.
func TestCopyOfOther(t *testing.T) {
	l, to := copySource(t), t.TempDir()
	st, err := newLocalStorage(to)
	if err != nil {
		t.Fatal(err)
	}
	const stray = "eds/00000000-0000-4000-8000-000000000000/data/x.parquet"
	if err := st.PutIfAbsent(t.Context(), stray, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Copy(t.Context(), to, Options{}, CopyOptions{}); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), stray) {
		t.Error(err)
	}
}

// listed is a storage that tells what is listed of it.
type listed struct {
	Storage
	hook func(dir, name string) // before a folder, with no name, and before each file
}

func (s listed) List(ctx context.Context, dir string) iter.Seq2[FileInfo, error] {
	return func(yield func(FileInfo, error) bool) {
		s.hook(dir, "")
		for fi, err := range s.Storage.List(ctx, dir) {
			s.hook(dir, fi.Name)
			if !yield(fi, err) {
				return
			}
		}
	}
}

// TestCopyMeanwhile has others make a store and commit while the lake is listed: the copy is of
// the time before.
func TestCopyMeanwhile(t *testing.T) {
	l := copySource(t)
	want := describe(t, l.Root())
	s, err := l.Store(t.Context(), DefaultStore)
	if err != nil {
		t.Fatal(err)
	}
	st, err := newLocalStorage(l.Root())
	if err != nil {
		t.Fatal(err)
	}
	var listings, checks int // of the stores; those that a check makes come first
	var made, committed bool
	from, err := Open(t.Context(), l.Root(), Options{Storage: listed{st, func(dir, name string) {
		switch {
		case dir == namesDir && checks > 0 && listings == checks+1 && !made:
			made = true
			if _, err := l.CreateStore(t.Context(), StoreConfig{Name: "late"}); err != nil {
				t.Error(err)
			}
		case dir == storesDir && name == "":
			listings++
		// Data files have been listed, metadata will be.
		case checks > 0 && listings == checks+2 && strings.Contains(name, s.ID()+"/ingest/") && !committed:
			committed = true
			ingestRows(t, s, testDay, 5, "late")
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if _, err := Check(t.Context(), from, CheckOptions{}); err != nil {
		t.Fatal(err)
	}
	checks, listings = listings, 0
	to := filepath.Join(t.TempDir(), "copy")
	if _, err := from.Copy(t.Context(), to, Options{}, CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	if !made || !committed {
		t.Error("nothing happened meanwhile")
	}
	if got := describe(t, to); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
