package pages

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Hashed are texts as Bloom filters know them, by the paths of columns.
type Hashed map[string][]uint64

// Hash returns the hashes of texts, by the paths of columns.
func Hash(texts map[string][]string) Hashed {
	h := Hashed{}
	for path, list := range texts {
		h[path] = []uint64{}
		for _, t := range list {
			h[path] = append(h[path], xxhash.Sum64String(t))
		}
	}
	return h
}

// Filter is the Bloom filter of a column of a row group.
type Filter []byte

// MayHold reports whether the row group may hold a text of one of the given hashes: false only
// where the filter says that none of them is there.
func (f Filter) MayHold(hashes []uint64) bool {
	return slices.ContainsFunc(hashes, f.has)
}

// Filters are the Bloom filters of a column of a file, one for each row group.
type Filters []Filter

// MayHold reports whether a file may hold a row that has one of the texts of the given
// hashes in the column. Without filters it is true.
func (f Filters) MayHold(hashes []uint64) bool {
	return f == nil || slices.ContainsFunc(f, func(g Filter) bool { return g.MayHold(hashes) })
}

// ReadFilters calls each with every Bloom filter of the columns of a file that wanted chooses,
// by their paths. A filter is only valid during the call, and what each was told holds only if
// there is no error: then what was read is compared with the hashes that the writer left.
// Errors about damage wrap ErrDamaged. Columns without filters are passed over, and so are all
// of a file without such hashes.
//
// A column has Bloom filters in all row groups or in none (Group.next).
func ReadFilters(r io.ReaderAt, size int64, wanted func(path string) bool, each func(path string, f Filter)) error {
	b := buffersPool.Get().(*buffers)
	defer buffersPool.Put(b)
	footer, err := b.sealed(r, size)
	if err != nil || footer == nil {
		return err
	}
	return b.eachSum(r, valueOf(footer, SumsKey), func(l line) bool { return wanted(l.path) && l.filters() }, func(path string, stretch []byte) {
		if f := bloomBits(stretch); f != nil { // others are headers of pages
			each(path, f)
		}
	})
}

// bloomRest is what follows the size in the header of a Bloom filter (parquet.thrift,
// BloomFilterHeader): three unions with an empty member each, which mean split blocks,
// XXH64, and no compression.
var bloomRest = []byte{0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0}

// bloomBits returns the blocks of a stretch that is a whole Bloom filter; nil for others:
// in the header of a page an integer follows the first one and no union.
func bloomBits(stretch []byte) Filter {
	if len(stretch) == 0 || stretch[0] != 0x15 {
		return nil
	}
	size, n := binary.Varint(stretch[1:])
	if n <= 0 {
		return nil
	}
	bits, ok := bytes.CutPrefix(stretch[1+n:], bloomRest)
	if !ok || size <= 0 || int64(len(bits)) != size || size%blockBytes != 0 {
		return nil
	}
	return bits
}

const blockBytes = 32

// salts are those of the format (BloomFilter.md of Parquet).
var salts = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

// has reports whether a text of this hash may be there.
func (f Filter) has(hash uint64) bool {
	block := (hash >> 32) * uint64(len(f)/blockBytes) >> 32
	for i, salt := range salts {
		word := binary.LittleEndian.Uint32(f[block*blockBytes+uint64(i)*4:])
		if word&(1<<(uint32(hash)*salt>>27)) == 0 {
			return false
		}
	}
	return true
}
