package duck

import (
	"testing"

	"traillake/engine"
)

// BenchmarkSession opens a session, answers a trivial query and closes it.
func BenchmarkSession(b *testing.B) {
	x := New()
	dir := b.TempDir()
	for b.Loop() {
		s, err := x.Open(b.Context(), engine.Sandbox{TempDir: dir, Threads: 2})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := all(b.Context(), s, "SELECT 1"); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVectors reads a million rows of ten columns.
func BenchmarkVectors(b *testing.B) {
	s := open(b, engine.Sandbox{})
	const sql = `SELECT i, i::VARCHAR AS s, 'a text that is not inline '||i AS t, i % 2 = 0 AS b, i::DOUBLE AS d, TIMESTAMP '2024-01-01' + to_seconds(i) AS at,
		'iam.amazonaws.com' AS src, CASE WHEN i % 3 = 0 THEN 'x' END AS n, i % 256 AS k, 'us-east-1' AS r FROM range(1000000) t(i)`
	for b.Loop() {
		rows, err := s.Query(b.Context(), sql)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			rec, err := rows.Next(b.Context())
			if err != nil {
				break
			}
			n += int(rec.NumRows())
			rec.Release()
		}
		if n != 1_000_000 {
			b.Fatal(n)
		}
		rows.Close()
	}
	b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
}
