package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

const (
	// commitAttempts is how often a commit is tried again after another writer was
	// first. With four writers that do nothing but commit, one in three attempts
	// succeeds; fifty in a row lost is a sign of something else.
	commitAttempts = 50
	// backoffFirst and backoffMost bound the wait between attempts, before jitter.
	backoffFirst = 5 * time.Millisecond
	backoffMost  = time.Second
)

// Commit makes the batch part of the store, all of it or nothing, and returns the new
// snapshot. When other writers were first it rebases and tries again. On an error that
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
	for attempt := range commitAttempts {
		if attempt > 0 {
			if err := backoff(ctx, attempt); err != nil {
				return nil, err
			}
		}
		on, err := b.store.newest(ctx)
		if err != nil {
			return nil, err
		}
		ledger, err := b.store.ledgerAt(ctx, on)
		if err != nil {
			return nil, err
		}
		if err := ledger.checkNew(b.objects); err != nil {
			return nil, err
		}
		if err := b.renumber(ctx, on.seq+1); err != nil {
			return nil, err
		}
		next, out, err := b.attempt(ctx, on)
		if errors.Is(err, ErrCommitUnknown) {
			b.mu.Lock()
			b.state = batchUnknown
			b.mu.Unlock()
		}
		if err != nil {
			return nil, err
		}
		if out == published {
			b.mu.Lock()
			b.state = batchCommitted
			b.mu.Unlock()
			b.store.remember(next)
			b.store.hint(ctx, next.version)
			return b.store.snapshotOf(next), nil
		}
		b.store.lake.log.Debug("another writer committed first", "store", b.store.Name(), "version", on.version+1, "attempt", attempt+1)
	}
	return nil, ErrConflict
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

func backoff(ctx context.Context, attempt int) error {
	wait := backoffMost
	if attempt < 8 {
		wait = min(backoffMost, backoffFirst<<attempt)
	}
	t := time.NewTimer(rand.N(wait) + time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt stages the batch on a base and tries to publish it as the version after.
// Unless the outcome is unknown, an attempt that published nothing leaves no metadata
// behind; data files it never touches.
func (b *Batch) attempt(ctx context.Context, on *base) (_ *base, out outcome, err error) {
	s := b.store
	rw := &tableIO{ctx: ctx, st: s.st}
	staged := &stagedFiles{}
	defer func() {
		if out == published || errors.Is(err, ErrCommitUnknown) {
			return
		}
		for _, name := range slices.Concat(rw.written, staged.names) {
			if rmErr := s.st.Remove(context.WithoutCancel(ctx), name); rmErr != nil {
				s.lake.log.Warn("staged file left behind", "store", s.Name(), "file", name, "err", rmErr)
			}
		}
	}()
	raw, err := b.stage(ctx, on, rw, staged)
	if err != nil {
		return nil, 0, err
	}
	change := change{operation: OpIngest}
	for _, f := range b.files {
		change.added = append(change.added, f.DataFile)
	}
	next, err := s.firewall(ctx, on, raw, change)
	if err != nil {
		return nil, 0, err
	}
	out, err = s.publish(ctx, on, raw)
	return next, out, err
}

// stagedFiles are what an attempt wrote beside the library's files.
type stagedFiles struct{ names []string }

// stage writes ledger, manifests and commit record, and returns the metadata to publish.
func (b *Batch) stage(ctx context.Context, on *base, rw *tableIO, staged *stagedFiles) ([]byte, error) {
	s := b.store
	ledger, err := b.putLedger(ctx, on, staged)
	if err != nil {
		return nil, err
	}
	location := uriOf(s.st.Root(), metadataName(on.version))
	fs := func(context.Context) (iceio.IO, error) { return rw, nil }
	// The library has no catalog to commit through: publish is ours alone.
	tx := table.New(table.Identifier{storesDir, s.id.String()}, on.meta, location, fs, nil).NewTransaction()
	var snapshotID int64
	if snap := on.meta.CurrentSnapshot(); snap != nil {
		snapshotID = snap.SnapshotID
	}
	if len(b.files) > 0 {
		if snapshotID, err = b.stageFiles(ctx, on, tx, ledger); err != nil {
			return nil, err
		}
	}
	record := s.record(b.seq, OpIngest, time.Now().UTC().Truncate(time.Microsecond))
	record.Prev = on.auditHead.String()
	record.SnapshotID = snapshotID
	record.Batch = b.id.String()
	record.Ingest = ledger.String()
	record.Objects = int64(len(b.objects))
	record.Added = b.fileRecords()
	for _, f := range record.Added {
		record.Files++
		record.Rows += f.Rows
		record.Bytes += f.Size
	}
	if b.quarred != nil {
		record.Quarantined = b.quarred.Records
	}
	audit, err := s.putRecord(ctx, record)
	staged.names = append(staged.names, audit.path)
	if err != nil {
		return nil, err
	}
	err = tx.SetProperties(iceberg.Properties{
		propSeq:         strconv.FormatInt(b.seq, 10),
		propIngestHead:  ledger.String(),
		propAuditHead:   audit.String(),
		propQuarantined: strconv.FormatInt(on.quarantined+record.Quarantined, 10),
	})
	if err != nil {
		return nil, fmt.Errorf("stage properties: %w", err)
	}
	tc, err := tx.TableCommit()
	if err != nil {
		return nil, fmt.Errorf("stage commit: %w", err)
	}
	for _, r := range tc.Requirements {
		if err := r.Validate(on.meta); err != nil {
			return nil, fmt.Errorf("stage commit: %w", err)
		}
	}
	meta, err := table.UpdateTableMetadata(on.meta, tc.Updates, location)
	if err != nil {
		return nil, fmt.Errorf("stage metadata: %w", err)
	}
	raw, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("stage metadata: %w", err)
	}
	return raw, nil
}

// stageFiles writes the manifests that add the batch's files and returns the id of the
// snapshot that they make.
func (b *Batch) stageFiles(ctx context.Context, on *base, tx *table.Transaction, ledger head) (int64, error) {
	files := make([]iceberg.DataFile, len(b.files))
	for i, f := range b.files {
		df, err := b.store.dataFile(on.meta.PartitionSpec(), f)
		if err != nil {
			return 0, err
		}
		files[i] = df
	}
	summary := iceberg.Properties{
		summaryBatch:  b.id.String(),
		summaryIngest: ledger.String(),
		summarySeq:    strconv.FormatInt(b.seq, 10),
	}
	if err := tx.AddDataFiles(ctx, files, summary, table.WithoutDuplicateCheck(), table.WithoutAutoNameMapping()); err != nil {
		return 0, fmt.Errorf("stage manifests: %w", err)
	}
	st, err := tx.StagedTable()
	if err != nil {
		return 0, fmt.Errorf("stage manifests: %w", err)
	}
	snap := st.CurrentSnapshot()
	if snap == nil {
		return 0, fmt.Errorf("stage manifests: no snapshot was made")
	}
	return snap.SnapshotID, nil
}

func (b *Batch) fileRecords() []FileRecord {
	records := make([]FileRecord, len(b.files))
	for i, f := range b.files {
		records[i] = FileRecord{Path: f.name, SHA256: f.SHA256, Size: f.Bytes, Rows: f.Rows, Multiset: f.multiset}
	}
	return records
}

// putLedger writes the batch's ledger file and returns the head that it makes.
func (b *Batch) putLedger(ctx context.Context, on *base, staged *stagedFiles) (head, error) {
	l := &ledgerFile{
		V: ledgerVersion, Batch: b.id.String(), Seq: b.seq, Prev: on.ingestHead.String(),
		Files: b.fileRecords(), Quarantine: b.quarred, Objects: b.objects,
	}
	raw, err := l.encode()
	if err != nil {
		return head{}, err
	}
	h := head{path: ledgerName(b.seq, b.id), sha256: hashOf(raw)}
	staged.names = append(staged.names, h.path)
	if err := b.store.st.PutIfAbsent(ctx, h.path, raw); err != nil {
		return head{}, fmt.Errorf("write %s: %w", h.path, err)
	}
	return h, nil
}
