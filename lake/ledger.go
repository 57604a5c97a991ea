package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"traillake/lake/source"
)

// Status says how an object was taken in.
type Status string

// The statuses of an object.
const (
	// StatusOK means that every record was stored or left out by a selector.
	StatusOK Status = "ok"
	// StatusPartial means that some records are in quarantine.
	StatusPartial Status = "partial"
	// StatusQuarantined means that the object as a whole is in quarantine.
	StatusQuarantined Status = "quarantined"
)

// ObjectID tells source objects apart. In a bucket that is the key with the version, or
// with ETag and size where versions are not kept; a local file is known by its path,
// size and time of change. A local object without a time of change, such as standard
// input, is known by its content only.
type ObjectID struct {
	Bucket, Key, Version, ETag string
	Size                       int64
	MTime                      time.Time
}

// ObjectEntry is what the ledger keeps of one source object.
type ObjectEntry struct {
	// Bucket is empty for local files.
	Bucket string `json:"bucket"`
	// Key is the object's key, or the path of a local file.
	Key string `json:"key"`
	// Version and ETag are the bucket's; empty where it has none.
	Version string `json:"version,omitempty"`
	ETag    string `json:"etag,omitempty"`
	// Size is of the object as stored, in bytes.
	Size int64 `json:"size"`
	// MTime is the time of the object's last change, to the nanosecond.
	MTime time.Time `json:"mtime,omitzero"`
	// SHA256 is of the object as stored, in hex; empty when it was not read to its end.
	SHA256 string `json:"sha256,omitempty"`
	// Bytes is the decompressed size.
	Bytes int64 `json:"bytes"`
	// RowsIn is the number of records read. It equals RowsOut, those stored, plus
	// Filtered, those that selectors left out, plus Quarantined.
	RowsIn      int64  `json:"rows_in"`
	RowsOut     int64  `json:"rows_out"`
	Filtered    int64  `json:"filtered"`
	Quarantined int64  `json:"quarantined"`
	Status      Status `json:"status"`
	// Multiset is the hash of the records stored.
	Multiset Multiset `json:"multiset"`
	// Account and Region are those in the key; empty when it has none.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// TextSHA256 is of the decompressed text, in hex; empty when nobody asked for digests
	// to be checked, or the text could not be read to its end.
	TextSHA256 string `json:"text_sha256,omitempty"`
	// TextBroken says that the text was to be hashed and could not be read to its end, so that it
	// is none that any digest names.
	TextBroken bool `json:"text_broken,omitempty"`
	// Verdict is what CloudTrail's digests say of the object, Digest the one that says so.
	// Both are empty while that is not known; verdicts that came later are in ledgers of
	// their own, see Snapshot.Objects.
	Verdict Verdict `json:"verdict,omitempty"`
	Digest  string  `json:"digest,omitempty"`
	// WasMissing says that an earlier commit calls the object a MissingLog, at this place or
	// another. A commit sets it.
	WasMissing bool `json:"was_missing,omitempty"`

	// Seq is the number of the commit that took the object in, which its rows carry in
	// _ingest_seq. Snapshot.Objects sets it.
	Seq int64 `json:"-"`
}

// ID returns what tells the object apart from others.
func (e ObjectEntry) ID() ObjectID {
	return ObjectID{Bucket: e.Bucket, Key: e.Key, Version: e.Version, ETag: e.ETag, Size: e.Size, MTime: e.MTime}
}

// hashed reports whether the text was hashed, or was to be and has no end.
func (e ObjectEntry) hashed() bool { return e.TextSHA256 != "" || e.TextBroken }

// balanced checks the entry by itself.
func (e ObjectEntry) balanced() error {
	if e.RowsIn < 0 || e.RowsOut < 0 || e.Filtered < 0 || e.Quarantined < 0 || e.RowsIn != e.RowsOut+e.Filtered+e.Quarantined {
		return fmt.Errorf("object %s: %d records read, but %d stored + %d filtered + %d quarantined", e.Key, e.RowsIn, e.RowsOut, e.Filtered, e.Quarantined)
	}
	switch e.Status {
	case StatusOK, StatusPartial, StatusQuarantined:
	default:
		return fmt.Errorf("object %s: unknown status %q", e.Key, e.Status)
	}
	if e.Key == "" {
		return errors.New("object without key")
	}
	if e.SHA256 != "" && !ValidSHA256(e.SHA256) {
		return fmt.Errorf("object %s: sha256 is %q", e.Key, e.SHA256)
	}
	if e.TextSHA256 != "" && !ValidSHA256(e.TextSHA256) {
		return fmt.Errorf("object %s: sha256 of the text is %q", e.Key, e.TextSHA256)
	}
	if e.TextSHA256 != "" && e.TextBroken {
		return fmt.Errorf("object %s: its text has a hash, and no end", e.Key)
	}
	if known := e.Verdict == VerdictVerified && e.TextSHA256 != "" || e.Verdict == VerdictFailed; known != (e.Digest != "") || !known && e.Verdict != "" {
		return fmt.Errorf("object %s: verdict %q by digest %q", e.Key, e.Verdict, e.Digest)
	}
	return nil
}

// ledgerFile is the ledger of one batch.
type ledgerFile struct {
	V     int    `json:"v"`
	Batch string `json:"batch"`
	Seq   int64  `json:"seq"`
	// Prev names and hashes the ledger file before, <path>#<sha256>.
	Prev       string          `json:"prev"`
	Files      []FileRecord    `json:"files"`
	Quarantine *quarantineFile `json:"quarantine,omitempty"`
	Objects    []ObjectEntry   `json:"objects"`
	// Verdicts are on objects of earlier ledgers.
	Verdicts []verdictEntry `json:"verdicts,omitempty"`
	// Missing are logs that digests name and that no ledger has until then.
	Missing []MissingLog `json:"missing,omitempty"`
	// MissingDigests are not there, or not valid, and were not missing until then. FoundDigests were.
	MissingDigests []MissingDigest `json:"missing_digests,omitempty"`
	FoundDigests   []foundDigest   `json:"found_digests,omitempty"`
}

// quarantineFile names the batch's file of quarantined records.
type quarantineFile struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	Records int64  `json:"records"`
}

const (
	ledgerVersion = 1
	// maxLedgerBytes bounds what a damaged ledger file can make us hold: a hundred
	// times the ledger of a batch of 100 000 objects.
	maxLedgerBytes = 4 << 30
)

func (l *ledgerFile) encode() ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode ledger %d: %w", l.Seq, err)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return enc.EncodeAll(text, nil), enc.Close()
}

func decodeLedgerFile(b []byte) (*ledgerFile, error) {
	dec, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxLedgerBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: read ledger: %w", ErrCorrupt, err)
	}
	defer dec.Close()
	text, err := io.ReadAll(io.LimitReader(dec, maxLedgerBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: read ledger: %w", ErrCorrupt, err)
	}
	var l ledgerFile
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("%w: read ledger: %w", ErrCorrupt, err)
	}
	if l.V != ledgerVersion {
		return nil, fmt.Errorf("ledger has version %d, this program knows %d: %w", l.V, ledgerVersion, ErrLayout)
	}
	return &l, nil
}

// readLedgerFile reads the ledger that h names and checks that it is what its name says.
func readLedgerFile(ctx context.Context, st Storage, h head) (*ledgerFile, error) {
	b, err := getHashed(ctx, st, h)
	if err != nil {
		return nil, err
	}
	l, err := decodeLedgerFile(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", h.path, err)
	}
	seq, batch, ok := parseLedgerName(h.path)
	if !ok || seq != l.Seq || batch.String() != l.Batch {
		return nil, fmt.Errorf("%w: %s holds the ledger of batch %s, commit %d", ErrCorrupt, h.path, l.Batch, l.Seq)
	}
	return l, nil
}

// Ledger knows every object ever ingested into a store. All of it is in memory: 16 bytes
// of hash for each of an object's three keys (identity, content, log), which with the
// room that the map keeps free come to 75 to 110 bytes per object, so a store of ten
// million objects needs about 1 GB. An index on disk is to replace it.
type Ledger struct {
	mu      sync.RWMutex
	head    head // guarded by mu, like what follows
	seen    map[[16]byte]struct{}
	missing map[[16]byte]struct{}    // by log: what was missing once
	digests map[[16]byte]foundDigest // that are missing, by name
	vouched map[[16]byte]struct{}    // digests by which objects were verified, by name
	objects int64
}

// The domains of the hashes in Ledger.seen.
const (
	seenID      = "id"
	seenContent = "content"
	seenLog     = "log"
)

// digestKey hashes the parts. Sixteen bytes of SHA-256, because an attacker who can
// name objects must not be able to make two collide and so hide one.
func digestKey(parts ...string) [16]byte {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		io.WriteString(h, p)
	}
	var sum [sha256.Size]byte
	return [16]byte(h.Sum(sum[:0])[:16])
}

func number(n int64) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

// key returns the hash of the identity; false when only the content can tell.
func (o ObjectID) key() ([16]byte, bool) {
	switch {
	case o.Bucket == "" && o.MTime.IsZero():
		return [16]byte{}, false
	case o.Bucket == "":
		return digestKey(seenID, "file", o.Key, number(o.Size), number(o.MTime.UnixNano())), true
	case o.Version != "":
		return digestKey(seenID, "version", o.Bucket, o.Key, o.Version), true
	default:
		return digestKey(seenID, "etag", o.Bucket, o.Key, o.ETag, number(o.Size)), true
	}
}

// keys returns the hashes by which the object is known again: of its identity, where it
// has one, and of its content, where that was read to its end.
func (e ObjectEntry) keys() [][16]byte {
	keys := make([][16]byte, 0, 2)
	if k, ok := e.ID().key(); ok {
		keys = append(keys, k)
	}
	if e.SHA256 != "" {
		keys = append(keys, contentKey(e.Bucket, e.Key, e.SHA256))
	}
	return keys
}

func contentKey(bucket, key, sha256 string) [16]byte {
	return digestKey(seenContent, bucket, key, sha256)
}

// logKey is what a log is known by wherever it lies, unzipped or not: its name, since CloudTrail
// gives no two logs the same. Other files are known by their place.
func logKey(bucket, key string) [16]byte {
	if name, ok := source.LogName(filepath.ToSlash(key)); ok {
		return digestKey(seenLog, name)
	}
	return digestKey(seenLog, bucket, key)
}

func (l *Ledger) has(k [16]byte) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.seen[k]
	return ok
}

// Has reports whether the object was ingested. The answer is about the object as it was
// listed; one that was only touched since is found by HasContent.
func (l *Ledger) Has(id ObjectID) bool {
	k, ok := id.key()
	return ok && l.has(k)
}

// HasContent reports whether an object with this bucket, key and SHA-256 was ingested.
func (l *Ledger) HasContent(bucket, key, sha256 string) bool {
	return l.has(contentKey(bucket, key, sha256))
}

// HasLog reports whether the log was ingested that has the name of this one, from whatever place
// and with whatever content; of a file that has no name of CloudTrail's, whether one with this
// bucket and key was.
func (l *Ledger) HasLog(bucket, key string) bool { return l.has(logKey(bucket, key)) }

// Len returns the number of objects ingested.
func (l *Ledger) Len() int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.objects
}

func (l *Ledger) add(f *ledgerFile) {
	for _, o := range f.Objects {
		for _, k := range o.keys() {
			l.seen[k] = struct{}{}
		}
		l.seen[logKey(o.Bucket, o.Key)] = struct{}{}
	}
	for _, m := range f.Missing {
		l.missing[logKey(m.Bucket, m.Key)] = struct{}{}
	}
	for _, m := range f.MissingDigests {
		l.digests[logKey(m.Bucket, m.Key)] = foundDigest{m.Bucket, m.Key}
	}
	for _, d := range f.FoundDigests {
		delete(l.digests, logKey(d.Bucket, d.Key))
	}
	vouches := func(v Verdict, digest string) {
		if v == VerdictVerified {
			l.vouched[logKey("", digest)] = struct{}{}
		}
	}
	for _, o := range f.Objects {
		vouches(o.Verdict, o.Digest)
	}
	for _, v := range f.Verdicts {
		vouches(v.Verdict, v.Digest)
	}
	l.objects += int64(len(f.Objects))
}

// Ledger returns the store's ledger as of the newest commit. It is shared: it also
// learns of commits that are made later.
func (s *Store) Ledger(ctx context.Context) (*Ledger, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	return s.ledgerAt(ctx, b)
}

// ledgerAt returns the shared ledger once it holds everything up to b.
func (s *Store) ledgerAt(ctx context.Context, b *base) (*Ledger, error) {
	s.mu.Lock()
	if s.ledger == nil {
		s.ledger = &Ledger{seen: make(map[[16]byte]struct{}), missing: make(map[[16]byte]struct{}), digests: make(map[[16]byte]foundDigest), vouched: make(map[[16]byte]struct{})}
	}
	l := s.ledger
	s.mu.Unlock()

	l.mu.Lock()
	defer l.mu.Unlock()
	known, _, _ := parseLedgerName(l.head.path) // 0 when empty
	if err := s.warmLedgers(ctx, known, b.ingestHead); err != nil {
		return nil, fmt.Errorf("read ledger of store %s: %w", s.Name(), err)
	}
	var news []*ledgerFile
	for h := b.ingestHead; h != l.head && h != (head{}); {
		if seq, _, ok := parseLedgerName(h.path); ok && seq <= known {
			break // the shared ledger is ahead of b
		}
		f, err := readLedgerFile(ctx, s.st, h)
		if err != nil {
			return nil, fmt.Errorf("read ledger of store %s: %w", s.Name(), err)
		}
		news = append(news, f)
		if h, err = parseHead(f.Prev); err != nil {
			return nil, fmt.Errorf("read ledger of store %s: %w", s.Name(), err)
		}
	}
	for _, f := range slices.Backward(news) {
		l.add(f)
	}
	if len(news) > 0 {
		l.head = b.ingestHead
	}
	return l, nil
}

// learn tells the shared ledger of a commit of this process, of which the firewall has just
// read the ledger back, so that nobody has to read it once more.
func (s *Store) learn(on, next *base) {
	s.mu.Lock()
	l := s.ledger
	s.mu.Unlock()
	news := next.ledger
	next.ledger = nil
	if l == nil || next.ingestHead == on.ingestHead {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == on.ingestHead {
		l.add(news)
		l.head = next.ingestHead
	}
}

// checkNew refuses objects of which one was ingested before, or is taken in the same
// commit, or that name one twice.
func (l *Ledger) checkNew(objects []ObjectEntry, taken map[[16]byte]struct{}) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	mine := make(map[[16]byte]struct{}, 2*len(objects))
	for _, o := range objects {
		keys := o.keys()
		for _, k := range keys {
			_, seen := l.seen[k]
			if _, ok := taken[k]; ok || seen {
				return fmt.Errorf("%w: %s", ErrAlreadyIngested, o.Key)
			}
			if _, ok := mine[k]; ok {
				return fmt.Errorf("%w: object %s is in the batch twice", ErrInvalid, o.Key)
			}
		}
		for _, k := range keys {
			mine[k] = struct{}{}
		}
	}
	return nil
}
