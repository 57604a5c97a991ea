package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// MissingLog is a log that a valid digest names, so that CloudTrail delivered it, and that was
// not in its source when an ingest looked for it. Nothing of it is in the store.
type MissingLog struct {
	// Bucket is empty for local files.
	Bucket string `json:"bucket"`
	// Key is the object's key, or the path of a local file.
	Key string `json:"key"`
	// Digest is the digest that names it.
	Digest string `json:"digest"`
}

func (m MissingLog) check() error {
	if m.Key == "" || m.Digest == "" {
		return fmt.Errorf("object %q that digest %q names is none that is missing", m.Key, m.Digest)
	}
	return nil
}

func (m MissingLog) compare(o MissingLog) int {
	return cmp.Or(strings.Compare(m.Bucket, o.Bucket), strings.Compare(m.Key, o.Key))
}

// missingNews are what a search for missing logs found.
type missingNews struct {
	logs    []MissingLog
	digests []MissingDigest
	// unknown is of how many logs it could not be told whether they are there, and why of the
	// first few.
	unknown int64
	// digestsUnread is how many digests could not be read.
	digestsUnread int64
	problems      []ObjectProblem
	// commits is how many were made, snapshot that after the last.
	commits  int64
	snapshot int64
}

// noteMissing looks for the logs that digests name and that the store does not know, and enters
// in its ledger those that are not there. An ingest must have gone before. Those that chosen
// leaves out, and those that were missing before, are not looked for. It calls progress with each
// that was.
func (s *Store) noteMissing(ctx context.Context, d Digests, chosen func(key string) bool, progress func()) (news missingNews, err error) {
	ledger, err := s.Ledger(ctx)
	if err != nil {
		return news, err
	}
	known := func(bucket, key string) bool {
		return ledger.HasLog(bucket, key) || ledger.misses(bucket, key) || !chosen(key)
	}
	missing := map[[16]byte]MissingLog{}
	err = d.Missing(ctx, known, func(bucket, key, digest string, err error) {
		progress()
		if err == nil {
			return
		}
		if errors.Is(err, fs.ErrNotExist) {
			m := MissingLog{bucket, key, digest}
			if other, ok := missing[logKey(bucket, key)]; !ok || m.compare(other) < 0 {
				missing[logKey(bucket, key)] = m
			}
			return
		}
		news.unknown++
		news.problems = firstFew(append(news.problems, ObjectProblem{Object: key, Reason: err.Error()}))
	})
	if err != nil {
		return news, fmt.Errorf("look for logs that digests name: %w", err)
	}
	var logs []MissingLog
	for _, m := range missing {
		logs = append(logs, m)
	}
	slices.SortFunc(logs, MissingLog.compare)
	for len(logs) > 0 {
		some := logs[:min(len(logs), maxVerdicts)]
		if err := s.commitMissing(ctx, some, &news); err != nil {
			return news, fmt.Errorf("note missing logs of store %s: %w", s.Name(), err)
		}
		logs = logs[len(some):]
	}
	return news, nil
}

// commitMissing makes a commit that does nothing but name missing logs, less those that
// somebody else has entered meanwhile.
func (s *Store) commitMissing(ctx context.Context, logs []MissingLog, news *missingNews) error {
	id := uuid.New()
	var left []MissingLog
	b, err := s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		ledger, err := s.ledgerAt(ctx, on)
		if err != nil {
			return nil, err
		}
		left = nil
		for _, m := range logs {
			if !ledger.HasLog(m.Bucket, m.Key) && !ledger.misses(m.Bucket, m.Key) {
				left = append(left, m)
			}
		}
		if len(left) == 0 {
			return nil, nil
		}
		return on.verdict(id, ledgerFile{Missing: left}), nil
	})
	if err != nil || len(left) == 0 {
		return err
	}
	news.logs = append(news.logs, left...)
	news.commits++
	news.snapshot = s.snapshotOf(b).ID()
	return nil
}

// checkMissing wants logs of a commit to be whole, and each to be there once.
func checkMissing(l *ledgerFile) error {
	mine := make(map[[16]byte]bool, len(l.Missing))
	for _, m := range l.Missing {
		if err := m.check(); err != nil {
			return err
		}
		k := logKey(m.Bucket, m.Key)
		if mine[k] {
			return fmt.Errorf("object %s is missing twice", m.Key)
		}
		mine[k] = true
	}
	return nil
}

// checkMissing wants the logs that a commit calls missing to be unknown until then, and those
// that it says have come to have been missing.
func (l *Ledger) checkMissing(f *ledgerFile) error {
	for _, m := range f.Missing {
		switch {
		case l.HasLog(m.Bucket, m.Key):
			return fmt.Errorf("object %s is missing and was ingested", m.Key)
		case l.misses(m.Bucket, m.Key):
			return fmt.Errorf("object %s was missing before", m.Key)
		}
	}
	for _, o := range f.Objects {
		if was := l.misses(o.Bucket, o.Key); was != o.WasMissing {
			return fmt.Errorf("object %s was missing: %v, and its entry says %v", o.Key, was, o.WasMissing)
		}
	}
	return nil
}

// misses reports whether the log was missing once.
func (l *Ledger) misses(bucket, key string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.missing) == 0 {
		return false
	}
	_, ok := l.missing[logKey(bucket, key)]
	return ok
}

// markFound marks those of the objects that were missing.
func (l *Ledger) markFound(objects []ObjectEntry) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.missing) == 0 {
		return
	}
	for i := range objects {
		o := &objects[i]
		_, o.WasMissing = l.missing[logKey(o.Bucket, o.Key)]
	}
}

// Missing is what digests name and what was not there.
type Missing struct {
	// Logs are logs that valid digests name.
	Logs []MissingLog
	// Digests are digests that the next valid ones name, and others that are not CloudTrail's.
	Digests []MissingDigest
}

// Deliveries calls object with all that Objects lists, and returns what was missing until the
// snapshot and had not come by then, in no order. Of that, each takes about 300 bytes.
func (sn *Snapshot) Deliveries(ctx context.Context, object func(ObjectEntry) error) (missing Missing, err error) {
	given := verdictsGiven{}
	came := map[[16]byte]bool{} // what came is in newer ledgers than what was missing, and is read before
	told := map[[16]byte]bool{}
	err = sn.ledgers(ctx, func(f *ledgerFile) error {
		given.learn(f)
		for _, m := range f.Missing {
			if !came[logKey(m.Bucket, m.Key)] {
				missing.Logs = append(missing.Logs, m)
			}
		}
		for _, d := range f.FoundDigests {
			told[logKey(d.Bucket, d.Key)] = true
		}
		for _, m := range f.MissingDigests {
			if k := logKey(m.Bucket, m.Key); !told[k] {
				told[k] = true
				missing.Digests = append(missing.Digests, m)
			}
		}
		return f.entries(given, func(o ObjectEntry) error {
			if o.WasMissing {
				came[logKey(o.Bucket, o.Key)] = true
			}
			return object(o)
		})
	})
	return missing, err
}
