package encode

import (
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// tenColumns is a batch like that of an export: seven texts, a time, a number and a
// flag.
func tenColumns(rows int) arrow.RecordBatch {
	var fields []arrow.Field
	for i := range 7 {
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("text%d", i), Type: arrow.BinaryTypes.String, Nullable: true})
	}
	fields = append(fields,
		arrow.Field{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond}, Nullable: true},
		arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		arrow.Field{Name: "ok", Type: arrow.FixedWidthTypes.Boolean, Nullable: true})
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i := range rows {
		for k := range 7 {
			if k == 6 && i%3 > 0 {
				b.Field(k).AppendNull()
				continue
			}
			b.Field(k).(*array.StringBuilder).Append(fmt.Sprintf("arn:aws:sts::123456789012:assumed-role/r%d/s%d", k, i%50))
		}
		b.Field(7).(*array.TimestampBuilder).Append(arrow.Timestamp(1688992369000000 + int64(i)*1e6))
		b.Field(8).(*array.Int64Builder).Append(int64(i))
		b.Field(9).(*array.BooleanBuilder).Append(i%2 == 0)
	}
	return b.NewRecordBatch()
}

func BenchmarkEncode(b *testing.B) {
	const rows = 2048
	batch := tenColumns(rows)
	defer batch.Release()
	for _, f := range []Format{CSV, TSV, JSONL, Markdown, Parquet} {
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			e, err := New(f, io.Discard, batch.Schema(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := e.Write(batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
			if err := e.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
