package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Verdict is what CloudTrail's digests say of a source object. The empty one means that
// nobody knows: nobody asked, or no valid digest names the object yet.
type Verdict string

// The verdicts.
const (
	// VerdictVerified means that the object's text is the one that a valid digest names.
	VerdictVerified Verdict = "verified"
	// VerdictFailed means that a valid digest names another text.
	VerdictFailed Verdict = "failed"
)

// Digests knows what valid digests say of source objects.
type Digests interface {
	// Expected returns the hex SHA-256 of the object's decompressed text, and the digest
	// that says so. ok is false when no valid digest names the object.
	Expected(bucket, key string) (sha256, digest string, ok bool)
	// Missing looks for each object of the source that a valid digest names, but for those that known
	// tells of. It calls looked with each: with nil where it is there, with an error that wraps
	// fs.ErrNotExist where it is not, and with another where that cannot be told; in no order, from
	// one goroutine at a time. It returns the error of ctx.
	Missing(ctx context.Context, known func(bucket, key string) bool, looked func(bucket, key, digest string, err error)) error
	// Gone calls f with each digest that a valid one names as the one before it, and that is not
	// there or not valid, although an older one is; and with the one that names it. A digest that
	// is there and not CloudTrail's may be named by itself.
	Gone(f func(bucket, key, by string))
	// Unread calls f with each digest that could not be read, and with why.
	Unread(f func(key string, err error))
	// Invalid calls f with each digest that is not valid, not there or not readable.
	Invalid(f func(key string))
	// Sound reports whether a digest is there and valid.
	Sound(bucket, key string) bool
}

// verdictEntry gives an object of an earlier ingest the verdict that it did not have.
type verdictEntry struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	// SHA256 is of the object as stored, as in its own entry.
	SHA256 string `json:"sha256"`
	// TextSHA256 and TextBroken are as those of its own entry, which has neither then.
	TextSHA256 string  `json:"text_sha256,omitempty"`
	TextBroken bool    `json:"text_broken,omitempty"`
	Verdict    Verdict `json:"verdict"`
	Digest     string  `json:"digest"`
	text       string  // its hash, here or in its own entry
}

func (v verdictEntry) check() error {
	if v.Key == "" || !ValidSHA256(v.SHA256) || v.TextSHA256 != "" && !ValidSHA256(v.TextSHA256) || v.Digest == "" || v.Verdict != VerdictVerified && v.Verdict != VerdictFailed {
		return fmt.Errorf("verdict %q on object %q with sha256 %q is none", v.Verdict, v.Key, v.SHA256)
	}
	if v.TextBroken && (v.TextSHA256 != "" || v.Verdict != VerdictFailed) {
		return fmt.Errorf("verdict %q on object %q, whose text has no end", v.Verdict, v.Key)
	}
	return nil
}

// judge compares the hash of a text with what a digest says.
func judge(got, want string) Verdict {
	if strings.EqualFold(got, want) {
		return VerdictVerified
	}
	return VerdictFailed
}

// verdictsGiven collects verdicts while ledgers are read from the newest to the oldest, and
// gives them to the objects, which are in older ledgers than their verdicts.
type verdictsGiven map[[16]byte]verdictEntry

func (g verdictsGiven) learn(f *ledgerFile) {
	for _, v := range f.Verdicts {
		g[contentKey(v.Bucket, v.Key, v.SHA256)] = v
	}
}

// complete returns the entry with the verdict that it got later.
func (g verdictsGiven) complete(o ObjectEntry) ObjectEntry {
	if len(g) == 0 || o.Verdict != "" || o.SHA256 == "" {
		return o
	}
	k := contentKey(o.Bucket, o.Key, o.SHA256)
	if v, ok := g[k]; ok {
		o.Verdict, o.Digest = v.Verdict, v.Digest
		o.TextSHA256, o.TextBroken = cmp.Or(o.TextSHA256, v.TextSHA256), o.TextBroken || v.TextBroken
		delete(g, k)
	}
	return o
}

// laterVerdicts tells of objects that got their verdicts after they were ingested.
type laterVerdicts struct {
	Verified, Failed int64
	// Problems are the first few that failed.
	Problems []ObjectProblem
	// unhashed are the first maxVerdicts that digests name and whose texts nobody hashed, open is
	// how many there are.
	unhashed []ObjectEntry
	open     int64
}

// maxVerdicts is how many verdicts go into one commit.
const maxVerdicts = 100_000

// verdict proposes a commit that says what l does of objects, and adds no rows.
func (b *base) verdict(id uuid.UUID, l ledgerFile) *proposal {
	l.V, l.Batch, l.Seq, l.Prev = ledgerVersion, id.String(), b.seq+1, b.ingestHead.String()
	l.Files, l.Objects = []FileRecord{}, []ObjectEntry{}
	return &proposal{operation: OpVerdict, batch: id, ledger: &l}
}

// completeVerdicts gives objects that were ingested before their digests were there the
// verdicts that these allow, in commits that do nothing else. It can judge objects whose
// text was hashed when they were ingested, or later, and tells of the others that are wanted.
func (s *Store) completeVerdicts(ctx context.Context, d Digests, texts textHashes, wanted func(ObjectEntry) bool) (r laterVerdicts, err error) {
	for {
		var entries []verdictEntry
		id := uuid.New()
		_, err := s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
			if err := s.active(on); err != nil {
				return nil, err
			}
			r.unhashed, r.open = nil, 0
			unhashed := func(o ObjectEntry) {
				if !wanted(o) {
					return
				}
				if r.open++; r.open <= maxVerdicts {
					r.unhashed = append(r.unhashed, o)
				}
			}
			if entries, err = s.openVerdicts(ctx, on, d, texts, unhashed); err != nil || len(entries) == 0 {
				return nil, err
			}
			return on.verdict(id, ledgerFile{Verdicts: entries}), nil
		})
		if err != nil {
			return r, fmt.Errorf("complete verdicts of store %s: %w", s.Name(), err)
		}
		for _, e := range entries {
			if e.Verdict == VerdictVerified {
				r.Verified++
				continue
			}
			r.Failed++
			r.Problems = firstFew(append(r.Problems, ObjectProblem{Object: e.Key, Reason: mismatch(e.text, e.Digest)}))
		}
		if len(entries) < maxVerdicts {
			return r, nil
		}
	}
}

// openVerdicts returns the verdicts that objects of a version lack and d knows. It calls unhashed
// with those whose texts would have to be hashed first.
func (s *Store) openVerdicts(ctx context.Context, on *base, d Digests, texts textHashes, unhashed func(ObjectEntry)) ([]verdictEntry, error) {
	var entries []verdictEntry
	for o, err := range s.snapshotOf(on).Objects(ctx) {
		if err != nil {
			return nil, err
		}
		if o.Verdict != "" || o.SHA256 == "" {
			continue
		}
		want, by, ok := d.Expected(o.Bucket, o.Key)
		if !ok {
			continue
		}
		v := verdictEntry{Bucket: o.Bucket, Key: o.Key, SHA256: o.SHA256, Digest: by}
		if !o.hashed() {
			if v.TextSHA256, ok = texts[contentKey(o.Bucket, o.Key, o.SHA256)]; !ok {
				unhashed(o)
				continue
			}
			v.TextBroken = v.TextSHA256 == ""
		}
		v.text = cmp.Or(o.TextSHA256, v.TextSHA256)
		v.Verdict = judge(v.text, want)
		entries = append(entries, v)
		if len(entries) == maxVerdicts {
			break
		}
	}
	return entries, nil
}

// judges reports whether the ledger has what a commit of verdicts has.
func (l *ledgerFile) judges() bool {
	return len(l.Verdicts)+len(l.Missing)+len(l.MissingDigests)+len(l.FoundDigests) > 0
}

// checkVerdicts wants a commit of verdicts to hold some, each on an object that the ledger
// knows, or missing logs or digests, and any other commit to hold none.
func checkVerdicts(l *ledgerFile, operation string) error {
	if operation != OpVerdict {
		if l.judges() {
			return fmt.Errorf("%s gives verdicts or names missing logs or digests", operation)
		}
		return nil
	}
	switch {
	case !l.judges():
		return errors.New("neither a verdict is given nor a missing log or digest named")
	case len(l.Objects) > 0 || len(l.Files) > 0 || l.Quarantine != nil:
		return errors.New("a commit of verdicts takes in objects")
	}
	mine := make(map[[16]byte]bool, len(l.Verdicts))
	for _, v := range l.Verdicts {
		if err := v.check(); err != nil {
			return err
		}
		k := contentKey(v.Bucket, v.Key, v.SHA256)
		if mine[k] {
			return fmt.Errorf("object %s gets two verdicts", v.Key)
		}
		mine[k] = true
	}
	return errors.Join(checkMissing(l), l.checkDigests())
}
