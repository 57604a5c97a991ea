package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"traillake/internal/tempdir"
	"traillake/schedule/deliver"
)

// localOnly refuses a place on S3 where a command reads folders of a disk.
func localOnly(cmd *cobra.Command, name string) error {
	if !deliver.Remote(name) {
		return nil
	}
	return usagef(cmd, "%s: only local folders are read here; copy it into one first, with: aws s3 cp --recursive %s DIR", name, name)
}

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
