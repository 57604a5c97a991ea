package lake

import (
	"bytes"
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
			keep[i], err = s.mayHold(files[i].URI, hashed, func(into *sifting) error {
				return readFilters(LocalFile{Path: path, Bytes: files[i].Bytes}, into)
			})
			return err
		})
	}, func(ctx context.Context, i int, f *fetching) (err error) {
		keep[i], err = s.mayHold(files[i].URI, hashed, func(into *sifting) error { return f.filters(ctx, into) })
		return err
	})
	if err := errors.Join(err, g.Wait(), ctx.Err()); err != nil {
		return nil, fmt.Errorf("look into the Bloom filters of store %s: %w", s.Name(), err)
	}
	return keep, nil
}

// sifting is what the Bloom filters of a file say of what is wanted.
type sifting struct {
	wanted pages.Hashed
	// found are the columns that have filters, and whether one of them says that what is wanted may
	// be there.
	found map[string]bool
	// names are the filters of the names of events.
	names pages.Filters
}

func (s *sifting) reads(path string) bool { return s.wanted[path] != nil }

func (s *sifting) look(path string, f pages.Filter) {
	s.found[path] = s.found[path] || f.MayHold(s.wanted[path])
	if path == schema.ColEventName {
		s.names = append(s.names, bytes.Clone(f))
	}
}

// mayHold reports whether a file may hold what is wanted; read reads its filters. Those of the
// names of events are small, and most queries ask for such names: they are read once and kept
// for as long as the store is open. Where they suffice, others are not read.
func (s *Store) mayHold(uri string, wanted pages.Hashed, read func(*sifting) error) (bool, error) {
	asked := wanted[schema.ColEventName]
	if asked != nil {
		s.mu.Lock()
		names, known := s.names[uri]
		s.mu.Unlock()
		if may := names.MayHold(asked); known && (len(wanted) == 1 || !may) {
			return may, nil
		}
	}
	f := &sifting{wanted: wanted, found: map[string]bool{}}
	if err := read(f); err != nil {
		return false, err
	}
	if asked != nil {
		s.mu.Lock()
		s.names[uri] = f.names
		s.mu.Unlock()
	}
	for _, may := range f.found {
		if !may {
			return false, nil
		}
	}
	return true, nil
}

func readFilters(f LocalFile, into *sifting) (err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkSize(in, f); err != nil {
		return err
	}
	return damage(f.Path, pages.ReadFilters(in, f.Bytes, into.reads, into.look))
}

// filters fetches the filters of a file, and nothing of its columns. Those that would take
// some of the columns are not there.
func (f *fetching) filters(ctx context.Context, into *sifting) error {
	if f.size <= smallFile {
		path, release, err := f.whole(ctx)
		if err != nil {
			return err
		}
		defer release()
		return readFilters(LocalFile{Path: path, Bytes: f.size}, into)
	}
	// Only the filters of ids are so large that they are rather fetched with the footer.
	tail := pages.FooterTail(f.size)
	if into.reads(schema.ColEventID) || into.reads("requestid") {
		tail = pages.FilterTail(f.size)
	}
	f.expect(tail)
	_, release, err := f.parts(ctx, tail, func(Parts) bool { return false }, func(p Parts) error {
		clear(into.found) // what a damaged copy said
		into.names = nil
		list, ok, err := pages.FilterStretches(p, f.size, into.reads)
		if err != nil || !ok && p.Held().Bytes() < f.size {
			return err
		}
		if err := p.Bring(list); err != nil {
			return err
		}
		return pages.ReadFilters(p, f.size, into.reads, into.look)
	})
	if err == nil {
		release()
	}
	return err
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
