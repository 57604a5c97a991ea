package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go"
	icetable "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// The tests take iceberg-go's package table as their oracle: it is another implementation
// of the specification, and wrote every lake until this package did.

var (
	testID    = uuid.MustParse("5b95f282-33a0-476e-afeb-5b2f4753fdb5")
	testTime  = time.UnixMilli(1_795_000_000_000)
	testProps = iceberg.Properties{"commit.manifest.min-count-to-merge": "4", "commit.manifest-merge.enabled": "true",
		"write.metadata.previous-versions-max": "5", "text": "<é&\u2028\">"}
)

const testLocation = "file:///lake/t"

// tableOf returns the schema and the partitioning of tests, with ids as New wants them.
func tableOf(t testing.TB) (*iceberg.Schema, iceberg.PartitionSpec) {
	t.Helper()
	sc, err := iceberg.AssignFreshSchemaIDs(iceberg.NewSchema(0,
		iceberg.NestedField{ID: 1, Name: "id", Type: iceberg.PrimitiveTypes.String, Doc: "an id"},
		iceberg.NestedField{ID: 2, Name: "list", Type: &iceberg.ListType{ElementID: 3, Element: &iceberg.StructType{
			FieldList: []iceberg.NestedField{{ID: 4, Name: "n", Type: iceberg.PrimitiveTypes.Int64}}}}},
		iceberg.NestedField{ID: 5, Name: "time", Type: iceberg.PrimitiveTypes.Timestamp, Required: true},
	), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := sc.FindFieldByName("time")
	return sc, iceberg.NewPartitionSpec(iceberg.PartitionField{
		SourceIDs: []int{f.ID}, FieldID: iceberg.PartitionDataIDStart, Name: "day", Transform: iceberg.DayTransform{}})
}

func newTest(t testing.TB) *Metadata {
	t.Helper()
	sc, spec := tableOf(t)
	m, err := New(testID, testLocation, sc, spec, testProps, testTime)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func encode(t testing.TB, m *Metadata) []byte {
	t.Helper()
	raw, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// same wants the oracle to read raw as m, and to write what it read as the same bytes.
func same(t testing.TB, m *Metadata, raw []byte) icetable.Metadata {
	t.Helper()
	theirs := alike(t, m, raw)
	text, err := json.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if got := encode(t, m); !bytes.Equal(got, text) {
		t.Fatalf("we write\n%s\nthe oracle writes\n%s", got, text)
	}
	return theirs
}

// alike wants the oracle to read raw as m, and to write the same, but for schemas and specs:
// we leave these as they are.
func alike(t testing.TB, m *Metadata, raw []byte) icetable.Metadata {
	t.Helper()
	theirs, err := icetable.ParseMetadataBytes(raw)
	if err != nil {
		t.Fatalf("the oracle refuses it: %v\n%s", err, raw)
	}
	text, err := json.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	var got, wanted map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(encode(t, m), &got), json.Unmarshal(text, &wanted)); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"schemas", "partition-specs"} {
		delete(got, field)
		delete(wanted, field)
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("we write\n%s\nthe oracle writes\n%s", got, wanted)
	}
	var ids, want []int64
	for _, s := range m.Snapshots {
		ids = append(ids, s.SnapshotID)
	}
	for _, s := range theirs.Snapshots() {
		want = append(want, s.SnapshotID)
	}
	now, then := m.CurrentSnapshot(), theirs.CurrentSnapshot()
	spec := m.PartitionSpec()
	if !slices.Equal(ids, want) || (now == nil) != (then == nil) || now != nil && now.SnapshotID != then.SnapshotID ||
		m.UUID != theirs.TableUUID() || m.Location != theirs.Location() || m.LastUpdatedMS != theirs.LastUpdatedMillis() ||
		!reflect.DeepEqual(m.Properties, theirs.Properties()) || !m.CurrentSchema().Equals(theirs.CurrentSchema()) ||
		!spec.Equals(theirs.PartitionSpec()) || m.LastSequenceNumber != theirs.LastSequenceNumber() {
		t.Fatalf("we read %+v, the oracle %+v", m, theirs)
	}
	return theirs
}

// oldFiles returns the metadata files of lakes that were written before this package was.
func oldFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	names, err := filepath.Glob("../testdata/old/*/lake/eds/*/metadata/*.metadata.json")
	if err != nil || len(names) < 6 {
		t.Fatalf("%d files, error %v", len(names), err)
	}
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestOldFiles(t *testing.T) {
	for name, raw := range oldFiles(t) {
		m, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, m, raw)
	}
}

func TestNew(t *testing.T) {
	m := newTest(t)
	sc, spec := tableOf(t)
	theirs, err := icetable.NewMetadataWithUUID(sc, &spec, icetable.UnsortedSortOrder, testLocation, testProps, testID)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = withTime(raw, testTime); err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	same(t, m, raw)
	same(t, parsed, raw)
}

// withTime says that a file was made at a time: the oracle asks the system's clock.
func withTime(raw []byte, at time.Time) ([]byte, error) {
	const key = `"last-updated-ms":`
	begin := bytes.Index(raw, []byte(key)) + len(key)
	end := begin + bytes.IndexByte(raw[begin:], ',')
	return slices.Concat(raw[:begin], fmt.Append(nil, at.UnixMilli()), raw[end:]), nil
}

// TestUpdate makes random histories with both, and wants the same bytes of every version.
func TestUpdate(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 7))
		m := newTest(t)
		theirs := same(t, m, encode(t, m))
		now := testTime
		for n := range 40 {
			now = now.Add(time.Duration(random.IntN(100_000)) * time.Millisecond)
			u := Update{Time: now, Previous: fmt.Sprintf("%s/metadata/v%d.metadata.json", testLocation, n+1)}
			var updates []icetable.Update
			if random.IntN(4) > 0 {
				u.Snapshot = nextSnapshot(m, random, now)
				s := u.Snapshot
				updates = append(updates,
					icetable.NewAddSnapshotUpdate(&icetable.Snapshot{
						SnapshotID: s.SnapshotID, ParentSnapshotID: s.ParentSnapshotID, SequenceNumber: s.SequenceNumber,
						TimestampMs: s.TimestampMs, ManifestList: s.ManifestList, SchemaID: s.SchemaID,
						Summary: &icetable.Summary{Operation: icetable.Operation(s.Summary.Operation), Properties: s.Summary.Properties},
					}),
					icetable.NewSetSnapshotRefUpdate(icetable.MainBranch, s.SnapshotID, icetable.BranchRef, 0, 0, 0))
			}
			for _, s := range m.Snapshots {
				if s.SnapshotID != m.CurrentSnapshotID && random.IntN(8) == 0 {
					u.Drop = append(u.Drop, s.SnapshotID)
				}
			}
			if len(u.Drop) > 0 {
				updates = append(updates, icetable.NewRemoveSnapshotsUpdate(u.Drop, false))
			}
			u.Properties = iceberg.Properties{"n": fmt.Sprint(n), "text": strings.Repeat("x", random.IntN(3))}
			updates = append(updates, icetable.NewSetPropertiesUpdate(u.Properties))
			before := encode(t, m)
			next, err := m.Update(u)
			if err != nil {
				t.Fatalf("seed %d, version %d: %v", seed, n, err)
			}
			if after := encode(t, m); !bytes.Equal(before, after) {
				t.Fatalf("seed %d, version %d: the update changed what it was made on", seed, n)
			}
			if theirs, err = icetable.UpdateTableMetadata(theirs, updates, u.Previous); err != nil {
				t.Fatalf("seed %d, version %d: the oracle: %v", seed, n, err)
			}
			raw, err := json.Marshal(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err = withTime(raw, now); err != nil {
				t.Fatal(err)
			}
			theirs = same(t, next, raw)
			if m, err = Parse(encode(t, next)); err != nil {
				t.Fatal(err)
			}
			same(t, m, raw)
		}
	}
}

// nextSnapshot returns one that may follow m.
func nextSnapshot(m *Metadata, random *rand.Rand, now time.Time) *Snapshot {
	s := &Snapshot{
		SnapshotID: random.Int64N(1<<62) + 1, SequenceNumber: m.LastSequenceNumber + 1, TimestampMs: now.UnixMilli(),
		ManifestList: fmt.Sprintf("%s/metadata/snap-%d.avro", testLocation, m.LastSequenceNumber+1), SchemaID: &m.CurrentSchemaID,
		Summary: Summary{Operation: []string{OpAppend, OpReplace, OpDelete, OpOverwrite}[random.IntN(4)], Properties: iceberg.Properties{"a": "<b>"}},
	}
	if parent := m.CurrentSnapshot(); parent != nil {
		s.ParentSnapshotID = &parent.SnapshotID
	}
	return s
}
