package filecache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

const lockSuffix = ".lock"

// session is the folder of one process.
type session struct {
	dir  string
	lock *os.File
}

// newSession makes a folder that is removed when the process has ended, by itself or by
// the next that opens the cache.
func newSession(root string) (*session, error) {
	for range 5 {
		s, err := trySession(filepath.Join(root, uuid.NewString()))
		if s != nil || err != nil {
			return s, err
		}
	}
	return nil, errors.New("others keep removing the folder of this process")
}

// trySession returns neither a session nor an error when another process took the lock
// file for one that a dead process left, between its making and its locking.
func trySession(dir string) (_ *session, err error) {
	f, err := os.OpenFile(dir+lockSuffix, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(dir+lockSuffix))
		}
	}()
	if err := lock(f); err != nil {
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	mine, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if there, err := os.Stat(dir + lockSuffix); err != nil || !os.SameFile(mine, there) {
		return nil, f.Close()
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return &session{dir: dir, lock: f}, nil
}

func (s *session) close() error {
	return errors.Join(os.RemoveAll(s.dir), os.Remove(s.dir+lockSuffix), s.lock.Close())
}

// bury removes the folders of processes that are dead. What cannot be removed now is
// tried again by the next.
func bury(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), lockSuffix)
		if !ok {
			continue
		}
		path := filepath.Join(root, e.Name())
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if tryLock(f) {
			// The folder first: its lock is how the next finds it.
			if os.RemoveAll(filepath.Join(root, name)) == nil {
				_ = os.Remove(path)
			}
		}
		_ = f.Close()
	}
}
