package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// committer makes the commits of a store's batches, of one process, one after the other.
// Batches that become ready while a commit is being made go into the next one together, so
// that ingests at the same time do not keep taking each other's version away.
type committer struct {
	mu      sync.Mutex
	waiting []*ticket
	busy    bool          // somebody commits
	changed chan struct{} // closed when busy becomes false; nil while nobody waits for it
}

// ticket is a batch that is to be committed, and what became of it.
type ticket struct {
	batch *Batch
	ctx   context.Context
	taken bool // by whoever commits; then it will be told
	done  bool
	next  *base // the version that has the batch, if err is nil
	err   error
}

// commit commits the batch with those of others. Whoever finds nobody committing does it
// for all that wait. A batch that is part of a commit already is not given up when its
// context ends.
func (c *committer) commit(ctx context.Context, b *Batch) (*base, error) {
	t := &ticket{batch: b, ctx: ctx}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, t)
	for !t.done {
		if !c.busy {
			group := c.take()
			c.busy = true
			c.mu.Unlock()
			b.store.commitGroup(group)
			c.mu.Lock()
			for _, g := range group {
				g.done = true
			}
			c.busy = false
			if c.changed != nil {
				close(c.changed)
				c.changed = nil
			}
			continue
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed, ended := c.changed, ctx.Done()
		if t.taken {
			ended = nil
		}
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ended:
		}
		c.mu.Lock()
		if ctx.Err() != nil && !t.taken {
			c.waiting = slices.DeleteFunc(c.waiting, func(w *ticket) bool { return w == t })
			return nil, ctx.Err()
		}
	}
	return t.next, t.err
}

// take removes the first of those that wait, as many as one ledger is to hold. It has room
// for one quarantine file.
func (c *committer) take() []*ticket {
	n, objects, quarantines := 0, 0, 0
	for _, t := range c.waiting {
		objects += len(t.batch.objects)
		if t.batch.quarred != nil {
			quarantines++
		}
		if n > 0 && (objects > maxObjects || quarantines > 1) {
			break
		}
		t.taken = true
		n++
	}
	group := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	return group
}

// commitGroup commits batches together, and tells each what became of it.
func (s *Store) commitGroup(group []*ticket) {
	ctx, release := contextOf(group)
	defer release()
	next, err := s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
		return s.proposeGroup(ctx, on, group)
	})
	for _, t := range group {
		switch {
		case t.err != nil:
		case err != nil:
			t.err = err
			if errors.Is(err, ErrCommitUnknown) {
				t.batch.end(batchUnknown)
			}
		default:
			t.next = next
			t.batch.end(batchCommitted)
		}
	}
}

// contextOf returns a context that ends when those of all have.
func contextOf(group []*ticket) (context.Context, func()) {
	if len(group) == 1 {
		return group[0].ctx, func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(group[0].ctx))
	var left atomic.Int32
	left.Store(int32(len(group)))
	stops := make([]func() bool, len(group))
	for i, t := range group {
		stops[i] = context.AfterFunc(t.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// proposeGroup checks that batches are new to a base and gives their rows the number
// after. A batch that is not, or that cannot be written again, is left out for good: its
// ticket says why.
func (s *Store) proposeGroup(ctx context.Context, on *base, group []*ticket) (*proposal, error) {
	if err := s.active(on); err != nil {
		return nil, err
	}
	ledger, err := s.ledgerAt(ctx, on)
	if err != nil {
		return nil, err
	}
	var p *proposal
	taken := make(map[[16]byte]struct{})
	for _, t := range group {
		b := t.batch
		if t.err == nil {
			t.err = ledger.checkNew(b.objects, taken)
		}
		if t.err == nil {
			ledger.markFound(b.objects)
			t.err = b.renumber(ctx, on.seq+1)
		}
		if t.err != nil {
			continue
		}
		if p == nil {
			p = b.proposal(on)
		} else {
			p.join(b)
		}
		for _, o := range b.objects {
			for _, k := range o.keys() {
				taken[k] = struct{}{}
			}
		}
	}
	return p, nil
}

// join adds another batch. The commit keeps the id of the first.
func (p *proposal) join(b *Batch) {
	p.added = append(p.added, b.files...)
	slices.SortFunc(p.added, func(x, y *batchFile) int { return strings.Compare(x.name, y.name) })
	if b.began.Before(p.began) {
		p.began = b.began
	}
	l := p.ledger
	l.Files = fileRecords(p.added)
	l.Objects = append(l.Objects, b.objects...)
	if l.Quarantine == nil {
		l.Quarantine = b.quarred
	} else if b.quarred != nil {
		panic(fmt.Sprintf("BUG: batch %s is to share the quarantine file of another", b.id))
	}
}
