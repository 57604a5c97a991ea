package pages

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

const magic = "PAR1"

// Writer writes one Parquet file. It is for one goroutine. After an error the file is
// lost.
type Writer struct {
	out    counter
	props  *parquet.WriterProperties
	meta   *metadata.FileMetaDataBuilder
	schema *schema.Schema
	blooms []bloom
	sums   sums // of page headers
	// filterSums are those of Bloom filters, on lines of their own: who looks for a needle
	// reads these, and nothing from among the pages.
	filterSums sums
	groups     int16
}

// bloom is a Bloom filter of a column of a row group.
type bloom struct {
	group  *metadata.RowGroupMetaDataBuilder
	path   string
	filter metadata.BloomFilterBuilder
}

// counter knows how much was written.
type counter struct {
	io.Writer
	n    int64
	hash io.Writer // gets what is written, too, if it is not nil
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	if c.hash != nil {
		c.hash.Write(p[:n])
	}
	return n, err
}

// Tell returns how much was written.
func (c *counter) Tell() int64 { return c.n }

// NewWriter begins a file. Of the properties, those count that the footer repeats, and
// those that say whether a column has statistics and a Bloom filter, and at which level
// of zstd it is compressed.
func NewWriter(w io.Writer, sc *schema.Schema, kv metadata.KeyValueMetadata, properties ...parquet.WriterProperty) (*Writer, error) {
	properties = append(properties, parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Zstd))
	// How columns without a dictionary are encoded: the footer tells.
	for i := range sc.NumColumns() {
		c := sc.Column(i)
		encoding := parquet.Encodings.Plain
		if c.PhysicalType() == parquet.Types.ByteArray {
			encoding = parquet.Encodings.DeltaLengthByteArray
		}
		properties = append(properties, parquet.WithEncodingPath(c.ColumnPath(), encoding))
	}
	props := parquet.NewWriterProperties(properties...)
	f := &Writer{
		out: counter{Writer: w}, props: props, meta: metadata.NewFileMetadataBuilder(sc, props, kv), schema: sc,
	}
	_, err := io.WriteString(&f.out, magic)
	return f, err
}

// Group begins a row group. The one before must be closed. A page of text ends behind the
// first rows, as many as are sought: who needs these alone decompresses nothing else.
func (f *Writer) Group(rows, sought int) *Group {
	g := &Group{
		file: f, meta: f.meta.AppendRowGroup(), rows: rows, sought: sought, ordinal: f.groups, scratch: scratches.Get().(*scratch),
	}
	f.groups++
	return g
}

// Close writes the footer. It does not close what the file is written to.
func (f *Writer) Close() error {
	// Small ones next to the footer: who reads the end of the file has them.
	slices.SortStableFunc(f.blooms, func(a, b bloom) int { return cmp.Compare(b.filter.Size(), a.filter.Size()) })
	for _, b := range f.blooms {
		if err := f.bloom(b); err != nil {
			return fmt.Errorf("write Bloom filter of %s: %w", b.path, err)
		}
	}
	for _, kv := range [][2]string{{SumsKey, f.sums.String() + f.filterSums.String()}, {SealKey, noSeal}} {
		if err := f.meta.AppendKeyValueMetadata(kv[0], kv[1]); err != nil {
			return err
		}
	}
	meta, err := f.meta.Finish()
	if err != nil {
		return err
	}
	var footer bytes.Buffer
	n, err := meta.WriteTo(&footer, nil)
	if err != nil {
		return err
	}
	whole := append(binary.LittleEndian.AppendUint32(footer.Bytes(), uint32(n)), magic...)
	at := sealAt(whole)
	if at < 0 {
		return errors.New("write footer: it has no place for its hash")
	}
	copy(whole[at:], sealOf(whole, at))
	_, err = f.out.Write(whole)
	return err
}

// bloom writes a Bloom filter.
func (f *Writer) bloom(b bloom) error {
	one := metadata.FileBloomFilterBuilder{Schema: f.schema}
	one.AppendRowGroup(b.group, map[string]metadata.BloomFilterBuilder{b.path: b.filter})
	at, s := f.out.n, f.filterSums.of(b.path)
	f.out.hash = &s.hash
	err := one.WriteTo(&f.out)
	f.out.hash = nil
	s.add(at, f.out.n-at)
	return err
}
