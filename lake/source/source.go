// Package source says where log objects come from: what an object is, what its key
// tells, and the interface that folders, buckets and standard input implement.
//
// Start with Source and Object. ParseKey reads CloudTrail's key layout.
package source

import (
	"context"
	"io"
	"iter"
	"time"
)

// Object is one file of a source.
type Object struct {
	// Bucket is the S3 bucket; empty for files.
	Bucket string
	// Key is the object's key in its bucket, or the absolute path of a file, or -
	// for standard input. It is what the column _source shows.
	Key string
	// Version is the S3 version id; empty where there is none.
	Version string
	// ETag identifies the content where the source knows it before reading.
	ETag string
	// Size is the number of bytes as delivered, compressed or not.
	Size int64
	// ModTime is when the object was last written; zero where unknown.
	ModTime time.Time
	// Place is what the key tells.
	Place Place
}

// Source lists and opens log objects. Implementations are safe for concurrent use.
type Source interface {
	// List yields the objects, in an order that does not change while nothing is
	// added. An error that is no *LeftOut concerns one object or folder; listing
	// goes on behind it unless the consumer stops. It ends early when ctx does.
	List(ctx context.Context) iter.Seq2[Object, error]
	// Open returns the bytes of a listed object as delivered. The caller closes
	// it. It returns an error wrapping ErrChanged if the object is no longer the
	// one that was listed.
	Open(ctx context.Context, o Object) (io.ReadCloser, error)
}

// Prefetcher is a Source that gains from being told what will be opened soon.
type Prefetcher interface {
	// Prefetch begins to read an object, if there is room for it, and returns at once.
	// What was read is dropped when ctx ends.
	Prefetch(ctx context.Context, o Object)
}

// LeftOut is what List yields for a file that is no CloudTrail log by its name or
// place, or for a folder of them.
type LeftOut struct {
	// Key is the file's key or path.
	Key string
	// Reason says why, for people.
	Reason string
	// Folder says that it is a folder, in which nothing was looked at.
	Folder bool
}

func (e *LeftOut) Error() string { return e.Key + ": left out: " + e.Reason }
