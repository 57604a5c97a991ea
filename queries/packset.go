package queries

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:embed packs
var embeddedPacks embed.FS

// PackFolder is the folder of a user's own packs inside that of their queries.
const PackFolder = "packs"

// PackSet is a collection of packs by name. The zero PackSet is empty and ready to use.
// It is never changed, so goroutines may share it.
type PackSet struct {
	packs []*Pack // sorted by name
}

// Packs returns the packs that come with Traillake.
func Packs() *PackSet { return builtinPacks() }

var builtinPacks = sync.OnceValue(func() *PackSet {
	root, err := fs.Sub(embeddedPacks, PackFolder)
	if err != nil {
		panic("BUG: embedded packs: " + err.Error())
	}
	set, err := loadPacks(root, "")
	if err != nil {
		panic("BUG: embedded packs: " + err.Error())
	}
	return set
})

// PackDir reads the packs of a user: the files that end in .yaml in the folder PackFolder
// of dir, the folder of their queries, and below. Without such a folder there are none.
// The PackSet holds the packs that are sound, even beside an error.
func PackDir(dir string) (*PackSet, error) {
	dir = filepath.Join(dir, PackFolder)
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return &PackSet{}, nil
	}
	if err != nil {
		return &PackSet{}, fmt.Errorf("folder of packs: %w", err)
	}
	return loadPacks(os.DirFS(dir), filepath.ToSlash(dir))
}

func loadPacks(fsys fs.FS, prefix string) (*PackSet, error) {
	var errs []error
	set := &PackSet{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("read packs in %s: %w", path.Join(prefix, p), err))
			return nil
		case p != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || path.Ext(p) != ".yaml":
			return nil
		}
		shown := path.Join(prefix, p)
		text, err := readRegular(fsys, p)
		if err != nil {
			errs = append(errs, fmt.Errorf("read pack %s: %w", shown, err))
			return nil
		}
		pack, err := ParsePack(shown, text)
		if err == nil {
			err = checkPackName(pack)
		}
		if err == nil {
			if i, twice := set.find(pack.Name); twice {
				err = &FileError{File: pack.File, Line: 1, Err: fmt.Errorf("pack %s is in %s too", pack.Name, set.packs[i].File)}
			}
		}
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		set.packs = append(set.packs, pack)
		set.sort()
		return nil
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("read packs: %w", err))
	}
	return set, errors.Join(errs...)
}

// Merge returns a PackSet with the packs of both. Where a name is in both, other's pack
// is taken, and its Overrides names the file that it hides.
func (s *PackSet) Merge(other *PackSet) *PackSet {
	merged := &PackSet{packs: slices.Clone(other.packs)}
	for _, p := range s.packs {
		i, ok := other.find(p.Name)
		if !ok {
			merged.packs = append(merged.packs, p)
			continue
		}
		winner := *other.packs[i]
		winner.Overrides = p.File
		merged.packs[i] = &winner
	}
	merged.sort()
	return merged
}

// All returns the packs by name. The caller may change the slice.
func (s *PackSet) All() []*Pack { return slices.Clone(s.packs) }

// Get finds a pack. An unknown name gives an error that matches ErrPackNotFound and names the
// packs that are called something like it.
func (s *PackSet) Get(name string) (*Pack, error) {
	if i, ok := s.find(name); ok {
		return s.packs[i], nil
	}
	names := make([]string, len(s.packs))
	for i, p := range s.packs {
		names[i] = p.Name
	}
	return nil, fmt.Errorf("%w: %q%s", ErrPackNotFound, name, didYouMean(name, names))
}

func (s *PackSet) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.packs, name, func(p *Pack, name string) int { return strings.Compare(p.Name, name) })
}

func (s *PackSet) sort() {
	slices.SortFunc(s.packs, func(a, b *Pack) int { return strings.Compare(a.Name, b.Name) })
}
