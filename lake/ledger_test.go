package lake

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestLedgerIdentity(t *testing.T) {
	at := time.Unix(1700000000, 123456789)
	local := ObjectEntry{Key: "/logs/a", Size: 10, MTime: at, SHA256: hashOf([]byte("a")), Status: StatusOK}
	versioned := ObjectEntry{Bucket: "b", Key: "k", Version: "v1", ETag: "e1", Size: 10, Status: StatusOK}
	tagged := ObjectEntry{Bucket: "b", Key: "t", ETag: "e1", Size: 10, Status: StatusOK}
	stdin := ObjectEntry{Key: "-", Size: 3, SHA256: hashOf([]byte("stdin")), Status: StatusQuarantined}

	s := openTest(t)
	ledger, err := s.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := begin(t, s)
	for _, o := range []ObjectEntry{local, versioned, tagged, stdin} {
		if ledger.Has(o.ID()) {
			t.Errorf("an empty ledger has %s", o.Key)
		}
		b.AddObject(o)
	}
	commit(t, b)
	check := func(l *Ledger) {
		t.Helper()
		for name, c := range map[string]struct {
			base ObjectEntry
			edit func(id *ObjectID)
			want bool
		}{
			"local":                 {local, func(id *ObjectID) {}, true},
			"local, other zone":     {local, func(id *ObjectID) { id.MTime = id.MTime.In(time.FixedZone("x", 3600)) }, true},
			"local, a ns later":     {local, func(id *ObjectID) { id.MTime = id.MTime.Add(1) }, false},
			"local, longer":         {local, func(id *ObjectID) { id.Size++ }, false},
			"local, elsewhere":      {local, func(id *ObjectID) { id.Key = "/logs/b" }, false},
			"local key in a bucket": {local, func(id *ObjectID) { id.Bucket = "b" }, false},
			"version":               {versioned, func(id *ObjectID) {}, true},
			"version, other tag":    {versioned, func(id *ObjectID) { id.ETag = "e2"; id.Size = 11; id.MTime = at }, true},
			"other version":         {versioned, func(id *ObjectID) { id.Version = "v2" }, false},
			"no version":            {versioned, func(id *ObjectID) { id.Version = "" }, false},
			"tag":                   {tagged, func(id *ObjectID) {}, true},
			"tag, other time":       {tagged, func(id *ObjectID) { id.MTime = at }, true},
			"other tag":             {tagged, func(id *ObjectID) { id.ETag = "e2" }, false},
			"tag, other size":       {tagged, func(id *ObjectID) { id.Size++ }, false},
			"other bucket":          {tagged, func(id *ObjectID) { id.Bucket = "c" }, false},
			"key and bucket shift":  {tagged, func(id *ObjectID) { id.Bucket = "bt"; id.Key = "" }, false},
			"standard input":        {stdin, func(id *ObjectID) {}, false},
		} {
			id := c.base.ID()
			c.edit(&id)
			if got := l.Has(id); got != c.want {
				t.Errorf("%s: known is %v", name, got)
			}
		}
		if !l.HasContent("", "-", stdin.SHA256) || l.HasContent("", "-", local.SHA256) || !l.HasContent("", "/logs/a", local.SHA256) {
			t.Error("content is not known by bucket, key and hash")
		}
		if !l.HasLog("", "/logs/a") || l.HasLog("", "/logs/b") || l.HasLog("b", "/logs/a") {
			t.Error("places are not known")
		}
		if l.Len() != 4 {
			t.Errorf("the ledger has %d objects, want 4", l.Len())
		}
	}
	again, err := s.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(again)
	// From disk, as another process; and learning of a later commit.
	other := reopen(t, s)
	fromDisk, err := other.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(fromDisk)
	ingestRows(t, s, testDay, 1, "/later")
	if fromDisk, err = other.Ledger(t.Context()); err != nil || fromDisk.Len() != 5 || !fromDisk.Has(object("/later", 1).ID()) {
		t.Errorf("a later commit is not seen: %v", err)
	}
	// A touched object with the same content is refused; one with other content is not.
	touched := local
	touched.MTime = at.Add(time.Hour)
	b = begin(t, s)
	b.AddObject(touched)
	if _, err := b.Commit(t.Context()); !errors.Is(err, ErrAlreadyIngested) {
		t.Errorf("same content: %v", err)
	}
	b.Abort()
	touched.SHA256 = hashOf([]byte("more"))
	b = begin(t, s)
	b.AddObject(touched)
	commit(t, b)
}

func TestQuarantine(t *testing.T) {
	s := openTest(t)
	now := time.Now().UTC()
	batches := [][]Quarantined{
		{
			{Key: "/a", SHA256: hashOf(nil), Offset: 17, Length: 4, Reason: "not JSON", Raw: []byte(`{"a":`), Time: now},
			{Bucket: "b", Key: "k", Reason: "not gzip", Raw: []byte("\x1f\x8b\x00\xff"), Time: now},
		},
		{{Key: "/empty", Reason: "the file is empty", Raw: []byte{}, Time: now}, {Key: "/html", Reason: "<b>&\u2028", Raw: []byte("<\u2028\x00>\n"), Time: now}},
	}
	for i, records := range batches {
		b := begin(t, s)
		for _, q := range records {
			if err := b.Quarantine(q); err != nil {
				t.Fatal(err)
			}
		}
		o := object(fmt.Sprintf("/%d", i), 0)
		o.RowsIn, o.Quarantined, o.Status = int64(len(records)), int64(len(records)), StatusPartial
		b.AddObject(o)
		commit(t, b)
	}
	// What is not committed does not show.
	b := begin(t, s)
	if err := b.Quarantine(Quarantined{Key: "/never"}); err != nil {
		t.Fatal(err)
	}
	var got []Quarantined
	for q, err := range s.Quarantine(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, q)
	}
	if err := b.Abort(); err != nil {
		t.Fatal(err)
	}
	if want := slices.Concat(batches[1], batches[0]); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil || sn.Quarantined() != 4 {
		t.Errorf("%d in quarantine, error %v", sn.Quarantined(), err)
	}
	mustHaveNoOrphans(t, s.lake)
}

func FuzzLedgerFile(f *testing.F) {
	good, err := (&ledgerFile{V: 1, Batch: "b", Seq: 3, Objects: []ObjectEntry{object("/a", 3)}}).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := decodeLedgerFile(b)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrLayout) {
				t.Errorf("an error without class: %v", err)
			}
			return
		}
		for _, o := range l.Objects {
			o.ID().key()
		}
		again, err := l.encode()
		if err != nil {
			return // a time that JSON cannot hold
		}
		if _, err := decodeLedgerFile(again); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}

func FuzzCommitRecord(f *testing.F) {
	good, err := CommitRecord{V: 1, Store: "s", Operation: OpIngest, Added: []FileRecord{{Path: "<&>"}}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeCommitRecord(b)
		if err != nil {
			return
		}
		again, err := r.encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("the bytes of a record are not its own: %v", err)
		}
	})
}

func FuzzQuarantineFile(f *testing.F) {
	f.Add([]byte("not zstd"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for q, err := range decodeQuarantine(bytes.NewReader(b)) {
			if err != nil && !errors.Is(err, ErrCorrupt) {
				t.Errorf("an error without class: %v", err)
			}
			_ = q
		}
	})
}

func TestHistoryNamesFiles(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 2, "/a")
	ingestRows(t, s, testDay, 3, "/b")
	h, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for _, r := range h {
		for _, f := range r.Added {
			named[uriOf(s.st.Root(), f.Path)] = true
		}
		if r.User == "" || r.Tool == "" || r.Time.IsZero() {
			t.Errorf("record %d does not say who and when", r.Seq)
		}
	}
	if !maps.Equal(named, liveURIs(t, s)) {
		t.Errorf("history names %v", named)
	}
}
