package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/uuid"
)

// At most mergeRows rows are read at a time, and about mergeBytes of them: a row takes some
// hundred bytes mostly, and up to 16 MiB.
const (
	mergeRows  = 8192
	mergeBytes = 4 << 20
)

// rowsAtOnce returns how many rows of a file to read at a time, by the size of the columns,
// nil for all, in the row group with the largest rows.
func rowsAtOnce(meta *metadata.FileMetaData, columns []int, rows int64) int64 {
	for _, g := range meta.RowGroups {
		var bytes int64
		for i, c := range g.Columns {
			if columns == nil || slices.Contains(columns, i) {
				bytes += c.GetMetaData().GetTotalUncompressedSize()
			}
		}
		if bytes > 0 {
			rows = min(rows, mergeBytes*g.NumRows/bytes)
		}
	}
	return max(1, rows)
}

// merge writes the events of a group into one new file and reads it back.
func (c *compaction) merge(ctx context.Context, id uuid.UUID, g *mergeGroup) (_ *merged, err error) {
	s := c.store
	w, err := s.newFileWriter(ctx, id, g.day, keepSeq)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Abort())
		}
	}()
	m := &merged{group: g}
	rows := &waitingRows{to: w, budget: c.o.Memory}
	defer rows.release()
	var events Multiset
	for _, f := range g.files {
		name, err := nameOf(s.st.Root(), f.URI)
		if err != nil {
			return nil, err
		}
		r := c.records[name]
		if err := c.read(ctx, r, f, rows); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		events.Add(r.Multiset)
		m.inputs = append(m.inputs, r)
		c.done += f.Bytes
		if c.o.Progress != nil {
			c.o.Progress(c.done, c.total)
		}
	}
	if err := rows.flush(); err != nil {
		return nil, err
	}
	if m.file, err = w.finish(); err != nil {
		return nil, fmt.Errorf("write %s: %w", w.name, err)
	}
	if err := c.verify(ctx, m.file, g.rows, events); err != nil {
		return nil, errors.Join(fmt.Errorf("read back %s: %w", w.name, err), s.st.Remove(context.WithoutCancel(ctx), w.name))
	}
	return m, nil
}

// read gives the rows of a file to rows, once its bytes are those that were committed: a
// file that was damaged must not become a sound one with other events.
func (c *compaction) read(ctx context.Context, r FileRecord, f DataFile, rows *waitingRows) (err error) {
	if r.Size != f.Bytes || r.Rows != f.Rows {
		return fmt.Errorf("%w: the manifest says %d rows in %d bytes, the commit record %d rows in %d bytes", ErrCorrupt, f.Rows, f.Bytes, r.Rows, r.Size)
	}
	in, err := openWhole(ctx, c.store.st, r.Path, r.Size)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkHash(in, r.SHA256); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	pr, err := file.NewParquetReader(in)
	if err != nil {
		return err
	}
	rd, err := pqarrow.NewFileReader(pr, pqarrow.ArrowReadProperties{BatchSize: rowsAtOnce(pr.MetaData(), nil, mergeRows)}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	records, err := rd.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer records.Release()
	for records.Next() {
		rec := records.RecordBatch()
		rec.Retain()
		if err := rows.add(rec); err != nil {
			return err
		}
	}
	return records.Err()
}

// verify reads a new file to its end and compares it with what its inputs held.
func (c *compaction) verify(ctx context.Context, f *batchFile, rows int64, events Multiset) (err error) {
	in, err := c.store.st.Open(ctx, f.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkHash(in, f.SHA256); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	got, err := checkEvents(ctx, in, f.DataFile)
	if err != nil {
		return err
	}
	if f.Rows != rows || got != events {
		return fmt.Errorf("%w: it holds %d events with multiset %s, those that it is made of are %d with %s", ErrCorrupt, f.Rows, got, rows, events)
	}
	return nil
}

// waitingRows are rows that wait until they are a row group.
type waitingRows struct {
	to      *FileWriter
	budget  int64
	batches []arrow.RecordBatch
	rows    int64
	bytes   int64
}

// add takes over rows.
func (r *waitingRows) add(rec arrow.RecordBatch) error {
	size := recordBytes(rec)
	if r.rows > 0 && (r.rows+rec.NumRows() > maxRows || r.bytes+size > min(r.budget, maxText)) {
		if err := r.flush(); err != nil {
			rec.Release()
			return err
		}
	}
	r.batches = append(r.batches, rec)
	r.rows += rec.NumRows()
	r.bytes += size
	return nil
}

// flush writes what waits as one row group.
func (r *waitingRows) flush() error {
	defer r.release()
	if r.rows == 0 {
		return nil
	}
	return r.to.Write(r.batches...)
}

func (r *waitingRows) release() {
	for _, b := range r.batches {
		b.Release()
	}
	r.batches, r.rows, r.bytes = nil, 0, 0
}

// recordBytes returns how much memory the columns of a record batch take.
func recordBytes(rec arrow.RecordBatch) int64 {
	var size func(d arrow.ArrayData) int64
	size = func(d arrow.ArrayData) int64 {
		n := int64(0)
		for _, b := range d.Buffers() {
			if b != nil {
				n += int64(b.Len())
			}
		}
		for _, child := range d.Children() {
			n += size(child)
		}
		return n
	}
	n := int64(0)
	for _, c := range rec.Columns() {
		n += size(c.Data())
	}
	return n
}
