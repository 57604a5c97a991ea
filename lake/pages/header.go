package pages

import "encoding/binary"

// Page headers are structs of Thrift's compact protocol.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

const (
	pageData       = 0
	pageDictionary = 2

	encodingRLE = 3
)

// appendHeader appends the header of a page: its kind and sizes, the number of its
// entries, and how they are encoded.
func appendHeader(dst []byte, kind, size, compressed, entries, encoding int) []byte {
	dst = appendI32(appendI32(appendI32(dst, kind), size), compressed)
	if kind == pageDictionary {
		dst = append(dst, (7-3)<<4|compactStruct) // field 7, behind field 3
		dst = appendI32(appendI32(dst, entries), encoding)
	} else {
		dst = append(dst, (5-3)<<4|compactStruct)
		dst = appendI32(appendI32(dst, entries), encoding)
		dst = appendI32(appendI32(dst, encodingRLE), encodingRLE) // of both levels
	}
	return append(dst, 0, 0) // the ends of both structs
}

// appendI32 appends the field behind the last one.
func appendI32(dst []byte, v int) []byte {
	return binary.AppendVarint(append(dst, 1<<4|compactI32), int64(v))
}
