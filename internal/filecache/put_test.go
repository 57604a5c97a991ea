package filecache

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"
)

func put(t *testing.T, c *Cache, key, text string) {
	t.Helper()
	err := c.Put(key, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPut: what was put last is there, also for another process, and nothing of what was not
// written to its end.
func TestPut(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	if _, err := c.Get("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty cache: %v", err)
	}
	put(t, c, "a", "one")
	put(t, c, "b", "one")
	put(t, c, "a", "two")
	failed := errors.New("failed")
	err := c.Put("b", func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, failed)
	})
	if !errors.Is(err, failed) {
		t.Errorf("put ends with %v", err)
	}
	for key, want := range map[string]string{"a": "two", "b": "one"} {
		for _, c := range []*Cache{c, open(t, dir, 1<<20)} {
			if b, err := c.Get(key); string(b) != want || err != nil {
				t.Errorf("%s is %q, %v; want %q", key, b, err, want)
			}
		}
	}
	if n, bytes := objects(t, dir); n != 2 || bytes != 6 {
		t.Errorf("%d objects of %d bytes", n, bytes)
	}
}

// TestPutDamaged: what is no longer what was put is not returned, and can be put again.
func TestPutDamaged(t *testing.T) {
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { return b[:len(b)-1] },
		func(b []byte) []byte { b[1] ^= 1; return b },
		func([]byte) []byte { return nil },
	} {
		c := open(t, t.TempDir(), 1<<20)
		put(t, c, "a", "one")
		r, _ := c.lookUp("a", -1)
		if err := os.WriteFile(c.objectPath(r.sha256), damage([]byte("one")), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, want := range []error{ErrDamaged, fs.ErrNotExist} {
			if b, err := c.Get("a"); b != nil || !errors.Is(err, want) {
				t.Errorf("damaged: %q, %v; want %v", b, err, want)
			}
		}
		put(t, c, "a", "one")
		if b, err := c.Get("a"); string(b) != "one" || err != nil {
			t.Errorf("put again: %q, %v", b, err)
		}
	}
}

// TestPutEvicts: what was used last stays within the bound.
func TestPutEvicts(t *testing.T) {
	const size = 1 << 16
	c := open(t, t.TempDir(), 8*size)
	for i := range 20 {
		put(t, c, string(rune('a'+i)), string(bytes.Repeat([]byte{byte(i)}, size)))
		if _, err := c.Get("a"); err != nil {
			t.Fatalf("what is always used is gone after %d more: %v", i, err)
		}
	}
	if n, bytes := objects(t, c.Dir()); bytes > 9*size {
		t.Errorf("%d objects of %d bytes", n, bytes)
	}
	if _, err := c.Get("b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was not used: %v", err)
	}
}

// TestClear: nothing is left, not even for others, and what comes after is kept.
func TestClear(t *testing.T) {
	dir := t.TempDir()
	c, other := open(t, dir, 1<<20), open(t, dir, 1<<20)
	put(t, c, "a", "one")
	put(t, other, "b", "two")
	if err := c.Clear(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Cache{c, other} {
		for _, key := range []string{"a", "b"} {
			if b, err := c.Get(key); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is %q, %v", key, b, err)
			}
		}
	}
	if n, _ := objects(t, dir); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	put(t, c, "a", "three")
	if b, err := other.Get("a"); string(b) != "three" || err != nil {
		t.Errorf("put again: %q, %v", b, err)
	}
}
