package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"traillake/engine/encode"
	"traillake/internal/awsclient"
	"traillake/lake/source"
	"traillake/lake/source/dir"
	"traillake/lake/source/s3"
	"traillake/lake/source/stdin"
)

// sources lists several sources as one, so that they share commits. An object that two
// of them list is taken once.
type sources struct {
	all []source.Source
	// streams are closed at the end.
	streams []io.Closer
}

var (
	_ source.Source     = (*sources)(nil)
	_ source.Prefetcher = (*sources)(nil)
)

// openSources opens what the arguments name: folders, files, places on S3, and - for
// standard input. The filter is for sources that list less by it. Those that are followed
// may be places on S3 where nothing is yet.
func (a *app) openSources(ctx context.Context, args []string, filter source.Filter, followed bool) (_ *sources, err error) {
	s := &sources{}
	in := a.stdin
	var client *awsclient.Client
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
			bucket, prefix, err := awsclient.ParseURL(arg)
			if err != nil {
				return nil, &usageError{nil, err}
			}
			if client == nil {
				if client, err = a.openAWS(ctx); err != nil {
					return nil, err
				}
			}
			b, err := client.Bucket(ctx, bucket)
			if err != nil {
				return nil, err
			}
			opts := s3.Options{Filter: filter, Now: a.now}
			if followed {
				opts.Await = func(url string) { a.say("nothing is in %s yet; waiting for what comes\n", encode.Printable(url)) }
			}
			o, err := s3.Open(ctx, b, bucket, prefix, opts)
			if err != nil {
				return nil, err
			}
			s.all = append(s.all, o)
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
	var lists []iter.Seq2[source.Object, error]
	for _, src := range s.all {
		lists = append(lists, src.List(ctx))
	}
	return once(lists)
}

// once yields what several lists hold, each object once, and each problem. What one of them
// leaves out another may take, so that it is known at their end only what is left out.
func once(lists []iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
	type found struct{ bucket, key, problem string }
	type leftOut struct {
		source.Object
		err error
	}
	return func(yield func(source.Object, error) bool) {
		seen := make(map[found]bool)
		var left []leftOut
		for _, list := range lists {
			for o, err := range list {
				f := found{o.Bucket, o.Key, ""}
				if err != nil {
					f.problem = err.Error()
				}
				if seen[f] {
					continue
				}
				seen[f] = true
				var out *source.LeftOut
				if errors.As(err, &out) {
					left = append(left, leftOut{o, err})
				} else if !yield(o, err) {
					return
				}
			}
		}
		for _, l := range left {
			if !seen[found{l.Bucket, l.Key, ""}] && !yield(l.Object, l.err) {
				return
			}
		}
	}
}

// Open implements source.Source.
func (s *sources) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	if src := s.of(o); src != nil {
		return src.Open(ctx, o)
	}
	return nil, fmt.Errorf("open %s: no source lists it", o.Key)
}

// Prefetch implements source.Prefetcher.
func (s *sources) Prefetch(ctx context.Context, o source.Object) {
	if p, ok := s.of(o).(source.Prefetcher); ok {
		p.Prefetch(ctx, o)
	}
}

// of returns a source that opens the object. Bucket and key tell which kind of source it
// is from, and those of a kind are alike: they open any path, or any key of a bucket.
func (s *sources) of(o source.Object) source.Source {
	for _, src := range s.all {
		switch src := src.(type) {
		case *s3.Source:
			if o.Bucket == src.Bucket() {
				return src
			}
		case *stdin.Source:
			if o.Bucket == "" && o.Key == stdin.Key {
				return src
			}
		default:
			if o.Bucket == "" && o.Key != stdin.Key {
				return src
			}
		}
	}
	return nil
}
