package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"traillake/internal/ctxread"
	"traillake/lake/source"
)

// textHashes are of the texts of objects that were ingested without, in hex, by contentKey. It is
// empty of a text that cannot be read to its end.
type textHashes map[[16]byte]string

// giveVerdicts gives objects of earlier ingests the verdicts that they lack. Where the ingest is
// to, it reads those again whose texts nobody hashed.
func (in *ingest) giveVerdicts(ctx context.Context) error {
	r := &in.result
	lost := make(map[[16]byte]bool) // could not be read again
	place, _ := in.src.(source.Digests)
	wanted := func(o ObjectEntry) bool {
		if place != nil && !place.Below(source.Object{Bucket: o.Bucket, Key: o.Key}) {
			return false // it was ingested from elsewhere
		}
		chosen, _ := in.o.Filter.Match(source.ParseKey(filepath.ToSlash(o.Key)))
		return chosen && !lost[contentKey(o.Bucket, o.Key, o.SHA256)]
	}
	var texts textHashes
	for {
		later, err := in.store.completeVerdicts(ctx, in.o.Digests, texts, wanted)
		r.LaterVerified += later.Verified
		r.LaterMismatched += later.Failed
		r.Mismatches = firstFew(append(r.Mismatches, later.Problems...))
		if err != nil {
			return err
		}
		if !in.o.Reread || len(later.unhashed) == 0 {
			r.LaterUnhashed = int64(len(lost)) + later.open
			return nil
		}
		if texts, err = in.reread(ctx, later.unhashed, lost); err != nil {
			return err
		}
	}
}

// reread hashes the texts of objects that have the content that was ingested, and enters the
// others in lost. It ends early so that what was read is committed now and then.
func (in *ingest) reread(ctx context.Context, objects []ObjectEntry, lost map[[16]byte]bool) (textHashes, error) {
	texts := make(textHashes)
	var mu sync.Mutex // guards texts, lost and what in has
	ends := time.Now().Add(in.o.CommitEvery)
	next := make(chan ObjectEntry)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(next)
		for i, o := range objects {
			if i > 0 && time.Now().After(ends) {
				return nil
			}
			select {
			case next <- o:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range fetches {
		w := &worker{in: in}
		g.Go(func() error {
			for o := range next {
				text, err := w.rehash(ctx, o)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				mu.Lock()
				in.rereadOne(o, text, err, texts, lost)
				mu.Unlock()
			}
			return nil
		})
	}
	return texts, g.Wait()
}

// rehash returns the hash of the text of what lies in the place of an object now, which must be
// what was ingested; its time and ETag may be others. Of a text without end it is empty.
func (w *worker) rehash(ctx context.Context, o ObjectEntry) (string, error) {
	obj := source.Object{Bucket: o.Bucket, Key: o.Key, Version: o.Version, ETag: o.ETag, Size: o.Size, ModTime: o.MTime}
	if d, ok := w.in.src.(source.Digests); ok {
		var err error
		if obj, err = d.Stat(ctx, obj); err != nil {
			return "", err
		}
	}
	r, err := w.in.src.Open(ctx, obj)
	if err != nil {
		return "", err
	}
	defer r.Close()
	stored := &hashReader{r: ctxread.New(ctx, r), hash: sha256.New()}
	h := sha256.New()
	text, textErr := w.decompress(stored)
	if textErr == nil {
		_, textErr = io.Copy(h, &limitReader{r: text, left: w.in.o.MaxObject, max: w.in.o.MaxObject})
	}
	if _, err := io.Copy(io.Discard, stored); err != nil || stored.err != nil {
		return "", cmp.Or(stored.err, err)
	}
	switch {
	case stored.sum() != o.SHA256:
		return "", errors.New("its content is not what was ingested")
	case textErr != nil:
		return "", nil
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (in *ingest) rereadOne(o ObjectEntry, text string, err error, texts textHashes, lost map[[16]byte]bool) {
	if in.o.Progress != nil {
		in.progress.Reread++
		in.o.Progress(in.progress)
	}
	key := contentKey(o.Bucket, o.Key, o.SHA256)
	if err == nil {
		texts[key] = text
		return
	}
	lost[key] = true
	in.result.Lost = firstFew(append(in.result.Lost, ObjectProblem{Object: o.Key, Reason: err.Error()}))
}
