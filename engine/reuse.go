package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"traillake/internal/filecache"
)

// Results keeps the rows of queries in Trino's dialect on this machine, for when the same is
// asked of the same data again: then no database is opened and no data file read. What is
// kept is found by the SQL that runs, in which are the data files that the bounds on event
// time leave: new data of other days leaves it as it is. It is a help and no truth: what
// cannot be kept, or is damaged, is computed. That a data file was damaged since does not show.
//
// Rows are not kept of a query that varies (see dialect.Analysis), that ends with an error or
// before its last row, or whose rows are many or soon computed.
type Results struct {
	// Cache has the rows. Whoever opened it closes it, after all results.
	Cache *filecache.Cache
	// Program names the build, with its DuckDB: another one may compute other rows.
	Program string
	// Least is how long a query must take for its rows to be kept; zero means 30 ms, a few
	// times what it takes to find them again.
	Least time.Duration
}

const (
	// keptFormat changes with what is written by keepingRows.keep, and with what the key
	// does not say.
	keptFormat = 1
	// leastKept is for Results.Least.
	leastKept = 30 * time.Millisecond
	// mostKept bounds the rows of one result, which are in memory until the last of them is
	// read: 100,000 rows of nine columns. An entry takes about half of it.
	mostKept = 32 << 20
)

// reuse is how one query uses what is kept.
type reuse struct {
	*Results
	plan  *plan
	fresh bool
	start time.Time
	// looked is closed when it is known whether there are rows, which kept then has.
	looked chan struct{}
	kept   *keptRows
	key    string // of the pins that find was last called with
}

// reuse returns nil for a query whose rows are not kept.
func (e *Engine) reuse(r Request, p *plan, start time.Time) *reuse {
	if e.opts.Results == nil || p.trino == nil || p.trino.varies {
		return nil
	}
	return &reuse{Results: e.opts.Results, plan: p, fresh: r.Fresh, start: start, looked: make(chan struct{})}
}

// find notes the key, and looks for rows when it is called for the first time. The files of
// pins must not be fetched yet: the places of copies mean nothing.
func (u *reuse) find(pins []*Pin) (bool, error) {
	sources, err := u.plan.sources(func(i int) (string, error) { return u.plan.view(pinFor(pins, i)) })
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s", keptFormat, u.Program, u.plan.over(sources)))
	u.key = hex.EncodeToString(sum[:])
	select {
	case <-u.looked:
		return false, nil
	default:
	}
	defer close(u.looked)
	if !u.fresh {
		u.kept = u.read()
	}
	return u.kept != nil, nil
}

// read returns the rows under the key, nil if there are none that can be read.
func (u *reuse) read() *keptRows {
	entry, err := u.Cache.Get(u.key)
	if err != nil {
		return nil
	}
	line, stream, _ := bytes.Cut(entry, []byte("\n"))
	var at string
	var rows int64
	if _, err := fmt.Sscan(string(line), &at, &rows); err != nil {
		return nil
	}
	k := &keptRows{}
	if k.at, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return nil
	}
	in, err := ipc.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil
	}
	defer in.Release()
	k.schema = in.Schema()
	for {
		b, err := in.Read()
		if errors.Is(err, io.EOF) && rows == 0 {
			return k
		}
		if err != nil {
			_ = k.Close()
			return nil
		}
		b.Retain()
		k.batches = append(k.batches, b)
		rows -= b.NumRows()
	}
}

// result returns the rows that were found.
func (u *reuse) result(pins []*Pin, r Request, deadline time.Time) *Result {
	res := newResult(keptSession{}, u.kept, u.plan, pins, r, u.start, deadline)
	res.stats.Kept, res.stats.FilesRead, res.stats.BytesRead = u.kept.at, 0, 0
	return res
}

// keeping returns rows that are kept once the last of them was read.
func (u *reuse) keeping(rows Rows) Rows {
	if u == nil {
		return rows
	}
	return &keepingRows{Rows: rows, use: u}
}

// keepingRows holds what was read until it is known whether to keep it.
type keepingRows struct {
	Rows
	use     *reuse
	batches []arrow.RecordBatch
	rows    int64
	bytes   uint64
	done    bool // it is known
}

// Next implements Rows.
func (r *keepingRows) Next(ctx context.Context) (arrow.RecordBatch, error) {
	b, err := r.Rows.Next(ctx)
	switch {
	case r.done:
	case err == nil:
		for _, c := range b.Columns() {
			r.bytes += c.Data().SizeInBytes()
		}
		b.Retain()
		r.rows += b.NumRows()
		if r.batches = append(r.batches, b); r.bytes > mostKept {
			r.drop()
		}
	default:
		if errors.Is(err, io.EOF) && time.Since(r.use.start) >= cmp.Or(r.use.Least, leastKept) {
			_ = r.use.Cache.Put(r.use.key, r.write) // see Results
		}
		r.drop()
	}
	return b, err
}

func (r *keepingRows) write(to io.Writer) error {
	buffered := bufio.NewWriterSize(to, 1<<16)
	fmt.Fprintln(buffered, time.Now().UTC().Format(time.RFC3339Nano), r.rows)
	// 33 MB of events are 13 MB then; it takes 0.03 s to read them and not 0.01 s, and hashing
	// what is saved takes as long. Zstd makes 10 MB, which take 0.25 s.
	out := ipc.NewWriter(buffered, ipc.WithSchema(r.Schema()), ipc.WithLZ4())
	for _, b := range r.batches {
		if err := out.Write(b); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), buffered.Flush())
}

func (r *keepingRows) drop() {
	release(r.batches)
	r.batches, r.done = nil, true
}

// Close implements Rows.
func (r *keepingRows) Close() error {
	r.drop()
	return r.Rows.Close()
}

// keptRows are rows that were kept.
type keptRows struct {
	schema  *arrow.Schema
	at      time.Time           // when they were computed
	batches []arrow.RecordBatch // those that are left
}

var _, _ Rows = (*keptRows)(nil), (*keepingRows)(nil)

// Schema implements Rows.
func (k *keptRows) Schema() *arrow.Schema { return k.schema }

// Next implements Rows.
func (k *keptRows) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(k.batches) == 0 {
		return nil, io.EOF
	}
	b := k.batches[0]
	k.batches = k.batches[1:]
	return b, nil
}

// Close implements Rows.
func (k *keptRows) Close() error {
	release(k.batches)
	k.batches = nil
	return nil
}

func release(batches []arrow.RecordBatch) {
	for _, b := range batches {
		b.Release()
	}
}
