package lake

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// renumber gives the batch a sequence number. Rows carry it, so when another writer took
// the number that they were written with, the files are written again, one row group in
// memory at a time.
func (b *Batch) renumber(ctx context.Context, seq int64) error {
	if seq == b.seq {
		return nil
	}
	for i, f := range b.files {
		fresh, err := b.rewrite(ctx, f, seq)
		if err != nil {
			return fmt.Errorf("renumber %s from %d to %d: %w", f.name, b.seq, seq, err)
		}
		b.mu.Lock()
		b.files[i] = fresh
		b.mu.Unlock()
		// Never committed and named by nobody. One that stays is an orphan, no harm.
		if err := b.store.st.Remove(ctx, f.name); err != nil {
			b.store.lake.log.Warn("superseded file left behind", "store", b.store.Name(), "file", f.name, "err", err)
		}
	}
	b.mu.Lock()
	b.seq = seq
	b.mu.Unlock()
	return nil
}

func (b *Batch) rewrite(ctx context.Context, f *batchFile, seq int64) (_ *batchFile, err error) {
	in, err := openWhole(ctx, b.store.st, f.name, f.Bytes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	pr, err := file.NewParquetReader(in)
	if err != nil {
		return nil, err
	}
	w, err := b.newFileWriter(ctx, f.Day, seq)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Abort())
		}
	}()
	for g := range pr.NumRowGroups() {
		if err := copyRowGroup(ctx, w, pr, g); err != nil {
			return nil, err
		}
	}
	fresh, err := w.finish()
	if err != nil {
		return nil, err
	}
	if fresh.Rows != f.Rows || fresh.MinTime != f.MinTime || fresh.MaxTime != f.MaxTime || fresh.multiset != f.multiset {
		return nil, fmt.Errorf("%w: it has %d rows, the copy has %d", ErrCorrupt, f.Rows, fresh.Rows)
	}
	return fresh, nil
}

// copyRowGroup copies a row group, with the writer's number in place of the old one.
func copyRowGroup(ctx context.Context, w *FileWriter, pr *file.Reader, group int) error {
	rows := pr.MetaData().RowGroup(group).NumRows()
	rd, err := pqarrow.NewFileReader(pr, pqarrow.ArrowReadProperties{BatchSize: max(rows, 1)}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	all := make([]int, pr.MetaData().Schema.NumColumns())
	for i := range all {
		all[i] = i
	}
	records, err := rd.GetRecordReader(ctx, all, []int{group})
	if err != nil {
		return err
	}
	defer records.Release()
	for records.Next() {
		if err := writeNumbered(w, records.RecordBatch()); err != nil {
			return err
		}
	}
	return records.Err()
}

func writeNumbered(w *FileWriter, rec arrow.RecordBatch) error {
	bld := array.NewInt64Builder(memory.DefaultAllocator)
	defer bld.Release()
	bld.Reserve(int(rec.NumRows()))
	for range rec.NumRows() {
		bld.UnsafeAppend(w.seq)
	}
	seqs := bld.NewInt64Array()
	defer seqs.Release()
	out, err := rec.SetColumn(w.seqAt, seqs)
	if err != nil {
		return err
	}
	defer out.Release()
	return w.Write(out)
}
