package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go"
	icetable "github.com/apache/iceberg-go/table"
)

// sample has four snapshots, of which the first was dropped.
func sample(t testing.TB) *Metadata {
	t.Helper()
	m, random := newTest(t), rand.New(rand.NewPCG(3, 3))
	for i := range 4 {
		now := testTime.Add(time.Duration(i+1) * time.Hour)
		u := Update{Time: now, Previous: fmt.Sprintf("%s/metadata/v%d.metadata.json", testLocation, i+1), Snapshot: nextSnapshot(m, random, now)}
		if i == 3 {
			u.Drop = []int64{m.Snapshots[0].SnapshotID}
		}
		var err error
		if m, err = m.Update(u); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

type dict = map[string]any

// TestParse breaks each rule of the format once. The oracle refuses most of that, too;
// what it lets pass is marked.
func TestParse(t *testing.T) {
	good := encode(t, sample(t))
	snapshots := func(m dict) []any { return m["snapshots"].([]any) }
	at := func(list any, i int) dict { return list.([]any)[i].(dict) }
	for name, c := range map[string]struct {
		edit func(m dict)
		want string // in the message
		lax  bool   // the oracle accepts it
	}{
		"nothing":                {func(dict) {}, "", true},
		"another version":        {func(m dict) { m["format-version"] = 3 }, "format-version 3", false},
		"version 1":              {func(m dict) { m["format-version"] = 1 }, "format-version 1", false},
		"no version":             {func(m dict) { delete(m, "format-version") }, "format-version: is missing", false},
		"null":                   {func(m dict) { m["location"] = nil }, "location: is missing", false},
		"no location":            {func(m dict) { m["location"] = "" }, "location: is empty", false},
		"a number for a text":    {func(m dict) { m["location"] = 1 }, "location: is no string", false},
		"a bad id":               {func(m dict) { m["table-uuid"] = "x" }, "table-uuid: invalid", false},
		"no id":                  {func(m dict) { m["table-uuid"] = "00000000-0000-0000-0000-000000000000" }, "table-uuid: is zero", false},
		"no last update":         {func(m dict) { delete(m, "last-updated-ms") }, "last-updated-ms: is missing", false},
		"a fraction":             {func(m dict) { m["last-updated-ms"] = json.Number("1.5") }, "last-updated-ms: 1.5 is no whole number", false},
		"too large":              {func(m dict) { m["last-updated-ms"] = json.Number("9223372036854775808") }, "no whole number of 64 bits", false},
		"too large an id":        {func(m dict) { m["last-column-id"] = json.Number("2147483648") }, "last-column-id: is 2147483648, must be at most", true},
		"before its logs":        {func(m dict) { m["last-updated-ms"] = 1 }, "last-updated-ms: 1, and the last entry of snapshot-log", false},
		"no sequence":            {func(m dict) { delete(m, "last-sequence-number") }, "last-sequence-number: is missing", false},
		"too low a sequence":     {func(m dict) { m["last-sequence-number"] = 3 }, "snapshots[2].sequence-number: 4 is above", false},
		"no columns":             {func(m dict) { delete(m, "last-column-id") }, "last-column-id: is missing", false},
		"too few columns":        {func(m dict) { m["last-column-id"] = 4 }, "schemas[0]: has column id 5, last-column-id is 4", true},
		"no schemas":             {func(m dict) { delete(m, "schemas") }, "schemas: is missing", false},
		"schemas of no kind":     {func(m dict) { m["schemas"] = 1 }, "schemas: is no array", false},
		"no schema":              {func(m dict) { m["schemas"] = []any{} }, "current-schema-id: there is no schema 0", false},
		"null for a schema":      {func(m dict) { m["schemas"] = []any{nil} }, "schemas[0]: ", false},
		"another schema":         {func(m dict) { m["current-schema-id"] = 1 }, "current-schema-id: there is no schema 1", false},
		"a schema twice":         {func(m dict) { s := m["schemas"].([]any); m["schemas"] = append(s, s[0]) }, "schemas[1]: has id 0, as another", false},
		"a type that is none":    {func(m dict) { at(at(m["schemas"], 0)["fields"], 0)["type"] = "text" }, "schemas[0]: ", false},
		"no specs":               {func(m dict) { delete(m, "partition-specs") }, "partition-specs: is missing", false},
		"a spec without id":      {func(m dict) { delete(at(m["partition-specs"], 0), "spec-id") }, "spec-id: is missing", false},
		"a spec field without":   {func(m dict) { delete(at(at(m["partition-specs"], 0)["fields"], 0), "field-id") }, "fields[0].field-id: is missing", true},
		"another spec":           {func(m dict) { m["default-spec-id"] = 1 }, "default-spec-id: there is no partition spec 1", false},
		"too low a partition id": {func(m dict) { m["last-partition-id"] = 999 }, "field-id: is 1000, last-partition-id is 999", true},
		"no partition id":        {func(m dict) { delete(m, "last-partition-id") }, "last-partition-id: is missing", false},
		"no sort orders":         {func(m dict) { delete(m, "sort-orders") }, "sort-orders: is missing", false},
		"no default sort order":  {func(m dict) { delete(m, "default-sort-order-id") }, "default-sort-order-id: is missing", false},
		"a sort order": {func(m dict) {
			m["sort-orders"] = []any{dict{"order-id": 1, "fields": []any{dict{"source-id": 1, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}}}}
			m["default-sort-order-id"] = 1
		}, "sort-orders[0] has order 1", true},
		"a property of no text": {func(m dict) { m["properties"].(dict)["x"] = 1 }, "properties.x: is no string", false},
		"properties of no kind": {func(m dict) { m["properties"] = []any{} }, "properties is no object", false},
		"a field that is new":   {func(m dict) { m["next-row-id"] = 1 }, "field next-row-id", false},
		"statistics":            {func(m dict) { m["statistics"] = []any{} }, "field statistics", true},
		"a field of nobody":     {func(m dict) { m["Location"] = "file:///x" }, "field Location", true},

		"snapshots of no kind":        {func(m dict) { m["snapshots"] = dict{} }, "snapshots: is no array", false},
		"a snapshot of no kind":       {func(m dict) { snapshots(m)[1] = "x" }, "snapshots[1] is no object", false},
		"a snapshot twice":            {func(m dict) { at(m["snapshots"], 1)["snapshot-id"] = at(m["snapshots"], 0)["snapshot-id"] }, "snapshots[1].snapshot-id: ", false},
		"a snapshot 0":                {func(m dict) { at(m["snapshots"], 0)["snapshot-id"] = 0 }, "snapshots[0].snapshot-id: is 0, must be at least 1", true},
		"a snapshot without id":       {func(m dict) { delete(at(m["snapshots"], 0), "snapshot-id") }, "snapshots[0].snapshot-id: is missing", false},
		"a snapshot without time":     {func(m dict) { delete(at(m["snapshots"], 0), "timestamp-ms") }, "snapshots[0].timestamp-ms: is missing", false},
		"a snapshot without sequence": {func(m dict) { delete(at(m["snapshots"], 0), "sequence-number") }, "snapshots[0].sequence-number: is missing", true},
		"a snapshot without list":     {func(m dict) { delete(at(m["snapshots"], 0), "manifest-list") }, "snapshots[0].manifest-list: is missing", true},
		"a snapshot of manifests":     {func(m dict) { at(m["snapshots"], 0)["manifests"] = []any{"x"} }, "field snapshots[0].manifests", true},
		"a snapshot without summary":  {func(m dict) { delete(at(m["snapshots"], 0), "summary") }, "snapshots[0].summary: is missing", true},
		"a summary of no operation":   {func(m dict) { at(m["snapshots"], 0)["summary"] = dict{} }, `snapshots[0].summary.operation: is ""`, true},
		"an operation that is none":   {func(m dict) { at(m["snapshots"], 0)["summary"].(dict)["operation"] = "x" }, `snapshots[0].summary.operation: is "x"`, true},
		"a summary of numbers":        {func(m dict) { at(m["snapshots"], 0)["summary"].(dict)["n"] = 1 }, "snapshots[0].summary.n: is no string", false},
		"a snapshot of no schema":     {func(m dict) { at(m["snapshots"], 0)["schema-id"] = 7 }, "snapshots[0].schema-id: there is no schema 7", true},
		"its own parent":              {func(m dict) { at(m["snapshots"], 1)["parent-snapshot-id"] = at(m["snapshots"], 1)["snapshot-id"] }, "snapshots[1].parent-snapshot-id: ", true},
		"sequence of two":             {func(m dict) { at(m["snapshots"], 1)["sequence-number"] = 2 }, "snapshots[1].sequence-number: 2 follows 2", true},
		"the current one is gone":     {func(m dict) { m["snapshots"] = snapshots(m)[:2] }, "current-snapshot-id: there is no snapshot", false},
		"the current one is none":     {func(m dict) { delete(m, "current-snapshot-id") }, "refs.main.snapshot-id: is", false},
		"the current one is another":  {func(m dict) { m["current-snapshot-id"] = at(m["snapshots"], 0)["snapshot-id"] }, "refs.main.snapshot-id: is", false},
		"main is another": {func(m dict) {
			m["refs"].(dict)["main"].(dict)["snapshot-id"] = at(m["snapshots"], 0)["snapshot-id"]
		}, "refs.main.snapshot-id: is", false},
		"main is a tag": {func(m dict) { m["refs"].(dict)["main"].(dict)["type"] = "tag" }, "refs.main.type: is", true},
		"main is kept":  {func(m dict) { m["refs"].(dict)["main"].(dict)["min-snapshots-to-keep"] = 3 }, "field refs.main.min-snapshots-to-keep", true},
		"a tag": {func(m dict) {
			m["refs"].(dict)["x"] = dict{"snapshot-id": at(m["snapshots"], 0)["snapshot-id"], "type": "tag"}
		}, "field refs.x", true},
		"a dangling tag":       {func(m dict) { m["refs"].(dict)["x"] = dict{"snapshot-id": 7, "type": "tag"} }, "field refs.x", false},
		"refs of no kind":      {func(m dict) { m["refs"] = 1 }, "refs is no object", false},
		"no refs":              {func(m dict) { delete(m, "refs") }, "", true},
		"a log of nothing":     {func(m dict) { at(m["snapshot-log"], 0)["snapshot-id"] = 7 }, "snapshot-log[0].snapshot-id: there is no snapshot 7", true},
		"a log of others":      {func(m dict) { m["snapshot-log"] = m["snapshot-log"].([]any)[:1] }, "snapshot-log[0].snapshot-id: is", true},
		"a log backwards":      {func(m dict) { at(m["snapshot-log"], 1)["timestamp-ms"] = 1 }, "snapshot-log[1].timestamp-ms: 1 follows", false},
		"a log that says more": {func(m dict) { at(m["snapshot-log"], 1)["x"] = 1 }, "field snapshot-log[1].x", true},
		"versions backwards":   {func(m dict) { at(m["metadata-log"], 1)["timestamp-ms"] = 1 }, "metadata-log[1].timestamp-ms: 1 follows", false},
		"a version without":    {func(m dict) { delete(at(m["metadata-log"], 1), "metadata-file") }, "metadata-log[1].metadata-file: is missing", true},
	} {
		t.Run(name, func(t *testing.T) {
			var m dict
			dec := json.NewDecoder(bytes.NewReader(good))
			dec.UseNumber() // snapshot ids have 63 bits
			if err := dec.Decode(&m); err != nil {
				t.Fatal(err)
			}
			c.edit(m)
			raw, err := json.MarshalIndent(m, " ", "\t")
			if err != nil {
				t.Fatal(err)
			}
			meta, err := Parse(raw)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				alike(t, meta, raw)
			} else if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrUnknown) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
			if _, err := icetable.ParseMetadataBytes(raw); (err == nil) != c.lax {
				t.Errorf("the oracle says %v", err)
			}
		})
	}
}

// TestParseText has text that encoding/json would let pass, or none at all.
func TestParseText(t *testing.T) {
	good := string(encode(t, sample(t)))
	for name, c := range map[string]struct{ text, want string }{
		"nothing":           {"", "unexpected end"},
		"white space":       {" \n", "unexpected end"},
		"half":              {good[:len(good)/2], "unexpected end"},
		"more":              {good + "{}", "after top-level value"},
		"an array":          {"[]", "is no object"},
		"null":              {"null", "is no object"},
		"a field twice":     {strings.Replace(good, `"location":`, `"location":"x","location":`, 1), "location: is there twice"},
		"a property twice":  {strings.Replace(good, `"text":`, `"text":"x","text":`, 1), "properties.text: is there twice"},
		"twice, escaped":    {strings.Replace(good, `"text":`, `"te\u0078t":"x","text":`, 1), "properties.text: is there twice"},
		"a summary twice":   {strings.Replace(good, `"operation":`, `"operation":"append","operation":`, 1), "summary.operation: is there twice"},
		"white space about": {" \r\n" + strings.Replace(strings.ReplaceAll(good, `":`, "\" :\t"), "{", "{ ", 1) + "\n", ""},
	} {
		m, err := Parse([]byte(c.text))
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			alike(t, m, []byte(c.text))
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", name, err, c.want)
		}
	}
}

// TestUpdateRefuses has updates that break a rule.
func TestUpdateRefuses(t *testing.T) {
	m := sample(t)
	random := rand.New(rand.NewPCG(4, 4))
	now := testTime.Add(10 * time.Hour)
	for name, c := range map[string]struct {
		edit func(u *Update)
		want string
	}{
		"nothing":             {func(*Update) {}, ""},
		"a clock behind":      {func(u *Update) { u.Snapshot, u.Time = nil, testTime }, ""},
		"an id of another":    {func(u *Update) { u.Snapshot.SnapshotID = m.CurrentSnapshotID }, "another's"},
		"no id":               {func(u *Update) { u.Snapshot.SnapshotID = 0 }, "its id is none"},
		"an old sequence":     {func(u *Update) { u.Snapshot.SequenceNumber-- }, "sequence number is 4, the last one was 4"},
		"a gap":               {func(u *Update) { u.Snapshot.SequenceNumber++ }, "sequence number is 6"},
		"no parent":           {func(u *Update) { u.Snapshot.ParentSnapshotID = nil }, "no child of the current one"},
		"another parent":      {func(u *Update) { u.Snapshot.ParentSnapshotID = &m.Snapshots[0].SnapshotID }, "no child of the current one"},
		"of the future":       {func(u *Update) { u.Snapshot.TimestampMs++ }, "later than the version"},
		"of the past":         {func(u *Update) { u.Snapshot.TimestampMs = testTime.UnixMilli() }, "snapshot-log[3].timestamp-ms"},
		"no list":             {func(u *Update) { u.Snapshot.ManifestList = "" }, "no manifest list"},
		"no operation":        {func(u *Update) { u.Snapshot.Summary.Operation = "" }, "no manifest list, or operation"},
		"no schema":           {func(u *Update) { u.Snapshot.SchemaID = new(7) }, "no schema 7"},
		"the current dropped": {func(u *Update) { u.Snapshot, u.Drop = nil, []int64{m.CurrentSnapshotID} }, "is to be dropped"},
		"the new dropped":     {func(u *Update) { u.Drop = []int64{u.Snapshot.SnapshotID} }, "is to be dropped"},
		"none dropped":        {func(u *Update) { u.Drop = []int64{7} }, "is to be dropped"},
		"no limit":            {func(u *Update) { u.Properties = iceberg.Properties{keyPreviousMax: "0"} }, keyPreviousMax},
	} {
		u := Update{Time: now, Previous: "file:///x", Snapshot: nextSnapshot(m, random, now)}
		c.edit(&u)
		next, err := m.Update(u)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if next.LastUpdatedMS < m.LastUpdatedMS {
				t.Errorf("%s: time runs backwards", name)
			}
		} else if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", name, err, c.want)
		}
	}
}

// FuzzParse wants no panic, and nothing accepted that the oracle refuses or reads otherwise.
func FuzzParse(f *testing.F) {
	for _, raw := range oldFiles(f) {
		f.Add(raw)
	}
	f.Add(encode(f, newTest(f)))
	f.Add(encode(f, sample(f)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrUnknown) {
				t.Errorf("%v is no error of this package", err)
			}
			return
		}
		alike(t, m, raw)
		again, err := Parse(encode(t, m))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encode(t, again), encode(t, m)) {
			t.Error("it is another when it is read again")
		}
	})
}

// BenchmarkParse reads a file of as many snapshots as a store with a commit a minute has,
// and as many versions; the oracle does so, too.
func BenchmarkParse(b *testing.B) {
	var m *Metadata
	for _, raw := range oldFiles(b) { // a real schema
		old, err := Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if m == nil || len(old.Snapshots) > len(m.Snapshots) {
			m = old
		}
	}
	random, now := rand.New(rand.NewPCG(5, 5)), time.UnixMilli(m.LastUpdatedMS)
	for len(m.Snapshots) < 90 {
		now = now.Add(time.Minute)
		s := nextSnapshot(m, random, now)
		s.Summary = m.CurrentSnapshot().Summary
		next, err := m.Update(Update{Time: now, Previous: s.ManifestList, Snapshot: s})
		if err != nil {
			b.Fatal(err)
		}
		m = next
	}
	raw := encode(b, m)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			if _, err := Parse(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("oracle", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			if _, err := icetable.ParseMetadataBytes(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}
