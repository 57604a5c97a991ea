package laketest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"traillake/lake"
)

// process is a lake as one process sees it.
type process struct {
	*testing.T
	*lake.Lake
}

// newProcess opens the lake in the storage of o, or makes it, until the test ends.
func newProcess(t *testing.T, o lake.Options) process {
	t.Helper()
	l, err := lake.OpenOrCreate(t.Context(), o.Storage.Root(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return process{t, l}
}

func (p process) store(name string) *lake.Store {
	p.Helper()
	s, err := p.Store(p.Context(), name)
	if err != nil {
		p.Fatal(err)
	}
	return s
}

func (p process) ingest(name string, logs Texts) *lake.IngestResult {
	p.Helper()
	r, err := p.store(name).Ingest(p.Context(), logs, lake.IngestOptions{Workers: 2, BatchBytes: 1_000})
	if err != nil {
		p.Fatal(err)
	}
	return r
}

func (p process) mustHold(name string, events int64) *lake.Snapshot {
	p.Helper()
	sn, err := p.store(name).Snapshot(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if sn.Rows() != events {
		p.Errorf("%s holds %d events, want %d", name, sn.Rows(), events)
	}
	return sn
}

// Lifecycle takes a lake through all that happens to lakes, by several processes: what a
// disk can do, every other storage can. open returns the same storage, empty at first, as
// another process sees it; it is closed with the lake.
func Lifecycle(t *testing.T, open func() lake.Storage) {
	start := func(o lake.Options) process {
		t.Helper()
		o.Storage = open()
		return newProcess(t, o)
	}
	one := start(lake.Options{})
	if _, err := one.CreateStore(t.Context(), lake.StoreConfig{Name: "events", RetentionDays: 7}); err != nil {
		t.Fatal(err)
	}
	two := start(lake.Options{})
	if one.ID() != two.ID() {
		t.Errorf("two lakes, %s and %s, in one place", one.ID(), two.ID())
	}
	if _, err := two.CreateStore(t.Context(), lake.StoreConfig{Name: "Events"}); !errors.Is(err, lake.ErrStoreExists) {
		t.Errorf("the same name again: %v", err)
	}
	now := time.Now()
	recent, old := now.AddDate(0, 0, -2), now.AddDate(0, 0, -20)

	// Taken in once, whoever comes with it.
	if r := one.ingest("events", Logs(0, 12, recent, old)); r.ObjectsIngested != 12 || r.Stored != 24 || r.Quarantined != 12 || r.Commits < 2 {
		t.Errorf("%+v", r)
	}
	if r := two.ingest("events", Logs(0, 14, recent, old)); r.ObjectsIngested != 2 || r.ObjectsKnown != 12 {
		t.Errorf("%d objects were new, %d known", r.ObjectsIngested, r.ObjectsKnown)
	}
	var wg sync.WaitGroup
	for i, p := range []process{one, two} {
		wg.Go(func() {
			s, err := p.Store(t.Context(), "events")
			if err == nil {
				_, err = s.Ingest(t.Context(), Logs(100+i*4, 108+i*4, recent), lake.IngestOptions{Workers: 1, BatchBytes: 500})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	const events = 14*2 + 12
	before := one.mustHold("events", events)

	// A reader keeps what it reads.
	lease, err := before.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := before.Files(t.Context(), lake.TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := two.store("events").Compact(t.Context(), lake.CompactOptions{}); err != nil || r.FilesAfter != 2 || r.Events != events {
		t.Errorf("%+v, error %v", r, err)
	}
	two.mustHold("events", events)
	if r, err := one.store("events").Expire(t.Context(), lake.ExpireOptions{}); err != nil || r.Events != 14 {
		t.Errorf("%+v, error %v", r, err)
	}
	one.mustHold("events", events-14)
	three := start(lake.Options{})
	collect := func(p process) int {
		t.Helper()
		r, err := p.store("events").CollectGarbage(t.Context(), lake.GarbageOptions{Grace: -1})
		if err != nil {
			t.Fatal(err)
		}
		return len(r.Removed)
	}
	if _, err := three.store("events").UpdateSettings(t.Context(), func(s *lake.Settings) error { s.HistoryDays = 1; return nil }); err != nil {
		t.Error(err)
	}
	collect(three)
	paths, release, err := one.store("events").Fetch(t.Context(), files, nil)
	if err != nil || len(paths) != len(files) {
		t.Fatalf("%d of %d files that are leased can be read, error %v", len(paths), len(files), err)
	}
	release()
	lease.Release()

	// Two days later nothing of the history needs them.
	later := start(lake.Options{Now: func() time.Time { return now.AddDate(0, 0, 2) }})
	if n := collect(later); n < len(files) {
		t.Errorf("%d files were removed, want %d data files at least", n, len(files))
	}
	later.mustHold("events", events-14)

	// Names and ends of stores.
	if _, err := two.CreateStore(t.Context(), lake.StoreConfig{Name: "second"}); err != nil {
		t.Fatal(err)
	}
	two.ingest("second", Logs(0, 3, recent))
	if _, err := two.store("second").UpdateSettings(t.Context(), func(s *lake.Settings) error {
		s.Name, s.TerminationProtection = "renamed", false
		return nil
	}); err != nil {
		t.Error(err)
	}
	three.mustHold("renamed", 3)
	if _, err := three.Store(t.Context(), "second"); !errors.Is(err, lake.ErrStoreNotFound) {
		t.Errorf("the old name: %v", err)
	}
	if err := three.store("renamed").Delete(t.Context()); err != nil {
		t.Error(err)
	}
	if err := two.store("renamed").Restore(t.Context()); err != nil {
		t.Error(err)
	}
	two.mustHold("renamed", 3)
	if err := two.store("renamed").Delete(t.Context()); err != nil {
		t.Error(err)
	}
	for _, days := range []int{9, 13} { // it is marked, and then removed
		after := start(lake.Options{Now: func() time.Time { return now.AddDate(0, 0, days) }})
		if r, err := after.store("renamed").CollectGarbage(t.Context(), lake.GarbageOptions{}); err != nil || r.Purged != (days == 13) {
			t.Errorf("after %d days: %+v, error %v", days, r, err)
		}
	}
	if stores, err := start(lake.Options{}).Stores(t.Context()); err != nil || len(stores) != 1 {
		t.Errorf("%d stores are left, error %v", len(stores), err)
	}
	mustBeClean(t, start(lake.Options{}).Lake)
}

// mustBeClean checks a lake to the last byte, and wants no file that nothing names.
func mustBeClean(t *testing.T, l *lake.Lake) {
	t.Helper()
	report, err := lake.Check(context.Background(), l, lake.CheckOptions{Deep: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Error(p)
	}
	for _, o := range report.Orphans {
		t.Errorf("left behind: %s", o.Name)
	}
}
