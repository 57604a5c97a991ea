package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"traillake/internal/stretch"
)

// Compressed pages have checksums, which readers compare. Nothing else of a Parquet file
// has: a bit that flips in the footer, in a Bloom filter or in the header of a page may go
// unseen, and leave rows out or give the values of others. So the footer holds its own
// hash, and the hashes of Bloom filters and of page headers, by column.
//
// The headers are those of columns of several pages in a row group. Of a single page,
// DuckDB notices every flip, or it changes nothing (measured: engine/duck: TestFlippedDataFile), with two
// exceptions, in which it reads on behind the page: another kind of page, which it passes
// over, and fewer entries. So a byte that is no header lies behind the last page.

const (
	// SealKey is the key of the footer's own SHA-256, computed with sixty-four zeros in
	// its place, from the footer's first byte to the end of the file.
	SealKey = "traillake.seal"
	// SumsKey is the key of the hashes of stretches of the file, by column.
	SumsKey = "traillake.sums"

	// valueMark stands between a key and the length of its value, in Thrift.
	valueMark = 0x18
	// guard is behind the last page of a column: a header that ends before it begins.
	guard = 0
	// tailBytes is what is read of a file first: more than most footers.
	tailBytes = 64 << 10
)

// ErrDamaged marks errors about bytes that are not those that were written.
var ErrDamaged = errors.New("the file is damaged")

// sum is the hash of stretches of a file, one after the other.
type sum struct {
	column string // the path of a leaf
	ranges []byte // " offset+length" of each
	hash   xxh3.Hasher
}

// sums are those of a file, in the order of first use.
type sums []*sum

func (s *sums) of(column string) *sum {
	for _, c := range *s {
		if c.column == column {
			return c
		}
	}
	c := &sum{column: column}
	*s = append(*s, c)
	return c
}

func (s *sum) add(at, length int64) {
	s.ranges = strconv.AppendInt(append(s.ranges, ' '), at, 10)
	s.ranges = strconv.AppendInt(append(s.ranges, '+'), length, 10)
}

// String writes them as Check reads them, a line for each column.
func (s sums) String() string {
	var b strings.Builder
	for _, c := range s {
		fmt.Fprintf(&b, "%s %016x%s\n", c.column, c.hash.Sum64(), c.ranges)
	}
	return b.String()
}

var noSeal = strings.Repeat("0", 2*sha256.Size)

// sealAt returns where the seal lies in a footer, -1 where it has none. Bounds of columns
// may hold any text; they lie before it.
func sealAt(footer []byte) int {
	mark := append([]byte(SealKey), valueMark, byte(len(noSeal)))
	at := bytes.LastIndex(footer, mark)
	if at < 0 || at+len(mark)+len(noSeal) > len(footer) {
		return -1
	}
	return at + len(mark)
}

// sealOf returns the hash of a footer whose seal lies at a place.
func sealOf(footer []byte, at int) string {
	h := sha256.New()
	h.Write(footer[:at])
	io.WriteString(h, noSeal)
	h.Write(footer[at+len(noSeal):])
	return hex.EncodeToString(h.Sum(nil))
}

// Check reads what no checksum of the format covers, and compares it with the hashes that
// the writer left: the footer, and what belongs to the columns that reads chooses by
// their names (of a struct, its own). All else, a reader notices by itself. A file of an
// older writer has no hashes, and nothing is known of it. Errors wrap ErrDamaged, but for
// those of reading.
func Check(r io.ReaderAt, size int64, reads func(column string) bool) error {
	b := buffersPool.Get().(*buffers)
	defer buffersPool.Put(b)
	footer, err := b.sealed(r, size)
	if err != nil || footer == nil {
		return err
	}
	return b.eachSum(r, valueOf(footer, SumsKey), func(l line) bool { return reads(columnOf(l.path)) }, nil)
}

// buffers are memory that is read into. A query reads the footers of all its files: with new
// memory for each the collector took a quarter of the time of a search for one event.
type buffers struct{ tail, stretch []byte }

var buffersPool = sync.Pool{New: func() any { return new(buffers) }}

// read reads length bytes into *b, which it makes larger where it must, and returns those that
// the file has.
func read(r io.ReaderAt, b *[]byte, at, length int64) ([]byte, error) {
	*b = slices.Grow((*b)[:0], int(length))
	n, err := r.ReadAt((*b)[:length], at)
	if err == io.EOF {
		err = nil
	}
	return (*b)[:n], err
}

// sealed returns the footer of a file that is as it was written; nil for a file without a
// seal. It is valid until the next call.
func (b *buffers) sealed(r io.ReaderAt, size int64) ([]byte, error) {
	n := min(size, tailBytes)
	tail, err := read(r, &b.tail, size-n, n)
	if err != nil {
		return nil, err
	}
	if int64(len(tail)) < max(n, 8) {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrDamaged, size-n+int64(len(tail)))
	}
	n = int64(binary.LittleEndian.Uint32(tail[len(tail)-8:])) + 8
	if n > size {
		return nil, fmt.Errorf("%w: its footer is longer than the file", ErrDamaged)
	}
	if n > int64(len(tail)) {
		if tail, err = read(r, &b.tail, size-n, n); err != nil {
			return nil, err
		}
		if int64(len(tail)) < n { // cut between the two
			return nil, fmt.Errorf("%w: its footer is cut", ErrDamaged)
		}
	}
	footer := tail[int64(len(tail))-n:]
	at := sealAt(footer)
	if at < 0 {
		if sealAt(tail) >= 0 {
			return nil, fmt.Errorf("%w: its last bytes do not say where the footer begins", ErrDamaged)
		}
		return nil, nil
	}
	if got, want := sealOf(footer, at), string(footer[at:at+len(noSeal)]); got != want {
		return nil, fmt.Errorf("%w: its footer has sha256 %s, want %q", ErrDamaged, got, want)
	}
	return footer, nil
}

// valueOf returns the value of a key of a sealed footer.
func valueOf(footer []byte, key string) string {
	mark := append([]byte(key), valueMark)
	at := bytes.LastIndex(footer, mark)
	if at < 0 {
		return ""
	}
	rest := footer[at+len(mark):]
	n, k := binary.Uvarint(rest)
	if k <= 0 || n > uint64(len(rest)-k) {
		return ""
	}
	return string(rest[k : k+int(n)])
}

// columnOf returns the name of the column that a leaf belongs to.
func columnOf(path string) string {
	name, _, _ := strings.Cut(path, ".")
	return name
}

// line is the hash of stretches as a footer has it.
type line struct {
	path, hash string
	stretches  []string
}

// lines reads what sums.String writes.
func lines(text string) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		for l := range strings.Lines(text) {
			fields := strings.Fields(l)
			if len(fields) < 2 {
				yield(line{}, fmt.Errorf("%w: its footer has sums %q", ErrDamaged, l))
				return
			}
			if !yield(line{fields[0], fields[1], fields[2:]}, nil) {
				return
			}
		}
	}
}

// eachSum compares the stretches of the lines that wanted chooses with their hashes, and
// calls each, if it is not nil, with every one of them before.
func (b *buffers) eachSum(r io.ReaderAt, text string, wanted func(line) bool, each func(path string, stretch []byte)) error {
	for l, err := range lines(text) {
		if err != nil {
			return err
		}
		if !wanted(l) {
			continue
		}
		var h xxh3.Hasher
		for _, f := range l.stretches {
			s, err := stretchOf(f)
			if err != nil {
				return err
			}
			got, err := read(r, &b.stretch, s.At, s.Length)
			if err != nil {
				return err
			}
			h.Write(got)
			if each != nil {
				each(l.path, got)
			}
		}
		if got := fmt.Sprintf("%016x", h.Sum64()); got != l.hash {
			return fmt.Errorf("%w: page headers or Bloom filters of column %s have xxh3 %s, want %s", ErrDamaged, l.path, got, l.hash)
		}
	}
	return nil
}

// maxStretch bounds the stretches that have hashes: no filter is as large.
const maxStretch = 1 << 30

func stretchOf(text string) (stretch.Stretch, error) {
	s, err := stretch.Parse(text)
	if err != nil || s.Length > maxStretch {
		return stretch.Stretch{}, fmt.Errorf("%w: its footer has sums of %q", ErrDamaged, text)
	}
	return s, nil
}
