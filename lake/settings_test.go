package lake

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestUpdateSettings(t *testing.T) {
	s := openTest(t)
	want := Settings{Name: DefaultStore, RetentionDays: DefaultRetentionDays, TerminationProtection: true, HistoryDays: DefaultHistoryDays}
	if got, err := s.Settings(t.Context()); err != nil || got != want {
		t.Fatalf("a new store has %+v, %v; want %+v", got, err, want)
	}
	ingestRows(t, s, testDay, 5, "/a")
	want.RetentionDays, want.LegalHold, want.TerminationProtection, want.Selectors = 90, true, false,
		`[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`
	got, err := s.UpdateSettings(t.Context(), func(c *Settings) error { *c = want; return nil })
	if err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	// To change nothing is no commit.
	if _, err := s.UpdateSettings(t.Context(), func(c *Settings) error { c.LegalHold = true; return nil }); err != nil {
		t.Fatal(err)
	}
	other := reopen(t, s)
	if got, err := other.Settings(t.Context()); err != nil || got != want || other.Config().RetentionDays != 90 {
		t.Errorf("another process sees %+v, %v", got, err)
	}
	sn, err := other.Snapshot(t.Context())
	if err != nil || sn.Rows() != 5 || sn.Seq() != 2 {
		t.Errorf("%d rows at commit %d, %v", sn.Rows(), sn.Seq(), err)
	}
	h, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := h[len(h)-1]
	if last.Operation != OpSettings || len(last.Settings) != 4 || last.Settings[propRetention] != "90" || last.User == "" {
		t.Errorf("the record is %+v", last)
	}
	for name, c := range map[string]func(*Settings){
		"retention": func(c *Settings) { c.RetentionDays = 6 },
		"none":      func(c *Settings) { c.RetentionDays = 0 },
		"history":   func(c *Settings) { c.HistoryDays = 91 },
		"name":      func(c *Settings) { c.Name = "x" },
		"selectors": func(c *Settings) { c.Selectors = "{" },
	} {
		if _, err := s.UpdateSettings(t.Context(), func(s *Settings) error { c(s); return nil }); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mine := errors.New("mine")
	if _, err := s.UpdateSettings(t.Context(), func(*Settings) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
}

// TestUpdateSettingsOfManyWriters counts with a setting: no change is lost.
func TestUpdateSettingsOfManyWriters(t *testing.T) {
	s := openTest(t)
	var wg sync.WaitGroup
	for w := range 4 {
		mine := reopen(t, s)
		wg.Go(func() {
			for i := range 5 {
				_, err := mine.UpdateSettings(t.Context(), func(c *Settings) error { c.RetentionDays++; return nil })
				if err != nil {
					t.Errorf("writer %d, change %d: %v", w, i, err)
				}
				ingestRows(t, mine, testDay, 1, fmt.Sprintf("/%d/%d", w, i))
			}
		})
	}
	wg.Wait()
	if got, err := s.Settings(t.Context()); err != nil || got.RetentionDays != DefaultRetentionDays+20 {
		t.Errorf("%+v, %v", got, err)
	}
	if sn, err := s.Snapshot(t.Context()); err != nil || sn.Rows() != 20 {
		t.Errorf("%d rows, %v", sn.Rows(), err)
	}
}

func TestRename(t *testing.T) {
	s := openTest(t)
	l := s.lake
	if _, err := l.CreateStore(t.Context(), StoreConfig{Name: "other"}); err != nil {
		t.Fatal(err)
	}
	rename := func(to string) error {
		_, err := s.UpdateSettings(t.Context(), func(c *Settings) error { c.Name = to; return nil })
		return err
	}
	if err := rename("Other"); !errors.Is(err, ErrStoreExists) {
		t.Errorf("to a name that is taken: %v", err)
	}
	for _, to := range []string{"trail", "Trail", "EVENTS"} {
		if err := rename(to); err != nil {
			t.Fatal(err)
		}
		again := createTest(t, l.Root(), Options{})
		if got, err := again.Store(t.Context(), to); err != nil || got.ID() != s.ID() || got.Name() != to {
			t.Errorf("%s leads to %v, %v", to, got, err)
		}
		if all, err := again.Stores(t.Context()); err != nil || len(all) != 2 {
			t.Errorf("%d stores, %v", len(all), err)
		}
	}
	if _, err := l.Store(t.Context(), "trail"); !errors.Is(err, ErrStoreNotFound) {
		t.Errorf("the old name: %v", err)
	}
	// A writer that dies between commit and removal leaves a name behind.
	if err := s.putClaim(t.Context(), "stale"); err != nil {
		t.Fatal(err)
	}
	if all, err := createTest(t, l.Root(), Options{}).Stores(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d stores, %v", len(all), err)
	}
	mustBeWhole(t, l)
}

func TestDeleteAndRestore(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 5, "/a")
	b := begin(t, s)
	addRows(t, b, testDay, 5, "/b")
	if err := s.Delete(t.Context()); !errors.Is(err, ErrProtected) {
		t.Errorf("a protected store: %v", err)
	}
	if err := s.Restore(t.Context()); !errors.Is(err, ErrInvalid) {
		t.Errorf("restore of a store that is not deleted: %v", err)
	}
	set := func(protected, hold bool) {
		_, err := s.UpdateSettings(t.Context(), func(c *Settings) error {
			c.TerminationProtection, c.LegalHold = protected, hold
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(false, true)
	if err := s.Delete(t.Context()); !errors.Is(err, ErrLegalHold) {
		t.Errorf("a store on hold: %v", err)
	}
	set(false, false)
	if err := s.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at, err := reopen(t, s).Deleted(t.Context()); err != nil || time.Since(at) > time.Minute {
		t.Errorf("deleted at %s, %v", at, err)
	}
	for name, f := range map[string]func() error{
		"again":  func() error { return s.Delete(t.Context()) },
		"begin":  func() error { _, err := s.Begin(t.Context()); return err },
		"commit": func() error { _, err := b.Commit(t.Context()); return err },
		"change settings": func() error {
			_, err := s.UpdateSettings(t.Context(), func(*Settings) error { return nil })
			return err
		},
	} {
		if err := f(); !errors.Is(err, ErrPendingDeletion) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.lake.CreateStore(t.Context(), StoreConfig{Name: DefaultStore}); !errors.Is(err, ErrStoreExists) {
		t.Errorf("the name of a deleted store: %v", err)
	}
	mustBeWhole(t, s.lake)
	if err := s.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sn := commit(t, b); sn.Rows() != 10 {
		t.Errorf("%d rows after the restoration", sn.Rows())
	}
	h, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, r := range h {
		ops = append(ops, r.Operation)
	}
	if got := strings.Join(ops, " "); got != "create ingest settings settings delete restore ingest" {
		t.Errorf("history is %s", got)
	}
}

// TestClockSetBack commits under a clock that is behind the newest commit.
func TestClockSetBack(t *testing.T) {
	now := time.Now().AddDate(-2, 0, 0)
	l := createTest(t, t.TempDir(), Options{Now: func() time.Time { return now }})
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(1, 0, 0)
	ingestRows(t, s, testDay, 1, "/a")
	now = now.Add(-50 * time.Second) // as clocks of two machines may differ
	ingestRows(t, s, testDay, 1, "/b")
	if _, err := s.UpdateSettings(t.Context(), func(c *Settings) error { c.RetentionDays = 8; return nil }); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(-1, 0, 0)
	b := begin(t, s)
	addRows(t, b, testDay, 1, "/c")
	if _, err := b.Commit(t.Context()); !errors.Is(err, ErrClock) {
		t.Errorf("got %v", err)
	}
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
	for today, ok := range map[string]bool{now.AddDate(0, 0, 1).Format(time.DateOnly): false, now.Format(time.DateOnly): true, now.AddDate(0, 0, -1).Format(time.DateOnly): true} {
		said, err := Open(t.Context(), l.Root(), Options{Now: l.now, Today: today})
		if err != nil {
			t.Fatal(err)
		}
		s, err := said.Store(t.Context(), DefaultStore)
		if err != nil {
			t.Fatal(err)
		}
		before, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := begin(t, s)
		addRows(t, b, testDay, 1, "/"+today)
		sn, err := b.Commit(t.Context())
		if (err == nil) != ok || !ok && !errors.Is(err, ErrClock) || ok && !sn.Time().Equal(before.Time()) {
			t.Errorf("on %s: %v", today, err)
		}
		if err := errors.Join(b.Abort(), said.Close()); err != nil {
			t.Error(err)
		}
	}
	mustBeWhole(t, l)
}

// TestToday is what a user can do where a machine made a commit by a clock that was ahead:
// nothing but reading, and all of it for who says what day it is.
func TestToday(t *testing.T) {
	c, s := openPast(t)
	ingestRows(t, s, testDay, 1, "/a")
	setSettings(t, s, func(c *Settings) { c.TerminationProtection = false })
	ahead := c.now.Add(400 * day)
	c.now = ahead
	ingestRows(t, s, testDay, 1, "/b")
	c.now = pastStart.Add(day)
	settings := func() error {
		_, err := s.UpdateSettings(t.Context(), func(c *Settings) error { c.RetentionDays++; return nil })
		return err
	}
	steps := []struct {
		name string
		do   func() error
	}{
		{"update", settings},
		{"compact", func() error { _, err := s.Compact(t.Context(), CompactOptions{}); return err }},
		{"expire", func() error { _, err := s.Expire(t.Context(), ExpireOptions{}); return err }},
		{"gc", func() error { _, err := s.CollectGarbage(t.Context(), GarbageOptions{}); return err }},
		{"delete", func() error { return s.Delete(t.Context()) }},
		{"gc of a deleted store", func() error { _, err := s.CollectGarbage(t.Context(), GarbageOptions{}); return err }},
		{"restore", func() error { return s.Restore(t.Context()) }},
	}
	want := "the same command with --today " + c.now.Format(time.DateOnly)
	for _, step := range steps {
		c.lake.today = ""
		if err := step.do(); !errors.Is(err, ErrClock) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", step.name, err)
		}
		c.lake.today = c.now.Format(time.DateOnly)
		if err := step.do(); err != nil {
			t.Errorf("%s on %s: %v", step.name, c.lake.today, err)
		}
	}
	if sn, err := s.Snapshot(t.Context()); err != nil || sn.Rows() != 2 || !sn.Time().Equal(ahead) {
		t.Errorf("%+v, %v", sn, err)
	}
}
