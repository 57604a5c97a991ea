package laketest

import (
	"testing"
	"time"

	"traillake/lake"
)

// Copied makes a lake in from, copies it to the empty storage to, and goes on there with what
// happens to lakes.
func Copied(t *testing.T, from, to lake.Storage, copyTo func(l *lake.Lake, to lake.Storage) error) {
	now := time.Now()
	open := func(st lake.Storage, at time.Time) process {
		t.Helper()
		return newProcess(t, lake.Options{Storage: st, Now: func() time.Time { return at }})
	}
	here := open(from, now)
	if _, err := here.CreateStore(t.Context(), lake.StoreConfig{Name: "events", RetentionDays: 7}); err != nil {
		t.Fatal(err)
	}
	recent, old := now.AddDate(0, 0, -2), now.AddDate(0, 0, -20)
	here.ingest("events", Logs(0, 12, recent, old))
	if err := copyTo(here.Lake, to); err != nil {
		t.Fatal(err)
	}

	there := open(to, now.AddDate(0, 0, 2))
	if there.ID() != here.ID() {
		t.Errorf("the copy is lake %s, not %s", there.ID(), here.ID())
	}
	there.mustHold("events", 24)
	if r := there.ingest("events", Logs(0, 14, recent, old)); r.ObjectsIngested != 2 || r.ObjectsKnown != 12 {
		t.Errorf("%d objects were new, %d known", r.ObjectsIngested, r.ObjectsKnown)
	}
	here.mustHold("events", 24)
	files, err := there.mustHold("events", 28).Files(t.Context(), lake.TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	_, release, err := there.store("events").Fetch(t.Context(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if r, err := there.store("events").Compact(t.Context(), lake.CompactOptions{}); err != nil || r.FilesAfter != 2 || r.Events != 28 {
		t.Errorf("%+v, error %v", r, err)
	}
	if r, err := there.store("events").Expire(t.Context(), lake.ExpireOptions{}); err != nil || r.Events != 14 {
		t.Errorf("%+v, error %v", r, err)
	}
	if _, err := there.store("events").CollectGarbage(t.Context(), lake.GarbageOptions{Grace: -1}); err != nil {
		t.Error(err)
	}
	// What is made in the copy is there.
	if _, err := there.CreateStore(t.Context(), lake.StoreConfig{Name: "second"}); err != nil {
		t.Fatal(err)
	}
	there.ingest("second", Logs(0, 3, recent))
	there.mustHold("second", 3)
	mustBeClean(t, there.Lake)
	here.mustHold("events", 24)
	mustBeClean(t, here.Lake)
}
