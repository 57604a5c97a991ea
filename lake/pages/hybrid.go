package pages

import "encoding/binary"

// appendHybrid appends values in Parquet's RLE/bit-packing hybrid: runs of the same
// value, and between them groups of eight of width bits each. Width is at most 32.
func appendHybrid[T uint8 | int32](dst []byte, values []T, width int) []byte {
	for len(values) > 0 {
		n := runLength(values)
		if n >= 8 || n == len(values) {
			dst = appendRun(dst, uint32(values[0]), n, width)
			values = values[n:]
			continue
		}
		n = 8
		for n < len(values) && !eightAlike(values[n:]) {
			n += 8
		}
		dst = binary.AppendUvarint(dst, uint64(n/8)<<1|1)
		n = min(n, len(values))
		dst = appendPacked(dst, values[:n], width)
		if n%8 != 0 { // the last group is filled up
			dst = append(dst, make([]byte, width-(n%8*width+7)/8)...)
		}
		values = values[n:]
	}
	return dst
}

// runLength returns how many values the first one is repeated for, itself counted.
func runLength[T uint8 | int32](values []T) int {
	first, n := values[0], 1
	for ; len(values)-n >= 8; n += 8 { // most levels of most pages are the same
		v := values[n : n+8 : n+8]
		if (v[0]^first)|(v[1]^first)|(v[2]^first)|(v[3]^first)|(v[4]^first)|(v[5]^first)|(v[6]^first)|(v[7]^first) != 0 {
			break
		}
	}
	for n < len(values) && values[n] == first {
		n++
	}
	return n
}

func appendRun(dst []byte, value uint32, n, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for ; width > 0; width -= 8 {
		dst = append(dst, byte(value))
		value >>= 8
	}
	return dst
}

// eightAlike reports whether values begin with eight that are the same.
func eightAlike[T uint8 | int32](values []T) bool {
	if len(values) < 8 {
		return false
	}
	for _, v := range values[1:8] {
		if v != values[0] {
			return false
		}
	}
	return true
}

// appendPacked appends width bits of each value, lowest first, and fills up the last
// byte with zeros. Width is at most 32.
func appendPacked[T uint8 | int32 | uint32](dst []byte, values []T, width int) []byte {
	var bits uint64
	var n int
	for _, v := range values {
		bits |= uint64(uint32(v)) << n
		if n += width; n >= 32 {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(bits))
			bits >>= 32
			n -= 32
		}
	}
	for ; n > 0; n -= 8 {
		dst = append(dst, byte(bits))
		bits >>= 8
	}
	return dst
}
