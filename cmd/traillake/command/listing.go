package command

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// listing is rows that a command made itself, so that they come in every format that
// query results come in.
type listing struct {
	builder *array.RecordBuilder
	// minor are the columns that a narrow table leaves out first.
	minor []string
	done  bool
}

// column is a column of a listing; kind is a value of the type that its cells have.
type column struct {
	name string
	kind any
}

var listingTypes = map[string]arrow.DataType{
	"string":    arrow.BinaryTypes.String,
	"int64":     arrow.PrimitiveTypes.Int64,
	"bool":      arrow.FixedWidthTypes.Boolean,
	"time.Time": &arrow.TimestampType{Unit: arrow.Millisecond},
}

func newListing(columns ...column) *listing {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		t, ok := listingTypes[fmt.Sprintf("%T", c.kind)]
		if !ok {
			panic(fmt.Sprintf("BUG: no listing of %T", c.kind))
		}
		fields[i] = arrow.Field{Name: c.name, Type: t, Nullable: true}
	}
	return &listing{builder: array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))}
}

// utcTime stands for a time in UTC as the kind of a column.
var utcTime time.Time

// add appends a row. A nil cell and a zero time are NULL.
func (l *listing) add(cells ...any) {
	for i, c := range cells {
		switch b := l.builder.Field(i).(type) {
		case *array.StringBuilder:
			if s, ok := c.(string); ok {
				b.Append(s)
				continue
			}
		case *array.Int64Builder:
			if n, ok := c.(int64); ok {
				b.Append(n)
				continue
			}
		case *array.BooleanBuilder:
			if v, ok := c.(bool); ok {
				b.Append(v)
				continue
			}
		case *array.TimestampBuilder:
			if t, ok := c.(time.Time); ok && !t.IsZero() {
				b.Append(arrow.Timestamp(t.UnixMilli()))
				continue
			}
		}
		l.builder.Field(i).AppendNull()
	}
}

// empty reports whether no row was added.
func (l *listing) empty() bool { return l.builder.Field(0).Len() == 0 }

// Schema implements batches.
func (l *listing) Schema() *arrow.Schema { return l.builder.Schema() }

// Next implements batches.
func (l *listing) Next(context.Context) (arrow.RecordBatch, error) {
	if l.done {
		return nil, io.EOF
	}
	l.done = true
	defer l.builder.Release()
	return l.builder.NewRecordBatch(), nil
}
