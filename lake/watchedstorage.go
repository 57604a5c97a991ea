package lake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
)

// watchedStorage remembers the first read that failed. That a file is not there, or ends,
// is an answer and no failure. The Iceberg library does not hand on every cause, so what
// comes back from it cannot tell bad bytes from a bad read.
type watchedStorage struct {
	Storage
	mu  sync.Mutex
	err error // guarded by mu
}

func (s *watchedStorage) watch(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.EOF) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	return err
}

// failure returns the error of the first read that failed, or nil.
func (s *watchedStorage) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Get implements Storage.
func (s *watchedStorage) Get(ctx context.Context, name string) ([]byte, error) {
	b, err := s.Storage.Get(ctx, name)
	return b, s.watch(err)
}

// Stat implements Storage.
func (s *watchedStorage) Stat(ctx context.Context, name string) (FileInfo, error) {
	fi, err := s.Storage.Stat(ctx, name)
	return fi, s.watch(err)
}

// Open implements Storage.
func (s *watchedStorage) Open(ctx context.Context, name string) (File, error) {
	f, err := s.Storage.Open(ctx, name)
	if err != nil {
		return nil, s.watch(err)
	}
	return watchedFile{f, s}, nil
}

type watchedFile struct {
	File
	s *watchedStorage
}

func (f watchedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	return n, f.s.watch(err)
}

func (f watchedFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	return n, f.s.watch(err)
}

func (f watchedFile) Close() error { return f.s.watch(f.File.Close()) }
