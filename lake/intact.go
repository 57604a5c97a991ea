package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"

	"traillake/lake/pages"
	"traillake/schema"
)

// LocalFile is a data file as a reader is to open it on this machine.
type LocalFile struct {
	// Path is where it lies, Bytes the size that the store says it has.
	Path  string
	Bytes int64
	// URI names the file in the store, for one that may be a copy.
	URI string
}

// CheckRead makes sure that readers of some columns notice any damage of data files, or
// are told of it here: what no checksum of the format covers is compared with its hash.
// Copies that are damaged are forgotten. What was checked once is taken for good for as long as the store is open. Errors about
// damage wrap ErrCorrupt.
func (s *Store) CheckRead(ctx context.Context, files []LocalFile, reads func(column string) bool) error {
	var want uint64 // a bit for each stored column; TestColumnsHaveBits says that there are enough
	for i, c := range schema.Stored() {
		if reads(c.Name) {
			want |= 1 << i
		}
	}
	var todo []LocalFile
	s.mu.Lock()
	for _, f := range files {
		if done, ok := s.intact[f.Path]; !ok || want&^done != 0 {
			todo = append(todo, f)
		}
	}
	s.mu.Unlock()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range todo {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error {
			err := checkLocal(f, reads)
			if errors.Is(err, ErrCorrupt) && f.URI != "" {
				s.Forget([]DataFile{{URI: f.URI}})
			}
			return err
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return fmt.Errorf("check data files of store %s: %w", s.Name(), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range todo {
		s.intact[f.Path] |= want
	}
	return nil
}

func checkLocal(f LocalFile, reads func(column string) bool) (err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkSize(in, f); err != nil {
		return err
	}
	return damage(f.Path, pages.Check(in, f.Bytes, reads))
}

// damage says of what pages.Check found that the lake is corrupt.
func damage(name string, err error) error {
	if errors.Is(err, pages.ErrDamaged) {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, name, err)
	}
	return err
}
