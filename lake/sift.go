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
			keep[i], err = mayHold(f, hashed)
			return err
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return nil, fmt.Errorf("look into the Bloom filters of store %s: %w", s.Name(), err)
	}
	return keep, nil
}

func mayHold(f LocalFile, wanted pages.Hashed) (_ bool, err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkSize(in, f); err != nil {
		return false, err
	}
	keep, err := pages.MayHold(in, f.Bytes, wanted)
	return keep, damage(f.Path, err)
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
