package pages

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"traillake/internal/stretch"
)

// holey reads a file of which only parts are there.
type holey struct {
	data []byte
	have stretch.Set
}

var errHole = errors.New("read a hole")

func (h holey) ReadAt(b []byte, at int64) (int, error) {
	if s := (stretch.Stretch{At: at, Length: int64(len(b))}); !h.have.Holds(s) {
		return 0, fmt.Errorf("%w: %s", errHole, s)
	}
	return copy(b, h.data[at:]), nil
}

// holed returns the file with zeros in the place of holes.
func (h holey) holed() []byte {
	b := make([]byte, len(h.data))
	for _, s := range h.have {
		copy(b[s.At:], h.data[s.At:s.End()])
	}
	return b
}

// layoutFile is a file of two row groups with pages enough for hashes of their headers.
func layoutFile(t testing.TB) []byte {
	t.Helper()
	rows := rowsOf(rand.New(rand.NewPCG(1, 2)), 4000, 2, 300, 1200)
	var out bytes.Buffer
	f, err := NewWriter(&out, testSchema(t), nil, parquet.WithBloomFilterEnabledFor("coded", true), parquet.WithBloomFilterEnabledFor("text", true))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := writeGroup(f, rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestNeeded wants a reader of one column to read the same where nothing but what it needs
// is there, and nothing that another column needs to be among it.
func TestNeeded(t *testing.T) {
	data := layoutFile(t)
	size := int64(len(data))
	tail := stretch.Stretch{At: size - tailBytes, Length: tailBytes}
	var sum int64
	for i, name := range []string{"coded", "text", "number", "truth", "list"} {
		reads := func(column string) bool { return column == name }
		need, ok, err := Needed(bytes.NewReader(data), size, reads)
		if err != nil || !ok {
			t.Fatalf("%s: %v, error %v", name, ok, err)
		}
		sum += need.Bytes()
		have := holey{data, need}
		if err := Check(holey{data, need.And(stretch.Of(tail))}, size, reads); err != nil {
			t.Errorf("%s: what Check reads is not there: %v", name, err)
		}
		whole, parts := openColumns(t, data, i), openColumns(t, have.holed(), i)
		for g := range whole {
			if whole[g] != parts[g] || whole[g] == "" {
				t.Errorf("row group %d: column %s is another with holes in the file", g, name)
			}
		}
	}
	footer, _, err := Needed(bytes.NewReader(data), size, func(string) bool { return false })
	if err != nil || len(footer) != 1 || footer[0].End() != size {
		t.Errorf("the footer lies in %v, error %v", footer, err)
	}
	if sum -= 4 * footer.Bytes(); sum > size {
		t.Errorf("the columns need %d bytes of %d", sum, size)
	}
	all, _, err := Needed(bytes.NewReader(data), size, func(string) bool { return true })
	if lack := stretch.Of(stretch.Stretch{At: 4, Length: size - 4}).Without(all); err != nil || lack != nil {
		t.Errorf("nobody needs %v, error %v", lack, err)
	}
}

// openColumns reads a column of each row group with the library.
func openColumns(t *testing.T, data []byte, column int) (groups []string) {
	t.Helper()
	pr, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for g := range pr.NumRowGroups() {
		r, err := pr.RowGroup(g).GetColumnPageReader(column)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		for r.Next() {
			p := r.Page()
			fmt.Fprintf(&text, "%v %d %x\n", p.Type(), p.NumValues(), p.Data())
		}
		if err := r.Err(); err != nil {
			t.Error(err)
		}
		groups = append(groups, text.String())
	}
	return groups
}

// TestFilterStretches wants ReadFilters to read nothing but the footer and these, all in
// FilterTail.
func TestFilterStretches(t *testing.T) {
	data := layoutFile(t)
	size := int64(len(data))
	tail := stretch.Of(stretch.Stretch{At: size - tailBytes, Length: tailBytes})
	for _, wanted := range []map[string][]string{
		{"text": {text(7), "nobody"}}, {"text": {"nobody"}}, {"coded": {coded(1)}, "text": {text(1)}}, {"number": {"1"}}, nil,
	} {
		chosen := func(path string) bool { return wanted[path] != nil }
		list, ok, err := FilterStretches(bytes.NewReader(data), size, chosen)
		if err != nil || !ok {
			t.Fatalf("%v: %v, error %v", wanted, ok, err)
		}
		want, err := readAllFilters(bytes.NewReader(data), size, wanted)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readAllFilters(holey{data, tail.And(list)}, size, wanted); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: filters of %d columns, error %v; want %d", wanted, len(got), err, len(want))
		}
		if lack := list.Without(stretch.Of(stretch.Stretch{At: size - FilterTail(size), Length: FilterTail(size)})); lack != nil {
			t.Errorf("%v is not in the last %d bytes of %d", lack, FilterTail(size), size)
		}
	}
}

// TestFiltersOfOlder is of a file whose writer had one hash for the headers of pages and the
// filters of a column: it is sifted where it lies whole, and not where that would fetch it.
func TestFiltersOfOlder(t *testing.T) {
	var out bytes.Buffer
	f, err := NewWriter(&out, testSchema(t), nil, parquet.WithBloomFilterEnabledFor("coded", true), parquet.WithBloomFilterEnabledFor("text", true))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeGroup(f, rowsOf(rand.New(rand.NewPCG(1, 2)), 4000, 2, 300, 1200)); err != nil {
		t.Fatal(err)
	}
	f.filterSums = append(f.filterSums, f.sums...) // so that filters go on in the same line
	f.sums = nil
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	data := out.Bytes()
	for column, want := range map[string]bool{"text": false, "coded": true} { // one has several pages
		chosen := func(path string) bool { return path == column }
		if _, ok, err := FilterStretches(bytes.NewReader(data), int64(len(data)), chosen); err != nil || ok != want {
			t.Errorf("filters of %s apart: %v, error %v", column, ok, err)
		}
		if keep, err := mayHoldAll(data, map[string][]string{column: {"nobody"}}); err != nil || keep {
			t.Errorf("by %s it may hold nobody: %v, error %v", column, keep, err)
		}
	}
	if err := Check(bytes.NewReader(data), int64(len(data)), func(string) bool { return true }); err != nil {
		t.Error(err)
	}
}

var _ io.ReaderAt = holey{}

// shrinking is a file of which nobody can read more than a tail at a time.
type shrinking struct{ data []byte }

func (s shrinking) ReadAt(b []byte, at int64) (int, error) {
	n := copy(b[:min(len(b), tailBytes)], s.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// TestCutFile is of a file that ends before its size: what was read of an intact one before
// must not stand in for what is missing.
func TestCutFile(t *testing.T) {
	data := layoutFile(t)
	size := int64(len(data))
	all := func(string) bool { return true }
	var b buffers
	if footer, err := b.sealed(bytes.NewReader(data), size); err != nil || footer == nil {
		t.Fatalf("footer of %d bytes, error %v", len(footer), err)
	}
	for _, cut := range []int64{0, 1, size - tailBytes, size - 8, size - 1} {
		if _, err := b.sealed(bytes.NewReader(data[:cut]), size); !errors.Is(err, ErrDamaged) {
			t.Errorf("a footer of the first %d bytes: error %v", cut, err)
		}
	}
	// A footer that is read once more, since it is long, and is cut meanwhile.
	long := binary.LittleEndian.AppendUint32(make([]byte, 3*tailBytes), 2*tailBytes)
	long = append(long, "PAR1"...)
	if _, err := b.sealed(shrinking{long}, int64(len(long))); !errors.Is(err, ErrDamaged) {
		t.Errorf("a footer that is cut while it is read: error %v", err)
	}
	footer, err := b.sealed(bytes.NewReader(data), size)
	if err != nil {
		t.Fatal(err)
	}
	sums := valueOf(footer, SumsKey)
	every := func(line) bool { return true }
	if err := b.eachSum(bytes.NewReader(data), sums, every, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.eachSum(bytes.NewReader(data[:size/2]), sums, every, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("stretches of half a file: error %v", err)
	}
	if err := Check(bytes.NewReader(data), size, all); err != nil {
		t.Error(err)
	}
}
