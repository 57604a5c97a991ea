package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	iceio "github.com/apache/iceberg-go/io"
)

// tableIO lets the Iceberg library read and write the files of one store through
// Storage. The library never syncs what it writes; Storage does. It also remembers
// what was written, so that the files of a commit that did not happen can be dropped.
type tableIO struct {
	// ctx ends with the commit or the read that the library's calls belong to; its
	// interface has no room for one.
	ctx     context.Context
	st      Storage
	mu      sync.Mutex
	written []string
}

var (
	_ iceio.WriteFileIO = (*tableIO)(nil)
	_ iceio.ReadFileIO  = (*tableIO)(nil)
)

// nameOf returns the name of a file below the root that a URI means.
func nameOf(root, uri string) (string, error) {
	r, err := url.Parse(root)
	if err != nil {
		return "", fmt.Errorf("parse root %s: %w", root, err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("%w: parse file URI: %w", ErrCorrupt, err)
	}
	name, ok := strings.CutPrefix(u.Path, r.Path+"/")
	if !ok || u.Scheme != r.Scheme || u.Host != r.Host || u.RawQuery != "" || u.Fragment != "" || path.Clean("/"+name) != "/"+name {
		return "", fmt.Errorf("%w: file %s lies outside %s", ErrCorrupt, uri, root)
	}
	return name, nil
}

// uriOf returns the URI of a file below the root. Our own names need no escapes.
func uriOf(root, name string) string { return root + "/" + name }

// Open implements the library's IO.
func (t *tableIO) Open(uri string) (iceio.File, error) {
	name, err := nameOf(t.st.Root(), uri)
	if err != nil {
		return nil, err
	}
	f, err := t.st.Open(t.ctx, name)
	if err != nil {
		return nil, err
	}
	return tableFile{f, name}, nil
}

// ReadFile implements the library's IO.
func (t *tableIO) ReadFile(uri string) ([]byte, error) {
	name, err := nameOf(t.st.Root(), uri)
	if err != nil {
		return nil, err
	}
	return t.st.Get(t.ctx, name)
}

// Create implements the library's IO.
func (t *tableIO) Create(uri string) (iceio.FileWriter, error) {
	w, err := t.create(uri)
	if err != nil {
		return nil, err
	}
	return tableWriter{w}, nil
}

func (t *tableIO) create(uri string) (Writer, error) {
	name, err := nameOf(t.st.Root(), uri)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.written = append(t.written, name)
	t.mu.Unlock()
	return t.st.Create(t.ctx, name)
}

// WriteFile implements the library's IO.
func (t *tableIO) WriteFile(uri string, p []byte) error {
	w, err := t.create(uri)
	if err != nil {
		return err
	}
	if _, err := w.Write(p); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Close()
}

// Remove implements the library's IO. Only what this commit wrote may go.
func (t *tableIO) Remove(uri string) error {
	name, err := nameOf(t.st.Root(), uri)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.written {
		if w == name {
			return t.st.Remove(t.ctx, name)
		}
	}
	return fmt.Errorf("remove %s: %w: not written by this commit", uri, fs.ErrPermission)
}

type tableWriter struct{ Writer }

// ReadFrom implements the library's FileWriter.
func (w tableWriter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w.Writer}, r)
}

type tableFile struct {
	File
	name string
}

// Stat implements the library's File.
func (f tableFile) Stat() (fs.FileInfo, error) { return fileInfo{f.name, f.Size()}, nil }

type fileInfo struct {
	name string
	size int64
}

func (f fileInfo) Name() string       { return path.Base(f.name) }
func (f fileInfo) Size() int64        { return f.size }
func (f fileInfo) Mode() fs.FileMode  { return 0o444 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) IsDir() bool        { return false }
func (f fileInfo) Sys() any           { return nil }
