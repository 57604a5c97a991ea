package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Operations that a commit record names.
const (
	// OpCreate is the making of the store. It has sequence number 0.
	OpCreate = "create"
	// OpIngest is the taking in of source objects.
	OpIngest = "ingest"
	// OpCompact is the replacing of files by others that hold the same events.
	OpCompact = "compact"
	// OpExpire is the removal of files whose events are older than the retention.
	OpExpire = "expire"
	// OpSettings is a change of settings.
	OpSettings = "settings"
	// OpTrim is the dropping of snapshots that are no part of the history any more. Every
	// other commit does it, too.
	OpTrim = "trim"
	// OpVerdict is the giving of verdicts to objects whose digests came after them, and the
	// naming of logs and digests that digests name and that are missing.
	OpVerdict = "verdict"
	// OpPurge begins the removal of a deleted store's files. Nothing follows it.
	OpPurge = "purge"
	// OpDelete and OpRestore are the deletion of the store and its restoration.
	OpDelete  = "delete"
	OpRestore = "restore"
)

const recordVersion = 1

// CommitRecord is one link of a store's audit chain: what one commit did. Every
// commit of a store has one, in sequence, and each holds the hash of the one before.
type CommitRecord struct {
	// V is the version of the record's form, 1.
	V int `json:"v"`
	// Store is the id of the store.
	Store string `json:"store"`
	// Seq counts the commits of the store from 0.
	Seq int64 `json:"seq"`
	// Prev names and hashes the record before, <path>#<sha256>; empty at seq 0.
	Prev string `json:"prev"`
	// Time is when the commit was staged, UTC.
	Time time.Time `json:"time"`
	// Operation is one of the Op constants.
	Operation string `json:"operation"`
	// SnapshotID is the table snapshot after the commit; 0 while there is none.
	SnapshotID int64 `json:"snapshot_id"`
	// Batch is the id of the ingest batch, if any.
	Batch string `json:"batch,omitempty"`
	// Ingest names and hashes the batch's ledger file, <path>#<sha256>, if any.
	Ingest string `json:"ingest,omitempty"`
	// Objects, Quarantined are the numbers of source objects and of quarantined records.
	Objects     int64 `json:"objects"`
	Quarantined int64 `json:"quarantined"`
	// Files, Rows and Bytes are the sums over Added.
	Files int64 `json:"files"`
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	// Added and Removed are the data files that the commit added and removed, by path.
	Added   []FileRecord `json:"added,omitempty"`
	Removed []FileRecord `json:"removed,omitempty"`
	// Manifests are the manifest list and the manifests that the commit wrote.
	Manifests []FileHash `json:"manifests,omitempty"`
	// Settings are the table properties that the commit set, of those that settings are
	// kept in.
	Settings map[string]string `json:"settings,omitempty"`
	// Cutoff is the first day that an expiry kept, YYYY-MM-DD.
	Cutoff string `json:"cutoff,omitempty"`
	// User, Host and Tool say who committed: name, machine, program and version.
	User string `json:"user"`
	Host string `json:"host"`
	Tool string `json:"tool"`
}

// FileRecord names a data file in the audit chain and in the ledger.
type FileRecord struct {
	// Path is relative to the store's folder.
	Path string `json:"path"`
	// SHA256 is of the whole file, in hex.
	SHA256 string `json:"sha256"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// Rows is the number of records in the file, Multiset their hash.
	Rows     int64    `json:"rows"`
	Multiset Multiset `json:"multiset"`
}

// encode returns the canonical bytes of the record: its fields in order, without
// white space and without escapes of HTML.
func (r CommitRecord) encode() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("encode commit record %d: %w", r.Seq, err)
	}
	return buf.Bytes(), nil
}

// decodeCommitRecord reads what encode wrote and nothing else.
func decodeCommitRecord(b []byte) (CommitRecord, error) {
	var r CommitRecord
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&r); err != nil {
		return CommitRecord{}, fmt.Errorf("%w: decode commit record: %w", ErrCorrupt, err)
	}
	if r.V != recordVersion {
		return CommitRecord{}, fmt.Errorf("commit record has version %d, this program knows %d: %w", r.V, recordVersion, ErrLayout)
	}
	canonical, err := r.encode()
	if err != nil {
		return CommitRecord{}, err
	}
	if !bytes.Equal(canonical, b) {
		return CommitRecord{}, fmt.Errorf("%w: commit record %d is not in canonical form", ErrCorrupt, r.Seq)
	}
	return r, nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// getHashed returns the bytes of a file that a chain names, once they have the hash.
func getHashed(ctx context.Context, st Storage, h head) ([]byte, error) {
	b, err := st.Get(ctx, h.path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", h.path, err)
	}
	if got := hashOf(b); got != h.sha256 {
		return nil, fmt.Errorf("%w: %s has sha256 %s, the chain says %s", ErrCorrupt, h.path, got, h.sha256)
	}
	return b, nil
}

// readCommitRecord reads the record that h names and checks that it is what its name says.
func readCommitRecord(ctx context.Context, st Storage, h head) (CommitRecord, error) {
	b, err := getHashed(ctx, st, h)
	if err != nil {
		return CommitRecord{}, err
	}
	r, err := decodeCommitRecord(b)
	if err != nil {
		return CommitRecord{}, fmt.Errorf("read %s: %w", h.path, err)
	}
	seq, _, ok := parseAuditName(h.path)
	if !ok || seq != r.Seq {
		return CommitRecord{}, fmt.Errorf("%w: %s holds the record of commit %d", ErrCorrupt, h.path, r.Seq)
	}
	return r, nil
}

// History returns the commits of the store up to its newest, oldest first. An error
// about the chain wraps ErrCorrupt.
func (s *Store) History(ctx context.Context) ([]CommitRecord, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	return s.historyTo(ctx, b.auditHead)
}

// historyTo walks the chain back from h. It holds each record's whole file list.
func (s *Store) historyTo(ctx context.Context, h head) ([]CommitRecord, error) {
	if err := s.warmRecords(ctx, h); err != nil {
		return nil, fmt.Errorf("history of store %s: %w", s.Name(), err)
	}
	var records []CommitRecord
	for h != (head{}) {
		r, err := readCommitRecord(ctx, s.st, h)
		if err != nil {
			return nil, fmt.Errorf("history of store %s: %w", s.Name(), err)
		}
		if r.Store != s.id.String() {
			return nil, fmt.Errorf("%w: %s belongs to store %s", ErrCorrupt, h.path, r.Store)
		}
		if n := len(records); n > 0 && records[n-1].Seq != r.Seq+1 {
			return nil, fmt.Errorf("%w: commit record %d names record %d as the one before", ErrCorrupt, records[n-1].Seq, r.Seq)
		}
		records = append(records, r)
		if h, err = parseHead(r.Prev); err != nil {
			return nil, err
		}
	}
	if n := len(records); n == 0 || records[n-1].Seq != 0 {
		return nil, fmt.Errorf("%w: the audit chain of store %s does not reach its beginning", ErrCorrupt, s.Name())
	}
	slices.Reverse(records)
	return records, nil
}

// findRecords returns what the audit chain up to a version says of data files, by name.
// It walks back only as far as it must: small files are young.
func (s *Store) findRecords(ctx context.Context, on *base, names []string) (map[string]FileRecord, error) {
	wanted := make(map[string]bool, len(names))
	for _, n := range names {
		wanted[n] = true
	}
	found := make(map[string]FileRecord, len(names))
	for h := on.auditHead; h != (head{}) && len(wanted) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := readCommitRecord(ctx, s.st, h)
		if err != nil {
			return nil, fmt.Errorf("history of store %s: %w", s.Name(), err)
		}
		for _, f := range r.Added {
			if wanted[f.Path] {
				found[f.Path] = f
				delete(wanted, f.Path)
			}
		}
		if h, err = parseHead(r.Prev); err != nil {
			return nil, err
		}
	}
	for n := range wanted {
		return nil, fmt.Errorf("%w: no commit record of store %s names %s", ErrCorrupt, s.Name(), n)
	}
	return found, nil
}

// ExportAudit writes the store's commit records, oldest first, as the bytes that they are
// on storage: one line of JSON each. The SHA-256 of a line with its newline is what the
// next one names in prev; that of the last is returned with the number of its commit.
// Whoever keeps it can tell later that the history was not rewritten.
func (s *Store) ExportAudit(ctx context.Context, w io.Writer) (sha256 string, seq int64, err error) {
	b, err := s.newest(ctx)
	if err != nil {
		return "", 0, err
	}
	return s.exportAudit(ctx, b, w)
}

func (s *Store) exportAudit(ctx context.Context, b *base, w io.Writer) (sha256 string, seq int64, err error) {
	var chain []head
	if err := s.commitRecords(ctx, b.auditHead, func(h head, _ []byte) error {
		chain = append(chain, h)
		return nil
	}); err != nil {
		return "", 0, fmt.Errorf("export audit chain of store %s: %w", s.Name(), err)
	}
	for _, h := range slices.Backward(chain) {
		raw, err := getHashed(ctx, s.st, h)
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil {
			return "", 0, fmt.Errorf("export audit chain of store %s: %w", s.Name(), err)
		}
	}
	return b.auditHead.sha256, b.seq, nil
}
