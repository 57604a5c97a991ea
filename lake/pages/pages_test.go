package pages

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// testSchema has an optional column of each kind, and text in an optional list of
// optional elements.
func testSchema(t testing.TB) *schema.Schema {
	leaf := func(name string, kind parquet.Type, id int32) schema.Node {
		n, err := schema.NewPrimitiveNode(name, parquet.Repetitions.Optional, kind, id, -1)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	group := func(name string, of parquet.Repetition, id int32, nodes ...schema.Node) schema.Node {
		n, err := schema.NewGroupNode(name, of, nodes, id)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	list := group("list", parquet.Repetitions.Optional, 5, group("item", parquet.Repetitions.Repeated, -1, leaf("text", parquet.Types.ByteArray, 6)))
	root, err := schema.NewGroupNode("root", parquet.Repetitions.Repeated, schema.FieldList{
		leaf("coded", parquet.Types.ByteArray, 1), leaf("text", parquet.Types.ByteArray, 2),
		leaf("number", parquet.Types.Int64, 3), leaf("truth", parquet.Types.Boolean, 4), list,
	}, -1)
	if err != nil {
		t.Fatal(err)
	}
	return schema.NewSchema(root)
}

// entry is what the columns of a row hold; a negative number stands for nothing.
type entry struct {
	code   int32
	text   int // length
	number int64
	truth  int8
	list   []int // lengths; nil for none
}

// rowsOf makes n rows, in which values come in runs of about run.
func rowsOf(rnd *rand.Rand, n, run, codes, length int) []entry {
	rows := make([]entry, n)
	for i := range rows {
		if i > 0 && rnd.IntN(run) > 0 {
			rows[i] = rows[i-1]
			continue
		}
		e := entry{code: rnd.Int32N(int32(codes)+1) - 1, text: rnd.IntN(length+1) - 1, number: rnd.Int64N(1<<40) - 1, truth: int8(rnd.IntN(3)) - 1}
		if rnd.IntN(3) > 0 {
			e.list = make([]int, rnd.IntN(4))
			for j := range e.list {
				e.list[j] = rnd.IntN(length+1) - 1
			}
		}
		rows[i] = e
	}
	return rows
}

func text(length int) string { return string(bytes.Repeat([]byte{byte('a' + length%26)}, length)) }

func coded(i int32) string { return fmt.Sprintf("value %d", i) }

// writeGroup writes rows as a row group, the first eighth of which is sought.
func writeGroup(f *Writer, rows []entry) error {
	level := func(ok bool) byte {
		if ok {
			return 1
		}
		return 0
	}
	var codes, texts, numbers, truths, list Levels
	codes.Max, texts.Max, numbers.Max, truths.Max, list.Max = 1, 1, 1, 1, 3
	list.Rep = []byte{}
	var code []int32
	var used []string
	known := map[int32]int32{}
	var plain, element []string
	var number []int64
	var truth []byte
	for _, e := range rows {
		codes.Def = append(codes.Def, level(e.code >= 0))
		if e.code >= 0 {
			n, ok := known[e.code]
			if !ok {
				n = int32(len(used))
				known[e.code] = n
				used = append(used, coded(e.code))
			}
			code = append(code, n)
		}
		if texts.Def = append(texts.Def, level(e.text >= 0)); e.text >= 0 {
			plain = append(plain, text(e.text))
		}
		if numbers.Def = append(numbers.Def, level(e.number >= 0)); e.number >= 0 {
			number = append(number, e.number)
		}
		if truths.Def = append(truths.Def, level(e.truth >= 0)); e.truth >= 0 {
			truth = append(truth, byte(e.truth))
		}
		if len(e.list) == 0 {
			list.Def = append(list.Def, level(e.list != nil))
			list.Rep = append(list.Rep, 0)
		}
		for i, n := range e.list {
			list.Rep = append(list.Rep, level(i > 0))
			if list.Def = append(list.Def, 2+level(n >= 0)); n >= 0 {
				element = append(element, text(n))
			}
		}
	}
	g := f.Group(len(rows), len(rows)/8)
	for _, err := range []error{
		g.Coded(codes, code, used), g.Text(texts, plain), g.Numbers(numbers, number), g.Bools(truths, truth), g.Text(list, element), g.Close(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// readColumn reads all entries of a column chunk: values, and levels.
func readColumn[T any, R interface {
	ReadBatch(int64, []T, []int16, []int16) (int64, int, error)
}](t testing.TB, r file.ColumnChunkReader, most int) (values []T, defs, reps []int16) {
	for r.HasNext() {
		v, d, p := make([]T, most), make([]int16, most), make([]int16, most)
		n, read, err := r.(R).ReadBatch(int64(most), v, d, p)
		if err != nil {
			t.Fatal(err)
		}
		values, defs, reps = append(values, v[:read]...), append(defs, d[:n]...), append(reps, p[:n]...)
	}
	return values, defs, reps
}

// readGroup reads a row group with the library.
func readGroup(t testing.TB, rg *file.RowGroupReader) []entry {
	rows := make([]entry, rg.NumRows())
	column := func(i int) file.ColumnChunkReader {
		c, err := rg.Column(i)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	each := func(what string, defs []int16, set func(i int, there bool)) {
		if len(defs) != len(rows) {
			t.Fatalf("%s has %d entries of %d rows", what, len(defs), len(rows))
		}
		for i, d := range defs {
			set(i, d == 1)
		}
	}
	length := func(b parquet.ByteArray) int {
		if string(b) != text(len(b)) {
			t.Fatalf("read %q", b)
		}
		return len(b)
	}
	codes, defs, _ := readColumn[parquet.ByteArray, *file.ByteArrayColumnChunkReader](t, column(0), 1000)
	each("coded", defs, func(i int, there bool) {
		if rows[i].code = -1; there {
			if _, err := fmt.Sscanf(string(codes[0]), "value %d", &rows[i].code); err != nil {
				t.Fatal(err)
			}
			codes = codes[1:]
		}
	})
	texts, defs, _ := readColumn[parquet.ByteArray, *file.ByteArrayColumnChunkReader](t, column(1), 1000)
	each("text", defs, func(i int, there bool) {
		if rows[i].text = -1; there {
			rows[i].text, texts = length(texts[0]), texts[1:]
		}
	})
	numbers, defs, _ := readColumn[int64, *file.Int64ColumnChunkReader](t, column(2), 1000)
	each("numbers", defs, func(i int, there bool) {
		if rows[i].number = -1; there {
			rows[i].number, numbers = numbers[0], numbers[1:]
		}
	})
	truths, defs, _ := readColumn[bool, *file.BooleanColumnChunkReader](t, column(3), 1000)
	each("truths", defs, func(i int, there bool) {
		if rows[i].truth = -1; there {
			if rows[i].truth = 0; truths[0] {
				rows[i].truth = 1
			}
			truths = truths[1:]
		}
	})
	elements, defs, reps := readColumn[parquet.ByteArray, *file.ByteArrayColumnChunkReader](t, column(4), 1000)
	at := -1
	for i, d := range defs {
		if reps[i] == 0 {
			at++
		}
		if d == 0 {
			continue
		}
		r := &rows[at]
		if r.list == nil {
			r.list = []int{}
		}
		switch d {
		case 2:
			r.list = append(r.list, -1)
		case 3:
			r.list = append(r.list, length(elements[0]))
			elements = elements[1:]
		}
	}
	return rows
}

// roundTrip writes the row groups to a file, reads them back with the library, and
// compares.
func roundTrip(t testing.TB, groups ...[]entry) *file.Reader {
	t.Helper()
	var out bytes.Buffer
	kv := metadata.KeyValueMetadata{}
	if err := kv.Append("key", "value"); err != nil {
		t.Fatal(err)
	}
	f, err := NewWriter(&out, testSchema(t), kv, parquet.WithCompressionLevel(3),
		parquet.WithBloomFilterEnabledFor("coded", true), parquet.WithBloomFilterEnabledFor("text", true), parquet.WithStatsFor("list.item.text", false))
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range groups {
		if err := writeGroup(f, rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	pr, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if v := pr.MetaData().KeyValueMetadata().FindValue("key"); v == nil || *v != "value" {
		t.Errorf("the file has the metadata %v", v)
	}
	if pr.NumRowGroups() != len(groups) {
		t.Fatalf("%d row groups came back of %d", pr.NumRowGroups(), len(groups))
	}
	for i, want := range groups {
		got := readGroup(t, pr.RowGroup(i))
		if !slices.EqualFunc(got, want, func(a, b entry) bool {
			return a.code == b.code && a.text == b.text && a.number == b.number && a.truth == b.truth &&
				(a.list == nil) == (b.list == nil) && slices.Equal(a.list, b.list)
		}) {
			for j := range want {
				if got, want := fmt.Sprintf("%#v", got[j]), fmt.Sprintf("%#v", want[j]); got != want {
					t.Fatalf("row %d of group %d came back as %s, not %s", j, i, got, want)
				}
			}
		}
		bounds(t, pr, i, want)
	}
	mayHold(t, out.Bytes(), pr)
	return pr
}

// mayHoldAll says whether a file may hold a row with one of the texts in each column.
func mayHoldAll(data []byte, wanted map[string][]string) (bool, error) {
	filters, err := readAllFilters(bytes.NewReader(data), int64(len(data)), wanted)
	all := true
	for path, hashes := range Hash(wanted) {
		all = all && filters[path].MayHold(hashes)
	}
	return all, err
}

// readAllFilters returns the filters of the columns of wanted.
func readAllFilters(r io.ReaderAt, size int64, wanted map[string][]string) (map[string]Filters, error) {
	all := map[string]Filters{}
	err := ReadFilters(r, size, func(path string) bool { return wanted[path] != nil }, func(path string, f Filter) {
		all[path] = append(all[path], bytes.Clone(f))
	})
	return all, err
}

// mayHold compares Filters.MayHold with what the library finds in the Bloom filters, for texts that
// are there and texts that are not.
func mayHold(t testing.TB, data []byte, pr *file.Reader) {
	t.Helper()
	for i, column := range []string{"coded", "text"} {
		for n := range 30 {
			value := coded(int32(n))
			if column == "text" {
				value = text(n)
			}
			want := false
			for g := range pr.NumRowGroups() {
				filters, err := pr.GetBloomFilterReader().RowGroup(g)
				if err != nil {
					t.Fatal(err)
				}
				b, err := filters.GetColumnBloomFilter(i)
				if err != nil {
					t.Fatal(err)
				}
				want = want || b.CheckHash(b.Hasher().Sum64([]byte(value)))
			}
			got, err := mayHoldAll(data, map[string][]string{column: {value}})
			if err != nil || got != want {
				t.Fatalf("column %s may hold %q: %v, error %v; the library says %v", column, value, got, err, want)
			}
		}
	}
}

// TestMayHold asks for several columns and texts, for a column without Bloom filters, and of
// a damaged file.
func TestMayHold(t *testing.T) {
	var out bytes.Buffer
	f, err := NewWriter(&out, testSchema(t), nil, parquet.WithBloomFilterEnabledFor("coded", true), parquet.WithBloomFilterEnabledFor("text", true))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeGroup(f, []entry{{code: 1, text: 1, number: -1, truth: -1}, {code: 2, text: 2, number: -1, truth: -1}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	data := out.Bytes()
	for _, c := range []struct {
		wanted map[string][]string
		want   bool
	}{
		{map[string][]string{"coded": {coded(1)}}, true},
		{map[string][]string{"coded": {"nobody"}}, false},
		{map[string][]string{"coded": {"nobody", coded(2)}}, true},
		{map[string][]string{"coded": {coded(1)}, "text": {"nobody"}}, false},
		{map[string][]string{"coded": {}}, false},
		{map[string][]string{"number": {"7"}}, true},
		{nil, true},
	} {
		got, err := mayHoldAll(data, c.wanted)
		if err != nil || got != c.want {
			t.Errorf("it may hold %q: %v, error %v; want %v", c.wanted, got, err, c.want)
		}
	}
	filter := bytes.Index(data, bloomRest) + len(bloomRest)
	for _, at := range []int{filter + 1, len(data) - 20} {
		bad := bytes.Clone(data)
		bad[at] ^= 4
		if _, err := mayHoldAll(bad, map[string][]string{"coded": {"nobody"}, "text": {"nobody"}}); !errors.Is(err, ErrDamaged) {
			t.Errorf("a flip at %d of %d gives the error %v, want %v", at, len(data), err, ErrDamaged)
		}
	}
}

// bounds checks the statistics and Bloom filters of a row group.
func bounds(t testing.TB, pr *file.Reader, group int, rows []entry) {
	t.Helper()
	filters, err := pr.GetBloomFilterReader().RowGroup(group)
	if err != nil {
		t.Fatal(err)
	}
	var codes, texts []string
	least, most, absent := int64(math.MaxInt64), int64(-1), int64(0)
	for _, r := range rows {
		if r.code >= 0 {
			codes = append(codes, coded(r.code))
		}
		if r.text >= 0 {
			texts = append(texts, text(r.text))
		}
		if r.number >= 0 {
			least, most = min(least, r.number), max(most, r.number)
		} else {
			absent++
		}
	}
	for i, values := range [][]string{codes, texts} {
		b, err := filters.GetColumnBloomFilter(i)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if !b.CheckHash(b.Hasher().Sum64([]byte(v))) {
				t.Fatalf("column %d: the Bloom filter lacks %q", i, v)
			}
		}
		chunk, err := pr.MetaData().RowGroup(group).ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		s, err := chunk.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		if s.NullCount() != int64(len(rows)-len(values)) {
			t.Errorf("column %d: %d absent of %d", i, s.NullCount(), len(rows)-len(values))
		}
		if s.HasMinMax() != (len(values) > 0) || len(values) > 0 &&
			(string(s.EncodeMin()) != slices.Min(values) || string(s.EncodeMax()) != slices.Max(values)) {
			t.Errorf("column %d has wrong bounds: %q to %q", i, s.EncodeMin(), s.EncodeMax())
		}
	}
	chunk, err := pr.MetaData().RowGroup(group).ColumnChunk(2)
	if err != nil {
		t.Fatal(err)
	}
	s, err := chunk.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	n := s.(*metadata.Int64Statistics)
	if n.NullCount() != absent || n.HasMinMax() != (most >= 0) || most >= 0 && (n.Min() != least || n.Max() != most) {
		t.Errorf("numbers from %d to %d with %d absent, want %d to %d with %d", n.Min(), n.Max(), n.NullCount(), least, most, absent)
	}
	if chunk, err = pr.MetaData().RowGroup(group).ColumnChunk(4); err != nil {
		t.Fatal(err)
	}
	if set, err := chunk.StatsSet(); err != nil || set {
		t.Errorf("a column has statistics that should have none: %v", err)
	}
}

// TestRoundTrip writes rows of many shapes and reads them with the library.
func TestRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ n, run, codes, length int }{
		{1, 1, 1, 1}, {7, 1, 3, 40}, {8, 8, 1, 5}, {9, 9, 2, 5}, {1000, 1, 900, 50}, {5000, 10, 70000, 9}, {4096, 300, 3, 3}, {300, 2, 0, 0},
	} {
		roundTrip(t, rowsOf(rnd, c.n, c.run, c.codes, c.length), rowsOf(rnd, c.n, c.run+1, c.codes, c.length))
	}
}

// TestPages has more text than a page holds, rows without any behind it, and lists across the
// end of a page. A page ends behind the rows that are sought, but not where one of two pages
// would be without a value.
func TestPages(t *testing.T) {
	const full = pageBytes/2000 + 1 // rows of a page
	for _, c := range []struct {
		from, to int   // the rows that have a value
		pages    []int // their rows
	}{
		{0, 3000, []int{500, full, full, full, full, 4000 - 500 - 4*full}},
		{0, 500, []int{4000}},
		{500, 1500, []int{500 + full, 4000 - 500 - full}},
		{0, 501, []int{500, 3500}},
		{499, 501, []int{500, 3500}},
		{0, 0, []int{4000}},
	} {
		rows := make([]entry, 4000)
		for i := range rows {
			rows[i] = entry{code: -1, text: -1, number: -1, truth: -1}
			if i >= c.from && i < c.to {
				rows[i].text, rows[i].list = 2000, []int{500, -1, 0, 1500}
			}
		}
		pr := roundTrip(t, rows)
		for _, i := range []int{1, 4} {
			r, err := pr.RowGroup(0).GetColumnPageReader(i)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []int
			for r.Next() {
				got = append(got, int(r.Page().NumValues()))
			}
			row := 0
			for _, n := range c.pages {
				entries := n
				for ; n > 0; n-- {
					entries += max(0, len(rows[row].list)-1) * (i / 4)
					row++
				}
				want = append(want, entries)
			}
			if err := r.Err(); err != nil || !slices.Equal(got, want) {
				t.Errorf("rows %d to %d have a value: column %d has pages of %d entries, not %d, error %v", c.from, c.to, i, got, want, err)
			}
		}
	}
}

// FuzzRoundTrip makes rows of bytes.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint16(100), byte(3), uint16(5), uint16(20))
	f.Add(uint64(2), uint16(17), byte(1), uint16(400), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, run byte, codes, length uint16) {
		if n%3000 == 0 {
			return // a row group has rows
		}
		roundTrip(t, rowsOf(rand.New(rand.NewPCG(seed, 0)), int(n)%3000, int(run)+1, int(codes), int(length)%2000))
	})
}
