package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"traillake/lake"
	"traillake/lake/source/s3"
)

// listings remembers, from one ingest to the next, what was listed of places on S3. It is
// a help and no truth: where it cannot be read or written, all is listed again.
type listings struct {
	store  *lake.Store
	places map[*s3.Source]string // with the file of each
	learnt map[*s3.Source]*s3.Listed
}

// listings returns the memory of what src holds, and has its places on S3 listed by it
// unless all shall be listed again.
func (a *app) listings(ctx context.Context, l *lake.Lake, store *lake.Store, src *sources, all bool) (*listings, error) {
	m := &listings{store: store, places: make(map[*s3.Source]string), learnt: make(map[*s3.Source]*s3.Listed)}
	dir, _ := a.userDir("XDG_STATE_HOME", ".local/state") // without a home, nothing is written
	for _, s := range src.all {
		place, ok := s.(*s3.Source)
		if !ok {
			continue
		}
		sum := sha256.Sum256([]byte(strings.Join([]string{l.Root(), store.ID(), place.URL(), place.Chosen()}, "\n")))
		if dir == "" {
			m.places[place] = ""
			continue
		}
		path := filepath.Join(dir, "listings", hex.EncodeToString(sum[:16])+".json")
		m.places[place] = path
		if all {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		var known s3.Listed
		if json.Unmarshal(text, &known) != nil {
			continue
		}
		ledger, err := store.Ledger(ctx)
		if err != nil {
			return nil, err
		}
		if known.Objects <= ledger.Len() {
			place.Continue(&known)
		}
	}
	return m, nil
}

// learn has the next listing ask only for what can be new since the last one, all of
// which is in the ledger now.
func (m *listings) learn(ctx context.Context) error {
	for place := range m.places {
		listed := place.Listed()
		if listed == nil {
			continue
		}
		ledger, err := m.store.Ledger(ctx)
		if err != nil {
			return err
		}
		listed.Objects = ledger.Len()
		if place.Continue(listed) {
			m.learnt[place] = listed
		}
	}
	return nil
}

// write keeps what was learnt for the next process.
func (m *listings) write() error {
	for place, listed := range m.learnt {
		if m.places[place] == "" {
			continue
		}
		text, err := json.Marshal(listed)
		if err == nil {
			err = replaceText(m.places[place], text)
		}
		if err != nil {
			return fmt.Errorf("remember what was listed of %s, for the next ingest to list less: %w", place.URL(), err)
		}
	}
	return nil
}
