package pages

import (
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	deltaBlock = 128 // values in a block
	deltaMini  = 32  // values that share a width
)

// appendDelta appends values in the encoding DELTA_BINARY_PACKED: the first of them, then
// blocks of differences, less the least of the block.
func appendDelta(dst []byte, values []int32) []byte {
	dst = binary.AppendUvarint(dst, deltaBlock)
	dst = binary.AppendUvarint(dst, deltaBlock/deltaMini)
	dst = binary.AppendUvarint(dst, uint64(len(values)))
	if len(values) == 0 {
		return binary.AppendVarint(dst, 0)
	}
	dst = binary.AppendVarint(dst, int64(values[0]))
	var block [deltaBlock]uint32
	for last, rest := values[0], values[1:]; len(rest) > 0; {
		n := min(len(rest), deltaBlock)
		least := int32(math.MaxInt32)
		for i, v := range rest[:n] {
			d := v - last // wraps around, as the specification wants it
			block[i] = uint32(d)
			least = min(least, d)
			last = v
		}
		rest = rest[n:]
		dst = binary.AppendVarint(dst, int64(least))
		for i := range block[:n] {
			block[i] -= uint32(least)
		}
		clear(block[n:])
		widths := len(dst)
		dst = append(dst, make([]byte, deltaBlock/deltaMini)...)
		for i := 0; i < n; i += deltaMini {
			var all uint32
			for _, d := range block[i : i+deltaMini] {
				all |= d
			}
			dst[widths+i/deltaMini] = byte(bits.Len32(all))
			dst = appendPacked(dst, block[i:i+deltaMini], bits.Len32(all))
		}
	}
	return dst
}
