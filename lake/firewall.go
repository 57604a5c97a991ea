package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"

	"traillake/lake/table"
)

// change is what a commit is meant to do, as its author counts it.
type change struct {
	operation string
	added     []DataFile
	removed   []DataFile
	settings  map[string]string
}

// changes reports whether the change makes a snapshot: it changes the files, or what the
// ledger says of the objects that they hold.
func (c change) changes(on *base, r firewallRule) bool {
	return len(c.added)+len(c.removed) > 0 || r.ingests && on.meta.CurrentSnapshot() != nil
}

// firewallRule is what an operation may do to a store; everything else it may not.
type firewallRule struct {
	adds, removes bool
	// ingests says that the ledger grows by one file.
	ingests bool
	// settings are the properties that may change.
	settings []string
	// check looks at what else the operation promises; nil when there is nothing.
	check func(on, next *base, r CommitRecord) error
}

// firewallRules has every operation that leads from one version to the next.
var firewallRules = map[string]firewallRule{
	OpIngest:   {adds: true, ingests: true},
	OpCompact:  {adds: true, removes: true, check: checkConserved},
	OpExpire:   {removes: true, check: checkExpired},
	OpSettings: {settings: []string{propName, propRetention, propProtection, propLegalHold, propHistory, propSelectors}, check: checkNotDeleted},
	OpTrim:     {check: checkNotDeleted},
	OpVerdict:  {ingests: true, check: checkNotDeleted},
	OpPurge:    {settings: []string{propPurged}, check: checkPurged},
	OpDelete:   {settings: []string{propDeleted}, check: checkDeletion},
	OpRestore:  {settings: []string{propDeleted}, check: checkRestored},
}

// allows refuses a change that is no part of what the operation does.
func (r firewallRule) allows(c change) error {
	switch {
	case len(c.added) > 0 && !r.adds:
		return fmt.Errorf("%s adds files", c.operation)
	case len(c.removed) > 0 && !r.removes:
		return fmt.Errorf("%s removes files", c.operation)
	}
	for k := range c.settings {
		if !slices.Contains(r.settings, k) {
			return fmt.Errorf("%s changes property %s", c.operation, k)
		}
	}
	return nil
}

// firewall refuses the staged bytes unless they do to the base exactly what the change
// says, and returns the staged metadata. Of what staging computed it takes only the
// change: metadata, manifests, commit record and ledger are decoded anew, by the readers
// that serve snapshots. The Iceberg library, file names and the rules of a single ledger
// entry are common to both sides, so a bug in those is not seen here.
//
// The error wraps ErrFirewall when the bytes are refused; not when they could not be
// looked at, because the context ended or a read failed.
func (s *Store) firewall(ctx context.Context, on *base, raw []byte, c change) (*base, error) {
	st := &watchedStorage{Storage: s.st}
	next, err := s.inspect(ctx, st, on, raw, c)
	if err == nil {
		return next, nil
	}
	failure := st.failure()
	if failure != nil && !errors.Is(err, failure) {
		err = fmt.Errorf("%w: %w", err, failure)
	}
	if failure != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("inspect version %d of store %s: %w", on.version+1, s.Name(), err)
	}
	return nil, fmt.Errorf("%w: version %d of store %s: %w", ErrFirewall, on.version+1, s.Name(), err)
}

func (s *Store) inspect(ctx context.Context, st Storage, on *base, raw []byte, c change) (*base, error) {
	next, err := parseBase(metadataName(on.version+1), raw)
	if err != nil {
		return nil, err
	}
	rule, ok := firewallRules[c.operation]
	if !ok {
		return nil, fmt.Errorf("no rule for operation %q", c.operation)
	}
	if err := rule.allows(c); err != nil {
		return nil, err
	}
	if err := sameTable(on.meta, next.meta, c.settings); err != nil {
		return nil, err
	}
	if next.floor < on.floor || next.floor > max(1, next.version-keptVersions+1) {
		return nil, fmt.Errorf("the lowest version goes from %d to %d", on.floor, next.floor)
	}
	if err := s.checkHistoryOfSnapshots(on, next, c.changes(on, rule), idleOf(c.operation)); err != nil {
		return nil, err
	}
	before, _, err := s.liveFilesIn(ctx, st, on.meta, on.meta.CurrentSnapshot())
	if err != nil {
		return nil, err
	}
	after, _, err := s.liveFilesIn(ctx, st, next.meta, next.meta.CurrentSnapshot())
	if err != nil {
		return nil, err
	}
	if err := checkLive(before, after, c); err != nil {
		return nil, err
	}
	for _, f := range c.added {
		if err := s.checkAdded(ctx, st, f); err != nil {
			return nil, err
		}
	}
	if err := checkTotals(next.meta.CurrentSnapshot(), after); err != nil {
		return nil, err
	}
	return next, s.checkHeads(ctx, st, on, next, c, rule)
}

// sameTable refuses changes of anything but the heads of chains and the given settings.
func sameTable(on, next *table.Metadata, settings map[string]string) error {
	switch {
	case next.UUID != on.UUID:
		return fmt.Errorf("table id changes from %s to %s", on.UUID, next.UUID)
	case next.Location != on.Location:
		return fmt.Errorf("location changes from %s to %s", on.Location, next.Location)
	case !slices.EqualFunc(next.Schemas, on.Schemas, equalSchemas) ||
		next.CurrentSchemaID != on.CurrentSchemaID || next.LastColumnID != on.LastColumnID:
		return fmt.Errorf("schema changes")
	case !slices.EqualFunc(next.PartitionSpecs, on.PartitionSpecs, equalSpecs) ||
		next.DefaultSpecID != on.DefaultSpecID || next.LastPartitionID != on.LastPartitionID:
		return fmt.Errorf("partition spec changes")
	}
	heads := []string{propSeq, propTime, propFloor, propIngestHead, propAuditHead, propQuarantined, propSeal}
	was, is := maps.Clone(on.Properties), maps.Clone(next.Properties)
	maps.Copy(was, settings)
	for _, k := range heads {
		delete(was, k)
		delete(is, k)
	}
	if !maps.Equal(was, is) {
		return fmt.Errorf("table properties change")
	}
	return nil
}

func equalSpecs(a, b iceberg.PartitionSpec) bool { return a.Equals(b) }

func equalSchemas(a, b *iceberg.Schema) bool { return a.ID == b.ID && a.Equals(b) }

// checkHistoryOfSnapshots wants every snapshot of the base to stay, but for those that are
// no part of the history any more, and one more, a child of the base's current one, if and
// only if the change makes one. Idle is what a time without commits counts.
func (s *Store) checkHistoryOfSnapshots(from, to *base, changes bool, idle time.Duration) error {
	on, next := from.meta, to.meta
	list := on.Snapshots
	dropped := 0
	for i, was := range list {
		is := next.SnapshotByID(was.SnapshotID)
		if is == nil {
			if err := checkDropped(list, i, to.time, from.settings.HistoryDays, idle); err != nil {
				return fmt.Errorf("lost or changed: %w", err)
			}
			dropped++
			continue
		}
		if !is.Equal(&was) {
			return fmt.Errorf("snapshot %d is lost or changed", was.SnapshotID)
		}
	}
	if next.LastUpdatedMS < on.LastUpdatedMS || next.LastSequenceNumber < on.LastSequenceNumber {
		return fmt.Errorf("time runs backwards, from %d to %d, or sequence numbers, from %d to %d",
			on.LastUpdatedMS, next.LastUpdatedMS, on.LastSequenceNumber, next.LastSequenceNumber)
	}
	more := len(next.Snapshots) - len(list) + dropped
	was, is := on.CurrentSnapshot(), next.CurrentSnapshot()
	if !changes {
		if more != 0 || (was == nil) != (is == nil) || was != nil && was.SnapshotID != is.SnapshotID {
			return fmt.Errorf("the snapshot changes, the files and the ledger do not")
		}
		return nil
	}
	if more != 1 || is == nil || on.SnapshotByID(is.SnapshotID) != nil {
		return fmt.Errorf("files or ledger change and %d snapshots are added, want 1", more)
	}
	switch {
	case was == nil && is.ParentSnapshotID != nil:
		return fmt.Errorf("the first snapshot has parent %d", *is.ParentSnapshotID)
	case was != nil && (is.ParentSnapshotID == nil || *is.ParentSnapshotID != was.SnapshotID):
		return fmt.Errorf("the new snapshot is no child of %d", was.SnapshotID)
	}
	if name, err := nameOf(s.st.Root(), is.ManifestList); err != nil || path.Dir(name) != metadataDir {
		return fmt.Errorf("manifest list %s lies outside %s", is.ManifestList, metadataDir)
	}
	return nil
}

// checkLive wants live(next) = live(base) + added - removed. Files that stay must stay
// as they were.
func checkLive(before, after []DataFile, c change) error {
	want := make(map[string]DataFile, len(before)+len(c.added))
	for _, f := range before {
		want[f.URI] = f
	}
	for _, f := range c.removed {
		if _, ok := want[f.URI]; !ok {
			return fmt.Errorf("%s is to be removed and is not live", f.URI)
		}
		delete(want, f.URI)
	}
	for _, f := range c.added {
		if _, ok := want[f.URI]; ok {
			return fmt.Errorf("%s is added twice", f.URI)
		}
		f.SHA256 = "" // manifests do not have it
		want[f.URI] = f
	}
	for _, f := range after {
		w, ok := want[f.URI]
		if !ok {
			return fmt.Errorf("%s is live, and is neither in the base nor added, or is listed twice", f.URI)
		}
		if w != f {
			return fmt.Errorf("%s is listed as %+v, want %+v", f.URI, f, w)
		}
		delete(want, f.URI)
	}
	if len(want) > 0 {
		lost := slices.Min(slices.Collect(maps.Keys(want)))
		return fmt.Errorf("%d live files are lost, among them %s", len(want), lost)
	}
	return nil
}

// checkAdded looks at one new file: its name, its day, its presence.
func (s *Store) checkAdded(ctx context.Context, st Storage, f DataFile) error {
	name, err := nameOf(s.st.Root(), f.URI)
	if err != nil {
		return err
	}
	day, _, ok := parseDataName(name)
	if !ok {
		return fmt.Errorf("%s is no name of a data file", f.URI)
	}
	if f.Day != day || DayOf(f.MinTime) != day || DayOf(f.MaxTime) != day {
		return fmt.Errorf("%s has partition %s and holds events of %s to %s", f.URI, f.Day, DayOf(f.MinTime), DayOf(f.MaxTime))
	}
	if f.Rows < 1 {
		return fmt.Errorf("%s has %d rows", f.URI, f.Rows)
	}
	fi, err := st.Stat(ctx, name)
	if err != nil {
		return err
	}
	if fi.Size != f.Bytes {
		return fmt.Errorf("%s has %d bytes on storage, want %d", f.URI, fi.Size, f.Bytes)
	}
	return nil
}

// checkTotals compares the snapshot's summary with the files it lists.
func checkTotals(snap *table.Snapshot, files []DataFile) error {
	var rows, size int64
	for _, f := range files {
		rows += f.Rows
		size += f.Bytes
	}
	for _, t := range []struct {
		key  string
		want int64
	}{
		{summaryRecords, rows}, {summaryDataFiles, int64(len(files))}, {summaryFileSize, size}, {summaryDelRecords, 0},
	} {
		got, err := summaryTotal(snap, t.key)
		if err != nil {
			return err
		}
		if got != t.want {
			return fmt.Errorf("summary says %s %d, the manifests list %d", t.key, got, t.want)
		}
	}
	return nil
}

// checkHeads wants the audit chain to grow by exactly one record that tells of this
// change, and the ledger by exactly one file if objects were ingested and none otherwise.
func (s *Store) checkHeads(ctx context.Context, st Storage, on, next *base, c change, rule firewallRule) error {
	if next.seq != on.seq+1 {
		return fmt.Errorf("commit number goes from %d to %d", on.seq, next.seq)
	}
	if next.auditHead == (head{}) {
		return fmt.Errorf("the metadata names no commit record")
	}
	r, err := readCommitRecord(ctx, st, next.auditHead)
	if err != nil {
		return err
	}
	switch {
	case r.Store != s.id.String():
		return fmt.Errorf("the commit record is of store %s", r.Store)
	case r.Seq != next.seq || r.Prev != on.auditHead.String():
		return fmt.Errorf("commit record %d does not follow record %d", r.Seq, on.seq)
	case r.Operation != c.operation:
		return fmt.Errorf("the commit record says %s, the commit is %s", r.Operation, c.operation)
	case !next.time.Equal(r.Time):
		return fmt.Errorf("the metadata is of %s, the commit record of %s", next.time, r.Time)
	case !maps.Equal(r.Settings, c.settings):
		return fmt.Errorf("the commit record sets %v, the commit %v", r.Settings, c.settings)
	case next.quarantined != on.quarantined+r.Quarantined:
		return fmt.Errorf("quarantine goes from %d to %d, the commit adds %d", on.quarantined, next.quarantined, r.Quarantined)
	}
	var snapshotID int64
	if snap := next.meta.CurrentSnapshot(); snap != nil {
		snapshotID = snap.SnapshotID
	}
	if r.SnapshotID != snapshotID {
		return fmt.Errorf("the commit record names snapshot %d, the metadata %d", r.SnapshotID, snapshotID)
	}
	if err := s.sameFiles("commit record, added", r.Added, c.added); err != nil {
		return err
	}
	if err := s.sameFiles("commit record, removed", r.Removed, c.removed); err != nil {
		return err
	}
	if rule.check != nil {
		if err := rule.check(on, next, r); err != nil {
			return err
		}
	}
	if !rule.ingests {
		if next.ingestHead != on.ingestHead || r.Ingest != "" {
			return fmt.Errorf("the ledger changes in a commit that ingests nothing")
		}
		return nil
	}
	if r.Ingest != next.ingestHead.String() {
		return fmt.Errorf("the commit record names ledger %s, the metadata %s", r.Ingest, next.ingestHead)
	}
	l, err := readLedgerFile(ctx, st, next.ingestHead)
	if err != nil {
		return err
	}
	if err := checkVerdicts(l, c.operation); err != nil {
		return err
	}
	ledger, err := s.ledgerAt(ctx, on)
	if err != nil {
		return err
	}
	if err := errors.Join(ledger.checkMissing(l), ledger.checkDigests(l)); err != nil {
		return err
	}
	for _, v := range l.Verdicts {
		if !ledger.HasContent(v.Bucket, v.Key, v.SHA256) {
			return fmt.Errorf("object %s gets a verdict and was never ingested", v.Key)
		}
	}
	next.ledger = l
	return s.checkLedgerStep(on, next, r, l, c)
}

func (s *Store) checkLedgerStep(on, next *base, r CommitRecord, l *ledgerFile, c change) error {
	if l.Seq != next.seq || l.Prev != on.ingestHead.String() || l.Batch != r.Batch {
		return fmt.Errorf("the ledger of commit %d does not follow that of the base", l.Seq)
	}
	if err := s.sameFiles("ledger", l.Files, c.added); err != nil {
		return err
	}
	if int64(len(l.Objects)) != r.Objects {
		return fmt.Errorf("the ledger has %d objects, the commit record %d", len(l.Objects), r.Objects)
	}
	var given, stored int64
	var read, written Multiset
	for _, o := range l.Objects {
		if err := o.balanced(); err != nil {
			return err
		}
		given += o.RowsOut
		read.Add(o.Multiset)
	}
	for _, f := range l.Files {
		written.Add(f.Multiset)
	}
	for _, f := range c.added {
		stored += f.Rows
	}
	if given != stored {
		return fmt.Errorf("the objects gave %d rows, the files hold %d", given, stored)
	}
	if read != written {
		return fmt.Errorf("the objects gave events with multiset %s, the files hold %s", read, written)
	}
	if snap := next.meta.CurrentSnapshot(); snap != nil {
		p := snap.Summary.Properties
		if p[summaryBatch] != r.Batch || p[summaryIngest] != r.Ingest || p[summarySeq] != next.meta.Properties[propSeq] {
			return fmt.Errorf("the snapshot's summary does not name the batch")
		}
	}
	return nil
}

// sameFiles compares a list on storage with the files of the change.
func (s *Store) sameFiles(what string, records []FileRecord, files []DataFile) error {
	if len(records) != len(files) {
		return fmt.Errorf("%s: %d files are named, want %d", what, len(records), len(files))
	}
	byURI := make(map[string]DataFile, len(files))
	for _, f := range files {
		byURI[f.URI] = f
	}
	for _, r := range records {
		f, ok := byURI[uriOf(s.st.Root(), r.Path)]
		if !ok || f.Rows != r.Rows || f.Bytes != r.Size || f.SHA256 != r.SHA256 || strings.Contains(r.Path, "..") {
			return fmt.Errorf("%s: file %s is not as it was written", what, r.Path)
		}
		delete(byURI, f.URI)
	}
	return nil
}
