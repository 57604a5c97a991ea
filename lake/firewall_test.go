package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go"
)

// staging is a commit that is ready for the firewall.
type staging struct {
	s   *Store
	on  *base
	b   *Batch
	raw []byte
	c   change
}

// edit changes the staged metadata.
func (st *staging) edit(t *testing.T, f func(meta map[string]any)) {
	t.Helper()
	var meta map[string]any
	dec := json.NewDecoder(bytes.NewReader(st.raw))
	dec.UseNumber() // snapshot ids have 63 bits
	if err := dec.Decode(&meta); err != nil {
		t.Fatal(err)
	}
	f(meta)
	raw, err := json.Marshal(meta)
	if err != nil {
		t.Fatal(err)
	}
	if st.raw, err = seal(raw, propSeal); err != nil {
		t.Fatal(err)
	}
}

func (st *staging) property(t *testing.T, key, value string) {
	st.edit(t, func(meta map[string]any) { meta["properties"].(map[string]any)[key] = value })
}

func (st *staging) stage(t *testing.T) {
	t.Helper()
	raw, err := st.s.stage(t.Context(), st.on, st.b.proposal(st.on), &stagedFiles{})
	if err != nil {
		t.Fatal(err)
	}
	st.raw = raw
	st.c.added = st.b.Files()
}

func lastSnapshot(meta map[string]any) map[string]any {
	all := meta["snapshots"].([]any)
	return all[len(all)-1].(map[string]any)
}

// TestFirewall breaks each of its rules once.
func TestFirewall(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t *testing.T, st *staging) // changes the batch before it is staged
		after  func(t *testing.T, st *staging) // changes what was staged
		want   string
	}{
		"nothing": {want: ""},
		"a file that nobody counted": {
			after: func(t *testing.T, st *staging) { st.c.added = st.c.added[:1] }, want: "neither in the base nor added"},
		"a file that is not listed": {
			after: func(t *testing.T, st *staging) {
				f := st.c.added[0]
				f.URI = uriOf(st.s.st.Root(), dataName(testDay, st.b.id))
				st.c.added = append(st.c.added, f)
			}, want: "lost"},
		"a file added twice": {
			after: func(t *testing.T, st *staging) { st.c.added = append(st.c.added, st.c.added[0]) }, want: "added twice"},
		"a live file that was added before": {
			before: func(t *testing.T, st *staging) {
				on, err := st.s.Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				live, err := on.Files(t.Context(), TimeRange{})
				if err != nil {
					t.Fatal(err)
				}
				st.b.files[0].DataFile = live[0]
			}, want: "added twice"},
		"a removal that did not happen": {
			after: func(t *testing.T, st *staging) {
				files, _, err := st.s.liveFiles(t.Context(), st.on.meta, st.on.meta.CurrentSnapshot())
				if err != nil {
					t.Fatal(err)
				}
				st.c.removed = files
			}, want: "ingest removes files"},
		"a setting that an ingest changes": {
			after: func(t *testing.T, st *staging) { st.c.settings = map[string]string{propRetention: "7"} }, want: "changes property"},
		"other rows than the manifest says": {
			after: func(t *testing.T, st *staging) { st.c.added[0].Rows++ }, want: "is listed as"},
		"a wrong total": {
			after: func(t *testing.T, st *staging) {
				st.edit(t, func(meta map[string]any) { lastSnapshot(meta)["summary"].(map[string]any)[summaryRecords] = "1" })
			}, want: "summary says"},
		"a wrong partition": {
			before: func(t *testing.T, st *staging) { st.b.files[0].Day++ }, want: "has partition"},
		"a file of two days": {
			before: func(t *testing.T, st *staging) {
				st.b.files[0].MaxTime += microsPerDay
				st.b.files[0].footer.max += microsPerDay
			}, want: "has partition"},
		"a file outside the store": {
			before: func(t *testing.T, st *staging) { st.b.files[0].URI = "file:///etc/passwd" }, want: "outside"},
		"a file beside the data": {
			before: func(t *testing.T, st *staging) {
				st.b.files[0].URI = uriOf(st.s.st.Root(), "metadata/x.parquet")
				st.b.files[0].Path = st.s.st.LocalPath("metadata/x.parquet")
			}, want: "no name of a data file"},
		"a file of another size": {
			before: func(t *testing.T, st *staging) { st.b.files[0].Bytes++ }, want: "bytes on storage"},
		"a file that is gone": {
			after: func(t *testing.T, st *staging) {
				if err := st.s.st.Remove(t.Context(), st.b.files[0].name); err != nil {
					t.Fatal(err)
				}
			}, want: "no such file"},
		"a stale base": {
			after: func(t *testing.T, st *staging) {
				ingestRows(t, reopen(t, st.s), testDay, 1, "/between")
				on, err := st.s.newest(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				st.on = on
			}, want: "lost or changed"},
		"a lost snapshot": {
			after: func(t *testing.T, st *staging) {
				st.edit(t, func(meta map[string]any) { meta["snapshots"] = meta["snapshots"].([]any)[1:] })
			}, want: ""}, // the library may refuse it first; any refusal will do
		"a manifest list elsewhere": {
			after: func(t *testing.T, st *staging) {
				st.edit(t, func(meta map[string]any) { lastSnapshot(meta)["manifest-list"] = "file:///tmp/x.avro" })
			}, want: "outside"},
		"another table id": {
			after: func(t *testing.T, st *staging) {
				st.edit(t, func(meta map[string]any) { meta["table-uuid"] = "00000000-0000-4000-8000-000000000000" })
			}, want: "table id"},
		"another location": {
			after: func(t *testing.T, st *staging) {
				st.edit(t, func(meta map[string]any) { meta["location"] = "file:///tmp" })
			}, want: "location"},
		"another setting":   {after: func(t *testing.T, st *staging) { st.property(t, propRetention, "7") }, want: "properties change"},
		"library retries":   {after: func(t *testing.T, st *staging) { st.property(t, "commit.retry.num-retries", "4") }, want: "properties change"},
		"a skipped number":  {after: func(t *testing.T, st *staging) { st.property(t, propSeq, "3") }, want: "commit number"},
		"the old number":    {after: func(t *testing.T, st *staging) { st.property(t, propSeq, "1") }, want: "commit number"},
		"the old audit":     {after: func(t *testing.T, st *staging) { st.property(t, propAuditHead, st.on.auditHead.String()) }, want: "does not follow"},
		"no audit":          {after: func(t *testing.T, st *staging) { st.property(t, propAuditHead, "") }, want: ""},
		"the old ledger":    {after: func(t *testing.T, st *staging) { st.property(t, propIngestHead, st.on.ingestHead.String()) }, want: "names ledger"},
		"no ledger":         {after: func(t *testing.T, st *staging) { st.property(t, propIngestHead, "") }, want: "names ledger"},
		"lost quarantine":   {after: func(t *testing.T, st *staging) { st.property(t, propQuarantined, "7") }, want: "quarantine goes"},
		"another operation": {after: func(t *testing.T, st *staging) { st.c.operation = OpCompact }, want: "says ingest"},
		"rows from nowhere": {
			before: func(t *testing.T, st *staging) { st.b.objects = st.b.objects[:1] }, want: "the objects gave"},
		"an unbalanced object": {
			before: func(t *testing.T, st *staging) { st.b.objects[0].Filtered++ }, want: "records read"},
		"another hash": {
			after: func(t *testing.T, st *staging) { st.c.added[0].SHA256 = strings.Repeat("0", 64) }, want: "not as it was written"},
		"delete files": {after: addDeletes, want: "delete files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := createTest(t, t.TempDir(), Options{})
			s, err := l.CreateStore(t.Context(), StoreConfig{Name: "walled"})
			if err != nil {
				t.Fatal(err)
			}
			ingestRows(t, s, testDay, 3, "/base")
			b := begin(t, s)
			addRows(t, b, testDay, 4, "/one")
			addRows(t, b, testDay+1, 5, "/two")
			st := &staging{s: s, b: b, c: change{operation: OpIngest}}
			if st.on, err = s.newest(t.Context()); err != nil {
				t.Fatal(err)
			}
			if c.before != nil {
				c.before(t, st)
			}
			st.stage(t)
			if c.after != nil {
				c.after(t, st)
			}
			next, err := s.firewall(t.Context(), st.on, st.raw, st.c)
			if c.before == nil && c.after == nil {
				if err != nil || next.seq != 2 {
					t.Fatalf("a sound commit is refused: %v", err)
				}
				return
			}
			if !errors.Is(err, ErrFirewall) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a refusal with %q", err, c.want)
			}
		})
	}
}

// TestFirewallTellsFailureFromRefusal looks at a sound commit and cannot.
func TestFirewallTellsFailureFromRefusal(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 3, "/base")
	b := begin(t, s)
	addRows(t, b, testDay, 4, "/one")
	on, err := s.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	st := &staging{s: s, on: on, b: b, c: change{operation: OpIngest}}
	st.stage(t)
	s.manifests = make(map[string]*manifest) // read all anew
	sound := s.st
	for _, disk := range []badDisk{
		{op: "get", text: "snap-"}, {op: "get", text: "-m"},
		{op: "stat", text: dataSuffix}, {op: "get", text: auditDir + "/"}, {op: "get", text: ingestDir + "/"},
	} {
		disk.Storage = sound
		s.st = disk
		if _, err := s.firewall(t.Context(), on, st.raw, st.c); !errors.Is(err, errBadDisk) || errors.Is(err, ErrFirewall) {
			t.Errorf("%s %s: got %v, want the failure and no refusal", disk.op, disk.text, err)
		}
	}
	s.st = sound
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		if _, err := s.firewall(ctx, on, st.raw, st.c); !errors.Is(err, ctx.Err()) || errors.Is(err, ErrFirewall) {
			t.Errorf("got %v, want %v and no refusal", err, ctx.Err())
		}
	}
	if _, err := s.firewall(t.Context(), on, st.raw, st.c); err != nil {
		t.Errorf("the commit is not sound: %v", err)
	}
}

// addDeletes puts a manifest of delete files into the staged snapshot.
func addDeletes(t *testing.T, st *staging) {
	next, err := parseBase(metadataName(st.on.version+1), st.raw)
	if err != nil {
		t.Fatal(err)
	}
	snap := next.meta.CurrentSnapshot()
	_, list, err := st.s.listManifests(t.Context(), st.s.st, snap.ManifestList, "")
	if err != nil {
		t.Fatal(err)
	}
	spec := next.meta.PartitionSpec()
	id := spec.Field(0).FieldID
	df, err := iceberg.NewDataFileBuilder(spec, iceberg.EntryContentPosDeletes, uriOf(st.s.st.Root(), "data/d.parquet"), iceberg.ParquetFile,
		map[int]any{id: iceberg.Date(testDay)}, map[int]string{id: "date"}, nil, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	uri := uriOf(st.s.st.Root(), metadataDir+"/deletes-m0.avro")
	var out bytes.Buffer
	w, err := iceberg.NewManifestWriter(2, &out, spec, next.meta.CurrentSchema(), snap.SnapshotID, iceberg.WithManifestWriterContent(iceberg.ManifestContentDeletes))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(iceberg.NewManifestEntry(iceberg.EntryStatusADDED, &snap.SnapshotID, nil, nil, df.Build())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := w.ToManifestFile(uri, int64(out.Len()), iceberg.WithManifestFileContent(iceberg.ManifestContentDeletes))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.s.st.PutIfAbsent(t.Context(), metadataDir+"/deletes-m0.avro", bytes.Clone(out.Bytes())); err != nil {
		t.Fatal(err)
	}
	var hashes []FileHash
	for _, m := range list {
		hashes = append(hashes, FileHash{SHA256: sumOfFile(t, st.s, m.FilePath())})
	}
	hashes = append(hashes, FileHash{SHA256: hashOf(out.Bytes())})
	out.Reset()
	if err := iceberg.WriteManifestList(2, &out, snap.SnapshotID, snap.ParentSnapshotID, &snap.SequenceNumber, 0, append(list, m)); err != nil {
		t.Fatal(err)
	}
	if err := st.s.st.PutIfAbsent(t.Context(), metadataDir+"/snap-with-deletes.avro", out.Bytes()); err != nil {
		t.Fatal(err)
	}
	st.edit(t, func(meta map[string]any) {
		last := lastSnapshot(meta)
		last["manifest-list"] = uriOf(st.s.st.Root(), metadataDir+"/snap-with-deletes.avro")
		summary := last["summary"].(map[string]any)
		summary[summaryList], summary[summaryManifests] = hashOf(out.Bytes()), sumOf(hashes)
	})
}

func sumOfFile(t *testing.T, s *Store, uri string) string {
	t.Helper()
	name, err := nameOf(s.st.Root(), uri)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.st.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return hashOf(raw)
}
