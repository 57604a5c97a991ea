// Package table has the metadata of an Iceberg table, format version 2, as far as a lake
// needs it: Parse and Encode for metadata files, New and Update to make the next one,
// and Stage for the manifests of a snapshot.
//
// Schemas, partition specs and the Avro files are those of iceberg-go's root package. Its
// package table would do all of this, too, and begins every process with 0.1 s of
// initialisation for scans that a lake does not make. The tests compare with it.
//
// Metadata is that of tables that this program made. What it never writes it refuses by
// name (ErrUnknown) and does not carry along: a field that it does not know may say
// something about snapshots that it drops, as a tag or a file of statistics does.
//
// Rules are those of the specification, https://iceberg.apache.org/spec/.
package table

import (
	"errors"
	"maps"
	"math/rand/v2"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"
)

// mainBranch is the name of the reference to the current snapshot.
const mainBranch = "main"

// Operations of snapshots, by what they do to the files.
const (
	OpAppend    = "append"    // files were added
	OpReplace   = "replace"   // files gave way to others with the same rows
	OpOverwrite = "overwrite" // files were added and removed
	OpDelete    = "delete"    // files were removed
)

const formatVersion = 2

var (
	// ErrInvalid reports metadata that breaks a rule of the table format.
	ErrInvalid = errors.New("invalid table metadata")
	// ErrUnknown reports metadata that says something that this program does not know.
	ErrUnknown = errors.New("unknown in table metadata")
)

// Metadata is one version of a table's metadata. It does not change, and nobody may
// change what it refers to.
type Metadata struct {
	// UUID identifies the table.
	UUID uuid.UUID
	// Location is the URI of the folder that holds its files.
	Location string
	// LastSequenceNumber is that of the newest snapshot there ever was; 0 before the first.
	LastSequenceNumber int64
	// LastUpdatedMS is when the version was made, in milliseconds since 1970 UTC. It is
	// never less than that of the version before.
	LastUpdatedMS int64
	// LastColumnID is the highest id of a column that was ever assigned.
	LastColumnID int
	// Schemas has at least the current one.
	Schemas         []*iceberg.Schema
	CurrentSchemaID int
	// PartitionSpecs has at least the default one, by which new files are partitioned.
	PartitionSpecs  []iceberg.PartitionSpec
	DefaultSpecID   int
	LastPartitionID int
	Properties      iceberg.Properties
	// Snapshots are in the order in which they were added.
	Snapshots []Snapshot
	// CurrentSnapshotID is 0 while the table has no snapshot.
	CurrentSnapshotID int64
	// SnapshotLog says since when which snapshot was the current one. Its last entry is.
	SnapshotLog []SnapshotLogEntry
	// MetadataLog has the versions before this one, as many as the property
	// write.metadata.previous-versions-max says.
	MetadataLog []MetadataLogEntry

	// schemas and specs are as they were read, with whatever else they say.
	schemas, specs []byte
}

// Snapshot is a state of the table.
type Snapshot struct {
	// SnapshotID is above 0.
	SnapshotID int64 `json:"snapshot-id"`
	// ParentSnapshotID is the state before, which may not be kept any more; nil when there
	// was none.
	ParentSnapshotID *int64 `json:"parent-snapshot-id,omitempty"`
	// SequenceNumber counts the snapshots of the table from 1.
	SequenceNumber int64 `json:"sequence-number"`
	// TimestampMs is when it was made, in milliseconds since 1970 UTC.
	TimestampMs int64 `json:"timestamp-ms"`
	// ManifestList is the URI of its list of manifests.
	ManifestList string  `json:"manifest-list"`
	Summary      Summary `json:"summary"`
	// SchemaID is the schema that was current; nil in snapshots of writers that did not say.
	SchemaID *int `json:"schema-id,omitempty"`
}

// Equal reports whether two snapshots say the same.
func (s *Snapshot) Equal(o *Snapshot) bool {
	return s.SnapshotID == o.SnapshotID && equalPointers(s.ParentSnapshotID, o.ParentSnapshotID) &&
		s.SequenceNumber == o.SequenceNumber && s.TimestampMs == o.TimestampMs && s.ManifestList == o.ManifestList &&
		s.Summary.Operation == o.Summary.Operation && maps.Equal(s.Summary.Properties, o.Summary.Properties) &&
		equalPointers(s.SchemaID, o.SchemaID)
}

func equalPointers[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// Summary says what a snapshot did to the files of the one before, and what the table holds.
type Summary struct {
	// Operation is one of OpAppend, OpReplace, OpOverwrite and OpDelete.
	Operation  string
	Properties iceberg.Properties
}

// SnapshotLogEntry says when a snapshot became the current one.
type SnapshotLogEntry struct {
	SnapshotID  int64 `json:"snapshot-id"`
	TimestampMs int64 `json:"timestamp-ms"`
}

// MetadataLogEntry names an earlier version of the metadata, and when it was made.
type MetadataLogEntry struct {
	MetadataFile string `json:"metadata-file"`
	TimestampMs  int64  `json:"timestamp-ms"`
}

// CurrentSchema returns the schema of new files.
func (m *Metadata) CurrentSchema() *iceberg.Schema {
	for _, s := range m.Schemas {
		if s.ID == m.CurrentSchemaID {
			return s
		}
	}
	panic("BUG: table metadata without its current schema")
}

// PartitionSpec returns the partitioning of new files.
func (m *Metadata) PartitionSpec() iceberg.PartitionSpec {
	if s := m.PartitionSpecByID(m.DefaultSpecID); s != nil {
		return *s
	}
	panic("BUG: table metadata without its default partition spec")
}

// PartitionSpecByID returns a partitioning; nil when there is none of that id.
func (m *Metadata) PartitionSpecByID(id int) *iceberg.PartitionSpec {
	for i := range m.PartitionSpecs {
		if m.PartitionSpecs[i].ID() == id {
			return &m.PartitionSpecs[i]
		}
	}
	return nil
}

// CurrentSnapshot returns the newest state; nil while the table has none.
func (m *Metadata) CurrentSnapshot() *Snapshot { return m.SnapshotByID(m.CurrentSnapshotID) }

// SnapshotByID returns a state that is kept; nil when there is none of that id.
func (m *Metadata) SnapshotByID(id int64) *Snapshot {
	for i := len(m.Snapshots) - 1; i >= 0; i-- { // most ask for new ones
		if m.Snapshots[i].SnapshotID == id {
			return &m.Snapshots[i]
		}
	}
	return nil
}

// NewSnapshotID returns an id that no snapshot has. It has at most 53 bits: programs that read
// numbers of JSON as floating point, such as jq before 1.7, would round others.
func (m *Metadata) NewSnapshotID() int64 {
	for {
		if id := rand.Int64N(1 << 53); id > 0 && m.SnapshotByID(id) == nil {
			return id
		}
	}
}
