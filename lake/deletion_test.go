package lake

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// farAway is a storage on another machine, where files can only be removed.
type farAway struct {
	Remote
	together int           // how many data files are removed at the same time
	here     chan struct{} // closed when so many have come

	mu      sync.Mutex
	waiting int
	removed []string
}

// Remove implements Storage. Of data files each waits until so many are to be removed.
func (s *farAway) Remove(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !(GarbageFile{Path: name}).isVersion() {
		if s.waiting++; s.waiting == s.together {
			close(s.here)
		}
		s.mu.Unlock()
		select {
		case <-s.here:
		case <-ctx.Done():
		}
		s.mu.Lock()
	}
	s.removed = append(s.removed, name)
	return ctx.Err()
}

// TestRemoveFarAway removes data files side by side, and then versions of the metadata from
// the oldest on.
func TestRemoveFarAway(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var files []GarbageFile
	for i := range fetches + 3 {
		files = append(files, GarbageFile{Path: fmt.Sprintf("data/%02d.parquet", i), Size: 1})
	}
	var versions []string
	for v := range 4 {
		versions = append(versions, metadataName(9+v))
		files = append(files, GarbageFile{Path: metadataName(9 + v), Size: 1})
	}
	st := &farAway{together: fetches, here: make(chan struct{})}
	s := &Store{lake: &Lake{st: st}, id: uuid.New(), st: st}
	var r GarbageResult
	if err := s.remove(ctx, files, &r); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Removed, s.inLake(files)) {
		t.Errorf("removed %v, want %v", r.Removed, files)
	}
	if got := st.removed; len(got) != len(files) || !slices.Equal(got[len(got)-len(versions):], versions) {
		t.Errorf("removed %v, want in the end %v", got, versions)
	}
}
