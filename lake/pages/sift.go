package pages

import (
	"bytes"
	"encoding/binary"
	"io"

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

// Filters are the Bloom filters of a column of a file, one for each row group.
type Filters [][]byte

// MayHold reports whether a file may hold a row that has one of the texts of the given
// hashes in the column: false only where the filters of all row groups say that none of them
// is there. Without filters it is true.
func (f Filters) MayHold(hashes []uint64) bool {
	for _, bits := range f {
		for _, hash := range hashes {
			if bloomHas(bits, hash) {
				return true
			}
		}
	}
	return f == nil
}

// ReadFilters returns the Bloom filters of the columns of a file that wanted chooses, by their
// paths. What it reads is compared with the hashes that the writer left; errors about damage
// wrap ErrDamaged. Columns without filters are not there, nor any of a file without such
// hashes.
//
// A column has Bloom filters in all row groups or in none (Group.next).
func ReadFilters(r io.ReaderAt, size int64, wanted func(path string) bool) (map[string]Filters, error) {
	footer, err := sealed(r, size)
	if err != nil || footer == nil {
		return nil, err
	}
	all := map[string]Filters{}
	err = eachSum(r, valueOf(footer, SumsKey), func(l line) bool { return wanted(l.path) && l.filters() }, func(path string, stretch []byte) {
		if bits := bloomBits(stretch); bits != nil { // others are headers of pages
			all[path] = append(all[path], bytes.Clone(bits))
		}
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// bloomRest is what follows the size in the header of a Bloom filter (parquet.thrift,
// BloomFilterHeader): three unions with an empty member each, which mean split blocks,
// XXH64, and no compression.
var bloomRest = []byte{0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0}

// bloomBits returns the blocks of a stretch that is a whole Bloom filter; nil for others:
// in the header of a page an integer follows the first one and no union.
func bloomBits(stretch []byte) []byte {
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

// bloomHas reports whether a text of this hash may be in a filter.
func bloomHas(bits []byte, hash uint64) bool {
	block := (hash >> 32) * uint64(len(bits)/blockBytes) >> 32
	for i, salt := range salts {
		word := binary.LittleEndian.Uint32(bits[block*blockBytes+uint64(i)*4:])
		if word&(1<<(uint32(hash)*salt>>27)) == 0 {
			return false
		}
	}
	return true
}
