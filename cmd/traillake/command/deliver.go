package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"traillake/internal/tempdir"
	"traillake/schedule/deliver"
)

// leave has make write a folder that is not there yet, and leaves it under the name to, which
// is that of a folder or s3://BUCKET/PREFIX. manifest is the file that makes it complete.
func (a *app) leave(ctx context.Context, to, manifest string, make func(dir string) error) (err error) {
	if !deliver.Remote(to) {
		return make(to)
	}
	place, err := deliver.Open(ctx, to, to, manifest, a.aws)
	if err != nil {
		return err
	}
	above, err := tempdir.New("", "traillake-deliver-", tempdir.AgeShared)
	if err != nil {
		return fmt.Errorf("make a folder to deliver from: %w", err)
	}
	defer func() { err = errors.Join(err, above.Remove()) }()
	dir := filepath.Join(above.Dir, "made")
	if err := make(dir); err != nil {
		return err
	}
	return place.Put(ctx, dir)
}
