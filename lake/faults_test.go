package lake

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// hookedStorage hands every PutIfAbsent to a hook, which makes the call or does not.
type hookedStorage struct {
	Storage
	put func(name string, put func() error) error
}

func (s *hookedStorage) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	put := func() error { return s.Storage.PutIfAbsent(ctx, name, data) }
	if s.put == nil {
		return put()
	}
	return s.put(name, put)
}

var errBadDisk = errors.New("input/output error")

// badDisk fails one operation, on the files that have the text in their names.
type badDisk struct {
	Storage
	op   string // get, open, read, stat or write
	text string
}

func (s badDisk) fails(op, name string) error {
	if op == s.op && strings.Contains(name, s.text) {
		return fmt.Errorf("%s %s: %w", op, name, errBadDisk)
	}
	return nil
}

func (s badDisk) Get(ctx context.Context, name string) ([]byte, error) {
	if err := s.fails("get", name); err != nil {
		return nil, err
	}
	return s.Storage.Get(ctx, name)
}

func (s badDisk) Stat(ctx context.Context, name string) (FileInfo, error) {
	if err := s.fails("stat", name); err != nil {
		return FileInfo{}, err
	}
	return s.Storage.Stat(ctx, name)
}

func (s badDisk) Open(ctx context.Context, name string) (File, error) {
	if err := s.fails("open", name); err != nil {
		return nil, err
	}
	f, err := s.Storage.Open(ctx, name)
	return badFile{f, s.fails("read", name)}, err
}

func (s badDisk) Create(ctx context.Context, name string) (Writer, error) {
	w, err := s.Storage.Create(ctx, name)
	return badWriter{w, s.fails("write", name)}, err
}

// badFile fails to read if err is set.
type badFile struct {
	File
	err error
}

func (f badFile) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.File.Read(p)
}

func (f badFile) ReadAt(p []byte, off int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.File.ReadAt(p, off)
}

// badWriter writes one byte only if err is set.
type badWriter struct {
	Writer
	err error
}

func (w badWriter) Write(p []byte) (int, error) {
	if w.err == nil {
		return w.Writer.Write(p)
	}
	n, err := w.Writer.Write(p[:1])
	return n, errors.Join(w.err, err)
}

func isMetadata(name string) bool {
	return strings.HasSuffix(name, metadataSuffix)
}
