package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"

	"traillake/lake/source"
	"traillake/lake/source/dir"
	"traillake/schema"
)

// partBytes is how much text goes into one rewritten file: enough of them for all
// processors, each worth opening.
const partBytes = 32 << 20

// Rewrite counts what is below from, and writes the records one to a line below to,
// unless that is empty.
func Rewrite(ctx context.Context, from, to string) (*Input, error) {
	src, err := dir.Open(from)
	if err != nil {
		return nil, err
	}
	w := &lines{dir: to}
	var in Input
	for o, err := range src.List(ctx) {
		var leftOut *source.LeftOut
		if errors.As(err, &leftOut) {
			continue
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = rewriteFile(ctx, src, o, &in, w)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("rewrite %s: %w", o.Key, err), w.close())
		}
	}
	if err := w.close(); err != nil {
		return nil, err
	}
	if in.Records == 0 {
		return nil, fmt.Errorf("read %s: no file in it holds a record of CloudTrail", from)
	}
	return &in, nil
}

func rewriteFile(ctx context.Context, src *dir.Source, o source.Object, in *Input, w *lines) error {
	r, err := src.Open(ctx, o)
	if err != nil {
		return err
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("benchmarks read logs as CloudTrail delivers them, gzipped: %w", err)
	}
	dec := schema.NewDecoder(z, schema.Limits{})
	var rec schema.Record
	for {
		err := dec.Next(&rec)
		var bad *schema.RecordError
		switch {
		case err == io.EOF:
			in.Files++
			in.GzipBytes += o.Size
			in.JSONBytes += dec.Offset()
			in.LargestBytes = max(in.LargestBytes, dec.Offset())
			return nil
		case errors.As(err, &bad):
		case err != nil:
			return err
		default:
			in.Records++
			if err := w.add(rec.Raw()); err != nil {
				return err
			}
		}
	}
}

// lines writes records to gzipped files of about partBytes.
type lines struct {
	dir  string // empty for nowhere
	n    int
	size int
	file *os.File
	gz   *gzip.Writer
	line bytes.Buffer
}

func (w *lines) add(record []byte) error {
	if w.dir == "" {
		return nil
	}
	w.line.Reset()
	if bytes.IndexByte(record, '\n') < 0 {
		w.line.Write(record)
	} else if err := json.Compact(&w.line, record); err != nil {
		return err
	}
	w.line.WriteByte('\n')
	if w.file == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	w.size += w.line.Len()
	if _, err := w.gz.Write(w.line.Bytes()); err != nil {
		return err
	}
	if w.size >= partBytes {
		return w.close()
	}
	return nil
}

func (w *lines) open() (err error) {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	w.n++
	name := filepath.Join(w.dir, fmt.Sprintf("%06d.json.gz", w.n))
	if w.file, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	w.gz, w.size = gzip.NewWriter(w.file), 0
	return nil
}

func (w *lines) close() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.gz.Close(), w.file.Close())
	w.file = nil
	return err
}
