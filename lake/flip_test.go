package lake

import (
	"context"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/internal/vfs"
)

// flipLake makes a lake with every kind of file, on a file system in memory.
func flipLake(t *testing.T) *vfs.Memory {
	t.Helper()
	m := vfs.NewMemory()
	for _, s := range []step{
		createStep(DefaultStore), ingestStep(DefaultStore, "/one", 2), ingestStep(DefaultStore, "/two", 1),
		{name: "compact", do: func(ctx context.Context, l *Lake) error {
			s, err := l.Store(ctx, DefaultStore)
			if err != nil {
				return err
			}
			_, err = s.Compact(ctx, CompactOptions{})
			return err
		}},
	} {
		if _, err := s.run(t.Context(), m); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	return m
}

// TestFlip is F13: it flips one bit in every kilobyte of every file of a lake, one at a
// time. A deep check finds each and names the file. The exception is the hint, which is
// no part of the lake: it may say anything.
func TestFlip(t *testing.T) {
	sound := flipLake(t)
	l, err := memoryLake(t.Context(), sound, false)
	if err != nil {
		t.Fatal(err)
	}
	mustBeWhole(t, l)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const every = 1 << 10
	for fi, err := range l.st.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if path.Base(fi.Name) == hintFile {
			continue
		}
		var offsets []int
		for at := 0; at < int(fi.Size); at += every {
			offsets = append(offsets, at+random.IntN(min(every, int(fi.Size)-at)))
		}
		if testing.Short() {
			offsets = []int{offsets[random.IntN(len(offsets))]}
		}
		bit := uint(random.IntN(8))
		t.Run(strings.TrimPrefix(fi.Name, storesDir+"/"), func(t *testing.T) {
			t.Parallel()
			for _, at := range offsets {
				m := sound.Clone()
				if err := m.Flip(memoryRoot+"/"+fi.Name, at, bit); err != nil {
					t.Fatal(err)
				}
				if found := filesFound(t, m); !slices.Contains(found, fi.Name) {
					t.Errorf("bit %d of byte %d: it is not named; named are %v", bit, at, found)
				}
			}
		})
	}
}

// filesFound returns the files that a deep check of a lake names, as the command does.
func filesFound(t *testing.T, m *vfs.Memory) (names []string) {
	t.Helper()
	l, err := memoryLake(t.Context(), m, false)
	if err != nil {
		return []string{lakeFile} // what the error is about
	}
	report, err := Check(t.Context(), l, CheckOptions{Deep: true})
	if err != nil {
		t.Error(err)
		return nil
	}
	for _, p := range report.Problems {
		names = append(names, p.Path)
	}
	return names
}
