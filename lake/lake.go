package lake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"traillake/internal/suggest"
)

// layoutVersion is the version of everything in FORMAT.md.
const layoutVersion = 1

// lakeFormat is the first field of lake.json.
const lakeFormat = "traillake"

// Options changes how a lake is opened. The zero value works.
type Options struct {
	// Logger receives warnings; nil drops them.
	Logger *slog.Logger
	// Storage keeps the files of the lake; nil means the local folder that is given as
	// the root. The lake closes it.
	Storage Storage
	// Now is the clock that commits are dated by, which may not be ahead of the system's;
	// nil means the system's.
	Now func() time.Time
	// Today is the day that the user says it is, YYYY-MM-DD in UTC, or empty, which means that the
	// clock is right if what a store knows does not speak against it. Where a commit is dated
	// in the future, it tells that the clock is right and that commit's was not: commits are made on
	// top of it, with its time, until that has come. It also lets Expire and CollectGarbage remove
	// what is old by that clock.
	Today string
	// Fetching, if not nil, is called while data files are brought to this machine, with the
	// bytes that are here and those that are wanted, an estimate until each file was looked
	// at; in the end, also after an error, with twice the same. Calls for one set of files
	// follow each other.
	Fetching func(done, total int64)
	// First is the name of the event data store that is asked for right after the lake is
	// opened, or empty. What leads to it is read together with lake.json where the lake lies
	// on another machine.
	First string
	// Tool names the program and its version in commit records; empty means "traillake".
	Tool string
}

// Lake is an open lake: a folder or prefix that holds event data stores. It is safe for
// concurrent use, also by several processes.
type Lake struct {
	st      Storage
	id      string
	created time.Time
	root    string
	log     *slog.Logger
	tool    string
	user    string
	host    string
	now     func() time.Time
	today   string // Options.Today
	// fetching is Options.Fetching, or does nothing.
	fetching func(done, total int64)

	mu     sync.Mutex           // guards what follows
	stores map[uuid.UUID]*Store // opened so far
	early  earlyClaim
}

// lakeJSON is the content of lake.json.
type lakeJSON struct {
	Format  string    `json:"format"`
	Layout  int       `json:"layout"`
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	// Seal is the hash of the file; see seal.go.
	Seal string `json:"seal"`
}

// Create makes a lake in the folder root, which is made when it is not there. It returns
// an error that wraps ErrLakeExists when there is one already.
func Create(ctx context.Context, root string, o Options) (*Lake, error) {
	return o.on(root, func(st Storage) (*Lake, error) { return create(ctx, root, st, o) })
}

func create(ctx context.Context, root string, st Storage, o Options) (*Lake, error) {
	if err := refuseHeadless(ctx, st); err != nil {
		return nil, fmt.Errorf("create lake in %s: %w", root, err)
	}
	data, err := json.Marshal(lakeJSON{
		Format: lakeFormat, Layout: layoutVersion, ID: uuid.NewString(), Created: time.Now().UTC().Truncate(time.Millisecond),
		Seal: noSeal,
	})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", lakeFile, err)
	}
	if data, err = seal(append(data, '\n'), "seal"); err != nil {
		return nil, fmt.Errorf("encode %s: %w", lakeFile, err)
	}
	if err := st.PutIfAbsent(ctx, lakeFile, data); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("create lake in %s: %w", root, ErrLakeExists)
		}
		return nil, fmt.Errorf("create lake in %s: %w", root, err)
	}
	return open(ctx, root, st, o)
}

// Open opens the lake in the folder root. It returns an error that wraps ErrLakeNotFound
// when there is none, and one that wraps ErrLayout when the lake was made by a version
// of Traillake that this one does not know.
func Open(ctx context.Context, root string, o Options) (*Lake, error) {
	return o.on(root, func(st Storage) (*Lake, error) { return open(ctx, root, st, o) })
}

// OpenOrCreate opens the lake in the folder root, or makes it when there is none. It
// may be called by several processes at once.
func OpenOrCreate(ctx context.Context, root string, o Options) (*Lake, error) {
	return o.on(root, func(st Storage) (*Lake, error) {
		l, err := open(ctx, root, st, o)
		if !errors.Is(err, ErrLakeNotFound) {
			return l, err
		}
		l, err = create(ctx, root, st, o)
		if errors.Is(err, ErrLakeExists) {
			return open(ctx, root, st, o)
		}
		return l, err
	})
}

// on opens a lake on the storage of root, which is closed where that fails.
func (o Options) on(root string, open func(Storage) (*Lake, error)) (*Lake, error) {
	st, err := o.storage(root)
	if err != nil {
		return nil, err
	}
	l, err := open(st)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return l, nil
}

func (o Options) storage(root string) (Storage, error) {
	if o.Storage != nil {
		return o.Storage, nil
	}
	if scheme, _, ok := strings.Cut(root, "://"); ok && scheme != "file" {
		return nil, fmt.Errorf("open lake %s: %w: no storage for scheme %q", root, ErrInvalid, scheme)
	}
	root = strings.TrimPrefix(root, "file://")
	if root == "" {
		return nil, fmt.Errorf("open lake: %w: the folder has no name", ErrInvalid)
	}
	if to, err := os.Readlink(root); err == nil {
		if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open lake %s: %w: it is a link to %s, which is not there", root, ErrInvalid, to)
		}
	}
	return newLocalStorage(root)
}

func open(ctx context.Context, root string, st Storage, o Options) (*Lake, error) {
	raw, early, err := readFirst(ctx, st, o.First)
	if errors.Is(err, fs.ErrNotExist) {
		if err := refuseHeadless(ctx, st); err != nil {
			return nil, fmt.Errorf("open lake %s: %w", root, err)
		}
		return nil, fmt.Errorf("open lake %s: %w", root, ErrLakeNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", root, err)
	}
	var lj lakeJSON
	if err := json.Unmarshal(raw, &lj); err != nil {
		return nil, fmt.Errorf("open lake %s: %w: read %s: %w", root, ErrCorrupt, lakeFile, err)
	}
	if lj.Format != lakeFormat {
		return nil, fmt.Errorf("open lake %s: %s has format %q, want %q: %w", root, lakeFile, lj.Format, lakeFormat, ErrLayout)
	}
	if lj.Layout != layoutVersion {
		return nil, fmt.Errorf("open lake %s: it has layout %d, this program knows layout %d: %w", root, lj.Layout, layoutVersion, ErrLayout)
	}
	if err := checkSeal(raw, "seal"); err != nil {
		return nil, fmt.Errorf("open lake %s: read %s: %w", root, lakeFile, err)
	}
	l := &Lake{
		st: st, id: lj.ID, created: lj.Created, log: o.Logger, tool: o.Tool, today: o.Today,
		user: userName(), stores: make(map[uuid.UUID]*Store), early: early,
	}
	l.root = placeOf(st)
	if l.now = o.Now; l.now == nil {
		l.now = time.Now
	}
	if l.fetching = o.Fetching; l.fetching == nil {
		l.fetching = func(int64, int64) {}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.tool == "" {
		l.tool = "traillake"
	}
	l.host, _ = os.Hostname() // "" when the system has no name for itself
	return l, nil
}

// placeOf returns where a storage is: an absolute path, or a URI.
func placeOf(st Storage) string {
	return strings.TrimSuffix(cmp.Or(st.LocalPath(""), st.Root()), string(filepath.Separator))
}

// earlyClaim is a name claim that was read together with lake.json.
type earlyClaim struct {
	file string // empty for none
	raw  []byte
}

// readFirst reads lake.json, and what is known to be wanted next.
func readFirst(ctx context.Context, st Storage, store string) (raw []byte, early earlyClaim, err error) {
	err = beside(ctx, st,
		func(ctx context.Context) (err error) {
			raw, err = st.Get(ctx, lakeFile)
			return err
		},
		func(ctx context.Context) error {
			if _, ok := st.(Remote); !ok || !validStoreName(store) {
				return nil
			}
			if claim, err := st.Get(ctx, claimName(store)); err == nil { // else it is read again, and the error told
				early = earlyClaim{claimName(store), claim}
			}
			return nil
		})
	return raw, early, err
}

// userName returns the name in the environment, or the number of the user. os/user
// would need cgo or a file of users.
func userName() string {
	for _, key := range []string{"USER", "LOGNAME", "USERNAME"} {
		if name := os.Getenv(key); name != "" {
			return name
		}
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

// Close frees what the lake holds. Snapshots and batches must be done with.
func (l *Lake) Close() error { return l.st.Close() }

// ID returns the lake's own id, a UUID.
func (l *Lake) ID() string { return l.id }

// Created returns when the lake was made.
func (l *Lake) Created() time.Time { return l.created }

// Root returns where the lake is: an absolute path, or a URI.
func (l *Lake) Root() string { return l.root }

// Remote reports whether the lake lies on another machine, so that its data files are
// brought here before they are read.
func (l *Lake) Remote() bool {
	_, ok := l.st.(Remote)
	return ok
}

// claimJSON is the content of a name claim: the store that has the name.
type claimJSON struct {
	Store string `json:"store"`
}

// Stores returns all event data stores that can be opened, by name, with the errors of the others joined.
func (l *Lake) Stores(ctx context.Context) (stores []*Store, err error) {
	var errs []error
	for fi, err := range l.st.List(ctx, namesDir) {
		if err != nil {
			return nil, fmt.Errorf("list event data stores: %w", err)
		}
		name, ok := parseClaimName(fi.Name)
		if !ok {
			continue
		}
		s, _, err := l.claimed(ctx, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("event data store %s: %w", name, err))
			continue
		}
		if !slices.Contains(stores, s) { // one that is getting another name has two
			stores = append(stores, s)
		}
	}
	slices.SortFunc(stores, func(a, b *Store) int { return strings.Compare(a.Name(), b.Name()) })
	return stores, errors.Join(errs...)
}

// claimed opens the store that has the name, and returns with it what openStore does.
func (l *Lake) claimed(ctx context.Context, name string) (*Store, *base, error) {
	l.mu.Lock()
	early := l.early
	l.early = earlyClaim{} // it is good for one time
	l.mu.Unlock()
	var id uuid.UUID
	var err error
	if early.file == claimName(name) {
		id, err = parseClaim(name, early.raw)
	} else {
		id, err = l.claim(ctx, name)
	}
	if err != nil {
		return nil, nil, err
	}
	return l.openStore(ctx, id)
}

// claim returns the id of the store that has the name.
func (l *Lake) claim(ctx context.Context, name string) (uuid.UUID, error) {
	raw, err := l.st.Get(ctx, claimName(name))
	if err != nil {
		return uuid.Nil, fmt.Errorf("open event data store %s: %w", name, err)
	}
	return parseClaim(name, raw)
}

// parseClaim returns the id of the store in the claim of a name.
func parseClaim(name string, raw []byte) (uuid.UUID, error) {
	var c claimJSON
	if err := json.Unmarshal(raw, &c); err != nil {
		return uuid.Nil, fmt.Errorf("open event data store %s: %w: read %s: %w", name, ErrCorrupt, claimName(name), err)
	}
	id, ok := parseUUID(c.Store)
	if !ok {
		return uuid.Nil, fmt.Errorf("open event data store %s: %w: %s names store %q", name, ErrCorrupt, claimName(name), c.Store)
	}
	if canonical, err := json.Marshal(c); err != nil || !bytes.Equal(canonical, bytes.TrimSuffix(raw, []byte("\n"))) {
		return uuid.Nil, fmt.Errorf("open event data store %s: %w: %s holds more than a store's id, or other white space", name, ErrCorrupt, claimName(name))
	}
	return id, nil
}

// openStore opens a store. It also returns the newest version if it loaded that for it; nil
// for a store that was opened before.
func (l *Lake) openStore(ctx context.Context, id uuid.UUID) (*Store, *base, error) {
	l.mu.Lock()
	s := l.stores[id]
	l.mu.Unlock()
	if s != nil {
		return s, nil, nil
	}
	s, err := newStore(ctx, l, id)
	if err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.stores[id]; other != nil {
		return other, nil, nil
	}
	l.stores[id] = s
	return s, s.base, nil // nobody else has s yet
}

// forget drops a store that is gone.
func (l *Lake) forget(id uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.stores, id)
}

// Store returns the event data store that ref means: its name in any case, its id or
// its ARN. The error wraps ErrStoreNotFound when there is none, and names those there are.
func (l *Lake) Store(ctx context.Context, ref string) (*Store, error) {
	s, _, err := l.store(ctx, ref)
	return s, err
}

// SnapshotAt does what Store and then Store.SnapshotAt do, with fewer requests: it looks
// only once for the newest version of a store that was not opened before. The store is
// returned also where it has no such snapshot; nil says that the error is about the store.
func (l *Lake) SnapshotAt(ctx context.Context, ref string, p Point) (*Store, *Snapshot, error) {
	s, b, err := l.store(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	if b == nil {
		if b, err = s.newest(ctx); err != nil {
			return s, nil, err
		}
	}
	sn, err := s.snapshotIn(ctx, b, p)
	return s, sn, err
}

// store is Store that returns with the store what openStore does.
func (l *Lake) store(ctx context.Context, ref string) (*Store, *base, error) {
	if validStoreName(ref) {
		s, b, err := l.claimed(ctx, ref)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return s, b, err
		}
	}
	stores, err := l.Stores(ctx)
	for _, s := range stores {
		if strings.EqualFold(ref, s.ID()) || ref == s.ARN() {
			return s, nil, nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("%w: %q%s", ErrStoreNotFound, ref, known(stores, ref))
}

// known tells which stores there are, the one that ref may have meant first.
func known(stores []*Store, ref string) string {
	if len(stores) == 0 {
		return " (the lake has none yet)"
	}
	names := make([]string, len(stores))
	for i, s := range stores {
		names[i] = s.Name()
	}
	if best := suggest.Closest(ref, names); best != "" {
		return fmt.Sprintf(" (did you mean %q?)", best)
	}
	const most = 10
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return " (there are: " + strings.Join(names, ", ") + more + ")"
}
