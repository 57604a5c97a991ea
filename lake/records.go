package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Records are small JSON documents that change: schedules and their runs. Each has a key,
// a path like runs/monthly/20261101-0500, and versions 1, 2, 3 … of which the newest
// counts. A version is made by put-if-absent, so of several writers that saw the same
// version one wins, on a disk and on S3 alike.
//
// The newest version and the one before are kept. Others may be there all the same, and
// mean nothing.
type Records struct {
	st Storage
}

// Schedules returns the records below schedules/.
func (l *Lake) Schedules() *Records {
	return &Records{st: subStorage{Storage: l.st, dir: schedulesDir}}
}

// RecordVersion is a version of a record.
type RecordVersion struct {
	Key     string
	Version int
}

// recordFile is a record as it lies on storage.
type recordFile struct {
	V int `json:"v"`
	// Write is a new id for each attempt to make a version: it tells who made it where a
	// reply was lost.
	Write string `json:"write"`
	// Base is the Write of the version before; empty in version 1.
	Base string `json:"base,omitempty"`
	// Before are the Writes of those before the base, the newest first; see madeOf.
	Before []string `json:"before,omitempty"`
	// Seal is the hash of the file; see seal.go.
	Seal string          `json:"traillake.seal"`
	Data json.RawMessage `json:"data"`
}

const (
	recordFileVersion = 1
	recordSeal        = "traillake.seal"
	// recordBefore is how many Writes a version names besides its base's: a guess at more writers
	// than ever race, at 40 bytes each.
	recordBefore = 30
)

// madeOf returns the Write of the version that is back before this one, at least 1; "" when
// that is too long ago to be named.
func (f *recordFile) madeOf(back int) string {
	switch {
	case back == 1:
		return f.Base
	case back-2 < len(f.Before):
		return f.Before[back-2]
	}
	return ""
}

// List returns the newest version of every record below dir, by key; "" means all.
func (r *Records) List(ctx context.Context, dir string) ([]RecordVersion, error) {
	newest := make(map[string]int)
	for fi, err := range r.st.List(ctx, dir) {
		if err != nil {
			return nil, fmt.Errorf("list records: %w", err)
		}
		if v, ok := parseRecordName(fi.Name); ok {
			newest[v.Key] = max(newest[v.Key], v.Version)
		}
	}
	list := make([]RecordVersion, 0, len(newest))
	for key, version := range newest {
		list = append(list, RecordVersion{key, version})
	}
	slices.SortFunc(list, func(a, b RecordVersion) int { return strings.Compare(a.Key, b.Key) })
	return list, nil
}

// newest returns the newest version of a record, 0 when there is none.
func (r *Records) newest(ctx context.Context, key string) (int, error) {
	list, err := r.List(ctx, path.Dir(key))
	if err != nil {
		return 0, err
	}
	for _, v := range list {
		if v.Key == key {
			return v.Version, nil
		}
	}
	return 0, nil
}

// get reads a version into a value as encoding/json does. The error wraps fs.ErrNotExist
// when the version is not there, or not any more.
func (r *Records) get(ctx context.Context, v RecordVersion, into any) error {
	f, err := r.file(ctx, v)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(f.Data, into); err != nil {
		return fmt.Errorf("read %s/%s: %w: %w", schedulesDir, recordName(v), ErrCorrupt, err)
	}
	return nil
}

// file reads a version as it lies on storage; errors are those of get.
func (r *Records) file(ctx context.Context, v RecordVersion) (f recordFile, err error) {
	name := recordName(v)
	raw, err := r.st.Get(ctx, name)
	if err != nil {
		return f, fmt.Errorf("read record %s: %w", v.Key, err)
	}
	if f, err = openRecord(raw); err != nil {
		return f, fmt.Errorf("read %s/%s: %w", schedulesDir, name, err)
	}
	return f, nil
}

// Latest reads the newest version of a record and returns its number; 0 and no error when
// there is none. It lists the folder of the key.
func (r *Records) Latest(ctx context.Context, key string, into any) (int, error) {
	var gone int
	for range stale {
		version, err := r.newest(ctx, key)
		if err != nil || version == 0 {
			return 0, err
		}
		err = r.get(ctx, RecordVersion{key, version}, into)
		if !errors.Is(err, fs.ErrNotExist) {
			return version, err
		}
		// A newer one took its place, or the record was removed, after the listing.
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		gone = version
	}
	return 0, fmt.Errorf("read record %s: version %d is listed and not there, %d times; try again once listings tell what is there", key, gone, stale)
}

// At reads a version that was listed, or a newer one where it is not there any more, and
// returns its number; 0 and no error when the record was removed.
func (r *Records) At(ctx context.Context, v RecordVersion, into any) (int, error) {
	err := r.get(ctx, v, into)
	if errors.Is(err, fs.ErrNotExist) {
		return r.Latest(ctx, v.Key, into)
	}
	return v.Version, err
}

// Put makes a version of a record, that after the newest. The error wraps ErrConflict when
// somebody else made that version or a later one, and ErrCommitUnknown when the storage
// does not say whether it was made, or when more versions came after it than the newest names.
func (r *Records) Put(ctx context.Context, v RecordVersion, data any) error {
	if err := r.put(ctx, v, data); err != nil {
		return fmt.Errorf("write record %s: %w", v.Key, err)
	}
	return nil
}

func (r *Records) put(ctx context.Context, v RecordVersion, data any) error {
	name := recordName(v)
	if got, ok := parseRecordName(name); !ok || got != v {
		return fmt.Errorf("%w: key %q, version %d", ErrInvalid, v.Key, v.Version)
	}
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	f := recordFile{V: recordFileVersion, Write: uuid.NewString(), Seal: noSeal, Data: body}
	if v.Version > 1 {
		base, err := r.file(ctx, RecordVersion{v.Key, v.Version - 1})
		if errors.Is(err, fs.ErrNotExist) {
			return ErrConflict // removed, by who made a later one
		}
		if err != nil {
			return err
		}
		f.Base = base.Write
		if base.Base != "" {
			f.Before = append([]string{base.Base}, base.Before...)
			f.Before = f.Before[:min(len(f.Before), recordBefore)]
		}
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if raw, err = seal(append(raw, '\n'), recordSeal); err != nil {
		return err
	}
	err = r.st.PutIfAbsent(ctx, name, raw)
	if unknown := errors.Is(err, ErrOutcomeUnknown); unknown || errors.Is(err, fs.ErrExist) {
		there, getErr := r.st.Get(ctx, name)
		switch {
		case getErr == nil && bytes.Equal(there, raw):
			if err := r.st.Settle(ctx, name); err != nil {
				return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
			}
		case getErr == nil, errors.Is(getErr, fs.ErrNotExist) && !unknown:
			return ErrConflict
		default:
			return fmt.Errorf("%w: %w", ErrCommitUnknown, errors.Join(err, getErr))
		}
	} else if err != nil {
		return err
	}
	return r.follow(ctx, v, f)
}

// follow finds out whether a version that was just made counts, and removes what is older
// than the one before it where it is the newest.
//
// A writer that slept may make a version that was made, built upon and removed since, and
// another that slept may build on that. So a base that is there proves nothing by itself:
// the newest version tells, which names who made those before it. Only where that is ours the
// base must be there, since a listing may pass over a file that was there when it began and
// has been removed for a newer one since; without it the versions are listed again.
func (r *Records) follow(ctx context.Context, v RecordVersion, f recordFile) error {
	for unseen, gone := 0, 0; unseen < listings; {
		versions, err := r.versions(ctx, v.Key)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
		}
		if newest := slices.Max(append(versions, 0)); newest > v.Version {
			next, err := r.file(ctx, RecordVersion{v.Key, newest})
			if errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil && gone < stale {
				gone++
				continue // the newest is another by now
			}
			if err != nil {
				return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
			}
			switch next.madeOf(newest - v.Version) {
			case f.Write:
				return nil
			case "":
				return fmt.Errorf("%w: %d versions came after it", ErrCommitUnknown, newest-v.Version)
			}
			break
		}
		switch ok, err := r.stands(ctx, v, f); {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
		case ok && slices.Contains(versions, v.Version):
			r.removeBelow(ctx, v, versions)
			return nil
		}
		unseen++
	}
	_ = r.st.Remove(ctx, recordName(v)) // it means nothing if it stays
	return ErrConflict
}

// listings is how often a version that nobody followed is looked for together with its base:
// where it does not come to be seen so, the record was removed.
const listings = 3

// stale is how often the newest version is looked for that is gone when it is read. Other writers
// bring that about a few times in a row at most; listings that show what is gone always do. A guess.
const stale = 100

// stands reports whether the base that a version was made of is there.
func (r *Records) stands(ctx context.Context, v RecordVersion, f recordFile) (bool, error) {
	if v.Version == 1 {
		return true, nil
	}
	base, err := r.file(ctx, RecordVersion{v.Key, v.Version - 1})
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return base.Write == f.Base, err
}

// removeBelow removes the versions that are older than the one before v, the oldest first:
// none goes before those that are older.
func (r *Records) removeBelow(ctx context.Context, v RecordVersion, versions []int) {
	for _, version := range versions {
		if version >= v.Version-1 || r.st.Remove(ctx, recordName(RecordVersion{v.Key, version})) != nil {
			return
		}
	}
}

// versions returns the versions of a record that are there, the oldest first.
func (r *Records) versions(ctx context.Context, key string) ([]int, error) {
	var versions []int
	for fi, err := range r.st.List(ctx, path.Dir(key)) {
		if err != nil {
			return nil, err
		}
		if v, ok := parseRecordName(fi.Name); ok && v.Key == key {
			versions = append(versions, v.Version)
		}
	}
	slices.Sort(versions)
	return versions, nil
}

// Remove removes a record with all of its versions. The newest goes last, so that no
// older one comes to count.
func (r *Records) Remove(ctx context.Context, key string) error {
	versions, err := r.versions(ctx, key)
	if err != nil {
		return fmt.Errorf("remove record %s: %w", key, err)
	}
	for _, version := range versions {
		if err := r.st.Remove(ctx, recordName(RecordVersion{key, version})); err != nil {
			return fmt.Errorf("remove record %s: %w", key, err)
		}
	}
	return nil
}

// Sweep removes what writers that died left behind before a time: files in the making,
// and versions that mean nothing.
func (r *Records) Sweep(ctx context.Context, before time.Time) error {
	newest := make(map[string]int)
	var files []FileInfo
	for fi, err := range r.st.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("sweep records: %w", err)
		}
		v, ok := parseRecordName(fi.Name)
		if ok {
			newest[v.Key] = max(newest[v.Key], v.Version)
		}
		if (ok || isTemp(fi.Name)) && fi.ModTime.Before(before) {
			files = append(files, fi)
		}
	}
	for _, fi := range files {
		if v, ok := parseRecordName(fi.Name); ok && v.Version >= newest[v.Key]-1 {
			continue
		}
		if err := r.st.Remove(ctx, fi.Name); err != nil {
			return fmt.Errorf("sweep records: %w", err)
		}
	}
	return nil
}

// openRecord reads and checks a record's file.
func openRecord(raw []byte) (f recordFile, err error) {
	if err := checkSeal(raw, recordSeal); err != nil {
		return f, err
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if f.V != recordFileVersion {
		return f, fmt.Errorf("it has version %d, this program knows %d: %w", f.V, recordFileVersion, ErrLayout)
	}
	return f, nil
}

// records checks I17. Files that are no records are orphans.
func (c *checker) records(ctx context.Context, l *Lake) error {
	for fi, err := range l.st.List(ctx, schedulesDir) {
		if err != nil {
			return err
		}
		if _, ok := parseRecordName(strings.TrimPrefix(fi.Name, schedulesDir+"/")); !ok {
			continue
		}
		c.reached[fi.Name] = true
		raw, err := l.st.Get(ctx, fi.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // superseded meanwhile
		}
		if err == nil {
			_, err = openRecord(raw)
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.problem("I17", "", fi.Name, err)
			continue
		}
		c.count("I17", 1)
	}
	return nil
}
