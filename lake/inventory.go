package lake

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
)

// FileKind says what a file of a lake is for.
type FileKind string

// The kinds of the files that a state of a store consists of.
const (
	// KindLake is lake.json, KindName what leads from the store's name to its folder.
	KindLake FileKind = "lake"
	KindName FileKind = "name"
	// KindMetadata is the version that makes the state what it is; KindManifest are the
	// manifest list and the manifests that it leads to, KindData the files with the events.
	KindMetadata FileKind = "metadata"
	KindManifest FileKind = "manifest"
	KindData     FileKind = "data"
	// KindLedger and KindQuarantine are of every ingest until then, KindCommit of every
	// commit.
	KindLedger     FileKind = "ledger"
	KindQuarantine FileKind = "quarantine"
	KindCommit     FileKind = "commit"
)

// StoredFile is a file of a lake as it was written.
type StoredFile struct {
	Kind FileKind
	// Path is relative to the lake's root, with slashes.
	Path string
	// Size is in bytes, SHA256 of the whole file in hex.
	Size   int64
	SHA256 string
	// Rows is the number of events of a data file, 0 for others.
	Rows int64
}

// Link names a file of a chain and hashes it.
type Link struct {
	// Path is relative to the lake's root; empty where a chain has no links.
	Path string `json:"path"`
	// SHA256 is of the whole file, in hex.
	SHA256 string `json:"sha256"`
}

// Heads are what a state of a store is known by: whoever has them can tell whether it was
// changed.
type Heads struct {
	// Metadata is the version's file.
	Metadata Link `json:"metadata"`
	// Commit is the newest commit record. Each names and hashes the one before.
	Commit Link `json:"commit"`
	// Ledger is the newest ledger file. Each names and hashes the one before.
	Ledger Link `json:"ledger"`
}

// Heads returns the heads of the version that the snapshot was read from.
func (sn *Snapshot) Heads() Heads {
	dir := storeDir(sn.store.id) + "/"
	link := func(h head) Link {
		if h == (head{}) {
			return Link{}
		}
		return Link{dir + h.path, h.sha256}
	}
	return Heads{
		Metadata: Link{dir + metadataName(sn.base.version), hashOf(sn.base.raw)},
		Commit:   link(sn.base.auditHead), Ledger: link(sn.base.ingestHead),
	}
}

// Committed returns the time of the newest commit of the version that the snapshot was read
// from, UTC.
func (sn *Snapshot) Committed() time.Time { return sn.base.time }

// Inventory lists the files that the newest state of a store consists of: what leads to it,
// what holds its events, and the chains that tell how it came to be. Their hashes are those
// of the chains; small files are read and compared with them, data and quarantine files are
// not. Older snapshots, leases and marks are left out. The order is always the same.
//
// It is for snapshots that Store.Snapshot returns.
func (sn *Snapshot) Inventory(ctx context.Context) iter.Seq2[StoredFile, error] {
	return func(yield func(StoredFile, error) bool) {
		err := sn.inventory(ctx, func(f StoredFile) bool { return yield(f, nil) })
		if err != nil && err != errStop {
			yield(StoredFile{}, fmt.Errorf("list files of store %s: %w", sn.store.Name(), err))
		}
	}
}

// errStop ends an inventory that nobody wants more of.
var errStop = fmt.Errorf("stop")

func (sn *Snapshot) inventory(ctx context.Context, yield func(StoredFile) bool) error {
	s, b := sn.store, sn.base
	dir := storeDir(s.id) + "/"
	put := func(kind FileKind, path string, size int64, sha256 string, rows int64) error {
		if !yield(StoredFile{kind, path, size, sha256, rows}) {
			return errStop
		}
		return ctx.Err()
	}
	whole := func(kind FileKind, path string) error {
		raw, err := s.lake.st.Get(ctx, path)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		return put(kind, path, int64(len(raw)), hashOf(raw), 0)
	}
	if err := whole(KindName, claimName(s.Name())); err != nil {
		return err
	}
	if err := put(KindMetadata, dir+metadataName(b.version), int64(len(b.raw)), hashOf(b.raw), 0); err != nil {
		return err
	}
	if sn.snap != nil {
		l, err := s.readManifestList(ctx, s.st, sn.snap)
		if err != nil {
			return err
		}
		for _, h := range append([]FileHash{l.list}, l.hashes...) {
			if err := put(KindManifest, dir+h.Path, h.Size, h.SHA256, 0); err != nil {
				return err
			}
		}
	}
	files, err := sn.all(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(files))
	for i, f := range files {
		if names[i], err = nameOf(s.st.Root(), f.URI); err != nil {
			return err
		}
	}
	slices.Sort(names)
	records, err := s.findRecords(ctx, b, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		r := records[name]
		if err := put(KindData, dir+name, r.Size, r.SHA256, r.Rows); err != nil {
			return err
		}
	}
	for h := b.ingestHead; h != (head{}); {
		fi, err := s.st.Stat(ctx, h.path)
		if err != nil {
			return fmt.Errorf("read %s: %w", h.path, err)
		}
		f, err := readLedgerFile(ctx, s.st, h)
		if err != nil {
			return err
		}
		if err := put(KindLedger, dir+h.path, fi.Size, h.sha256, 0); err != nil {
			return err
		}
		if q := f.Quarantine; q != nil {
			if err := put(KindQuarantine, dir+q.Path, q.Size, q.SHA256, 0); err != nil {
				return err
			}
		}
		if h, err = parseHead(f.Prev); err != nil {
			return err
		}
	}
	return s.commitRecords(ctx, b.auditHead, func(h head, raw []byte) error {
		return put(KindCommit, dir+h.path, int64(len(raw)), h.sha256, 0)
	})
}

// commitRecords calls found with the commit records up to h, newest first.
func (s *Store) commitRecords(ctx context.Context, h head, found func(h head, raw []byte) error) error {
	if err := s.warmRecords(ctx, h); err != nil {
		return err
	}
	for h != (head{}) {
		raw, err := getHashed(ctx, s.st, h)
		if err != nil {
			return err
		}
		r, err := decodeCommitRecord(raw)
		if err != nil {
			return fmt.Errorf("read %s: %w", h.path, err)
		}
		if err := found(h, raw); err != nil {
			return err
		}
		if h, err = parseHead(r.Prev); err != nil {
			return err
		}
	}
	return nil
}

// ExportAudit writes the commit records up to the snapshot's version, as Store.ExportAudit
// does up to the newest.
func (sn *Snapshot) ExportAudit(ctx context.Context, w io.Writer) (sha256 string, seq int64, err error) {
	return sn.store.exportAudit(ctx, sn.base, w)
}

// Inventory lists the files of the lake that are no store's.
func (l *Lake) Inventory(ctx context.Context) ([]StoredFile, error) {
	raw, err := l.st.Get(ctx, lakeFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", lakeFile, err)
	}
	return []StoredFile{{Kind: KindLake, Path: lakeFile, Size: int64(len(raw)), SHA256: hashOf(raw)}}, nil
}

// ListFiles lists the files at a place that may be those of an inventory, also where the lake
// cannot be opened: all but what comes and goes, such as leases, and what schedules keep. The
// storage of a lake that was copied is enough.
func ListFiles(ctx context.Context, st Storage) iter.Seq2[FileInfo, error] {
	return func(yield func(FileInfo, error) bool) {
		if fi, err := st.Stat(ctx, lakeFile); err == nil && !yield(fi, nil) {
			return
		}
		for _, dir := range []string{namesDir, storesDir} {
			for fi, err := range st.List(ctx, dir) {
				if err == nil && (isPassing(fi.Name) || isHint(fi.Name)) {
					continue
				}
				if !yield(fi, err) {
					return
				}
			}
		}
	}
}

// ParseVersion returns the version of the metadata file at a path of a lake, and the folder of
// its store; ok is false for other files.
func ParseVersion(path string) (store string, version int, ok bool) {
	rest, ok := strings.CutPrefix(path, storesDir+"/")
	if !ok {
		return "", 0, false
	}
	id, name, ok := strings.Cut(rest, "/")
	if !ok {
		return "", 0, false
	}
	version, ok = parseMetadataName(name)
	return storesDir + "/" + id, version, ok
}

// Plain returns the storage without any local copies of what it holds: what is read from it is
// what is there.
func Plain(st Storage) Storage { return uncached(st) }
