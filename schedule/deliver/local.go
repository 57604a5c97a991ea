package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

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

// Put implements Place: under a name that begins with a full stop, which is then changed. What
// a process that was killed more than a day ago has left is removed; what is younger may be that
// of another, which delivers the same.
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
	// A name that nobody else gives, since those of it that were left are removed.
	temp, err := tempdir.New(above, tempdir.Prefix(name, ".traillake-"), tempdir.AgeShared)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temp.Remove()) }() // gone, where it was moved
	staging := temp.Dir
	names, err := files(dir, p.manifest)
	if err != nil {
		return err
	}
	folders := map[string]bool{staging: true}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		target := filepath.Join(staging, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		folders[filepath.Dir(target)] = true
		if err := copyFile(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
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

// copyFile copies a file, which may be large, to a new one and waits until it is on the disk.
func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
