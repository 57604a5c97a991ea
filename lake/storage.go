package lake

import (
	"context"
	"io"
	"iter"
	"time"
)

// Storage keeps the files of a lake. Names are relative to its root and use slashes.
// Implementations are safe for concurrent use. An error about a name that is not there
// wraps fs.ErrNotExist.
//
// Durability is part of the contract: when PutIfAbsent or a Writer's Close returns nil,
// the bytes and the name survive a loss of power.
type Storage interface {
	// Root returns the URI of the root, with a scheme and without a slash at its end.
	Root() string
	// LocalPath returns the path at which the file can be opened on this machine, or
	// "" when it has none.
	LocalPath(name string) string

	// PutIfAbsent creates the file with these bytes, atomically: no reader sees a part
	// of them. It returns an error that wraps fs.ErrExist when the name is taken (that
	// file is then durable; it may be our own, from a call whose reply was lost), one
	// that wraps ErrOutcomeUnknown when the file may or may not have been made, and any
	// other error only when nothing was made.
	PutIfAbsent(ctx context.Context, name string, data []byte) error
	// Put creates or replaces the file, atomically. It is for hints: a loss of power may
	// leave the old content, the new, or none.
	Put(ctx context.Context, name string, data []byte) error
	// Create starts a file under a name that must be new. The file becomes durable
	// with Close; until then readers may see none or a part of it.
	Create(ctx context.Context, name string) (Writer, error)

	// Settle makes sure that a file that is there survives a loss of power, also when the
	// process that made it has died before it could do so itself.
	Settle(ctx context.Context, name string) error

	// Get returns the bytes of the file.
	Get(ctx context.Context, name string) ([]byte, error)
	// Open opens the file for reading at any offset.
	Open(ctx context.Context, name string) (File, error)
	// Stat describes the file.
	Stat(ctx context.Context, name string) (FileInfo, error)
	// List yields every file below the folder dir, at any depth, in no set order. A
	// folder that is not there is empty. Files that the storage is still making, or was
	// making when its process died, may be among them, under names of its own.
	List(ctx context.Context, dir string) iter.Seq2[FileInfo, error]
	// Remove removes the file. One that is not there is no error.
	Remove(ctx context.Context, name string) error
	// Close frees what the storage holds.
	Close() error
}

// FileInfo describes one stored file.
type FileInfo struct {
	// Name is relative to the root of the storage.
	Name string
	// Size is in bytes.
	Size int64
	// ModTime is the storage's own time of the last write.
	ModTime time.Time
}

// Writer writes one new file. Exactly one of Close and Abort ends it; a call after the
// first is without effect.
type Writer interface {
	io.Writer
	// Close makes the file durable. After an error the file is not usable.
	Close() error
	// Abort drops the file.
	Abort() error
}

// File reads one stored file.
type File interface {
	io.ReaderAt
	io.ReadSeekCloser
	// Size is in bytes.
	Size() int64
}
