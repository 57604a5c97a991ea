package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"

	"traillake/lake/table"
)

// Table properties that are ours. They are part of every commit.
const (
	propPrefix      = "traillake."
	propName        = propPrefix + "name"
	propCreated     = propPrefix + "created"
	propRetention   = propPrefix + "retention-days"
	propRegion      = propPrefix + "region"
	propAccount     = propPrefix + "account"
	propLayout      = propPrefix + "layout"
	propProtection  = propPrefix + "termination-protection"
	propLegalHold   = propPrefix + "legal-hold"
	propHistory     = propPrefix + "history-days"
	propSelectors   = propPrefix + "selectors"
	propDeleted     = propPrefix + "deleted"
	propPurged      = propPrefix + "purged"
	propFloor       = propPrefix + "floor"
	propSeq         = propPrefix + "seq"
	propTime        = propPrefix + "time"
	propIngestHead  = propPrefix + "ingest-head"
	propAuditHead   = propPrefix + "audit-head"
	propQuarantined = propPrefix + "quarantined"
	propSeal        = propPrefix + "seal"
)

// What the summaries of snapshots have of ours.
const (
	summaryList      = propPrefix + "manifest-list"
	summaryManifests = propPrefix + "manifests"
	summaryBatch     = propPrefix + "batch"
	summaryIngest    = propPrefix + "ingest"
	summarySeq       = propPrefix + "seq"
)

// What they have of Iceberg's own.
const (
	summaryRecords    = "total-records"
	summaryDataFiles  = "total-data-files"
	summaryFileSize   = "total-files-size"
	summaryDelRecords = "total-delete-files"
)

const (
	// listAfterWalk is after how many steps up from the hint a listing is cheaper; a guess.
	listAfterWalk   = 64
	maxSeq          = 999_999_999_999 // twelve digits in file names
	emptySnapshotID = int64(0)
)

// fixedProperties are set when a store is made and never change. FORMAT.md says why.
func fixedProperties() iceberg.Properties {
	return iceberg.Properties{
		"commit.retry.num-retries":                   "0",
		"commit.manifest-merge.enabled":              "true",
		"commit.manifest.min-count-to-merge":         "16", // each costs a reader a millisecond
		"gc.enabled":                                 "false",
		"write.metadata.delete-after-commit.enabled": "false",
		"write.delete.mode":                          "copy-on-write",
		"write.metadata.previous-versions-max":       "100",
		"read.split.target-size":                     "1099511627776", // 1 TiB: no data file is ever cut into scan ranges
		"read.parquet.vectorization.enabled":         "false",         // Spark's reader of vectors fails at delta encodings
		propLayout:                                   strconv.Itoa(layoutVersion),
	}
}

// base is one version of a store's metadata as it was loaded. Whatever is committed
// on top of it becomes the version after the one in its own file name, and no other.
type base struct {
	version     int // parsed from the name of the file
	raw         []byte
	meta        *table.Metadata
	seq         int64
	time        time.Time // of the commit
	settings    Settings
	deleted     time.Time // when the store was deleted; zero while it is not
	purged      bool      // its files are being removed
	floor       int       // lowest version of the metadata that has to be there
	ingestHead  head
	auditHead   head
	quarantined int64
	ledger      *ledgerFile // of a commit of this process; nil once the store's ledger knows what is in it
}

// parseMetadata is replaced by tests that open the same lake thousands of times.
var parseMetadata = table.Parse

// parseBase reads the metadata file of the given name.
func parseBase(name string, raw []byte) (*base, error) {
	version, ok := parseMetadataName(name)
	if !ok {
		return nil, fmt.Errorf("%w: %s is no name of a metadata file", ErrCorrupt, name)
	}
	if err := checkSeal(raw, propSeal); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	meta, err := parseMetadata(raw)
	if errors.Is(err, table.ErrUnknown) {
		return nil, fmt.Errorf("%w: read %s: %w", ErrLayout, name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: read %s: %w", ErrCorrupt, name, err)
	}
	b := &base{version: version, raw: raw, meta: meta}
	props := meta.Properties
	if got := props[propLayout]; got != strconv.Itoa(layoutVersion) {
		return nil, fmt.Errorf("read %s: store has layout %q, this program knows %d: %w", name, got, layoutVersion, ErrLayout)
	}
	if b.seq, err = strconv.ParseInt(props[propSeq], 10, 64); err != nil || b.seq < 0 {
		return nil, fmt.Errorf("%w: read %s: property %s is %q", ErrCorrupt, name, propSeq, props[propSeq])
	}
	if b.quarantined, err = strconv.ParseInt(props[propQuarantined], 10, 64); err != nil {
		return nil, fmt.Errorf("%w: read %s: property %s is %q", ErrCorrupt, name, propQuarantined, props[propQuarantined])
	}
	b.time = time.UnixMilli(meta.LastUpdatedMS).UTC()
	if t := props[propTime]; t != "" { // older versions have none
		if b.time, err = time.Parse(time.RFC3339Nano, t); err != nil {
			return nil, fmt.Errorf("%w: read %s: property %s: %w", ErrCorrupt, name, propTime, err)
		}
	}
	if t := props[propDeleted]; t != "" {
		if b.deleted, err = time.Parse(time.RFC3339Nano, t); err != nil {
			return nil, fmt.Errorf("%w: read %s: property %s: %w", ErrCorrupt, name, propDeleted, err)
		}
	}
	b.purged = props[propPurged] != ""
	b.floor = 1
	if v := props[propFloor]; v != "" {
		if b.floor, err = strconv.Atoi(v); err != nil || b.floor < 1 || b.floor > version {
			return nil, fmt.Errorf("%w: read %s: property %s is %q", ErrCorrupt, name, propFloor, v)
		}
	}
	if b.settings, err = settingsOf(props); err != nil {
		return nil, fmt.Errorf("%w: read %s: %w", ErrCorrupt, name, err)
	}
	if b.ingestHead, err = parseHead(props[propIngestHead]); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if b.auditHead, err = parseHead(props[propAuditHead]); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b, nil
}

// newest loads the newest version of the store's metadata. The result is shared and
// must not be changed.
func (s *Store) newest(ctx context.Context) (*base, error) {
	version, raw, err := s.newestVersion(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	b := s.base
	s.mu.Unlock()
	if b != nil && b.version == version {
		return b, nil
	}
	name := metadataName(version)
	if raw == nil {
		if raw, err = s.st.Get(ctx, name); err != nil {
			return nil, fmt.Errorf("read %s of store %s: %w", name, s.id, err)
		}
	}
	if b, err = parseBase(name, raw); err != nil {
		return nil, fmt.Errorf("store %s: %w", s.id, err)
	}
	s.remember(b)
	return b, nil
}

// remember keeps b as the newest version seen, unless a newer one is known.
func (s *Store) remember(b *base) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base == nil || s.base.version < b.version {
		s.base = b
	}
}

// settle makes sure that the newest version seen survives a loss of power, and the names
// that lead to it. Whoever made them may have died before it was sure of that, and what
// they hold is no reason to forget where it came from until then.
func (s *Store) settle(ctx context.Context) error {
	s.mu.Lock()
	seen, settled, named := 0, s.settled, s.named
	if s.base != nil {
		seen = s.base.version
	}
	s.mu.Unlock()
	if !named {
		for _, name := range []string{lakeFile, claimName(s.Name())} {
			if err := s.lake.st.Settle(ctx, name); err != nil {
				return fmt.Errorf("settle %s: %w", name, err)
			}
		}
	}
	if seen > settled {
		if err := s.st.Settle(ctx, metadataName(seen)); err != nil {
			return fmt.Errorf("settle %s of store %s: %w", metadataName(seen), s.Name(), err)
		}
	}
	s.mu.Lock()
	s.settled, s.named = max(s.settled, seen), true
	s.mu.Unlock()
	return nil
}

// newestVersion finds the highest version there is, and returns what it holds if that was
// read on the way. The hint never means more than "start looking here".
func (s *Store) newestVersion(ctx context.Context) (version int, raw []byte, err error) {
	s.mu.Lock()
	start := 0
	if s.base != nil {
		start = s.base.version
	}
	s.mu.Unlock()
	known := start > 0
	if !known {
		if hint, err := s.st.Get(ctx, hintName()); err == nil { // without one, whatever the reason, it takes longer
			start, _ = parseHint(hint)
		}
	}
	if start > 0 {
		// Which of the two is looked for first does not matter: versions are removed from
		// the oldest on, so where this one is there and the next is not, that had not been
		// made when it was looked for.
		ok, next := false, false
		err := beside(ctx, s.lake.st,
			func(ctx context.Context) (err error) {
				if known {
					ok, err = s.hasVersion(ctx, start)
				} else {
					raw, ok, err = s.readVersion(ctx, start)
				}
				return err
			},
			func(ctx context.Context) (err error) {
				next, err = s.hasVersion(ctx, start+1)
				return err
			})
		if err != nil {
			return 0, nil, err
		}
		if ok && !next {
			return start, raw, nil
		}
		for n := start + 1; ok && n < start+listAfterWalk; n++ {
			if next, err = s.hasVersion(ctx, n+1); err != nil {
				return 0, nil, err
			}
			if !next {
				return n, nil, nil
			}
		}
	}
	version, err = s.listNewest(ctx)
	if err == nil && start > version { // versions are removed from the oldest on
		s.mu.Lock()
		s.lost = start
		s.mu.Unlock()
		s.lake.log.Warn("the newest version of a store is missing, and what it committed with it: put it back from a copy of the lake",
			"missing", s.lake.Root()+"/"+storeDir(s.id)+"/"+metadataName(start), "newest left", path.Base(metadataName(version)))
	}
	return version, nil, err
}

// lostVersion returns the version that the hint names where that is after the newest one and not
// there; else 0. A hint is written after its version was published, and whole: the version was lost,
// and its commit with it.
func (s *Store) lostVersion(ctx context.Context, newest int) (int, error) {
	raw, err := s.st.Get(ctx, hintName())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // a convenience that was never written
	}
	if err != nil {
		return 0, err
	}
	n, ok := parseHint(raw)
	if !ok || n <= newest {
		return 0, nil
	}
	there, err := s.hasVersion(ctx, n)
	if err != nil || there {
		return 0, err
	}
	return n, nil
}

// complete refuses to go on after a base where a later version was lost: a commit would take its
// place, and nobody would know any more.
func (s *Store) complete(ctx context.Context, on *base) error {
	s.mu.Lock()
	lost := s.lost
	s.mu.Unlock()
	if lost <= on.version {
		return nil
	}
	hinted, err := s.lostVersion(ctx, on.version)
	if err != nil {
		return fmt.Errorf("look for the newest version of store %s: %w", s.Name(), err)
	}
	if hinted == 0 { // somebody has decided to go on without it
		s.mu.Lock()
		s.lost, s.base, s.snapshot, s.ledger = 0, on, nil, nil
		s.mu.Unlock()
		return nil
	}
	return fmt.Errorf("%w: store %s: %s/%s is missing and was published, as %s beside it says: put it back from a copy of the lake, or remove that file, to go on without what was committed then, and ingest it again",
		ErrCorrupt, s.Name(), storeDir(s.id), metadataName(lost), hintFile)
}

// readVersion reads a version, if it is there.
func (s *Store) readVersion(ctx context.Context, n int) (raw []byte, ok bool, err error) {
	raw, err = s.st.Get(ctx, metadataName(n))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read %s of store %s: %w", metadataName(n), s.id, err)
	}
	return raw, true, nil
}

func (s *Store) hasVersion(ctx context.Context, n int) (bool, error) {
	_, err := s.st.Stat(ctx, metadataName(n))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for version %d of store %s: %w", n, s.id, err)
	}
	return true, nil
}

// listNewest finds the newest version by listing. A version that is published while
// the listing runs may be missed; the publish of a commit on an older base fails.
func (s *Store) listNewest(ctx context.Context) (int, error) {
	newest := 0
	for fi, err := range s.st.List(ctx, metadataDir) {
		if err != nil {
			return 0, fmt.Errorf("list versions of store %s: %w", s.id, err)
		}
		if n, ok := parseMetadataName(fi.Name); ok {
			newest = max(newest, n)
		}
	}
	if newest == 0 {
		return 0, fmt.Errorf("%w: store %s has no metadata", ErrCorrupt, s.id)
	}
	return newest, nil
}
