package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/google/uuid"
)

// unnamed returns the stores that hold commits and that no name leads to. A store of
// which only the first version is there was being made when its writer died.
func (l *Lake) unnamed(ctx context.Context) ([]uuid.UUID, error) {
	committed := make(map[uuid.UUID]bool)
	for fi, err := range l.st.List(ctx, storesDir) {
		if err != nil {
			return nil, err
		}
		dir, file, ok := strings.Cut(strings.TrimPrefix(fi.Name, storesDir+"/"), "/")
		if id, isID := parseUUID(dir); ok && isID {
			if n, isVersion := parseMetadataName(file); isVersion && n > 1 {
				committed[id] = true
			}
		}
	}
	// The names are read last: a store gets its name before its first commit.
	for fi, err := range l.st.List(ctx, namesDir) {
		if err != nil {
			return nil, err
		}
		if name, ok := parseClaimName(fi.Name); ok {
			id, err := l.claim(ctx, name)
			if err != nil {
				return nil, err
			}
			delete(committed, id)
		}
	}
	ids := make([]uuid.UUID, 0, len(committed))
	for id := range committed {
		// What is left of a store that was removed on purpose is no loss.
		s, err := newStore(ctx, l, id)
		if err == nil && s.isPurged() {
			continue
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// refuseLost returns an error that wraps ErrCorrupt when a store of the name holds
// commits and only its name is lost: a new store in its place would hide them.
func (l *Lake) refuseLost(ctx context.Context, name string) error {
	ids, err := l.unnamed(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		s, err := newStore(ctx, l, id)
		if err != nil {
			return err
		}
		if strings.EqualFold(s.Name(), name) {
			return fmt.Errorf("%w: %s is missing, and the store %s of that name holds events; write {\"store\":%q} into the file to have it back, or move %s away",
				ErrCorrupt, claimName(name), id, id, storeDir(id))
		}
	}
	return nil
}

// refuseHeadless returns an error that wraps ErrCorrupt when the folder holds stores but
// no lake.json, which a new lake would be put over.
func refuseHeadless(ctx context.Context, st Storage) error {
	for _, dir := range []string{namesDir, storesDir} {
		for fi, err := range st.List(ctx, dir) {
			if err != nil {
				return err
			}
			if _, err := st.Stat(ctx, lakeFile); !errors.Is(err, fs.ErrNotExist) {
				return err // nil: another process has just made the lake
			}
			return fmt.Errorf("%w: %s is missing, and %s is there; where a copy of a lake was interrupted, the same 'traillake copy' ends it", ErrCorrupt, lakeFile, fi.Name)
		}
	}
	return nil
}
