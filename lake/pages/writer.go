package pages

import (
	"encoding/binary"
	"fmt"
	"io"

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
	blooms metadata.FileBloomFilterBuilder
	groups int16
}

// counter knows how much was written.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
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
		out: counter{Writer: w}, props: props, meta: metadata.NewFileMetadataBuilder(sc, props, kv),
		blooms: metadata.FileBloomFilterBuilder{Schema: sc},
	}
	_, err := io.WriteString(&f.out, magic)
	return f, err
}

// Group begins a row group. The one before must be closed.
func (f *Writer) Group(rows int) *Group {
	g := &Group{
		file: f, meta: f.meta.AppendRowGroup(), rows: rows, ordinal: f.groups,
		blooms: make(map[string]metadata.BloomFilterBuilder), scratch: scratches.Get().(*scratch),
	}
	f.groups++
	f.blooms.AppendRowGroup(g.meta, g.blooms)
	return g
}

// Close writes the footer. It does not close what the file is written to.
func (f *Writer) Close() error {
	if err := f.blooms.WriteTo(&f.out); err != nil {
		return fmt.Errorf("write Bloom filters: %w", err)
	}
	meta, err := f.meta.Finish()
	if err != nil {
		return err
	}
	n, err := meta.WriteTo(&f.out, nil)
	if err != nil {
		return err
	}
	_, err = f.out.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), magic...))
	return err
}
