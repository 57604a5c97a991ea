package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/internal/filecache"
	"traillake/lake"
)

// envResults bounds the results that are kept, in bytes; 0 keeps none.
const envResults = "TRAILLAKE_RESULT_CACHE"

// resultBytes is the bound where none is given.
const resultBytes = 256 << 20

// addFresh adds the flag of commands that answer people from kept results.
func (o *engineOptions) addFresh(f *pflag.FlagSet) {
	f.BoolVar(&o.fresh, "fresh", false, "compute the rows, also if they are kept from when the same was asked before")
}

// openReusingEngine is openEngine for commands that answer people: the same question about
// the same data is answered from what was kept. What is computed for others to rely on, such
// as a report, takes openEngine. The caller closes it all by calling done.
func (a *app) openReusingEngine(ctx context.Context, store string, limit time.Duration) (l *lake.Lake, e *engine.Engine, done func() error, err error) {
	limitQueryMemory()
	cache, err := a.openResults()
	if err != nil {
		return nil, nil, nil, err
	}
	if l, err = a.openLakeWithin(ctx, store, limit); err != nil {
		return nil, nil, nil, err
	}
	o := engine.Options{}
	done = l.Close
	if cache != nil {
		o.Results = &engine.Results{Cache: cache, Program: build()}
		done = func() error {
			_ = cache.Close() // a help and no truth: the next process makes room
			return l.Close()
		}
	}
	return l, engine.New(l, duck.New(), o), done, nil
}

// openResults opens the folder of kept results; nil where there are to be none, or where there
// is no room for it.
func (a *app) openResults() (*filecache.Cache, error) {
	bound := size(resultBytes)
	switch text := a.getenv(envResults); strings.TrimSpace(text) {
	case "":
	case "0":
		return nil, nil
	default:
		if err := bound.Set(text); err != nil {
			return nil, fmt.Errorf("%s: %w; 0 keeps no results", envResults, err)
		}
	}
	dir, err := a.resultsDir()
	if err != nil {
		return nil, nil
	}
	cache, err := filecache.Open(dir, int64(bound))
	if err != nil {
		return nil, nil
	}
	return cache, nil
}

// resultsDir is the folder of kept results.
func (a *app) resultsDir() (dir string, err error) {
	if dir = a.cache.dir; dir == "" {
		dir, err = a.userDir("XDG_CACHE_HOME", ".cache")
	}
	return filepath.Join(dir, "results"), err
}

// forgetResults removes all kept results of this machine: some may be rows of events that are
// gone.
func (a *app) forgetResults() (err error) {
	dir, err := a.resultsDir()
	if err != nil {
		return nil // there is no place for any
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	cache, err := filecache.Open(dir, resultBytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cache.Close()) }()
	return cache.Clear()
}

// build names this program: its version, and its file, since builds of one's own have no
// versions.
func build() string {
	text := version()
	self, err := os.Executable()
	if err != nil {
		return text
	}
	if file, err := os.Stat(self); err == nil {
		text += fmt.Sprintf(" %d %d", file.Size(), file.ModTime().UnixNano())
	}
	return text
}

// longAgo says how long ago a moment was.
func longAgo(d time.Duration) string {
	pr := printer{people: true}
	switch {
	case d < time.Second:
		return "a moment ago"
	case d < 2*time.Minute:
		return pr.things(int64(d/time.Second), "second", "seconds") + " ago"
	case d < 2*time.Hour:
		return pr.things(int64(d/time.Minute), "minute", "minutes") + " ago"
	case d < 48*time.Hour:
		return pr.things(int64(d/time.Hour), "hour", "hours") + " ago"
	default:
		return pr.things(int64(d/(24*time.Hour)), "day", "days") + " ago"
	}
}
