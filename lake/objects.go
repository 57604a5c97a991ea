package lake

import (
	"context"
	"fmt"
	"iter"
)

// Objects lists every object that was ingested, as the newest commit knows them: those of
// the last commit first. Only the entries of one commit are in memory at a time.
func (s *Store) Objects(ctx context.Context) iter.Seq2[ObjectEntry, error] {
	return func(yield func(ObjectEntry, error) bool) {
		b, err := s.newest(ctx)
		if err != nil {
			yield(ObjectEntry{}, fmt.Errorf("list objects of store %s: %w", s.Name(), err))
			return
		}
		for h := b.ingestHead; h != (head{}); {
			f, err := readLedgerFile(ctx, s.st, h)
			if err == nil {
				h, err = parseHead(f.Prev)
			}
			if err != nil {
				yield(ObjectEntry{}, fmt.Errorf("list objects of store %s: %w", s.Name(), err))
				return
			}
			for _, o := range f.Objects {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}
