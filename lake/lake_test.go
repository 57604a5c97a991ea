package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOpenAndCreate(t *testing.T) {
	// A name with all that a URI would escape.
	root := filepath.Join(t.TempDir(), "a new", "läke 100%?#&")
	if _, err := Open(t.Context(), root, Options{}); !errors.Is(err, ErrLakeNotFound) {
		t.Errorf("open nothing: %v", err)
	}
	l, err := Create(t.Context(), root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Create(t.Context(), root, Options{}); !errors.Is(err, ErrLakeExists) {
		t.Errorf("create twice: %v", err)
	}
	again := createTest(t, root, Options{})
	if again.ID() != l.ID() || l.Root() != root || !again.Created().Equal(l.Created()) {
		t.Errorf("opened %s at %s, created %s at %s", again.ID(), again.Root(), l.ID(), l.Root())
	}
	for path, want := range map[string]os.FileMode{"": 0o700, lakeFile: 0o600} {
		if fi, err := os.Stat(filepath.Join(root, path)); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s has mode %v, error %v", path, fi.Mode(), err)
		}
	}
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	sn := ingestRows(t, s, testDay, 3, "/a")
	files, err := sn.Files(t.Context(), TimeRange{})
	if err != nil || len(files) != 1 || !strings.HasPrefix(files[0].Path, root) || strings.ContainsAny(files[0].URI, " ?#ä") {
		t.Errorf("files %+v, error %v", files, err)
	}
	if _, err := os.Stat(files[0].Path); err != nil {
		t.Error(err)
	}
	mustBeWhole(t, l)
	if _, err := OpenOrCreate(t.Context(), "gs://bucket/lake", Options{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown scheme: %v", err)
	}
	if _, err := OpenOrCreate(t.Context(), "", Options{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no folder: %v", err)
	}
}

func TestOpenRefusesOtherLayouts(t *testing.T) {
	for content, want := range map[string]error{
		`{"format":"traillake","layout":2,"id":"x"}`: ErrLayout,
		`{"format":"other","layout":1}`:              ErrLayout,
		`{"format":`:                                 ErrCorrupt,
	} {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, lakeFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenOrCreate(t.Context(), root, Options{})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", content, err)
		}
		if strings.Contains(content, "2") && !strings.Contains(err.Error(), "layout 2") {
			t.Errorf("the layout is not named: %v", err)
		}
	}
}

// openOnce is a storage that is of no use once it is closed, as others may be. Before the lake
// is made, other does something.
type openOnce struct {
	Storage
	other  func()
	closed int
}

func (s *openOnce) Close() error {
	s.closed++
	return s.Storage.Close()
}

func (s *openOnce) Get(ctx context.Context, name string) ([]byte, error) {
	if s.closed > 0 {
		return nil, fs.ErrClosed
	}
	return s.Storage.Get(ctx, name)
}

func (s *openOnce) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	if s.closed > 0 {
		return fs.ErrClosed
	}
	s.other()
	return s.Storage.PutIfAbsent(ctx, name, data)
}

// TestOpenOrCreateClosesOnce closes the storage with the lake, or when there is none in the end.
func TestOpenOrCreateClosesOnce(t *testing.T) {
	for name, other := range map[string]func(root string){
		"alone":            func(string) {},
		"beside another":   func(root string) { createTest(t, root, Options{}) },
		"beside a damaged": func(root string) { os.WriteFile(filepath.Join(root, lakeFile), []byte("{"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			local, err := newLocalStorage(root)
			if err != nil {
				t.Fatal(err)
			}
			st := &openOnce{Storage: local, other: func() { other(root) }}
			l, err := OpenOrCreate(t.Context(), root, Options{Storage: st})
			if damaged := name == "beside a damaged"; damaged != errors.Is(err, ErrCorrupt) || !damaged && err != nil {
				t.Fatal(err)
			}
			if l != nil {
				if st.closed > 0 {
					t.Error("the storage is closed")
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
			if st.closed != 1 {
				t.Errorf("the storage was closed %d times", st.closed)
			}
		})
	}
}

func TestManyCreateOneLake(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			l, err := OpenOrCreate(t.Context(), root, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = l.ID()
			l.Close()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("lakes %s and %s", id, ids[0])
		}
	}
}

func TestStores(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	t.Cleanup(func() { mustBeWhole(t, l) })
	if _, err := l.Store(t.Context(), "events"); !errors.Is(err, ErrStoreNotFound) || !strings.Contains(err.Error(), "none yet") {
		t.Errorf("store of an empty lake: %v", err)
	}
	events, err := l.CreateStore(t.Context(), StoreConfig{Name: "Events"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.CreateStore(t.Context(), StoreConfig{Name: "security.audit_2", RetentionDays: 7, Region: "eu-west-1", AccountID: "123456789012"})
	if err != nil {
		t.Fatal(err)
	}
	if c := events.Config(); c.RetentionDays != 366 || c.Name != "Events" {
		t.Errorf("config %+v", c)
	}
	if got, want := other.ARN(), "arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/"+other.ID(); got != want {
		t.Errorf("ARN %s, want %s", got, want)
	}
	if _, err := l.CreateStore(t.Context(), StoreConfig{Name: "EVENTS"}); !errors.Is(err, ErrStoreExists) {
		t.Errorf("the same name in another case: %v", err)
	}
	fresh, err := Open(t.Context(), l.Root(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	for ref, want := range map[string]*Store{
		"events": events, "EVENTS": events, events.ID(): events, strings.ToUpper(events.ID()): events, events.ARN(): events,
		"security.audit_2": other, other.ARN(): other,
	} {
		s, err := fresh.Store(t.Context(), ref)
		if err != nil || s.ID() != want.ID() || s.Config() != want.Config() || !s.Created().Equal(want.Created()) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	for ref, want := range map[string]string{
		"evnts": `did you mean "Events"?`, "something": "there are: Events, security.audit_2", "../names": "there are", "": "there are",
	} {
		if _, err := fresh.Store(t.Context(), ref); !errors.Is(err, ErrStoreNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", ref, err, want)
		}
	}
	stores, err := fresh.Stores(t.Context())
	if err != nil || len(stores) != 2 || stores[0].Name() != "Events" {
		t.Errorf("stores %v, error %v", stores, err)
	}
}

// TestStoreNamedLikeTemporaryFile takes a name that is valid, and begins like the names of
// files in the making.
func TestStoreNamedLikeTemporaryFile(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	if _, err := l.CreateStore(t.Context(), StoreConfig{Name: tempPrefix + "a"}); err != nil {
		t.Fatal(err)
	}
	if stores, err := l.Stores(t.Context()); err != nil || len(stores) != 1 {
		t.Errorf("%d stores, error %v, want 1", len(stores), err)
	}
	mustBeWhole(t, l)
}

func TestCreateStoreRefuses(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	for name, c := range map[string]StoreConfig{
		"short": {Name: "ab"}, "long": {Name: strings.Repeat("a", 129)}, "slash": {Name: "a/b/c"}, "letter": {Name: "späte"}, "id": {Name: "2512C166-6852-452d-b087-bcd4900d6415"}, "empty": {},
		"retention low": {Name: "abc", RetentionDays: 6}, "retention high": {Name: "abc", RetentionDays: 3654}, "negative": {Name: "abc", RetentionDays: -1},
	} {
		if _, err := l.CreateStore(t.Context(), c); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (StoreConfig{Name: "a", RetentionDays: 1}).Validate(); !strings.Contains(err.Error(), "name") || !strings.Contains(err.Error(), "retention") {
		t.Errorf("only one problem is told: %v", err)
	}
	for _, c := range []StoreConfig{{Name: "..."}, {Name: strings.Repeat("Z", 128), RetentionDays: 7}, {Name: "a-b", RetentionDays: 3653}} {
		if _, err := l.CreateStore(t.Context(), c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	mustBeWhole(t, l)
}

func TestManyCreateOneStore(t *testing.T) {
	root := t.TempDir()
	createTest(t, root, Options{})
	var made atomic.Int32
	var wg sync.WaitGroup
	for i := range 6 {
		l := createTest(t, root, Options{})
		wg.Go(func() {
			_, err := l.CreateStore(context.WithoutCancel(t.Context()), StoreConfig{Name: []string{"same", "Same"}[i%2]})
			switch {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, ErrStoreExists):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d stores were made", made.Load())
	}
	l := createTest(t, root, Options{})
	if stores, err := l.Stores(t.Context()); err != nil || len(stores) != 1 {
		t.Errorf("%d stores, error %v", len(stores), err)
	}
	mustBeWhole(t, l)
}

// TestUnknownOutcome wants nothing removed when the storage does not say whether the
// commit happened.
func TestUnknownOutcome(t *testing.T) {
	root := t.TempDir()
	local, err := newLocalStorage(root)
	if err != nil {
		t.Fatal(err)
	}
	st := &hookedStorage{Storage: local}
	l := createTest(t, root, Options{Storage: st})
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: "unsure"})
	if err != nil {
		t.Fatal(err)
	}
	for _, happens := range []bool{false, true} {
		b := begin(t, s)
		addRows(t, b, testDay, 3, fmt.Sprint("/", happens))
		st.put = func(name string, put func() error) error {
			if !isMetadata(name) {
				return put()
			}
			if happens {
				_ = put() // the second time it is there
			}
			return fmt.Errorf("%w: no answer", ErrOutcomeUnknown)
		}
		if _, err := b.Commit(t.Context()); !errors.Is(err, ErrCommitUnknown) || errors.Is(err, ErrConflict) {
			t.Errorf("commit: %v", err)
		}
		was := fileNames(t, local)
		if err := b.Abort(); err != nil || !slices.Equal(fileNames(t, local), was) {
			t.Errorf("abort: %v; files were %v and are %v", err, was, fileNames(t, local))
		}
		st.put = nil
		sn, err := reopen(t, s).Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := sn.Rows() > 0; got != happens {
			t.Errorf("the commit happened: %v, want %v", got, happens)
		}
		mustBeWhole(t, l)
	}
}

func fileNames(t *testing.T, st Storage) (names []string) {
	t.Helper()
	for fi, err := range st.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fi.Name)
	}
	slices.Sort(names)
	return names
}

// TestLostReply wants a commit that happened to be known as such, although the storage's
// first answer was lost.
func TestLostReply(t *testing.T) {
	root := t.TempDir()
	local, err := newLocalStorage(root)
	if err != nil {
		t.Fatal(err)
	}
	lossy := &hookedStorage{Storage: local}
	l := createTest(t, root, Options{Storage: lossy})
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: "lossy"})
	if err != nil {
		t.Fatal(err)
	}
	lossy.put = func(name string, put func() error) error {
		if err := put(); err != nil || !isMetadata(name) {
			return err
		}
		return fmt.Errorf("%w: connection reset", ErrOutcomeUnknown)
	}
	if sn := ingestRows(t, s, testDay, 3, "/a"); sn.Rows() != 3 || sn.Version() != 2 {
		t.Errorf("%d rows, version %d", sn.Rows(), sn.Version())
	}
	mustBeWhole(t, l)
}

func TestCancelledCommit(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	b, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	addRows(t, b, testDay, 3, "/a")
	cancel()
	if _, err := b.Commit(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v", err)
	}
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
}
