package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"traillake/engine"
	"traillake/internal/sign"
	"traillake/queries/report"
	"traillake/queries/report/render"
)

// ErrExists reports that there is something else where a report was to be written.
var ErrExists = errors.New("there is another folder or file of that name")

// Options adjust what Write leaves.
type Options struct {
	// Key signs the manifest; nil leaves it unsigned.
	Key *sign.Key
}

// Written says what Write left.
type Written struct {
	Report   *report.Report
	Manifest *Manifest
}

// Write runs a pack and leaves its report in the folder dst, which appears when it is
// complete. The folder above dst is made where it is missing. Where the same report is
// there already, byte for byte, it stays and all is well; where anything else is there,
// the error wraps ErrExists. RowsDir of c is of no account.
func Write(ctx context.Context, e *engine.Engine, c report.Config, dst string, o Options) (_ *Written, err error) {
	above, name := filepath.Split(filepath.Clean(dst))
	if above == "" {
		above = "."
	}
	if err := os.MkdirAll(above, 0o700); err != nil {
		return nil, fmt.Errorf("write report %s: %w", dst, err)
	}
	staging, err := os.MkdirTemp(above, "."+name+"-*")
	if err != nil {
		return nil, fmt.Errorf("write report %s: %w", dst, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }() // gone, where it was moved
	c.RowsDir = staging
	r, err := report.Run(ctx, e, c)
	if err != nil {
		return nil, err
	}
	m, err := fill(r, staging, o.Key)
	if err == nil {
		err = move(staging, dst)
	}
	if err != nil {
		return nil, fmt.Errorf("write report %s: %w", dst, err)
	}
	return &Written{r, m}, nil
}

// forms are the files of a report beside the rows and the manifest.
var forms = []struct {
	name  string
	write func(*report.Report) ([]byte, error)
}{
	{"report.json", func(r *report.Report) ([]byte, error) { return jsonText(r) }},
	{"report.md", func(r *report.Report) ([]byte, error) { return render.Markdown(r), nil }},
	{"index.html", render.HTML},
	{"report.pdf", render.PDF},
}

// fill writes the forms of a report into a folder, and the manifest.
func fill(r *report.Report, dir string, key *sign.Key) (*Manifest, error) {
	for _, form := range forms {
		text, err := form.write(r)
		if err != nil {
			return nil, err
		}
		if err := writeFile(filepath.Join(dir, form.name), text); err != nil {
			return nil, err
		}
	}
	if key != nil {
		if err := writeFile(filepath.Join(dir, PublicKeyName), key.Public().PEM()); err != nil {
			return nil, err
		}
	}
	files, err := listFiles(dir)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Schema: ManifestSchema, Tool: r.Tool, Pack: r.Pack.Name, Period: r.Period,
		Store: r.Store.ID, Snapshot: r.Store.Snapshot, Files: files}
	text, err := jsonText(m)
	if err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(dir, ManifestName), text); err != nil || key == nil {
		return m, err
	}
	return m, sealed(dir, text, key)
}

// move gives a complete folder its name.
func move(staging, dst string) error {
	// A folder takes the place of an empty one only.
	err := os.Rename(staging, dst)
	if err == nil || !errors.Is(err, fs.ErrExist) && !isThere(dst) {
		return errors.Join(err, syncDir(filepath.Dir(dst)))
	}
	ok, err := same(staging, dst)
	if err == nil && !ok {
		err = fmt.Errorf("%w; remove it, or give another name", ErrExists)
	}
	return err
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeFile writes a file and waits until it is on the disk.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
