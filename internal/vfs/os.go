package vfs

import (
	"io/fs"
	"os"
)

// OS is the operating system's file system.
var OS FS = osFS{}

type osFS struct{}

// Create implements FS.
func (osFS) Create(name string) (File, error) {
	return file(os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600))
}

// Open implements FS.
func (osFS) Open(name string) (File, error) { return file(os.Open(name)) }

// file keeps a nil *os.File from becoming a File that is not nil.
func file(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Link implements FS.
func (osFS) Link(oldName, newName string) error { return os.Link(oldName, newName) }

// Rename implements FS.
func (osFS) Rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// Remove implements FS.
func (osFS) Remove(name string) error { return os.Remove(name) }

// Mkdir implements FS.
func (osFS) Mkdir(name string) error { return os.Mkdir(name, 0o700) }

// ReadDir implements FS.
func (osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Stat implements FS.
func (osFS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
