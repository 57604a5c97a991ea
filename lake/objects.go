package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
)

// Objects lists every object that was ingested until the snapshot, those of the last
// commit first, with the verdicts that they got until then. Only the entries of one commit
// are in memory at a time, and about 300 bytes for each verdict that came after its object.
func (sn *Snapshot) Objects(ctx context.Context) iter.Seq2[ObjectEntry, error] {
	return func(yield func(ObjectEntry, error) bool) {
		given := verdictsGiven{}
		err := sn.ledgers(ctx, func(f *ledgerFile) error {
			given.learn(f)
			return f.entries(given, func(o ObjectEntry) error {
				if !yield(o, nil) {
					return fs.SkipAll
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, fs.SkipAll) {
			yield(ObjectEntry{}, err)
		}
	}
}

// ledgers calls each with the ledger files up to the snapshot, the newest first. It returns the
// first error of each as it is.
func (sn *Snapshot) ledgers(ctx context.Context, each func(*ledgerFile) error) error {
	s := sn.store
	for h := sn.base.ingestHead; h != (head{}); {
		f, err := readLedgerFile(ctx, s.st, h)
		if err == nil {
			h, err = parseHead(f.Prev)
		}
		if err != nil {
			return fmt.Errorf("list objects of store %s: %w", s.Name(), err)
		}
		if f.Seq > sn.Seq() {
			continue // committed after a snapshot of the past
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// entries calls object with the entries, each with the verdict that it got later.
func (l *ledgerFile) entries(given verdictsGiven, object func(ObjectEntry) error) error {
	for _, o := range l.Objects {
		o.Seq = l.Seq
		if err := object(given.complete(o)); err != nil {
			return err
		}
	}
	return nil
}
