package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

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

func missingKey(bucket, key string) [16]byte { return digestKey(seenMissing, bucket, key) }

// noteMissing looks for the logs that digests name and that the store does not know, and enters
// in its ledger those that are not there. An ingest must have gone before. Those that chosen
// leaves out, and those that were missing before, are not looked for.
func (s *Store) noteMissing(ctx context.Context, d Digests, chosen func(key string) bool) (missing []MissingLog, err error) {
	ledger, err := s.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	known := func(bucket, key string) bool {
		return ledger.HasPath(bucket, key) || ledger.has(missingKey(bucket, key)) || !chosen(key)
	}
	err = d.Missing(ctx, known, func(bucket, key, digest string) {
		missing = append(missing, MissingLog{bucket, key, digest})
	})
	if err != nil {
		return nil, fmt.Errorf("look for logs that digests name: %w", err)
	}
	for rest := missing; len(rest) > 0; {
		some := rest[:min(len(rest), maxVerdicts)]
		if err := s.commitMissing(ctx, some); err != nil {
			return nil, fmt.Errorf("note missing logs of store %s: %w", s.Name(), err)
		}
		rest = rest[len(some):]
	}
	return missing, nil
}

// commitMissing makes a commit that does nothing but name missing logs, less those that
// somebody else has entered meanwhile.
func (s *Store) commitMissing(ctx context.Context, logs []MissingLog) error {
	id := uuid.New()
	_, err := s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		ledger, err := s.ledgerAt(ctx, on)
		if err != nil {
			return nil, err
		}
		var left []MissingLog
		for _, m := range logs {
			if !ledger.HasPath(m.Bucket, m.Key) && !ledger.has(missingKey(m.Bucket, m.Key)) {
				left = append(left, m)
			}
		}
		if len(left) == 0 {
			return nil, nil
		}
		return &proposal{operation: OpVerdict, batch: id, ledger: &ledgerFile{
			V: ledgerVersion, Batch: id.String(), Seq: on.seq + 1, Prev: on.ingestHead.String(), Files: []FileRecord{}, Objects: []ObjectEntry{}, Missing: left,
		}}, nil
	})
	return err
}

// checkMissing wants logs of a commit to be whole, and each to be there once.
func checkMissing(l *ledgerFile) error {
	mine := make(map[[16]byte]bool, len(l.Missing))
	for _, m := range l.Missing {
		if err := m.check(); err != nil {
			return err
		}
		k := missingKey(m.Bucket, m.Key)
		if mine[k] {
			return fmt.Errorf("object %s is missing twice", m.Key)
		}
		mine[k] = true
	}
	return nil
}

// checkMissing wants the logs that a commit calls missing to be unknown until then.
func (l *Ledger) checkMissing(logs []MissingLog) error {
	for _, m := range logs {
		switch {
		case l.HasPath(m.Bucket, m.Key):
			return fmt.Errorf("object %s is missing and was ingested", m.Key)
		case l.has(missingKey(m.Bucket, m.Key)):
			return fmt.Errorf("object %s was missing before", m.Key)
		}
	}
	return nil
}

// Deliveries calls object with all that Objects lists, and returns the logs that were missing
// until the snapshot and had not come by then. Of those, each takes about 300 bytes.
func (sn *Snapshot) Deliveries(ctx context.Context, object func(ObjectEntry) error) ([]MissingLog, error) {
	missing := map[[16]byte]MissingLog{}
	oldest := int64(0)
	given := verdictsGiven{}
	err := sn.ledgers(ctx, func(f *ledgerFile) error {
		given.learn(f)
		for _, m := range f.Missing {
			missing[pathKey(m.Bucket, m.Key)] = m
			oldest = f.Seq
		}
		return f.entries(given, object)
	})
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	// What came later is in newer ledgers, which were read before.
	err = sn.ledgers(ctx, func(f *ledgerFile) error {
		if f.Seq <= oldest {
			return fs.SkipAll
		}
		for _, o := range f.Objects {
			delete(missing, pathKey(o.Bucket, o.Key))
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.SkipAll) {
		return nil, err
	}
	list := make([]MissingLog, 0, len(missing))
	for _, m := range missing {
		list = append(list, m)
	}
	return list, nil
}
