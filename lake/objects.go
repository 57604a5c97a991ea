package lake

import (
	"context"
	"fmt"
	"iter"
)

// Objects lists every object that was ingested until the snapshot, those of the last
// commit first. Only the entries of one commit are in memory at a time.
func (sn *Snapshot) Objects(ctx context.Context) iter.Seq2[ObjectEntry, error] {
	s := sn.store
	return func(yield func(ObjectEntry, error) bool) {
		for h := sn.base.ingestHead; h != (head{}); {
			f, err := readLedgerFile(ctx, s.st, h)
			if err == nil {
				h, err = parseHead(f.Prev)
			}
			if err != nil {
				yield(ObjectEntry{}, fmt.Errorf("list objects of store %s: %w", s.Name(), err))
				return
			}
			if f.Seq > sn.Seq() {
				continue // committed after a snapshot of the past
			}
			for _, o := range f.Objects {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}
