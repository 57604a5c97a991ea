package lake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
)

var errCrashed = errors.New("the process is dead")

// crashStorage passes everything on until its k-th change, and nothing from there on,
// as if the process had been killed at that moment: before the change, or after it was
// made and before its caller heard of it.
type crashStorage struct {
	Storage
	mu    sync.Mutex
	at    int  // which change, from 1; 0 means never
	after bool // the change is made
	n     int
	log   []string
	hook  func(op, name string) // called before each change, without mu
}

// change counts a change and says whether to make it and whether to report it.
func (s *crashStorage) change(op, name string) (do, tell bool) {
	if s.hook != nil {
		s.hook(op, name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.log = append(s.log, op+" "+name)
	if s.at == 0 || s.n < s.at {
		return true, true
	}
	return s.n == s.at && s.after, false
}

func (s *crashStorage) dead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at != 0 && s.n >= s.at
}

func (s *crashStorage) run(op, name string, f func() error) error {
	do, tell := s.change(op, name)
	var err error
	if do {
		err = f()
	}
	if !tell {
		// Even what was made is not known to have been.
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, errCrashed)
	}
	return err
}

func (s *crashStorage) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	return s.run("put-if-absent", name, func() error { return s.Storage.PutIfAbsent(ctx, name, data) })
}

func (s *crashStorage) Put(ctx context.Context, name string, data []byte) error {
	return s.run("put", name, func() error { return s.Storage.Put(ctx, name, data) })
}

func (s *crashStorage) Remove(ctx context.Context, name string) error {
	return s.run("remove", name, func() error { return s.Storage.Remove(ctx, name) })
}

func (s *crashStorage) Create(ctx context.Context, name string) (w Writer, err error) {
	err = s.run("create", name, func() error { w, err = s.Storage.Create(ctx, name); return err })
	if err != nil {
		return nil, err
	}
	return &crashWriter{w, s, name}, nil
}

func (s *crashStorage) Get(ctx context.Context, name string) ([]byte, error) {
	if s.dead() {
		return nil, errCrashed
	}
	return s.Storage.Get(ctx, name)
}

func (s *crashStorage) Open(ctx context.Context, name string) (File, error) {
	if s.dead() {
		return nil, errCrashed
	}
	return s.Storage.Open(ctx, name)
}

func (s *crashStorage) Stat(ctx context.Context, name string) (FileInfo, error) {
	if s.dead() {
		return FileInfo{}, errCrashed
	}
	return s.Storage.Stat(ctx, name)
}

func (s *crashStorage) List(ctx context.Context, dir string) iter.Seq2[FileInfo, error] {
	if s.dead() {
		return func(yield func(FileInfo, error) bool) { yield(FileInfo{}, errCrashed) }
	}
	return s.Storage.List(ctx, dir)
}

type crashWriter struct {
	Writer
	s    *crashStorage
	name string
}

func (w *crashWriter) Write(p []byte) (n int, err error) {
	do, tell := w.s.change("write", w.name)
	if do {
		n, err = w.Writer.Write(p[:len(p)/2]) // a torn write
		if tell {
			var m int
			m, err = w.Writer.Write(p[len(p)/2:])
			n += m
		}
	}
	if !tell {
		return n, errCrashed
	}
	return n, err
}

func (w *crashWriter) Close() error { return w.s.run("close", w.name, w.Writer.Close) }

// Abort of a dead process does nothing.
func (w *crashWriter) Abort() error { return w.s.run("abort", w.name, w.Writer.Abort) }

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
