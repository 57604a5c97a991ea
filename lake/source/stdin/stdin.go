// Package stdin reads one log object from a stream, such as standard input.
//
// A stream is known by its content, so it is copied to a private temporary file
// first: only then can be told whether it was ingested before.
package stdin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"os"

	"traillake/lake/source"
)

// Key is the key of the one object.
const Key = "-"

// Source is the stream. Use Open to make one.
type Source struct {
	f      *os.File
	object source.Object
}

var _ source.Source = (*Source)(nil)

// Open copies r into a temporary file, which is gone when the source is closed or
// the process ends.
func Open(ctx context.Context, r io.Reader) (_ *Source, err error) {
	f, err := os.CreateTemp("", "traillake-stdin-*")
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	h := sha256.New()
	var n int64
	done := make(chan error, 1)
	go func() {
		var err error
		n, err = io.Copy(io.MultiWriter(f, h), r)
		done <- err
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		// A read from a terminal cannot be interrupted; the process is ending.
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return &Source{f, source.Object{Key: Key, Size: n, ETag: hex.EncodeToString(h.Sum(nil))}}, nil
}

// Close removes the copy.
func (s *Source) Close() error { return s.f.Close() }

// List implements source.Source. An empty stream is no object: whatever comes before a pipe had
// nothing to say.
func (s *Source) List(context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		if s.object.Size > 0 {
			yield(s.object, nil)
		}
	}
}

// Open implements source.Source.
func (s *Source) Open(context.Context, source.Object) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(s.f, 0, s.object.Size)), nil
}
