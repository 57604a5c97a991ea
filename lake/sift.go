package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"traillake/lake/pages"
	"traillake/schema"
)

// NeedleColumns are the columns of text that have Bloom filters; members of columns are
// column.member.
func NeedleColumns() []string { return slices.Clone(needleColumns) }

// Sift reports of each file whether it may hold an event that has, in each of the columns
// of wanted, one of its texts. Columns are of NeedleColumns; of others it knows nothing. A
// reader opens a file in ten times the time that this takes, and most files do not hold a
// needle. Errors about damage wrap ErrCorrupt.
func (s *Store) Sift(ctx context.Context, files []LocalFile, wanted map[string][]string) ([]bool, error) {
	hashed := pages.Hash(wanted)
	keep := make([]bool, len(files))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() (err error) {
			keep[i], err = s.mayHold(f, hashed)
			return err
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return nil, fmt.Errorf("look into the Bloom filters of store %s: %w", s.Name(), err)
	}
	return keep, nil
}

func (s *Store) mayHold(f LocalFile, wanted pages.Hashed) (bool, error) {
	filters, err := s.filters(f, wanted)
	if err != nil {
		return false, err
	}
	for column, hashes := range wanted {
		if !filters[column].MayHold(hashes) {
			return false, nil
		}
	}
	return true, nil
}

// filters returns the Bloom filters that tell whether a file may hold what is wanted. Those
// of the names of events are small, and most queries ask for such names: they are read once
// and kept for as long as the store is open. Where they suffice, others are not read.
func (s *Store) filters(f LocalFile, wanted pages.Hashed) (map[string]pages.Filters, error) {
	const name = schema.ColEventName
	asked := wanted[name] != nil
	s.mu.Lock()
	names, known := s.names[f.Path]
	s.mu.Unlock()
	if asked && known && (len(wanted) == 1 || !names.MayHold(wanted[name])) {
		return map[string]pages.Filters{name: names}, nil
	}
	all, err := readFilters(f, wanted)
	if err == nil && asked {
		s.mu.Lock()
		s.names[f.Path] = all[name]
		s.mu.Unlock()
	}
	return all, err
}

func readFilters(f LocalFile, wanted pages.Hashed) (_ map[string]pages.Filters, err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkSize(in, f); err != nil {
		return nil, err
	}
	all, err := pages.ReadFilters(in, f.Bytes, func(path string) bool { return wanted[path] != nil })
	return all, damage(f.Path, err)
}

// checkSize compares the size of an open file with what the store says.
func checkSize(in *os.File, f LocalFile) error {
	fi, err := in.Stat()
	if err != nil {
		return err
	}
	if fi.Size() != f.Bytes {
		return fmt.Errorf("%w: %s has %d bytes, the store says %d", ErrCorrupt, f.Path, fi.Size(), f.Bytes)
	}
	return nil
}
