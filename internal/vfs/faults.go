package vfs

import (
	"errors"
	"io/fs"
	"sync"
)

// ErrDead is what every operation of a process that has died returns.
var ErrDead = errors.New("the process is dead")

// Kind is a kind of operation.
type Kind string

// The kinds of operations. Reads are of a file's bytes, whether in order or not.
const (
	OpCreate  Kind = "create"
	OpOpen    Kind = "open"
	OpLink    Kind = "link"
	OpRename  Kind = "rename"
	OpRemove  Kind = "remove"
	OpMkdir   Kind = "mkdir"
	OpReadDir Kind = "readdir"
	OpStat    Kind = "stat"
	OpRead    Kind = "read"
	OpWrite   Kind = "write"
	OpChmod   Kind = "chmod"
	OpSync    Kind = "sync"
	OpClose   Kind = "close"
)

// Op is one operation.
type Op struct {
	// N counts the operations from 1, all kinds together.
	N    int
	Kind Kind
	// Name is the file, or the new name where there are two.
	Name string
}

// Changes reports whether the operation can change what is on disk.
func (o Op) Changes() bool {
	switch o.Kind {
	case OpOpen, OpReadDir, OpStat, OpRead, OpClose:
		return false
	}
	return true
}

// Fault is what befalls an operation. The zero value is none.
type Fault struct {
	// Err is what the operation returns.
	Err error
	// Extent says how much of the operation is done all the same.
	Extent Extent
}

// Extent says how much of an operation that fails is done.
type Extent uint8

const (
	// Nothing is done. A sync that fails has lost what it was to make durable.
	Nothing Extent = iota
	// Half of the bytes are written; of what writes no bytes, nothing is done.
	Half
	// All is done, and the caller is told otherwise.
	All
)

// Faults passes operations on to another file system, counts them, and makes some fail.
// It is safe for concurrent use.
type Faults struct {
	fs     FS
	inject func(Op) Fault

	mu  sync.Mutex
	ops []Op // guarded by mu
}

var _ FS = (*Faults)(nil)

// NewFaults returns fs with faults. inject says what befalls each operation; it is called
// before the operation, by whichever goroutine makes it. Without inject, operations are
// only counted.
func NewFaults(fs FS, inject func(Op) Fault) *Faults { return &Faults{fs: fs, inject: inject} }

// FailAt makes the n-th operation fail, from 1, and no other.
func FailAt(n int, f Fault) func(Op) Fault {
	return func(o Op) Fault {
		if o.N == n {
			return f
		}
		return Fault{}
	}
}

// FailFrom makes all operations fail from the n-th on for which match says so.
func FailFrom(n int, err error, match func(Op) bool) func(Op) Fault {
	return func(o Op) Fault {
		if o.N >= n && match(o) {
			return Fault{Err: err}
		}
		return Fault{}
	}
}

// DieAt is the death of the process at the n-th operation, of which the given extent is
// still done. No later operation does anything.
func DieAt(n int, e Extent) func(Op) Fault {
	return func(o Op) Fault {
		switch {
		case o.N < n:
			return Fault{}
		case o.N == n:
			return Fault{Err: ErrDead, Extent: e}
		default:
			return Fault{Err: ErrDead}
		}
	}
}

// Ops returns the operations so far.
func (f *Faults) Ops() []Op {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ops[:len(f.ops):len(f.ops)]
}

// op counts an operation and returns what befalls it.
func (f *Faults) op(k Kind, name string) Fault {
	f.mu.Lock()
	o := Op{N: len(f.ops) + 1, Kind: k, Name: name}
	f.ops = append(f.ops, o)
	f.mu.Unlock()
	if f.inject == nil {
		return Fault{}
	}
	return f.inject(o)
}

// run makes an operation that is done or not done.
func (f *Faults) run(k Kind, name string, do func() error) error {
	fault := f.op(k, name)
	var err error
	if fault.Err == nil || fault.Extent == All {
		err = do()
	}
	if fault.Err != nil {
		return &fs.PathError{Op: string(k), Path: name, Err: fault.Err}
	}
	return err
}

// Create implements FS.
func (f *Faults) Create(name string) (file File, err error) {
	err = f.run(OpCreate, name, func() (err error) { file, err = f.fs.Create(name); return err })
	return f.file(file, name, err)
}

// Open implements FS.
func (f *Faults) Open(name string) (file File, err error) {
	err = f.run(OpOpen, name, func() (err error) { file, err = f.fs.Open(name); return err })
	return f.file(file, name, err)
}

func (f *Faults) file(file File, name string, err error) (File, error) {
	if err != nil {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
		return nil, err
	}
	return &faultyFile{file, f, name}, nil
}

// Link implements FS.
func (f *Faults) Link(oldName, newName string) error {
	return f.run(OpLink, newName, func() error { return f.fs.Link(oldName, newName) })
}

// Rename implements FS.
func (f *Faults) Rename(oldName, newName string) error {
	return f.run(OpRename, newName, func() error { return f.fs.Rename(oldName, newName) })
}

// Remove implements FS.
func (f *Faults) Remove(name string) error {
	return f.run(OpRemove, name, func() error { return f.fs.Remove(name) })
}

// Mkdir implements FS.
func (f *Faults) Mkdir(name string) error {
	return f.run(OpMkdir, name, func() error { return f.fs.Mkdir(name) })
}

// ReadDir implements FS.
func (f *Faults) ReadDir(name string) (entries []fs.DirEntry, err error) {
	err = f.run(OpReadDir, name, func() (err error) { entries, err = f.fs.ReadDir(name); return err })
	return entries, err
}

// Stat implements FS.
func (f *Faults) Stat(name string) (fi fs.FileInfo, err error) {
	err = f.run(OpStat, name, func() (err error) { fi, err = f.fs.Stat(name); return err })
	return fi, err
}

// faultyFile is an open file of a Faults.
type faultyFile struct {
	File
	f    *Faults
	name string
}

// Read implements File.
func (f *faultyFile) Read(p []byte) (n int, err error) {
	err = f.f.run(OpRead, f.name, func() (err error) { n, err = f.File.Read(p); return err })
	return n, err
}

// ReadAt implements File.
func (f *faultyFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.f.run(OpRead, f.name, func() (err error) { n, err = f.File.ReadAt(p, off); return err })
	return n, err
}

// Write implements File.
func (f *faultyFile) Write(p []byte) (n int, err error) {
	fault := f.f.op(OpWrite, f.name)
	switch {
	case fault.Err == nil || fault.Extent == All:
		n, err = f.File.Write(p)
	case fault.Extent == Half:
		n, err = f.File.Write(p[:len(p)/2])
	}
	if fault.Err != nil {
		err = &fs.PathError{Op: string(OpWrite), Path: f.name, Err: fault.Err}
	}
	return n, err
}

// Chmod implements File.
func (f *faultyFile) Chmod(mode fs.FileMode) error {
	return f.f.run(OpChmod, f.name, func() error { return f.File.Chmod(mode) })
}

// Sync implements File.
func (f *faultyFile) Sync() error {
	fault := f.f.op(OpSync, f.name)
	if fault.Err == nil || fault.Extent == All {
		if err := f.File.Sync(); err != nil || fault.Err == nil {
			return err
		}
	} else if m, ok := f.File.(*memoryFile); ok && !errors.Is(fault.Err, ErrDead) {
		m.lose()
	}
	return &fs.PathError{Op: string(OpSync), Path: f.name, Err: fault.Err}
}

// Close implements File. The file is closed whatever befalls the call, as close(2) does.
func (f *faultyFile) Close() error {
	fault := f.f.op(OpClose, f.name)
	err := f.File.Close()
	if fault.Err != nil {
		err = &fs.PathError{Op: string(OpClose), Path: f.name, Err: fault.Err}
	}
	return err
}
