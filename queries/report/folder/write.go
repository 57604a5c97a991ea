package folder

import (
	"context"
	"fmt"
	"path/filepath"

	"traillake/engine"
	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/queries/report"
	"traillake/queries/report/render"
)

// ErrExists reports that there is something else where a report was to be written.
var ErrExists = sealed.ErrExists

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
func Write(ctx context.Context, e *engine.Engine, c report.Config, dst string, o Options) (*Written, error) {
	var w Written
	err := sealed.Write(dst, func(dir string) (err error) {
		c.RowsDir = dir
		if w.Report, err = report.Run(ctx, e, c); err != nil {
			return err
		}
		w.Manifest, err = fill(w.Report, dir, o.Key)
		return err
	}, report.RowsFolder)
	if err != nil {
		return nil, fmt.Errorf("write report %s: %w", dst, err)
	}
	return &w, nil
}

// forms are the files of a report beside the rows and the manifest.
var forms = []struct {
	name  string
	write func(*report.Report) ([]byte, error)
}{
	{"report.json", func(r *report.Report) ([]byte, error) { return sealed.JSON(r) }},
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
		if err := sealed.WriteFile(filepath.Join(dir, form.name), text); err != nil {
			return nil, err
		}
	}
	m := &Manifest{Schema: ManifestSchema, Tool: r.Tool, Pack: r.Pack.Name, Period: r.Period,
		Store: r.Store.ID, Snapshot: r.Store.Snapshot}
	return m, sealed.Seal(dir, key, func(files []File) any {
		m.Files = files
		return m
	})
}
