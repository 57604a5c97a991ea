package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/lake"
)

// tailBytes is how much of the end of a file is read when it is opened: the whole of a
// small file, and the footer of most Parquet files, which take 20 to 40 KiB.
const tailBytes = 64 << 10

// Open implements lake.Storage. Only what is read is transferred: the end at once, other
// ranges one by one, and what is read from front to back as a stream.
func (s *Storage) Open(ctx context.Context, name string) (lake.File, error) {
	key := s.key(name)
	f := &file{stream: stream{s: s, ctx: ctx, key: key}}
	var err error
	for n := range readAttempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return nil, err
			}
		}
		if err = f.readTail(); !errors.Is(err, errShort) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// readTail reads the end of the file, which tells its size.
func (f *file) readTail() error {
	out, err := f.s.client.GetObject(f.ctx, &s3.GetObjectInput{Bucket: &f.s.bucket, Key: &f.key, Range: aws.String("bytes=-" + strconv.Itoa(tailBytes))})
	if statusOf(err) == http.StatusRequestedRangeNotSatisfiable { // an empty object has no end
		b, err := f.s.get(f.ctx, f.key)
		if err == nil && len(b) > 0 {
			err = fmt.Errorf("read s3://%s/%s: %w: it changes", f.s.bucket, f.key, errShort)
		}
		return err
	}
	if err != nil {
		return f.s.explain(err, "read", "s3:GetObject", f.key)
	}
	f.etag = aws.ToString(out.ETag)
	f.tail, err = io.ReadAll(out.Body)
	_ = out.Body.Close()
	from := int64(0)
	if r := aws.ToString(out.ContentRange); r != "" {
		var last int64
		if _, scanErr := fmt.Sscanf(r, "bytes %d-%d/%d", &from, &last, &f.size); scanErr != nil {
			return fmt.Errorf("read s3://%s/%s: its range is %q: %w", f.s.bucket, f.key, r, scanErr)
		}
		if err == nil && last+1 != f.size {
			err = fmt.Errorf("its range is %q", r)
		}
	} else {
		f.size = aws.ToInt64(out.ContentLength)
	}
	if err == nil && from+int64(len(f.tail)) != f.size {
		err = fmt.Errorf("%d bytes of %d came", len(f.tail), f.size-from)
	}
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w: %w", f.s.bucket, f.key, errShort, err)
	}
	f.tailAt = from
	return nil
}

// file reads an object.
type file struct {
	stream
	tail   []byte
	tailAt int64
}

var _ lake.File = (*file)(nil)

// Size implements lake.File.
func (f *file) Size() int64 { return f.size }

// Read implements io.Reader.
func (f *file) Read(p []byte) (int, error) {
	if f.pos >= f.tailAt && f.body == nil {
		n, err := f.ReadAt(p[:min(int64(len(p)), max(0, f.size-f.pos))], f.pos)
		f.pos += int64(n)
		if n == 0 && err == nil && len(p) > 0 {
			err = io.EOF
		}
		return n, err
	}
	return f.stream.Read(p)
}

// Seek implements io.Seeker.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	if offset != f.pos {
		f.stop()
		f.pos = offset
	}
	return offset, nil
}

// ReadAt implements io.ReaderAt. It may be called by several goroutines.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read before the beginning")
	}
	var end error
	if rest := max(0, f.size-off); int64(len(p)) > rest {
		p, end = p[:rest], io.EOF
	}
	if len(p) == 0 {
		return 0, end
	}
	if off >= f.tailAt {
		return copy(p, f.tail[off-f.tailAt:]), end
	}
	// A stream of its own: it goes on where a reply breaks off.
	part := stream{s: f.s, ctx: f.ctx, key: f.key, etag: f.etag, size: off + int64(len(p)), pos: off}
	defer part.stop()
	n, err := io.ReadFull(&part, p)
	if err != nil {
		return n, err
	}
	return n, end
}

// Close implements io.Closer.
func (f *file) Close() error {
	f.stop()
	return nil
}

// stream reads an object, or a part of it, from front to back.
type stream struct {
	s    *Storage
	ctx  context.Context // of who opened it: a Reader's calls have none
	key  string
	etag string // of the object as it was opened; of the first reply, if it is not known
	// whole is the object's size, zero where it is not known; the reading ends at size.
	whole, size int64
	pos         int64
	body        io.ReadCloser // from pos on; nil while nothing is asked for
	bad         int           // replies that broke off since one gave something
}

// Read implements io.Reader. Where a reply breaks off it asks for the rest, and wants it
// to be of the same object.
func (r *stream) Read(p []byte) (int, error) {
	for {
		if r.pos >= r.size {
			return 0, io.EOF
		}
		if len(p) == 0 {
			return 0, nil
		}
		if r.body == nil {
			if err := r.start(); err != nil {
				return 0, err
			}
		}
		n, err := r.body.Read(p[:min(int64(len(p)), r.size-r.pos)])
		r.pos += int64(n)
		if n > 0 {
			r.bad = 0
		}
		if err != nil {
			r.stop()
		}
		if n > 0 || err == nil {
			return n, nil
		}
		if r.bad++; r.bad >= readAttempts || r.ctx.Err() != nil {
			return 0, fmt.Errorf("read s3://%s/%s from byte %d: %w: %w", r.s.bucket, r.key, r.pos, errShort, err)
		}
		if err := pause(r.ctx, r.bad); err != nil {
			return 0, err
		}
	}
}

func (r *stream) start() error {
	in := &s3.GetObjectInput{Bucket: &r.s.bucket, Key: &r.key, Range: aws.String(fmt.Sprintf("bytes=%d-%d", r.pos, r.size-1))}
	if r.etag != "" {
		in.IfMatch = &r.etag
	}
	out, err := r.s.client.GetObject(r.ctx, in)
	if err != nil {
		return r.s.explain(err, "read", "s3:GetObject", r.key)
	}
	got := aws.ToString(out.ContentRange)
	if !strings.HasPrefix(got, fmt.Sprintf("bytes %d-", r.pos)) {
		return errors.Join(fmt.Errorf("read s3://%s/%s: asked for bytes from %d on, got %q", r.s.bucket, r.key, r.pos, got), out.Body.Close())
	}
	if r.whole > 0 && !strings.HasSuffix(got, fmt.Sprintf("/%d", r.whole)) {
		return errors.Join(fmt.Errorf("read s3://%s/%s: %w: its range is %q, and the file should have %d bytes", r.s.bucket, r.key, lake.ErrCorrupt, got, r.whole), out.Body.Close())
	}
	if r.etag == "" {
		r.etag = aws.ToString(out.ETag)
	}
	r.body = out.Body
	return nil
}

// stop ends the reply that is being read.
func (r *stream) stop() {
	if r.body != nil {
		_ = r.body.Close() // what is wrong with it is of no matter any more
		r.body = nil
	}
}

// Close implements io.Closer.
func (r *stream) Close() error {
	r.stop()
	return nil
}
