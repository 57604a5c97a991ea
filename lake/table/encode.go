package table

import (
	"encoding/json"
	"maps"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"
)

// metadataFile is a metadata file, its fields in the order in which iceberg-go has them.
type metadataFile struct {
	LastSequenceNumber int64                  `json:"last-sequence-number"`
	FormatVersion      int                    `json:"format-version"`
	UUID               uuid.UUID              `json:"table-uuid"`
	Location           string                 `json:"location"`
	LastUpdatedMS      int64                  `json:"last-updated-ms"`
	LastColumnID       int                    `json:"last-column-id"`
	Schemas            json.RawMessage        `json:"schemas"`
	CurrentSchemaID    int                    `json:"current-schema-id"`
	PartitionSpecs     json.RawMessage        `json:"partition-specs"`
	DefaultSpecID      int                    `json:"default-spec-id"`
	LastPartitionID    int                    `json:"last-partition-id"`
	Properties         iceberg.Properties     `json:"properties,omitempty"`
	CurrentSnapshotID  int64                  `json:"current-snapshot-id,omitempty"`
	SnapshotLog        []SnapshotLogEntry     `json:"snapshot-log,omitempty"`
	MetadataLog        []MetadataLogEntry     `json:"metadata-log,omitempty"`
	SortOrders         json.RawMessage        `json:"sort-orders"`
	DefaultSortOrderID int                    `json:"default-sort-order-id"`
	Refs               map[string]snapshotRef `json:"refs,omitempty"`
	Snapshots          []Snapshot             `json:"snapshots,omitempty"`
}

type snapshotRef struct {
	SnapshotID int64  `json:"snapshot-id"`
	Type       string `json:"type"`
}

// unsorted is the order of tables without one.
const unsorted = `[{"order-id":0,"fields":[]}]`

// Encode returns the metadata file.
func (m *Metadata) Encode() ([]byte, error) {
	f := metadataFile{
		LastSequenceNumber: m.LastSequenceNumber, FormatVersion: formatVersion, UUID: m.UUID, Location: m.Location,
		LastUpdatedMS: m.LastUpdatedMS, LastColumnID: m.LastColumnID, Schemas: m.schemas, CurrentSchemaID: m.CurrentSchemaID,
		PartitionSpecs: m.specs, DefaultSpecID: m.DefaultSpecID, LastPartitionID: m.LastPartitionID, Properties: m.Properties,
		CurrentSnapshotID: m.CurrentSnapshotID, SnapshotLog: m.SnapshotLog, MetadataLog: m.MetadataLog,
		SortOrders: json.RawMessage(unsorted), Snapshots: m.Snapshots,
	}
	if m.CurrentSnapshotID != 0 {
		f.Refs = map[string]snapshotRef{mainBranch: {m.CurrentSnapshotID, "branch"}}
	}
	return json.Marshal(f)
}

// MarshalJSON implements json.Marshaler: the operation is one of the properties there.
func (s Summary) MarshalJSON() ([]byte, error) {
	all := maps.Clone(s.Properties)
	if all == nil {
		all = make(iceberg.Properties)
	}
	all["operation"] = s.Operation
	return json.Marshal(all)
}
