package lake

import (
	"context"
	"testing"
	"time"
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

// longAgo does a step three weeks ago.
func longAgo(s step) step {
	do := s.do
	s.do = func(ctx context.Context, l *Lake) error {
		l.now = func() time.Time { return time.Now().AddDate(0, 0, -21) }
		return do(ctx, l)
	}
	return s
}

// TestEveryOpOfOperations lets every operation of steps other than ingests fail in every
// way: F6.
func TestEveryOpOfOperations(t *testing.T) {
	create := createStep(DefaultStore)
	today := func() string { return time.Now().UTC().Format(time.DateOnly) }
	one, two := ingestStep(DefaultStore, "/one", 1), ingestStep(DefaultStore, "/two", 1)
	// It trims the history, by a commit, and then removes what that needed.
	collect := storeStep("collect garbage", func(ctx context.Context, s *Store) error {
		_, err := s.CollectGarbage(ctx, GarbageOptions{Grace: -1})
		return err
	})
	collect.loose = true
	record := func(version int) step {
		return step{name: "record", do: func(ctx context.Context, l *Lake) error {
			var data int
			records, v := l.Schedules(), RecordVersion{"monthly/definition", version}
			at, err := records.Latest(ctx, v.Key, &data)
			if err != nil {
				return err
			}
			if at < version {
				return records.Put(ctx, v, version)
			}
			return records.st.Settle(ctx, recordName(v)) // to be there is not to be durable
		}, loose: true}
	}
	for name, steps := range map[string][]step{
		"compact": {create, one, two, compactStep()},
		"expire": {create, one, storeStep("expire", func(ctx context.Context, s *Store) error {
			s.lake.today = today()
			_, err := s.Expire(ctx, ExpireOptions{})
			return err
		})},
		"collect garbage": {longAgo(create), longAgo(one), longAgo(two), longAgo(compactStep()), collect},
		"record":          {create, record(1), record(2), record(3)},
		"settings": {create, storeStep("settings", func(ctx context.Context, s *Store) error {
			_, err := s.UpdateSettings(ctx, func(c *Settings) error { c.RetentionDays = 30; return nil })
			return err
		})},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEveryOp(t, steps...)
			if name == "settings" {
				e.share = 8 // no more than what every commit does
			}
			e.all(t)
		})
	}
}
