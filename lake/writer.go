package lake

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/uuid"

	"traillake/lake/pages"
	"traillake/schema"
)

// FileWriter writes one data file of a batch. It is for one goroutine; several writers
// of one batch may be used at the same time.
type FileWriter struct {
	store  *Store
	batch  *Batch          // nil in a compaction
	id     uuid.UUID       // of the batch or compaction
	ctx    context.Context // of the batch, or of the commit that rewrites it
	seq    int64           // of all rows; keepSeq when rows have numbers of their own
	day    Day
	name   string
	out    Writer
	sink   *hashSink
	pq     *pages.Writer // nil until the first Write
	timeAt int           // index of the column eventtime
	seqAt  int           // index of the column _ingest_seq
	rows   int64
	events Multiset
	min    int64
	max    int64
	err    error // first error; the file is lost
	done   bool
}

// hashSink counts and hashes what goes to the file. It has no Close, so that the
// Parquet writer does not close the file before it is synced.
type hashSink struct {
	buf  *bufio.Writer
	hash hash.Hash
	size int64
}

func (s *hashSink) Write(p []byte) (int, error) {
	n, err := s.buf.Write(p)
	s.size += int64(n)
	return n, err
}

// keepSeq is the number of a writer whose rows keep those of the commits that they came
// with.
const keepSeq = 0

// newFileWriter starts a file of the batch for the given day, whose rows carry seq.
func (b *Batch) newFileWriter(ctx context.Context, day Day, seq int64) (*FileWriter, error) {
	w, err := b.store.newFileWriter(ctx, b.id, day, seq)
	if err != nil {
		return nil, err
	}
	w.batch = b
	return w, nil
}

func (s *Store) newFileWriter(ctx context.Context, owner uuid.UUID, day Day, seq int64) (*FileWriter, error) {
	if !day.valid() {
		return nil, fmt.Errorf("new data file: %w: day %d lies outside the years 1 to 9999", ErrInvalid, day)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("new data file: %w", err)
	}
	w := &FileWriter{
		store: s, id: owner, ctx: ctx, seq: seq, day: day, name: dataName(day, id), min: math.MaxInt64, max: math.MinInt64,
		timeAt: s.schema.FieldIndices(schema.ColEventTime)[0],
		seqAt:  s.schema.FieldIndices(schema.ColIngestSeq)[0],
	}
	if w.out, err = s.st.Create(ctx, w.name); err != nil {
		return nil, fmt.Errorf("new data file %s: %w", w.name, err)
	}
	h := sha256.New()
	// 256 KiB: a page goes out in one write. A guess.
	w.sink = &hashSink{buf: bufio.NewWriterSize(io.MultiWriter(w.out, h), 256<<10), hash: h}
	return w, nil
}

// Rows returns the number of rows written so far.
func (w *FileWriter) Rows() int64 { return w.rows }

// Write appends the rows of the batches as one row group, in an order that compresses
// well. Their columns are those of Store.Schema, where any may be a dictionary;
// the kinds of columns must be the same in all batches of a call. Every row lies in the
// file's day and carries the batch's Seq. Nothing of the batches is kept. After an error
// the file is lost and can only be aborted.
func (w *FileWriter) Write(batches ...arrow.RecordBatch) error {
	if w.done {
		return fmt.Errorf("write data file %s: %w", w.name, ErrBatchDone)
	}
	if w.err == nil {
		if err := w.write(batches); err != nil {
			w.err = fmt.Errorf("write data file %s: %w", w.name, err)
		}
	}
	return w.err
}

func (w *FileWriter) write(batches []arrow.RecordBatch) error {
	batches = slices.DeleteFunc(slices.Clone(batches), func(b arrow.RecordBatch) bool { return b.NumRows() == 0 })
	if len(batches) == 0 {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	for _, b := range batches {
		if err := sameColumns(w.store.schema.Fields(), b.Schema().Fields(), ""); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if err := w.checkRows(b); err != nil {
			return err
		}
	}
	events, err := MultisetOf(batches...)
	if err != nil {
		return err
	}
	g, err := newRowGroup(batches)
	if err != nil {
		return err
	}
	if w.pq == nil {
		if err := w.start(); err != nil {
			return err
		}
	}
	order, sought := g.cluster()
	if err := g.write(w.pq.Group(g.rows, sought), order); err != nil {
		return err
	}
	w.rows += int64(g.rows)
	w.events.Add(events)
	return nil
}

func (w *FileWriter) start() error {
	s := w.store
	sc, err := pqarrow.ToParquet(s.schema, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	var kv metadata.KeyValueMetadata
	for _, p := range [][2]string{
		{kvStore, s.id.String()}, {kvBatch, w.id.String()}, {kvSeq, strconv.FormatInt(w.seq, 10)},
		{kvLayout, strconv.Itoa(layoutVersion)}, {kvTool, s.lake.tool},
	} {
		if p[0] == kvSeq && w.seq == keepSeq {
			continue
		}
		if err := kv.Append(p[0], p[1]); err != nil {
			return err
		}
	}
	w.pq, err = pages.NewWriter(w.sink, sc, kv, writerProperties(s.lake.tool)...)
	return err
}

// checkRows refuses rows that do not belong in this file.
func (w *FileWriter) checkRows(rec arrow.RecordBatch) error {
	times, ok := rec.Column(w.timeAt).(*array.Timestamp)
	if !ok || times.NullN() > 0 {
		return fmt.Errorf("%w: %d rows have no event time", ErrInvalid, rec.Column(w.timeAt).NullN())
	}
	first := int64(w.day) * microsPerDay
	for i := range times.Len() {
		t := int64(times.Value(i))
		if t < first || t-first >= microsPerDay {
			return fmt.Errorf("%w: row %d is of %s, the file is of %s", ErrInvalid, i, DayOf(t), w.day)
		}
		w.min, w.max = min(w.min, t), max(w.max, t)
	}
	seqs, ok := rec.Column(w.seqAt).(*array.Int64)
	if !ok || seqs.NullN() > 0 {
		return fmt.Errorf("%w: rows lack %s", ErrInvalid, schema.ColIngestSeq)
	}
	for i := range seqs.Len() {
		if n := seqs.Value(i); n != w.seq && (w.seq != keepSeq || n < 1) {
			return fmt.Errorf("%w: row %d has %s %d, the batch has %d", ErrInvalid, i, schema.ColIngestSeq, seqs.Value(i), w.seq)
		}
	}
	return nil
}

// Close makes the file durable, reads its footer back and adds the file to the batch. A
// file without rows is dropped. After an error the file is gone.
func (w *FileWriter) Close() error {
	if w.done {
		return w.err
	}
	if w.rows == 0 || w.err != nil {
		return errors.Join(w.err, w.Abort())
	}
	f, err := w.finish()
	if err != nil {
		w.err = fmt.Errorf("close data file %s: %w", w.name, err)
		return errors.Join(w.err, w.Abort())
	}
	w.done = true
	if w.batch != nil {
		w.batch.join(w, f)
	}
	return nil
}

func (w *FileWriter) finish() (*batchFile, error) {
	if err := w.pq.Close(); err != nil {
		return nil, err
	}
	if err := w.sink.buf.Flush(); err != nil {
		return nil, err
	}
	if err := w.out.Close(); err != nil {
		return nil, err
	}
	st := w.store.st
	f := &batchFile{
		name: w.name, multiset: w.events,
		DataFile: DataFile{
			URI: uriOf(st.Root(), w.name), Path: st.LocalPath(w.name), Day: w.day, Rows: w.rows, Bytes: w.sink.size,
			MinTime: w.min, MaxTime: w.max, SHA256: hex.EncodeToString(w.sink.hash.Sum(nil)),
		},
	}
	var err error
	if f.footer, err = readFooter(w.ctx, st, w.name); err != nil {
		return nil, err
	}
	f.Canonical = f.footer.strings[schema.ColRaw].nulls == f.footer.rows
	return f, f.footer.matches(f.DataFile)
}

// Abort drops the file. It may be called after Close, without effect.
func (w *FileWriter) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	if w.batch != nil {
		w.batch.left(w)
	}
	// The Parquet writer holds memory only; what it would flush is of no use.
	if err := w.out.Abort(); err != nil {
		return fmt.Errorf("abort data file %s: %w", w.name, err)
	}
	return w.store.st.Remove(context.WithoutCancel(w.ctx), w.name)
}
