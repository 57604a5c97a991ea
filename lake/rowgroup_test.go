package lake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/schema"
)

// oddRows builds n events of testDay that have, at random, some of the columns of a
// record that has them all, at any depth; lists have none to three entries.
func oddRows(t *testing.T, seed uint64, n int) []arrow.RecordBatch {
	t.Helper()
	text, err := os.ReadFile("../schema/testdata/delivered.json")
	if err != nil {
		t.Fatal(err)
	}
	var log struct{ Records []map[string]any }
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	var thin func(v any) any
	thin = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				if rnd.IntN(3) > 0 {
					out[k] = thin(v[k])
				}
			}
			return out
		case []any:
			out := []any{}
			for range min(len(v), 1) * rnd.IntN(4) {
				out = append(out, thin(v[0]))
			}
			return out
		case string:
			if rnd.IntN(4) == 0 {
				return v + fmt.Sprint(rnd.IntN(n)) // so that some columns hardly repeat
			}
		}
		return v
	}
	b := schema.NewBuilder()
	var batches []arrow.RecordBatch
	for i := range n {
		r := log.Records[rnd.IntN(len(log.Records))]
		out := thin(r).(map[string]any)
		if who, ok := out["userIdentity"].(map[string]any); ok {
			if s, ok := who["sessionContext"].(map[string]any); ok {
				delete(s, "attributes") // its time would no longer be one
			}
		}
		out["eventTime"] = testDay.Time().Format("2006-01-02") + fmt.Sprintf("T%02d:00:00Z", rnd.IntN(24))
		out["eventID"] = fmt.Sprint("e", i)
		line, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		dec := schema.NewDecoder(bytes.NewReader(line), schema.Limits{})
		var rec schema.Record
		if err := dec.Next(&rec); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		b.Append(&rec, schema.Provenance{Source: fmt.Sprint("/", i%3), Seq: 1})
		if i%(n/3) == n/3-1 {
			batches = append(batches, b.NewRecordBatch())
		}
	}
	return batches
}

// TestRowGroup writes several batches as one row group and reads all values back.
func TestRowGroup(t *testing.T) {
	for seed := range uint64(4) {
		batches := oddRows(t, seed, 600)
		s := openTest(t)
		b := begin(t, s)
		w, err := b.NewFile(testDay)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(batches...); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		o := object("/a", 600)
		if o.Multiset, err = MultisetOf(batches...); err != nil {
			t.Fatal(err)
		}
		b.AddObject(o)
		commit(t, b)
		name, err := nameOf(s.st.Root(), b.Files()[0].URI)
		if err != nil {
			t.Fatal(err)
		}
		sameRows(t, readAll(t, s, name)[0], batches...)

		// The same rows without dictionaries, as they are read back, give the same rows.
		plain := readAll(t, s, name)[0]
		again := begin(t, s)
		defer again.Abort()
		if w, err = again.newFileWriter(t.Context(), testDay, 1); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if _, err := w.finish(); err != nil {
			t.Fatal(err)
		}
		sameRows(t, readAll(t, s, w.name)[0], batches...)
		if err := s.st.Remove(t.Context(), w.name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRowGroupPages has more text in a column than fits a page, and rows without any
// behind it.
func TestRowGroupPages(t *testing.T) {
	var log strings.Builder
	const n = 3 * 2048
	for i := range n {
		fmt.Fprintf(&log, `{"eventVersion":"1.11","eventTime":"%sT01:00:00Z","eventSource":"s%d","eventName":"n","eventID":"e%d"`,
			testDay.Time().Format("2006-01-02"), i%3, i)
		if i%3 == 0 {
			fmt.Fprintf(&log, `,"additionalEventData":{"a":"%s%d"}`, strings.Repeat("x", 1100), i)
		}
		log.WriteString("}\n")
	}
	dec := schema.NewDecoder(strings.NewReader(log.String()), schema.Limits{})
	var rec schema.Record
	build := schema.NewBuilder()
	for range n {
		if err := dec.Next(&rec); err != nil {
			t.Fatal(err)
		}
		build.Append(&rec, schema.Provenance{Source: "/a", Seq: 1})
	}
	rows := build.NewRecordBatch()
	s := openTest(t)
	b := begin(t, s)
	defer b.Abort()
	w, err := b.newFileWriter(t.Context(), testDay, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if _, err := w.finish(); err != nil {
		t.Fatal(err)
	}
	sameRows(t, readAll(t, s, w.name)[0], rows)
}

// TestCluster checks the order of a row group: first the rows with errors or rare actions,
// last those whose text is kept, and in each part like actions of like callers together, in
// the order of their requests and times.
func TestCluster(t *testing.T) {
	text, err := os.ReadFile("../schema/testdata/delivered.json")
	if err != nil {
		t.Fatal(err)
	}
	b := schema.NewBuilder()
	for dec := schema.NewDecoder(bytes.NewReader(text), schema.Limits{}); ; {
		var rec schema.Record
		if err := dec.Next(&rec); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		b.Append(&rec, schema.Provenance{Source: "/", Seq: 1})
	}
	canonical := b.Len()
	g, err := newRowGroup(append(oddRows(t, 9, 600), b.NewRecordBatch()))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := g.find(schema.ColRaw)
	texts := map[string]*column{}
	indices := map[string][]int32{}
	var paths []string
	for _, path := range []string{"eventsource", "eventname", "useridentity.arn", "useridentity.accesskeyid", "requestparameters"} {
		paths = append(paths, path)
		texts[path], indices[path] = g.find(path)
	}
	times, _ := g.find(schema.ColEventTime)
	value := func(path string, i int32) string {
		a, at := texts[path], i
		if indices[path] != nil {
			at = indices[path][i]
		}
		if at < 0 || a.isNull(at) {
			return ""
		}
		part, at0 := a.at(at)
		return "=" + a.parts[part].ValueStr(at0)
	}
	texts["errorcode"], indices["errorcode"] = g.find("errorcode")
	actions := map[string]int{}
	action := func(i int32) string { return value("eventsource", i) + value("eventname", i) }
	for i := range g.rows {
		actions[action(int32(i))]++
	}
	order, sought := g.cluster()
	seen := make([]bool, len(order))
	parts := map[string]int{}
	place := func(i int32) string {
		switch {
		case !raw.isNull(i):
			return "kept"
		case value("errorcode", i) != "" || actions[action(i)] <= g.rows/256:
			return "first"
		}
		return "in the middle"
	}
	key := func(i int32) (k []string) {
		k = append(k, place(i))
		for _, path := range paths {
			k = append(k, value(path, i))
		}
		part, at := times.at(i)
		return append(k, fmt.Sprintf("%020d", times.parts[part].(*array.Timestamp).Value(at)))
	}
	for i, at := range order {
		if seen[at] {
			t.Fatalf("row %d comes twice", at)
		}
		seen[at] = true
		if i > 0 && slices.Compare(key(order[i-1]), key(at)) > 0 {
			t.Errorf("%q comes before %q", key(order[i-1]), key(at))
		}
		parts[place(at)]++
	}
	if sought != parts["first"] || sought == 0 || parts["in the middle"] == 0 {
		t.Errorf("%d rows are sought of %v", sought, parts)
	}
	if kept := parts["kept"]; kept == 0 || kept > len(order)-canonical {
		t.Errorf("the text of %d of %d rows is kept, where %d are canonical", kept, len(order), canonical)
	}
}
