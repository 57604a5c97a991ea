package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"

	"traillake/lake/pages"
	"traillake/lake/selector"
	"traillake/lake/table"
	"traillake/schema"
)

// DefaultStore is the name of the store that an ingest makes when it is not there.
const DefaultStore = "events"

// Bounds and default of StoreConfig.RetentionDays, in days, as in CloudTrail Lake's
// extendable pricing.
const (
	DefaultRetentionDays = 366
	MinRetentionDays     = 7
	MaxRetentionDays     = 3653
)

// Region and account in ARNs where none is given.
const (
	DefaultRegion  = "us-east-1"
	DefaultAccount = "000000000000"
)

// StoreConfig says how to make an event data store. Settings can be changed later.
type StoreConfig struct {
	// Name is 3 to 128 letters, digits, dots, underscores or hyphens, and not of the form
	// that the ids of stores have. Names differ by
	// more than their case.
	Name string
	// RetentionDays is how long events are kept after their event time, 7 to 3653;
	// 0 means 366.
	RetentionDays int
	// Selectors are CloudTrail's advanced event selectors as JSON: see
	// selector.Parse. Empty takes every event but aggregated ones.
	Selectors string
	// Region and AccountID go into the ARN; empty means us-east-1 and 000000000000.
	Region    string
	AccountID string
}

// Validate reports every setting that is out of bounds in one error that wraps ErrInvalid.
func (c StoreConfig) Validate() error {
	var errs []error
	if !validStoreName(c.Name) {
		errs = append(errs, fmt.Errorf("%w: name %q is not 3 to 128 of a-z, A-Z, 0-9, dot, underscore, hyphen", ErrInvalid, c.Name))
	}
	if _, isID := parseUUID(strings.ToLower(c.Name)); isID { // a reference to that store would lead here
		errs = append(errs, fmt.Errorf("%w: name %q has the form of a store's id", ErrInvalid, c.Name))
	}
	if d := c.RetentionDays; d != 0 && (d < MinRetentionDays || d > MaxRetentionDays) {
		errs = append(errs, fmt.Errorf("%w: retention of %d days is not within %d to %d", ErrInvalid, d, MinRetentionDays, MaxRetentionDays))
	}
	if _, err := selector.Parse([]byte(c.Selectors)); err != nil {
		errs = append(errs, fmt.Errorf("%w: %w", ErrInvalid, err))
	}
	return errors.Join(errs...)
}

func (c StoreConfig) withDefaults() StoreConfig {
	if c.RetentionDays == 0 {
		c.RetentionDays = DefaultRetentionDays
	}
	if c.Region == "" {
		c.Region = DefaultRegion
	}
	if c.AccountID == "" {
		c.AccountID = DefaultAccount
	}
	return c
}

// Store is an event data store. It is safe for concurrent use.
type Store struct {
	lake    *Lake
	id      uuid.UUID
	st      Storage // below the store's own folder
	created time.Time
	region  string
	account string
	schema  *arrow.Schema

	committer committer

	mu        sync.Mutex               // guards what follows
	base      *base                    // newest version seen
	lost      int                      // version that was published and is missing; 0 if none is known
	settled   int                      // newest version known to survive a loss of power
	named     bool                     // the names that lead to the store are known to, too
	snapshot  *Snapshot                // of base, if asked for
	manifests map[string]*manifest     // those in use, by URI
	ledger    *Ledger                  // newest seen
	intact    map[string]uint64        // columns that were checked, by path of the data file: see CheckRead
	names     map[string]pages.Filters // of event names, by URI of the data file: see mayHold
}

// CreateStore makes an event data store. The error wraps ErrStoreExists when the name is
// taken, also when another process takes it at the same moment.
func (l *Lake) CreateStore(ctx context.Context, c StoreConfig) (*Store, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("create event data store: %w", err)
	}
	c = c.withDefaults()
	if _, err := l.st.Stat(ctx, claimName(c.Name)); err == nil {
		return nil, l.taken(ctx, c.Name)
	}
	if err := l.refuseLost(ctx, c.Name); err != nil {
		return nil, fmt.Errorf("create event data store %s: %w", c.Name, err)
	}
	id := uuid.New()
	s := &Store{lake: l, id: id, st: subStorage{Storage: l.st, dir: storeDir(id)}}
	if err := s.create(ctx, c); err != nil {
		return nil, fmt.Errorf("create event data store %s: %w", c.Name, err)
	}
	// The store begins to exist with its name. What another process made under the
	// same name until here is unreachable and harmless.
	err := s.putClaim(ctx, c.Name)
	if errors.Is(err, ErrStoreExists) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("create event data store %s: %w", c.Name, err)
	}
	s, _, err = l.openStore(ctx, id)
	return s, err
}

// taken says what has a name.
func (l *Lake) taken(ctx context.Context, name string) error {
	if s, err := l.Store(ctx, name); err == nil {
		if deleted, err := s.Deleted(ctx); err == nil && !deleted.IsZero() {
			return fmt.Errorf("%w: %q was deleted on %s; restore it, take another name, or wait until collections of garbage, from %s on, have removed it",
				ErrStoreExists, name, deleted.Format(time.DateOnly), deleted.AddDate(0, 0, DeletionDays).Format(time.DateOnly))
		}
	}
	return fmt.Errorf("%w: %q", ErrStoreExists, name)
}

// create writes the first version of the store's metadata.
func (s *Store) create(ctx context.Context, c StoreConfig) error {
	sc, err := newTableSchema()
	if err != nil {
		return err
	}
	spec, err := newPartitionSpec(sc)
	if err != nil {
		return err
	}
	now := s.lake.now().UTC().Truncate(time.Microsecond)
	auditHead, err := s.putRecord(ctx, s.record(0, &proposal{operation: OpCreate}, now))
	if err != nil {
		return err
	}
	props := fixedProperties()
	maps.Copy(props, Settings{
		Name: c.Name, RetentionDays: c.RetentionDays, TerminationProtection: true, HistoryDays: DefaultHistoryDays,
		Selectors: c.Selectors,
	}.properties())
	maps.Copy(props, map[string]string{
		propCreated:     now.Format(time.RFC3339Nano),
		propTime:        now.Format(time.RFC3339Nano),
		propRegion:      c.Region,
		propAccount:     c.AccountID,
		propSeq:         "0",
		propIngestHead:  "",
		propAuditHead:   auditHead.String(),
		propQuarantined: "0",
		propSeal:        noSeal,
	})
	meta, err := table.New(s.id, s.st.Root(), sc, spec, props, now)
	if err != nil {
		return err
	}
	raw, err := encodeMetadata(meta)
	if err != nil {
		return err
	}
	if err := s.st.PutIfAbsent(ctx, metadataName(1), raw); err != nil {
		return err
	}
	s.hint(ctx, 1)
	return nil
}

// newStore opens the store in the folder of the given id.
func newStore(ctx context.Context, l *Lake, id uuid.UUID) (*Store, error) {
	s := &Store{lake: l, id: id, st: subStorage{Storage: l.st, dir: storeDir(id)}, manifests: make(map[string]*manifest), intact: make(map[string]uint64), names: make(map[string]pages.Filters)}
	b, err := s.newest(ctx)
	if err != nil {
		return nil, fmt.Errorf("open event data store: %w", err)
	}
	if b.meta.UUID != id {
		return nil, fmt.Errorf("open event data store %s: %w: its metadata is of table %s", id, ErrCorrupt, b.meta.UUID)
	}
	if !strings.HasSuffix(b.meta.Location, "/"+storeDir(id)) {
		return nil, fmt.Errorf("open event data store %s: %w: its metadata is of a table at %s", id, ErrCorrupt, b.meta.Location)
	}
	s.st = subStorage{l.st, storeDir(id), b.meta.Location}
	props := b.meta.Properties
	s.region, s.account = props[propRegion], props[propAccount]
	if s.created, err = time.Parse(time.RFC3339Nano, props[propCreated]); err != nil {
		return nil, fmt.Errorf("open event data store %s: %w: property %s: %w", id, ErrCorrupt, propCreated, err)
	}
	if s.schema, err = arrowSchema(b.meta.CurrentSchema()); err != nil {
		return nil, fmt.Errorf("open event data store %s: %w", id, err)
	}
	if len(s.schema.FieldIndices(schema.ColEventTime)) != 1 || len(s.schema.FieldIndices(schema.ColIngestSeq)) != 1 {
		return nil, fmt.Errorf("open event data store %s: %w: its schema lacks %s or %s", id, ErrCorrupt, schema.ColEventTime, schema.ColIngestSeq)
	}
	return s, nil
}

// Name returns the store's name as it was given, by the newest commit seen.
func (s *Store) Name() string { return s.seen().Name }

// seen returns the settings of the newest commit seen.
func (s *Store) seen() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base == nil { // being made or opened
		return Settings{Name: s.id.String()}
	}
	return s.base.settings
}

// ID returns the store's UUID.
func (s *Store) ID() string { return s.id.String() }

// ARN returns the store's ARN, as CloudTrail Lake would write it.
func (s *Store) ARN() string {
	return "arn:aws:cloudtrail:" + s.region + ":" + s.account + ":eventdatastore/" + s.id.String()
}

// Created returns when the store was made, UTC.
func (s *Store) Created() time.Time { return s.created }

// Config returns what the store was made with, with defaults filled in. Name, retention and
// selectors are those of the newest commit seen; Settings has the rest.
func (s *Store) Config() StoreConfig {
	now := s.seen()
	return StoreConfig{Name: now.Name, RetentionDays: now.RetentionDays, Selectors: now.Selectors, Region: s.region, AccountID: s.account}
}

// Schema returns the columns of the store's data files. The field metadata
// PARQUET:field_id holds the ids by which engines find them. The caller must not change it.
func (s *Store) Schema() *arrow.Schema { return s.schema }
