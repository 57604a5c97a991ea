package schema

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
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

// Builder collects records into Arrow record batches of the stored columns. It copies
// what it is given. Each batch has dictionaries of its own, which hold the values of its
// rows and no others. It is not safe for concurrent use.
//
// A column takes time and memory only for the rows that have a value. Groups
// (userIdentity, tlsDetails, resources) are kept once for rows that repeat them, and
// the column is a dictionary of them.
type Builder struct {
	columns                 []columnBuilder // of the plan's members
	raw                     textColumn
	source, region, account dictColumn
	from                    Provenance // of the last row
	seq                     []int64
	rows                    int
	bytes                   int
}

// columnBuilder collects the values of a column of the record.
type columnBuilder interface {
	// add gives a row its value. Rows come in order; one that is left out is NULL. It
	// returns how much memory the value takes beyond fixedRowBytes.
	add(row int, r *Record, v *value) int
	// take returns the column with the given number of rows, and starts over.
	take(rows int) arrow.ArrayData
}

// fixedRowBytes is what a row takes beside its text: an index, number or offset in each
// column.
var fixedRowBytes = 4 * len(plan.members)

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	b := &Builder{columns: make([]columnBuilder, len(plan.members))}
	for i, m := range plan.members {
		switch {
		case m.col.Key == "":
		case m.group():
			b.columns[i] = newGroupColumn(m)
		case m.col.Kind == KindBool:
			b.columns[i] = &boolColumn{}
		case m.col.Kind == KindTimestamp:
			b.columns[i] = &timeColumn{}
		case m.col.Dictionary():
			b.columns[i] = &dictColumn{}
		default:
			b.columns[i] = &textColumn{}
		}
	}
	return b
}

// Len returns the number of rows since the last batch.
func (b *Builder) Len() int { return b.rows }

// Bytes returns about how much memory the rows since the last batch take, once they are
// a batch.
func (b *Builder) Bytes() int { return b.bytes }

// Append adds a decoded record. The offsets of a column have 31 bits: the caller takes the
// batch while Bytes and one more record are below 2 GiB.
func (b *Builder) Append(r *Record, p Provenance) {
	row := b.rows
	size := fixedRowBytes
	for i := range r.vals {
		if v := &r.vals[i]; v.set {
			size += b.columns[i].add(row, r, v)
		}
	}
	if !r.canonical {
		size += b.raw.addText(row, r.raw)
	}
	if row > 0 && p == b.from { // strings of an object are the same in memory
		b.source.repeat(row, p.Source)
		b.region.repeat(row, p.Region)
		b.account.repeat(row, p.Account)
	} else {
		size += b.source.addText(row, stringBytes(p.Source))
		if p.Region != "" {
			size += b.region.addText(row, stringBytes(p.Region))
		}
		if p.Account != "" {
			size += b.account.addText(row, stringBytes(p.Account))
		}
		b.from = p
	}
	b.seq = push(b.seq, p.Seq)
	b.bytes += size
	b.rows++
}

func stringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// NewRecordBatch returns the rows since the last batch and starts over.
func (b *Builder) NewRecordBatch() arrow.RecordBatch {
	cols := make([]arrow.Array, len(plan.members))
	for i, m := range plan.members {
		var data arrow.ArrayData
		switch m.col.Name {
		case ColRaw:
			data = b.raw.take(b.rows)
		case ColSource:
			data = b.source.take(b.rows)
		case ColSourceRegion:
			data = b.region.take(b.rows)
		case ColSourceAccount:
			data = b.account.take(b.rows)
		case ColIngestSeq:
			data = numbers(arrow.PrimitiveTypes.Int64, b.seq, nil, 0)
			b.seq = nil
		default:
			data = b.columns[i].take(b.rows)
		}
		cols[i] = array.MakeFromData(data)
	}
	batch := array.NewRecordBatch(batchSchema, cols, int64(b.rows))
	b.rows, b.bytes = 0, 0
	return batch
}
