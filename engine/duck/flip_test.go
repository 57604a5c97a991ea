package duck_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/parquet/file"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/source/dir"
)

// flipRecord is an event with values in most columns. Its number is in its id; each has so
// much text in requestParameters that 600 of them take three pages.
func flipRecord(i int) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:%[1]d","arn":"arn:aws:sts::111122223333:assumed-role/a/%[2]d","accountId":"111122223333","accessKeyId":"ASIA%[2]d","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/a","accountId":"111122223333","userName":"a"},"attributes":{"creationDate":"2023-11-14T09:00:%02[2]dZ","mfaAuthenticated":"true"}}},"eventTime":"2023-11-14T10:%02[2]d:00Z","eventSource":"s%[2]d.amazonaws.com","eventName":"Get%[2]d","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.%[2]d","userAgent":"agent %[2]d","errorCode":"E%[2]d","requestParameters":{"n":%[1]d,"text":"%[3]s"},"responseElements":{"n":"%[1]d"},"requestID":"r%[1]d","eventID":"e%[1]d","readOnly":%[4]t,"resources":[{"accountId":"%012[1]d","type":"T%[2]d","ARN":"arn:%[1]d"}],"eventType":"AwsApiCall","managementEvent":%[5]t,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.%[2]d","cipherSuite":"c","clientProvidedHostHeader":"h%[2]d"}}`,
		i, i%50, strings.Repeat(string(rune('a'+i%26)), 6000), i%3 == 0, i%5 != 0)
}

// pageHeader is a page header of a file, and which part of it every byte is of.
type pageHeader struct {
	kind   int64
	fields []string // "1" is the kind of page, "5.1" its number of entries
	size   int64    // of the page
}

// readHeader reads Thrift's compact protocol.
func readHeader(b []byte) (h pageHeader) {
	pos := 0
	var read func(prefix string)
	read = func(prefix string) {
		for last := 0; ; {
			c := b[pos]
			pos++
			h.fields = append(h.fields, "field")
			if c == 0 {
				return
			}
			last += int(c >> 4)
			name := fmt.Sprint(prefix, last)
			if c&15 == 12 {
				read(name + ".")
				continue
			}
			v, n := binary.Varint(b[pos:])
			for range n {
				h.fields = append(h.fields, name)
			}
			pos += n
			switch name {
			case "1":
				h.kind = v
			case "3":
				h.size = v
			}
		}
	}
	read("")
	return h
}

// regionsOf returns the places of a data file that no checksum of the format covers, by
// what they are.
func regionsOf(t *testing.T, raw []byte) map[string][]int {
	t.Helper()
	regions := make(map[string][]int)
	pr, err := file.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	end := 0
	md := pr.MetaData()
	for i := range md.Schema.NumColumns() {
		chunk, err := md.RowGroup(0).ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		at := int(chunk.DataPageOffset())
		if chunk.HasDictionaryPage() {
			at = int(chunk.DictionaryPageOffset())
		}
		end = at + int(chunk.TotalCompressedSize())
		for page := 0; at < end; page++ {
			h := readHeader(raw[at:])
			for k, name := range h.fields {
				kind := "header"
				switch {
				case h.kind == 0 && name == "1":
					kind = "kind of page"
				case h.kind == 0 && name == "5.1":
					kind = "number of entries"
				}
				if page > 1 {
					kind += ", later page"
				}
				regions[kind] = append(regions[kind], at+k)
			}
			at += len(h.fields) + int(h.size)
		}
		regions["guard"] = append(regions["guard"], at)
	}
	footer := len(raw) - 8 - int(binary.LittleEndian.Uint32(raw[len(raw)-8:]))
	for at := end + 1; at < len(raw); at++ {
		kind := "Bloom filters"
		if at >= footer {
			kind = "footer"
		}
		regions[kind] = append(regions[kind], at)
	}
	return regions
}

// flipLake makes a lake with one data file, which may be changed.
func flipLake(t *testing.T) (root, path string) {
	t.Helper()
	root = t.TempDir()
	logs := t.TempDir()
	var text strings.Builder
	for i := range 600 {
		text.WriteString(flipRecord(i) + "\n")
	}
	if err := os.WriteFile(filepath.Join(logs, "log.json"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(t.Context(), root, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := st.Ingest(t.Context(), src, lake.IngestOptions{Workers: 1}); err != nil || r.Stored != 600 || r.Files != 1 {
		t.Fatalf("%+v, error %v", r, err)
	}
	paths, err := filepath.Glob(filepath.Join(root, "eds/*/data/*/*.parquet"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	if err := os.Chmod(paths[0], 0o600); err != nil {
		t.Fatal(err)
	}
	return root, paths[0]
}

// TestFlippedDataFile is F13 for queries: a bit flips somewhere in a data file where no
// checksum of the format covers it, and a query fails, or gives what it gave before.
func TestFlippedDataFile(t *testing.T) {
	root, path := flipLake(t)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	regions := regionsOf(t, sound)
	if len(regions) != 9 {
		t.Errorf("the file has %d kinds of regions", len(regions))
	}
	// The first reads all; the others skip what they do not need.
	queries := []string{
		"SELECT * FROM events",
		"SELECT requestParameters['n'] AS n, userIdentity.arn AS a, resources[1].arn AS r FROM events WHERE eventID = 'e420'",
		"SELECT count(*) AS n, count_if(readOnly) AS r FROM events WHERE sourceIPAddress = '203.0.113.7' AND managementEvent",
	}
	var want []string
	for _, sql := range queries {
		got, err := answer(t, root, sql)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, got)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for kind, places := range regions {
		failed := 0
		n := 15
		if testing.Short() {
			n = 3
		}
		for range n {
			at, bit := places[random.IntN(len(places))], random.IntN(8)
			if strings.HasPrefix(kind, "kind of page") {
				bit = 1 // makes it one that readers pass over
			}
			flipped := bytes.Clone(sound)
			flipped[at] ^= 1 << bit
			if err := os.WriteFile(path, flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			q := random.IntN(len(queries))
			switch got, err := answer(t, root, queries[q]); {
			case err != nil:
				failed++
			case got != want[q]:
				t.Errorf("%s: bit %d of byte %d flips, and %s gives another result", kind, bit, at, queries[q])
			}
		}
		// Of the others, what a query does not read does no harm, and of the footer the names
		// of the hashes do none: without them it is that of an older writer.
		if kind == "footer" && failed < n/2 {
			t.Errorf("%s: %d of %d queries failed", kind, failed, n)
		}
		t.Logf("%s: %d bytes, %d of %d queries failed", kind, len(places), failed, n)
	}
	for _, left := range []int{len(sound) - 1, len(sound) - 9, len(sound) / 2, 0} { // F14
		if err := os.WriteFile(path, sound[:left], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := answer(t, root, queries[0]); !errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("of %d bytes %d are left: error %v", len(sound), left, err)
		}
	}
}

// TestHoles has the database read a column chunk that is a hole, as those are of a copy of
// parts that nobody asked for: it is always an error, and never a row. A Bloom filter
// that is one, and says that nothing is there, is noticed before.
func TestHoles(t *testing.T) {
	root, path := flipLake(t)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pr, err := file.NewParquetReader(bytes.NewReader(sound))
	if err != nil {
		t.Fatal(err)
	}
	hole := func(at, length int64) {
		t.Helper()
		b := bytes.Clone(sound)
		clear(b[at : at+length])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	md := pr.MetaData()
	for i := range md.Schema.NumColumns() {
		column, _, _ := strings.Cut(md.Schema.Column(i).Path(), ".")
		c, err := md.RowGroup(0).ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		at := c.DataPageOffset()
		if c.HasDictionaryPage() {
			at = c.DictionaryPageOffset()
		}
		holes := map[string]int64{"chunk": c.TotalCompressedSize()}
		if c.HasDictionaryPage() && i%4 == 0 {
			holes["data"] = at + c.TotalCompressedSize() - c.DataPageOffset()
		}
		for part, length := range holes {
			hole(at+c.TotalCompressedSize()-length, length)
			// The value of every row, whatever its type.
			got, err := duckAnswer(t, root, "SELECT count(*) AS n, max(CAST("+column+" AS VARCHAR)) AS m, count("+column+") AS c FROM events")
			if err == nil {
				t.Errorf("the %s of %s is a hole, and the answer is %s", part, md.Schema.Column(i).Path(), got)
			}
		}
		if at := c.BloomFilterOffset(); at > 0 {
			hole(at, 100)
			if got, err := answer(t, root, "SELECT count(*) AS n FROM events WHERE "+md.Schema.Column(i).Path()+" = 'x'"); !errors.Is(err, lake.ErrCorrupt) {
				t.Errorf("the Bloom filter of %s is a hole, and the answer is %s, error %v", column, got, err)
			}
		}
	}
}

// answer returns the text of all rows, of a lake that is opened anew.
func answer(t *testing.T, root, sql string) (_ string, err error) {
	t.Helper()
	return answerTo(t, root, engine.Request{SQL: sql})
}

// duckAnswer is answer for a text in the database's own dialect.
func duckAnswer(t *testing.T, root, sql string) (string, error) {
	t.Helper()
	return answerTo(t, root, engine.Request{SQL: sql, Dialect: engine.DialectDuckDB})
}

func answerTo(t *testing.T, root string, r engine.Request) (_ string, err error) {
	t.Helper()
	l, err := lake.Open(t.Context(), root, lake.Options{})
	if err != nil {
		return "", err
	}
	e := engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 1})
	rows, err := e.Query(t.Context(), r)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var text strings.Builder
	for {
		batch, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return text.String(), nil
		}
		if err != nil {
			return "", err
		}
		for i := range int(batch.NumRows()) {
			for _, c := range batch.Columns() {
				text.WriteString(c.ValueStr(i) + "\t")
			}
			text.WriteByte('\n')
		}
		batch.Release()
	}
}
