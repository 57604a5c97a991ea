package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"

	"traillake/internal/vfs"
)

// writer returns the default store as a process of its own sees it.
func writer(t *testing.T, m *vfs.Memory) *Store {
	t.Helper()
	l, err := memoryLake(t.Context(), m, true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Store(t.Context(), DefaultStore)
	if errors.Is(err, ErrStoreNotFound) {
		s, err = l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWritersOfOneStore is F27: three processes ingest the same objects at the same time,
// each with some of its own, and a fourth compacts. Every object is taken in once, by one
// of them, and the others count it as known.
func TestWritersOfOneStore(t *testing.T) {
	m := vfs.NewMemory()
	writer(t, m)
	const writers, common, own = 3, 12, 4
	shared := make(textSource)
	for i := range common {
		key := fmt.Sprint("/shared/", i)
		shared[key] = textEvents(key, 2)
	}
	results := make([]*IngestResult, writers)
	var ingests, all sync.WaitGroup
	for i := range writers {
		src := maps.Clone(shared)
		for j := range own {
			key := fmt.Sprint("/", i, "/", j)
			src[key] = textEvents(key, 1)
		}
		s := writer(t, m)
		ingests.Go(func() {
			var err error
			// About three objects in a commit.
			if results[i], err = s.Ingest(t.Context(), src, IngestOptions{Workers: 1, BatchBytes: 500}); err != nil {
				t.Error(err)
			}
		})
	}
	done, stop := context.WithCancel(t.Context())
	compactor := writer(t, m)
	all.Go(func() {
		for done.Err() == nil {
			if _, err := compactor.Compact(t.Context(), CompactOptions{}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	ingests.Wait()
	stop()
	all.Wait()
	if t.Failed() {
		return
	}
	var taken, known, stored int64
	for _, r := range results {
		taken += r.ObjectsIngested
		known += r.ObjectsKnown
		stored += r.Stored
	}
	if taken != common+writers*own || known != (writers-1)*common || stored != 2*common+writers*own {
		t.Errorf("%d objects taken in, %d known, %d events stored", taken, known, stored)
	}
	s := writer(t, m)
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := s.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ledger.Len() != taken || sn.Rows() != stored {
		t.Errorf("the ledger has %d objects, the store %d events; want %d, %d", ledger.Len(), sn.Rows(), taken, stored)
	}
	mustBeWhole(t, s.lake)
}

// TestZombie is F28: a writer stops in the middle of its batch, and goes on when others
// have committed and compacted. It learns that what it has was taken in meanwhile; what
// was not, it commits on what it finds then.
func TestZombie(t *testing.T) {
	m := vfs.NewMemory()
	zombie := writer(t, m)
	ingestRows(t, zombie, testDay, 3, "/before")
	stale := begin(t, zombie)
	addRows(t, stale, testDay, 4, "/taken")
	late := begin(t, zombie)
	addRows(t, late, testDay, 5, "/late")

	alive := writer(t, m)
	ingestRows(t, alive, testDay, 4, "/taken")
	ingestRows(t, alive, testDay, 6, "/more")
	if _, err := alive.Compact(t.Context(), CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := stale.Commit(t.Context()); !errors.Is(err, ErrAlreadyIngested) {
		t.Errorf("objects that were taken in meanwhile: %v", err)
	}
	if err := stale.Abort(); err != nil {
		t.Error(err)
	}
	sn := commit(t, late)
	if sn.Rows() != 3+4+6+5 {
		t.Errorf("%d events", sn.Rows())
	}
	mustBeWhole(t, alive.lake)
	mustHaveNoOrphans(t, alive.lake)
}

// TestLateObject is one half of F33: an object comes for a day that is compacted.
func TestLateObject(t *testing.T) {
	m := vfs.NewMemory()
	s := writer(t, m)
	for i := range 4 {
		ingestRows(t, s, testDay, 2, fmt.Sprint("/", i))
	}
	for range 2 {
		if _, err := s.Compact(t.Context(), CompactOptions{}); err != nil {
			t.Fatal(err)
		}
		ingestRows(t, s, testDay, 3, fmt.Sprint("/late", s.base.version))
	}
	sn, err := s.Compact(t.Context(), CompactOptions{})
	if err != nil {
		t.Fatal(sn, err)
	}
	now, err := writer(t, m).Snapshot(t.Context())
	if err != nil || now.Rows() != 4*2+2*3 || now.FileCount() != 1 {
		t.Errorf("%d events in %d files, error %v", now.Rows(), now.FileCount(), err)
	}
	mustBeWhole(t, s.lake)
}
