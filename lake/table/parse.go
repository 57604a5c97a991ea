package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"
)

// Parse reads a metadata file. The error wraps ErrInvalid or ErrUnknown and names the field.
// The file's bytes stay in use.
func Parse(raw []byte) (*Metadata, error) {
	if !json.Valid(raw) {
		var any json.RawMessage
		return nil, fmt.Errorf("%w: %w", ErrInvalid, json.Unmarshal(raw, &any)) // which says where
	}
	o := newObject("", raw[space(raw, 0):])
	if v := o.int64("format-version", 1); o.err == nil && v != formatVersion {
		return nil, fmt.Errorf("%w: format-version %d, this program knows %d", ErrUnknown, v, formatVersion)
	}
	m := &Metadata{
		Location:           o.text("location"),
		LastSequenceNumber: o.int64("last-sequence-number", 0),
		LastUpdatedMS:      o.int64("last-updated-ms", 0),
		LastColumnID:       o.id("last-column-id"),
		CurrentSchemaID:    o.id("current-schema-id"),
		DefaultSpecID:      o.id("default-spec-id"),
		LastPartitionID:    o.id("last-partition-id"),
	}
	id, err := uuid.Parse(o.text("table-uuid"))
	if err == nil && id == uuid.Nil {
		err = errors.New("is zero")
	}
	if err != nil {
		o.fail("table-uuid", err)
	}
	m.UUID = id
	m.Properties = o.strings("properties", o.optional("properties"))
	m.schemas, m.specs = o.required("schemas"), o.required("partition-specs")
	m.parseSchemas(o)
	m.parseSpecs(o)
	parseSortOrders(o)
	o.list("snapshots", o.optional("snapshots"), func(_ int, e *object) { m.Snapshots = append(m.Snapshots, parseSnapshot(e)) })
	if raw := o.optional("current-snapshot-id"); raw != nil && string(raw) != "-1" { // which older writers wrote for none
		m.CurrentSnapshotID = o.number("current-snapshot-id", raw, 1)
	}
	o.list("snapshot-log", o.optional("snapshot-log"), func(_ int, e *object) {
		m.SnapshotLog = append(m.SnapshotLog, SnapshotLogEntry{e.int64("snapshot-id", 1), e.int64("timestamp-ms", 0)})
	})
	o.list("metadata-log", o.optional("metadata-log"), func(_ int, e *object) {
		m.MetadataLog = append(m.MetadataLog, MetadataLogEntry{e.text("metadata-file"), e.int64("timestamp-ms", 0)})
	})
	m.parseRefs(o, o.optional("refs"))
	if err := o.end(); err != nil {
		return nil, err
	}
	return m.checked()
}

func parseSnapshot(e *object) Snapshot {
	s := Snapshot{
		SnapshotID:     e.int64("snapshot-id", 1),
		SequenceNumber: e.int64("sequence-number", 0),
		TimestampMs:    e.int64("timestamp-ms", 0),
		ManifestList:   e.text("manifest-list"),
	}
	if raw := e.optional("parent-snapshot-id"); raw != nil {
		id := e.number("parent-snapshot-id", raw, 1)
		s.ParentSnapshotID = &id
	}
	if raw := e.optional("schema-id"); raw != nil {
		id := int(e.number("schema-id", raw, 0))
		s.SchemaID = &id
	}
	s.Summary.Properties = e.strings("summary", e.required("summary"))
	s.Summary.Operation = s.Summary.Properties["operation"]
	delete(s.Summary.Properties, "operation")
	if !validOperation(s.Summary.Operation) {
		e.fail("summary.operation", fmt.Errorf("is %q", s.Summary.Operation))
	}
	return s
}

func validOperation(op string) bool {
	return op == OpAppend || op == OpReplace || op == OpOverwrite || op == OpDelete
}

// parseSchemas has iceberg-go read the schemas.
func (m *Metadata) parseSchemas(o *object) {
	o.each("schemas", m.schemas, func(raw []byte) (int, error) {
		s := new(iceberg.Schema)
		if err := json.Unmarshal(raw, s); err != nil {
			return 0, err
		}
		m.Schemas = append(m.Schemas, s)
		if highest := s.HighestFieldID(); highest > m.LastColumnID {
			return 0, fmt.Errorf("has column id %d, last-column-id is %d", highest, m.LastColumnID)
		}
		if s.ID < 0 {
			return 0, fmt.Errorf("has id %d", s.ID)
		}
		return s.ID, nil
	})
}

// parseSpecs has iceberg-go read the partition specs, once it is sure that it will assign
// no ids of its own.
func (m *Metadata) parseSpecs(o *object) {
	o.each("partition-specs", m.specs, func(raw []byte) (int, error) {
		ids := newObject("", raw)
		ids.id("spec-id")
		ids.list("fields", ids.required("fields"), func(_ int, e *object) {
			if id := e.id("field-id"); id > m.LastPartitionID {
				e.fail("field-id", fmt.Errorf("is %d, last-partition-id is %d", id, m.LastPartitionID))
			}
			e.fields = nil // iceberg-go looks at the rest
		})
		var s iceberg.PartitionSpec
		if ids.err != nil {
			return 0, ids.err
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			return 0, err
		}
		m.PartitionSpecs = append(m.PartitionSpecs, s)
		return s.ID(), nil
	})
}

// each reads the elements of an array, no two of which may have the same id.
func (o *object) each(field string, raw []byte, read func(raw []byte) (id int, err error)) {
	if raw == nil {
		return
	}
	all, err := elements(raw)
	if err != nil {
		o.fail(field, err)
	}
	seen := make(map[int]bool)
	for i, raw := range all {
		id, err := read(raw)
		if err == nil && seen[id] {
			err = fmt.Errorf("has id %d, as another", id)
		}
		seen[id] = true
		if err != nil {
			o.fail(field+"["+strconv.Itoa(i)+"]", err)
		}
	}
}

// parseSortOrders knows tables that are not sorted.
func parseSortOrders(o *object) {
	id := o.id("default-sort-order-id")
	n := 0
	o.list("sort-orders", o.required("sort-orders"), func(_ int, e *object) {
		n++
		order := e.id("order-id")
		if fields := e.required("fields"); e.err == nil && (order != 0 || len(fields) == 0 || space(fields, 1) != len(fields)-1) {
			e.err = fmt.Errorf("%w: %s has order %d by %.80s, this program knows tables without order", ErrUnknown, e.at, order, fields)
		}
	})
	if o.err == nil && (id != 0 || n != 1) {
		o.fail("sort-orders", fmt.Errorf("there are %d, and %d is the default one", n, id))
	}
}

// parseRefs wants the reference main to be to the current snapshot, which is so by
// definition if it is absent, and no other.
func (m *Metadata) parseRefs(o *object, raw []byte) {
	if raw == nil {
		return
	}
	refs := newObject("refs", raw)
	if raw := refs.optional(mainBranch); raw != nil {
		ref := newObject("refs."+mainBranch, raw)
		if id := ref.int64("snapshot-id", 1); id != m.CurrentSnapshotID {
			ref.fail("snapshot-id", fmt.Errorf("is %d, current-snapshot-id is %d", id, m.CurrentSnapshotID))
		}
		if kind := ref.text("type"); kind != "branch" {
			ref.fail("type", fmt.Errorf("is %q, must be branch", kind))
		}
		refs.adopt(ref.end())
	}
	o.adopt(refs.end())
}

// skewMS is how far the clocks of writers may differ, by which times of the logs may run
// backwards. Other readers of the format bear as much.
const skewMS = 60_000

// check verifies what concerns several fields.
func (m *Metadata) check() error {
	if !slices.ContainsFunc(m.Schemas, func(s *iceberg.Schema) bool { return s.ID == m.CurrentSchemaID }) {
		return fmt.Errorf("current-schema-id: there is no schema %d", m.CurrentSchemaID)
	}
	if m.PartitionSpecByID(m.DefaultSpecID) == nil {
		return fmt.Errorf("default-spec-id: there is no partition spec %d", m.DefaultSpecID)
	}
	seen := make(map[int64]bool, len(m.Snapshots))
	for i := range m.Snapshots {
		s := &m.Snapshots[i]
		switch {
		case seen[s.SnapshotID]:
			return fmt.Errorf("snapshots[%d].snapshot-id: %d is another's, too", i, s.SnapshotID)
		case s.SequenceNumber > m.LastSequenceNumber:
			return fmt.Errorf("snapshots[%d].sequence-number: %d is above last-sequence-number, %d", i, s.SequenceNumber, m.LastSequenceNumber)
		case i > 0 && s.SequenceNumber <= m.Snapshots[i-1].SequenceNumber:
			return fmt.Errorf("snapshots[%d].sequence-number: %d follows %d", i, s.SequenceNumber, m.Snapshots[i-1].SequenceNumber)
		case s.ParentSnapshotID != nil && *s.ParentSnapshotID == s.SnapshotID:
			return fmt.Errorf("snapshots[%d].parent-snapshot-id: it is its own parent", i)
		case s.SchemaID != nil && !slices.ContainsFunc(m.Schemas, func(sc *iceberg.Schema) bool { return sc.ID == *s.SchemaID }):
			return fmt.Errorf("snapshots[%d].schema-id: there is no schema %d", i, *s.SchemaID)
		}
		seen[s.SnapshotID] = true
	}
	if id := m.CurrentSnapshotID; id != 0 && !seen[id] {
		return fmt.Errorf("current-snapshot-id: there is no snapshot %d", id)
	}
	for i, e := range m.SnapshotLog {
		if !seen[e.SnapshotID] {
			return fmt.Errorf("snapshot-log[%d].snapshot-id: there is no snapshot %d", i, e.SnapshotID)
		}
	}
	if n := len(m.SnapshotLog); n > 0 && m.SnapshotLog[n-1].SnapshotID != m.CurrentSnapshotID {
		return fmt.Errorf("snapshot-log[%d].snapshot-id: is %d, current-snapshot-id is %d", n-1, m.SnapshotLog[n-1].SnapshotID, m.CurrentSnapshotID)
	}
	if err := m.checkTimes("snapshot-log", len(m.SnapshotLog), func(i int) int64 { return m.SnapshotLog[i].TimestampMs }); err != nil {
		return err
	}
	return m.checkTimes("metadata-log", len(m.MetadataLog), func(i int) int64 { return m.MetadataLog[i].TimestampMs })
}

// checkTimes wants the times of a log to run forwards, up to when the version was made.
func (m *Metadata) checkTimes(log string, n int, at func(i int) int64) error {
	var last int64
	for i := range n {
		t := at(i)
		if t < last-skewMS {
			return fmt.Errorf("%s[%d].timestamp-ms: %d follows %d", log, i, t, last)
		}
		last = t
	}
	if m.LastUpdatedMS < last-skewMS {
		return fmt.Errorf("last-updated-ms: %d, and the last entry of %s is of %d", m.LastUpdatedMS, log, last)
	}
	return nil
}
