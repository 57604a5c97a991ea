package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// A store that gets another name has two claims for a moment, or for longer if its writer
// dies: the name that its newest commit says counts. The other leads to it, too, until it is
// removed, and is not given to another store.

// putClaim makes a name lead to the store.
func (s *Store) putClaim(ctx context.Context, name string) error {
	claim, err := json.Marshal(claimJSON{Store: s.id.String()})
	if err != nil {
		return err
	}
	err = s.lake.st.PutIfAbsent(ctx, claimName(name), append(claim, '\n'))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %q", ErrStoreExists, name)
	}
	return err
}

// claimName makes a name lead to the store unless it does so already.
func (s *Store) claimName(ctx context.Context, name string) error {
	id, err := s.lake.claim(ctx, name)
	if err == nil && id == s.id {
		return nil
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%w: %q", ErrStoreExists, name), err)
	}
	return s.putClaim(ctx, name)
}

// dropName removes the claim of a name that the store had before it got another.
func (s *Store) dropName(ctx context.Context, old, name string) error {
	if strings.EqualFold(old, name) {
		return nil
	}
	if id, err := s.lake.claim(ctx, old); err != nil || id != s.id {
		return err
	}
	return s.lake.st.Remove(ctx, claimName(old))
}
