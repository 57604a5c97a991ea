package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"traillake/internal/stretch"
)

// Remote is a Storage whose files lie on another machine: its LocalPath returns "". It may
// keep copies of files that Immutable says never change.
type Remote interface {
	Storage
	// Fetch returns the path of a local copy of a file that never changes and has the
	// given size. The bytes were compared with their hash when they came. The copy stays
	// until release is called.
	Fetch(ctx context.Context, name string, size int64) (path string, release func(), err error)
	// FetchParts is Fetch for a reader that needs only parts of the file. The copy has the
	// file's size, and may have holes, which read as zeros, where neither bring nor an
	// earlier call has had anything come; or it is whole. No hash is compared: the reader
	// must notice damage, and then Forget the file. That the file is of another size, or
	// another than it was while parts came, is an error that wraps ErrCorrupt. When bring
	// returns an error so does FetchParts, and what came is forgotten.
	FetchParts(ctx context.Context, name string, size int64, bring func(Parts) error) (path string, release func(), err error)
	// Forget drops the copies of a file, which are fetched anew when they are wanted.
	// Whoever has fetched them keeps them.
	Forget(name string)
	// Uncached returns the same storage without local copies: what it reads is what is
	// there. It is closed with the storage.
	Uncached() Storage
}

// Parts is a file of which only parts may be on this machine. It is for one goroutine.
type Parts interface {
	// ReadAt reads what is here, and has come what is not.
	io.ReaderAt
	// Bring has stretches of the file come, those that are close to each other together.
	Bring(list stretch.Set) error
	// Held returns which stretches are here.
	Held() stretch.Set
	// Note returns what SetNote was given when the last of them came, also in another
	// process; "" for nothing.
	Note() string
	// SetNote has a text kept with what comes.
	SetNote(text string)
}

var _ Remote = subStorage{}

// Fetch implements Remote where the whole storage does.
func (s subStorage) Fetch(ctx context.Context, name string, size int64) (string, func(), error) {
	r, ok := s.Storage.(Remote)
	if !ok {
		return "", nil, fmt.Errorf("fetch %s: %w: the storage has no local copies", name, ErrInvalid)
	}
	return r.Fetch(ctx, s.dir+"/"+name, size)
}

// FetchParts implements Remote where the whole storage does.
func (s subStorage) FetchParts(ctx context.Context, name string, size int64, bring func(Parts) error) (string, func(), error) {
	r, ok := s.Storage.(Remote)
	if !ok {
		return "", nil, fmt.Errorf("fetch %s: %w: the storage has no local copies", name, ErrInvalid)
	}
	return r.FetchParts(ctx, s.dir+"/"+name, size, bring)
}

// Forget implements Remote.
func (s subStorage) Forget(name string) {
	if r, ok := s.Storage.(Remote); ok {
		r.Forget(s.dir + "/" + name)
	}
}

// Uncached implements Remote.
func (s subStorage) Uncached() Storage { return subStorage{uncached(s.Storage), s.dir, s.madeAt} }

// uncached returns a storage that reads what is there.
func uncached(st Storage) Storage {
	if r, ok := st.(Remote); ok {
		return r.Uncached()
	}
	return st
}

// Immutable reports whether a file of a lake, by its name relative to the root, never
// changes and is worth a copy: data files, manifests, ledgers and commit records. Their
// names hold a UUID, so no other file ever has them.
func Immutable(name string) bool {
	rest, ok := strings.CutPrefix(name, storesDir+"/")
	if !ok {
		return false
	}
	_, file, _ := strings.Cut(rest, "/")
	if _, _, ok := parseDataName(file); ok {
		return true
	}
	if _, _, ok := parseLedgerName(file); ok {
		return true
	}
	if _, _, ok := parseAuditName(file); ok {
		return true
	}
	return strings.HasPrefix(file, metadataDir+"/") && strings.HasSuffix(file, avroSuffix)
}

// beforeFetch is the key of what BeforeFetch puts into a context.
type beforeFetch struct{}

// BeforeFetch returns a context for reading files that Immutable says never change. A Remote
// calls before each time that such a file is to come, or a part of it, because there is no
// copy of it here; when it returns an error nothing comes, and the read fails with that.
// It may be called by several goroutines at once.
func BeforeFetch(ctx context.Context, before func() error) context.Context {
	return context.WithValue(ctx, beforeFetch{}, before)
}

// AboutToFetch is for a Remote: it calls what BeforeFetch was given, if it was.
func AboutToFetch(ctx context.Context) error {
	if before, ok := ctx.Value(beforeFetch{}).(func() error); ok {
		return before()
	}
	return nil
}

// beside does two things, side by side where each waits for another machine.
func beside(ctx context.Context, st Storage, one, other func(context.Context) error) error {
	if _, ok := st.(Remote); !ok {
		if err := one(ctx); err != nil {
			return err
		}
		return other(ctx)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return one(gctx) })
	g.Go(func() error { return other(gctx) })
	return g.Wait()
}

func fetchFrom(ctx context.Context, st Storage, name string, size int64) (string, func(), error) {
	r, ok := st.(Remote)
	if !ok {
		return "", nil, fmt.Errorf("fetch %s: %w: the storage has no local copies", name, ErrInvalid)
	}
	return r.Fetch(ctx, name, size)
}

// openWhole opens a file that is to be read to its end, and perhaps again: one that lies
// elsewhere is brought here first.
func openWhole(ctx context.Context, st Storage, name string, size int64) (File, error) {
	if st.LocalPath(name) != "" {
		return st.Open(ctx, name)
	}
	path, release, err := fetchFrom(ctx, st, name, size)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		release()
		return nil, err
	}
	return fetchedFile{f, size, release}, nil
}

// fetchedFile is a local copy that goes when it is closed.
type fetchedFile struct {
	*os.File
	size    int64
	release func()
}

// Size implements File.
func (f fetchedFile) Size() int64 { return f.size }

// Close implements File.
func (f fetchedFile) Close() error {
	defer f.release()
	return f.File.Close()
}

// warmFrom is how many files a chain must have that were not read before, for a listing and
// reading them side by side to be faster than one after the other. A guess.
const warmFrom = 8

// warmLedgers fetches the ledgers after the one of a commit that is known, up to h.
func (s *Store) warmLedgers(ctx context.Context, known int64, h head) error {
	last, _, _ := parseLedgerName(h.path)
	return s.warm(ctx, ingestDir, last-known, func(name string) bool {
		seq, _, ok := parseLedgerName(name)
		return ok && known < seq && seq <= last
	})
}

// warmRecords fetches the commit records up to h.
func (s *Store) warmRecords(ctx context.Context, h head) error {
	last, _, _ := parseAuditName(h.path)
	return s.warm(ctx, auditDir, last+1, func(name string) bool {
		seq, _, ok := parseAuditName(name)
		return ok && seq <= last
	})
}

// warm reads up to so many files of a folder side by side, so that a walk along their
// chain, which can only read one after the other, finds copies.
func (s *Store) warm(ctx context.Context, dir string, most int64, wanted func(name string) bool) error {
	if !s.lake.Remote() || most < warmFrom {
		return nil
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(fetches)
	for fi, err := range s.st.List(ctx, dir) {
		if err != nil {
			return errors.Join(err, g.Wait())
		}
		if wanted(fi.Name) {
			g.Go(func() error {
				_, err := s.st.Get(gctx, fi.Name)
				return err
			})
		}
	}
	return g.Wait()
}
