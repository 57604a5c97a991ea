package lake

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traillake/lake/table"
)

// pastClock is a clock of the past that a test moves.
type pastClock struct {
	now  time.Time
	lake *Lake
}

// pastStart is where such clocks begin: midday of testDay.
var pastStart = testDay.Time().Add(12 * time.Hour)

func openPast(t testing.TB) (*pastClock, *Store) {
	t.Helper()
	c := &pastClock{now: pastStart}
	c.lake = createTest(t, t.TempDir(), Options{Now: func() time.Time { return c.now }})
	s, err := c.lake.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustBeWhole(t, c.lake) })
	return c, s
}

// pass lets time go by. Files that were made since are of the time before.
func (c *pastClock) pass(t testing.TB, d time.Duration) {
	t.Helper()
	err := filepath.WalkDir(c.lake.Root(), func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		fi, err := e.Info()
		if err == nil && fi.ModTime().After(c.now) {
			err = os.Chtimes(p, c.now, c.now)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(d)
}

// TestKept compares two ways to say which snapshots are kept, on random histories: what
// the commit drops is what the firewall lets go. And the states that are promised are there.
func TestKept(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		days := 1 + random.IntN(10)
		now := pastStart.Add(time.Duration(random.Int64N(int64(48 * time.Hour))))
		spread := time.Duration(1) << (30 + random.IntN(17)) // from a second to a day and a half
		var list []table.Snapshot
		at := now
		for i := range 1 + random.IntN(200) {
			list = append([]table.Snapshot{{SnapshotID: int64(i + 1), TimestampMs: at.UnixMilli()}}, list...)
			at = at.Add(-time.Duration(random.Int64N(int64(spread))))
			if random.IntN(5) == 0 {
				at = at.Truncate(time.Hour) // right at a mark
			}
		}
		idle := idleOf([]string{OpIngest, OpTrim}[random.IntN(2)])
		keep := kept(list, now, days, idle)
		for i, snap := range list {
			err := checkDropped(list, i, now, days, idle)
			if keep[snap.SnapshotID] != (err != nil) {
				t.Fatalf("seed %d: snapshot %d of %d, of %s at %s with %d days: kept %v, the firewall says %v",
					seed, i, len(list), time.UnixMilli(snap.TimestampMs).UTC(), now, days, keep[snap.SnapshotID], err)
			}
		}
		state := func(mark time.Time) (id int64) {
			for _, snap := range list {
				if snap.TimestampMs <= mark.UnixMilli() {
					id = snap.SnapshotID
				}
			}
			return id
		}
		for m := now.Truncate(24 * time.Hour); now.Sub(m) < time.Duration(days)*24*time.Hour; m = m.Add(-24 * time.Hour) {
			if id := state(m); id != 0 && !keep[id] {
				t.Fatalf("seed %d: the state at %s is not kept", seed, m)
			}
		}
		for m := now.Truncate(time.Hour); now.Sub(m) < min(48*time.Hour, time.Duration(days)*24*time.Hour); m = m.Add(-time.Hour) {
			if id := state(m); id != 0 && !keep[id] {
				t.Fatalf("seed %d: the state at %s is not kept", seed, m)
			}
		}
		if most := recentSnapshots + 48 + 2*days + 2; len(keep) > most {
			t.Fatalf("seed %d: %d are kept, want at most %d", seed, len(keep), most)
		}
	}
}

// TestClockAhead is commits by a clock that is far ahead: they drop no more of the history than
// a day would, and neither do those by the right clock after them, nor a collection.
func TestClockAhead(t *testing.T) {
	c, s := openPast(t)
	setSettings(t, s, func(c *Settings) { c.LegalHold = true })
	var states []int64
	for i := range 5 {
		states = append(states, ingestRows(t, s, testDay, 1, fmt.Sprintf("/%d", i)).ID())
		c.pass(t, day)
	}
	mustHave := func(when string) {
		t.Helper()
		ids, err := s.Kept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range states {
			if !ids[id] {
				t.Errorf("%s: state %d is gone", when, i)
			}
		}
	}
	c.pass(t, 300*day)
	for i := range 40 { // more than are kept as the newest ones
		ingestRows(t, s, testDay, 1, fmt.Sprintf("/ahead%d", i))
	}
	mustHave("with the clock ahead")
	c.now = c.now.Add(-300 * day)
	c.lake.today = c.now.Format(time.DateOnly)
	for i := range 40 {
		ingestRows(t, s, testDay, 1, fmt.Sprintf("/right%d", i))
	}
	mustHave("with the right clock")
	setSettings(t, s, func(c *Settings) { c.LegalHold = false })
	collect(t, s, GarbageOptions{Grace: -1})
	mustHave("after a collection")
}

func TestSnapshotAt(t *testing.T) {
	c, s := openPast(t)
	made := c.now
	c.pass(t, time.Hour)
	type state struct {
		at   time.Time
		id   int64
		rows int64
	}
	var states []state
	for i := range 40 {
		sn := ingestRows(t, s, testDay, 1, fmt.Sprintf("/%d", i))
		states = append(states, state{c.now, sn.ID(), sn.Rows()})
		c.pass(t, 10*time.Minute)
	}
	// A commit that changes no files is no new state.
	if _, err := s.UpdateSettings(t.Context(), func(c *Settings) error { c.RetentionDays = 3000; return nil }); err != nil {
		t.Fatal(err)
	}
	rows := func(p Point) string {
		sn, err := s.SnapshotAt(t.Context(), p)
		if errors.Is(err, ErrSnapshotNotFound) {
			return "not found"
		}
		if err != nil {
			t.Fatal(err)
		}
		files, err := sn.Files(t.Context(), TimeRange{})
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for _, f := range files {
			n += f.Rows
		}
		if n != sn.Rows() || sn.Time().After(c.now) {
			t.Errorf("%v: %d rows in files, %d in all, of %s", p, n, sn.Rows(), sn.Time())
		}
		return fmt.Sprint(n)
	}
	last := states[39]
	for _, q := range []struct {
		name string
		p    Point
		want string
	}{
		{"newest", Point{}, "40"},
		{"now", Point{Time: c.now}, "40"},
		{"the future", Point{Time: c.now.Add(time.Hour)}, "40"},
		{"by id", Point{ID: states[38].id}, "39"},
		{"the current one by id", Point{ID: last.id}, "40"},
		{"at a commit", Point{Time: states[30].at}, "31"},
		{"shortly before", Point{Time: states[30].at.Add(-time.Millisecond)}, "30"},
		{"dropped, by id", Point{ID: states[1].id}, "not found"},
		{"dropped, by time", Point{Time: states[1].at.Add(time.Minute)}, "not found"},
		// 13:00 has the first commit right at the hour, 14:00 the seventh.
		{"at a full hour", Point{Time: pastStart.Add(2 * time.Hour)}, "7"},
		{"at the first hour", Point{Time: pastStart.Add(time.Hour)}, "1"},
		{"before any data", Point{Time: made.Add(time.Minute)}, "0"},
		{"before the store", Point{Time: made.Add(-time.Minute)}, "not found"},
		{"no id", Point{ID: 1}, "not found"},
	} {
		if got := rows(q.p); got != q.want {
			t.Errorf("%s: %s rows, want %s", q.name, got, q.want)
		}
	}
	_, err := s.SnapshotAt(t.Context(), Point{Time: states[1].at.Add(time.Minute)})
	if want := fmt.Sprintf("next to it %d of 2024-10-04T13:00:00Z", states[0].id); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
	// A week later the state of then is that of the last commit, and nothing older is kept; but
	// a commit alone is not to be sure that so much time has passed.
	c.pass(t, 30*24*time.Hour)
	ingestRows(t, s, testDay, 1, "/late")
	ids, err := s.Kept(t.Context())
	if err != nil || len(ids) < recentSnapshots {
		t.Errorf("kept are %v, %v", ids, err)
	}
	collect(t, s, GarbageOptions{})
	ids, err = s.Kept(t.Context())
	if err != nil || len(ids) != 2 || !ids[last.id] {
		t.Errorf("kept are %v, %v", ids, err)
	}
	if got := rows(Point{Time: c.now.Add(-time.Hour)}); got != "40" {
		t.Errorf("an hour ago there were %s rows", got)
	}
}

// TestMetadataStaysSmall commits every minute: a version does not list every snapshot.
func TestMetadataStaysSmall(t *testing.T) {
	c, s := openPast(t)
	for i := range 45 {
		ingestRows(t, s, testDay, 1, fmt.Sprintf("/%d", i))
		c.now = c.now.Add(time.Minute)
		on, err := s.newest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// The newest, the one before, and the state of an hour ago.
		if n := len(on.meta.Snapshots); n > recentSnapshots+2 {
			t.Fatalf("%d snapshots after %d commits", n, i+1)
		}
	}
}
