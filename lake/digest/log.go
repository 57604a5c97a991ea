package digest

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// LogReader hashes log files as digests do. It is not for concurrent use; the zero value
// is ready.
type LogReader struct {
	zr  *gzip.Reader
	buf *bufio.Reader
}

// Hash returns the hex SHA-256 of the decompressed text of a log file as stored. An error
// that is *Invalid is about the file; others are those of r.
func (l *LogReader) Hash(r io.Reader) (string, error) {
	from := &readErr{r: r}
	if l.buf == nil {
		l.buf, l.zr = bufio.NewReaderSize(from, 64<<10), new(gzip.Reader)
	} else {
		l.buf.Reset(from)
	}
	h := sha256.New()
	err := l.zr.Reset(l.buf)
	if err == nil {
		l.zr.Multistream(false) // what follows the first stream was not delivered
		_, err = io.Copy(h, l.zr)
	}
	if err == nil {
		_, err := l.buf.Peek(1)
		if from.err != nil {
			return "", from.err
		}
		if err == nil {
			return "", &Invalid{Reason: TrailingData}
		}
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	if from.err != nil {
		return "", from.err
	}
	return "", &Invalid{Reason: InvalidFormat, Err: fmt.Errorf("unzip log: %w", err)}
}

// readErr remembers why reading failed.
type readErr struct {
	r   io.Reader
	err error
}

func (r *readErr) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
