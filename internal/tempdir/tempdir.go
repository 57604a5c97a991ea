// Package tempdir makes folders for what lives as long as a process at most, and removes those
// that killed processes have left.
package tempdir

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// Age is how old a folder is before it can be one that was left: younger ones may not be
	// locked yet.
	Age = time.Minute
	// AgeShared is that of a folder where other machines may be at work, which need not see
	// our locks, or what was left may be looked at.
	AgeShared = 24 * time.Hour
)

// Folder is a private folder. It is locked for as long as the process lives and has not removed
// it, so that others can tell it from one that was left.
type Folder struct {
	// Dir is its path.
	Dir  string
	lock *os.File // nil where folders cannot be locked
}

// longestPrefix leaves room for the number that is appended, where names have 255 bytes.
const longestPrefix = 240

// Prefix returns what the temporary names of a folder begin with: a full stop, the name, and a
// mark. Where that is too long a name, the folder's is cut to its hash.
func Prefix(name, mark string) string {
	if prefix := "." + name + mark; len(prefix) <= longestPrefix {
		return prefix
	}
	return fmt.Sprintf(".%x%s", sha256.Sum256([]byte(name)), mark)
}

// swept are the names with prefixes that this process has looked for.
var swept sync.Map

// New makes a folder below parent, whose name begins with a prefix; an empty parent means the
// system's. The first one first removes those of that prefix which were left, if they are older
// than age; nothing else has a name with the prefix.
func New(parent, prefix string, age time.Duration) (*Folder, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	if _, done := swept.LoadOrStore(filepath.Join(parent, prefix), true); !done {
		sweep(parent, prefix, time.Now().Add(-age))
	}
	dir, err := os.MkdirTemp(parent, prefix+"*")
	if err != nil {
		return nil, err
	}
	s := &Folder{Dir: dir}
	if f, err := os.Open(dir); err == nil {
		if tryLock(f) {
			s.lock = f
		} else {
			f.Close()
		}
	}
	return s, nil
}

// Remove removes the folder and what is in it. One that was given another name stays.
func (s *Folder) Remove() error {
	err := os.RemoveAll(s.Dir)
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// sweep removes the folders that killed processes have left, if they are older. What
// cannot be looked at or removed stays: it is another user's, or none of ours.
func sweep(parent, prefix string, before time.Time) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
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
