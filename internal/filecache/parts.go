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
	"strconv"
	"strings"
	"sync"

	"traillake/internal/stretch"
)

// ErrHole reports a read of bytes that are not in a copy of parts.
var ErrHole = errors.New("this part of the file is not here")

// Parts is a copy of parts of a remote file, while somebody looks whether it is enough and
// adds what lacks. It is safe for concurrent use.
type Parts struct {
	cache *Cache
	size  int64

	mu   sync.Mutex // guards what follows
	have stretch.Set
	tag  string
	file *os.File // nil while there is nothing
	temp string   // the path of file when something was added, or is to be
}

// partsKey tells the copy of parts of a file from that of the whole.
func partsKey(key string) string { return "parts of " + key }

// PinParts returns the path of a local copy of a remote file of which only parts are here:
// it has size bytes, and holes in the place of the others, which read as zeros. fill adds
// what lacks; only one of those that ask for the same key runs at a time. No hash is
// compared: who reads the copy must notice damage, and then Forget the key.
//
// The copy stays, and is as it was, until release is called or the cache is closed. When
// fill fails nothing is kept of what it added.
func (c *Cache) PinParts(ctx context.Context, key string, size int64, fill func(*Parts) error) (path string, release func(), err error) {
	key = partsKey(key)
	end, err := c.turn(ctx, key)
	if err != nil {
		return "", nil, err
	}
	defer end()
	p := &Parts{cache: c, size: size}
	known, err := p.open(key)
	if err != nil {
		return "", nil, c.disk(err)
	}
	pinned, err := p.fill(key, known, fill)
	if known != nil && pinned != known {
		c.unpin(known)
	}
	if err != nil {
		if IsDisk(err) {
			err = c.disk(err)
		}
		return "", nil, err
	}
	return pinned.path, sync.OnceFunc(func() { c.unpin(pinned) }), nil
}

// turn waits until nobody else fetches the key. done ends the turn.
func (c *Cache) turn(ctx context.Context, key string) (done func(), err error) {
	for {
		c.mu.Lock()
		other := c.calls[key]
		if other == nil {
			mine := &call{done: make(chan struct{})}
			c.calls[key] = mine
			c.mu.Unlock()
			return func() {
				c.mu.Lock()
				delete(c.calls, key)
				c.mu.Unlock()
				close(mine.done)
			}, nil
		}
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-other.done:
		}
	}
}

// open opens and pins what is known, if anything is.
func (p *Parts) open(key string) (*pin, error) {
	text, err := os.ReadFile(p.cache.namePath(key))
	if err != nil {
		return nil, nil // there is nothing, or nothing that can be used
	}
	sum, have, tag, ok := parseParts(strings.TrimSuffix(string(text), "\n"), p.size)
	if !ok {
		return nil, nil
	}
	known, err := p.cache.link(ref{sum, p.size})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if p.file, err = os.Open(known.path); err != nil {
		p.cache.unpin(known)
		return nil, err
	}
	p.have, p.tag = have, tag
	return known, nil
}

// partsText is what the cache notes of a copy of parts, and parseParts reads.
func partsText(sum string, size int64, tag string, have stretch.Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s", sum, size, hex.EncodeToString([]byte(tag)))
	for _, s := range have {
		b.WriteString(" " + s.String())
	}
	return b.String()
}

func parseParts(text string, size int64) (sum string, have stretch.Set, tag string, ok bool) {
	fields := strings.Split(text, " ")
	if len(fields) < 3 || fields[1] != strconv.FormatInt(size, 10) || len(fields[0]) != 2*sha256.Size {
		return "", nil, "", false
	}
	raw, err := hex.DecodeString(fields[2])
	if _, sumErr := hex.DecodeString(fields[0]); err != nil || sumErr != nil {
		return "", nil, "", false
	}
	list := make([]stretch.Stretch, len(fields)-3)
	for i, f := range fields[3:] {
		s, err := stretch.Parse(f)
		if err != nil || s.End() > size {
			return "", nil, "", false
		}
		list[i] = s
	}
	return fields[0], stretch.Of(list...), string(raw), true
}

// fill has what lacks added, and returns a pin of the result: known, if nothing lacked.
func (p *Parts) fill(key string, known *pin, fill func(*Parts) error) (_ *pin, err error) {
	defer func() {
		if p.file != nil {
			if closeErr := p.file.Close(); closeErr != nil && err == nil {
				err = diskError{closeErr}
			}
		}
		if err != nil && p.temp != "" {
			_ = os.Remove(p.temp)
		}
	}()
	if err := fill(p); err != nil {
		return nil, err
	}
	if p.temp == "" && known != nil {
		return known, nil
	}
	if err := p.writable(); err != nil {
		return nil, err
	}
	// A loss of power must not leave holes where something should be.
	if err := p.file.Sync(); err != nil {
		return nil, diskError{err}
	}
	// What is here of a file that never changes, and its tag, say what the copy holds.
	name := sha256.Sum256([]byte(key + "\n" + partsText("", p.size, p.tag, p.have)))
	sum := hex.EncodeToString(name[:])
	pinned := p.cache.keep(p.temp, sum)
	if err := errors.Join(p.cache.publish(pinned, key, partsText(sum, p.size, p.tag, p.have)), p.cache.count(p.have.Bytes())); err != nil {
		p.cache.unpin(pinned)
		return nil, diskError{err}
	}
	if known != nil && known.sum != sum {
		_ = os.Remove(p.cache.objectPath(known.sum)) // the new one holds all of it
	}
	return pinned, nil
}

// Tag returns what SetTag was given, when the parts that are here came.
func (p *Parts) Tag() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tag
}

// SetTag notes by what the remote file can be told from another of its name.
func (p *Parts) SetTag(tag string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tag = tag
}

// Held returns which parts are here.
func (p *Parts) Held() stretch.Set {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.have
}

// ReadAt reads what is here. The error wraps ErrHole where a byte of it is not.
func (p *Parts) ReadAt(b []byte, at int64) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := (stretch.Stretch{At: at, Length: int64(len(b))}); !p.have.Holds(s) {
		return 0, fmt.Errorf("%w: %s", ErrHole, s)
	}
	if len(b) == 0 {
		return 0, nil
	}
	n, err := p.file.ReadAt(b, at)
	if err != nil {
		err = diskError{err}
	}
	return n, err
}

// Add adds a stretch, whose bytes from gives.
func (p *Parts) Add(s stretch.Stretch, from io.Reader) error {
	if s.At < 0 || s.Length < 0 || s.End() > p.size {
		return fmt.Errorf("%s is not in a file of %d bytes", s, p.size)
	}
	if err := p.writable(); err != nil {
		return err
	}
	// p.file stays what it is from here on.
	if _, err := io.CopyN(&diskAt{p.file, s.At}, from, s.Length); err == io.EOF {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.have = p.have.And(stretch.Of(s))
	return nil
}

// writable makes the file that others have not seen, with what is here.
func (p *Parts) writable() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.temp != "" {
		return nil
	}
	path, err := p.cache.tempPath()
	if err != nil {
		return diskError{err}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return diskError{err}
	}
	err = f.Truncate(p.size)
	for _, s := range p.have {
		if err != nil {
			break
		}
		_, err = io.CopyN(&diskAt{f, s.At}, io.NewSectionReader(p.file, s.At, s.Length), s.Length)
	}
	if p.file != nil {
		err = errors.Join(err, p.file.Close())
	}
	p.file, p.temp = f, path
	if err != nil {
		return diskError{err}
	}
	return nil
}

// diskAt writes one part of a file after the other.
type diskAt struct {
	f  *os.File
	at int64
}

func (w *diskAt) Write(b []byte) (int, error) {
	n, err := w.f.WriteAt(b, w.at)
	w.at += int64(n)
	if err != nil {
		err = diskError{err}
	}
	return n, err
}

// Known returns the path of the copy of the whole file that key means, as Pin does, if it
// is there.
func (c *Cache) Known(key string, size int64) (path string, release func(), ok bool) {
	p, err := c.known(key, size)
	if err != nil {
		return "", nil, false
	}
	return p.path, sync.OnceFunc(func() { c.unpin(p) }), true
}

// Forget drops the copies of the file that key means, and of parts of it. Whoever has
// pinned them keeps them; who asks again has it fetched.
func (c *Cache) Forget(key string) {
	for _, k := range []string{key, partsKey(key)} {
		text, err := os.ReadFile(c.namePath(k))
		if err != nil {
			continue
		}
		_ = os.Remove(c.namePath(k))
		sum, _, _ := strings.Cut(string(text), " ")
		if len(sum) != 2*sha256.Size {
			continue
		}
		c.mu.Lock()
		delete(c.pins, sum)
		c.mu.Unlock()
		_ = os.Remove(c.objectPath(sum))
	}
}
