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
// needle. Of files that lie elsewhere nothing is fetched but their ends. Errors about damage
// wrap ErrCorrupt.
func (s *Store) Sift(ctx context.Context, files []DataFile, wanted map[string][]string) ([]bool, error) {
	hashed := pages.Hash(wanted)
	keep := make([]bool, len(files))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	err := s.eachRemote(ctx, files, func(i int, path string) {
		if gctx.Err() != nil {
			return
		}
		g.Go(func() (err error) {
			keep[i], err = s.mayHold(files[i].URI, hashed, func() (map[string]pages.Filters, error) {
				return readFilters(LocalFile{Path: path, Bytes: files[i].Bytes}, hashed)
			})
			return err
		})
	}, func(ctx context.Context, i int, f *fetching) (err error) {
		keep[i], err = s.mayHold(files[i].URI, hashed, func() (map[string]pages.Filters, error) { return f.filters(ctx, hashed) })
		return err
	})
	if err := errors.Join(err, g.Wait(), ctx.Err()); err != nil {
		return nil, fmt.Errorf("look into the Bloom filters of store %s: %w", s.Name(), err)
	}
	return keep, nil
}

func (s *Store) mayHold(uri string, wanted pages.Hashed, read func() (map[string]pages.Filters, error)) (bool, error) {
	filters, err := s.filters(uri, wanted, read)
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
func (s *Store) filters(uri string, wanted pages.Hashed, read func() (map[string]pages.Filters, error)) (map[string]pages.Filters, error) {
	const name = schema.ColEventName
	asked := wanted[name] != nil
	s.mu.Lock()
	names, known := s.names[uri]
	s.mu.Unlock()
	if asked && known && (len(wanted) == 1 || !names.MayHold(wanted[name])) {
		return map[string]pages.Filters{name: names}, nil
	}
	all, err := read()
	if err == nil && asked {
		s.mu.Lock()
		s.names[uri] = all[name]
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

// filters fetches the filters of a file, and nothing of its columns. Those that would take
// some of the columns are not there.
func (f *fetching) filters(ctx context.Context, wanted pages.Hashed) (all map[string]pages.Filters, err error) {
	if f.size <= smallFile {
		path, release, err := f.whole(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		return readFilters(LocalFile{Path: path, Bytes: f.size}, wanted)
	}
	// Only the filters of ids are so large that they are rather fetched with the footer.
	tail := pages.FooterTail(f.size)
	if wanted[schema.ColEventID] != nil || wanted["requestid"] != nil {
		tail = pages.FilterTail(f.size)
	}
	f.expect(tail)
	chosen := func(path string) bool { return wanted[path] != nil }
	_, release, err := f.parts(ctx, tail, func(Parts) bool { return false }, func(p Parts) error {
		list, ok, err := pages.FilterStretches(p, f.size, chosen)
		if err != nil || !ok && p.Held().Bytes() < f.size {
			return err
		}
		if err := p.Bring(list); err != nil {
			return err
		}
		all, err = pages.ReadFilters(p, f.size, chosen)
		return err
	})
	if err == nil {
		release()
	}
	return all, err
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
