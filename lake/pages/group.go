package pages

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/klauspost/compress/zstd"
)

// Group is a row group that is being written. Each of its methods Coded, Text, Numbers and
// Bools writes the next column.
type Group struct {
	file    *Writer
	meta    *metadata.RowGroupMetaDataBuilder
	rows    int
	sought  int // rows behind which a page of text ends
	ordinal int16
	bytes   int64
	scratch *scratch
}

// scratch is memory that columns are made in, one after the other.
type scratch struct {
	page, packed []byte
	lengths      []int32
	numbers      map[int64]int32
	codes        []int32
	distinct     []int64
	encoders     map[zstd.EncoderLevel]*zstd.Encoder
}

var scratches = sync.Pool{New: func() any {
	return &scratch{numbers: make(map[int64]int32), encoders: make(map[zstd.EncoderLevel]*zstd.Encoder)}
}}

// maxWindow is zstd's window: as large as a page, mostly. A larger one takes more memory
// for each encoder.
const maxWindow = 1 << 20

// compress returns the page compressed. It is valid until the next call.
func (s *scratch) compress(page []byte, level int) ([]byte, error) {
	l := zstd.EncoderLevelFromZstd(level)
	e := s.encoders[l]
	if e == nil {
		var err error
		e, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(l), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(maxWindow),
			zstd.WithZeroFrames(true), zstd.WithEncoderCRC(true), zstd.WithAllLitEntropyCompression(true))
		if err != nil {
			return nil, err
		}
		s.encoders[l] = e
	}
	s.packed = e.EncodeAll(page, s.packed[:0])
	return s.packed, nil
}

// Levels are the levels of a column's entries.
type Levels struct {
	// Def are the definition levels. Entries with the level Max have a value.
	Def []byte
	Max byte
	// Rep are the repetition levels, 0 or 1; nil means that nothing repeats.
	Rep []byte
}

// appendTo appends levels from entry i up to entry j, as a data page of version 1 has
// them.
func (l *Levels) appendTo(dst []byte, i, j int) []byte {
	if l.Rep != nil {
		dst = appendSized(dst, l.Rep[i:j], 1)
	}
	return appendSized(dst, l.Def[i:j], bits.Len8(l.Max))
}

func appendSized(dst, levels []byte, width int) []byte {
	at := len(dst)
	dst = appendHybrid(append(dst, 0, 0, 0, 0), levels, width)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// column is a column chunk that is being written.
type column struct {
	*Group
	path  string
	descr *schema.Column
	meta  *metadata.ColumnChunkMetaDataBuilder
	bloom metadata.BloomFilterBuilder
	info  metadata.ChunkMetaInfo
	pages metadata.EncodingStats
	// at and header are of the first data page; more says that there are others.
	at     int64
	header []byte
	more   bool
}

// next begins the next column. Distinct is how many distinct values it has; absent,
// how many entries have no value.
func (g *Group) next(distinct int) *column {
	meta := g.meta.NextColumnChunk()
	c := &column{
		Group: g, path: meta.Descr().Path(), descr: meta.Descr(), meta: meta, info: metadata.ChunkMetaInfo{IndexPageOffset: -1},
		pages: metadata.EncodingStats{DictEncodingStats: map[parquet.Encoding]int32{}, DataEncodingStats: map[parquet.Encoding]int32{}},
	}
	if p := g.file.props; p.BloomFilterEnabledFor(c.path) {
		c.bloom = metadata.NewBloomFilterFromNDVAndFPP(uint32(max(1, distinct)), p.BloomFilterFPPFor(c.path), p.MaxBloomFilterBytes(), memory.DefaultAllocator)
		g.file.blooms = append(g.file.blooms, bloom{g.meta, c.path, c.bloom})
	}
	return c
}

// write writes a page.
func (c *column) write(kind int, page []byte, entries int, encoding parquet.Encoding) error {
	if len(page) > math.MaxInt32 {
		return fmt.Errorf("column %s: a page of %d bytes is larger than the format allows", c.path, len(page))
	}
	packed, err := c.scratch.compress(page, c.file.props.CompressionLevelFor(c.path))
	if err != nil {
		return err
	}
	at := c.file.out.n
	header := appendHeader(make([]byte, 0, 32), kind, len(page), len(packed), entries, int(encoding))
	if _, err := c.file.out.Write(header); err != nil {
		return err
	}
	if _, err := c.file.out.Write(packed); err != nil {
		return err
	}
	c.info.UncompressedSize += int64(len(header) + len(page))
	c.info.CompressedSize += int64(len(header) + len(packed))
	if kind == pageDictionary {
		c.info.DictPageOffset = at
		c.pages.DictEncodingStats[encoding]++
		return nil
	}
	if c.header == nil {
		c.info.DataPageOffset = at
		c.at, c.header = at, header
	} else {
		if !c.more {
			c.more = true
			c.sum(c.at, c.header)
		}
		c.sum(at, header)
	}
	c.info.NumValues += int64(entries)
	c.pages.DataEncodingStats[encoding]++
	return nil
}

// sum enters the header of a page.
func (c *column) sum(at int64, header []byte) {
	s := c.file.sums.of(c.path)
	s.add(at, int64(len(header)))
	s.hash.Write(header)
}

// finish ends the column. Least and most are its bounds, or nil.
func (c *column) finish(least, most []byte, absent int) error {
	if c.file.props.StatisticsEnabledFor(c.path) {
		var s metadata.EncodedStatistics
		s.SetNullCount(int64(absent))
		if least != nil {
			s.SetMin(least).SetMax(most)
		}
		s.ApplyStatSizeLimits(int(c.file.props.MaxStatsSizeFor(c.path)))
		s.Signed = c.descr.SortOrder() == schema.SortSIGNED
		c.meta.SetStats(s)
	}
	c.bytes += c.info.UncompressedSize
	if _, err := c.file.out.Write([]byte{guard}); err != nil {
		return err
	}
	return c.meta.Finish(c.info, c.info.DictPageOffset > 0, false, c.pages)
}

// Close ends the row group. All columns must be written.
func (g *Group) Close() error {
	scratches.Put(g.scratch)
	g.scratch = nil
	g.meta.SetNumRows(g.rows)
	return g.meta.Finish(g.bytes, g.ordinal)
}
