// Package deliver puts the folders of reports, and of exported results, where people look for
// them: into folders and under s3:// places, whole or not at all.
//
// A report is at a place when its manifest is, which names all other files. In a folder
// everything appears at once; on S3 the manifest comes last.
package deliver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"traillake/internal/awsclient"
	"traillake/queries/report/folder"
)

// ErrExists reports that another report, or something else, is at the place.
var ErrExists = errors.New("something else is there already")

// Place is where one report goes: a folder, or a prefix on S3, of its own.
type Place interface {
	// Has reports whether a report is there.
	Has(ctx context.Context) (bool, error)
	// Read returns a file of the report. The error wraps fs.ErrNotExist when it is not there.
	Read(ctx context.Context, name string) ([]byte, error)
	// Put puts the report in a local folder there. Where the same is there already, all is
	// well; the error wraps ErrExists where anything else is.
	Put(ctx context.Context, dir string) error
}

// Remote reports whether a name is that of a place on S3.
func Remote(name string) bool { return strings.HasPrefix(name, "s3://") }

// Open returns the place of a name, s3://BUCKET/PREFIX or a folder, of what is complete when
// the file manifest is there.
func Open(ctx context.Context, name, manifest string, access awsclient.Options) (Place, error) {
	if !Remote(name) {
		return localPlace{name, manifest}, nil
	}
	bucket, prefix, err := awsclient.ParseURL(name)
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
	return &s3Place{client: client, bucket: bucket, prefix: strings.Trim(prefix, "/"), manifest: manifest}, nil
}

// Fetch copies a report from its place into a local folder, which must not be there.
func Fetch(ctx context.Context, from Place, m *folder.Manifest, dir string) error {
	names := []string{folder.ManifestName}
	for _, f := range m.Files {
		if !filepath.IsLocal(f.Name) {
			return fmt.Errorf("fetch report: the manifest names %q", f.Name)
		}
		names = append(names, f.Name)
	}
	for _, name := range names {
		raw, err := from.Read(ctx, name)
		if err != nil {
			return fmt.Errorf("fetch report: %w", err)
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return fmt.Errorf("fetch report: %w", err)
		}
		if err := writeFile(target, raw); err != nil {
			return fmt.Errorf("fetch report: %w", err)
		}
	}
	return nil
}

// files returns the names of a report's files, with slashes, the manifest last.
func files(dir, manifest string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if name := filepath.ToSlash(rel); name != manifest {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	return append(names, manifest), nil
}

// writeFile writes a new file and waits until it is on the disk.
func writeFile(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
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
