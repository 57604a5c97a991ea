package filecache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	objectsDir  = "objects"
	namesDir    = "names"
	sessionsDir = "sessions"
)

// ErrDamaged reports content that is not what its hash says, or of another size.
var ErrDamaged = errors.New("content does not have its hash")

// Content is a remote file while it is fetched.
type Content struct {
	// Body gives the bytes. The cache closes it.
	Body io.ReadCloser
	// SHA256 is the hash that they must have, in hex.
	SHA256 string
}

// Source opens the remote file of a key.
type Source func(ctx context.Context) (Content, error)

// Cache is a folder of copies. It is safe for concurrent use.
type Cache struct {
	dir string
	max int64

	mu      sync.Mutex       // guards what follows
	session *session         // nil until needed
	added   int64            // bytes since the last eviction
	pins    map[string]*pin  // by hash
	calls   map[string]*call // keys that are being fetched
	temps   int
}

// pin is an object that this process reads.
type pin struct {
	sum, path string
	fresh     bool // it was fetched by this process
	count     int  // guarded by Cache.mu
}

// call is a fetch that others wait for.
type call struct {
	done chan struct{}
	err  error // set before done is closed
}

// ref says which object a key means.
type ref struct {
	sha256 string
	size   int64
}

// Open opens the cache in the folder, which is made when it is not there. What it holds is
// kept below max bytes, about: up to an eighth more for each process that fetches, and what
// is pinned at a time.
func Open(dir string, max int64) (*Cache, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open cache %s: %w", dir, err)
	}
	for _, sub := range []string{objectsDir, namesDir, sessionsDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open cache %s: %w; name another folder for it", dir, err)
		}
	}
	bury(filepath.Join(dir, sessionsDir))
	return &Cache{dir: dir, max: max, pins: make(map[string]*pin), calls: make(map[string]*call)}, nil
}

// Dir returns the folder of the cache.
func (c *Cache) Dir() string { return c.dir }

// Close lets go of all pins and removes what is too much. Whoever uses the cache again
// has to close it again.
func (c *Cache) Close() error {
	c.mu.Lock()
	s, added := c.session, c.added
	c.session, c.added = nil, 0
	clear(c.pins)
	c.mu.Unlock()
	var err error
	if s != nil {
		err = s.close()
	}
	if c.due(added) {
		err = errors.Join(err, c.evict())
	}
	if err != nil {
		return fmt.Errorf("close cache %s: %w", c.dir, err)
	}
	return nil
}

// Temp makes a file for the process's own use that has no name, so that nothing is left of
// it in the end, however that comes. It is not counted.
func (c *Cache) Temp() (*os.File, error) {
	path, err := c.tempPath()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return f, os.Remove(path)
}

func (c *Cache) tempPath() (string, error) {
	dir, err := c.sessionDir()
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.temps++
	return filepath.Join(dir, "t"+strconv.Itoa(c.temps)), nil
}

func (c *Cache) sessionDir() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		s, err := newSession(filepath.Join(c.dir, sessionsDir))
		if err != nil {
			return "", fmt.Errorf("use cache %s: %w", c.dir, err)
		}
		c.session = s
	}
	return c.session.dir, nil
}

// Pin returns the path of a local copy of the file that key means, which is fetched from
// source when it is not there. size is what the caller knows of it, negative for nothing.
// The copy stays, and is as it was, until release is called or the cache is closed; what is
// pinned several times has one path.
func (c *Cache) Pin(ctx context.Context, key string, size int64, source Source) (path string, release func(), err error) {
	p, err := c.acquire(ctx, key, size, true, source)
	if err != nil {
		return "", nil, err
	}
	return p.path, sync.OnceFunc(func() { c.unpin(p) }), nil
}

// Read returns the bytes of the file that key means.
func (c *Cache) Read(ctx context.Context, key string, source Source) ([]byte, error) {
	for {
		p, err := c.acquire(ctx, key, -1, false, source)
		if err != nil {
			return nil, err
		}
		b, err := os.ReadFile(p.path)
		c.unpin(p)
		if err != nil {
			return nil, c.disk(err)
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) == p.sum {
			return b, nil
		}
		if p.fresh {
			return nil, c.disk(fmt.Errorf("%w: what was just written cannot be read back", ErrDamaged))
		}
		c.drop(p) // damaged since
	}
}

func (c *Cache) objectPath(sum string) string {
	return filepath.Join(c.dir, objectsDir, sum[:2], sum)
}

func (c *Cache) namePath(key string) string {
	sum := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, namesDir, name[:2], name)
}

// acquire pins the object of a key, and fetches it when it is not there. Of several that
// ask for the same key at once, one fetches. What is read by others than the cache, which
// compares hashes, must be synced.
func (c *Cache) acquire(ctx context.Context, key string, size int64, sync bool, source Source) (*pin, error) {
	for {
		if p, err := c.known(key, size); !errors.Is(err, fs.ErrNotExist) {
			return p, err
		}
		c.mu.Lock()
		other := c.calls[key]
		if other == nil {
			mine := &call{done: make(chan struct{})}
			c.calls[key] = mine
			c.mu.Unlock()
			p, err := c.lookUpOrFetch(ctx, key, size, sync, source)
			mine.err = err
			c.mu.Lock()
			delete(c.calls, key)
			c.mu.Unlock()
			close(mine.done)
			return p, err
		}
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-other.done:
		}
		// Whoever fetched it may have given up; we do not.
		if err := other.err; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
	}
}

// lookUpOrFetch is for whoever has taken over the fetch of a key: somebody else may have
// ended it since we looked.
func (c *Cache) lookUpOrFetch(ctx context.Context, key string, size int64, sync bool, source Source) (*pin, error) {
	if p, err := c.known(key, size); !errors.Is(err, fs.ErrNotExist) {
		return p, err
	}
	return c.fetch(ctx, key, size, sync, source)
}

// known pins the object of a key; fs.ErrNotExist says that it is not there.
func (c *Cache) known(key string, size int64) (*pin, error) {
	r, ok := c.lookUp(key, size)
	if !ok {
		return nil, fs.ErrNotExist
	}
	return c.link(r)
}

// lookUp returns the object that a key is known to mean, if it is there.
func (c *Cache) lookUp(key string, size int64) (ref, bool) {
	text, err := os.ReadFile(c.namePath(key))
	if err != nil {
		return ref{}, false
	}
	sum, number, _ := strings.Cut(strings.TrimSuffix(string(text), "\n"), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || len(sum) != 2*sha256.Size || size >= 0 && n != size {
		return ref{}, false
	}
	if _, err := hex.DecodeString(sum); err != nil {
		return ref{}, false
	}
	return ref{sum, n}, true
}

// fetch brings a file into the cache, and pins it.
func (c *Cache) fetch(ctx context.Context, key string, size int64, sync bool, source Source) (_ *pin, err error) {
	content, err := source(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, content.Body.Close()) }()
	temp, err := c.tempPath()
	if err != nil {
		return nil, err
	}
	n, sum, err := save(temp, sync, func(w io.Writer) error {
		_, err := io.Copy(w, content.Body)
		return err
	})
	if err == nil && (sum != content.SHA256 || size >= 0 && n != size) {
		err = fmt.Errorf("%w: %d bytes with sha256 %s came, want sha256 %s%s", ErrDamaged, n, sum, content.SHA256, wanted(size))
	}
	if err != nil {
		_ = os.Remove(temp)
		if IsDisk(err) {
			err = c.disk(err)
		}
		return nil, err
	}
	return c.enter(temp, key, n, sum)
}

// enter pins a file that was saved, and has the key mean it from now on.
func (c *Cache) enter(temp, key string, n int64, sum string) (*pin, error) {
	p := c.keep(temp, sum)
	if err := errors.Join(c.publish(p, key, fmt.Sprintf("%s %d", sum, n)), c.count(n)); err != nil {
		c.unpin(p)
		return nil, c.disk(err)
	}
	return p, nil
}

// keep pins what was fetched.
func (c *Cache) keep(temp, sum string) *pin {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &pin{sum: sum, path: temp, fresh: true, count: 1}
	if c.pins[sum] == nil {
		c.pins[sum] = p
	}
	return p
}

// publish lets others find what was fetched, by a text that begins with its hash. In the
// place of a damaged object it comes, too.
func (c *Cache) publish(p *pin, key, text string) error {
	temp, err := c.tempPath()
	if err != nil {
		return err
	}
	defer os.Remove(temp) // after a rename there is nothing to remove
	if err := os.Link(p.path, temp); err != nil {
		return fmt.Errorf("%w; it must be on a file system with hard links", err)
	}
	if err := place(temp, c.objectPath(p.sum)); err != nil {
		return err
	}
	name, err := c.tempPath()
	if err != nil {
		return err
	}
	defer os.Remove(name)
	if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
		return err
	}
	return place(name, c.namePath(key))
}

// disk says of which cache an error is.
func (c *Cache) disk(err error) error {
	return fmt.Errorf("use cache %s: %w", c.dir, diskError{err})
}

func wanted(size int64) string {
	if size < 0 {
		return ""
	}
	return fmt.Sprintf(" and %d bytes", size)
}

// diskError marks errors of the cache's own disk.
type diskError struct{ err error }

func (e diskError) Error() string { return e.err.Error() }
func (e diskError) Unwrap() error { return e.err }

// save makes a new file of what write writes, and returns the size and hash of that.
func save(path string, sync bool, write func(io.Writer) error) (n int64, sum string, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, "", diskError{err}
	}
	defer func() {
		if closeErr := f.Close(); closeErr != nil && err == nil {
			err = diskError{closeErr}
		}
	}()
	h := sha256.New()
	w := &diskWriter{f: f}
	if err := write(io.MultiWriter(w, h)); err != nil {
		return 0, "", err
	}
	// A loss of power must not leave something else under the name of this hash.
	if sync {
		if err := f.Sync(); err != nil {
			return 0, "", diskError{err}
		}
	}
	return w.n, hex.EncodeToString(h.Sum(nil)), nil
}

// diskWriter tells errors of the disk from those of the network, and counts.
type diskWriter struct {
	f *os.File
	n int64
}

func (w *diskWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.n += int64(n)
	if err != nil {
		err = diskError{err}
	}
	return n, err
}

// IsDisk reports whether an error is of the cache's disk and not of the source.
func IsDisk(err error) bool {
	var d diskError
	return errors.As(err, &d)
}

// place moves a temporary file to where it belongs.
func place(temp, path string) error {
	err := os.Rename(temp, path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.Rename(temp, path)
		}
	}
	return err
}

// link pins an object. The error wraps fs.ErrNotExist when it is not there, or damaged.
func (c *Cache) link(r ref) (*pin, error) {
	path, err := c.tempPath()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.pins[r.sha256]; p != nil {
		p.count++
		return p, nil
	}
	if err := os.Link(c.objectPath(r.sha256), path); err != nil {
		return nil, c.disk(err)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Size() != r.size {
		return nil, errors.Join(fs.ErrNotExist, os.Remove(path))
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // when it was last used; a guess is good enough
	p := &pin{sum: r.sha256, path: path, count: 1}
	c.pins[r.sha256] = p
	return p, nil
}

func (c *Cache) unpin(p *pin) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.count--; p.count == 0 {
		if c.pins[p.sum] == p {
			delete(c.pins, p.sum)
		}
		_ = os.Remove(p.path) // else it goes with the session
	}
}

// drop has an object fetched again. Whoever has pinned it keeps it.
func (c *Cache) drop(p *pin) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pins[p.sum] == p {
		delete(c.pins, p.sum)
	}
	_ = os.Remove(c.objectPath(p.sum)) // publish would replace it, too
}
