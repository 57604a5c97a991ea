package command

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"traillake/lake"
	"traillake/lake/s3"
)

// cacheOptions say where copies of a lake on S3 lie.
type cacheOptions struct {
	dir  string
	size size
}

// addFlags adds the flags, which like those of AWS are explained by 'traillake help s3'.
func (o *cacheOptions) addFlags(f *pflag.FlagSet) {
	flags := pflag.NewFlagSet("cache", pflag.ContinueOnError)
	flags.StringVar(&o.dir, "cache-dir", "", "`folder` for copies of files of a lake on S3")
	flags.Var(&o.size, "cache-size", "about the most `bytes` of them to keep")
	flags.VisitAll(func(flag *pflag.Flag) { flag.Hidden = true })
	f.AddFlagSet(flags)
}

// onS3 reports whether a lake lies on S3, by the name of its place.
func onS3(root string) bool { return strings.HasPrefix(root, "s3://") }

// lakeOptions says how to open the lake at a place.
func (a *app) lakeOptions(ctx context.Context, root string) (lake.Options, error) {
	o := lakeOptions()
	o.Today = a.today
	o.Logger = slog.New(&warnings{app: a})
	if !onS3(root) {
		return o, nil
	}
	if err := a.aws.Validate(); err != nil {
		return o, &usageError{nil, err}
	}
	dir := a.cache.dir
	if dir == "" {
		var err error
		if dir, err = a.userDir("XDG_CACHE_HOME", ".cache"); err != nil {
			return o, fmt.Errorf("where is room for copies of the lake's files? Give --cache-dir DIR: %w", err)
		}
	}
	st, err := s3.Open(ctx, root, s3.Options{Access: a.aws, CacheDir: dir, CacheBytes: int64(a.cache.size)})
	if err != nil {
		return o, fmt.Errorf("open lake %s: %w", root, err)
	}
	o.Storage = st
	o.Fetching = (&fetchBar{app: a}).show
	return o, nil
}

// fetchBar shows how much of a query's files is here, if that takes time.
type fetchBar struct {
	app *app

	mu      sync.Mutex // guards what follows
	started time.Time  // zero while nothing is fetched
	bar     *progress
}

// fetchQuietly is for how long nothing is shown.
const fetchQuietly = time.Second

// show is a lake.Options.Fetching.
func (b *fetchBar) show(done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case done == total:
		b.bar.end()
		b.started, b.bar = time.Time{}, nil
		return
	case b.started.IsZero():
		b.started = time.Now()
	}
	if b.bar == nil && time.Since(b.started) > fetchQuietly {
		b.bar = b.app.newProgress(false)
	}
	if b.bar != nil {
		pr := printer{people: true}
		b.bar.show(done, total, fmt.Sprintf("%s/%s of the lake's files fetched", pr.bytes(done), pr.bytes(total)))
	}
}
