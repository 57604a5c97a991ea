package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"traillake/internal/sealed"
	"traillake/internal/tempdir"
)

// localPlace is a folder that is made when the report is complete.
type localPlace struct{ folder, manifest string }

// Has implements Place.
func (p localPlace) Has(context.Context) (bool, error) {
	_, err := os.Stat(filepath.Join(p.folder, p.manifest))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Files implements Place.
func (p localPlace) Files(context.Context) ([]string, error) { return list(p.folder) }

// Open implements Place.
func (p localPlace) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(p.folder, filepath.FromSlash(name)))
}

// Put implements Place: under a name that begins with a full stop, which is then changed.
func (p localPlace) Put(ctx context.Context, dir string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("deliver to %s: %w", p.folder, err)
		}
	}()
	above, name := filepath.Split(filepath.Clean(p.folder))
	if above == "" {
		above = "."
	}
	if err := os.MkdirAll(above, 0o700); err != nil {
		return err
	}
	prefix := tempdir.Prefix(name, "-")
	if err := removeLeft(above, prefix); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(above, prefix+"*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }() // gone, where it was moved
	names, err := files(dir, p.manifest)
	if err != nil {
		return err
	}
	folders := map[string]bool{staging: true}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		target := filepath.Join(staging, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		folders[filepath.Dir(target)] = true
		if err := sealed.WriteFile(target, raw); err != nil {
			return err
		}
	}
	for f := range folders {
		if err := sealed.SyncDir(f); err != nil {
			return err
		}
	}
	// A folder takes the place of an empty one only.
	if err := os.Rename(staging, p.folder); err != nil {
		if _, there := os.Lstat(p.folder); there != nil {
			return err
		}
		if has, hasErr := p.Has(ctx); hasErr != nil || !has {
			return ErrExists
		}
		return Same(ctx, p, dir)
	}
	return sealed.SyncDir(above)
}

// removeLeft removes from a folder what a process left behind that was killed in Put: names of
// a beginning and a number, as os.MkdirTemp makes them.
func removeLeft(above, begin string) error {
	entries, err := os.ReadDir(above)
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), begin)
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(above, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
