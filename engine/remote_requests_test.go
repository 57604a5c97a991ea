package engine_test

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/internal/s3test"
	"traillake/internal/s3test/relay"
	"traillake/lake"
)

// seen returns the requests since the last Reset, as method and kind of file, in the order
// in which they came.
func (b bucket) seen() (list []string) {
	for _, r := range b.Requests() {
		kind := path.Base(r.Path)
		switch {
		case strings.HasSuffix(kind, ".metadata.json"):
			kind = "version"
		case strings.Contains(r.Path, "/leases/"):
			kind = "lease"
		case strings.Contains(r.Path, "/names/"):
			kind = "name"
		case path.Ext(kind) == ".avro" || path.Ext(kind) == ".parquet":
			kind = path.Ext(kind)
		}
		list = append(list, r.Method+" "+kind)
	}
	return list
}

const countEvents = "SELECT count(eventID) AS n FROM events"

// mustCount wants a query to find so many events.
func (f *fixture) mustCount(want int) {
	f.t.Helper()
	text, err := f.query(f.t.Context(), engine.Request{SQL: countEvents}, encode.TSV)
	if err != nil || text != fmt.Sprintf("n\n%d\n", want) {
		f.t.Errorf("want %d events, got %q, error %v", want, text, err)
	}
}

// The requests of a query, each of which takes a round trip. Those in one group are sent
// side by side, so they come in any order.
type round []string

// mustSee compares the requests since the last Reset with rounds.
func (b bucket) mustSee(t *testing.T, rounds ...round) {
	t.Helper()
	got := b.seen()
	rest := got
	for _, r := range rounds {
		now := slices.Clone(rest[:min(len(r), len(rest))])
		slices.Sort(now)
		if !slices.Equal(now, slices.Sorted(slices.Values(r))) {
			t.Errorf("requests are %q, want the rounds %q", got, rounds)
			return
		}
		rest = rest[len(r):]
	}
	if len(rest) > 0 {
		t.Errorf("requests are %q, want the rounds %q", got, rounds)
	}
}

// TestRemoteRequests counts the round trips of queries over a lake in a bucket.
func TestRemoteRequests(t *testing.T) {
	b := bucket{s3test.NewRelayed(t)}
	day := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	writer := b.fixture(t, t.TempDir())
	writer.load("events", "a", event("e1", day))
	cache := t.TempDir()

	look := round{"HEAD version", "HEAD version"}
	open := []round{{"GET lake.json"}, {"GET name"}, {"GET version-hint.text"}, {"GET version", "HEAD version"}}
	fetch := []round{{"PUT lease"}, look, {"GET .avro"}, {"GET .avro"}, {"GET .parquet"}, {"DELETE lease"}}
	t.Run("cold", func(t *testing.T) {
		b.Reset()
		b.fixture(t, cache).mustCount(1)
		b.mustSee(t, slices.Concat(open, fetch)...)
	})
	t.Run("warm", func(t *testing.T) {
		b.Reset()
		f := b.fixture(t, cache)
		f.mustCount(1)
		b.mustSee(t, open...)
		// A process that goes on sees what others commit.
		again := []round{{"GET name"}, look}
		b.Reset()
		f.mustCount(1)
		b.mustSee(t, again...)
		writer.load("events", "b", event("e2", day.AddDate(0, 0, 1)))
		b.Reset()
		f.mustCount(2)
		b.mustSee(t, slices.Concat(again, []round{{"HEAD version"}, {"GET version"}}, fetch)...)
		b.Reset()
		f.mustCount(2)
		b.mustSee(t, again...)
	})
	t.Run("of a store that is named first", func(t *testing.T) {
		b.Reset()
		f := b.fixtureWith(t, cache, lake.Options{First: "Events"})
		f.mustCount(2)
		b.mustSee(t, slices.Concat([]round{{"GET lake.json", "GET name"}}, open[2:])...)
		b.Reset()
		f.mustCount(2)
		b.mustSee(t, round{"GET name"}, look)
	})
	t.Run("kept", func(t *testing.T) {
		f := b.fixture(t, cache)
		kept := f.reusing()
		f.mustCount(2)
		b.Reset()
		f.mustCount(2)
		b.mustSee(t, round{"GET name"}, look)
		// Rows are found without a data file, also where there is none on this machine.
		b.Reset()
		f = b.fixture(t, t.TempDir())
		f.reusingIn(kept, "a build")
		f.mustCount(2)
		if seen := b.seen(); slices.Contains(seen, "GET .parquet") || !slices.Contains(seen, "GET .avro") {
			t.Errorf("kept rows take requests %q", seen)
		}
	})
	t.Run("of another store than is named first", func(t *testing.T) {
		b.Reset()
		f := b.fixtureWith(t, cache, lake.Options{First: "another"})
		f.mustCount(2)
		b.mustSee(t, slices.Concat([]round{{"GET lake.json", "GET name"}}, open[1:])...)
	})
	t.Run("of a lake of another layout", func(t *testing.T) {
		b := bucket{s3test.NewRelayed(t)}
		b.Server.Put(t, b.Bucket, map[string]string{"lake/lake.json": `{"format":"traillake","layout":2}`, "lake/names/events.json": "of layout 2"})
		st := b.storage(t, t.TempDir())
		if _, err := lake.OpenOrCreate(t.Context(), st.Root(), lake.Options{Storage: st, First: "events"}); !errors.Is(err, lake.ErrLayout) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the hint is behind", func(t *testing.T) {
		b.Add(relay.Rule{Method: "PUT", Path: regexp.MustCompile("version-hint"), Fault: relay.Refuse, Status: 403, Code: "AccessDenied"})
		writer.load("events", "c", event("e3", day))
		b.Reset()
		b.fixture(t, cache).mustCount(3)
		b.mustSee(t, slices.Concat(open, []round{{"HEAD version"}, {"GET version"}}, fetch)...)
	})
}

// replaced makes a lake whose newest snapshot, of two events, is that of a month ago, and
// returns what replaces it by another with the same events, and removes its files.
func (b bucket) replaced(t *testing.T) (replace func()) {
	at := func(days int) lake.Options {
		return lake.Options{Now: func() time.Time { return time.Now().AddDate(0, 0, -days) }}
	}
	writer := b.fixtureWith(t, t.TempDir(), at(30))
	writer.load("events", "a", event("e1", time.Date(2026, 10, 1, 10, 0, 0, 0, time.UTC)))
	writer.load("events", "b", event("e2", time.Date(2026, 10, 1, 11, 0, 0, 0, time.UTC)))
	merger, collector := b.fixtureWith(t, t.TempDir(), at(20)), b.fixture(t, t.TempDir())
	ctx := t.Context()
	return func() {
		s, err := merger.lake.Store(ctx, "events")
		if err == nil {
			_, err = s.Compact(ctx, lake.CompactOptions{})
		}
		if err != nil {
			t.Error(err)
		}
		if s, err = collector.lake.Store(ctx, "events"); err == nil {
			_, err = s.CollectGarbage(ctx, lake.GarbageOptions{Grace: -1})
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// TestRemoteGarbage collects garbage without grace while a query over a lake in a bucket
// goes on: before its lease is there, when the query takes the snapshot after it, and once
// the lease is there, when the files stay. A query that has copies needs no files.
func TestRemoteGarbage(t *testing.T) {
	for _, c := range []struct {
		what, method, path string
		again              bool
	}{
		{"before the lease", "PUT", `/leases/`, true},
		{"with the lease", "GET", `\.avro$`, false},
		{"with the manifests", "GET", `\.parquet$`, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := bucket{s3test.NewRelayed(t)}
			replace := b.replaced(t)
			reader := b.fixture(t, t.TempDir())
			b.Reset()
			b.Add(relay.Rule{Method: c.method, Path: regexp.MustCompile(c.path), Times: 1, Before: replace})
			reader.mustCount(2)
			got := b.seen()
			leases := 0
			for _, r := range got {
				if r == "PUT lease" {
					leases++
				}
			}
			if want := map[bool]int{false: 1, true: 2}[c.again]; leases != want || got[len(got)-1] != "DELETE lease" {
				t.Errorf("%d leases, want %d; requests are %q", leases, want, got)
			}
			reader.mustCount(2)
		})
	}
	t.Run("in a batch", func(t *testing.T) {
		b := bucket{s3test.NewRelayed(t)}
		replace := b.replaced(t)
		reader := b.fixture(t, t.TempDir())
		b.Add(relay.Rule{Method: "PUT", Path: regexp.MustCompile(`/leases/`), Times: 1, Before: replace})
		batch, err := reader.engine.OpenBatch(t.Context(), []engine.Request{{SQL: countEvents}, {SQL: "SELECT none FROM events"}, {SQL: "SELECT eventName FROM events"}})
		if err != nil {
			t.Fatal(err)
		}
		defer batch.Close()
		for i, want := range []int64{1, 0, 2} {
			res, err := batch.Query(t.Context(), i)
			var wrong *engine.StatementError
			if i == 1 && errors.As(err, &wrong) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if n, err := drain(t.Context(), res); err != nil || n != want {
				t.Errorf("request %d gives %d rows, error %v", i, n, err)
			}
			if err := res.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("from copies", func(t *testing.T) {
		b := bucket{s3test.NewRelayed(t)}
		replace := b.replaced(t)
		cache := t.TempDir()
		t.Run("fill", func(t *testing.T) { b.fixture(t, cache).mustCount(2) })
		reader := b.fixture(t, cache)
		before, err := reader.store("events").Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		replace()
		files, err := before.Files(t.Context(), lake.TimeRange{})
		if err != nil || len(files) != 2 {
			t.Fatalf("%d files, error %v", len(files), err)
		}
		_, release, err := reader.store("events").Fetch(t.Context(), files, nil)
		if err != nil {
			t.Error(err)
		} else {
			release()
		}
		if _, err := before.Lease(t.Context()); !errors.Is(err, lake.ErrSnapshotNotFound) {
			t.Errorf("a lease of what is gone: %v", err)
		}
	})
}
