package engine_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet/file"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/internal/awsclient"
	"traillake/internal/s3test"
	"traillake/internal/s3test/relay"
	"traillake/lake"
	"traillake/lake/s3"
	"traillake/schema"
)

// bucket is a bucket behind a relay.
type bucket struct{ *s3test.Relayed }

// fixture returns an engine over the lake in the bucket, as a machine with that cache has it.
func (b bucket) fixture(t *testing.T, cache string) *fixture {
	t.Helper()
	return b.fixtureWith(t, cache, lake.Options{})
}

// storage returns the files of the lake.
func (b bucket) storage(t *testing.T, cache string) *s3.Storage {
	t.Helper()
	st, err := s3.Open(t.Context(), "s3://"+b.Bucket+"/lake", s3.Options{
		Access: awsclient.Options{EndpointURL: b.URL(), PathStyle: true, Region: s3test.Region}, CacheDir: cache,
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// fixtureWith is fixture with options of the lake.
func (b bucket) fixtureWith(t *testing.T, cache string, o lake.Options) *fixture {
	t.Helper()
	st := b.storage(t, cache)
	var mu sync.Mutex
	var done, total int64
	o.Storage, o.Fetching = st, func(d, of int64) {
		mu.Lock()
		defer mu.Unlock()
		if done, total = d, of; done < 0 || done > total {
			t.Errorf("%d of %d bytes are fetched", done, total)
		}
	}
	l, err := lake.OpenOrCreate(t.Context(), st.Root(), o)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, temp: t.TempDir(), lake: l}
	f.engine = engine.New(l, duck.New(), engine.Options{TempDir: f.temp, Threads: 2})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if done != total {
			t.Errorf("in the end %d of %d bytes are fetched", done, total)
		}
		if left, err := os.ReadDir(filepath.Join(cache, "sessions")); err != nil || len(left) > 0 {
			t.Errorf("the cache is left with %v, error %v", left, err)
		}
	})
	return f
}

// recordBatch returns the rows of a log.
func (f *fixture) recordBatch(log string, seq int64) arrow.RecordBatch {
	f.t.Helper()
	dec, rows := schema.NewDecoder(strings.NewReader(log), schema.Limits{}), schema.NewBuilder()
	for {
		var rec schema.Record
		err := dec.Next(&rec)
		if errors.Is(err, io.EOF) {
			return rows.NewRecordBatch()
		}
		if err != nil {
			f.t.Fatal(err)
		}
		rows.Append(&rec, schema.Provenance{Source: "log", Region: "us-east-1", Account: "123456789012", Seq: seq})
	}
}

// data returns how many requests for data files were seen, and how many bytes came.
func (b bucket) data() (requests int, bytes int64) {
	for _, r := range b.Requests() {
		if r.Method == "GET" && strings.HasSuffix(r.Path, ".parquet") {
			requests++
			bytes += r.Bytes
		}
	}
	return requests, bytes
}

const largeFiles, largeGroups, largeRows = 2, 2, 900

var largeDay = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// largeLogs are the events of each row group of each file: with an id each, some of which
// occur twice, and with text that does not compress.
var largeLogs = sync.OnceValue(func() (files [largeFiles][largeGroups]string) {
	random := rand.NewChaCha8([32]byte{})
	n := 0
	for d := range files {
		for g := range files[d] {
			var logs strings.Builder
			for range largeRows {
				n++
				text := make([]byte, 750)
				_, _ = random.Read(text) // never fails
				fmt.Fprintf(&logs, `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/u%d","accessKeyId":"AKIA%d"},"eventTime":%q,"eventSource":"s%d.amazonaws.com","eventName":"Name%d","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.%d","errorCode":"E%d","requestParameters":{"n":"%d","text":"%s"},"responseElements":{"half":"%d"},"eventID":"e%d","requestID":"r%d","readOnly":%t,"resources":[{"ARN":"arn:%d"}],"recipientAccountId":"123456789012"}`+"\n",
					n%30, n%400, largeDay.AddDate(0, 0, d).Add(time.Duration(n%largeRows)*time.Minute).Format(time.RFC3339), n%5, n%20, n%250, n%7, n, base64.StdEncoding.EncodeToString(text), n/2, n-n%100/99, n, n%3 == 0, n%50)
			}
			files[d][g] = logs.String()
		}
	}
	return files
})

// loadLarge loads files of about 1.4 MB with some row groups each.
func loadLarge(f *fixture) {
	f.t.Helper()
	for d, groups := range largeLogs() {
		batch, err := f.store("events").Begin(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		w, err := batch.NewFile(lake.DayOf(largeDay.AddDate(0, 0, d).UnixMicro()))
		if err != nil {
			f.t.Fatal(err)
		}
		var events lake.Multiset
		for _, log := range groups {
			rec := f.recordBatch(log, batch.Seq())
			m, err := lake.MultisetOf(rec)
			events.Add(m)
			err = errors.Join(err, w.Write(rec))
			rec.Release()
			if err != nil {
				f.t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.t.Fatal(err)
		}
		rows := int64(largeGroups * largeRows)
		batch.AddObject(lake.ObjectEntry{Multiset: events, Key: fmt.Sprint("log", d), Size: 1, SHA256: strings.Repeat("0", 64), RowsIn: rows, RowsOut: rows, Status: lake.StatusOK})
		if _, err := batch.Commit(f.t.Context()); err != nil {
			f.t.Fatal(err)
		}
	}
}

// remoteQueries read columns in all ways there are. Their rows are in one order.
var remoteQueries = []engine.Request{
	{SQL: "SELECT count(*) AS n FROM events"},
	{SQL: "SELECT eventName, count(*) AS n FROM events GROUP BY 1 ORDER BY 1"},
	{SQL: "SELECT eventName FROM events WHERE eventID = 'e1500'"},
	{SQL: "SELECT * FROM events WHERE eventID = 'e1500'"},
	{SQL: "SELECT eventJson FROM events WHERE eventID IN ('e17', 'e2001') ORDER BY 1"},
	{SQL: "SELECT eventID FROM events WHERE eventID = 'nothing'"},
	{SQL: "SELECT count(*) AS n FROM events WHERE userIdentity.accessKeyId = 'AKIA7' AND sourceIPAddress LIKE '192.%'"},
	{SQL: "SELECT count(*) AS n, count(DISTINCT userIdentity.arn) AS a, min(eventTime) AS t FROM events WHERE eventTime >= TIMESTAMP '2026-11-02 00:00:00' AND readOnly"},
	{SQL: "SELECT requestParameters['n'] AS n, resources[1].arn AS r FROM events WHERE errorCode = 'E3' ORDER BY eventTime, eventID LIMIT 20"},
	{SQL: "SELECT sum(length(eventJson)) AS n FROM events"},
	{SQL: "SELECT max(length(requestParameters['text'])) AS n FROM events WHERE eventSource = 's4.amazonaws.com'"},
	{SQL: "SELECT count(*) AS n FROM events a JOIN events b ON a.eventID = b.eventID WHERE a.eventName = 'Name3'"},
	{SQL: "SELECT count(*) AS n FROM events WHERE responseElements['half'] = '99'"},
	{SQL: "SELECT count(*) AS n, count(DISTINCT eventID) AS d FROM events", DistinctEvents: true},
	{SQL: "SELECT _source AS s, count(*) AS n FROM events GROUP BY 1 ORDER BY 1"},
	{SQL: "SELECT _source_verdict AS v, count(*) AS n FROM events GROUP BY 1 ORDER BY 1"},
	{SQL: "SELECT awsRegion FROM events WHERE requestID = 'r77'"},
	{SQL: "SELECT eventname, count(*) AS n FROM events WHERE useridentity.arn LIKE '%/u7' GROUP BY 1 ORDER BY 1", Dialect: engine.DialectDuckDB},
	{SQL: "SELECT * FROM events ORDER BY eventID, eventTime LIMIT 5"},
}

func (f *fixture) answer(r engine.Request) (string, error) {
	return f.query(f.t.Context(), r, encode.JSONL)
}

// TestRemote queries a lake in a bucket, of which little is fetched.
func TestRemote(t *testing.T) {
	b := bucket{s3test.NewRelayed(t)}
	loadLarge(b.fixture(t, t.TempDir()))
	t.Run("rows", func(t *testing.T) { testRemoteRows(t, b) })
	t.Run("transfer", func(t *testing.T) { testRemoteTransfer(t, b) })
	t.Run("damage", func(t *testing.T) { testRemoteDamage(t, b) })
}

// testRemoteRows compares what queries give over the same events on the local disk, from copies
// of whole files, and from copies of what each of them reads, alone and in a batch, while
// requests meet faults.
func testRemoteRows(t *testing.T, b bucket) {
	local := newFixture(t)
	loadLarge(local)
	whole := b.fixture(t, t.TempDir())
	files := filesOf(t, whole)
	_, release, err := whole.store("events").Fetch(t.Context(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	oneCache := b.fixture(t, t.TempDir())
	var want []string
	for _, r := range remoteQueries {
		text, err := local.answer(r)
		if err != nil {
			t.Fatalf("%s: %v", r.SQL, err)
		}
		want = append(want, text)
	}
	for i, r := range remoteQueries {
		b.Reset()
		over := []*fixture{oneCache}
		if i%3 == 0 {
			over = append(over, whole, oneCache, b.fixture(t, t.TempDir()))
			for k, fault := range []relay.Fault{relay.CutReply, relay.ShortReply, relay.Duplicate} {
				b.Add(relay.Rule{Method: "GET", Path: regexp.MustCompile(`\.parquet$`), Fault: fault, Skip: k, Times: 1})
			}
		}
		for k, f := range over {
			if got, err := f.answer(r); err != nil || got != want[i] {
				t.Errorf("%s, of copies %d: error %v, and\n%.500s\nwant\n%.500s", r.SQL, k, err, got, want[i])
			}
		}
	}
	// A batch reads what all of them read.
	b.Reset()
	var requests []engine.Request
	var asked []int
	for i, r := range remoteQueries {
		if r.Dialect == engine.DialectTrino && !r.DistinctEvents && !strings.Contains(r.SQL, "eventJson") && !strings.Contains(r.SQL, "*") {
			requests, asked = append(requests, r), append(asked, i)
		}
	}
	f := b.fixture(t, t.TempDir())
	batch, err := f.engine.OpenBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	for k, i := range asked {
		res, err := batch.Query(t.Context(), k)
		if err != nil {
			t.Errorf("%s: %v", requests[k].SQL, err)
			continue
		}
		if got, err := encoded(t.Context(), res, encode.JSONL); err != nil || got != want[i] {
			t.Errorf("%s, in a batch: error %v, and\n%.500s\nwant\n%.500s", requests[k].SQL, err, got, want[i])
		}
	}
}

// testRemoteTransfer wants no more to be asked for than what a query needs.
func testRemoteTransfer(t *testing.T, b bucket) {
	b.Reset()
	f := b.fixture(t, t.TempDir())
	var total int64
	for _, d := range filesOf(t, f) {
		total += d.Bytes
	}
	if total < largeFiles*1<<20 {
		t.Fatalf("%d bytes are too few for files that come in parts", total)
	}
	tail := int64(largeFiles * 64 << 10) // of each file
	for _, c := range []struct {
		what, sql string
		fresh     bool
		requests  int
		bytes     int64
	}{
		{"explained", "", true, 0, 0},
		{"no column", "SELECT count(*) AS n FROM events", true, largeFiles, tail},
		// A column of three row groups: the text between them is more than what a request costs.
		{"narrow", "SELECT eventName, count(*) AS n FROM events GROUP BY 1", true, largeFiles * (1 + largeGroups), tail + total/100},
		{"the same again", "SELECT eventName, count(*) AS n FROM events GROUP BY 1", false, 0, 0},
		{"one column more", "SELECT eventName, awsRegion FROM events", false, largeFiles * largeGroups, total / 100},
		{"nothing is found", "SELECT eventName FROM events WHERE eventID = 'nothing'", true, largeFiles, total / 20},
		{"needle", "SELECT eventName FROM events WHERE eventID = 'e1500'", true, largeFiles + 2*largeGroups, total / 8},
		{"needle again", "SELECT eventName FROM events WHERE eventID = 'e1500'", false, 0, 0},
		{"wide", "SELECT sum(length(eventJson)) AS n FROM events", true, 2 * largeFiles, tail + total},
		{"after wide", "SELECT eventName, count(*) AS n FROM events GROUP BY 1", false, 0, 0},
	} {
		if c.fresh {
			f = b.fixture(t, t.TempDir())
		}
		b.Reset()
		var err error
		if c.sql == "" {
			_, err = f.engine.Explain(t.Context(), engine.Request{SQL: "SELECT * FROM events"})
		} else {
			_, err = f.answer(engine.Request{SQL: c.sql})
		}
		requests, bytes := b.data()
		if err != nil || requests > c.requests || bytes > c.bytes {
			t.Errorf("%s: %d requests for %d bytes, want %d for %d at most; error %v", c.what, requests, bytes, c.requests, c.bytes, err)
		}
		t.Logf("%s: %d requests for %.2f %%", c.what, requests, 100*float64(bytes)/float64(total))
	}
}

func filesOf(t *testing.T, f *fixture) []lake.DataFile {
	t.Helper()
	sn, err := f.store("events").Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := sn.Files(t.Context(), lake.TimeRange{})
	if err != nil || len(files) != largeFiles {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	return files
}

// testRemoteDamage flips bits of objects and of copies: a query that reads them fails, and
// answers as soon as they are as they were, while others never notice.
func testRemoteDamage(t *testing.T, b bucket) {
	b.Reset()
	first := b.fixture(t, t.TempDir())
	path, release, err := first.store("events").Fetch(t.Context(), filesOf(t, first)[:1], nil)
	if err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path[0])
	release()
	if err != nil {
		t.Fatal(err)
	}
	name, id := chunk(t, sound, "eventname"), chunk(t, sound, "eventid")
	key := strings.TrimPrefix(filesOf(t, first)[0].URI, "s3://"+b.Bucket+"/")
	put := func(raw []byte) { b.Server.Put(t, b.Bucket, map[string]string{key: string(raw)}) }
	const narrow = "SELECT eventName, count(*) AS n FROM events GROUP BY 1 ORDER BY 1"
	want, err := first.answer(engine.Request{SQL: narrow})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what    string
		at      int
		noticed bool
	}{
		{"header of a page", name, true}, {"page", name + 60, true}, {"footer", len(sound) - 3000, true}, {"another column", id + 60, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			f := b.fixture(t, t.TempDir())
			bad := bytes.Clone(sound)
			bad[c.at] ^= 0x10
			put(bad)
			defer put(sound)
			got, err := f.answer(engine.Request{SQL: narrow})
			if c.noticed != errors.Is(err, lake.ErrCorrupt) || !c.noticed && got != want {
				t.Errorf("it gives error %v and\n%s", err, got)
			}
			put(sound)
			if got, err := f.answer(engine.Request{SQL: narrow}); err != nil || got != want {
				t.Errorf("once it is as it was, it gives error %v and\n%s", err, got)
			}
		})
	}
	t.Run("copy", func(t *testing.T) {
		cache := t.TempDir()
		f := b.fixture(t, cache)
		if got, err := f.answer(engine.Request{SQL: narrow}); err != nil || got != want {
			t.Fatalf("error %v and\n%s", err, got)
		}
		flipped := 0
		err := filepath.WalkDir(filepath.Join(cache, "objects"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			fi, err := d.Info()
			if err != nil || fi.Size() != int64(len(sound)) {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(raw[name:name+100], sound[name:name+100]) {
				return err
			}
			flipped++
			raw[name+60] ^= 0x10
			return os.WriteFile(path, raw, 0o600)
		})
		if err != nil || flipped != 1 {
			t.Fatalf("%d copies, error %v", flipped, err)
		}
		if got, err := f.answer(engine.Request{SQL: narrow}); !errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("a damaged copy gives error %v and\n%s", err, got)
		}
		if got, err := f.answer(engine.Request{SQL: narrow}); err != nil || got != want {
			t.Errorf("then it gives error %v and\n%s", err, got)
		}
	})
	for _, c := range []struct {
		what  string
		other []byte
	}{{"replaced meanwhile", flippedAt(sound, name+60)}, {"cut meanwhile", sound[:len(sound)-1]}, {"cut to nothing", nil}} {
		t.Run(c.what, func(t *testing.T) {
			f := b.fixture(t, t.TempDir())
			b.Reset()
			defer b.Reset()
			b.Add(relay.Rule{Method: "GET", Path: regexp.MustCompile(regexp.QuoteMeta(key)), Skip: 1, Times: 1, Before: func() { put(c.other) }})
			defer put(sound)
			if got, err := f.answer(engine.Request{SQL: narrow}); !errors.Is(err, lake.ErrCorrupt) {
				t.Errorf("it gives error %v and\n%s", err, got)
			}
			put(sound)
			if got, err := f.answer(engine.Request{SQL: narrow}); err != nil || got != want {
				t.Errorf("once it is as it was, it gives error %v and\n%s", err, got)
			}
		})
	}
}

func flippedAt(raw []byte, at int) []byte {
	raw = bytes.Clone(raw)
	raw[at] ^= 1
	return raw
}

// chunk returns where the first chunk of a column begins.
func chunk(t *testing.T, raw []byte, column string) int {
	t.Helper()
	pr, err := file.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	md := pr.MetaData()
	c, err := md.RowGroup(0).ColumnChunk(md.Schema.ColumnIndexByName(column))
	if err != nil {
		t.Fatal(err)
	}
	if c.HasDictionaryPage() {
		return int(c.DictionaryPageOffset())
	}
	return int(c.DataPageOffset())
}
