package pages

import (
	"encoding/binary"
	"fmt"

	"traillake/internal/stretch"
)

// The library reads all of a footer, of which most is bounds of columns and their names once
// for each row group: 0.5 ms. A query on files of which parts are here does that for each of
// them, only to find that nothing lacks. Here all else is passed over, in a thirtieth of the time.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

// chunkOf is what a footer says of a column chunk.
type chunkOf struct {
	column string // the name of the column that the leaf belongs to
	// Of the pages: the offset of the first data page, of the dictionary or 0, and the size
	// of all of them.
	data, dictionary, size int64
}

// stretch returns where the pages lie, and their guard behind them.
func (c chunkOf) stretch() stretch.Stretch {
	at := c.data
	if c.dictionary > 0 {
		at = c.dictionary
	}
	return stretch.Stretch{At: at, Length: c.size + 1}
}

// chunks returns the column chunks of all row groups that a footer tells of.
func chunks(footer []byte) (list []chunkOf, err error) {
	r := &compactReader{b: footer}
	r.fields(func(id, kind byte) {
		if id != 4 { // FileMetaData.row_groups
			r.skip(kind)
			return
		}
		r.elements(func(byte) {
			r.fields(func(id, kind byte) {
				if id != 1 { // RowGroup.columns
					r.skip(kind)
					return
				}
				r.elements(func(byte) {
					r.fields(func(id, kind byte) {
						if id != 3 { // ColumnChunk.meta_data
							r.skip(kind)
							return
						}
						list = append(list, r.chunk())
					})
				})
			})
		})
	})
	if r.bad {
		return nil, fmt.Errorf("%w: its footer is no Thrift", ErrDamaged)
	}
	return list, nil
}

// chunk reads a ColumnMetaData.
func (r *compactReader) chunk() (c chunkOf) {
	r.fields(func(id, kind byte) {
		switch id {
		case 3: // path_in_schema
			first := true
			r.elements(func(byte) {
				if name := r.bytes(); first {
					c.column, first = string(name), false
				}
			})
		case 7:
			c.size = r.varint()
		case 9:
			c.data = r.varint()
		case 11:
			c.dictionary = r.varint()
		default:
			r.skip(kind)
		}
	})
	return c
}

// compactReader reads Thrift's compact protocol. Once it is bad it reads nothing more.
type compactReader struct {
	b     []byte
	at    int // of the next byte
	depth int
	bad   bool
}

// The types of fields. That of a truth is its value, and nothing follows; but in a list a
// byte does.
const (
	compactTrue   = 1
	compactFalse  = 2
	compactByte   = 3
	compactI16    = 4
	compactI32    = 5
	compactI64    = 6
	compactDouble = 7
	compactBinary = 8
	compactList   = 9
	compactSet    = 10
	compactStruct = 12
)

// maxNesting is deeper than any footer is.
const maxNesting = 16

func (r *compactReader) fail() { r.at, r.bad = len(r.b), true }

// take returns the next n bytes.
func (r *compactReader) take(n uint64) []byte {
	if n > uint64(len(r.b)-r.at) {
		r.fail()
		return nil
	}
	r.at += int(n)
	return r.b[r.at-int(n) : r.at]
}

func (r *compactReader) byte() byte {
	if r.at == len(r.b) {
		r.fail()
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *compactReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 {
		r.fail()
		return 0
	}
	r.at += n
	return v
}

// varint reads a whole number.
func (r *compactReader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *compactReader) bytes() []byte { return r.take(r.uvarint()) }

// fields calls field, which must read the value, for each field of a struct.
func (r *compactReader) fields(field func(id, kind byte)) {
	if r.depth++; r.depth > maxNesting {
		r.fail()
	}
	for id := byte(0); !r.bad; {
		header := r.byte()
		if header == 0 {
			break
		}
		if delta := header >> 4; delta > 0 {
			id += delta
		} else {
			id = byte(r.varint()) // nobody has as many fields
		}
		field(id, header&15)
	}
	r.depth--
}

// elements calls element, which must read one, for each of a list.
func (r *compactReader) elements(element func(kind byte)) {
	header := r.byte()
	n := uint64(header >> 4)
	if n == 15 {
		n = r.uvarint()
	}
	for ; n > 0 && !r.bad; n-- {
		element(header & 15)
	}
}

// skip passes over the value of a field.
func (r *compactReader) skip(kind byte) {
	switch kind {
	case compactTrue, compactFalse:
	case compactByte:
		r.byte()
	case compactI16, compactI32, compactI64:
		r.uvarint()
	case compactDouble:
		r.take(8)
	case compactBinary:
		r.bytes()
	case compactList, compactSet:
		if r.depth++; r.depth > maxNesting {
			r.fail()
		}
		r.elements(r.skipElement)
		r.depth--
	case compactStruct:
		r.fields(func(_, kind byte) { r.skip(kind) })
	default: // a footer has no maps
		r.fail()
	}
}

func (r *compactReader) skipElement(kind byte) {
	if kind == compactTrue || kind == compactFalse {
		kind = compactByte
	}
	r.skip(kind)
}
