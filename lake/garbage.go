package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"traillake/lake/table"
)

// DefaultGrace is for how long nothing may have needed a file before it is removed: longer
// than any query, also one of another engine, and than a batch may take (maxAge). Other
// systems wait for three days, too, before they call a file an orphan.
const DefaultGrace = 72 * time.Hour

// GarbageOptions says how to collect garbage. The zero value works.
type GarbageOptions struct {
	// Grace is for how long nothing may have needed a file; zero means DefaultGrace, less
	// than that none at all. With a short one, readers without a lease, such as other engines, and writers that are at work
	// may lose files.
	Grace time.Duration
	// DryRun changes nothing and returns what would be done.
	DryRun bool
}

// GarbageResult is what a collection of garbage did.
type GarbageResult struct {
	Store string `json:"store"`
	// Removed are the files that were removed, Marked those that are removed when nothing
	// has needed them for the grace. Names are relative to the lake's root.
	Removed []GarbageFile `json:"removed"`
	Marked  []GarbageFile `json:"marked"`
	// Purged says that the store was deleted and marked long enough ago and is gone, with all
	// files.
	Purged bool `json:"purged"`
}

// GarbageFile is a file that nothing needs.
type GarbageFile struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
}

// Sum returns the size of files in bytes.
func Sum(files []GarbageFile) (bytes int64) {
	for _, f := range files {
		bytes += f.Size
	}
	return bytes
}

const markVersion = 1

// markFile lists what a collection found that nothing needed.
type markFile struct {
	V int `json:"v"`
	// Version is that of the metadata that the list was made from.
	Version int           `json:"version"`
	Files   []GarbageFile `json:"files"`
	// Store is set where it is the whole store that the version says to be deleted.
	Store bool `json:"store,omitempty"`
}

// CollectGarbage removes files that no snapshot of the history reaches, nor one that
// somebody reads, in two phases: files are marked when nothing has needed them and they
// are older than the grace, and removed when the mark is older than the grace, and still
// nothing needs them. So it is to be called from time to time. What was marked by one call
// and came to be needed again is not removed by another; two may run at once.
//
// A store that was deleted at least DeletionDays ago is marked and removed in the same way,
// with all of its files.
//
// The error wraps ErrLegalHold when a legal hold is on, and ErrClock when the clock is
// behind the newest commit or more than a month ahead of it and Options.Today does not say
// that it is right.
func (s *Store) CollectGarbage(ctx context.Context, o GarbageOptions) (*GarbageResult, error) {
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	r := &GarbageResult{Store: s.Name(), Removed: []GarbageFile{}, Marked: []GarbageFile{}}
	if err := s.collect(ctx, o, r); err != nil {
		return r, fmt.Errorf("collect garbage of store %s: %w", s.Name(), err)
	}
	return r, nil
}

func (s *Store) collect(ctx context.Context, o GarbageOptions, r *GarbageResult) error {
	on, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if on.settings.LegalHold {
		return ErrLegalHold
	}
	now, err := s.trustClock(on, on.time, "the newest commit")
	if err != nil {
		return err
	}
	if !on.deleted.IsZero() {
		return s.purge(ctx, on, now, o, r)
	}
	if !o.DryRun {
		if err := s.trim(ctx); err != nil {
			return err
		}
		if on, err = s.newest(ctx); err != nil {
			return err
		}
	}
	floor := on.floor
	if len(trimmable(on, now)) > 0 { // in a dry run, which looks at what trim would leave
		floor = floorOf(on.version + 1)
	}
	needed, ended, err := s.needed(ctx, on, now)
	if err != nil {
		return err
	}
	garbage, marks, err := s.unneeded(ctx, floor, needed, now.Add(-o.Grace))
	if err != nil {
		return err
	}
	marked := make(map[string]bool) // by marks of whatever age
	var due []string                // marks whose grace is over
	remove := make(map[string]bool)
	for name, m := range marks {
		at, _ := parseMarkName(name)
		old := !at.After(now.Add(-o.Grace))
		if old {
			due = append(due, name)
		}
		for _, f := range m.Files {
			marked[f.Path] = true
			remove[f.Path] = remove[f.Path] || old
		}
	}
	mark := markFile{V: markVersion, Version: on.version}
	var removal []GarbageFile
	for _, f := range garbage {
		switch {
		case remove[f.Path] || o.Grace < 0:
			removal = append(removal, f)
		case !marked[f.Path]:
			mark.Files = append(mark.Files, f)
		}
	}
	r.Marked = s.inLake(mark.Files)
	if o.DryRun {
		r.Removed = s.inLake(removal)
		return nil
	}
	if len(mark.Files) > 0 {
		if err := s.putMark(ctx, now, mark); err != nil {
			return err
		}
	}
	if err := s.remove(ctx, removal, r); err != nil {
		return err
	}
	var errs []error
	for _, name := range slices.Concat(due, ended) {
		errs = append(errs, s.st.Remove(ctx, name))
	}
	return errors.Join(errs...)
}

// putMark writes a mark.
func (s *Store) putMark(ctx context.Context, now time.Time, mark markFile) error {
	raw, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	if err := s.st.PutIfAbsent(ctx, markName(now, uuid.New()), append(raw, '\n')); err != nil {
		return fmt.Errorf("mark garbage: %w", err)
	}
	return nil
}

// inLake returns the files with their names in the lake.
func (s *Store) inLake(files []GarbageFile) []GarbageFile {
	named := make([]GarbageFile, len(files))
	for i, f := range files {
		named[i] = GarbageFile{Path: storeDir(s.id) + "/" + f.Path, Size: f.Size}
	}
	return named
}

// needed returns the names of all files that a snapshot of the base, or one that somebody
// holds a lease of, consists of; and the leases that have ended. The base was read before
// the leases are: see Snapshot.Lease.
func (s *Store) needed(ctx context.Context, on *base, now time.Time) (files map[string]bool, ended []string, err error) {
	files = make(map[string]bool)
	drop := trimmable(on, now)
	list := slices.DeleteFunc(slices.Clone(on.meta.Snapshots), func(snap table.Snapshot) bool { return slices.Contains(drop, snap.SnapshotID) })
	keep := make(map[int64]bool)
	for _, snap := range list {
		keep[snap.SnapshotID] = true
	}
	leases, ended, err := s.leases(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range leases {
		if !keep[l.Snapshot] {
			snap, err := l.snapshot(s.st.Root())
			if err != nil {
				return nil, nil, err
			}
			list = append(list, snap)
		}
	}
	for _, snap := range list {
		live, manifests, err := s.liveFiles(ctx, on.meta, &snap)
		if err != nil {
			return nil, nil, err
		}
		uris := []string{snap.ManifestList}
		for uri := range manifests {
			uris = append(uris, uri)
		}
		for _, f := range live {
			uris = append(uris, f.URI)
		}
		for _, uri := range uris {
			name, err := nameOf(s.st.Root(), uri)
			if err != nil {
				return nil, nil, err
			}
			files[name] = true
		}
	}
	return files, ended, nil
}

// unneeded lists the files of the kinds that garbage is made of, older than a time, that
// are not needed; metadata files from the oldest on. It also returns all marks.
//
// Ledgers, commit records and quarantine files are not among them: those that count are
// needed for ever, and the few that do not are small.
func (s *Store) unneeded(ctx context.Context, floor int, needed map[string]bool, before time.Time) ([]GarbageFile, map[string]*markFile, error) {
	var garbage []GarbageFile
	marks := make(map[string]*markFile)
	for fi, err := range s.st.List(ctx, "") {
		if err != nil {
			return nil, nil, err
		}
		if _, ok := parseMarkName(fi.Name); ok {
			m, err := s.readMark(ctx, fi.Name)
			switch {
			case errors.Is(err, ErrCorrupt): // it lets nothing be removed, and goes when its time has come
				m = &markFile{V: markVersion}
			case err != nil:
				return nil, nil, err
			}
			marks[fi.Name] = m
			continue
		}
		if !fi.ModTime.After(before) && !needed[fi.Name] && collectable(fi.Name, floor) {
			garbage = append(garbage, GarbageFile{Path: fi.Name, Size: fi.Size})
		}
	}
	slices.SortFunc(garbage, byVersion)
	return garbage, marks, nil
}

// collectable reports whether a file that nothing needs may be removed, by its name.
func collectable(name string, floor int) bool {
	if n, ok := parseMetadataName(name); ok {
		return n < floor
	}
	if _, _, ok := parseDataName(name); ok {
		return true
	}
	dir, file := path.Split(name)
	return dir == metadataDir+"/" && strings.HasSuffix(file, avroSuffix) || strings.HasPrefix(file, tempPrefix)
}

func (s *Store) readMark(ctx context.Context, name string) (*markFile, error) {
	raw, err := s.st.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var m markFile
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%w: read %s: %w", ErrCorrupt, name, err)
	}
	if m.V != markVersion {
		return nil, fmt.Errorf("%s has version %d, this program knows %d: %w", name, m.V, markVersion, ErrLayout)
	}
	return &m, nil
}
