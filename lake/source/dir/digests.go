package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"traillake/lake/digest"
	"traillake/lake/source"
)

var _ source.Digests = (*Source)(nil)

// ListDigests implements source.Digests; it yields those of all days. Sizes and times are not
// looked up: of small files that costs as much as reading them.
func (s *Source) ListDigests(ctx context.Context, _ time.Time) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		err := filepath.WalkDir(s.root, func(path string, e fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				if !yield(source.Object{Key: path}, fmt.Errorf("list %s: %w", path, cause(err))) {
					return fs.SkipAll
				}
				return nil
			}
			if e.IsDir() {
				// Folders of logs are the larger part by far.
				if path != s.root && (strings.HasPrefix(e.Name(), ".") || isLogs(path)) {
					return fs.SkipDir
				}
				return nil
			}
			if _, ok := digest.ParseName(e.Name()); !ok {
				return nil
			}
			o := source.Object{Key: path, Place: source.ParseKey(filepath.ToSlash(path))}
			if !e.Type().IsRegular() {
				o, err = object(path, o.Place) // a link, maybe
			}
			if !yield(o, err) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(source.Object{Key: s.root}, err)
		}
	}
}

// isLogs reports whether a folder is the one of an account's logs. The prefix of a trail may have
// the same name.
func isLogs(path string) bool {
	account := filepath.Base(filepath.Dir(path))
	return filepath.Base(path) == string(source.Logs) && len(account) == 12 && strings.Trim(account, "0123456789") == ""
}

// maxSidecar bounds the file beside a digest. S3 takes 2 KB of metadata.
const maxSidecar = 1 << 20

// ReadDigest implements source.Digests. The metadata is in the file beside the digest whose
// name ends in digest.SidecarSuffix. Files that are too long are cut behind their bound, so that
// they are read, and are not what CloudTrail made, as on S3.
func (s *Source) ReadDigest(_ context.Context, o source.Object) ([]byte, map[string]string, error) {
	stored, err := readRegular(o.Key, digest.MaxBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("read digest %s: %w", o.Key, cause(err))
	}
	text, err := readRegular(o.Key+digest.SidecarSuffix, maxSidecar)
	if errors.Is(err, fs.ErrNotExist) {
		return stored, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read metadata of digest %s: %w", o.Key, cause(err))
	}
	metadata, err := digest.ParseSidecar(text)
	if err != nil {
		return stored, nil, fmt.Errorf("read %s: %w", o.Key+digest.SidecarSuffix, err)
	}
	return stored, metadata, nil
}

// Stat implements source.Digests. What is no regular file is not there.
func (s *Source) Stat(_ context.Context, o source.Object) (source.Object, error) {
	found, err := object(o.Key, source.ParseKey(filepath.ToSlash(o.Key)))
	var other *source.LeftOut // a folder, or a pipe
	if errors.As(err, &other) || errors.Is(err, syscall.ENOTDIR) {
		return o, fmt.Errorf("find %s: no file is there: %w", o.Key, fs.ErrNotExist)
	}
	return found, err
}

// Below implements source.Digests.
func (s *Source) Below(o source.Object) bool {
	return o.Bucket == "" && (o.Key == s.root || strings.HasPrefix(o.Key, strings.TrimSuffix(s.root, string(filepath.Separator))+string(filepath.Separator)))
}
