package schema

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// plainBuilder collects records value by value with the builders of the Arrow library,
// into batches without dictionaries. It is what Builder is compared with.
type plainBuilder struct {
	b *array.RecordBuilder
}

func newPlainBuilder() *plainBuilder {
	return &plainBuilder{b: array.NewRecordBuilder(memory.DefaultAllocator, plainSchema())}
}

// plainSchema is the schema of batches without dictionaries.
func plainSchema() *arrow.Schema { return arrow.NewSchema(plainFields(batchSchema.Fields()), nil) }

func plainFields(fields []arrow.Field) []arrow.Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].Type = plainType(fields[i].Type)
	}
	return fields
}

func plainType(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return plainType(t.ValueType)
	case *arrow.StructType:
		return arrow.StructOf(plainFields(t.Fields())...)
	case *arrow.ListType:
		return arrow.ListOfField(plainFields(t.Fields())[0])
	}
	return t
}

// Release frees the builder's memory.
func (b *plainBuilder) Release() { b.b.Release() }

// NewRecordBatch returns the rows since the last batch and starts over. The caller
// must release it.
func (b *plainBuilder) NewRecordBatch() arrow.RecordBatch {
	return b.b.NewRecordBatch()
}

// Append adds a decoded record.
func (b *plainBuilder) Append(r *Record, p Provenance) {
	for i, n := range plan.members {
		if n.col.Key != "" {
			b.append(b.b.Field(i), n, r, r.vals)
			continue
		}
		f := b.b.Field(i)
		switch n.col.Name {
		case ColRaw:
			if r.canonical {
				f.AppendNull()
			} else {
				b.text(f, r.raw)
			}
		case ColSource:
			f.(*array.StringBuilder).Append(p.Source)
		case ColSourceRegion:
			appendName(f, p.Region)
		case ColSourceAccount:
			appendName(f, p.Account)
		case ColIngestSeq:
			f.(*array.Int64Builder).Append(p.Seq)
		}
	}
}

func appendName(f array.Builder, s string) {
	if s == "" {
		f.AppendNull()
		return
	}
	f.(*array.StringBuilder).Append(s)
}

func (b *plainBuilder) text(f array.Builder, s []byte) {
	f.(*array.StringBuilder).BinaryBuilder.Append(s)
}

func (b *plainBuilder) append(f array.Builder, n *node, r *Record, vals []value) {
	v := &vals[n.slot]
	if !v.set {
		f.AppendNull()
		return
	}
	switch n.col.Kind {
	case KindString, KindJSON:
		b.text(f, v.text)
	case KindBool:
		f.(*array.BooleanBuilder).Append(v.n != 0)
	case KindTimestamp:
		f.(*array.TimestampBuilder).Append(arrow.Timestamp(v.n))
	case KindStruct:
		if n.group() {
			vals = r.entriesOf(n, v)
		}
		b.members(f.(*array.StructBuilder), n, r, vals)
	case KindList:
		l := f.(*array.ListBuilder)
		l.Append(true)
		entries := l.ValueBuilder().(*array.StructBuilder)
		all := r.entriesOf(n, v)
		for i := range v.count {
			b.members(entries, n, r, all[int(i)*n.slots:][:n.slots])
		}
	}
}

func (b *plainBuilder) members(s *array.StructBuilder, n *node, r *Record, vals []value) {
	s.Append(true)
	for i, m := range n.members {
		b.append(s.FieldBuilder(i), m, r, vals)
	}
}
