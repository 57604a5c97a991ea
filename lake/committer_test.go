package lake

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"traillake/internal/vfs"
)

// gatedStore returns a store in memory of which the first commit of a batch waits for the
// gate to be opened.
func gatedStore(t *testing.T) (s *Store, open func()) {
	t.Helper()
	st, err := newLocalStorageOn(vfs.NewMemory(), memoryRoot)
	if err != nil {
		t.Fatal(err)
	}
	hooked := &hookedStorage{Storage: st}
	l, err := OpenOrCreate(t.Context(), memoryRoot, Options{Storage: hooked})
	if err != nil {
		t.Fatal(err)
	}
	s, err = l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	hooked.put = func(name string, put func() error) error {
		if isMetadata(name) {
			<-gate
		}
		return put()
	}
	t.Cleanup(func() { mustBeWhole(t, l) })
	return s, func() { close(gate) }
}

// awaitCommits waits until a batch is being committed and so many others wait.
func awaitCommits(s *Store, others int) {
	for busy, waiting := false, 0; !busy || waiting < others; runtime.Gosched() {
		s.committer.mu.Lock()
		busy, waiting = s.committer.busy, len(s.committer.waiting)
		s.committer.mu.Unlock()
	}
}

// TestCommitsTogether lets many ingests of one process run at once, half of them with an
// object that another has, too. What waits while a commit is made goes into the next.
func TestCommitsTogether(t *testing.T) {
	const ingests = 8
	s, open := gatedStore(t)
	results := make([]*IngestResult, ingests)
	var all sync.WaitGroup
	for i := range ingests {
		all.Go(func() {
			src := make(textSource)
			for _, key := range []string{fmt.Sprint("/", i), fmt.Sprint("/shared/", i/2)} {
				// One event on each of two days; nothing for the quarantine, of which a
				// commit has room for one.
				src[key] = `{"Records":[` + event(key, 0) + "," + event(key, 1) + `]}`
			}
			var err error
			if results[i], err = s.Ingest(t.Context(), src, IngestOptions{Workers: 1}); err != nil {
				t.Error(err)
			}
		})
	}
	awaitCommits(s, ingests-1)
	open()
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
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if taken != ingests*3/2 || known != ingests/2 || stored != 2*taken || sn.Rows() != stored {
		t.Errorf("%d objects were taken, %d known, %d records stored; the store holds %d", taken, known, stored, sn.Rows())
	}
	// The first alone, all that waited, and those again of which the other had the object: on
	// a busy machine one after the other.
	if sn.Seq() > 2+ingests/2 {
		t.Errorf("%d ingests made %d commits", ingests, sn.Seq())
	}
	t.Logf("%d ingests made %d commits", ingests, sn.Seq())
}

func event(key string, day int) string {
	return fmt.Sprintf(`{"eventTime":"%s","eventID":"%s-%d"}`, (testDay + Day(day)).Time().Format("2006-01-02T15:04:05Z"), key, day)
}

// TestCommitsTogetherOneFails leaves a batch out that is not new, and one whose context
// ends, without harm to the others. Of batches with a quarantine each has its own commit.
func TestCommitsTogetherOneFails(t *testing.T) {
	s, open := gatedStore(t)
	batch := func(keys ...string) *Batch {
		b := begin(t, s)
		for _, key := range keys {
			addRows(t, b, testDay, 3, key)
		}
		return b
	}
	bad := func(b *Batch, key string) *Batch {
		o := object(key, 0)
		o.RowsIn, o.Quarantined, o.Status = 1, 1, StatusQuarantined
		b.AddObject(o)
		if err := b.Quarantine(Quarantined{Key: key, Reason: "a test", Raw: []byte("x"), Length: 1}); err != nil {
			t.Fatal(err)
		}
		return b
	}
	ended, end := context.WithCancel(t.Context())
	commits := []struct {
		ctx   context.Context
		batch *Batch
		want  error
	}{
		{t.Context(), batch("/first"), nil},
		{t.Context(), bad(batch("/good"), "/bad"), nil},
		{t.Context(), batch("/first", "/second"), ErrAlreadyIngested},
		{t.Context(), bad(batch("/third"), "/worse"), nil},
		{ended, batch("/ended"), context.Canceled},
	}
	errs := make([]error, len(commits))
	var all, last sync.WaitGroup
	for i, c := range commits {
		group := &all
		if c.ctx == ended {
			group = &last
		}
		group.Go(func() { _, errs[i] = c.batch.Commit(c.ctx) })
		awaitCommits(s, i) // so they come in this order
	}
	end()
	last.Wait()
	open()
	all.Wait()
	for i, c := range commits {
		if !errors.Is(errs[i], c.want) {
			t.Errorf("commit %d: error %v, want %v", i, errs[i], c.want)
		}
		if err := c.batch.Abort(); err != nil {
			t.Error(err)
		}
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sn.Rows() != 9 || sn.Quarantined() != 2 || sn.Seq() != 3 {
		t.Errorf("the store holds %d rows and %d in quarantine after %d commits, want 9, 2 and 3", sn.Rows(), sn.Quarantined(), sn.Seq())
	}
}
