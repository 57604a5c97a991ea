package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"traillake/internal/awsclient"
	"traillake/lake/source"
)

const (
	// maxResumes is how often reading is taken up again where a connection broke. The
	// request itself is tried again by the SDK.
	maxResumes = 5
	// maxRefusals is after how many refusals in a row no further object is asked for:
	// what is missing is a permission, and a million requests would not find another
	// answer.
	maxRefusals = 20
)

// Open implements source.Source. What is read is the object that was listed, by its ETag;
// a connection that breaks is taken up where it broke.
func (s *Source) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	if r := s.ahead.take(o); r != nil {
		select {
		case <-r.done:
		case <-ctx.Done():
			s.ahead.drop(r)
			return nil, ctx.Err()
		}
		if r.err == nil {
			return &fetched{*bytes.NewReader(r.text), func() { s.ahead.drop(r) }}, nil
		}
		s.ahead.drop(r)
		return nil, r.err
	}
	return s.open(ctx, o)
}

func (s *Source) open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	if s.refused.Load() >= maxRefusals {
		return nil, fmt.Errorf("read %s: not asked for any more after %d refusals", s.url(o.Key), maxRefusals)
	}
	r := &reader{s: s, ctx: ctx, object: o}
	if err := r.connect(); err != nil {
		return nil, err
	}
	return r, nil
}

// reader reads an object to its end over as many connections as it takes.
type reader struct {
	s       *Source
	ctx     context.Context
	object  source.Object
	body    io.ReadCloser // nil between connections
	at      int64
	resumed int
}

// connect asks for the rest of the object.
func (r *reader) connect() error {
	in := &awss3.GetObjectInput{Bucket: aws.String(r.object.Bucket), Key: aws.String(r.object.Key)}
	if r.object.ETag != "" {
		in.IfMatch = aws.String(`"` + r.object.ETag + `"`)
	}
	if r.object.Version != "" {
		in.VersionId = aws.String(r.object.Version)
	}
	if r.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", r.at))
	}
	out, err := r.s.client.GetObject(r.ctx, in)
	if err != nil {
		return r.s.readError(r.object, err)
	}
	r.s.refused.Store(0)
	r.body = out.Body
	return nil
}

func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if r.body == nil {
			if err := r.connect(); err != nil {
				return 0, err
			}
		}
		n, err := r.body.Read(p)
		r.at += int64(n)
		switch {
		case r.at > r.object.Size:
			return 0, r.changed()
		case r.at == r.object.Size && (err == nil || err == io.EOF):
			return n, err
		case r.at == r.object.Size:
			return n, fmt.Errorf("read %s: %w", r.s.url(r.object.Key), err)
		case err == nil:
			return n, nil
		}
		// The connection broke, or ended too early.
		r.disconnect()
		if r.ctx.Err() != nil {
			return n, r.ctx.Err()
		}
		if r.resumed++; r.resumed > maxResumes {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return n, fmt.Errorf("read %s: the connection broke %d times, the last time at byte %d of %d: %w",
				r.s.url(r.object.Key), r.resumed, r.at, r.object.Size, err)
		}
		if err := r.wait(err); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// maxWait is the longest pause before reading is taken up again. Pauses grow, with full
// jitter, which spreads the attempts of many readers.
const maxWait = 10 * time.Second

func (r *reader) wait(cause error) error {
	d, err := r.s.backoff.BackoffDelay(r.resumed-1, cause)
	if err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (r *reader) disconnect() {
	if r.body == nil {
		return
	}
	r.body.Close()
	r.body = nil
}

func (r *reader) Close() error {
	r.disconnect()
	return nil
}

func (r *reader) changed() error {
	return fmt.Errorf("read %s: %w", r.s.url(r.object.Key), source.ErrChanged)
}

// Named returns the object with a key below the source, as a notification tells of it, or
// a *source.LeftOut when it is no log.
func (s *Source) Named(key, etag string, size int64) (source.Object, error) {
	f := folderAt(key[:strings.LastIndexByte(key, '/')+1], source.Filter{}, false)
	if f.level == leftAlone {
		return source.Object{Bucket: s.bucket, Key: key}, &source.LeftOut{Key: key, Reason: f.reason}
	}
	return s.object(item{entry: entry{key: key, etag: etag, size: size}, folder: &f}, false)
}

// readError says why an object cannot be read.
func (s *Source) readError(o source.Object, err error) error {
	operation := "read " + s.url(o.Key)
	var api smithy.APIError
	var reply *smithyhttp.ResponseError
	code, status := "", 0
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	if errors.As(err, &reply) {
		status = reply.HTTPStatusCode()
	}
	switch {
	case code == "PreconditionFailed" || status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
		return fmt.Errorf("%s: %w", operation, source.ErrChanged)
	case code == "NoSuchKey" || code == "NotFound" || code == "NoSuchVersion":
		return fmt.Errorf("%s: it is not there any more: %w", operation, fs.ErrNotExist)
	case code == "InvalidObjectState":
		return fmt.Errorf("%s: it is archived; restore it first, with 'aws s3api restore-object'", operation)
	}
	if awsclient.IsDenied(err) {
		s.refused.Add(1)
	}
	return s.failed(operation, err, "s3:GetObject", o.Key)
}

const (
	// maxRoom bounds what is read ahead, in bytes, and maxShare one object of it.
	maxRoom  = 32 << 20
	maxShare = maxRoom / 4
	// downloads is how many objects are read ahead at once. It hides the time to the
	// first byte; what is decoded meanwhile takes the processors.
	downloads = 32
)

// prefetched holds objects that are read ahead.
type prefetched struct {
	turns chan struct{}

	mu   sync.Mutex // guards what follows
	room int64
	all  map[aheadKey]*aheadRead
}

type aheadKey struct{ key, etag string }

// aheadRead is an object that is read ahead.
type aheadRead struct {
	key  aheadKey
	size int64       // guarded by prefetched.mu; 0 once the room is given back
	stop func() bool // ends the watch over the context
	// done is closed when text and err are there.
	done chan struct{}
	text []byte
	err  error
}

func (p *prefetched) init() {
	p.turns = make(chan struct{}, downloads)
	p.room, p.all = maxRoom, make(map[aheadKey]*aheadRead)
}

// Prefetch implements source.Prefetcher.
func (s *Source) Prefetch(ctx context.Context, o source.Object) {
	r := s.ahead.begin(ctx, o)
	if r == nil {
		return
	}
	go func() {
		defer close(r.done)
		select {
		case s.ahead.turns <- struct{}{}:
			defer func() { <-s.ahead.turns }()
		case <-ctx.Done():
			r.err = ctx.Err()
			return
		}
		body, err := s.open(ctx, o)
		if err != nil {
			r.err = err
			return
		}
		defer body.Close()
		text := bytes.NewBuffer(make([]byte, 0, o.Size+bytes.MinRead))
		if _, r.err = text.ReadFrom(body); r.err == nil {
			r.text = text.Bytes()
		}
	}()
}

// begin makes room for an object; nil when there is none.
func (p *prefetched) begin(ctx context.Context, o source.Object) *aheadRead {
	r := &aheadRead{key: aheadKey{o.Key, o.ETag}, size: o.Size, done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.all[r.key]; ok || o.Size > maxShare || o.Size > p.room {
		return nil
	}
	p.room -= o.Size
	p.all[r.key] = r
	r.stop = context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.all[r.key] == r { // nobody took it
			delete(p.all, r.key)
			p.room += r.size
		}
	})
	return r
}

// take gives what is read ahead of the object, once; nil when that is nothing. The caller
// drops it.
func (p *prefetched) take(o source.Object) *aheadRead {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := aheadKey{o.Key, o.ETag}
	r := p.all[key]
	if r != nil {
		delete(p.all, key)
		r.stop()
	}
	return r
}

// drop gives back the room.
func (p *prefetched) drop(r *aheadRead) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room += r.size
	r.size = 0
}

// fetched reads what was read ahead.
type fetched struct {
	bytes.Reader
	close func()
}

func (f *fetched) Close() error {
	f.close()
	return nil
}
