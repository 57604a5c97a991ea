package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"traillake/lake/selector"
	"traillake/schema"
)

// Batch collects what one commit takes in: data files, ledger entries and quarantined
// records. Nothing of it is visible before Commit. Its methods may be called from several
// goroutines, Commit and Abort after all others have returned.
type Batch struct {
	store *Store
	id    uuid.UUID
	began time.Time
	// ctx is that of Begin. It ends the batch's writes, which come from calls that have
	// no context of their own.
	ctx context.Context
	// selectors are the store's at the beginning; nil takes everything.
	selectors *selector.Set

	mu      sync.Mutex // guards what follows
	seq     int64
	open    map[*FileWriter]struct{}
	files   []*batchFile
	objects []ObjectEntry
	logs    map[[16]byte]struct{} // of objects
	quar    *quarantineWriter
	quarred *quarantineFile // once quar is closed
	state   batchState
}

type batchState uint8

const (
	batchOpen batchState = iota
	batchCommitted
	batchAborted
	batchUnknown // nobody knows; nothing may be removed
)

// batchFile is a durable data file that is not committed.
type batchFile struct {
	DataFile
	name     string
	footer   *footer
	multiset Multiset
}

// Begin starts a batch on top of the newest commit. The context ends the batch's writes
// when it is cancelled. Every batch ends with Commit or Abort.
func (s *Store) Begin(ctx context.Context) (*Batch, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin batch: %w", err)
	}
	if err := s.active(b); err != nil {
		return nil, fmt.Errorf("begin batch: %w", err)
	}
	takes, err := selector.Parse([]byte(b.settings.Selectors))
	if err != nil {
		return nil, fmt.Errorf("begin batch: %w", err)
	}
	return &Batch{selectors: takes, store: s, id: uuid.New(), began: s.lake.now(), ctx: ctx, seq: b.seq + 1, open: make(map[*FileWriter]struct{})}, nil
}

// Takes reports whether the store is to hold a record, by its selectors when the batch began.
// It holds no aggregated events, which are summaries of events that are delivered too.
func (b *Batch) Takes(r *schema.Record) bool {
	return string(r.Category()) != "Aggregated" && b.selectors.Match(r)
}

// ID returns the batch's UUID.
func (b *Batch) ID() string { return b.id.String() }

// Seq returns the number that the batch's rows carry in _ingest_seq. When another
// writer commits first, Commit gives the batch and its rows a new one.
func (b *Batch) Seq() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seq
}

// NewFile starts a data file for events of the given day.
func (b *Batch) NewFile(day Day) (*FileWriter, error) {
	b.mu.Lock()
	state, seq := b.state, b.seq
	b.mu.Unlock()
	if state != batchOpen {
		return nil, fmt.Errorf("new data file: %w", ErrBatchDone)
	}
	w, err := b.newFileWriter(b.ctx, day, seq)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.open[w] = struct{}{}
	b.mu.Unlock()
	return w, nil
}

// join adds a finished file.
func (b *Batch) join(w *FileWriter, f *batchFile) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, w)
	b.files = append(b.files, f)
}

// left forgets a writer that was aborted.
func (b *Batch) left(w *FileWriter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, w)
}

// Files returns the finished files of the batch so far, by URI.
func (b *Batch) Files() []DataFile {
	b.mu.Lock()
	defer b.mu.Unlock()
	files := make([]DataFile, len(b.files))
	for i, f := range b.files {
		files[i] = f.DataFile
	}
	slices.SortFunc(files, func(a, b DataFile) int { return strings.Compare(a.URI, b.URI) })
	return files
}

// AddObject enters a source object into the ledger of the batch. The sums of RowsOut and
// of Multiset over all objects must equal those of the batch's files when it is committed.
//
// Again says that the log is in the batch already, from another place.
func (b *Batch) AddObject(o ObjectEntry) (again bool) {
	o.MTime = o.MTime.UTC().Round(0)
	k := logKey(o.Bucket, o.Key)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.logs == nil {
		b.logs = make(map[[16]byte]struct{})
	}
	n := len(b.logs)
	b.logs[k] = struct{}{}
	b.objects = append(b.objects, o)
	return len(b.logs) == n
}

// Quarantine keeps a record that could not be read. The bytes go to a file at once;
// nothing of q is kept.
func (b *Batch) Quarantine(q Quarantined) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != batchOpen || b.quarred != nil {
		return fmt.Errorf("quarantine a record of %s: %w", q.Key, ErrBatchDone)
	}
	if b.quar == nil {
		w, err := newQuarantineWriter(b.ctx, b.store.st, quarantineName(b.id))
		if err != nil {
			return fmt.Errorf("quarantine a record of %s: %w", q.Key, err)
		}
		b.quar = w
	}
	if err := b.quar.write(q); err != nil {
		return fmt.Errorf("quarantine a record of %s: %w", q.Key, err)
	}
	return nil
}

// Abort removes the files that the batch wrote. It is without effect after a Commit that
// succeeded, or whose outcome is unknown, so it can be deferred.
func (b *Batch) Abort() error {
	b.mu.Lock()
	if b.state != batchOpen {
		b.mu.Unlock()
		return nil
	}
	b.state = batchAborted
	var errs []error
	open := make([]*FileWriter, 0, len(b.open))
	for w := range b.open {
		open = append(open, w)
	}
	files, quar := b.files, b.quar
	b.files, b.quar = nil, nil
	b.mu.Unlock()

	ctx := context.WithoutCancel(b.ctx)
	for _, w := range open {
		errs = append(errs, w.Abort())
	}
	for _, f := range files {
		errs = append(errs, b.store.st.Remove(ctx, f.name))
	}
	if quar != nil {
		errs = append(errs, quar.abort(), b.store.st.Remove(ctx, quar.name))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("abort batch %s of store %s: %w", b.id, b.store.Name(), err)
	}
	return nil
}
