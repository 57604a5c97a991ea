// Package s3 keeps a lake in a bucket of S3, or of another service that speaks its protocol
// and makes conditional writes.
//
// Start with Open, and give the Storage to lake.Open. A lake in a bucket is the same as one
// on a disk, file by file, by the same protocol: what link(2) is there, If-None-Match is here.
// Every object carries its SHA-256 and the id of the write that made it, so that a write
// whose reply was lost, or that something between here and the bucket sent twice, can be
// told from that of somebody else.
//
// Files that never change are read through a cache on the local disk: whole, and compared
// with their hashes, or those parts of them that a query reads (FetchParts).
package s3

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/internal/awsclient"
	"traillake/internal/filecache"
	"traillake/lake"
)

// DefaultCacheBytes is the bound of the cache where Options has none.
const DefaultCacheBytes = 10 << 30

// Options says how a lake in a bucket is reached. CacheDir is needed; the rest may be zero.
type Options struct {
	// Access is how the bucket is reached.
	Access awsclient.Options
	// CacheDir is the folder of the cache, which processes and lakes may share. Files on
	// their way to the bucket lie there, too.
	CacheDir string
	// CacheBytes bounds the cache; zero means DefaultCacheBytes.
	CacheBytes int64
	// PartBytes is the size of the parts in which larger files are sent, 5 MiB at least;
	// zero means 16 MiB.
	PartBytes int64
	// Patience is for how long a write is tried again that the service neither makes nor
	// refuses; zero means a minute.
	Patience time.Duration

	// backoff bounds the waits of the SDK between attempts; zero leaves them to it. Tests
	// are in a hurry.
	backoff time.Duration
}

const (
	defaultPartBytes = 16 << 20
	minPartBytes     = 5 << 20 // S3's own
	defaultPatience  = time.Minute
)

// Metadata of every object.
const (
	metaSHA256 = "sha256"    // of the content, in hex
	metaCommit = "commit-id" // of the write that made it
)

// Storage is a lake's files in a bucket. It is safe for concurrent use.
type Storage struct {
	client   *s3.Client
	bucket   string
	prefix   string // without a slash at its end; may be empty
	part     int64
	patience time.Duration
	cache    *filecache.Cache
	cached   bool // whether to read copies
	probed   *probe
}

var _ lake.Remote = (*Storage)(nil)

// goodPrefix matches prefixes that are the same as a key, in a URI and in a policy.
var goodPrefix = regexp.MustCompile(`^[A-Za-z0-9!_.*'()=,+@~-]+(/[A-Za-z0-9!_.*'()=,+@~-]+)*$`)

// Open returns the storage below a URI s3://bucket/prefix. It sends no request that
// changes anything.
func Open(ctx context.Context, uri string, o Options) (*Storage, error) {
	bucket, prefix, err := awsclient.ParseURL(uri)
	if err != nil {
		return nil, err
	}
	prefix = strings.TrimSuffix(prefix, "/")
	if prefix != "" && (!goodPrefix.MatchString(prefix) || path.Clean(prefix) != prefix) {
		return nil, fmt.Errorf("%w: lake prefix %q: use letters, digits and !_.*'()=,+@~- only, in folders separated by one slash", lake.ErrInvalid, prefix)
	}
	if o.PartBytes == 0 {
		o.PartBytes = defaultPartBytes
	}
	if o.PartBytes < minPartBytes {
		return nil, fmt.Errorf("%w: parts of %d bytes; the least is %d", lake.ErrInvalid, o.PartBytes, minPartBytes)
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = DefaultCacheBytes
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	access, err := awsclient.Open(ctx, o.Access)
	if err != nil {
		return nil, err
	}
	client, err := access.Bucket(ctx, bucket)
	if err != nil {
		return nil, err
	}
	if o.backoff > 0 {
		client = s3.New(client.Options(), func(so *s3.Options) {
			so.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
				r.MaxAttempts, r.MaxBackoff, r.RateLimiter = 8, o.backoff, ratelimit.None
			})
		})
	}
	cache, err := filecache.Open(o.CacheDir, o.CacheBytes)
	if err != nil {
		return nil, err
	}
	return &Storage{
		client: client, bucket: bucket, prefix: prefix, part: o.PartBytes, patience: o.Patience,
		cache: cache, cached: true, probed: &probe{},
	}, nil
}

// Root implements lake.Storage.
func (s *Storage) Root() string {
	if s.prefix == "" {
		return "s3://" + s.bucket
	}
	return "s3://" + s.bucket + "/" + s.prefix
}

// LocalPath implements lake.Storage: no file has one.
func (s *Storage) LocalPath(string) string { return "" }

// Settle implements lake.Storage: what is in a bucket stays.
func (s *Storage) Settle(context.Context, string) error { return nil }

// Uncached implements lake.Remote.
func (s *Storage) Uncached() lake.Storage {
	bare := *s
	bare.cached = false
	return &bare
}

// Close implements lake.Storage. It removes the local copies that are too much.
func (s *Storage) Close() error { return s.cache.Close() }

// key returns the key of a file.
func (s *Storage) key(name string) string {
	if s.prefix == "" {
		return name
	}
	return s.prefix + "/" + name
}

// probe is whether the service is known to make conditional writes.
type probe struct {
	mu   sync.Mutex
	done bool // guarded by mu
}

// ErrConditional reports a service that does not make conditional writes as S3 does.
var ErrConditional = errors.New("it does not make conditional writes as S3 does, without which two writers would overwrite each other's commits")
