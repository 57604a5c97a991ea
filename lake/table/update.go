package table

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"
)

const (
	keyPreviousMax     = "write.metadata.previous-versions-max"
	defaultPreviousMax = 100
)

// New returns the first version of a table's metadata. The columns and fields must have
// the ids that they are to keep.
func New(id uuid.UUID, location string, sc *iceberg.Schema, spec iceberg.PartitionSpec, props iceberg.Properties, now time.Time) (*Metadata, error) {
	schemas, err := json.Marshal([]*iceberg.Schema{sc})
	if err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	specs, err := json.Marshal([]iceberg.PartitionSpec{spec})
	if err != nil {
		return nil, fmt.Errorf("encode partition spec: %w", err)
	}
	m := &Metadata{
		UUID: id, Location: location, LastUpdatedMS: now.UnixMilli(), LastColumnID: sc.HighestFieldID(),
		Schemas: []*iceberg.Schema{sc}, CurrentSchemaID: sc.ID,
		PartitionSpecs: []iceberg.PartitionSpec{spec}, DefaultSpecID: spec.ID(), LastPartitionID: spec.LastAssignedFieldID(),
		Properties: maps.Clone(props), schemas: schemas, specs: specs,
	}
	return m.checked()
}

// Update is what a new version of the metadata changes.
type Update struct {
	// Time is when the version is made. If that is before the version before, which a
	// clock may say, it counts as made at the same time.
	Time time.Time
	// Previous is the URI of the file of the version before.
	Previous string
	// Snapshot becomes the current one; nil to keep that.
	Snapshot *Snapshot
	// Drop has the ids of snapshots that are no part of the table any more. The current one
	// must not be among them.
	Drop []int64
	// Properties are set, others stay.
	Properties iceberg.Properties
}

// Update returns the version after m. The error wraps ErrInvalid when the update breaks a
// rule of the format.
func (m *Metadata) Update(u Update) (*Metadata, error) {
	next := *m
	next.LastUpdatedMS = max(m.LastUpdatedMS, u.Time.UnixMilli())
	next.MetadataLog = append(slices.Clip(m.MetadataLog), MetadataLogEntry{u.Previous, m.LastUpdatedMS})
	next.Properties = maps.Clone(m.Properties)
	maps.Copy(next.Properties, u.Properties)
	if u.Snapshot != nil {
		if err := next.add(*u.Snapshot); err != nil {
			return nil, fmt.Errorf("%w: snapshot %d: %w", ErrInvalid, u.Snapshot.SnapshotID, err)
		}
	}
	if err := next.drop(u.Drop); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	most := defaultPreviousMax
	if v, ok := next.Properties[keyPreviousMax]; ok {
		var err error
		if most, err = strconv.Atoi(v); err != nil || most < 1 {
			return nil, fmt.Errorf("%w: property %s is %q", ErrInvalid, keyPreviousMax, v)
		}
	}
	next.MetadataLog = next.MetadataLog[max(0, len(next.MetadataLog)-most):]
	return next.checked()
}

// add makes a snapshot the current one.
func (m *Metadata) add(s Snapshot) error {
	switch parent := s.ParentSnapshotID; {
	case s.SnapshotID < 1 || m.SnapshotByID(s.SnapshotID) != nil:
		return fmt.Errorf("its id is none or another's")
	case s.SequenceNumber != m.LastSequenceNumber+1:
		return fmt.Errorf("its sequence number is %d, the last one was %d", s.SequenceNumber, m.LastSequenceNumber)
	case parent == nil && m.CurrentSnapshotID != 0 || parent != nil && *parent != m.CurrentSnapshotID:
		return fmt.Errorf("it is no child of the current one, %d", m.CurrentSnapshotID)
	case s.TimestampMs > m.LastUpdatedMS:
		return fmt.Errorf("it is of %d, later than the version, of %d", s.TimestampMs, m.LastUpdatedMS)
	case s.ManifestList == "" || !validOperation(s.Summary.Operation):
		return fmt.Errorf("it has no manifest list, or operation %q", s.Summary.Operation)
	}
	m.Snapshots = append(slices.Clip(m.Snapshots), s)
	m.SnapshotLog = append(slices.Clip(m.SnapshotLog), SnapshotLogEntry{s.SnapshotID, s.TimestampMs})
	m.CurrentSnapshotID, m.LastSequenceNumber = s.SnapshotID, s.SequenceNumber
	return nil
}

// drop removes snapshots. Of the log all entries go that lie before one of theirs, by the
// specification: what was current in between is not known any more.
func (m *Metadata) drop(ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	gone := make(map[int64]bool, len(ids))
	for _, id := range ids {
		if id == m.CurrentSnapshotID || m.SnapshotByID(id) == nil {
			return fmt.Errorf("snapshot %d is to be dropped, and is the current one or none", id)
		}
		gone[id] = true
	}
	m.Snapshots = slices.DeleteFunc(slices.Clone(m.Snapshots), func(s Snapshot) bool { return gone[s.SnapshotID] })
	for i, e := range slices.Backward(m.SnapshotLog) {
		if gone[e.SnapshotID] {
			m.SnapshotLog = m.SnapshotLog[i+1:]
			break
		}
	}
	return nil
}

// checked returns m if it keeps the rules of the format.
func (m *Metadata) checked() (*Metadata, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return m, nil
}
