package filecache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// remote gives files whose content is their key, a hundred times, and counts.
type remote struct {
	fetched atomic.Int64
	// damage, if not nil, changes what is sent.
	damage func(text string) string
}

func textOf(key string) string { return strings.Repeat(key+"\n", 100) }

func (r *remote) source(key string) Source {
	return func(context.Context) (Content, error) {
		r.fetched.Add(1)
		text := textOf(key)
		sum := sha256.Sum256([]byte(text))
		if r.damage != nil {
			text = r.damage(text)
		}
		return Content{Body: io.NopCloser(strings.NewReader(text)), SHA256: hex.EncodeToString(sum[:])}, nil
	}
}

func open(t *testing.T, dir string, max int64) *Cache {
	t.Helper()
	c, err := Open(dir, max)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func mustHold(t *testing.T, path, key string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != textOf(key) {
		t.Errorf("%s: %d bytes, error %v", key, len(b), err)
	}
}

// objects returns how many objects the folder holds, and their bytes.
func objects(t *testing.T, dir string) (n int, bytes int64) {
	t.Helper()
	err := walk(filepath.Join(dir, objectsDir), func(_ string, fi fs.FileInfo) { n++; bytes += fi.Size() })
	if err != nil {
		t.Fatal(err)
	}
	return n, bytes
}

func TestPinAndRead(t *testing.T) {
	dir, r := t.TempDir(), &remote{}
	c := open(t, dir, 1<<20)
	path, release, err := c.Pin(t.Context(), "a", int64(len(textOf("a"))), r.source("a"))
	if err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, "a")
	again, releaseAgain, err := c.Pin(t.Context(), "a", -1, r.source("a"))
	if err != nil || again != path {
		t.Errorf("pinned again at %s, error %v", again, err)
	}
	release()
	release()
	mustHold(t, path, "a")
	releaseAgain()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a released pin: %v", err)
	}
	for range 2 {
		if b, err := c.Read(t.Context(), "b", r.source("b")); err != nil || string(b) != textOf("b") {
			t.Errorf("read %d bytes, error %v", len(b), err)
		}
	}
	if n := r.fetched.Load(); n != 2 {
		t.Errorf("%d fetches", n)
	}
	// Another process, later.
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	other := open(t, dir, 1<<20)
	if b, err := other.Read(t.Context(), "a", r.source("a")); err != nil || string(b) != textOf("a") || r.fetched.Load() != 2 {
		t.Errorf("read %d bytes after %d fetches, error %v", len(b), r.fetched.Load(), err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; err == nil && path != dir && fi.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, fi.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestDamage wants nothing to be taken for a file that it is not.
func TestDamage(t *testing.T) {
	r := &remote{damage: func(text string) string { return text[1:] }}
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	if _, err := c.Read(t.Context(), "a", r.source("a")); !errors.Is(err, ErrDamaged) || IsDisk(err) {
		t.Errorf("half of a file: %v", err)
	}
	r.damage = nil
	if _, _, err := c.Pin(t.Context(), "a", 5, r.source("a")); !errors.Is(err, ErrDamaged) {
		t.Errorf("a file of another size: %v", err)
	}
	if n, _ := objects(t, dir); n > 0 {
		t.Errorf("%d damaged objects were kept", n)
	}
	if _, err := c.Read(t.Context(), "a", r.source("a")); err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256([]byte(textOf("a")))
	path := c.objectPath(hex.EncodeToString(sum[:]))
	// As a disk may do it: other bytes of the same size, then fewer bytes.
	for _, text := range []string{strings.Repeat("x", len(textOf("a"))), ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := c.Read(t.Context(), "a", r.source("a")); err != nil || string(b) != textOf("a") {
			t.Errorf("read %d bytes, error %v", len(b), err)
		}
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pinned, release, err := c.Pin(t.Context(), "a", -1, r.source("a"))
	if err != nil {
		t.Fatal(err)
	}
	mustHold(t, pinned, "a")
	release()
}

func TestSingleFlight(t *testing.T) {
	r := &remote{}
	c := open(t, t.TempDir(), 1<<20)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			path, release, err := c.Pin(t.Context(), "a", -1, r.source("a"))
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			mustHold(t, path, "a")
		})
	}
	wg.Wait()
	if n := r.fetched.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

// TestCancelledFetch wants a waiter to fetch by itself what another gave up.
func TestCancelledFetch(t *testing.T) {
	r := &remote{}
	c := open(t, t.TempDir(), 1<<20)
	ctx, cancel := context.WithCancel(t.Context())
	fetching := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := c.Read(ctx, "a", func(ctx context.Context) (Content, error) {
			close(fetching)
			<-ctx.Done()
			return Content{}, ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-fetching
	wg.Go(func() {
		if _, err := c.Read(t.Context(), "a", r.source("a")); err != nil {
			t.Error(err)
		}
	})
	cancel()
	wg.Wait()
}

func TestEvict(t *testing.T) {
	dir, r := t.TempDir(), &remote{}
	size := int64(len(textOf("key 00")))
	const room = 16
	c, other := open(t, dir, room*size), open(t, dir, room*size)
	kept, release, err := other.Pin(t.Context(), "key 00", -1, r.source("key 00"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 4*room; i++ {
		key := fmt.Sprintf("key %02d", i)
		if _, err := c.Read(t.Context(), key, r.source(key)); err != nil {
			t.Fatal(err)
		}
		if _, bytes := objects(t, dir); bytes > room*size*9/8+size {
			t.Errorf("%d bytes, %d are allowed", bytes, room*size)
		}
	}
	mustHold(t, kept, "key 00")
	release()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	n, _ := objects(t, dir)
	names := 0
	if err := walk(filepath.Join(dir, namesDir), func(string, fs.FileInfo) { names++ }); err != nil || names != n || n > room || n < room/2 {
		t.Errorf("%d objects, %d names, error %v", n, names, err)
	}
	before := r.fetched.Load()
	if _, err := other.Read(t.Context(), "key 00", r.source("key 00")); err != nil || r.fetched.Load() != before+1 {
		t.Errorf("what was evicted: %d fetches, error %v", r.fetched.Load()-before, err)
	}
}

// TestDue says that room is made after little now and then, so that the bound holds for many
// processes that add little.
func TestDue(t *testing.T) {
	c := open(t, t.TempDir(), 1<<20)
	times := 0
	for range 1000 {
		if !c.due(1<<20/64+1) || c.due(0) {
			t.Fatal("a 64th is always enough, nothing never")
		}
		if c.due(1 << 20 / 128) {
			times++
		}
	}
	if times < 300 || times > 700 { // 12 standard deviations
		t.Errorf("a 128th is enough %d times of 1000", times)
	}
}

// TestTinyCache wants what is larger than the cache to be had all the same.
func TestTinyCache(t *testing.T) {
	dir, r := t.TempDir(), &remote{}
	c := open(t, dir, 1)
	if b, err := c.Read(t.Context(), "a", r.source("a")); err != nil || string(b) != textOf("a") {
		t.Errorf("read %d bytes, error %v", len(b), err)
	}
	path, release, err := c.Pin(t.Context(), "b", -1, r.source("b"))
	if err != nil {
		t.Fatal(err)
	}
	mustHold(t, path, "b")
	release()
	if n, _ := objects(t, dir); n > 0 {
		t.Errorf("%d objects are left", n)
	}
}

// TestSeveral has several caches in one folder, as processes have, fetch and evict.
func TestSeveral(t *testing.T) {
	dir, r := t.TempDir(), &remote{}
	var wg sync.WaitGroup
	for p := range uint64(4) {
		wg.Go(func() {
			c, err := Open(dir, 3000)
			if err != nil {
				t.Error(err)
				return
			}
			random := rand.New(rand.NewPCG(p, 0))
			for range 60 {
				key := fmt.Sprint("key ", random.IntN(20))
				if random.IntN(2) == 0 {
					if b, err := c.Read(t.Context(), key, r.source(key)); err != nil || string(b) != textOf(key) {
						t.Errorf("read %d bytes, error %v", len(b), err)
					}
					continue
				}
				path, release, err := c.Pin(t.Context(), key, -1, r.source(key))
				if err != nil {
					t.Error(err)
					continue
				}
				mustHold(t, path, key)
				release()
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, err := os.ReadDir(filepath.Join(dir, sessionsDir)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, error %v", left, err)
	}
}

// TestBury wants the folder of a process that was killed to go, and none else.
func TestBury(t *testing.T) {
	dir, r := t.TempDir(), &remote{}
	alive := open(t, dir, 1<<20)
	path, release, err := alive.Pin(t.Context(), "a", -1, r.source("a"))
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	dead := filepath.Join(dir, sessionsDir, "dead")
	if err := errors.Join(os.Mkdir(dead, 0o700), os.WriteFile(dead+lockSuffix, nil, 0o600), os.WriteFile(filepath.Join(dead, "t1"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	open(t, dir, 1<<20)
	for _, gone := range []string{dead, dead + lockSuffix} {
		if _, err := os.Stat(gone); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", gone, err)
		}
	}
	mustHold(t, path, "a")
}

func TestTemp(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	f, err := c.Temp()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("x"); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(c.session.dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, error %v", left, err)
	}
}

func TestUnusable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "cache"), 1<<20); err == nil || !strings.Contains(err.Error(), "another folder") {
		t.Error(err)
	}
}
