package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"traillake/engine"
	"traillake/engine/encode"
)

// keptRows is how many rows of a result are kept to show where two of them differ.
const keptRows = 1000

// rows are those of a result in any order: their number, the sum of their hashes, and the
// first of them.
type rows struct {
	// of is the name of the system.
	of         string
	n          int64
	sum        uint64
	kept       []string
	countsOnly bool
}

// add takes rows, written as JSON under the numbers of their columns.
func (r *rows) add(batch arrow.RecordBatch) error {
	fields := slices.Clone(batch.Schema().Fields())
	for i := range fields {
		fields[i].Name = strconv.Itoa(i)
	}
	schema := arrow.NewSchema(fields, nil)
	renamed := array.NewRecordBatch(schema, batch.Columns(), batch.NumRows())
	defer renamed.Release()
	var out bytes.Buffer
	enc, err := encode.New(encode.JSONL, &out, schema, encode.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(enc.Write(renamed), enc.Close()); err != nil {
		return err
	}
	for line := range bytes.Lines(out.Bytes()) {
		r.n++
		r.sum += xxh3.Hash(line)
		if len(r.kept) < keptRows {
			r.kept = append(r.kept, strings.TrimSpace(string(line)))
		}
	}
	return nil
}

// differs says how two results differ; empty if they do not.
func (r *rows) differs(o *rows) string {
	switch {
	case r.n != o.n:
		return fmt.Sprintf("%d and %d rows%s", r.n, o.n, r.example(o))
	case r.countsOnly || o.countsOnly || r.sum == o.sum:
		return ""
	default:
		return "of as many rows some are not the same" + r.example(o)
	}
}

// example shows a row that only one of two results has, if all are kept.
func (r *rows) example(o *rows) string {
	if r.countsOnly || o.countsOnly || r.n > keptRows || o.n > keptRows {
		return ""
	}
	only := func(a, b []string) string {
		for _, line := range a {
			if !slices.Contains(b, line) {
				return line
			}
		}
		return "nothing"
	}
	return fmt.Sprintf("; only %s has %s, only %s has %s", r.of, only(r.kept, o.kept), o.of, only(o.kept, r.kept))
}

// drain reads a result to its end; to takes the rows, if it is not nil.
func drain(ctx context.Context, r engine.Rows, to *rows) (n int64, err error) {
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += batch.NumRows()
		if to != nil {
			err = to.add(batch)
		}
		batch.Release()
		if err != nil {
			return n, err
		}
	}
}
