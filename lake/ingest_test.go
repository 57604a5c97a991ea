package lake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source"
	"traillake/lake/source/dir"
	"traillake/lake/source/stdin"
	"traillake/schema"
)

func event(id int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2023-07-%02dT12:32:49Z","eventID":"%d"}`, id%28+1, id)
}

func document(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

func zip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func folder(t testing.TB, files map[string]string) source.Source {
	t.Helper()
	root := t.TempDir()
	writeFiles(t, root, files)
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func writeFiles(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func newStore(t testing.TB) *lake.Store {
	t.Helper()
	s, err := laketest.New(t).CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ingest(t testing.TB, s *lake.Store, src source.Source, o lake.IngestOptions) *lake.IngestResult {
	t.Helper()
	r, err := s.Ingest(t.Context(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	reconcile(t, r)
	return r
}

func reconcile(t testing.TB, r *lake.IngestResult) {
	t.Helper()
	if r.RecordsRead != r.Stored+r.Filtered+r.Quarantined {
		t.Errorf("%d records read ≠ %d stored + %d filtered + %d quarantined", r.RecordsRead, r.Stored, r.Filtered, r.Quarantined)
	}
	if r.ObjectsListed != r.ObjectsExcluded+r.ObjectsLeftOut+r.ObjectsKnown+r.ObjectsWaiting+r.ObjectsIngested+r.ObjectsFailed {
		t.Errorf("objects do not add up: %+v", r)
	}
}

func rows(t testing.TB, s *lake.Store) int64 {
	t.Helper()
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sn.Rows()
}

func TestIngestTwice(t *testing.T) {
	s := newStore(t)
	files := map[string]string{"a.json.gz": zip(t, document(event(1), event(2))), "b.json": document(event(3)), "c.json": document()}
	src := folder(t, files)
	if r := ingest(t, s, src, lake.IngestOptions{}); r.Stored != 3 || r.ObjectsIngested != 3 || r.Commits != 1 {
		t.Errorf("first: %+v", r)
	}
	if r := ingest(t, s, src, lake.IngestOptions{}); r.Stored != 0 || r.ObjectsKnown != 3 || r.Commits != 0 {
		t.Errorf("second: %+v", r)
	}
	if n := rows(t, s); n != 3 {
		t.Errorf("%d rows", n)
	}
}

func TestIngestTouchedAndChangedFile(t *testing.T) {
	s := newStore(t)
	path := filepath.Join(t.TempDir(), "a.json")
	write := func(text string, age time.Duration) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	take := func() *lake.IngestResult {
		src, err := dir.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return ingest(t, s, src, lake.IngestOptions{})
	}
	write(event(1), 3*time.Hour)
	if r := take(); r.Stored != 1 {
		t.Errorf("new: %+v", r)
	}
	write(event(1), 2*time.Hour)
	if r := take(); r.ObjectsKnown != 1 || r.Stored != 0 {
		t.Errorf("touched: %+v", r)
	}
	write(event(1)+"\n"+event(2), time.Hour)
	if r := take(); r.ObjectsChanged != 1 || r.Stored != 2 {
		t.Errorf("changed: %+v", r)
	}
}

// TestIngestCopies wants copies of a log to be told, within one ingest and later, by the name that
// CloudTrail gave it; other files may have the same name and nothing to do with each other.
func TestIngestCopies(t *testing.T) {
	s := newStore(t)
	root := t.TempDir()
	const log = "111111111111_CloudTrail_us-east-1_20260101T0005Z_abcdefghijklmnop.json"
	take := func(files map[string]string, changed int64) {
		t.Helper()
		writeFiles(t, root, files)
		src, err := dir.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		if r := ingest(t, s, src, lake.IngestOptions{}); r.ObjectsChanged != changed || r.ObjectsIngested != int64(len(files)) {
			t.Errorf("%d objects, %d of them ingested before; want %d, %d", r.ObjectsIngested, r.ObjectsChanged, len(files), changed)
		}
	}
	one := document(event(1))
	take(map[string]string{"a/" + log: one, "b/" + log + ".gz": zip(t, one), "a/x.json": one, "b/x.json": one}, 1)
	take(map[string]string{"c/" + log: one, "c/x.json": one, "c/" + strings.Replace(log, "mnop", "mnoq", 1): one}, 1)
}

func TestIngestBadInput(t *testing.T) {
	good := event(1)
	whole := zip(t, document(good, event(2)))
	zipped := zip(t, good)
	var long strings.Builder // gzip keeps nothing of a short text that is cut
	for i := range 5000 {
		fmt.Fprintf(&long, "%s\n", event(i))
	}
	for i, c := range []struct {
		name, file, text             string
		stored, quarantined, damaged int64
		reason                       string
	}{
		{"empty", "a.json", "", 0, 1, 1, "empty"},
		{"empty gzip name", "a.json.gz", "", 0, 1, 1, "empty"},
		{"not gzip", "a.json.gz", "this is no gzip", 0, 1, 1, "not JSON"},
		{"gzip of nothing", "a.json.gz", zip(t, ""), 0, 1, 1, "empty"},
		{"gzip header only", "a.json.gz", "\x1f\x8b\x08", 0, 1, 1, "gzip"},
		{"plain text in a gzip name", "a.json.gz", document(good), 1, 0, 0, ""},
		{"gzip in a plain name", "a.json", whole, 2, 0, 0, ""},
		{"truncated gzip", "a.json.gz", zip(t, long.String())[:3000], -1, 1, 1, "gzip: the file is cut off"},
		{"gzip cut between records", "a.json.gz", zipped[:len(zipped)-8], 1, 1, 1, "gzip: the file is cut off"},
		{"damaged checksum", "a.json.gz", whole[:len(whole)-5] + "xxxxx", 2, 1, 1, "checksum: the records that were read of the file may not be what was delivered"},
		{"two gzip members", "a.json.gz", zip(t, good) + zip(t, event(2)), 2, 0, 0, ""},
		{"garbage behind gzip", "a.json.gz", whole + "garbage", 2, 1, 1, "gzip: the file is cut off"},
		{"broken JSON", "a.json", document(good, `{"eventVersion":"1","x":}`, event(2)), 2, 1, 1, "want a value"},
		{"no eventTime", "a.json", document(good, `{"eventVersion":"1"}`), 1, 1, 1, "eventTime"},
		{"wrong type", "a.json", document(good, `{"eventVersion":"1","eventTime":7}`), 1, 1, 1, "eventTime"},
		{"duplicate keys", "a.json", document(`{"eventTime":"2023-07-10T12:32:49Z","eventID":"1","eventID":"2"}`), 1, 0, 0, ""},
		{"not an object", "a.json", `[1,` + good + `]`, 1, 1, 1, "must be a JSON object"},
		{"two lists", "a.json", `{"Records":[` + good + `],"x":1,"Records":[` + event(2) + `,{"eventID":"1"},` + event(3) + `]}`, 3, 1, 1, "eventTime"},
		{"no list and a list", "a.json", `{"Records":null,"Records":[` + good + `,` + event(2) + `]}`, 2, 0, 0, ""},
		{"another document", "a.json", `{"hello":"world"}`, 0, 1, 1, "eventTime"},
		{"binary", "a.json", "\x00\x01\x02\xff\xfe", 0, 1, 1, "not JSON"},
		{"year 9999", "a.json", `{"eventTime":"9999-12-31T23:59:59Z"}`, 1, 0, 0, ""},
		{"year 1970", "a.json", `{"eventTime":"1970-01-01T00:00:00Z"}`, 1, 0, 0, ""},
		{"year 1969", "a.json", `{"eventTime":"1969-12-31T23:59:59Z"}`, 1, 0, 0, ""},
		{"aggregated", "a.json", `{"eventTime":"2025-11-01T00:00:00Z","eventCategory":"Aggregated"}`, 0, 0, 0, ""},
		{"NUL in a string", "a.json", `{"eventTime":"2023-07-10T12:32:49Z","eventName":"a\u0000b"}`, 1, 0, 0, ""},
	} {
		whole := int64(i % 2) // every other one is streamed: 0 means the default
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t)
			src := folder(t, map[string]string{c.file: c.text, "good.json": document(event(9))})
			r := ingest(t, s, src, lake.IngestOptions{WholeObject: whole})
			if stored := r.Stored - 1; c.stored >= 0 && stored != c.stored || c.stored < 0 && stored == 0 {
				t.Errorf("%d records stored, want %d", stored, c.stored)
			}
			if r.Quarantined != c.quarantined || r.ObjectsDamaged != c.damaged {
				t.Errorf("%d quarantined in %d objects, want %d in %d: %+v", r.Quarantined, r.ObjectsDamaged, c.quarantined, c.damaged, r.Damage)
			}
			var reasons []string
			for q, err := range s.Quarantine(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if filepath.Base(q.Key) != c.file {
					t.Errorf("quarantine names %s", q.Key)
				}
				reasons = append(reasons, q.Reason)
			}
			if int64(len(reasons)) != c.quarantined || !strings.Contains(strings.Join(reasons, "; "), c.reason) {
				t.Errorf("reasons %q, want one with %q", reasons, c.reason)
			}
			if again := ingest(t, s, src, lake.IngestOptions{}); again.ObjectsKnown != 2 || again.RecordsRead != 0 {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

func TestIngestFilter(t *testing.T) {
	key := func(account, region, day string) string {
		return "AWSLogs/" + account + "/CloudTrail/" + region + "/" + day + "/x.json"
	}
	files := map[string]string{
		key("111111111111", "us-east-1", "2023/07/10"):                       event(1),
		key("111111111111", "eu-west-1", "2023/07/11"):                       event(2),
		key("222222222222", "us-east-1", "2023/07/12"):                       event(3),
		"AWSLogs/111111111111/CloudTrail-Digest/us-east-1/2023/07/10/d.json": "{}",
	}
	s := newStore(t)
	src := folder(t, files)
	r := ingest(t, s, src, lake.IngestOptions{Filter: source.Filter{Accounts: []string{"111111111111"}, Regions: []string{"us-east-1"}}})
	if r.Stored != 1 || r.ObjectsExcluded != 2 || r.ObjectsLeftOut != 1 {
		t.Errorf("%+v", r)
	}
	from, _ := time.Parse(time.DateOnly, "2023-07-12")
	if r := ingest(t, s, src, lake.IngestOptions{Filter: source.Filter{From: from}}); r.Stored != 1 || r.ObjectsExcluded != 2 {
		t.Errorf("%+v", r)
	}
	if r := ingest(t, s, src, lake.IngestOptions{}); r.Stored != 1 || r.ObjectsKnown != 2 {
		t.Errorf("%+v", r)
	}
}

// Small bounds on memory, batches and open days change nothing but the files.
func TestIngestSmallBounds(t *testing.T) {
	files := make(map[string]string)
	for i := range 10 {
		var records []string
		for j := range 100 {
			at := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, j%66).Format(time.RFC3339)
			records = append(records, fmt.Sprintf(`{"eventTime":"%s","eventID":"%d-%d"}`, at, i, j))
		}
		files[fmt.Sprintf("%02d.json", i)] = document(records...)
	}
	s := newStore(t)
	r := ingest(t, s, folder(t, files), lake.IngestOptions{Memory: 200000, BatchBytes: 30000, Workers: 2})
	if r.Stored != 1000 || r.Commits < 2 {
		t.Errorf("%+v", r)
	}
	if n := rows(t, s); n != 1000 {
		t.Errorf("%d rows", n)
	}
}

// However many workers there are and in whatever order objects come, a day gets one file
// while its rows fit into memory.
func TestIngestFewFiles(t *testing.T) {
	files := make(map[string]string)
	for i := range 60 {
		at := time.Date(2023, 1, 1+i%3, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
		files[fmt.Sprintf("%02d.json", i)] = document(
			fmt.Sprintf(`{"eventTime":"%s","eventID":"%d"}`, at, i), fmt.Sprintf(`{"eventTime":"%s","eventID":"%d+"}`, at, i))
	}
	s := newStore(t)
	r := ingest(t, s, folder(t, files), lake.IngestOptions{Workers: 4})
	if r.Stored != 120 || r.Commits != 1 || r.Files != 3 {
		t.Errorf("%d records in %d files and %d commits, want 120 in 3 and 1", r.Stored, r.Files, r.Commits)
	}
}

// Two ingests of one folder at the same moment store every record once.
func TestIngestAtOnce(t *testing.T) {
	files := make(map[string]string)
	for i := range 16 {
		files[fmt.Sprintf("%02d.json", i)] = document(event(i), event(i+100))
	}
	l := laketest.New(t)
	if _, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: "events"}); err != nil {
		t.Fatal(err)
	}
	src := folder(t, files)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var stored, known int64
	for range 3 {
		wg.Go(func() {
			// A lake of its own, as another process would have.
			other, err := lake.Open(t.Context(), l.Root(), lake.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer other.Close()
			s, err := other.Store(t.Context(), "events")
			if err != nil {
				t.Error(err)
				return
			}
			r, err := s.Ingest(t.Context(), src, lake.IngestOptions{BatchBytes: 1000, Workers: 2})
			if err != nil {
				t.Error(err)
				return
			}
			reconcile(t, r)
			mu.Lock()
			defer mu.Unlock()
			stored += r.Stored
			known += r.ObjectsKnown
		})
	}
	wg.Wait()
	if stored != 32 || known != 32 {
		t.Errorf("%d records stored, %d objects known; want 32 and 32", stored, known)
	}
	s, err := l.Store(t.Context(), "events")
	if err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s); n != 32 {
		t.Errorf("%d rows", n)
	}
}

func TestIngestCancel(t *testing.T) {
	files := make(map[string]string)
	for i := range 50 {
		files[fmt.Sprintf("%02d.json", i)] = document(event(i))
	}
	s := newStore(t)
	src := folder(t, files)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	_, err := s.Ingest(ctx, src, lake.IngestOptions{BatchBytes: 500, Progress: func(p lake.IngestProgress) {
		if p.Listing {
			return
		}
		if n++; n == 20 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	before := rows(t, s)
	if before == 0 || before == 50 {
		t.Errorf("%d rows after the interruption", before)
	}
	if r := ingest(t, s, src, lake.IngestOptions{}); r.Stored != 50-before || r.ObjectsKnown != before {
		t.Errorf("%d rows before, then %+v", before, r)
	}
}

// failing opens nothing.
type failing struct{ source.Source }

func (failing) Open(context.Context, source.Object) (io.ReadCloser, error) {
	return nil, os.ErrPermission
}

func (f failing) List(ctx context.Context) iter.Seq2[source.Object, error] { return f.Source.List(ctx) }

// What cannot be read is no row, no entry in the ledger, and is tried again.
func TestIngestUnreadable(t *testing.T) {
	s := newStore(t)
	src := folder(t, map[string]string{"a.json": event(1)})
	if r := ingest(t, s, failing{src}, lake.IngestOptions{}); r.ObjectsFailed != 1 || len(r.Failures) != 1 || r.Commits != 0 {
		t.Errorf("%+v", r)
	}
	if r := ingest(t, s, src, lake.IngestOptions{}); r.Stored != 1 {
		t.Errorf("%+v", r)
	}
}

// flaky fails in the middle of the object whose key ends in bad, from the given opening
// on.
type flaky struct {
	source.Source
	bad    string
	from   int
	opened map[string]int
}

func (f flaky) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	r, err := f.Source.Open(ctx, o)
	f.opened[o.Key]++
	if err != nil || !strings.HasSuffix(o.Key, f.bad) || f.opened[o.Key] < f.from {
		return r, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(r, 100), iotest.ErrReader(syscall.EIO)), r}, nil
}

// An object that cannot be read to its end leaves nothing in the store, whether that
// shows before or while it is decoded, and costs no other object.
func TestIngestReadError(t *testing.T) {
	for _, from := range []int{1, 2} {
		s := newStore(t)
		src := folder(t, map[string]string{"a.json": event(1), "bad.json": document(event(2), event(3), event(4)), "c.json": event(5)})
		o := lake.IngestOptions{WholeObject: 1, Workers: 1}
		r := ingest(t, s, flaky{src, "bad.json", from, make(map[string]int)}, o)
		if r.Stored != 2 || r.ObjectsFailed != 1 || r.Quarantined != 0 || rows(t, s) != 2 {
			t.Errorf("failing at opening %d: %+v", from, r)
		}
		if r := ingest(t, s, src, o); r.Stored != 3 || r.ObjectsKnown != 2 {
			t.Errorf("again: %+v", r)
		}
	}
}

// Objects of one batch that are lost one after the other cost no other one: the second
// fails when the batch is read again without the first.
func TestIngestReadErrors(t *testing.T) {
	files := make(map[string]string)
	for i := range 12 {
		files[fmt.Sprintf("%02d.json", i)] = document(event(i), event(i+100))
	}
	s := newStore(t)
	src := folder(t, files)
	o := lake.IngestOptions{WholeObject: 1, Workers: 1}
	late := flaky{src, "10.json", 2, make(map[string]int)}
	r := ingest(t, s, flaky{late, "03.json", 4, make(map[string]int)}, o)
	if r.Stored != 20 || r.ObjectsFailed != 2 || r.ObjectsIngested != 10 {
		t.Errorf("%+v", r)
	}
	if r := ingest(t, s, src, o); r.Stored != 4 || r.ObjectsKnown != 10 {
		t.Errorf("again: %+v", r)
	}
}

// Objects that are streamed are known again like those that are read whole.
func TestIngestStreamedTwice(t *testing.T) {
	s := newStore(t)
	o := lake.IngestOptions{WholeObject: 1}
	for _, known := range []int64{0, 1} {
		in, err := stdin.Open(t.Context(), strings.NewReader(document(event(1), event(2))))
		if err != nil {
			t.Fatal(err)
		}
		if r := ingest(t, s, in, o); r.ObjectsKnown != known || r.Stored != 2*(1-known) {
			t.Errorf("stream: %+v", r)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.json")
	for i, known := range []int64{0, 1} {
		writeFiles(t, filepath.Dir(path), map[string]string{"a.json": event(3)})
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
		src, err := dir.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if r := ingest(t, s, src, o); r.ObjectsKnown != known || r.Stored != 1-known {
			t.Errorf("touched file: %+v", r)
		}
	}
}

func TestIngestLimits(t *testing.T) {
	s := newStore(t)
	r := ingest(t, s, folder(t, map[string]string{
		"bomb.json.gz": zip(t, event(1)+"\n"+strings.Repeat(" ", 10<<20)+event(2)),
		"long.json":    `[` + event(3) + `,{"eventVersion":"` + strings.Repeat("x", 2<<20) + `"}` + `,` + event(4) + `]`,
	}), lake.IngestOptions{MaxObject: 5 << 20, Limits: schema.Limits{MaxRecord: 1 << 20}})
	if r.Stored != 3 || r.ObjectsDamaged != 2 {
		t.Errorf("%+v", r)
	}
}

// An object may be as long as the longest, however it is read, and not a byte longer.
func TestIngestLongest(t *testing.T) {
	text := document(event(1), event(2))
	most := int64(len(text))
	for _, name := range []string{"a.json", "a.json.gz"} {
		for _, whole := range []int64{0, 1} {
			for _, known := range []lake.Digests{nil, digests{name: text}} {
				for over := range int64(2) {
					stored := text
					if strings.HasSuffix(name, ".gz") {
						stored = zip(t, text)
					}
					s := newStore(t)
					o := lake.IngestOptions{MaxObject: most - over, WholeObject: whole, Digests: known}
					r := ingest(t, s, folder(t, map[string]string{name: stored}), o)
					if r.ObjectsIngested != 1 || r.ObjectsDamaged != over || r.Quarantined != over || known != nil && r.ObjectsVerified != 1-over {
						t.Errorf("%s, whole %d, digests %t, %d over: %+v", name, whole, known != nil, over, r)
					}
				}
			}
		}
	}
}

func TestIngestProgress(t *testing.T) {
	s := newStore(t)
	var last lake.IngestProgress
	ingest(t, s, folder(t, map[string]string{"a.json": event(1), "b.json": document(event(2), event(3))}), lake.IngestOptions{
		Progress: func(p lake.IngestProgress) { last = p },
	})
	if last.Objects != 2 || last.TotalObjects != 2 || last.Records != 3 || last.Bytes != last.TotalBytes {
		t.Errorf("%+v", last)
	}
}
