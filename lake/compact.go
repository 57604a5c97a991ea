package lake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// CompactOptions says what a compaction does. The zero value merges, day by day, all
// files that are smaller than they should be.
type CompactOptions struct {
	// Sparing merges only what is needed to keep a day at few files while every commit
	// adds some. It is for compactions that run after every ingest: whatever the number
	// of commits, each event is rewritten a few times only.
	Sparing bool
	// DryRun changes nothing and returns what would be done.
	DryRun bool
	// Memory bounds the bytes of rows that are held at a time; zero means 128 MiB.
	Memory int64
	// Progress, if not nil, is called after each file that was read, with the bytes read
	// and those there are.
	Progress func(done, total int64)
}

// CompactResult is what a compaction did.
type CompactResult struct {
	Store string `json:"store"`
	// Days are the days of which files were replaced, in order.
	Days []CompactedDay `json:"days"`
	// FilesBefore and BytesBefore are what was replaced, FilesAfter and BytesAfter what
	// by. After a dry run the latter are the number that there would be, and zero.
	FilesBefore int64 `json:"filesBefore"`
	BytesBefore int64 `json:"bytesBefore"`
	FilesAfter  int64 `json:"filesAfter"`
	BytesAfter  int64 `json:"bytesAfter"`
	// Events is how many events were rewritten.
	Events int64 `json:"events"`
	// Commits is how many commits were made.
	Commits int64 `json:"commits"`
	// Lost is how many groups of files were merged in vain, because another writer had
	// replaced or removed one of the files meanwhile.
	Lost int64 `json:"lost"`
	// Elapsed is how long it took, in nanoseconds.
	Elapsed time.Duration `json:"elapsed"`
}

// CompactedDay is what a compaction did to one day.
type CompactedDay struct {
	Day         string `json:"day"`
	FilesBefore int64  `json:"filesBefore"`
	FilesAfter  int64  `json:"filesAfter"`
	Events      int64  `json:"events"`
	Bytes       int64  `json:"bytes"` // before
}

const (
	// defaultCompactMemory is a row group of large events.
	defaultCompactMemory = 128 << 20
	// unitBytes and unitGroups bound what one commit of a compaction replaces: as much
	// work is lost when it is interrupted.
	unitBytes  = 1 << 30
	unitGroups = 64
)

// Compact merges small files. Every file that it makes is read back, to the last byte and
// the last event, before it becomes visible; the rows are those of the files that it
// replaces, column for column. Commits of other writers may go on meanwhile: files that
// another compaction or an expiry removes first are left to it. What was committed stays
// when the error is not nil.
func (s *Store) Compact(ctx context.Context, o CompactOptions) (*CompactResult, error) {
	start := time.Now()
	if o.Memory <= 0 {
		o.Memory = defaultCompactMemory
	}
	r := &CompactResult{Store: s.Name()}
	err := s.compact(ctx, o, r)
	r.Elapsed = time.Since(start)
	if err != nil {
		return r, fmt.Errorf("compact store %s: %w", s.Name(), err)
	}
	return r, nil
}

func (s *Store) compact(ctx context.Context, o CompactOptions, r *CompactResult) error {
	on, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if err := s.active(on); err != nil {
		return err
	}
	live, err := s.snapshotOf(on).all(ctx)
	if err != nil {
		return err
	}
	groups := planCompaction(live, !o.Sparing)
	if o.DryRun {
		for _, g := range groups {
			r.add(g, 0)
		}
		return nil
	}
	if len(groups) == 0 {
		return s.settle(ctx) // another process may have done it, and died
	}
	c := &compaction{store: s, o: o, result: r}
	var inputs []string
	for _, g := range groups {
		c.total += g.bytes
		for _, f := range g.files {
			name, err := nameOf(s.st.Root(), f.URI)
			if err != nil {
				return err
			}
			inputs = append(inputs, name)
		}
	}
	if c.records, err = s.findRecords(ctx, on, inputs); err != nil {
		return err
	}
	for len(groups) > 0 {
		n, bytes := 0, int64(0)
		for n < len(groups) && n < unitGroups && (n == 0 || bytes+groups[n].bytes <= unitBytes) {
			bytes += groups[n].bytes
			n++
		}
		if err := c.unit(ctx, groups[:n]); err != nil {
			return err
		}
		groups = groups[n:]
	}
	return nil
}

// add counts a group that was, or would be, merged into a file of so many bytes.
func (r *CompactResult) add(g *mergeGroup, bytes int64) {
	if n := len(r.Days); n == 0 || r.Days[n-1].Day != g.day.String() {
		r.Days = append(r.Days, CompactedDay{Day: g.day.String()})
	}
	d := &r.Days[len(r.Days)-1]
	d.FilesBefore += int64(len(g.files))
	d.FilesAfter++
	d.Events += g.rows
	d.Bytes += g.bytes
	r.FilesBefore += int64(len(g.files))
	r.BytesBefore += g.bytes
	r.FilesAfter++
	r.BytesAfter += bytes
	r.Events += g.rows
}

// compaction is one run of Compact.
type compaction struct {
	store   *Store
	o       CompactOptions
	result  *CompactResult
	records map[string]FileRecord // of the inputs, by name in the store
	done    int64
	total   int64
}

// merged is a group and the file that was made of it.
type merged struct {
	group   *mergeGroup
	inputs  []FileRecord
	file    *batchFile
	dropped bool // an input is not live any more
}

// unit merges groups and commits them together.
func (c *compaction) unit(ctx context.Context, groups []*mergeGroup) (err error) {
	s, id, began := c.store, uuid.New(), c.store.lake.now()
	var done []*merged
	defer func() {
		if errors.Is(err, ErrCommitUnknown) {
			return
		}
		for _, m := range done {
			if err == nil && !m.dropped {
				continue
			}
			if rmErr := s.st.Remove(context.WithoutCancel(ctx), m.file.name); rmErr != nil {
				s.lake.log.Warn("merged file left behind", "store", s.Name(), "file", m.file.name, "err", rmErr)
			}
		}
	}()
	for _, g := range groups {
		m, err := c.merge(ctx, id, g)
		if err != nil {
			return err
		}
		done = append(done, m)
	}
	_, err = s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		p, err := c.propose(ctx, id, on, done)
		if p != nil {
			p.began = began
		}
		return p, err
	})
	if err != nil {
		return err
	}
	committed := false
	for _, m := range done {
		if m.dropped {
			c.result.Lost++
			continue
		}
		committed = true
		c.result.add(m.group, m.file.Bytes)
	}
	if committed {
		c.result.Commits++
	}
	return nil
}

// propose replaces the inputs that are all live on the base.
func (c *compaction) propose(ctx context.Context, id uuid.UUID, on *base, done []*merged) (*proposal, error) {
	files, err := c.store.snapshotOf(on).all(ctx)
	if err != nil {
		return nil, err
	}
	live := make(map[string]bool, len(files))
	for _, f := range files {
		live[f.URI] = true
	}
	p := &proposal{operation: OpCompact, batch: id}
	for _, m := range done {
		for _, f := range m.group.files {
			// What is gone does not come back, so a group that is dropped stays so.
			m.dropped = m.dropped || !live[f.URI]
		}
		if !m.dropped {
			p.added = append(p.added, m.file)
			p.removed = append(p.removed, m.inputs...)
		}
	}
	if len(p.added) == 0 {
		return nil, nil
	}
	return p, nil
}
