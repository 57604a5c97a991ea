package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"traillake/lake"
)

// memoryBytes is up to which size a file is held in memory until it is sent. Manifests
// and small data files never touch the disk.
const memoryBytes = 256 << 10

// partTries is how many times as long as a part may take all attempts to send it may take.
const partTries = 4

// partsAtOnce is how many parts of one file are sent at the same time.
const partsAtOnce = 4

// Create implements lake.Storage. The bytes lie on the local disk until Close sends them;
// that the name is taken shows there.
func (s *Storage) Create(ctx context.Context, name string) (lake.Writer, error) {
	if err := s.demandConditional(ctx); err != nil {
		return nil, err
	}
	return &writer{s: s, ctx: ctx, key: s.key(name), sum: sha256.New()}, nil
}

// writer is a file on its way to the bucket.
type writer struct {
	s     *Storage
	ctx   context.Context // of Create: a Writer's Close has none
	key   string
	small bytes.Buffer // while temp is nil
	temp  *os.File
	sum   hash.Hash
	size  int64
	done  bool
}

var _ lake.Writer = (*writer)(nil)

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, fs.ErrClosed
	}
	if w.temp == nil && w.small.Len()+len(p) > memoryBytes {
		f, err := w.s.cache.Temp()
		if err != nil {
			return 0, err
		}
		w.temp = f
		if _, err := f.Write(w.small.Bytes()); err != nil {
			return 0, w.disk(err)
		}
		w.small = bytes.Buffer{}
	}
	var n int
	var err error
	if w.temp == nil {
		n, err = w.small.Write(p)
	} else if n, err = w.temp.Write(p); err != nil {
		err = w.disk(err)
	}
	w.sum.Write(p[:n])
	w.size += int64(n)
	return n, err
}

func (w *writer) disk(err error) error {
	return fmt.Errorf("keep s3://%s/%s until it is sent: %w", w.s.bucket, w.key, err)
}

// Close implements lake.Writer.
func (w *writer) Close() error {
	if w.done {
		return nil
	}
	w.done = true
	if w.temp == nil {
		return w.s.putIfAbsent(w.ctx, w.key, w.small.Bytes())
	}
	return errors.Join(w.send(), w.temp.Close())
}

// Abort implements lake.Writer. Nothing was sent.
func (w *writer) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	w.small = bytes.Buffer{}
	if w.temp == nil {
		return nil
	}
	return w.temp.Close()
}

// send sends a file that lies on the disk.
func (w *writer) send() error {
	id := uuid.NewString()
	sum := [sha256.Size]byte(w.sum.Sum(nil))
	if w.size > w.s.part {
		return w.sendParts(sum, id)
	}
	return w.s.conditional(w.ctx, w.key, id, transferTime(w.size), func(ctx context.Context) error {
		in := w.s.object(w.key, sum, id)
		in.IfNoneMatch = aws.String("*")
		in.Body = io.NewSectionReader(w.temp, 0, w.size)
		_, err := w.s.client.PutObject(ctx, in, once)
		return err
	})
}

// transferTime is how long a transfer may take: at 64 KiB/s it is given up.
func transferTime(size int64) time.Duration {
	return attemptTime + time.Duration(size/(64<<10))*time.Second
}

// beginnings is how often a reply is asked for anew that tells of an upload and cannot be read.
const beginnings = 8

// begin begins an upload in parts and returns its id. The SDK does not repeat a request whose reply was cut
// off; an upload that was begun by it and whose id nobody knows does no harm.
func (w *writer) begin(sum [sha256.Size]byte, id string) (upload *string, err error) {
	for range beginnings {
		var started *s3.CreateMultipartUploadOutput
		started, err = w.s.client.CreateMultipartUpload(w.ctx, &s3.CreateMultipartUploadInput{
			Bucket: &w.s.bucket, Key: &w.key, Metadata: metadata(sum, id), ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
		})
		if err == nil {
			return started.UploadId, nil
		}
		var unread *smithy.DeserializationError
		if !errors.As(err, &unread) || w.ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// sendParts sends a large file in parts. It becomes visible when they are put together,
// by a request that fails when the name is taken.
func (w *writer) sendParts(sum [sha256.Size]byte, id string) (err error) {
	s := w.s
	upload, err := w.begin(sum, id)
	if err != nil {
		return s.explain(err, "write", "s3:PutObject", w.key)
	}
	parts := make([]types.CompletedPart, (w.size+s.part-1)/s.part)
	g, ctx := errgroup.WithContext(w.ctx)
	g.SetLimit(partsAtOnce)
	for i := range parts {
		g.Go(func() error { return w.sendPart(ctx, upload, int64(i), &parts[i]) })
	}
	if err := g.Wait(); err != nil {
		return errors.Join(err, w.drop(upload))
	}
	err = s.conditional(w.ctx, w.key, id, transferTime(w.size), func(ctx context.Context) error {
		_, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &s.bucket, Key: &w.key, UploadId: upload, IfNoneMatch: aws.String("*"),
			MultipartUpload: &types.CompletedMultipartUpload{Parts: slices.Clone(parts)},
		}, once)
		return err
	})
	if errors.Is(err, lake.ErrOutcomeUnknown) {
		return err
	}
	if err != nil {
		return errors.Join(err, w.drop(upload))
	}
	fi, err := s.stat(w.ctx, w.key)
	if err != nil {
		return err
	}
	if n := aws.ToInt64(fi.ContentLength); n != w.size {
		return fmt.Errorf("write s3://%s/%s: %d bytes arrived, %d were sent", s.bucket, w.key, n, w.size)
	}
	return nil
}

func (w *writer) sendPart(ctx context.Context, upload *string, i int64, part *types.CompletedPart) error {
	s := w.s
	section := func() *io.SectionReader {
		return io.NewSectionReader(w.temp, i*s.part, min(s.part, w.size-i*s.part))
	}
	h := sha256.New()
	if _, err := io.Copy(h, section()); err != nil {
		return w.disk(err)
	}
	sum := aws.String(base64.StdEncoding.EncodeToString(h.Sum(nil)))
	number := aws.Int32(int32(i + 1))
	ctx, cancel := context.WithTimeout(ctx, partTries*transferTime(s.part))
	defer cancel()
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.bucket, Key: &w.key, UploadId: upload, PartNumber: number, Body: section(), ChecksumSHA256: sum,
	})
	if err != nil {
		return s.explain(err, "write", "s3:PutObject", w.key)
	}
	*part = types.CompletedPart{PartNumber: number, ETag: out.ETag, ChecksumSHA256: sum}
	return nil
}

// drop removes parts that come to nothing. Those that stay cost room and do no harm.
func (w *writer) drop(upload *string) error {
	ctx := context.WithoutCancel(w.ctx)
	_, err := w.s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &w.s.bucket, Key: &w.key, UploadId: upload})
	if err = w.s.explain(err, "drop parts of", "s3:AbortMultipartUpload", w.key); errors.Is(err, fs.ErrNotExist) || codeOf(err) == "NoSuchUpload" {
		return nil
	}
	return err
}
