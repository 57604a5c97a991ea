package s3

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"traillake/internal/s3test/relay"
	"traillake/internal/stretch"
	"traillake/lake"
	"traillake/lake/laketest"
)

var (
	writerCommits = flag.Int("s3.commits", 12, "how many commits TestTwoWriters makes")
	everyRequest  = flag.Int("s3.every", 4, "TestEveryRequest fails one in how many requests")
)

var day = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// openLake opens the lake of a place as a process of its own.
func (p place) openLake(t *testing.T, change ...func(*Options)) *lake.Lake {
	t.Helper()
	st := p.open(t, change...)
	l, err := lake.OpenOrCreate(t.Context(), st.Root(), lake.Options{Storage: st})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// withStore opens the lake and its store, which is made if it is not there.
func (p place) withStore(t *testing.T, change ...func(*Options)) (*lake.Lake, *lake.Store) {
	t.Helper()
	l := p.openLake(t, change...)
	s, err := l.Store(t.Context(), lake.DefaultStore)
	if errors.Is(err, lake.ErrStoreNotFound) {
		s, err = l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, s
}

func impatient(o *Options) { o.Patience = 300 * time.Millisecond }

// ingest takes in log objects with an event each.
func ingest(ctx context.Context, s *lake.Store, from, to int) (*lake.IngestResult, error) {
	return s.Ingest(ctx, laketest.Logs(from, to, day), lake.IngestOptions{Workers: 2})
}

// mustHold looks at the lake as a machine does that has never seen it.
func (p place) mustHold(t *testing.T, objects int64) {
	t.Helper()
	p.Reset()
	l, s := p.withStore(t)
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := s.Ledger(t.Context())
	if err != nil || ledger.Len() != objects || sn.Rows() != objects {
		t.Errorf("%d objects in the ledger, %d events, want %d; error %v", ledger.Len(), sn.Rows(), objects, err)
	}
	laketest.Check(t, l)
}

const publish = `metadata/v[0-9]+\.metadata\.json$`

// TestCommit is F16 to F19 and F21: whatever happens to the request that publishes a
// commit, or to its reply, the commit is made once, or its end is told to be unknown.
func TestCommit(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   relay.Rule
		unknown bool
	}{
		{"reply lost", relay.Rule{Fault: relay.LoseReply, Times: 1}, false},
		{"sent again by itself", relay.Rule{Fault: relay.Duplicate, Times: 1}, false},
		{"conflict", relay.Rule{Fault: relay.Refuse, Status: 409, Code: "ConditionalRequestConflict", Times: 3}, false},
		{"slow down", relay.Rule{Fault: relay.Refuse, Times: 3}, false},
		{"cut", relay.Rule{Fault: relay.CutRequest, Times: 1}, false},
		{"nothing can be read back", relay.Rule{Fault: relay.LoseReply}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			_, s := p.withStore(t, func(o *Options) {
				if c.unknown {
					impatient(o)
				}
			})
			if _, err := ingest(t.Context(), s, 0, 2); err != nil {
				t.Fatal(err)
			}
			c.fault.Method, c.fault.Path = "PUT", matching(publish)
			if c.unknown {
				c.fault.Before = func() { p.Add(relay.Rule{Fault: relay.Reset}) }
			}
			p.Add(c.fault)
			r, err := ingest(t.Context(), s, 2, 5)
			if errors.Is(err, lake.ErrCommitUnknown) != c.unknown || err != nil && !c.unknown {
				t.Errorf("%v", err)
			}
			if err == nil && r.Stored != 3 {
				t.Errorf("%d events stored", r.Stored)
			}
			// The same objects again are known: the commit was made, and once.
			p.Reset()
			_, again := p.withStore(t)
			if r, err := ingest(t.Context(), again, 0, 5); err != nil || r.ObjectsIngested != 0 {
				t.Errorf("%+v, error %v", r, err)
			}
			p.mustHold(t, 5)
		})
	}
}

// TestLostConflict has another writer take the version while the reply to the loser's
// request is lost: what it reads back is not its own, and it commits as the next.
func TestLostConflict(t *testing.T) {
	p := newPlace(t)
	_, one := p.withStore(t)
	_, two := p.withStore(t)
	var once sync.Once
	p.Add(relay.Rule{Method: "PUT", Path: matching(publish), Fault: relay.LoseReply, Times: 1, Before: func() {
		once.Do(func() {
			if _, err := ingest(t.Context(), two, 10, 13); err != nil {
				t.Error(err)
			}
		})
	}})
	if r, err := ingest(t.Context(), one, 0, 4); err != nil || r.Stored != 4 {
		t.Errorf("%+v, error %v", r, err)
	}
	p.mustHold(t, 7)
}

// TestStorm is F19: every fifth request is told to slow down.
func TestStorm(t *testing.T) {
	p := newPlace(t)
	_, s := p.withStore(t)
	p.Randomly(seed(t), 0.2, relay.Refuse)
	if r, err := s.Ingest(t.Context(), laketest.Logs(0, 6, day), lake.IngestOptions{Workers: 2, BatchBytes: 300}); err != nil || r.Stored != 6 {
		t.Errorf("%+v, error %v", r, err)
	}
	p.mustHold(t, 6)
}

// TestEveryRequest is F24, and what a power cut is to a disk: from the k-th request on all
// are refused, as with credentials that expired. The lake is whole then, as it was before
// or as it is after, the error says which unless nobody knows, and the next process, which
// knows nothing, goes on.
func TestEveryRequest(t *testing.T) {
	count := newPlace(t)
	l, s := count.withStore(t)
	if _, err := ingest(t.Context(), s, 0, 2); err != nil {
		t.Fatal(err)
	}
	count.Reset()
	if _, err := ingest(t.Context(), s, 2, 4); err != nil {
		t.Fatal(err)
	}
	all := len(count.Requests())
	laketest.Check(t, l)
	if all < 15 {
		t.Errorf("an ingest makes %d requests", all)
	}
	step := *everyRequest
	for k := int(seed(t)) % step; k < all; k += step {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			p := newPlace(t)
			_, s := p.withStore(t, impatient)
			if _, err := ingest(t.Context(), s, 0, 2); err != nil {
				t.Fatal(err)
			}
			p.Reset()
			p.Add(relay.Rule{Skip: k, Fault: relay.Refuse, Status: 400, Code: "ExpiredToken"})
			_, err := ingest(t.Context(), s, 2, 4)
			p.Reset()
			l, after := p.withStore(t)
			sn, snErr := after.Snapshot(t.Context())
			if snErr != nil {
				t.Fatal(snErr)
			}
			switch {
			case errors.Is(err, lake.ErrCommitUnknown), errors.Is(err, lake.ErrOutcomeUnknown):
			case err == nil && sn.Rows() != 4, err != nil && sn.Rows() != 2:
				// After the commit an ingest still makes sure of it, and may fail to.
				if sn.Rows() != 4 || !strings.Contains(err.Error(), "ExpiredToken") {
					t.Errorf("%d events, error %v", sn.Rows(), err)
				}
			}
			laketest.Check(t, l)
			if _, err := ingest(t.Context(), after, 0, 6); err != nil {
				t.Fatal(err)
			}
			p.mustHold(t, 6)
		})
	}
}

// TestEmptyMachine is F7: a machine without cache and state reads the lake and goes on.
func TestEmptyMachine(t *testing.T) {
	p := newPlace(t)
	_, s := p.withStore(t)
	for i := range 12 { // more commits than are read one after the other
		if _, err := ingest(t.Context(), s, i, i+1); err != nil {
			t.Fatal(err)
		}
	}
	_, fresh := p.withStore(t)
	if r, err := ingest(t.Context(), fresh, 0, 14); err != nil || r.ObjectsIngested != 2 || r.ObjectsKnown != 12 {
		t.Errorf("%+v, error %v", r, err)
	}
	p.mustHold(t, 14)
}

// TestReadOnly lets who may only read query the lake, without a lease.
func TestReadOnly(t *testing.T) {
	p := newPlace(t)
	_, s := p.withStore(t)
	if _, err := ingest(t.Context(), s, 0, 3); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"PUT", "POST", "DELETE"} {
		p.Add(relay.Rule{Method: method, Fault: relay.Refuse, Status: 403, Code: "AccessDenied"})
	}
	l, reader := p.withStore(t)
	sn, err := reader.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lease, err := sn.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release()
	files, err := sn.Files(t.Context(), lake.TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	if _, release, err := reader.Fetch(t.Context(), files, nil); err != nil {
		t.Error(err)
	} else {
		release()
	}
	laketest.Check(t, l)
	if _, err := ingest(t.Context(), reader, 3, 4); err == nil || !strings.Contains(err.Error(), `"Action": "s3:PutObject"`) {
		t.Errorf("a write that is not allowed: %v", err)
	}
}

// TestHang is F20: a connection that breaks without a sign.
func TestHang(t *testing.T) {
	p := newPlace(t)
	_, s := p.withStore(t)
	if _, err := ingest(t.Context(), s, 0, 3); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{`/lake.json$`, `\.avro$`, `\.parquet$`} {
		p.Add(relay.Rule{Method: "GET", Path: matching(what), Fault: relay.Hang, Times: 1})
	}
	l, s := p.withStore(t, func(o *Options) { o.Access.Stall = 400 * time.Millisecond })
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), lake.TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	_, release, err := s.Fetch(t.Context(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	release()
	laketest.Check(t, l)
}

// TestCorruptObject is F13 on S3: bytes that changed in the bucket are never used.
func TestCorruptObject(t *testing.T) {
	p := newPlace(t)
	l, s := p.withStore(t)
	if _, err := ingest(t.Context(), s, 0, 3); err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), lake.TimeRange{})
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	key := strings.TrimPrefix(files[0].URI, "s3://"+p.Bucket+"/")
	st := p.open(t)
	raw, err := st.get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := st.Put(t.Context(), strings.TrimPrefix(key, "some/lake/"), raw); err != nil {
		t.Fatal(err)
	}
	// The hash in its metadata is that of the changed bytes: only the lake knows better.
	report, err := lake.Check(t.Context(), l, lake.CheckOptions{Deep: true})
	if err != nil || len(report.Problems) == 0 {
		t.Errorf("verify --deep finds nothing, error %v", err)
	}
	p.Server.Put(t, p.Bucket, map[string]string{key: string(raw[:len(raw)-1])})
	if _, _, err := s.Fetch(t.Context(), files, nil); !errors.Is(err, lake.ErrCorrupt) {
		t.Errorf("a file without a hash: %v", err)
	}
}

// TestTwoWriters has two writers commit to one store, each in commits of its own, while
// requests meet faults: F27 on S3.
func TestTwoWriters(t *testing.T) {
	p := newPlace(t)
	commits := *writerCommits
	p.Randomly(seed(t), 0.01, relay.LoseReply, relay.Refuse, relay.Reset, relay.Duplicate)
	var wg sync.WaitGroup
	p.withStore(t)
	for w := range 2 {
		_, s := p.withStore(t)
		wg.Go(func() {
			for i := range commits / 2 {
				n := w*1_000_000 + i
				if _, err := ingest(t.Context(), s, n, n+1); err != nil {
					t.Errorf("writer %d, commit %d: %v", w, i, err)
					return
				}
				if i%50 == 49 {
					if _, err := s.Compact(t.Context(), lake.CompactOptions{Sparing: true}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	p.mustHold(t, int64(commits/2*2))
}

// TestSmallerThanKnown fetches the end of a file that is smaller than it should be, while
// the reply that says so is cut.
func TestSmallerThanKnown(t *testing.T) {
	p := newPlace(t)
	s := p.open(t)
	const name = "eds/0b9b8f4e-7a0c-4a5a-9d57-5f9d3a1c2b3d/data/eventtime_day=2026-11-20/0b9b8f4e-7a0c-7a5a-9d57-5f9d3a1c2b3d.parquet"
	if err := s.PutIfAbsent(t.Context(), name, []byte("ten bytes.")); err != nil {
		t.Fatal(err)
	}
	for _, fault := range []relay.Fault{relay.Pass, relay.ShortReply, relay.CutReply} {
		p.Reset()
		p.Add(relay.Rule{Method: "GET", Fault: fault})
		_, _, err := s.FetchParts(t.Context(), name, 11, func(parts lake.Parts) error {
			return parts.Bring(stretch.Of(stretch.Stretch{At: 10, Length: 1}))
		})
		if !errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("%s: %v", fault, err)
		}
	}
}
