package vfs

import (
	"io"
	"io/fs"
	"path"
	"time"
)

// memoryFile is an open file of a Memory. A file stays readable when its last name is
// removed.
type memoryFile struct {
	m      *Memory
	n      *node
	name   string
	writes bool
	at     int64
	closed bool
}

var _ File = (*memoryFile)(nil)

// lock takes the lock of the file system, or says why the file cannot be used.
func (f *memoryFile) lock(op string) (unlock func(), err error) {
	f.m.mu.Lock()
	if f.closed {
		f.m.mu.Unlock()
		return nil, pathError(op, f.name, fs.ErrClosed)
	}
	return f.m.mu.Unlock, nil
}

func (f *memoryFile) Read(p []byte) (int, error) {
	unlock, err := f.lock("read")
	if err != nil {
		return 0, err
	}
	defer unlock()
	n, err := f.readAt(p, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil // as a disk does: the end is told by the next read
	}
	return n, err
}

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	unlock, err := f.lock("read")
	if err != nil {
		return 0, err
	}
	defer unlock()
	return f.readAt(p, off)
}

func (f *memoryFile) readAt(p []byte, off int64) (int, error) {
	if off < 0 || f.n.names != nil {
		return 0, pathError("read", f.name, fs.ErrInvalid)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memoryFile) Seek(offset int64, whence int) (int64, error) {
	unlock, err := f.lock("seek")
	if err != nil {
		return 0, err
	}
	defer unlock()
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += int64(len(f.n.data))
	}
	if offset < 0 {
		return 0, pathError("seek", f.name, fs.ErrInvalid)
	}
	f.at = offset
	return offset, nil
}

// Write writes at the end of the file, which is where all our writers are.
func (f *memoryFile) Write(p []byte) (int, error) {
	unlock, err := f.lock("write")
	if err != nil {
		return 0, err
	}
	defer unlock()
	if !f.writes {
		return 0, pathError("write", f.name, fs.ErrPermission)
	}
	f.n.data = append(f.n.data, p...)
	f.n.changed = time.Now()
	return len(p), nil
}

func (f *memoryFile) Stat() (fs.FileInfo, error) {
	unlock, err := f.lock("stat")
	if err != nil {
		return nil, err
	}
	defer unlock()
	return f.n.info(path.Base(f.name)), nil
}

func (f *memoryFile) Chmod(mode fs.FileMode) error {
	unlock, err := f.lock("chmod")
	if err != nil {
		return err
	}
	defer unlock()
	f.n.mode = f.n.mode&^fs.ModePerm | mode&fs.ModePerm
	return nil
}

func (f *memoryFile) Sync() error {
	unlock, err := f.lock("sync")
	if err != nil {
		return err
	}
	defer unlock()
	n := f.n
	n.synced = len(n.data)
	for base := range n.changedNames() {
		if now := n.names[base]; now != nil {
			n.durable[base] = now
		} else {
			delete(n.durable, base)
		}
	}
	return nil
}

// lose does what a failed sync may do: what it was to make durable looks as if nothing had
// happened as long as there is power, and is taken for durable from here on.
func (f *memoryFile) lose() {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	n := f.n
	if n.synced < len(n.data) {
		n.lost = append(n.lost, span{n.synced, len(n.data)})
		n.synced = len(n.data)
	}
	for base := range n.changedNames() {
		n.stuck[base] = true
	}
}

func (f *memoryFile) Close() error {
	unlock, err := f.lock("close")
	if err != nil {
		return err
	}
	defer unlock()
	f.closed = true
	return nil
}
