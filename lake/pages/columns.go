package pages

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unsafe"

	"github.com/apache/arrow-go/v18/parquet"
)

// pageBytes is the text in a page of Text, about: the library's default.
const pageBytes = 1 << 20

// Coded writes a column of text as a dictionary: values, all of which are used, and the
// number of the value of each entry that has one.
func (g *Group) Coded(l Levels, codes []int32, values []string) error {
	if len(values) == 0 {
		return g.Text(l, nil)
	}
	c := g.next(len(values))
	page := g.scratch.page[:0]
	for _, v := range values {
		page = append(binary.LittleEndian.AppendUint32(page, uint32(len(v))), v...)
	}
	c.addBloom(values)
	if err := c.dictionary(page, len(values)); err != nil {
		return err
	}
	if err := c.indices(l, codes, len(values)); err != nil {
		return err
	}
	return c.finishText(values, len(l.Def)-len(codes))
}

// finishText ends a column whose bounds are those of values.
func (c *column) finishText(values []string, absent int) error {
	if len(values) == 0 || !c.file.props.StatisticsEnabledFor(c.path) {
		return c.finish(nil, nil, absent)
	}
	return c.finish([]byte(slices.Min(values)), []byte(slices.Max(values)), absent)
}

func (c *column) addBloom(values []string) {
	if c.bloom == nil {
		return
	}
	h := c.bloom.Hasher()
	for _, v := range values {
		c.bloom.InsertHash(h.Sum64(unsafe.Slice(unsafe.StringData(v), len(v))))
	}
}

// dictionary writes the dictionary page.
func (c *column) dictionary(page []byte, values int) error {
	c.scratch.page = page
	return c.write(pageDictionary, page, values, parquet.Encodings.Plain)
}

// indices writes the data page of a column with a dictionary.
func (c *column) indices(l Levels, codes []int32, values int) error {
	page := l.appendTo(c.scratch.page[:0], 0, len(l.Def))
	width := max(1, bits.Len(uint(max(0, values-1))))
	page = appendHybrid(append(page, byte(width)), codes, width)
	c.scratch.page = page
	return c.write(pageData, page, len(l.Def), parquet.Encodings.RLEDict)
}

// Text writes a column of text as it is: lengths, then text. Values are those of the
// entries that have one.
func (g *Group) Text(l Levels, values []string) error {
	c := g.next(len(values))
	c.addBloom(values)
	row := 0 // of entry n
	for from, values := 0, values; from < len(l.Def); {
		// A page ends with a row, and only the first may be without a value.
		n, present, size := from, 0, 0
		for ; n < len(l.Def); n++ {
			if l.Rep == nil || l.Rep[n] == 0 {
				if (size >= pageBytes || row == g.sought && present > 0) && present < len(values) {
					break
				}
				row++
			}
			if l.Def[n] == l.Max {
				size += len(values[present])
				present++
			}
		}
		page := l.appendTo(c.scratch.page[:0], from, n)
		lengths := c.scratch.lengths[:0]
		for _, v := range values[:present] {
			lengths = append(lengths, int32(len(v)))
		}
		page = appendDelta(page, lengths)
		for _, v := range values[:present] {
			page = append(page, v...)
		}
		c.scratch.page, c.scratch.lengths = page, lengths
		if err := c.write(pageData, page, n-from, parquet.Encodings.DeltaLengthByteArray); err != nil {
			return err
		}
		from, values = n, values[present:]
	}
	return c.finishText(values, len(l.Def)-len(values))
}

// Numbers writes a column of 64-bit integers with a dictionary. Values are those of the
// entries that have one.
func (g *Group) Numbers(l Levels, values []int64) error {
	c := g.next(0)
	s := c.scratch
	clear(s.numbers)
	distinct, codes := s.distinct[:0], s.codes[:0]
	var last int64
	var code int32 = -1
	for _, v := range values {
		if code < 0 || v != last {
			var ok bool
			if code, ok = s.numbers[v]; !ok {
				code = int32(len(distinct))
				s.numbers[v] = code
				distinct = append(distinct, v)
			}
			last = v
		}
		codes = append(codes, code)
	}
	s.distinct, s.codes = distinct, codes
	page := s.page[:0]
	var least, most int64
	for i, v := range distinct {
		page = binary.LittleEndian.AppendUint64(page, uint64(v))
		if i == 0 {
			least, most = v, v
		}
		least, most = min(least, v), max(most, v)
	}
	if err := c.dictionary(page, len(distinct)); err != nil {
		return err
	}
	if err := c.indices(l, codes, len(distinct)); err != nil {
		return err
	}
	if len(values) == 0 {
		return c.finish(nil, nil, len(l.Def))
	}
	return c.finish(binary.LittleEndian.AppendUint64(nil, uint64(least)), binary.LittleEndian.AppendUint64(nil, uint64(most)), len(l.Def)-len(values))
}

// Bools writes a column of truth values, 1 or 0, of the entries that have one.
func (g *Group) Bools(l Levels, values []byte) error {
	c := g.next(0)
	page := appendPacked(l.appendTo(c.scratch.page[:0], 0, len(l.Def)), values, 1)
	c.scratch.page = page
	if err := c.write(pageData, page, len(l.Def), parquet.Encodings.Plain); err != nil {
		return err
	}
	if len(values) == 0 {
		return c.finish(nil, nil, len(l.Def))
	}
	least, most := byte(1), byte(0)
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	return c.finish([]byte{least}, []byte{most}, len(l.Def)-len(values))
}
