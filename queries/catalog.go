package queries

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:embed catalog
var embedded embed.FS

// Set is a collection of saved queries by name. The zero Set is empty and ready
// to use. A Set is never changed, so goroutines may share it.
type Set struct {
	queries []*Query // sorted by name
}

// Catalog returns the saved queries that come with Traillake.
func Catalog() *Set { return builtin() }

var builtin = sync.OnceValue(func() *Set {
	root, err := fs.Sub(embedded, "catalog")
	if err != nil {
		panic("BUG: embedded catalog: " + err.Error())
	}
	set, err := load(root, "")
	if err != nil {
		panic("BUG: embedded catalog: " + err.Error())
	}
	return set
})

// Dir reads the saved queries of a folder and its sub-folders: every file that ends in .sql.
// Names that begin with a dot are left out. The Set holds the queries that are sound, even
// beside an error; the error lists every file that is not, with the folder's path before it: one
// that does not parse, one whose name is not its query's, two with the same name (of which the
// Set has neither).
func Dir(dir string) (*Set, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return &Set{}, fmt.Errorf("folder of saved queries: %w", err)
	}
	if !info.IsDir() {
		return &Set{}, fmt.Errorf("folder of saved queries: %s is a file", dir)
	}
	return load(os.DirFS(dir), filepath.ToSlash(dir))
}

func load(fsys fs.FS, prefix string) (*Set, error) {
	var errs []error
	byName := map[string][]*Query{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("read saved queries in %s: %w", path.Join(prefix, p), err))
			return nil
		case p != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || path.Ext(p) != ".sql":
			return nil
		}
		q, err := loadFile(fsys, p, path.Join(prefix, p))
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		byName[q.Name] = append(byName[q.Name], q)
		return nil
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("read saved queries: %w", err))
	}
	set := &Set{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		same := byName[name]
		if len(same) == 1 {
			set.queries = append(set.queries, same[0])
			continue
		}
		for _, q := range same[1:] {
			errs = append(errs, &FileError{File: q.File, Line: 1, Err: fmt.Errorf("query %s is in %s too", name, same[0].File)})
		}
	}
	return set, errors.Join(errs...)
}

// readRegular reads a file, or what a link leads to. It refuses what is none: to open a named pipe
// takes until somebody writes to it.
func readRegular(fsys fs.FS, p string) ([]byte, error) {
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", p)
	}
	return fs.ReadFile(fsys, p)
}

func loadFile(fsys fs.FS, p, shown string) (*Query, error) {
	text, err := readRegular(fsys, p)
	if err != nil {
		return nil, fmt.Errorf("read saved query %s: %w", shown, err)
	}
	q, err := Parse(shown, text)
	if err != nil {
		return nil, err
	}
	if area := path.Dir(p); area != "." {
		q.Area = area
	}
	return q, checkName(q)
}

// Merge returns a Set with the queries of both. Where a name is in both, other's
// query is taken, and its Overrides names the file that it hides.
func (s *Set) Merge(other *Set) *Set {
	merged := &Set{}
	for _, q := range s.queries {
		if i, ok := other.find(q.Name); ok {
			winner := *other.queries[i]
			winner.Overrides = q.File
			q = &winner
		}
		merged.queries = append(merged.queries, q)
	}
	for _, q := range other.queries {
		if _, ok := s.find(q.Name); !ok {
			merged.queries = append(merged.queries, q)
		}
	}
	merged.sort()
	return merged
}

// All returns the queries by name. The caller may change the slice.
func (s *Set) All() []*Query { return slices.Clone(s.queries) }

// Get finds a query. An unknown name gives an error that matches ErrNotFound and
// names the queries that are called something like it.
func (s *Set) Get(name string) (*Query, error) {
	if i, ok := s.find(name); ok {
		return s.queries[i], nil
	}
	return nil, fmt.Errorf("%w: %q%s", ErrNotFound, name, didYouMean(strings.TrimSuffix(name, ".sql"), s.names()))
}

// names returns the names of the queries, in order.
func (s *Set) names() []string {
	names := make([]string, len(s.queries))
	for i, q := range s.queries {
		names[i] = q.Name
	}
	return names
}

// didYouMean ends a message about an unknown name: with at most three names that hold it
// or share most of its letters, or with nothing.
func didYouMean(name string, names []string) string {
	name = strings.ToLower(name)
	type near struct {
		name  string
		score float64
	}
	var found []near
	for _, n := range names {
		score := similarity(name, n)
		if score >= 0.5 || len(name) > 2 && strings.Contains(n, name) {
			found = append(found, near{n, score})
		}
	}
	if found == nil {
		return ""
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(b.score, a.score) })
	var like []string
	for _, n := range found[:min(3, len(found))] {
		like = append(like, n.name)
	}
	return "; did you mean " + strings.Join(like, " or ") + "?"
}

// similarity is the share of pairs of neighbouring letters that a and b have in
// common (Dice's coefficient): 1 for equal texts, 0 for nothing in common.
func similarity(a, b string) float64 {
	pairs := map[string]int{}
	for i := 0; i+2 <= len(a); i++ {
		pairs[a[i:i+2]]++
	}
	shared := 0
	for i := 0; i+2 <= len(b); i++ {
		if pairs[b[i:i+2]] > 0 {
			pairs[b[i:i+2]]--
			shared++
		}
	}
	if len(a)+len(b) < 4 {
		return 0
	}
	return 2 * float64(shared) / float64(len(a)+len(b)-2)
}

func (s *Set) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.queries, name, func(q *Query, name string) int { return strings.Compare(q.Name, name) })
}

func (s *Set) sort() {
	slices.SortFunc(s.queries, func(a, b *Query) int { return strings.Compare(a.Name, b.Name) })
}
