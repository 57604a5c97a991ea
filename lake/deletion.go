package lake

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/iceberg-go"
)

// DeletionDays is how many days a deleted store waits before it can be removed, as in
// CloudTrail Lake.
const DeletionDays = 7

// active refuses a store that was deleted.
func (s *Store) active(b *base) error {
	if b.deleted.IsZero() {
		return nil
	}
	return fmt.Errorf("%w: %s was deleted on %s; it can be restored until its files are removed",
		ErrPendingDeletion, b.settings.Name, b.deleted.Format(time.DateOnly))
}

// Deleted returns when the store was deleted; the zero time when it was not.
func (s *Store) Deleted(ctx context.Context) (time.Time, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return b.deleted, nil
}

// Delete marks the store for deletion. From then on it takes in nothing and answers no
// query; Restore makes that undone. Its files are removed no earlier than DeletionDays
// later. The error wraps ErrProtected, ErrLegalHold or ErrPendingDeletion when that is
// what forbids it.
func (s *Store) Delete(ctx context.Context) error {
	_, err := s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		if on.settings.TerminationProtection {
			return nil, ErrProtected
		}
		if on.settings.LegalHold {
			return nil, ErrLegalHold
		}
		now := s.lake.now().UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
		return &proposal{operation: OpDelete, settings: iceberg.Properties{propDeleted: now}}, nil
	})
	if err != nil {
		return fmt.Errorf("delete store %s: %w", s.Name(), err)
	}
	return nil
}

// Restore undoes Delete. It returns an error that wraps ErrInvalid when the store is not
// deleted.
func (s *Store) Restore(ctx context.Context) error {
	_, err := s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
		if on.deleted.IsZero() {
			return nil, fmt.Errorf("%w: it is not deleted", ErrInvalid)
		}
		return &proposal{operation: OpRestore, settings: iceberg.Properties{propDeleted: ""}}, nil
	})
	if err != nil {
		return fmt.Errorf("restore store %s: %w", s.Name(), err)
	}
	return nil
}
