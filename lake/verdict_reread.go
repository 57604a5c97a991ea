package lake

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

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
	wanted := func(o ObjectEntry) bool {
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

// reread hashes the texts of objects that are as they were when they were ingested, and enters
// the others in lost.
func (in *ingest) reread(ctx context.Context, objects []ObjectEntry, lost map[[16]byte]bool) (textHashes, error) {
	texts := make(textHashes)
	var mu sync.Mutex // guards texts, lost and what in has
	next := make(chan ObjectEntry)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(next)
		for _, o := range objects {
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
				obj := source.Object{Bucket: o.Bucket, Key: o.Key, Version: o.Version, ETag: o.ETag, Size: o.Size, ModTime: o.MTime}
				hashed := ObjectEntry{SHA256: o.SHA256} // which hashText compares
				_, err := w.hashText(ctx, obj, false, false, &hashed)
				var failed *objectFailure
				if err != nil && !errors.As(err, &failed) {
					return err
				}
				mu.Lock()
				in.rereadOne(o, hashed.TextSHA256, err, texts, lost)
				mu.Unlock()
			}
			return nil
		})
	}
	return texts, g.Wait()
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
