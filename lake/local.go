package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// tempPrefix begins the names of files that are not yet published. List yields them, so
// that those of a writer that was killed do not stay unseen; no file that the lake looks
// for is called so.
const tempPrefix = ".tmp-"

// localStorage keeps a lake in a folder of a local file system.
type localStorage struct {
	dir  string // absolute
	root string // URI
}

var _ Storage = (*localStorage)(nil)

func newLocalStorage(dir string) (*localStorage, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("resolve lake folder %s: %w", dir, err)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	return &localStorage{dir: abs, root: u.String()}, nil
}

// Root implements Storage.
func (s *localStorage) Root() string { return s.root }

// LocalPath implements Storage.
func (s *localStorage) LocalPath(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name))
}

// Close implements Storage.
func (s *localStorage) Close() error { return nil }

// PutIfAbsent implements Storage with link(2), which fails when the name is taken.
func (s *localStorage) PutIfAbsent(_ context.Context, name string, data []byte) error {
	target := s.LocalPath(name)
	temp, err := s.writeTemp(target, data, true)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	linkErr := os.Link(temp, target)
	if linkErr != nil && !errors.Is(linkErr, fs.ErrExist) {
		return linkErr
	}
	// Also when the name is taken: whoever made it may not have synced it yet.
	if err := syncDir(filepath.Dir(target)); err != nil {
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	return linkErr
}

// Put implements Storage.
func (s *localStorage) Put(_ context.Context, name string, data []byte) error {
	target := s.LocalPath(name)
	temp, err := s.writeTemp(target, data, false)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, target); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}

// writeTemp writes a file beside target, synced if asked, and returns its path.
func (s *localStorage) writeTemp(target string, data []byte, sync bool) (_ string, err error) {
	temp := filepath.Join(filepath.Dir(target), tempPrefix+uuid.NewString())
	f, err := s.createFile(temp)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(temp)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return "", err
	}
	if sync {
		if err = f.Sync(); err != nil {
			return "", err
		}
	}
	return temp, f.Close()
}

// createFile creates a new file and, where they lack, the folders above it.
func (s *localStorage) createFile(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := mkdirDurable(filepath.Dir(file)); err != nil {
		return nil, err
	}
	return os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// mkdirDurable makes a folder and the folders above it, and syncs the parent of each.
func mkdirDurable(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := mkdirDurable(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		// Made by another writer, who may not have synced it yet.
		return syncDir(filepath.Dir(dir))
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Create implements Storage.
func (s *localStorage) Create(_ context.Context, name string) (Writer, error) {
	f, err := s.createFile(s.LocalPath(name))
	if err != nil {
		return nil, err
	}
	return &localWriter{f: f}, nil
}

type localWriter struct {
	f *os.File // nil once ended
}

func (w *localWriter) Write(p []byte) (int, error) {
	if w.f == nil {
		return 0, fs.ErrClosed
	}
	return w.f.Write(p)
}

// Close implements Writer. The mode says that nobody writes to the file again.
func (w *localWriter) Close() error {
	f := w.f
	if f == nil {
		return nil
	}
	w.f = nil
	err := errors.Join(f.Chmod(0o444), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(f.Name()))
}

// Abort implements Writer.
func (w *localWriter) Abort() error {
	f := w.f
	if f == nil {
		return nil
	}
	w.f = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Get implements Storage.
func (s *localStorage) Get(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(s.LocalPath(name))
}

// Open implements Storage.
func (s *localStorage) Open(_ context.Context, name string) (File, error) {
	f, err := os.Open(s.LocalPath(name))
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return localFile{f, fi.Size()}, nil
}

type localFile struct {
	*os.File
	size int64
}

// Size implements File.
func (f localFile) Size() int64 { return f.size }

// Stat implements Storage.
func (s *localStorage) Stat(_ context.Context, name string) (FileInfo, error) {
	fi, err := os.Stat(s.LocalPath(name))
	if err != nil {
		return FileInfo{}, err
	}
	if !fi.Mode().IsRegular() {
		return FileInfo{}, &fs.PathError{Op: "stat", Path: s.LocalPath(name), Err: fs.ErrNotExist}
	}
	return FileInfo{Name: name, Size: fi.Size(), ModTime: fi.ModTime()}, nil
}

// List implements Storage.
func (s *localStorage) List(ctx context.Context, dir string) iter.Seq2[FileInfo, error] {
	return func(yield func(FileInfo, error) bool) {
		err := filepath.WalkDir(s.LocalPath(dir), func(p string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone, or never there
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if !d.Type().IsRegular() {
				return nil
			}
			fi, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(s.dir, p)
			if err != nil {
				return err
			}
			if !yield(FileInfo{Name: filepath.ToSlash(rel), Size: fi.Size(), ModTime: fi.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(FileInfo{}, err)
		}
	}
}

// Remove implements Storage.
func (s *localStorage) Remove(_ context.Context, name string) error {
	if err := os.Remove(s.LocalPath(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
