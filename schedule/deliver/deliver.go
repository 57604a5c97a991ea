// Package deliver puts the folders of reports, and of exported results, where people look for
// them: into folders and under s3:// places, whole or not at all.
//
// A report is at a place when its manifest is, which names all other files. In a folder
// everything appears at once; on S3 the manifest comes last.
package deliver

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"traillake/internal/awsclient"
)

// ErrExists reports that another report, or something else, is at the place.
var ErrExists = errors.New("something else is there already")

// Place is where one report goes: a folder, or a prefix on S3, of its own.
type Place interface {
	// Has reports whether a report is there.
	Has(ctx context.Context) (bool, error)
	// Files returns the names of all files that are there, with slashes, in order.
	Files(ctx context.Context) ([]string, error)
	// Open opens a file for reading. The error wraps fs.ErrNotExist when it is not there.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Put puts the report in a local folder there. Where the same is there already, as Same
	// tells, all is well; the error wraps ErrExists where anything else is.
	Put(ctx context.Context, dir string) error
}

// Remote reports whether a name is that of a place on S3.
func Remote(name string) bool { return strings.HasPrefix(name, "s3://") }

// Check returns an error where a name is none of a place, as s3:// is, and looks nowhere.
func Check(name string) error {
	if !Remote(name) {
		return nil
	}
	_, _, err := awsclient.ParseURL(name)
	return err
}

// Open returns the place of a name, s3://BUCKET/PREFIX or a folder, of what is complete when
// the file manifest is there. within is the name itself or that of a place which holds it:
// where a permission is missing, it is asked for on all that lies in there.
func Open(ctx context.Context, name, within, manifest string, access awsclient.Options) (Place, error) {
	if !Remote(name) {
		return localPlace{name, manifest}, nil
	}
	bucket, prefix, err := awsclient.ParseURL(name)
	if err != nil {
		return nil, err
	}
	_, above, err := awsclient.ParseURL(within)
	if err != nil {
		return nil, err
	}
	c, err := awsclient.Open(ctx, access)
	if err != nil {
		return nil, err
	}
	client, err := c.Bucket(ctx, bucket)
	if err != nil {
		return nil, err
	}
	return &s3Place{client: client, bucket: bucket, prefix: strings.Trim(prefix, "/"), within: strings.Trim(above, "/"), manifest: manifest}, nil
}

// Fetch copies all that lies at a place into a local folder, which must not be there.
func Fetch(ctx context.Context, from Place, dir string) error {
	names, err := from.Files(ctx)
	if err != nil {
		return fmt.Errorf("fetch report: %w", err)
	}
	for _, name := range names {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("fetch report: the name %q leads out of its folder", name)
		}
		err := awsclient.Whole(ctx, func() error { return fetchFile(ctx, from, dir, name) })
		if err != nil {
			return fmt.Errorf("fetch report: %w", err)
		}
	}
	return nil
}

func fetchFile(ctx context.Context, from Place, dir, name string) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	in, err := from.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	target := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err != nil {
		// It may be fetched again.
		return errors.Join(fmt.Errorf("read %s: %w", name, err), out.Close(), os.Remove(target))
	}
	return out.Close()
}

// Same compares what lies at a place with a local folder: the same files, byte for byte, and no
// others. The error wraps ErrExists, and names a file, where they differ.
func Same(ctx context.Context, p Place, dir string) error {
	ours, err := list(dir)
	if err != nil {
		return err
	}
	theirs, err := p.Files(ctx)
	if err != nil {
		return err
	}
	for _, name := range ours {
		if err := ctx.Err(); err != nil {
			return err
		}
		here, err := hash(os.Open(filepath.Join(dir, filepath.FromSlash(name))))
		if err != nil {
			return err
		}
		there, err := hashAt(ctx, p, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w: it lacks %s", ErrExists, name)
		case err != nil:
			return err
		case here != there:
			return fmt.Errorf("%w: it has another %s", ErrExists, name)
		}
	}
	for _, name := range theirs {
		if !slices.Contains(ours, name) {
			return fmt.Errorf("%w: it has a file %s more", ErrExists, name)
		}
	}
	return nil
}

// hashAt returns the hash of a file at a place.
func hashAt(ctx context.Context, p Place, name string) (sum [sha256.Size]byte, err error) {
	err = awsclient.Whole(ctx, func() error {
		f, err := p.Open(ctx, name)
		if err != nil {
			return err
		}
		if sum, err = hash(f, nil); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		return nil
	})
	return sum, err
}

// hash reads a file that was opened to its end and closes it.
func hash(f io.ReadCloser, err error) (sum [sha256.Size]byte, _ error) {
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	h.Sum(sum[:0])
	return sum, errors.Join(err, f.Close())
}

// list returns the names of a folder's files, with slashes, in order.
func list(dir string) (names []string, err error) {
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if !e.Type().IsRegular() {
			return fmt.Errorf("%w: %s is a link or a device, and no file of its own", ErrExists, name)
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	slices.Sort(names)
	return names, nil
}

// files returns the names of a report's files, with slashes, the manifest last.
func files(dir, manifest string) ([]string, error) {
	names, err := list(dir)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == manifest })
	return append(names, manifest), nil
}

// contentType tells browsers what a file is, where S3 serves it.
func contentType(name string) string {
	types := map[string]string{
		".html": "text/html; charset=utf-8", ".json": "application/json", ".csv": "text/csv; charset=utf-8",
		".md": "text/markdown; charset=utf-8", ".pdf": "application/pdf", ".svg": "image/svg+xml",
	}
	if t, ok := types[path.Ext(name)]; ok {
		return t
	}
	return "application/octet-stream"
}
