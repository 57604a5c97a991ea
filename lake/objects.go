package lake

import (
	"context"
	"fmt"
	"iter"
)

// Objects lists every object that was ingested until the snapshot, those of the last
// commit first, with the verdicts that they got until then. Only the entries of one commit
// are in memory at a time, and about 300 bytes for each verdict that came after its object.
func (sn *Snapshot) Objects(ctx context.Context) iter.Seq2[ObjectEntry, error] {
	s := sn.store
	return func(yield func(ObjectEntry, error) bool) {
		given := verdictsGiven{}
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
			given.learn(f)
			for _, o := range f.Objects {
				o.Seq = f.Seq
				if !yield(given.complete(o), nil) {
					return
				}
			}
		}
	}
}
