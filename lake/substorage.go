package lake

import (
	"context"
	"iter"
	"path"
	"strings"
)

// subStorage is the part of a storage below one folder.
type subStorage struct {
	Storage
	dir string
	// madeAt is the URI of the folder when it was made, which the files in it name each
	// other by. They may have been moved since; "" means that they were not.
	madeAt string
}

// Root implements Storage. Where the files are tells LocalPath.
func (s subStorage) Root() string {
	if s.madeAt != "" {
		return s.madeAt
	}
	return s.Storage.Root() + "/" + s.dir
}

func (s subStorage) LocalPath(name string) string { return s.Storage.LocalPath(path.Join(s.dir, name)) }

func (s subStorage) PutIfAbsent(ctx context.Context, name string, data []byte) error {
	return s.Storage.PutIfAbsent(ctx, path.Join(s.dir, name), data)
}

func (s subStorage) Put(ctx context.Context, name string, data []byte) error {
	return s.Storage.Put(ctx, path.Join(s.dir, name), data)
}

func (s subStorage) Create(ctx context.Context, name string) (Writer, error) {
	return s.Storage.Create(ctx, path.Join(s.dir, name))
}

func (s subStorage) Settle(ctx context.Context, name string) error {
	return s.Storage.Settle(ctx, path.Join(s.dir, name))
}

func (s subStorage) Get(ctx context.Context, name string) ([]byte, error) {
	return s.Storage.Get(ctx, path.Join(s.dir, name))
}

func (s subStorage) Open(ctx context.Context, name string) (File, error) {
	return s.Storage.Open(ctx, path.Join(s.dir, name))
}

func (s subStorage) Stat(ctx context.Context, name string) (FileInfo, error) {
	fi, err := s.Storage.Stat(ctx, path.Join(s.dir, name))
	fi.Name = name
	return fi, err
}

func (s subStorage) List(ctx context.Context, dir string) iter.Seq2[FileInfo, error] {
	return func(yield func(FileInfo, error) bool) {
		for fi, err := range s.Storage.List(ctx, path.Join(s.dir, dir)) {
			fi.Name = strings.TrimPrefix(fi.Name, s.dir+"/")
			if !yield(fi, err) {
				return
			}
		}
	}
}

func (s subStorage) Remove(ctx context.Context, name string) error {
	return s.Storage.Remove(ctx, path.Join(s.dir, name))
}
