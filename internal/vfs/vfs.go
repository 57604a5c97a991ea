// Package vfs is the least file system that a lake on a local disk needs, so that tests
// can stand in for the disk.
//
// OS is the real one. Memory is one that can lose power: Memory.Crash returns what could
// be left of it. Faults counts the operations on another file system and makes some of
// them fail.
//
// The contract is the weakest that a POSIX system gives. What was written to a file is
// durable once its Sync has returned nil, and a name once Sync of its folder has; until
// then either may be lost, in any order and in part. When a sync fails, what it was to
// make durable may be lost although a later sync succeeds.
package vfs

import (
	"errors"
	"io"
	"io/fs"
)

// FS is a file system. Implementations are safe for concurrent use. Errors about names
// wrap fs.ErrExist and fs.ErrNotExist.
type FS interface {
	// Create creates a new file of mode 0600 for writing. The name must not be taken.
	Create(name string) (File, error)
	// Open opens a file for reading, or a folder for Sync.
	Open(name string) (File, error)
	// Link gives a file another name, which must not be taken.
	Link(oldName, newName string) error
	// Rename gives a file another name. What had the name before is gone.
	Rename(oldName, newName string) error
	// Remove removes the name of a file.
	Remove(name string) error
	// Mkdir makes a folder of mode 0700.
	Mkdir(name string) error
	// ReadDir returns what is in a folder, by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Stat describes a file or folder.
	Stat(name string) (fs.FileInfo, error)
}

// File is an open file. One that was opened for reading cannot be written to.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
	io.Writer
	// Stat describes the file.
	Stat() (fs.FileInfo, error)
	// Chmod changes the permissions.
	Chmod(mode fs.FileMode) error
	// Sync makes durable what was written, or the names in a folder.
	Sync() error
}

// ReadFile returns the bytes of a file that does not grow, as those of a lake.
func ReadFile(fsys FS, name string) (_ []byte, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := make([]byte, fi.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return b, nil
}
