package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// orphanAge is how old a file that no commit reaches must be before it cannot be work of a
// writer that is still busy.
const orphanAge = 72 * time.Hour

// Repaired is one thing that Repair put right.
type Repaired struct {
	// Store is the name of the store.
	Store string
	// Path names the file, relative to the lake's root.
	Path string
	// What says what was done, for people.
	What string
}

// Repair puts right what can be put right without guessing, from what the lake itself
// holds for certain, and returns what it did:
//
//   - the claim of a name that is missing, where one store holds commits and has the name;
//   - a version hint that is missing, that cannot be read, or that is behind: one that is
//     ahead is evidence of a loss, which Check reports;
//   - files in the making that are older than three days: whoever made them is gone, and
//     nothing can come to name them.
//
// It touches no file that a commit could reach, and no other file that none does. It may
// run while others commit.
func Repair(ctx context.Context, l *Lake) ([]Repaired, error) {
	r := &repairer{l: l}
	for _, step := range []func(context.Context) error{r.claims, r.hints, r.halfWritten} {
		if err := step(ctx); err != nil {
			return r.done, fmt.Errorf("repair lake %s: %w", l.Root(), err)
		}
	}
	return r.done, nil
}

type repairer struct {
	l    *Lake
	done []Repaired
}

func (r *repairer) did(store, path, what string) {
	r.done = append(r.done, Repaired{store, path, what})
}

// claims brings back names of stores.
func (r *repairer) claims(ctx context.Context) error {
	ids, err := r.l.unnamed(ctx)
	if errors.Is(err, ErrCorrupt) {
		return nil // a claim that is there and damaged: which store it was is a guess
	}
	if err != nil {
		return err
	}
	stores := make(map[string][]*Store)
	for _, id := range ids {
		s, err := newStore(ctx, r.l, id)
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil {
			return err
		}
		name := strings.ToLower(s.Name())
		stores[name] = append(stores[name], s)
	}
	for _, same := range stores {
		if len(same) > 1 {
			continue
		}
		s := same[0]
		err := s.putClaim(ctx, s.Name())
		if errors.Is(err, ErrStoreExists) {
			continue
		}
		if err != nil {
			return err
		}
		r.did(s.Name(), claimName(s.Name()), "the name leads to its store again")
	}
	return nil
}

// hints writes the hints that are wrong and no evidence.
func (r *repairer) hints(ctx context.Context) error {
	stores, err := r.l.Stores(ctx)
	if err != nil && !errors.Is(err, ErrCorrupt) { // what cannot be opened, Check reports
		return err
	}
	for _, s := range stores {
		version, err := s.listNewest(ctx)
		if err != nil {
			return err
		}
		raw, err := s.st.Get(ctx, hintName())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		hinted, ok := parseHint(raw)
		if ok && hinted >= version && bytes.Equal(raw, formatHint(hinted)) {
			continue
		}
		if err := s.st.Put(ctx, hintName(), formatHint(version)); err != nil {
			return err
		}
		r.did(s.Name(), storeDir(s.id)+"/"+hintName(), fmt.Sprintf("it says %d, the newest version, again", version))
	}
	return nil
}

// halfWritten removes what dead writers left under temporary names.
func (r *repairer) halfWritten(ctx context.Context) error {
	for fi, err := range r.l.st.List(ctx, "") {
		if err != nil {
			return err
		}
		// A name with a suffix may be that of a store: FORMAT.md.
		rest, ok := strings.CutPrefix(path.Base(fi.Name), tempPrefix)
		if !ok || strings.Contains(rest, ".") || r.l.now().Sub(fi.ModTime) < orphanAge {
			continue
		}
		if err := r.l.st.Remove(ctx, fi.Name); err != nil {
			return err
		}
		r.did("", fi.Name, "a file that was never finished is removed")
	}
	return nil
}
