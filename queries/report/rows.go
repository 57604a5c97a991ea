package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/engine"
	"traillake/engine/encode"
)

// read keeps the first rows of a result, counts all, and writes all to a file where that
// is wanted.
func (r *run) read(ctx context.Context, rows *engine.Result, res *Result) (err error) {
	names := encode.ColumnNames(rows.Schema())
	for i, f := range rows.Schema().Fields() {
		t, _ := f.Metadata.GetValue(engine.TrinoType)
		res.Columns = append(res.Columns, Column{names[i], t})
	}
	var file encode.Encoder
	if r.RowsDir != "" {
		f, err := r.rowsFile(res)
		if err != nil {
			return err
		}
		defer func() {
			if err = errors.Join(err, f.Sync(), f.Close()); err != nil { // a part would pass for the whole
				res.File, err = "", errors.Join(err, os.Remove(f.Name()))
			}
		}()
		if file, err = encode.New(encode.CSV, f, rows.Schema(), encode.Options{Inert: true}); err != nil {
			return err
		}
	}
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		left := min(int64(r.MaxRows)-int64(len(res.Rows)), batch.NumRows())
		if left > 0 {
			var kept [][]Cell
			kept, err = cells(rows.Schema(), names, batch, left)
			res.Rows = append(res.Rows, kept...)
		}
		res.Count += batch.NumRows()
		if file != nil && err == nil {
			err = file.Write(batch)
		}
		batch.Release()
		if err != nil {
			return err
		}
	}
	if file != nil {
		if err := file.Close(); err != nil {
			return err
		}
	}
	if n, err := strconv.ParseInt(res.Params["limit"], 10, 64); err == nil {
		res.Limited = res.Count >= n
	}
	return nil
}

// cells returns the values of the first n rows.
func cells(schema *arrow.Schema, names []string, batch arrow.RecordBatch, n int64) ([][]Cell, error) {
	var text bytes.Buffer
	enc, err := encode.New(encode.JSONL, &text, schema, encode.Options{})
	if err != nil {
		return nil, err
	}
	first := batch.NewSlice(0, n)
	defer first.Release()
	if err := errors.Join(enc.Write(first), enc.Close()); err != nil {
		return nil, err
	}
	var out [][]Cell
	for line := range strings.Lines(text.String()) {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		row := make([]Cell, len(names))
		for i, name := range names {
			row[i] = Cell(object[name])
		}
		out = append(out, row)
	}
	return out, nil
}

// RowsFolder is the folder of the files with all rows, in Config.RowsDir. It is empty where queries
// failed after their first rows.
const RowsFolder = "queries"

// rowsFile makes the file for all rows of a result. The # of ids is none for file names
// that may become parts of addresses; names of queries have no dot.
func (r *run) rowsFile(res *Result) (*os.File, error) {
	res.File = path.Join(RowsFolder, strings.ReplaceAll(res.ID, "#", ".")+".csv")
	name := filepath.Join(r.RowsDir, filepath.FromSlash(res.File))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
