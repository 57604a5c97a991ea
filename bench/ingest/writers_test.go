package ingest_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/klauspost/compress/gzip"

	"traillake/bench/gen"
	"traillake/engine/duck/unboxed"
	"traillake/lake"
	"traillake/lake/source/dir"
	"traillake/schema"
)

// BenchmarkWriters writes one row group of generated events in different ways:
//
//   - lake: Traillake's writer, as an ingest uses it: with dictionaries from the decoder,
//     clustered, with Bloom filters, hashes and fsync
//   - arrow-go: the library's writer of record batches, given text without
//     dictionaries, in the order in which lake has clustered it. It knows no
//     dictionaries of structs, which the same batch has
//   - duckdb: DuckDB's COPY of a table in memory with the clustered rows
//
// Metrics are nanoseconds and bytes of each row.
func BenchmarkWriters(b *testing.B) {
	batch, day := events(b, 120_000)
	rows := float64(batch.NumRows())
	measure := func(name string, write func(b *testing.B) int64) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var size int64
			for b.Loop() {
				size = write(b)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			b.ReportMetric(float64(size)/rows, "bytes/row")
		})
	}
	l, err := lake.Create(b.Context(), b.TempDir(), lake.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	store, err := l.CreateStore(b.Context(), lake.StoreConfig{Name: "events"})
	if err != nil {
		b.Fatal(err)
	}
	open, err := store.Begin(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer open.Abort()
	write := func(b *testing.B) int64 {
		w, err := open.NewFile(day)
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(w.Write(batch), w.Close()); err != nil {
			b.Fatal(err)
		}
		return open.Files()[0].Bytes
	}
	write(b) // the files below read it
	path := open.Files()[0].Path
	measure("lake", write)
	text := readBack(b, path)
	measure("arrow-go", func(b *testing.B) int64 { return plainWrite(b, text) })
	out := filepath.Join(b.TempDir(), "o.parquet")
	measure("duckdb", func(b *testing.B) int64 {
		b.StopTimer()
		// Loading the table is not counted.
		load := "CREATE TABLE t AS FROM read_parquet('" + path + "')"
		err := unboxed.RunTimed(b.Context(), unboxed.Options{Threads: 1}, []string{load}, b.StartTimer,
			"COPY t TO '"+out+"' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)")
		if err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(out)
		if err != nil {
			b.Fatal(err)
		}
		return info.Size()
	})
}

// plainWrite writes a batch with the library's writer and settings as an ingest has them.
func plainWrite(b *testing.B, batch arrow.RecordBatch) int64 {
	sink := &counter{}
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))
	w, err := pqarrow.NewFileWriter(batch.Schema(), sink, props, pqarrow.DefaultWriterProps())
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		b.Fatal(err)
	}
	return sink.n
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// events generates rows of one day.
func events(b *testing.B, n int) (arrow.RecordBatch, lake.Day) {
	logs := b.TempDir()
	c := gen.DefaultConfig()
	c.Records, c.Days = n, 2
	if _, err := gen.Write(b.Context(), logs, c, nil); err != nil {
		b.Fatal(err)
	}
	src, err := dir.Open(logs)
	if err != nil {
		b.Fatal(err)
	}
	day := lake.DayOf(c.Start.UnixMicro())
	builder := schema.NewBuilder()
	var rec schema.Record
	for o, err := range src.List(b.Context()) {
		if err != nil {
			continue // truth.json is no log
		}
		r, err := src.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		z, err := gzip.NewReader(r)
		if err != nil {
			b.Fatal(err)
		}
		dec := schema.NewDecoder(z, schema.Limits{})
		for {
			err := dec.Next(&rec)
			if err == io.EOF {
				break
			}
			var bad *schema.RecordError
			if err != nil && !errors.As(err, &bad) {
				b.Fatal(err)
			}
			if err == nil && lake.Day(rec.Day()) == day {
				builder.Append(&rec, schema.Provenance{Source: o.Key, Region: o.Place.Region, Account: o.Place.Account, Seq: 1})
			}
		}
		r.Close()
	}
	return builder.NewRecordBatch(), day
}

// readBack reads a file as one batch without dictionaries.
func readBack(b *testing.B, path string) arrow.RecordBatch {
	pr, err := file.OpenParquetFile(path, false)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { pr.Close() })
	rd, err := pqarrow.NewFileReader(pr, pqarrow.ArrowReadProperties{BatchSize: 1 << 20}, memory.DefaultAllocator)
	if err != nil {
		b.Fatal(err)
	}
	rr, err := rd.GetRecordReader(b.Context(), nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	rec, err := rr.Read()
	if err != nil {
		b.Fatal(err)
	}
	rec.Retain()
	rr.Release()
	return rec
}
