package lake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// CopyOptions say how a lake is copied.
type CopyOptions struct {
	// Workers is how many files are copied at the same time; zero means 8.
	Workers int
	// Progress, if not nil, is called with the bytes that are there and that there will be,
	// by one goroutine at a time.
	Progress func(done, total int64)
}

// CopyResult says what was copied.
type CopyResult struct {
	// To is where the copy is: an absolute path, or a URI.
	To string
	// Stores, Files and Bytes count what the copy holds; Known are those of its files that
	// an earlier attempt had copied.
	Stores, Files, Known int
	Bytes                int64
	// Compared counts the files whose hash was compared with that in the chains of their
	// store, which have those of all data files.
	Compared int
	// Problems is what Check finds wrong with the lake, and which of the files have another
	// hash. The copy is as the lake is.
	Problems []error
}

// Copy copies the lake to the place root, where nothing may be but what an earlier attempt
// left there; it returns an error that wraps ErrLakeExists when a lake is there. The copy has
// every store as of its newest commit when Copy began, with its history and its id. Others may
// go on with the lake meanwhile, except that nobody may collect garbage. Damage is no error, but
// part of the result: whoever copies a lake may do so because of it.
//
// A copy begins to exist with its last file. What a failed Copy leaves behind is no lake, and
// the next attempt takes it over.
func (l *Lake) Copy(ctx context.Context, root string, to Options, o CopyOptions) (r CopyResult, err error) {
	st, err := to.storage(root)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	r.To = placeOf(st)
	if from := l.Root(); r.To != from && (within(r.To, from) || within(from, r.To)) {
		return r, fmt.Errorf("copy lake %s to %s: %w: one is in the other: give a place beside the lake", from, r.To, ErrInvalid)
	}
	if r, err = l.copy(ctx, st, r, o); err != nil {
		return r, fmt.Errorf("copy lake %s to %s: %w", l.Root(), r.To, err)
	}
	return r, nil
}

// within reports whether a place is another one or below it.
func within(place, other string) bool {
	real := func(p string) string {
		rest := ""
		for dir := p; !strings.Contains(p, "://"); dir = filepath.Dir(dir) { // what is not there yet has no links
			if found, err := filepath.EvalSymlinks(dir); err == nil {
				return filepath.ToSlash(filepath.Join(found, rest))
			}
			if filepath.Dir(dir) == dir {
				break
			}
			rest = filepath.Join(filepath.Base(dir), rest)
		}
		return p
	}
	return strings.HasPrefix(strings.TrimSuffix(real(place), "/")+"/", strings.TrimSuffix(real(other), "/")+"/")
}

func (l *Lake) copy(ctx context.Context, to Storage, r CopyResult, o CopyOptions) (CopyResult, error) {
	if _, err := to.Stat(ctx, lakeFile); !errors.Is(err, fs.ErrNotExist) {
		return r, cmp.Or(err, ErrLakeExists)
	}
	from := uncached(l.st)
	report, err := Check(ctx, l, CheckOptions{})
	if err != nil {
		return r, err
	}
	files, newest, problems, err := l.toCopy(ctx, from)
	if err != nil {
		return r, err
	}
	want, err := l.copyHashes(ctx, newest, problems)
	if err != nil {
		return r, err
	}
	named := make(map[string]bool)
	for _, p := range report.Problems {
		named[p.Path] = true
		r.Problems = append(r.Problems, fmt.Errorf("%s: %w", cmp.Or(p.Path, p.Store), p.Err))
		delete(problems, p.Path)
		delete(problems, storeOf(p.Path))
	}
	for _, err := range problems { // which the check has not found
		r.Problems = append(r.Problems, err)
	}
	there, err := copied(ctx, to, files, newest)
	if err != nil {
		return r, err
	}
	r.Stores, r.Files = len(newest), len(files)+1
	var total int64
	for _, fi := range files {
		total += fi.Size
	}
	var mu sync.Mutex // guards r, and the calls of Progress
	count := func(fi FileInfo, known bool, sum string) {
		mu.Lock()
		defer mu.Unlock()
		r.Bytes += fi.Size
		if known {
			r.Known++
		}
		if should := want[fi.Name]; should != "" {
			r.Compared++
			if sum != should && !named[fi.Name] {
				r.Problems = append(r.Problems, fmt.Errorf("%s: %w: it has sha256 %s, want %s", fi.Name, ErrCorrupt, sum, should))
			}
		}
		if o.Progress != nil {
			o.Progress(r.Bytes, total)
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(o.Workers, 8))
	for _, fi := range files {
		g.Go(func() error {
			if there[fi.Name] {
				if hasHash(gctx, to, fi.Name, want[fi.Name]) {
					count(fi, true, want[fi.Name])
					return nil
				}
				if err := to.Remove(gctx, fi.Name); err != nil { // it is another in the lake, or here
					return err
				}
			}
			sum, err := copyFile(gctx, from, to, fi)
			if _, _, version := ParseVersion(fi.Name); errors.Is(err, fs.ErrNotExist) && !version && want[fi.Name] == "" {
				// What no commit names: a writer had staged it, and has removed it.
				mu.Lock()
				defer mu.Unlock()
				r.Files--
				return nil
			}
			if err != nil {
				return err
			}
			count(fi, false, sum)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return r, err
	}
	slices.SortFunc(r.Problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	for dir, version := range newest {
		s := &Store{lake: l, st: subStorage{Storage: from, dir: dir}}
		lost, err := s.lostVersion(ctx, version)
		if err != nil {
			return r, err
		}
		if err := to.Put(ctx, dir+"/"+hintName(), formatHint(max(version, lost))); err != nil { // what was lost is so in the copy, too
			return r, err
		}
	}
	raw, err := from.Get(ctx, lakeFile)
	if err != nil {
		return r, err
	}
	r.Bytes += int64(len(raw))
	if err = putSame(ctx, to, lakeFile, raw); errors.Is(err, fs.ErrExist) {
		err = ErrLakeExists // made by somebody else meanwhile
	}
	return r, err
}

// copyHashes returns the hashes of files, by their names, as far as the chains of the stores can be
// read, and adds to problems what is wrong with these, by the stores' folders.
func (l *Lake) copyHashes(ctx context.Context, newest map[string]int, problems map[string]error) (map[string]string, error) {
	want := make(map[string]string)
	for dir, version := range newest {
		id, ok := parseUUID(path.Base(dir))
		if !ok {
			continue
		}
		switch err := l.copyHashesOf(ctx, id, version, want); {
		case err == nil:
		case errors.Is(err, ErrCorrupt) || errors.Is(err, ErrLayout) || errors.Is(err, fs.ErrNotExist):
			problems[dir] = err
		default: // such as a request that is denied
			return nil, err
		}
	}
	return want, nil
}

// copyHashesOf adds the hashes of a store's files to want.
func (l *Lake) copyHashesOf(ctx context.Context, id uuid.UUID, version int, want map[string]string) error {
	s, _, err := l.openStore(ctx, id)
	if err != nil {
		return fmt.Errorf("%s: %w", storeDir(id), err)
	}
	if s.isPurged() {
		return nil // what is left of it is no loss
	}
	sn, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	for f, err := range sn.Inventory(ctx) {
		if err != nil {
			if version == 1 && errors.Is(err, fs.ErrNotExist) {
				err = nil // it is being made, or its maker died: it has no name yet
			}
			return err
		}
		if f.Kind != KindName && f.Kind != KindMetadata { // of which there is no hash but their own
			want[f.Path] = f.SHA256
		}
	}
	// What older snapshots have is in the commits that added it.
	return s.commitRecords(ctx, sn.base.auditHead, func(_ head, raw []byte) error {
		r, err := decodeCommitRecord(raw)
		for _, f := range r.Added {
			want[storeDir(s.id)+"/"+f.Path] = f.SHA256
		}
		for _, h := range r.Manifests {
			want[storeDir(s.id)+"/"+h.Path] = h.SHA256
		}
		return err
	})
}

// putSame makes a file, which may have been made by a call whose reply was lost.
func putSame(ctx context.Context, to Storage, name string, raw []byte) error {
	err := to.PutIfAbsent(ctx, name, raw)
	if errors.Is(err, fs.ErrExist) {
		if got, getErr := to.Get(ctx, name); getErr == nil && bytes.Equal(got, raw) {
			return nil
		}
	}
	return err
}

// toCopy lists the files of all stores up to their newest versions, which it returns by the
// stores' folders, and what leads to these. All that a version reaches was there before it, so
// that a listing that begins when the version is known has it.
//
// A name that cannot be read is a problem, by that file, and copied.
func (l *Lake) toCopy(ctx context.Context, from Storage) (files []FileInfo, newest map[string]int, problems map[string]error, err error) {
	newest, problems = make(map[string]int), make(map[string]error)
	for fi, err := range from.List(ctx, storesDir) {
		if err != nil {
			return nil, nil, nil, err
		}
		if store, version, ok := ParseVersion(fi.Name); ok {
			newest[store] = max(newest[store], version)
		}
	}
	for _, dir := range []string{namesDir, schedulesDir, storesDir} {
		for fi, err := range from.List(ctx, dir) {
			if err != nil {
				return nil, nil, nil, err
			}
			ok := !isTemp(fi.Name)
			switch dir {
			case namesDir:
				if store, named := parseClaimName(fi.Name); ok && named {
					id, err := l.claim(ctx, store)
					switch {
					case errors.Is(err, ErrCorrupt):
						problems[fi.Name] = err
					case err != nil:
						return nil, nil, nil, err
					default:
						ok = newest[storeDir(id)] > 0
					}
				}
			case storesDir:
				ok = ok && belongs(fi.Name, newest)
			}
			if ok {
				files = append(files, fi)
			}
		}
	}
	return files, newest, problems, nil
}

// belongs reports whether a file is part of these versions of stores, as far as its name tells.
func belongs(name string, newest map[string]int) bool {
	if store, version, ok := ParseVersion(name); ok {
		return version <= newest[store]
	}
	return newest[storeOf(name)] > 0 && !isHint(name) && !isPassing(name)
}

// storeOf returns the folder of the store that a file lies in.
func storeOf(name string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(name, storesDir+"/"), "/")
	return storesDir + "/" + id
}

// copied returns the files that an earlier attempt copied whole, and removes what it left of
// others. Files of something else are an error: they would be taken for the lake's.
func copied(ctx context.Context, to Storage, files []FileInfo, newest map[string]int) (map[string]bool, error) {
	size := make(map[string]int64, len(files))
	for _, fi := range files {
		size[fi.Name] = fi.Size
	}
	there := make(map[string]bool)
	var torn []string
	for _, dir := range []string{namesDir, schedulesDir, storesDir} {
		for fi, err := range to.List(ctx, dir) {
			if err != nil {
				return nil, err
			}
			want, ok := size[fi.Name]
			switch {
			case isTemp(fi.Name) || isHint(fi.Name):
			case ok && want == fi.Size:
				there[fi.Name] = true
			case ok:
				torn = append(torn, fi.Name)
			case newest[storeOf(fi.Name)] == 0:
				return nil, fmt.Errorf("%w: %s is there and no file of this lake: give an empty place", ErrInvalid, fi.Name)
			}
		}
	}
	for _, name := range torn {
		if err := to.Remove(ctx, name); err != nil {
			return nil, err
		}
	}
	return there, nil
}

// wholeFile is the size up to which a file is copied as one piece.
var wholeFile int64 = 1 << 20

// hasHash says whether a file that was copied before has a hash; any has where none is known.
func hasHash(ctx context.Context, st Storage, name, want string) bool {
	if want == "" {
		return true
	}
	r, err := st.Open(ctx, name)
	if err != nil {
		return false
	}
	defer r.Close()
	return checkHash(r, want) == nil
}

// copyFile returns the SHA-256 of what it copied, in hex.
func copyFile(ctx context.Context, from, to Storage, fi FileInfo) (_ string, err error) {
	gone := func(err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: garbage was collected meanwhile; copy again", err)
		}
		return err
	}
	if fi.Size <= wholeFile {
		raw, err := from.Get(ctx, fi.Name)
		if err != nil {
			return "", gone(err)
		}
		return hashOf(raw), putSame(ctx, to, fi.Name, raw)
	}
	r, err := from.Open(ctx, fi.Name)
	if err != nil {
		return "", gone(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	w, err := to.Create(ctx, fi.Name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(w, h), struct{ io.Reader }{r}, make([]byte, 1<<20))
	if err == nil && n != fi.Size {
		err = fmt.Errorf("%s has %d bytes, and had %d: %w", fi.Name, n, fi.Size, ErrCorrupt)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return "", errors.Join(err, w.Abort())
	}
	return hex.EncodeToString(h.Sum(nil)), w.Close()
}
