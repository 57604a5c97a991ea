package source

import (
	"context"
	"iter"
	"time"
)

// Digests is what a Source is, too, that can have CloudTrail's digest files beside its logs.
type Digests interface {
	// ListDigests yields the digest files, of which those of the days before from may be left
	// out; the zero time means all. Errors are as those of List.
	ListDigests(ctx context.Context, from time.Time) iter.Seq2[Object, error]
	// ReadDigest returns a digest file as stored, and its user-defined metadata of S3,
	// without x-amz-meta-. The metadata is nil where it is not known.
	ReadDigest(ctx context.Context, o Object) (stored []byte, metadata map[string]string, err error)
	// Stat returns the object with o's bucket and key, be it a log or a digest and listed or
	// not. The error wraps fs.ErrNotExist if there is none.
	Stat(ctx context.Context, o Object) (Object, error)
	// Below reports whether o's bucket and key lie where List looks, filters aside. Digests may
	// name logs in other places.
	Below(o Object) bool
}
