package duck_test

import (
	"errors"
	"io"
	"testing"

	"traillake/engine"
	"traillake/engine/duck"
)

// BenchmarkFunctions compares functions in Go with DuckDB's own over 500,000 rows of
// JSON text on one thread.
func BenchmarkFunctions(b *testing.B) {
	const rows = `(SELECT '{"bucketName":"bucket-' || i || '","key":"a/b/c/' || i || '.csv","n":' || i || ',"nested":{"a":[1,2,{"b":"c' || i || '"}]}}' AS x, '10.0.' || (i % 256) || '.1' AS ip FROM range(500000) r(i))`
	for name, expr := range map[string]string{
		"t_map_get":           "t_map_get(x, 'key')",
		"json_extract_string": "json_extract_string(x, '/key')",
		"t_json_scalar":       "t_json_scalar(x, '/nested/a/2/b')",
		"json_value":          "json_extract_string(x, '/nested/a/2/b')",
		"t_ip_in_text":        "CAST(t_ip_in_text('10.0.0.0/24', ip, false) AS VARCHAR)",
		"none":                "x",
	} {
		b.Run(name, func(b *testing.B) {
			s, err := duck.New().Open(b.Context(), engine.Sandbox{TempDir: b.TempDir(), Threads: 1})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if err := s.Exec(b.Context(), "CREATE TABLE t AS "+rows); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				r, err := s.Query(b.Context(), "SELECT max("+expr+") FROM t")
				if err != nil {
					b.Fatal(err)
				}
				for {
					batch, err := r.Next(b.Context())
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					batch.Release()
				}
				r.Close()
			}
		})
	}
}
