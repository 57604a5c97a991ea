package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"traillake/internal/vfs"
)

// tempPrefix begins the names of files that are not yet published. List yields them, so
// that those of a writer that was killed do not stay unseen; no file that the lake looks
// for is called so.
const tempPrefix = ".tmp-"

// localStorage keeps a lake in a folder of a local file system.
type localStorage struct {
	fs   vfs.FS
	dir  string // absolute
	root string // URI

	mu      sync.Mutex       // guards what follows
	durable map[string]bool  // folders whose names are known to be durable
	lost    map[string]error // folders of which a sync failed
}

var _ Storage = (*localStorage)(nil)

func newLocalStorage(dir string) (*localStorage, error) { return newLocalStorageOn(vfs.OS, dir) }

// LocalStorage returns the storage that a lake in a local folder has, on another file
// system than that of the machine. Tests pass it as Options.Storage.
func LocalStorage(fsys vfs.FS, dir string) (Storage, error) { return newLocalStorageOn(fsys, dir) }

// newLocalStorageOn keeps the lake on another file system than that of the machine.
func newLocalStorageOn(fsys vfs.FS, dir string) (*localStorage, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("resolve lake folder %s: %w", dir, err)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	return &localStorage{fs: fsys, dir: abs, root: u.String(), durable: make(map[string]bool), lost: make(map[string]error)}, nil
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
	defer s.fs.Remove(temp)
	linkErr := s.fs.Link(temp, target)
	if linkErr != nil && !errors.Is(linkErr, fs.ErrExist) {
		// A network's reply may be lost after the name was made.
		if _, err := s.fs.Stat(target); errors.Is(err, fs.ErrNotExist) {
			return linkErr
		}
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, linkErr)
	}
	// Also when the name is taken: whoever made it may not have synced it yet.
	if err := s.syncDir(filepath.Dir(target)); err != nil {
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
	if err := s.fs.Rename(temp, target); err != nil {
		s.fs.Remove(temp)
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
			s.fs.Remove(temp)
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
func (s *localStorage) createFile(file string) (vfs.File, error) {
	if err := s.makeDir(filepath.Dir(file)); err != nil {
		return nil, err
	}
	f, err := s.fs.Create(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	// Somebody has removed a folder that we made or saw.
	s.mu.Lock()
	clear(s.durable)
	s.mu.Unlock()
	if err := s.makeDir(filepath.Dir(file)); err != nil {
		return nil, err
	}
	return s.fs.Create(file)
}

// makeDir makes a folder and the folders above it where they lack, and makes sure once
// that their names are durable. A folder that is there may not be: whoever made it may
// have died before its sync.
func (s *localStorage) makeDir(dir string) error {
	s.mu.Lock()
	durable := s.durable[dir]
	s.mu.Unlock()
	parent := filepath.Dir(dir)
	if durable || parent == dir {
		return nil
	}
	within := strings.HasPrefix(parent, s.dir)
	if within {
		if err := s.makeDir(parent); err != nil {
			return err
		}
	}
	err := s.fs.Mkdir(dir)
	if errors.Is(err, fs.ErrNotExist) && !within {
		if err := s.makeDir(parent); err != nil {
			return err
		}
		err = s.fs.Mkdir(dir)
	}
	there := errors.Is(err, fs.ErrExist)
	if err != nil && !there {
		return err
	}
	err = s.syncDir(parent)
	if there && !within && errors.Is(err, fs.ErrPermission) {
		err = nil // above the lake, and made by somebody else
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.durable[dir] = true
	s.mu.Unlock()
	return nil
}

// syncDir makes the names in a folder durable. Where that failed once it fails for good:
// the system may have dropped what it could not write, and then calls a later sync a
// success.
func (s *localStorage) syncDir(dir string) error {
	s.mu.Lock()
	lost := s.lost[dir]
	s.mu.Unlock()
	if lost != nil {
		return fmt.Errorf("an earlier sync of %s failed: %w", dir, lost)
	}
	d, err := s.fs.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if err != nil {
		s.mu.Lock()
		s.lost[dir] = err
		s.mu.Unlock()
	}
	return errors.Join(err, d.Close())
}

// Create implements Storage.
func (s *localStorage) Create(_ context.Context, name string) (Writer, error) {
	f, err := s.createFile(s.LocalPath(name))
	if err != nil {
		return nil, err
	}
	return &localWriter{s: s, path: s.LocalPath(name), f: f}, nil
}

type localWriter struct {
	s    *localStorage
	path string
	f    vfs.File // nil once ended
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
	return w.s.syncDir(filepath.Dir(w.path))
}

// Abort implements Writer.
func (w *localWriter) Abort() error {
	f := w.f
	if f == nil {
		return nil
	}
	w.f = nil
	return errors.Join(f.Close(), w.s.fs.Remove(w.path))
}

// Settle implements Storage. The bytes were synced before the name was made.
func (s *localStorage) Settle(_ context.Context, name string) error {
	dir := filepath.Dir(s.LocalPath(name))
	if err := s.makeDir(dir); err != nil {
		return err
	}
	return s.syncDir(dir)
}

// Get implements Storage.
func (s *localStorage) Get(_ context.Context, name string) ([]byte, error) {
	return vfs.ReadFile(s.fs, s.LocalPath(name))
}

// Open implements Storage.
func (s *localStorage) Open(_ context.Context, name string) (File, error) {
	f, err := s.fs.Open(s.LocalPath(name))
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
	vfs.File
	size int64
}

// Size implements File.
func (f localFile) Size() int64 { return f.size }

// Stat implements Storage.
func (s *localStorage) Stat(_ context.Context, name string) (FileInfo, error) {
	fi, err := s.fs.Stat(s.LocalPath(name))
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
		if err := s.walk(ctx, dir, yield); err != nil && !errors.Is(err, fs.SkipAll) {
			yield(FileInfo{}, err)
		}
	}
}

// walk yields the files below dir. It returns fs.SkipAll when yield wants no more.
//
// A folder out of which a file went before it was looked at is read again: of a row of files
// that goes on while its oldest are removed, all that the first reading named may be gone,
// and the newest not among them.
func (s *localStorage) walk(ctx context.Context, dir string, yield func(FileInfo, error) bool) error {
	var seen map[string]bool
	for {
		entries, err := s.fs.ReadDir(s.LocalPath(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone, or never there
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		gone := false
		for _, e := range entries {
			if seen[e.Name()] {
				continue
			}
			err := s.visit(ctx, path.Join(dir, e.Name()), e, yield)
			if errors.Is(err, fs.ErrNotExist) {
				gone = true
			} else if err != nil {
				return err
			}
		}
		if !gone {
			return nil
		}
		if seen == nil {
			seen = make(map[string]bool)
		}
		for _, e := range entries {
			seen[e.Name()] = true
		}
	}
}

// visit yields a file, or those below a folder. The error wraps fs.ErrNotExist when it is
// not there any more.
func (s *localStorage) visit(ctx context.Context, name string, e fs.DirEntry, yield func(FileInfo, error) bool) error {
	if e.IsDir() {
		return s.walk(ctx, name, yield)
	}
	if !e.Type().IsRegular() {
		return nil
	}
	fi, err := e.Info()
	if err == nil && !yield(FileInfo{Name: name, Size: fi.Size(), ModTime: fi.ModTime()}, nil) {
		return fs.SkipAll
	}
	return err
}

// Remove implements Storage.
func (s *localStorage) Remove(_ context.Context, name string) error {
	if err := s.fs.Remove(s.LocalPath(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
