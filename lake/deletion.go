package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/iceberg-go"
	"golang.org/x/sync/errgroup"
)

// DeletionDays is how many days a deleted store waits before it can be removed, as in
// CloudTrail Lake.
const DeletionDays = 7

// active refuses a store that was deleted.
func (s *Store) active(b *base) error {
	if b.deleted.IsZero() {
		return nil
	}
	return fmt.Errorf("%w: %s was deleted on %s; it can be restored until its files are removed",
		ErrPendingDeletion, b.settings.Name, b.deleted.Format(time.DateOnly))
}

// Deleted returns when the store was deleted; the zero time when it was not.
func (s *Store) Deleted(ctx context.Context) (time.Time, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return b.deleted, nil
}

// Delete marks the store for deletion. From then on it takes in nothing and answers no
// query; Restore makes that undone. Its files are marked for removal no earlier than
// DeletionDays later. The error wraps ErrProtected, ErrLegalHold or ErrPendingDeletion when that is
// what forbids it.
func (s *Store) Delete(ctx context.Context) error {
	_, err := s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		if on.settings.TerminationProtection {
			return nil, ErrProtected
		}
		if on.settings.LegalHold {
			return nil, ErrLegalHold
		}
		now := s.lake.now().UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
		return &proposal{operation: OpDelete, settings: iceberg.Properties{propDeleted: now}}, nil
	})
	if err != nil {
		return fmt.Errorf("delete store %s: %w", s.Name(), err)
	}
	return nil
}

// Restore undoes Delete. It returns an error that wraps ErrInvalid when the store is not
// deleted.
func (s *Store) Restore(ctx context.Context) error {
	_, err := s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
		if on.purged {
			return nil, fmt.Errorf("%w: its files are being removed", ErrPendingDeletion)
		}
		if on.deleted.IsZero() {
			return nil, fmt.Errorf("%w: it is not deleted, so there is nothing to restore", ErrInvalid)
		}
		return &proposal{operation: OpRestore, settings: iceberg.Properties{propDeleted: ""}}, nil
	})
	if err != nil {
		return fmt.Errorf("restore store %s: %w", s.Name(), err)
	}
	return nil
}

// purge removes a store that was deleted long enough ago: its files, then its name. The
// newest version of the metadata goes last, so that whatever is left of a purge that was
// interrupted says what it is. It goes in two steps, as other garbage does: one clock, of
// whoever deleted or of whoever collects, may be wrong.
func (s *Store) purge(ctx context.Context, on *base, now time.Time, o GarbageOptions, r *GarbageResult) error {
	if now.Sub(on.deleted) < DeletionDays*24*time.Hour {
		return nil
	}
	files, err := s.allFiles(ctx)
	if err != nil {
		return err
	}
	marked, due, err := s.purgeMark(ctx, on, files, now.Add(-o.Grace))
	switch {
	case err != nil:
		return err
	case !(due || on.purged || o.Grace < 0):
		if marked {
			return nil
		}
		r.Marked = s.inLake(files)
		if o.DryRun {
			return nil
		}
		return s.putMark(ctx, now, markFile{V: markVersion, Version: on.version, Files: []GarbageFile{}, Store: true})
	}
	r.Purged = true
	if o.DryRun {
		r.Removed = s.inLake(files)
		return nil
	}
	if _, err = s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
		if on.purged {
			return nil, nil
		}
		return &proposal{operation: OpPurge, settings: iceberg.Properties{propPurged: "true"}}, nil
	}); err != nil {
		return err
	}
	if files, err = s.allFiles(ctx); err != nil {
		return err
	}
	if i := slices.IndexFunc(files, GarbageFile.isVersion); i >= 0 {
		if err := s.remove(ctx, files[:i], r); err != nil {
			return err
		}
		if err := s.unname(ctx); err != nil {
			return err
		}
		files = files[i:]
	}
	if err := s.remove(ctx, files, r); err != nil {
		return err
	}
	s.lake.forget(s.id)
	return nil
}

// purgeMark reports whether the deletion that the base is of was marked, and whether that
// was before the given time. A store that was restored and deleted again has a new version.
func (s *Store) purgeMark(ctx context.Context, on *base, files []GarbageFile, before time.Time) (marked, due bool, err error) {
	for _, f := range files {
		at, ok := parseMarkName(f.Path)
		if !ok {
			continue
		}
		m, err := s.readMark(ctx, f.Path)
		switch {
		case errors.Is(err, ErrCorrupt): // it lets nothing be removed
			continue
		case err != nil:
			return false, false, err
		}
		if m.Store && m.Version == on.version {
			marked = true
			due = due || !at.After(before)
		}
	}
	return marked, due, nil
}

// remove removes files that are in the order of byVersion, and adds them to r. Where each
// waits for another machine several go at a time, but no versions of the metadata.
func (s *Store) remove(ctx context.Context, files []GarbageFile, r *GarbageResult) error {
	for len(files) > 0 {
		n := 1
		if s.lake.Remote() && !files[min(fetches, len(files))-1].isVersion() {
			n = min(fetches, len(files))
		}
		g, gctx := errgroup.WithContext(ctx)
		for _, f := range files[:n] {
			g.Go(func() error {
				if err := s.st.Remove(gctx, f.Path); err != nil {
					return fmt.Errorf("remove %s: %w", f.Path, err)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		r.Removed = append(r.Removed, s.inLake(files[:n])...)
		files = files[n:]
	}
	return nil
}

// isVersion reports whether the file is a version of the metadata.
func (f GarbageFile) isVersion() bool {
	_, ok := parseMetadataName(f.Path)
	return ok
}

// allFiles lists the files of the store, versions of the metadata last and in order.
func (s *Store) allFiles(ctx context.Context) ([]GarbageFile, error) {
	var files []GarbageFile
	for fi, err := range s.st.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		files = append(files, GarbageFile{Path: fi.Name, Size: fi.Size})
	}
	slices.SortFunc(files, byVersion)
	return files, nil
}

// byVersion orders files by name, versions of the metadata last and from the oldest on.
func byVersion(a, b GarbageFile) int {
	x, _ := parseMetadataName(a.Path)
	y, _ := parseMetadataName(b.Path)
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.Path, b.Path))
}

// unname removes every name that leads to the store.
func (s *Store) unname(ctx context.Context) error {
	for fi, err := range s.lake.st.List(ctx, namesDir) {
		if err != nil {
			return err
		}
		name, ok := parseClaimName(fi.Name)
		if !ok {
			continue
		}
		id, err := s.lake.claim(ctx, name)
		if err != nil {
			return err
		}
		if id == s.id {
			if err := s.lake.st.Remove(ctx, fi.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// isPurged reports whether the newest version seen says that the store is being removed.
func (s *Store) isPurged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base != nil && s.base.purged
}
