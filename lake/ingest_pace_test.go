package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"traillake/internal/vfs"
	"traillake/lake/source"
)

// slowSource takes time for every object that it opens.
type slowSource struct {
	textSource
	pass   func()
	opened int
	most   int    // objects that can be opened; 0 means all
	end    func() // called instead of opening another
}

func (s *slowSource) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	if s.opened++; s.most > 0 && s.opened > s.most {
		s.end()
		return nil, ctx.Err()
	}
	s.pass()
	return s.textSource.Open(ctx, o)
}

// TestIngestCommitsByTime reads ten objects, each of which takes twelve seconds: a commit
// takes no more once thirty have passed, which is with every third. Of an ingest that ends
// in the middle of the ninth, the first two commits stay.
func TestIngestCommitsByTime(t *testing.T) {
	for _, c := range []struct {
		most                   int
		commits, objects, left int64
	}{{0, 4, 10, 0}, {8, 2, 6, 4}} {
		m := vfs.NewMemory()
		l, err := memoryLake(t.Context(), m, true)
		if err != nil {
			t.Fatal(err)
		}
		now, mu := time.Now().Add(-time.Hour), sync.Mutex{}
		l.now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		src := &slowSource{textSource: make(textSource), most: c.most, end: cancel, pass: func() {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(12 * time.Second)
		}}
		for i := range 10 {
			key := fmt.Sprint("/", i)
			src.textSource[key] = textEvents(key, 1)
		}
		r, err := s.Ingest(ctx, src, IngestOptions{Workers: 1})
		cancel()
		if wantErr := c.most > 0; errors.Is(err, context.Canceled) != wantErr || err != nil && !wantErr {
			t.Errorf("ingest that is cancelled: %v", err)
		}
		if r.Commits != c.commits || r.ObjectsIngested != c.objects {
			t.Errorf("%d commits of %d objects, want %d of %d", r.Commits, r.ObjectsIngested, c.commits, c.objects)
		}
		// Another process goes on from there.
		other := writer(t, m)
		other.lake.now = l.now
		again, err := other.Ingest(t.Context(), src.textSource, IngestOptions{Workers: 1})
		if err != nil || again.ObjectsKnown != c.objects || again.ObjectsIngested != c.left {
			t.Errorf("once more: %d known, %d ingested, error %v", again.ObjectsKnown, again.ObjectsIngested, err)
		}
		mustBeWhole(t, l)
	}
}

// TestIngestDoesNotWaitForMore ends a batch although the listing has not ended.
func TestIngestDoesNotWaitForMore(t *testing.T) {
	objects := make(chan source.Object, 1)
	objects <- source.Object{Key: "/one"}
	s := writer(t, vfs.NewMemory())
	b := &ingestBatch{in: &ingest{store: s, o: IngestOptions{CommitEvery: time.Second / 4}.withDefaults()}, more: objects}
	if o, ok := b.next(0); !ok || o.Key != "/one" {
		t.Errorf("the first object is %v, %v", o, ok)
	}
	if o, ok := b.next(0); ok {
		t.Errorf("another object is %v", o)
	}
}
