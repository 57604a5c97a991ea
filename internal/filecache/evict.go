package filecache

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// count notes that bytes were added, and makes room from time to time.
func (c *Cache) count(n int64) error {
	c.mu.Lock()
	c.added += max(n, 4<<10) // a block of most file systems
	due := c.added > c.max/8
	if due {
		c.added = 0
	}
	c.mu.Unlock()
	if !due {
		return nil
	}
	return c.evict()
}

// due says whether to make room after so many bytes: always after a 64th of the bound, and
// after less by chance, in proportion. To look at 10,000 objects takes 10 ms, which a query
// that adds one small object need not wait for each time.
func (c *Cache) due(added int64) bool { return rand.Int64N(c.max/64+1) < added }

// entry is one object on disk.
type entry struct {
	path string
	size int64 // on disk
	used time.Time
}

// evict removes the objects that were used least recently until there is an eighth less
// than the bound, if there is more than that.
func (c *Cache) evict() error {
	var all []entry
	var total int64
	err := walk(filepath.Join(c.dir, objectsDir), func(path string, fi fs.FileInfo) {
		e := entry{path, allocated(fi), fi.ModTime()}
		all = append(all, e)
		total += e.size
	})
	if err != nil || total <= c.max {
		return err
	}
	slices.SortFunc(all, func(a, b entry) int { return a.used.Compare(b.used) })
	for _, e := range all {
		if total <= c.max-c.max/8 {
			break
		}
		if err := os.Remove(e.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= e.size
	}
	return c.forgetEvicted()
}

// Clear removes all that is kept. Whoever has pinned something keeps it.
func (c *Cache) Clear() error {
	c.mu.Lock()
	clear(c.pins)
	c.mu.Unlock()
	var errs []error
	err := walk(filepath.Join(c.dir, objectsDir), func(path string, _ fs.FileInfo) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	})
	if err = errors.Join(append(errs, err, c.forgetEvicted())...); err != nil {
		return fmt.Errorf("clear cache %s: %w", c.dir, err)
	}
	return nil
}

// forgetEvicted removes names whose objects are gone.
func (c *Cache) forgetEvicted() error {
	return walk(filepath.Join(c.dir, namesDir), func(path string, _ fs.FileInfo) {
		text, err := os.ReadFile(path)
		sum, _, _ := strings.Cut(string(text), " ")
		if err != nil || len(sum) < 2 {
			return
		}
		if _, err := os.Stat(c.objectPath(sum)); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(path)
		}
	})
}

// walk calls do with every file two folders deep. Files come and go meanwhile.
func walk(root string, do func(path string, fi fs.FileInfo)) error {
	dirs, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		entries, err := os.ReadDir(filepath.Join(root, d.Name()))
		if err != nil {
			return err
		}
		for _, e := range entries {
			fi, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			do(filepath.Join(root, d.Name(), e.Name()), fi)
		}
	}
	return nil
}
