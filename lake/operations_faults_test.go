package lake

import (
	"context"
	"testing"
)

// storeStep is a step on the default store.
func storeStep(name string, do func(context.Context, *Store) error) step {
	return step{name: name, do: func(ctx context.Context, l *Lake) error {
		s, err := l.Store(ctx, DefaultStore)
		if err != nil {
			return err
		}
		return do(ctx, s)
	}}
}

func compactStep() step {
	return storeStep("compact", func(ctx context.Context, s *Store) error {
		_, err := s.Compact(ctx, CompactOptions{})
		return err
	})
}

// TestEveryOpOfOperations lets every operation of steps other than ingests fail in every
// way: F6.
func TestEveryOpOfOperations(t *testing.T) {
	create := createStep(DefaultStore)
	one, two := ingestStep(DefaultStore, "/one", 1), ingestStep(DefaultStore, "/two", 1)
	for name, steps := range map[string][]step{
		"compact": {create, one, two, compactStep()},
		"settings": {create, storeStep("settings", func(ctx context.Context, s *Store) error {
			_, err := s.UpdateSettings(ctx, func(c *Settings) error { c.RetentionDays = 30; return nil })
			return err
		})},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEveryOp(t, steps...)
			e.share = 3
			e.all(t)
		})
	}
}
