package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"traillake/lake/source"
	"traillake/lake/source/dir"
	"traillake/lake/source/stdin"
)

// sources lists several sources as one, so that they share commits. An object that two
// of them list is taken once.
type sources struct {
	all []source.Source
	// streams are closed at the end.
	streams []io.Closer
}

var _ source.Source = (*sources)(nil)

// openSources opens what the arguments name: folders, files, and - for standard input.
func openSources(ctx context.Context, in io.Reader, args []string) (_ *sources, err error) {
	s := &sources{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, arg := range args {
		switch {
		case arg == stdin.Key && len(s.streams) > 0:
			return nil, errors.New("standard input is named twice")
		case arg == stdin.Key:
			if isTerminal(in) {
				return nil, errors.New("- reads standard input, which is a terminal; pipe a log into it")
			}
			st, err := stdin.Open(ctx, in)
			if err != nil {
				return nil, err
			}
			s.streams = append(s.streams, st)
			s.all = append(s.all, st)
		case strings.HasPrefix(arg, "s3://"):
			return nil, fmt.Errorf("open source %s: S3 is no source yet; copy the logs with 'aws s3 sync %s DIR' and ingest DIR", arg, arg)
		default:
			d, err := dir.Open(arg)
			if err != nil {
				return nil, err
			}
			s.all = append(s.all, d)
		}
	}
	return s, nil
}

// Close removes what standard input left.
func (s *sources) Close() error {
	var errs []error
	for _, c := range s.streams {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// List implements source.Source, one source after the other.
func (s *sources) List(ctx context.Context) iter.Seq2[source.Object, error] {
	if len(s.all) == 1 {
		return s.all[0].List(ctx)
	}
	return func(yield func(source.Object, error) bool) {
		seen := make(map[string]bool)
		for _, src := range s.all {
			for o, err := range src.List(ctx) {
				if seen[o.Key] {
					continue
				}
				seen[o.Key] = true
				if !yield(o, err) {
					return
				}
			}
		}
	}
}

// Open implements source.Source. Keys tell which kind of source an object is from, and
// folders are alike: they open any path.
func (s *sources) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	for _, src := range s.all {
		_, stream := src.(*stdin.Source)
		if stream == (o.Key == stdin.Key) {
			return src.Open(ctx, o)
		}
	}
	return nil, fmt.Errorf("open %s: no source lists it", o.Key)
}
