package lake

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkCommit measures commits of one small file to a store that has had n commits.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 200} {
		b.Run(fmt.Sprint("after ", n), func(b *testing.B) {
			l := createTest(b, b.TempDir(), Options{})
			s, err := l.CreateStore(b.Context(), StoreConfig{Name: DefaultStore})
			if err != nil {
				b.Fatal(err)
			}
			i := 0
			prepare := func() *Batch {
				i++
				batch := begin(b, s)
				addRows(b, batch, testDay+Day(i%30), 10, fmt.Sprint("/", i))
				return batch
			}
			for range n {
				commit(b, prepare())
			}
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				batch := prepare()
				b.StartTimer()
				start := time.Now()
				commit(b, batch)
				spent += time.Since(start)
			}
			b.ReportMetric(float64(spent.Milliseconds())/float64(b.N), "ms/commit")
		})
	}
}

// BenchmarkFiles measures planning over 200 files: in a new process, and again.
func BenchmarkFiles(b *testing.B) {
	l := createTest(b, b.TempDir(), Options{})
	s, err := l.CreateStore(b.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 200 {
		ingestRows(b, s, testDay+Day(i%30), 10, fmt.Sprint("/", i))
	}
	plan := func(b *testing.B, s *Store) {
		sn, err := s.Snapshot(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		files, err := sn.Files(b.Context(), TimeRange{From: testDay.Time(), To: (testDay + 10).Time()})
		if err != nil || len(files) < 60 || len(files) > 70 {
			b.Fatalf("%d files, error %v", len(files), err)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			plan(b, reopen(b, s))
		}
	})
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			plan(b, s)
		}
	})
}

// BenchmarkFileWriter measures encoding and fsync of one file with a full row group.
func BenchmarkFileWriter(b *testing.B) {
	l := createTest(b, b.TempDir(), Options{})
	s, err := l.CreateStore(b.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{10, 1000, 80_000} {
		b.Run(fmt.Sprint(n, " rows"), func(b *testing.B) {
			batch := begin(b, s)
			defer batch.Abort()
			rec := rows(b, testDay, n, "/logs/a", batch.Seq())
			defer rec.Release()
			for b.Loop() {
				w, err := batch.NewFile(testDay)
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Write(rec); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(batch.Files()[0].Bytes), "bytes/file")
		})
	}
}
