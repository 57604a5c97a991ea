package encode

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// A row group is complete with as many rows as one of a lake's own files, or once its rows
// took rowGroupBytes as batches: what is encoded waits in memory until then, since a
// column is written whole. Events with all their columns reach the bytes first.
const (
	rowGroup      = 120_000
	rowGroupBytes = 64 << 20
)

type parquetEncoder struct {
	schema *arrow.Schema
	w      *pqarrow.FileWriter
	rows   int64 // of the row group
	held   int64 // bytes that these took as batches
}

func newParquet(w io.Writer, schema *arrow.Schema) (Encoder, error) {
	fields := schema.Fields()
	for i, name := range ColumnNames(schema) {
		fields[i].Name = name
	}
	unique := arrow.NewSchema(fields, nil)
	props := parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithMaxRowGroupLength(rowGroup),
		parquet.WithCreatedBy("traillake"),
	)
	// The Arrow schema is left out: its bytes would say nothing that Parquet's own
	// types do not.
	fw, err := pqarrow.NewFileWriter(unique, onlyWriter{w}, props, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, fmt.Errorf("encode parquet: %w", err)
	}
	return &parquetEncoder{schema: unique, w: fw}, nil
}

// onlyWriter hides Close: pqarrow would close what the caller opened.
type onlyWriter struct{ io.Writer }

func (e *parquetEncoder) Write(b arrow.RecordBatch) error {
	named := array.NewRecordBatch(e.schema, b.Columns(), b.NumRows())
	defer named.Release()
	if e.held >= rowGroupBytes {
		if err := e.w.NewBufferedRowGroupChecked(); err != nil {
			return fmt.Errorf("encode parquet: %w", err)
		}
		e.rows, e.held = 0, 0
	}
	if err := e.w.WriteBuffered(named); err != nil {
		return fmt.Errorf("encode parquet: %w", err)
	}
	if e.rows += b.NumRows(); e.rows >= rowGroup { // the writer has begun another
		e.rows, e.held = e.rows%rowGroup, 0
	}
	for _, column := range b.Columns() {
		e.held += int64(column.Data().SizeInBytes())
	}
	return nil
}

func (e *parquetEncoder) Close() error {
	if err := e.w.Close(); err != nil {
		return fmt.Errorf("encode parquet: %w", err)
	}
	return nil
}
