package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"traillake/internal/stretch"
	"traillake/lake/pages"
	"traillake/schema"
)

// fetches is how many files are fetched at the same time: those of which a query needs
// little take a request or two each, and wait for them most of the time. A guess.
const fetches = 32

// smallFile is the size up to which a file comes whole: a second request would take longer
// than the rest of it. A guess.
const smallFile = 1 << 20

// Fetch returns the paths at which files of the store, as Snapshot.Files returned them, can
// be opened on this machine, in the same order. Those that lie elsewhere are brought here:
// whole where reads is nil, otherwise at least what a reader of the columns needs that reads
// chooses by their names. Such a reader calls CheckRead first, and Forget when it notices
// damage. The paths are good until release is called; on a local disk it does nothing.
func (s *Store) Fetch(ctx context.Context, files []DataFile, reads func(column string) bool) (paths []string, release func(), err error) {
	paths = make([]string, len(files))
	releases := make([]func(), len(files))
	release = sync.OnceFunc(func() {
		for _, done := range releases {
			if done != nil {
				done()
			}
		}
	})
	err = s.eachRemote(ctx, files, func(i int, path string) { paths[i] = path },
		func(ctx context.Context, i int, f *fetching) (err error) {
			paths[i], releases[i], err = f.columns(ctx, reads)
			return err
		})
	if err != nil {
		release()
		return nil, nil, fmt.Errorf("fetch data files of store %s: %w", s.Name(), err)
	}
	return paths, release, nil
}

// Forget drops the copies of files of the store, if they lie elsewhere, so that they are
// fetched anew when they are wanted: it is for who noticed damage.
func (s *Store) Forget(files []DataFile) {
	r, ok := s.st.(Remote)
	if !ok {
		return
	}
	for _, file := range files {
		if name, err := nameOf(s.st.Root(), file.URI); err == nil {
			r.Forget(name)
		}
	}
}

// eachRemote calls local for each file with the path that it has on this machine, and
// fetch for those that have none, several at a time.
func (s *Store) eachRemote(ctx context.Context, files []DataFile, local func(i int, path string), fetch func(context.Context, int, *fetching) error) error {
	p := &fetchProgress{lake: s.lake}
	work := make([]*fetching, len(files))
	for i, file := range files {
		name, err := nameOf(s.st.Root(), file.URI)
		if err != nil {
			return err
		}
		if path := s.st.LocalPath(name); path != "" {
			local(i, path)
			continue
		}
		work[i] = &fetching{st: s.st, name: name, size: file.Bytes, progress: p}
		p.size += file.Bytes
	}
	if p.size == 0 {
		return nil
	}
	defer p.end()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(fetches)
	for i, f := range work {
		if f == nil {
			continue
		}
		g.Go(func() error {
			err := fetch(gctx, i, f)
			if err == nil {
				f.came()
			}
			return err
		})
	}
	return g.Wait()
}

// fetching is a file that is brought to this machine.
type fetching struct {
	st       Storage
	name     string
	size     int64
	progress *fetchProgress
	wanted   int64 // bytes that come
	known    bool  // that wanted says how many
}

// errWhole says that a file had better be fetched whole.
var errWhole = errors.New("too much of the file is needed")

// columns fetches what a reader of some columns needs.
func (f *fetching) columns(ctx context.Context, reads func(column string) bool) (string, func(), error) {
	if reads == nil || f.size <= smallFile {
		return f.whole(ctx)
	}
	columns := chosen(reads)
	path, release, err := f.parts(ctx, pages.FooterTail(f.size), func(p Parts) bool {
		return p.Held().Bytes() == f.size || columns != nil && !slices.ContainsFunc(columns, lacksIn(p.Note()))
	}, func(p Parts) error {
		need, ok, err := pages.Needed(p, f.size, reads)
		if err != nil {
			return err
		}
		lacking := need.Without(p.Held())
		switch {
		case !ok || lacking != nil && p.Held().And(need).Bytes() > f.size/2:
			return errWhole
		case lacking == nil:
			return nil
		}
		f.expect(lacking.Bytes())
		if err := p.Bring(need); err != nil {
			return err
		}
		now := append(strings.Split(p.Note(), ","), columns...)
		slices.Sort(now)
		p.SetNote(strings.Join(slices.Compact(now), ","))
		return pages.Check(p, f.size, reads)
	})
	if errors.Is(err, errWhole) {
		return f.whole(ctx)
	}
	return path, release, err
}

func (f *fetching) whole(ctx context.Context) (string, func(), error) {
	f.expect(f.size)
	return fetchFrom(ctx, f.st, f.name, f.size)
}

// damagedAttempts is how often parts are fetched that come damaged: the network may have
// done it, or the bucket.
const damagedAttempts = 3

// chosen returns the names of the columns that reads chooses.
func chosen(reads func(column string) bool) (names []string) {
	for _, c := range schema.Stored() {
		if reads(c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// lacksIn reports which columns are not among those of a note, which says what has come, so
// that nobody needs to look into the footer.
func lacksIn(note string) func(column string) bool {
	here := strings.Split(note, ",")
	return func(column string) bool { return !slices.Contains(here, column) }
}

// parts has the tail of a file come, and then what bring wants, unless all is here.
func (f *fetching) parts(ctx context.Context, tail int64, here func(Parts) bool, bring func(Parts) error) (path string, release func(), err error) {
	r, ok := f.st.(Remote)
	if !ok {
		return "", nil, fmt.Errorf("fetch %s: %w: the storage has no local copies", f.name, ErrInvalid)
	}
	for range damagedAttempts {
		path, release, err = r.FetchParts(ctx, f.name, f.size, func(p Parts) error {
			if here(p) {
				return nil
			}
			if err := p.Bring(stretch.Of(stretch.Stretch{At: f.size - tail, Length: tail})); err != nil {
				return err
			}
			return bring(p)
		})
		if !errors.Is(err, pages.ErrDamaged) {
			break
		}
		r.Forget(f.name)
	}
	return path, release, damage(f.name, err)
}

// expect says how much of the file will come; the first that says so counts.
func (f *fetching) expect(bytes int64) {
	if f.known {
		return
	}
	f.wanted, f.known = bytes, true
	p := f.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	p.knownSize += f.size
	p.wanted += bytes
}

// came says that the file is here.
func (f *fetching) came() {
	f.expect(0)
	p := f.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += f.wanted
	// Of the others, as large a part is taken to be wanted.
	total := p.wanted + int64(float64(p.wanted)*float64(p.size-p.knownSize)/float64(max(1, p.knownSize)))
	if p.done < total {
		p.lake.fetching(p.done, total)
	}
}

// fetchProgress counts for Options.Fetching.
type fetchProgress struct {
	lake *Lake
	size int64 // of all files

	mu        sync.Mutex // guards what follows
	knownSize int64      // of the files of which is known how much is wanted
	wanted    int64      // of these
	done      int64
}

func (p *fetchProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lake.fetching(p.wanted, p.wanted)
}
