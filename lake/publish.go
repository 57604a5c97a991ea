package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// outcome is what became of an attempt to publish.
type outcome uint8

const (
	published outcome = iota + 1
	conflicted
)

// publish makes raw the version after b. It reports conflicted only when another
// writer's version was read in that place. When the storage cannot tell, the error
// wraps ErrCommitUnknown; any other error means that nothing was published.
func (s *Store) publish(ctx context.Context, b *base, raw []byte) (outcome, error) {
	// From here on a cancelled context would only turn an answer into a question.
	ctx = context.WithoutCancel(ctx)
	name := metadataName(b.version + 1)
	uncertain := false
	var lastErr error
	for range 3 {
		err := s.st.PutIfAbsent(ctx, name, raw)
		switch {
		case err == nil:
			return s.published(ctx, b)
		case errors.Is(err, ErrOutcomeUnknown):
			uncertain, lastErr = true, err
		case errors.Is(err, fs.ErrExist):
			there, err := s.st.Get(ctx, name)
			if err != nil {
				return 0, fmt.Errorf("%w: read back %s of store %s: %w", ErrCommitUnknown, name, s.id, err)
			}
			// The bytes hold the hash of this commit's own record, which no other has.
			if bytes.Equal(there, raw) {
				return s.published(ctx, b)
			}
			return conflicted, nil
		case uncertain:
			return 0, fmt.Errorf("%w: publish %s of store %s: %w", ErrCommitUnknown, name, s.id, err)
		default:
			return 0, fmt.Errorf("publish %s of store %s: %w", name, s.id, err)
		}
	}
	return 0, fmt.Errorf("%w: publish %s of store %s: %w", ErrCommitUnknown, name, s.id, lastErr)
}

// published makes sure that a version that was just made is the one after b for
// everybody. Old versions are removed, in order, so a writer that slept for days could
// make one anew that was there before: then b is gone, too.
func (s *Store) published(ctx context.Context, b *base) (outcome, error) {
	there, err := s.hasVersion(ctx, b.version)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCommitUnknown, err)
	}
	if !there {
		s.mu.Lock()
		s.base = nil // look for the newest version afresh
		s.mu.Unlock()
		if err := s.st.Remove(ctx, metadataName(b.version+1)); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrCommitUnknown, err)
		}
		return conflicted, nil
	}
	s.mu.Lock()
	s.settled = max(s.settled, b.version+1)
	s.mu.Unlock()
	return published, nil
}

// hint leaves the version for the next reader. It is a convenience, so an error is
// only worth a message.
func (s *Store) hint(ctx context.Context, version int) {
	if err := s.st.Put(context.WithoutCancel(ctx), hintName(), formatHint(version)); err != nil {
		s.lake.log.Warn("version hint not written", "store", s.Name(), "version", version, "err", err)
	}
}
