package filecache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"traillake/internal/stretch"
)

// distant is a file of which parts are asked for.
const distant = "0123456789abcdefghijklmnopqrstuvwxyz"

// add asks for stretches of distant and returns a fill, which adds what lacks.
func add(list ...stretch.Stretch) func(*Parts) error {
	return func(p *Parts) error {
		for _, s := range stretch.Of(list...).Without(p.Held()) {
			if err := p.Add(s, strings.NewReader(distant[s.At:s.End()])); err != nil {
				return err
			}
		}
		p.SetTag("tag")
		return nil
	}
}

// holed is distant with holes where s has nothing.
func holed(s stretch.Set) string {
	b := make([]byte, len(distant))
	for _, p := range s {
		copy(b[p.At:], distant[p.At:p.End()])
	}
	return string(b)
}

func mustRead(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Errorf("it holds %q, want %q, error %v", b, want, err)
	}
}

func TestPinParts(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	pin := func(c *Cache, fill func(*Parts) error) (string, func()) {
		t.Helper()
		path, release, err := c.PinParts(t.Context(), "a", int64(len(distant)), fill)
		if err != nil {
			t.Fatal(err)
		}
		return path, release
	}
	one, two := stretch.Stretch{At: 3, Length: 4}, stretch.Stretch{At: 20, Length: 16}
	path, release := pin(c, add(one))
	mustRead(t, path, holed(stretch.Of(one)))
	nothing := func(p *Parts) error {
		if p.Tag() != "tag" {
			t.Errorf("the tag is %q", p.Tag())
		}
		b := make([]byte, 2)
		if n, err := p.ReadAt(b, 4); n != 2 || err != nil || string(b) != "45" {
			t.Errorf("read %q, error %v", b[:n], err)
		}
		for _, at := range []int64{2, 6, 7, -1, 100} {
			if _, err := p.ReadAt(b, at); !errors.Is(err, ErrHole) {
				t.Errorf("read a hole at %d: error %v", at, err)
			}
		}
		return nil
	}
	again, releaseAgain := pin(c, nothing)
	if again != path {
		t.Errorf("the same parts lie at %s and %s", path, again)
	}
	releaseAgain()
	// Another process has more of it come. Who reads the copy sees what it saw.
	other := open(t, dir, 1<<20)
	more, releaseMore := pin(other, add(one, two))
	mustRead(t, more, holed(stretch.Of(one, two)))
	mustRead(t, path, holed(stretch.Of(one)))
	now, releaseNow := pin(c, nothing)
	mustRead(t, now, holed(stretch.Of(one, two)))
	if n, _ := objects(t, dir); n != 1 {
		t.Errorf("there are %d objects: what is a part of another should be gone", n)
	}
	for _, done := range []func(){release, releaseMore, releaseNow} {
		done()
	}
	// What fails leaves everything as it was.
	refusal := errors.New("no")
	for what, fill := range map[string]func(*Parts) error{
		"refused": func(p *Parts) error {
			return errors.Join(add(stretch.Stretch{Length: int64(len(distant))})(p), refusal)
		},
		"too short": func(p *Parts) error { return p.Add(stretch.Stretch{Length: 3}, strings.NewReader("01")) },
		"behind":    func(p *Parts) error { return p.Add(stretch.Stretch{At: 30, Length: 7}, strings.NewReader(distant)) },
	} {
		if _, _, err := c.PinParts(t.Context(), "a", int64(len(distant)), fill); err == nil {
			t.Errorf("%s: no error", what)
		}
		path, release := pin(c, func(*Parts) error { return nil })
		mustRead(t, path, holed(stretch.Of(one, two)))
		release()
	}
	// Of another size it is another file.
	if _, release, err := c.PinParts(t.Context(), "a", 5, func(p *Parts) error {
		if p.Held() != nil {
			t.Errorf("a file of another size holds %v", p.Held())
		}
		return nil
	}); err != nil {
		t.Error(err)
	} else {
		release()
	}
	c.Forget("a")
	path, release = pin(c, func(p *Parts) error {
		if p.Held() != nil {
			t.Errorf("what was forgotten holds %v", p.Held())
		}
		return nil
	})
	mustRead(t, path, holed(nil))
	release()
	entries, err := os.ReadDir(filepath.Join(dir, sessionsDir))
	if err != nil || len(entries) != 4 { // a folder and a lock for each of two
		t.Errorf("%d files of sessions, error %v", len(entries), err)
	}
	left, err := filepath.Glob(filepath.Join(dir, sessionsDir, "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in the sessions: %v, error %v", left, err)
	}
}

// TestPinPartsAtOnce has several ask for other parts of a file at once, in one process and
// in two. In one, nothing comes twice.
func TestPinPartsAtOnce(t *testing.T) {
	dir := t.TempDir()
	caches := []*Cache{open(t, dir, 1<<20), open(t, dir, 1<<20)}
	var wg sync.WaitGroup
	var mu sync.Mutex
	came := map[string]int{}
	for i := range 40 {
		wg.Go(func() {
			s := stretch.Stretch{At: int64(i / 2), Length: 10}
			path, release, err := caches[i%2].PinParts(t.Context(), "a", int64(len(distant)), func(p *Parts) error {
				for _, lacking := range stretch.Of(s).Without(p.Held()) {
					mu.Lock()
					came[fmt.Sprint(i%2, lacking.At)]++
					mu.Unlock()
				}
				return add(s)(p)
			})
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			b, err := os.ReadFile(path)
			if err != nil || string(b[s.At:s.End()]) != distant[s.At:s.End()] {
				t.Errorf("%s is %q, error %v", s, b, err)
			}
			for k := range b {
				if b[k] != 0 && b[k] != distant[k] {
					t.Errorf("byte %d is %q", k, b[k])
				}
			}
		})
	}
	wg.Wait()
	_, release, err := caches[0].PinParts(t.Context(), "a", int64(len(distant)), func(p *Parts) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	release()
}

// TestHolesTakeNoRoom has a large file of which little is here not push others out.
func TestHolesTakeNoRoom(t *testing.T) {
	dir, r := t.TempDir(), &remote{}
	c := open(t, dir, 1<<20)
	_, release, err := c.Pin(t.Context(), "small", -1, r.source("small"))
	if err != nil {
		t.Fatal(err)
	}
	release()
	_, release, err = c.PinParts(t.Context(), "large", 1<<30, func(p *Parts) error {
		return p.Add(stretch.Stretch{At: 1 << 29, Length: 200 << 10}, io.LimitReader(zeros{}, 1<<20))
	})
	if err != nil {
		t.Fatal(err)
	}
	release()
	if err := c.evict(); err != nil {
		t.Error(err)
	}
	if n, _ := objects(t, dir); n != 2 {
		t.Errorf("%d objects are left of two", n)
	}
	// Until it holds more than there is room for.
	_, release, err = c.PinParts(t.Context(), "large", 1<<30, func(p *Parts) error {
		return p.Add(stretch.Stretch{At: 0, Length: 1 << 20}, zeros{})
	})
	if err != nil {
		t.Fatal(err)
	}
	release()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.namePath(partsKey("large"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what holds more than the cache has room for: %v", err)
	}
}

// zeros gives bytes that are not holes.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// FuzzPartsText wants what another process wrote, or a damaged disk, to be read as it was
// written or not at all.
func FuzzPartsText(f *testing.F) {
	sum := strings.Repeat("ab", 32)
	f.Add(sum+" 100 746167 0+5 90+10", int64(100))
	f.Add(sum+" 100  ", int64(100))
	f.Add(sum+" 100 746167 90+11", int64(100))
	f.Fuzz(func(t *testing.T, text string, size int64) {
		sum, have, tag, ok := parseParts(text, size)
		if !ok {
			return
		}
		again, same, sameTag, ok := parseParts(partsText(sum, size, tag, have), size)
		if !ok || again != sum || fmt.Sprint(same) != fmt.Sprint(have) || sameTag != tag {
			t.Errorf("%q is read as %s %v %q, and then as %s %v %q, %v", text, sum, have, tag, again, same, sameTag, ok)
		}
		if n := len(have); n > 0 && (have[0].At < 0 || have[n-1].End() > size) {
			t.Errorf("%v is not in a file of %d bytes", have, size)
		}
	})
}
