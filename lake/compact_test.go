package lake

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"traillake/schema"
)

// storedRows returns every column of every live row as JSON, sorted: what a reader finds
// in a store, whatever files it lies in.
func storedRows(t testing.TB, s *Store) []string {
	t.Helper()
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, f := range files {
		rows = append(rows, fileRows(t, f.Path)...)
	}
	slices.Sort(rows)
	return rows
}

func fileRows(t testing.TB, path string) []string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pr, err := file.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	rd, err := pqarrow.NewFileReader(pr, pqarrow.ArrowReadProperties{BatchSize: 1000}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	records, err := rd.GetRecordReader(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer records.Release()
	var rows []string
	for records.Next() {
		rec := records.RecordBatch()
		var text bytes.Buffer
		if err := array.RecordToJSON(rec, &text); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")...)
	}
	if err := records.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func compact(t testing.TB, s *Store, o CompactOptions) *CompactResult {
	t.Helper()
	r, err := s.Compact(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fileCount(t testing.TB, s *Store) int64 {
	t.Helper()
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sn.FileCount()
}

func TestCompact(t *testing.T) {
	s := openTest(t)
	for i := range 5 {
		b := begin(t, s)
		addRows(t, b, testDay, 10+i, fmt.Sprintf("/a%d", i))
		if i < 3 {
			addRows(t, b, testDay+1, 20+i, fmt.Sprintf("/b%d", i))
		}
		if i == 0 {
			addRows(t, b, testDay+2, 7, "/c")
		}
		commit(t, b)
	}
	before, had := storedRows(t, s), liveURIs(t, s)
	plan := compact(t, s, CompactOptions{DryRun: true})
	if fileCount(t, s) != 9 {
		t.Error("a dry run changes the store")
	}
	if r := compact(t, s, CompactOptions{Sparing: true}); r.Commits != 0 {
		t.Errorf("few files are no reason to merge: %+v", r)
	}
	got := compact(t, reopen(t, s), CompactOptions{})
	if got.FilesBefore != 8 || got.FilesAfter != 2 || got.Events != 60+63 || got.Commits != 1 || len(got.Days) != 2 || got.Lost != 0 {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(plan.Days, got.Days) || plan.FilesAfter != got.FilesAfter || plan.BytesBefore != got.BytesBefore {
		t.Errorf("planned %+v, did %+v", plan, got)
	}
	if after := storedRows(t, s); !slices.Equal(before, after) {
		t.Errorf("other rows: %d before, %d after", len(before), len(after))
	}
	if fileCount(t, s) != 3 {
		t.Errorf("%d files", fileCount(t, s))
	}
	h, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := h[len(h)-1]
	if last.Operation != OpCompact || len(last.Added) != 2 || len(last.Removed) != 8 || last.Rows != 123 || last.Ingest != "" {
		t.Errorf("the record is %+v", last)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if op := sn.snap.Summary.Operation; op != "replace" || sn.Rows() != 130 {
		t.Errorf("snapshot of operation %s with %d rows", op, sn.Rows())
	}
	for uri := range liveURIs(t, s) {
		if !had[uri] {
			delete(had, uri)
		}
	}
	// What was replaced is still there, for those who read it.
	for uri := range had {
		if _, err := os.Stat(strings.TrimPrefix(uri, "file://")); err != nil {
			t.Error(err)
		}
	}
	if r := compact(t, s, CompactOptions{}); r.Commits != 0 || len(r.Days) != 0 {
		t.Errorf("again: %+v", r)
	}
	// The ledger still knows what was ingested, and new rows come on top.
	ingestRows(t, s, testDay, 3, "/late")
	if n := len(storedRows(t, s)); n != 133 {
		t.Errorf("%d rows", n)
	}
}

// TestCompactCopiesEveryColumn compacts records of all shapes: not canonical ones, with
// empty and absent structs, nulls, every level of nesting.
func TestCompactCopiesEveryColumn(t *testing.T) {
	s := openTest(t)
	day := testDay.String()
	for i, text := range []string{
		`{ "eventTime" : "` + day + `T01:00:00Z", "eventID":"1", "unknown":{"a":[1,2,{"b":"\u00e9"}]}, "userIdentity":{} }`,
		`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{},"attributes":{"mfaAuthenticated":"false"}}},"eventTime":"` + day + `T02:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"x","sourceIPAddress":"192.0.2.1","userAgent":"","requestParameters":null,"responseElements":{"k":"v"},"eventID":"2","readOnly":true,"resources":[{"ARN":"a"},{"ARN":"b","accountId":"1","type":"t"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3"}}`,
		`{"eventTime":"` + day + `T03:00:00Z","eventID":"3","resources":[],"errorCode":"","readOnly":false}`,
		`{"eventTime":"` + day + `T03:00:00Z","eventID":"3"}`,
	} {
		b := begin(t, s)
		addText(t, b, testDay, text, fmt.Sprintf("/shape%d", i))
		commit(t, b)
	}
	for i := range 3 {
		ingestRows(t, s, testDay, 400, fmt.Sprintf("/more%d", i))
	}
	before := storedRows(t, s)
	if !strings.Contains(strings.Join(before, ""), `"_raw":"{ \"eventTime\"`) {
		t.Fatal("no row has a text of its own")
	}
	// Row groups of a few kilobytes.
	if r := compact(t, s, CompactOptions{Memory: 1}); r.FilesAfter != 1 || r.FilesBefore != 7 {
		t.Errorf("%+v", r)
	}
	if after := storedRows(t, s); !slices.Equal(before, after) {
		for i := range min(len(before), len(after)) {
			if before[i] != after[i] {
				t.Fatalf("row %d was\n%s\nand is\n%s", i, before[i], after[i])
			}
		}
		t.Errorf("%d rows became %d", len(before), len(after))
	}
}

// addText writes one record into a file of its own.
func addText(t testing.TB, b *Batch, day Day, text, source string) {
	t.Helper()
	dec := schema.NewDecoder(strings.NewReader(text), schema.Limits{})
	bld := schema.NewBuilder()
	var rec schema.Record
	if err := dec.Next(&rec); err != nil {
		t.Fatal(err)
	}
	bld.Append(&rec, schema.Provenance{Source: source, Seq: b.Seq()})
	addRecord(t, b, day, bld.NewRecordBatch(), source)
}

func addRecord(t testing.TB, b *Batch, day Day, rows arrow.RecordBatch, source string) {
	t.Helper()
	w, err := b.NewFile(day)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(rows), w.Close()); err != nil {
		t.Fatal(err)
	}
	o := object(source, rows.NumRows())
	if o.Multiset, err = MultisetOf(rows); err != nil {
		t.Fatal(err)
	}
	b.AddObject(o)
}

// TestCompactRefusesDamage flips a bit of an input: it must not become part of a sound file.
func TestCompactRefusesDamage(t *testing.T) {
	l := createTest(t, t.TempDir(), Options{})
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		ingestRows(t, s, testDay, 50, fmt.Sprintf("/%d", i))
	}
	sn, _ := s.Snapshot(t.Context())
	files, err := sn.Files(t.Context(), TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(files[1].Path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/3] ^= 1
	if err := errors.Join(os.Remove(files[1].Path), os.WriteFile(files[1].Path, raw, 0o444)); err != nil {
		t.Fatal(err)
	}
	_, err = s.Compact(t.Context(), CompactOptions{})
	name, _ := nameOf(s.st.Root(), files[1].URI)
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v", err)
	}
	if fileCount(t, s) != 3 {
		t.Error("something was committed")
	}
	if n := dataFilesOnDisk(t, s); n != 3 {
		t.Errorf("%d data files are left", n)
	}
}

func dataFilesOnDisk(t testing.TB, s *Store) int {
	t.Helper()
	n := 0
	for _, err := range s.st.List(t.Context(), dataDir) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// TestPlanCompaction simulates a day of 1,440 commits of equal size: the day never has
// more than maxSmallFiles files, and each event is rewritten about log N times.
func TestPlanCompaction(t *testing.T) {
	for _, c := range []struct {
		commits int
		most    float64 // times that an event is rewritten; from the comment on growth
	}{{100, 4}, {1440, 5.2}, {14400, 7.8}} {
		var live []DataFile
		written := int64(0)
		for i := range c.commits {
			live = append(live, DataFile{URI: fmt.Sprintf("%06d", i), Day: testDay, Rows: 100, Bytes: 1000})
			for _, g := range planCompaction(live, false) {
				live = slices.DeleteFunc(live, func(f DataFile) bool { return slices.Contains(g.files, f) })
				live = append(live, DataFile{URI: fmt.Sprintf("m%06d", i), Day: testDay, Rows: g.rows, Bytes: g.bytes})
				written += g.rows
			}
			if len(live) > maxSmallFiles {
				t.Fatalf("%d files after %d commits", len(live), i+1)
			}
		}
		if times := float64(written) / float64(100*c.commits); times > c.most {
			t.Errorf("%d commits: events are rewritten %.1f times, want at most %.1f", c.commits, times, c.most)
		} else {
			t.Logf("%d commits: %d files at the end, events were rewritten %.1f times", c.commits, len(live), times)
		}
	}
	file := func(uri string, day Day, mb int64) DataFile {
		return DataFile{URI: uri, Day: day, Rows: mb, Bytes: mb << 20}
	}
	live := []DataFile{
		file("a", 1, 130), file("b", 1, 100), file("c", 1, 90), file("d", 1, 80), file("e", 1, 1),
		file("f", 2, 1), file("g", 3, 1), file("h", 3, 2),
	}
	var got []string
	for _, g := range planCompaction(live, true) {
		text := g.day.String()
		for _, f := range g.files {
			text += " " + f.URI
		}
		got = append(got, text)
	}
	// A file that is large enough, or alone, stays. 1+80+90 MB are less than 256, with 100
	// they are more.
	if want := []string{"1970-01-02 e d c", "1970-01-04 g h"}; !slices.Equal(got, want) {
		t.Errorf("plan is %q, want %q", got, want)
	}
}

// TestCompactConcurrently lets ingests and compactions go on at once, in parallel: no row
// is lost or doubled.
func TestCompactConcurrently(t *testing.T) {
	for range 3 {
		s := openTest(t)
		const writers, compactors, batches = 3, 2, 3
		for i := range 3 {
			ingestRows(t, s, testDay, 5, fmt.Sprintf("/before%d", i))
		}
		var wg sync.WaitGroup
		for w := range writers {
			mine := reopen(t, s)
			wg.Go(func() {
				for i := range batches {
					ingestRows(t, mine, testDay+Day(i%2), 5, fmt.Sprintf("/%d/%d", w, i))
				}
			})
		}
		for range compactors {
			mine := reopen(t, s)
			wg.Go(func() {
				for range 2 {
					if _, err := mine.Compact(t.Context(), CompactOptions{}); err != nil {
						t.Errorf("compact: %v", err)
					}
				}
			})
		}
		wg.Wait()
		compact(t, s, CompactOptions{})
		if n, want := len(storedRows(t, s)), 5*(3+writers*batches); n != want {
			t.Errorf("%d rows, want %d", n, want)
		}
		if n := fileCount(t, s); n != 2 {
			t.Errorf("%d files", n)
		}
	}
}

// TestCompactLoses has another compaction replace the inputs while one is at work.
func TestCompactLoses(t *testing.T) {
	root := t.TempDir()
	s := func() *Store {
		l := createTest(t, root, Options{})
		s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}()
	for i := range 4 {
		ingestRows(t, s, testDay, 5, fmt.Sprintf("/%d", i))
	}
	var once sync.Once
	hooked := &hookedStorage{Storage: s.lake.st, put: func(name string, put func() error) error {
		if strings.Contains(name, "/"+auditDir+"/") {
			once.Do(func() {
				ingestRows(t, s, testDay, 5, "/meanwhile")
				if r := compact(t, s, CompactOptions{}); r.Commits != 1 {
					t.Errorf("%+v", r)
				}
			})
		}
		return put()
	}}
	mine, err := Open(t.Context(), root, Options{Storage: hooked})
	if err != nil {
		t.Fatal(err)
	}
	late, err := mine.Store(t.Context(), DefaultStore)
	if err != nil {
		t.Fatal(err)
	}
	r, err := late.Compact(t.Context(), CompactOptions{})
	if err != nil || r.Lost != 1 || r.Commits != 0 || r.FilesAfter != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if n := dataFilesOnDisk(t, s); n != 6 { // five that were replaced and the one that is live
		t.Errorf("%d data files", n)
	}
	if n := len(storedRows(t, s)); n != 25 {
		t.Errorf("%d rows", n)
	}
	mustBeWhole(t, s.lake)
}
