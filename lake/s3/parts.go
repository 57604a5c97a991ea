package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"traillake/internal/filecache"
	"traillake/internal/stretch"
	"traillake/lake"
)

const (
	// gapBytes is how many bytes that nobody wants come with what is wanted, rather than
	// that a request is sent for either side of them. Measured with 20 ms added to each
	// request: less takes more than twice the requests and up to half as much time again,
	// more takes up to twice the bytes, and no less time.
	gapBytes = 256 << 10
	// partRequests is how many requests are under way for one file. A guess.
	partRequests = 4
)

// FetchParts implements lake.Remote.
func (s *Storage) FetchParts(ctx context.Context, name string, size int64, bring func(lake.Parts) error) (string, func(), error) {
	key := s.key(name)
	if path, release, ok := s.cache.Known(s.cacheKey(key), size); ok {
		if err := bringWhole(path, size, bring); err != nil {
			release()
			return "", nil, err
		}
		return path, release, nil
	}
	path, release, err := s.cache.PinParts(ctx, s.cacheKey(key), size, func(c *filecache.Parts) error {
		return bring(&parts{Parts: c, s: s, ctx: ctx, key: key, size: size})
	})
	return path, release, s.cacheError(err, key)
}

// Forget implements lake.Remote.
func (s *Storage) Forget(name string) { s.cache.Forget(s.cacheKey(s.key(name))) }

// bringWhole calls bring with a file that is here.
func bringWhole(path string, size int64, bring func(lake.Parts) error) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return bring(wholeParts{f, size})
}

// wholeParts is a file of which nothing lacks.
type wholeParts struct {
	*os.File
	size int64
}

// Bring implements lake.Parts.
func (p wholeParts) Bring(stretch.Set) error { return nil }

// Held implements lake.Parts.
func (p wholeParts) Held() stretch.Set { return stretch.Of(stretch.Stretch{Length: p.size}) }

// Note implements lake.Parts.
func (p wholeParts) Note() string { return "" }

// SetNote implements lake.Parts.
func (p wholeParts) SetNote(string) {}

// parts is an object of which parts are in the cache.
type parts struct {
	*filecache.Parts
	s    *Storage
	ctx  context.Context // of who asked for it: ReadAt has none
	key  string
	size int64
}

var _ lake.Parts = (*parts)(nil)

// The cache keeps a tag with the copy: the object's, and the note.

func (p *parts) etag() string {
	etag, _, _ := strings.Cut(p.Tag(), "\n")
	return etag
}

// Note implements lake.Parts.
func (p *parts) Note() string {
	_, note, _ := strings.Cut(p.Tag(), "\n")
	return note
}

// SetNote implements lake.Parts.
func (p *parts) SetNote(text string) { p.SetTag(p.etag() + "\n" + text) }

// ReadAt implements io.ReaderAt.
func (p *parts) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 || at > p.size {
		return 0, fmt.Errorf("read at %d of %d bytes", at, p.size)
	}
	var end error
	if rest := p.size - at; int64(len(b)) > rest {
		b, end = b[:rest], io.EOF
	}
	if err := p.Bring(stretch.Of(stretch.Stretch{At: at, Length: int64(len(b))})); err != nil {
		return 0, err
	}
	n, err := p.Parts.ReadAt(b, at)
	if err == nil {
		err = end
	}
	return n, err
}

// Bring implements lake.Parts.
func (p *parts) Bring(list stretch.Set) error {
	lacking := list.Without(p.Held()).Near(gapBytes)
	if len(lacking) == 0 {
		return nil
	}
	if err := lake.AboutToFetch(p.ctx); err != nil {
		return err
	}
	if p.etag() == "" {
		// The first reply says which object it is that the others must be of.
		if err := p.fetch(p.ctx, lacking[len(lacking)-1]); err != nil {
			return err
		}
		lacking = lacking[:len(lacking)-1]
	}
	g, ctx := errgroup.WithContext(p.ctx)
	g.SetLimit(partRequests)
	for _, part := range lacking {
		g.Go(func() error { return p.fetch(ctx, part) })
	}
	return g.Wait()
}

// fetch brings a stretch into the cache.
func (p *parts) fetch(ctx context.Context, part stretch.Stretch) error {
	r := &stream{s: p.s, ctx: ctx, key: p.key, etag: p.etag(), whole: p.size, size: part.End(), pos: part.At}
	defer r.stop()
	err := p.Add(part, r)
	switch statusOf(err) { // the body of such a reply may be cut
	case http.StatusRequestedRangeNotSatisfiable:
		return fmt.Errorf("read s3://%s/%s: %w: it has fewer than %d bytes", p.s.bucket, p.key, lake.ErrCorrupt, p.size)
	case http.StatusPreconditionFailed:
		p.s.cache.Forget(p.s.cacheKey(p.key))
		return fmt.Errorf("read s3://%s/%s: %w: somebody has replaced it", p.s.bucket, p.key, lake.ErrCorrupt)
	}
	if err == nil && p.etag() == "" {
		p.SetTag(r.etag + "\n" + p.Note())
	}
	return err
}
