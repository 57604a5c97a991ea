package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"

	"traillake/lake/table"
)

const (
	// commitAttempts is how often a commit is tried again after another writer was
	// first. With four writers that do nothing but commit, one in three attempts
	// succeeds; fifty in a row lost is a sign of something else.
	commitAttempts = 50
	// backoffFirst and backoffMost bound the wait between attempts, before jitter.
	backoffFirst = 5 * time.Millisecond
	backoffMost  = time.Second
	// maxClockSkew is how far clocks of writers may differ. The table format allows as
	// much between a commit and the one before.
	maxClockSkew = time.Minute
	// maxAge is how old files may be when they are committed. Whoever wakes up after more,
	// with its process or its machine, might find them removed: see DefaultGrace.
	maxAge = 48 * time.Hour
)

// proposal is what a commit is to do to the version that it is made on. Everything that
// changes a store is one; firewallRules says what each operation may do.
type proposal struct {
	operation string
	// batch identifies an ingest or a compaction.
	batch uuid.UUID
	// added and removed are the data files that begin and cease to be live.
	added   []*batchFile
	removed []FileRecord
	// settings are the properties that change, of those that are not heads of chains.
	settings iceberg.Properties
	// ledger is that of an ingest; nil for all other operations.
	ledger *ledgerFile
	// cutoff is the first day that an expiry keeps.
	cutoff Day
	// began is when the first of the added files was begun.
	began time.Time
}

// commit makes what propose returns the next version of the store, and returns that
// version. When other writers were first, propose is asked again on the version that
// they made: it must see to it that what it proposes is still right there. A proposal of
// nil is to do nothing; then the version that it was asked about is returned.
//
// An error that wraps ErrCommitUnknown means that files of the proposal may be live; any
// other that nothing was committed.
func (s *Store) commit(ctx context.Context, propose func(context.Context, *base) (*proposal, error)) (*base, error) {
	for attempt := range commitAttempts {
		if attempt > 0 {
			if err := backoff(ctx, attempt); err != nil {
				return nil, err
			}
		}
		on, err := s.newest(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.complete(ctx, on); err != nil {
			return nil, err
		}
		if on.seq >= maxSeq {
			return nil, fmt.Errorf("store %s has used up its commit numbers", s.Name())
		}
		p, err := propose(ctx, on)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return on, s.settle(ctx) // what is done already must stay done
		}
		next, out, err := s.attempt(ctx, on, p)
		if err != nil {
			return nil, err
		}
		if out == published {
			s.learn(on, next)
			s.remember(next)
			s.hint(ctx, next.version)
			return next, nil
		}
		s.lake.log.Debug("another writer committed first", "store", s.Name(), "version", on.version+1, "attempt", attempt+1)
	}
	return nil, ErrConflict
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

// attempt stages a proposal on a base and tries to publish it as the version after.
// Unless the outcome is unknown, an attempt that published nothing leaves no metadata
// behind; data files it never touches.
func (s *Store) attempt(ctx context.Context, on *base, p *proposal) (_ *base, out outcome, err error) {
	staged := &stagedFiles{}
	defer func() {
		if out == published || errors.Is(err, ErrCommitUnknown) {
			return
		}
		for _, name := range staged.names {
			if rmErr := s.st.Remove(context.WithoutCancel(ctx), name); rmErr != nil {
				s.lake.log.Warn("staged file left behind", "store", s.Name(), "file", name, "err", rmErr)
			}
		}
	}()
	raw, err := s.stage(ctx, on, p, staged)
	if err != nil {
		return nil, 0, err
	}
	next, err := s.firewall(ctx, on, raw, s.change(p))
	if err != nil {
		return nil, 0, err
	}
	out, err = s.publish(ctx, on, raw)
	return next, out, err
}

// change tells the firewall what a proposal is meant to do.
func (s *Store) change(p *proposal) change {
	c := change{operation: p.operation, settings: p.settings}
	for _, f := range p.added {
		c.added = append(c.added, f.DataFile)
	}
	for _, r := range p.removed {
		c.removed = append(c.removed, DataFile{URI: uriOf(s.st.Root(), r.Path), Rows: r.Rows, Bytes: r.Size, SHA256: r.SHA256})
	}
	return c
}

// stagedFiles are the names of what an attempt wrote, or tried to write.
type stagedFiles struct{ names []string }

// stage writes ledger, manifests and commit record, and returns the metadata to publish.
func (s *Store) stage(ctx context.Context, on *base, p *proposal, staged *stagedFiles) ([]byte, error) {
	now := s.lake.now().UTC().Truncate(time.Microsecond)
	if err := s.notBehind(on, now); err != nil {
		return nil, err
	}
	if age := now.Sub(p.began); !p.began.IsZero() && age > maxAge {
		return nil, fmt.Errorf("its files were begun %s ago by the clock, more than %s: this took too long, the machine slept, or its clock jumped; see that it is right and begin again", age.Round(time.Hour), maxAge)
	}
	if now.Before(on.time) {
		now = on.time // the clock of another machine; history must not run backwards
	}
	seq := on.seq + 1
	record := s.record(seq, p, now)
	record.Prev = on.auditHead.String()
	ledger := on.ingestHead
	if p.ledger != nil {
		var err error
		if ledger, err = s.putLedger(ctx, p, staged); err != nil {
			return nil, err
		}
		record.Ingest = ledger.String()
	}
	update := table.Update{Time: now, Previous: uriOf(s.st.Root(), metadataName(on.version)), Drop: droppable(on, now, p.operation)}
	snap := on.meta.CurrentSnapshot()
	var err error
	switch {
	case len(p.added)+len(p.removed) > 0:
		snap, record.Manifests, err = s.stageFiles(ctx, on, p, staged, ledger, now)
		update.Snapshot = snap
	case p.ledger != nil && snap != nil:
		snap = restated(on, p, ledger, now)
		update.Snapshot = snap
	}
	if err != nil {
		return nil, err
	}
	if snap != nil {
		record.SnapshotID = snap.SnapshotID
	}
	audit, err := s.putRecord(ctx, record)
	staged.names = append(staged.names, audit.path)
	if err != nil {
		return nil, err
	}
	update.Properties = iceberg.Properties{
		propSeq:         strconv.FormatInt(seq, 10),
		propTime:        now.Format(time.RFC3339Nano),
		propIngestHead:  ledger.String(),
		propAuditHead:   audit.String(),
		propQuarantined: strconv.FormatInt(on.quarantined+record.Quarantined, 10),
		propSeal:        noSeal,
	}
	if floor := floorOf(on.version + 1); floor > 1 {
		update.Properties[propFloor] = strconv.Itoa(floor)
	}
	maps.Copy(update.Properties, p.settings)
	meta, err := on.meta.Update(update)
	if err != nil {
		return nil, fmt.Errorf("stage metadata: %w", err)
	}
	return encodeMetadata(meta)
}

// encodeMetadata returns the bytes of a version.
func encodeMetadata(meta *table.Metadata) ([]byte, error) {
	raw, err := meta.Encode()
	if err != nil {
		return nil, fmt.Errorf("stage metadata: %w", err)
	}
	return seal(raw, propSeal)
}

// snapshotOperations are the words of the table format for what we do to files.
var snapshotOperations = map[string]string{
	OpIngest: table.OpAppend, OpCompact: table.OpReplace, OpExpire: table.OpDelete,
}

// stageFiles writes the manifests that add and remove the proposal's files, and returns
// the snapshot that they make and the hashes of what was written.
func (s *Store) stageFiles(ctx context.Context, on *base, p *proposal, staged *stagedFiles, ledger head, now time.Time) (*table.Snapshot, []FileHash, error) {
	st := table.Stage{
		Base: on.meta, Operation: snapshotOperations[p.operation], Time: now,
		Summary: iceberg.Properties{summaryBatch: p.batch.String(), summarySeq: strconv.FormatInt(on.seq+1, 10)},
	}
	if p.ledger != nil {
		st.Summary[summaryIngest] = ledger.String()
	}
	spec := on.meta.PartitionSpec()
	for _, f := range p.added {
		df, err := s.dataFile(spec, f)
		if err != nil {
			return nil, nil, err
		}
		st.Added = append(st.Added, df)
	}
	for _, r := range p.removed {
		st.Removed = append(st.Removed, uriOf(s.st.Root(), r.Path))
	}
	hashes := make(map[string]FileHash) // of manifests, by URI
	if snap := on.meta.CurrentSnapshot(); snap != nil {
		l, err := s.readManifestList(ctx, s.st, snap)
		if err != nil {
			return nil, nil, fmt.Errorf("stage manifests: %w", err)
		}
		for i, m := range l.manifests {
			hashes[m.FilePath()] = l.hashes[i]
		}
		st.Manifests = l.manifests
		st.Read = func(i int) ([]byte, error) {
			if raw, ok := l.raw[l.manifests[i].FilePath()]; ok {
				return raw, nil
			}
			return getHashed(ctx, s.st, head{l.hashes[i].Path, l.hashes[i].SHA256})
		}
	}
	made, err := st.Make()
	if err != nil {
		return nil, nil, fmt.Errorf("stage manifests: %w", err)
	}
	snap := &made.Snapshot
	var fresh []FileHash
	put := func(uri string) (FileHash, error) {
		raw := made.Files[uri]
		name, err := nameOf(s.st.Root(), uri)
		if err != nil {
			return FileHash{}, err
		}
		staged.names = append(staged.names, name)
		if err := s.st.PutIfAbsent(ctx, name, raw); err != nil {
			return FileHash{}, fmt.Errorf("write %s: %w", name, err)
		}
		fresh = append(fresh, FileHash{name, hashOf(raw), int64(len(raw))})
		return fresh[len(fresh)-1], nil
	}
	list, err := put(snap.ManifestList)
	if err != nil {
		return nil, nil, err
	}
	all := make([]FileHash, len(made.Manifests))
	for i, m := range made.Manifests {
		var ok bool
		if all[i], ok = hashes[m.FilePath()]; ok {
			continue
		}
		if all[i], err = put(m.FilePath()); err != nil {
			return nil, nil, err
		}
	}
	snap.Summary.Properties[summaryList], snap.Summary.Properties[summaryManifests] = list.SHA256, sumOf(all)
	return snap, fresh, nil
}

// restated returns a snapshot with the files of the base's, for a commit that changes only
// what the ledger says: of one snapshot that is always the same.
func restated(on *base, p *proposal, ledger head, now time.Time) *table.Snapshot {
	was := on.meta.CurrentSnapshot()
	props := iceberg.Properties{summaryBatch: p.batch.String(), summarySeq: strconv.FormatInt(on.seq+1, 10), summaryIngest: ledger.String()}
	for k, v := range was.Summary.Properties {
		if k == summaryList || k == summaryManifests || strings.HasPrefix(k, "total-") {
			props[k] = v
		}
	}
	snap := *was
	snap.SnapshotID = on.meta.NewSnapshotID()
	snap.ParentSnapshotID = &was.SnapshotID
	snap.SequenceNumber = on.meta.LastSequenceNumber + 1
	snap.TimestampMs = now.UnixMilli()
	snap.Summary = table.Summary{Operation: table.OpAppend, Properties: props}
	return &snap
}

// putLedger writes the ledger file of an ingest and returns the head that it makes.
func (s *Store) putLedger(ctx context.Context, p *proposal, staged *stagedFiles) (head, error) {
	raw, err := p.ledger.encode()
	if err != nil {
		return head{}, err
	}
	h := head{path: ledgerName(p.ledger.Seq, p.batch), sha256: hashOf(raw)}
	staged.names = append(staged.names, h.path)
	if err := s.st.PutIfAbsent(ctx, h.path, raw); err != nil {
		return head{}, fmt.Errorf("write %s: %w", h.path, err)
	}
	return h, nil
}

// record makes the record of a commit.
func (s *Store) record(seq int64, p *proposal, now time.Time) CommitRecord {
	r := CommitRecord{
		V: recordVersion, Store: s.id.String(), Seq: seq, Time: now, Operation: p.operation,
		User: s.lake.user, Host: s.lake.host, Tool: s.lake.tool,
		Added: fileRecords(p.added), Removed: p.removed, Settings: p.settings,
	}
	if p.batch != uuid.Nil {
		r.Batch = p.batch.String()
	}
	if p.operation == OpExpire {
		r.Cutoff = p.cutoff.String()
	}
	for _, f := range r.Added {
		r.Files++
		r.Rows += f.Rows
		r.Bytes += f.Size
	}
	if l := p.ledger; l != nil {
		r.Objects = int64(len(l.Objects))
		if l.Quarantine != nil {
			r.Quarantined = l.Quarantine.Records
		}
	}
	return r
}

// fileRecords describes files as the audit chain and the ledger do.
func fileRecords(files []*batchFile) []FileRecord {
	records := make([]FileRecord, len(files))
	for i, f := range files {
		records[i] = FileRecord{Path: f.name, SHA256: f.SHA256, Size: f.Bytes, Rows: f.Rows, Multiset: f.multiset}
	}
	return records
}

// putRecord writes a commit record and returns the head that it makes.
func (s *Store) putRecord(ctx context.Context, r CommitRecord) (head, error) {
	raw, err := r.encode()
	if err != nil {
		return head{}, err
	}
	h := head{path: auditName(r.Seq, uuid.New()), sha256: hashOf(raw)}
	if err := s.st.PutIfAbsent(ctx, h.path, raw); err != nil {
		return h, fmt.Errorf("write %s: %w", h.path, err)
	}
	return h, nil
}
