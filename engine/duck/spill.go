package duck

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	spillPrefix = "traillake-query-"
	// spillAge is how old a folder is before it can be one that was left: younger ones
	// may not be locked yet.
	spillAge = time.Minute
)

// spillFolder is the private folder of a session. It is locked for as long as the process
// lives and the session is open, so that others can tell it from one that was left.
type spillFolder struct {
	dir  string
	lock *os.File // nil where folders cannot be locked
}

// swept are the parents that this process has looked through.
var swept sync.Map

// newSpillFolder makes a folder below parent; empty means the system's.
func newSpillFolder(parent string) (*spillFolder, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	if _, done := swept.LoadOrStore(parent, true); !done {
		sweep(parent, time.Now().Add(-spillAge))
	}
	dir, err := os.MkdirTemp(parent, spillPrefix)
	if err != nil {
		return nil, err
	}
	s := &spillFolder{dir: dir}
	if f, err := os.Open(dir); err == nil {
		if tryLock(f) {
			s.lock = f
		} else {
			f.Close()
		}
	}
	return s, nil
}

// remove removes the folder and what is in it.
func (s *spillFolder) remove() error {
	err := os.RemoveAll(s.dir)
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// sweep removes the folders that killed processes have left, if they are older. What
// cannot be looked at or removed stays: it is another user's, or none of ours.
func sweep(parent string, before time.Time) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), spillPrefix) {
			continue
		}
		if fi, err := e.Info(); err == nil && fi.ModTime().Before(before) {
			sweepOne(filepath.Join(parent, e.Name()), fi)
		}
	}
}

func sweepOne(dir string, seen fs.FileInfo) {
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	if fi, err := f.Stat(); err == nil && os.SameFile(fi, seen) && isMine(fi) && tryLock(f) {
		_ = os.RemoveAll(dir) // the next process tries again
	}
}
