package lake

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Commit makes the batch part of the store, all of it or nothing, and returns the new
// snapshot. Batches of one process that are ready at the same time share a commit. When
// other writers were first it rebases and tries again. On an error that
// wraps ErrCommitUnknown nothing must be acknowledged or removed; on any other error
// nothing was committed, and the batch may be committed again or aborted.
func (b *Batch) Commit(ctx context.Context) (*Snapshot, error) {
	sn, err := b.commit(ctx)
	if err != nil {
		return nil, fmt.Errorf("commit batch %s to store %s: %w", b.id, b.store.Name(), err)
	}
	return sn, nil
}

func (b *Batch) commit(ctx context.Context) (*Snapshot, error) {
	if err := b.seal(); err != nil {
		return nil, err
	}
	next, err := b.store.committer.commit(ctx, b)
	if err != nil {
		return nil, err
	}
	return b.store.snapshotOf(next), nil
}

func (b *Batch) end(state batchState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = state
}

// proposal is that of the batch alone.
func (b *Batch) proposal(on *base) *proposal {
	return &proposal{operation: OpIngest, batch: b.id, began: b.began, added: slices.Clone(b.files), ledger: &ledgerFile{
		V: ledgerVersion, Batch: b.id.String(), Seq: b.seq, Prev: on.ingestHead.String(),
		Files: fileRecords(b.files), Quarantine: b.quarred, Objects: slices.Clone(b.objects),
	}}
}

// seal checks that the batch is complete and makes its quarantine durable.
func (b *Batch) seal() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != batchOpen {
		return ErrBatchDone
	}
	if n := len(b.open); n > 0 {
		return fmt.Errorf("%w: %d data files are still open", ErrInvalid, n)
	}
	var in, out int64
	var written, read Multiset
	for _, f := range b.files {
		in += f.Rows
		written.Add(f.multiset)
	}
	for _, o := range b.objects {
		if err := o.balanced(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		out += o.RowsOut
		read.Add(o.Multiset)
	}
	if in != out {
		return fmt.Errorf("%w: its files hold %d rows, its objects gave %d", ErrInvalid, in, out)
	}
	if written != read {
		return fmt.Errorf("%w: its files hold other events than its objects gave: multiset %s, not %s", ErrInvalid, written, read)
	}
	if b.quar != nil && b.quarred == nil {
		q, err := b.quar.close()
		if err != nil {
			return fmt.Errorf("write %s: %w", b.quar.name, err)
		}
		b.quarred = q
	}
	slices.SortFunc(b.files, func(x, y *batchFile) int { return strings.Compare(x.name, y.name) })
	return nil
}
