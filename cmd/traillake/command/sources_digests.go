package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"time"

	"traillake/lake/source"
	"traillake/lake/source/dir"
)

var _ source.Digests = (*sources)(nil)

// ListDigests implements source.Digests, one source after the other.
func (s *sources) ListDigests(ctx context.Context, from time.Time) iter.Seq2[source.Object, error] {
	var lists []iter.Seq2[source.Object, error]
	for _, src := range s.all {
		if d, ok := src.(source.Digests); ok {
			lists = append(lists, d.ListDigests(ctx, from))
		}
	}
	return once(lists)
}

// ReadDigest implements source.Digests.
func (s *sources) ReadDigest(ctx context.Context, o source.Object) (stored []byte, metadata map[string]string, err error) {
	err = s.digests(o, func(d source.Digests) error {
		stored, metadata, err = d.ReadDigest(ctx, o)
		return err
	})
	return stored, metadata, err
}

// Stat implements source.Digests.
func (s *sources) Stat(ctx context.Context, o source.Object) (found source.Object, err error) {
	err = s.digests(o, func(d source.Digests) error {
		found, err = d.Stat(ctx, o)
		return err
	})
	return found, err
}

// Below implements source.Digests.
func (s *sources) Below(o source.Object) bool {
	return slices.ContainsFunc(s.all, func(src source.Source) bool {
		d, ok := src.(source.Digests)
		return ok && d.Below(o)
	})
}

// digests asks the sources that may have o, one after the other: folders for files, all
// others for what is in a bucket.
func (s *sources) digests(o source.Object, ask func(source.Digests) error) error {
	last := fmt.Errorf("open %s: no source has it: %w", o.Key, fs.ErrNotExist)
	for _, src := range s.all {
		d, ok := src.(source.Digests)
		if _, folder := src.(*dir.Source); !ok || folder != (o.Bucket == "") {
			continue
		}
		if last = ask(d); !errors.Is(last, fs.ErrNotExist) {
			return last
		}
	}
	return last
}
