package lake

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/schema"
)

// testDay is a day on which test events happen.
const testDay = Day(20000) // 2024-10-04

// openTest makes a lake in a temporary folder, with one store, and checks it at the end.
func openTest(t testing.TB) *Store {
	t.Helper()
	l := createTest(t, t.TempDir(), Options{})
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustBeWhole(t, l) })
	return s
}

func createTest(t testing.TB, root string, o Options) *Lake {
	t.Helper()
	l, err := OpenOrCreate(t.Context(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// reopen returns the store as another process would see it.
func reopen(t testing.TB, s *Store) *Store {
	t.Helper()
	l, err := Open(t.Context(), s.lake.Root(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	other, err := l.Store(t.Context(), s.Name())
	if err != nil {
		t.Fatal(err)
	}
	return other
}

func mustBeWhole(t testing.TB, l *Lake) {
	t.Helper()
	report, err := Check(context.Background(), l, CheckOptions{Deep: true})
	if err != nil {
		t.Errorf("check: %v", err)
		return
	}
	for _, p := range report.Problems {
		t.Errorf("check: %s", p)
	}
}

// rows builds n events of a day, one second apart, that come from source.
func rows(t testing.TB, day Day, n int, source string, seq int64) arrow.RecordBatch {
	t.Helper()
	var text strings.Builder
	for i := range n {
		at := day.Time().Add(time.Duration(i) * time.Second).Format("2006-01-02T15:04:05Z")
		fmt.Fprintf(&text, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/u%d","accessKeyId":"AK%d"},`+
			`"eventTime":"%s","eventSource":"iam.amazonaws.com","eventName":"GetUser","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d",`+
			`"requestParameters":{"userName":"u%d"},"requestID":"r-%s-%d","eventID":"e-%s-%d","recipientAccountId":"123456789012"}`+"\n",
			i%7, i%7, at, i%250, i, source, i, source, i)
	}
	dec := schema.NewDecoder(strings.NewReader(text.String()), schema.Limits{})
	b := schema.NewBuilder()
	var rec schema.Record
	for range n {
		if err := dec.Next(&rec); err != nil {
			t.Fatal(err)
		}
		b.Append(&rec, schema.Provenance{Source: source, Region: "us-east-1", Account: "123456789012", Seq: seq})
	}
	return b.NewRecordBatch()
}

// addRows writes n events of a day into a new file of the batch, and their object.
func addRows(t testing.TB, b *Batch, day Day, n int, source string) {
	t.Helper()
	if err := tryAddRows(t, b, day, n, source); err != nil {
		t.Fatal(err)
	}
}

func tryAddRows(t testing.TB, b *Batch, day Day, n int, source string) error {
	rec := rows(t, day, n, source, b.Seq())
	defer rec.Release()
	w, err := b.NewFile(day)
	if err != nil {
		return err
	}
	if err := w.Write(rec); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	o := object(source, int64(n))
	if o.Multiset, err = MultisetOf(rec); err != nil {
		return err
	}
	b.AddObject(o)
	return nil
}

func object(source string, rows int64) ObjectEntry {
	return ObjectEntry{
		Key: source, Size: 100 + rows, MTime: time.Unix(1700000000, 5), SHA256: hashOf([]byte(source)),
		Bytes: 1000, RowsIn: rows, RowsOut: rows, Status: StatusOK,
	}
}

// ingest commits one object with n events.
func ingestRows(t testing.TB, s *Store, day Day, n int, source string) *Snapshot {
	t.Helper()
	b := begin(t, s)
	addRows(t, b, day, n, source)
	return commit(t, b)
}

func begin(t testing.TB, s *Store) *Batch {
	t.Helper()
	b, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func commit(t testing.TB, b *Batch) *Snapshot {
	t.Helper()
	sn, err := b.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sn
}

func liveURIs(t testing.TB, s *Store) map[string]bool {
	t.Helper()
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), TimeRange{})
	if err != nil {
		t.Fatal(err)
	}
	live := make(map[string]bool)
	for _, f := range files {
		live[f.URI] = true
	}
	return live
}
