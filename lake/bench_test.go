package lake

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"traillake/internal/vfs"
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

// BenchmarkDayOfCommits makes a commit a minute for a day, 20,000 objects in all, and
// measures the first commits and the last, and what a process needs at the end to begin
// a query and to begin an ingest. The last commits are to cost at most twice the first,
// and a query is to begin within 0.3 s with everything else that it needs.
func BenchmarkDayOfCommits(b *testing.B) {
	const commits, objects = 1440, 20_000
	for range b.N {
		m := vfs.NewMemory()
		l, err := memoryLake(b.Context(), m, true)
		if err != nil {
			b.Fatal(err)
		}
		clock := testDay.Time()
		l.now = func() time.Time { return clock }
		s, err := l.CreateStore(b.Context(), StoreConfig{Name: DefaultStore})
		if err != nil {
			b.Fatal(err)
		}
		var spent []time.Duration
		for i := range commits {
			clock = clock.Add(time.Minute)
			batch := begin(b, s)
			addRows(b, batch, testDay, 10, fmt.Sprint("/", i))
			for j := 1; j < objects/commits; j++ {
				batch.AddObject(object(fmt.Sprint("/", i, "/", j), 0))
			}
			start := time.Now()
			commit(b, batch)
			spent = append(spent, time.Since(start))
		}
		// Not the very first: the store is empty then.
		b.ReportMetric(median(spent[5:55]), "ms/first")
		b.ReportMetric(median(spent[commits-50:]), "ms/last")

		start := time.Now()
		other, err := memoryLake(b.Context(), m, false)
		if err != nil {
			b.Fatal(err)
		}
		if s, err = other.Store(b.Context(), DefaultStore); err != nil {
			b.Fatal(err)
		}
		sn, err := s.Snapshot(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := sn.Files(b.Context(), TimeRange{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/query-start")
		if _, err := s.Ledger(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/ingest-start")
	}
}

// median is in milliseconds.
func median(d []time.Duration) float64 {
	d = slices.Sorted(slices.Values(d))
	return float64(d[len(d)/2].Microseconds()) / 1000
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
