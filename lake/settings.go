package lake

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/apache/iceberg-go"
)

// Bounds and default of Settings.HistoryDays, in days.
const (
	DefaultHistoryDays = 7
	MinHistoryDays     = 1
	MaxHistoryDays     = 90
)

// Settings are what can be changed of an event data store. They are part of its
// metadata, so that every change is a commit with a record in the audit chain.
//
// To add a setting: a field here, a line in settingFields with the table property that
// keeps it, its bounds in Validate, and the property in FORMAT.md.
type Settings struct {
	// Name is the store's name: see StoreConfig.
	Name string
	// RetentionDays is how long events are kept after their event time: see StoreConfig.
	RetentionDays int
	// TerminationProtection refuses to delete the store. It is on in a new store.
	TerminationProtection bool
	// LegalHold refuses to remove anything: events that are older than the retention,
	// and the store.
	LegalHold bool
	// HistoryDays is how long states of the past can be queried, 1 to 90.
	HistoryDays int
	// Selectors are CloudTrail's advanced event selectors as JSON, which say what an
	// ingest stores; empty means everything.
	Selectors string
}

// settingField is how one setting is kept in a table property.
type settingField struct {
	key    string
	absent string // what a property that is not there means
	get    func(*Settings) string
	set    func(*Settings, string) error
}

var settingFields = []settingField{
	{propName, "", func(s *Settings) string { return s.Name }, func(s *Settings, v string) error { s.Name = v; return nil }},
	numberSetting(propRetention, "", func(s *Settings) *int { return &s.RetentionDays }),
	boolSetting(propProtection, "true", func(s *Settings) *bool { return &s.TerminationProtection }),
	boolSetting(propLegalHold, "false", func(s *Settings) *bool { return &s.LegalHold }),
	numberSetting(propHistory, strconv.Itoa(DefaultHistoryDays), func(s *Settings) *int { return &s.HistoryDays }),
	{propSelectors, "", func(s *Settings) string { return s.Selectors }, func(s *Settings, v string) error { s.Selectors = v; return nil }},
}

func numberSetting(key, absent string, field func(*Settings) *int) settingField {
	return settingField{key, absent, func(s *Settings) string { return strconv.Itoa(*field(s)) },
		func(s *Settings, v string) (err error) { *field(s), err = strconv.Atoi(v); return err }}
}

func boolSetting(key, absent string, field func(*Settings) *bool) settingField {
	return settingField{key, absent, func(s *Settings) string { return strconv.FormatBool(*field(s)) },
		func(s *Settings, v string) (err error) { *field(s), err = strconv.ParseBool(v); return err }}
}

// settingsOf reads the settings from the properties of a version.
func settingsOf(props iceberg.Properties) (Settings, error) {
	var s Settings
	for _, f := range settingFields {
		v, ok := props[f.key]
		if !ok {
			v = f.absent
		}
		if err := f.set(&s, v); err != nil {
			return Settings{}, fmt.Errorf("property %s is %q", f.key, v)
		}
	}
	return s, s.Validate()
}

// properties returns the properties that keep the settings.
func (s Settings) properties() iceberg.Properties {
	p := make(iceberg.Properties, len(settingFields))
	for _, f := range settingFields {
		p[f.key] = f.get(&s)
	}
	return p
}

// Validate reports every setting that is out of bounds in one error that wraps ErrInvalid.
func (s Settings) Validate() error {
	var errs []error
	if s.RetentionDays == 0 {
		errs = append(errs, fmt.Errorf("%w: retention of 0 days is not within %d to %d", ErrInvalid, MinRetentionDays, MaxRetentionDays))
	}
	errs = append(errs, StoreConfig{Name: s.Name, RetentionDays: s.RetentionDays, Selectors: s.Selectors}.Validate())
	if d := s.HistoryDays; d < MinHistoryDays || d > MaxHistoryDays {
		errs = append(errs, fmt.Errorf("%w: history of %d days is not within %d to %d", ErrInvalid, d, MinHistoryDays, MaxHistoryDays))
	}
	return errors.Join(errs...)
}

// Settings returns the store's settings as of its newest commit.
func (s *Store) Settings(ctx context.Context) (Settings, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return Settings{}, err
	}
	return b.settings, nil
}

// UpdateSettings changes the store's settings and returns the new ones. Change is given
// the settings of the newest commit and may be called again when other writers are first;
// its error is returned as it is, and nothing is changed. To change nothing is no commit.
// The error wraps ErrPendingDeletion when the store was deleted.
func (s *Store) UpdateSettings(ctx context.Context, change func(*Settings) error) (Settings, error) {
	var old string
	b, err := s.commit(ctx, func(ctx context.Context, on *base) (*proposal, error) {
		if err := s.active(on); err != nil {
			return nil, err
		}
		next := on.settings
		old = next.Name
		if err := change(&next); err != nil {
			return nil, err
		}
		if err := next.Validate(); err != nil {
			return nil, err
		}
		if next.Name != on.settings.Name {
			if err := s.claimName(ctx, next.Name); err != nil {
				return nil, err
			}
		}
		was, is := on.settings.properties(), next.properties()
		for k := range is {
			if was[k] == is[k] {
				delete(is, k)
			}
		}
		if len(is) == 0 {
			return nil, nil
		}
		return &proposal{operation: OpSettings, settings: is}, nil
	})
	if err != nil {
		return Settings{}, fmt.Errorf("change settings of store %s: %w", s.Name(), err)
	}
	if err := s.dropName(ctx, old, b.settings.Name); err != nil {
		s.lake.log.Warn("old name left behind", "store", s.Name(), "name", old, "err", err)
	}
	return b.settings, nil
}
