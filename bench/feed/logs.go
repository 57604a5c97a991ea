package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"

	"traillake/lake/source"
	"traillake/lake/source/dir"
)

// Logs are the objects of a folder in the order of their delivery, which is that of the
// times in their names.
type Logs struct {
	from    *dir.Source
	objects []source.Object // 400 bytes each, so a million of them take 400 MB
}

// Open lists the folder.
func Open(ctx context.Context, folder string) (*Logs, error) {
	from, err := dir.Open(folder)
	if err != nil {
		return nil, err
	}
	l := &Logs{from: from}
	for o, err := range from.List(ctx) {
		var leftOut *source.LeftOut
		if errors.As(err, &leftOut) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", folder, err)
		}
		l.objects = append(l.objects, o)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(l.objects, func(a, b source.Object) int {
		return cmp.Or(cmp.Compare(delivered(a), delivered(b)), cmp.Compare(a.Key, b.Key))
	})
	return l, nil
}

// delivered is the part of a name that is a time: names end with _20261029T0155Z_ and a
// unique text of one length.
func delivered(o source.Object) string {
	name := filepath.Base(o.Key)
	const behind = len("20261029T0155Z_kSQRrgpzIvLxxxv7.json.gz")
	return name[max(0, len(name)-behind):]
}

// Len returns the number of objects.
func (l *Logs) Len() int { return len(l.objects) }

// Portion returns the objects from number from up to, but not including, number to.
func (l *Logs) Portion(from, to int) source.Source {
	return portion{l.from, l.objects[from:to]}
}

type portion struct {
	from    *dir.Source
	objects []source.Object
}

// List implements source.Source.
func (p portion) List(ctx context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		for _, o := range p.objects {
			if ctx.Err() != nil || !yield(o, nil) {
				return
			}
		}
	}
}

// Open implements source.Source.
func (p portion) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	return p.from.Open(ctx, o)
}
