package lake

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/google/uuid"
)

// MissingDigest is a digest that the next valid one names, so that CloudTrail delivered it, and that
// was not there, or not valid, when an ingest looked, or one that was there and not CloudTrail's:
// what was delivered in its hour may be gone with it, and nobody can tell. Unlike a log it may come back, as a file that is there again. A copy
// of a digest is that digest, by its name; and one by which a log was verified is not missing, since
// all logs that it names were looked for then.
type MissingDigest struct {
	// Bucket is empty for local files.
	Bucket string `json:"bucket"`
	// Key is the object's key, or the path of a local file.
	Key string `json:"key"`
	// Digest is the valid one that names it, or itself if it was there.
	Digest string `json:"digest"`
}

// reason says for people what is wrong with it.
func (m MissingDigest) reason() string {
	itself := filepath.ToSlash(m.Key)
	if m.Bucket != "" {
		itself = "s3://" + m.Bucket + "/" + m.Key
	}
	if m.Digest == itself {
		return "there, and not as CloudTrail made it"
	}
	return "not there or not valid, and " + m.Digest + " names it"
}

func (m MissingDigest) compare(o MissingDigest) int {
	return MissingLog(m).compare(MissingLog(o))
}

// foundDigest is a digest that had been missing and is there, valid.
type foundDigest struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// noteDigests enters in the ledger the digests that are missing now and were not, and those that
// are found again. Those that chosen leaves out are not looked at.
func (s *Store) noteDigests(ctx context.Context, d Digests, chosen func(key string) bool, news *missingNews) error {
	id := uuid.New()
	var gone []MissingDigest
	var found []foundDigest
	b, err := s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		ledger, err := s.ledgerAt(ctx, on)
		if err != nil {
			return nil, err
		}
		gone, found = nil, nil
		d.Gone(func(bucket, key, by string) {
			if chosen(key) && !d.Sound(bucket, key) && !ledger.knowsDigest(bucket, key) {
				gone = append(gone, MissingDigest{bucket, key, by})
			}
		})
		for _, f := range ledger.missingDigests() {
			if d.Sound(f.Bucket, f.Key) {
				found = append(found, f)
			}
		}
		if len(gone)+len(found) == 0 {
			return nil, nil
		}
		slices.SortFunc(gone, MissingDigest.compare)
		mine := map[[16]byte]bool{}
		gone = slices.DeleteFunc(gone, func(m MissingDigest) bool {
			k := logKey(m.Bucket, m.Key)
			copied := mine[k]
			mine[k] = true
			return copied
		})
		return on.verdict(id, ledgerFile{MissingDigests: gone, FoundDigests: found}), nil
	})
	if err != nil {
		return fmt.Errorf("note missing digests of store %s: %w", s.Name(), err)
	}
	d.Unread(func(key string, err error) {
		if chosen(key) {
			news.digestsUnread++
			news.problems = firstFew(append(news.problems, ObjectProblem{Object: key, Reason: err.Error()}))
		}
	})
	if len(gone)+len(found) > 0 {
		news.digests = gone
		news.commits++
		news.snapshot = s.snapshotOf(b).ID()
	}
	return nil
}

// checkDigests wants digests of a commit to be whole, and each to be there once.
func (l *ledgerFile) checkDigests() error {
	mine := make(map[[16]byte]bool, len(l.MissingDigests)+len(l.FoundDigests))
	check := func(f foundDigest, whole bool) error {
		k := logKey(f.Bucket, f.Key)
		if !whole {
			return fmt.Errorf("digest %q is none that is missing, or found", f.Key)
		}
		if mine[k] {
			return fmt.Errorf("digest %s is missing or found twice", f.Key)
		}
		mine[k] = true
		return nil
	}
	var errs []error
	for _, m := range l.MissingDigests {
		errs = append(errs, check(foundDigest{m.Bucket, m.Key}, m.Key != "" && m.Digest != ""))
	}
	for _, f := range l.FoundDigests {
		errs = append(errs, check(f, f.Key != ""))
	}
	return errors.Join(errs...)
}

// checkDigests wants those that a commit calls missing not to be so until then, and those that it
// has found to have been.
func (l *Ledger) checkDigests(f *ledgerFile) error {
	for _, m := range f.MissingDigests {
		if l.missesDigest(m.Bucket, m.Key) {
			return fmt.Errorf("digest %s was missing before", m.Key)
		}
	}
	for _, d := range f.FoundDigests {
		if !l.missesDigest(d.Bucket, d.Key) {
			return fmt.Errorf("digest %s is found and was not missing", d.Key)
		}
	}
	return nil
}

func (l *Ledger) missesDigest(bucket, key string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.digests[logKey(bucket, key)]
	return ok
}

// knowsDigest reports whether a digest is missing, or a log was verified by it.
func (l *Ledger) knowsDigest(bucket, key string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	k := logKey(bucket, key)
	_, missing := l.digests[k]
	_, vouched := l.vouched[k]
	return missing || vouched
}

// missingDigests lists those that are missing, in order.
func (l *Ledger) missingDigests() []foundDigest {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var all []foundDigest
	for _, d := range l.digests {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b foundDigest) int {
		return MissingDigest{Bucket: a.Bucket, Key: a.Key}.compare(MissingDigest{Bucket: b.Bucket, Key: b.Key})
	})
	return all
}

// digestCheck goes through the digests that ledgers call missing or found, from the newest on: a
// digest is missing first, and then in turn. What is left at the end is found and was never missing.
type digestCheck map[[16]byte]digestTurn

// digestTurn is what a ledger says of a digest.
type digestTurn struct {
	key   string
	found bool
}

func (c digestCheck) ledger(path string, l *ledgerFile, found func(id, path string, err error)) {
	turn := func(d foundDigest, is bool) {
		k := logKey(d.Bucket, d.Key)
		if later, ok := c[k]; ok && later.found == is {
			found("I4", path, fmt.Errorf("digest %s is missing or found twice in a row", d.Key))
		}
		c[k] = digestTurn{d.Key, is}
	}
	for _, d := range l.FoundDigests {
		turn(d, true)
	}
	for _, m := range l.MissingDigests {
		turn(foundDigest{m.Bucket, m.Key}, false)
	}
}

// never lists the digests that were found and never missing.
func (c digestCheck) never() (keys []string) {
	for _, d := range c {
		if d.found {
			keys = append(keys, d.key)
		}
	}
	return keys
}
