package lake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// Quarantined is a record, or a whole object, that could not be read.
type Quarantined struct {
	// Bucket and Key name the object; Bucket is empty for local files.
	Bucket, Key string
	// SHA256 is of the object as stored, in hex, if known.
	SHA256 string
	// Offset is where the record begins, in decompressed bytes; Length is its length.
	Offset, Length int64
	// Reason says what is wrong, for people.
	Reason string
	// Raw is the record's bytes, or the beginning of them, as they were delivered.
	Raw []byte
	// Time is when the record was put into quarantine, UTC.
	Time time.Time
}

// quarantinedJSON is one line of a quarantine file. Raw bytes that are text stay text.
type quarantinedJSON struct {
	Bucket    string    `json:"bucket"`
	Key       string    `json:"key"`
	SHA256    string    `json:"sha256,omitempty"`
	Offset    int64     `json:"offset"`
	Length    int64     `json:"length"`
	Reason    string    `json:"reason"`
	Time      time.Time `json:"time"`
	Raw       *string   `json:"raw,omitempty"`
	RawBase64 []byte    `json:"raw_base64,omitempty"`
}

func (q Quarantined) marshal() ([]byte, error) {
	j := quarantinedJSON{
		Bucket: q.Bucket, Key: q.Key, SHA256: q.SHA256, Offset: q.Offset, Length: q.Length, Reason: q.Reason, Time: q.Time.UTC(),
	}
	// A zero byte has six characters in JSON: 16 MiB of them took 500 MB.
	if utf8.Valid(q.Raw) && bytes.IndexByte(q.Raw, 0) < 0 {
		raw := string(q.Raw)
		j.Raw = &raw
	} else {
		j.RawBase64 = q.Raw
	}
	return json.Marshal(j)
}

func (j quarantinedJSON) record() Quarantined {
	q := Quarantined{
		Bucket: j.Bucket, Key: j.Key, SHA256: j.SHA256, Offset: j.Offset, Length: j.Length, Reason: j.Reason, Time: j.Time, Raw: j.RawBase64,
	}
	if j.Raw != nil {
		q.Raw = []byte(*j.Raw)
	}
	return q
}

// quarantineWriter streams records into a batch's quarantine file.
type quarantineWriter struct {
	name string
	out  Writer
	sink *hashSink
	zw   *zstd.Encoder
	n    int64
}

func newQuarantineWriter(ctx context.Context, st Storage, name string) (*quarantineWriter, error) {
	out, err := st.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	sink := &hashSink{buf: bufio.NewWriter(io.MultiWriter(out, h)), hash: h}
	zw, err := zstd.NewWriter(sink, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, errors.Join(err, out.Abort())
	}
	return &quarantineWriter{name: name, out: out, sink: sink, zw: zw}, nil
}

func (w *quarantineWriter) write(q Quarantined) error {
	line, err := q.marshal()
	if err != nil {
		return err
	}
	if _, err := w.zw.Write(append(line, '\n')); err != nil {
		return err
	}
	w.n++
	return nil
}

func (w *quarantineWriter) close() (*quarantineFile, error) {
	if err := w.zw.Close(); err != nil {
		return nil, err
	}
	if err := w.sink.buf.Flush(); err != nil {
		return nil, err
	}
	if err := w.out.Close(); err != nil {
		return nil, err
	}
	return &quarantineFile{Path: w.name, SHA256: hex.EncodeToString(w.sink.hash.Sum(nil)), Size: w.sink.size, Records: w.n}, nil
}

// abort drops the file. The encoder's own error is of no interest then.
func (w *quarantineWriter) abort() error {
	_ = w.zw.Close()
	return w.out.Abort()
}

// Quarantine yields what committed batches put into quarantine, the newest commit's
// first. Iteration ends with the first error.
func (s *Store) Quarantine(ctx context.Context) iter.Seq2[Quarantined, error] {
	return func(yield func(Quarantined, error) bool) {
		b, err := s.newest(ctx)
		if err != nil {
			yield(Quarantined{}, err)
			return
		}
		for h := b.ingestHead; h != (head{}); {
			l, err := readLedgerFile(ctx, s.st, h)
			if err != nil {
				yield(Quarantined{}, fmt.Errorf("read quarantine of store %s: %w", s.Name(), err))
				return
			}
			if l.Quarantine != nil {
				for q, err := range s.readQuarantine(ctx, l.Quarantine) {
					if !yield(q, err) || err != nil {
						return
					}
				}
			}
			if h, err = parseHead(l.Prev); err != nil {
				yield(Quarantined{}, err)
				return
			}
		}
	}
}

func (s *Store) readQuarantine(ctx context.Context, qf *quarantineFile) iter.Seq2[Quarantined, error] {
	return func(yield func(Quarantined, error) bool) {
		fail := func(err error) { yield(Quarantined{}, fmt.Errorf("read %s of store %s: %w", qf.Path, s.Name(), err)) }
		if _, ok := parseQuarantineName(qf.Path); !ok {
			fail(fmt.Errorf("%w: no name of a quarantine file", ErrCorrupt))
			return
		}
		f, err := s.st.Open(ctx, qf.Path)
		if err != nil {
			fail(err)
			return
		}
		defer f.Close()
		n := int64(0)
		for q, err := range decodeQuarantine(f) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				fail(err)
				return
			}
			n++
			if !yield(q, nil) {
				return
			}
		}
		if n != qf.Records {
			fail(fmt.Errorf("%w: it holds %d records, the ledger says %d", ErrCorrupt, n, qf.Records))
		}
	}
}

// decodeQuarantine yields the records of a quarantine file.
func decodeQuarantine(r io.Reader) iter.Seq2[Quarantined, error] {
	return func(yield func(Quarantined, error) bool) {
		zr, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			yield(Quarantined{}, fmt.Errorf("%w: %w", ErrCorrupt, err))
			return
		}
		defer zr.Close()
		dec := json.NewDecoder(zr)
		for {
			var j quarantinedJSON
			err := dec.Decode(&j)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Quarantined{}, fmt.Errorf("%w: %w", ErrCorrupt, err))
				return
			}
			if !yield(j.record(), nil) {
				return
			}
		}
	}
}
