package schema

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Provenance says where a record came from.
type Provenance struct {
	// Source is the object's key or path.
	Source string
	// Region and Account are those in the key; empty means unknown and is stored
	// as NULL.
	Region, Account string
	// Seq is the number of the ingest commit.
	Seq int64
}

// Builder collects records into Arrow record batches of ArrowSchema. It copies what
// it is given. It is not safe for concurrent use.
type Builder struct {
	b     *array.RecordBuilder
	rows  int
	bytes int
}

// NewBuilder returns an empty builder that takes its memory from mem. The caller
// must release it.
func NewBuilder(mem memory.Allocator) *Builder {
	return &Builder{b: array.NewRecordBuilder(mem, ArrowSchema())}
}

// Len returns the number of rows since the last batch.
func (b *Builder) Len() int { return b.rows }

// Bytes returns about how much memory the rows since the last batch take.
func (b *Builder) Bytes() int { return b.bytes }

// Release frees the builder's memory.
func (b *Builder) Release() { b.b.Release() }

// NewRecordBatch returns the rows since the last batch and starts over. The caller
// must release it.
func (b *Builder) NewRecordBatch() arrow.RecordBatch {
	b.rows, b.bytes = 0, 0
	return b.b.NewRecordBatch()
}

// Append adds a decoded record.
func (b *Builder) Append(r *Record, p Provenance) {
	b.rows++
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
	b.bytes += fixedRowBytes
}

// fixedRowBytes is about what a row takes beside its text: offsets, numbers,
// validity and provenance.
const fixedRowBytes = 400

func appendName(f array.Builder, s string) {
	if s == "" {
		f.AppendNull()
		return
	}
	f.(*array.StringBuilder).Append(s)
}

func (b *Builder) text(f array.Builder, s []byte) {
	f.(*array.StringBuilder).BinaryBuilder.Append(s)
	b.bytes += len(s)
}

func (b *Builder) append(f array.Builder, n *node, r *Record, vals []value) {
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
			b.members(entries, n, r, all[i*n.slots:][:n.slots])
		}
	}
}

func (b *Builder) members(s *array.StructBuilder, n *node, r *Record, vals []value) {
	s.Append(true)
	for i, m := range n.members {
		b.append(s.FieldBuilder(i), m, r, vals)
	}
}
