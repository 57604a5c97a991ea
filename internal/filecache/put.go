package filecache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"
)

// Put keeps what write writes, and has the key mean it in the place of what it meant before.
// Nothing is kept if write returns an error. It is for what is computed here, of which nobody
// knows the hash beforehand. What is kept may be lost at any time.
func (c *Cache) Put(key string, write func(io.Writer) error) error {
	temp, err := c.tempPath()
	if err != nil {
		return err
	}
	n, sum, err := save(temp, false, write)
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	p, err := c.enter(temp, key, n, sum)
	if err != nil {
		return err
	}
	c.unpin(p)
	return nil
}

// Get returns the bytes that were last kept under the key. The error is fs.ErrNotExist where
// there are none, and ErrDamaged where they are no longer what they were: those are removed.
func (c *Cache) Get(key string) ([]byte, error) {
	r, ok := c.lookUp(key, -1)
	if !ok {
		return nil, fmt.Errorf("use cache %s: %w", c.dir, os.ErrNotExist)
	}
	path := c.objectPath(r.sha256)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, c.disk(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != r.sha256 {
		_ = os.Remove(path) // the next that is put replaces it, too
		return nil, c.disk(ErrDamaged)
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // when it was last used, as link has it
	return b, nil
}
