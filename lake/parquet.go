package lake

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"

	"traillake/schema"
)

// How columns are encoded. Paths are those of Parquet.
var (
	// needleColumns are where people look for one value among millions.
	needleColumns = []string{
		schema.ColEventID, "requestid", "sharedeventid", "sourceipaddress", "useridentity.accesskeyid", "useridentity.arn",
	}
	// boundColumns get bounds in the manifests, so that a planner can leave out whole files.
	boundColumns = []string{
		"awsregion", "eventsource", "recipientaccountid", schema.ColSourceRegion, schema.ColSourceAccount,
	}
)

const (
	// maxRowGroup is a ceiling; the caller of FileWriter.Write decides the real size.
	maxRowGroup = 1 << 20
	// bloomFPP is the share of row groups that a lookup reads in vain, for the number of
	// values that the filter is made for. Its size is rounded up to a power of two, so
	// filters are made for bloomShare of the values: they take 4 to 8 bits for each, 4 %
	// to 25 % of lookups are in vain, and the ids' filters are 2 % of a lake, not 4 %.
	bloomFPP   = 0.05
	bloomShare = 0.6
	// maxBloomBytes is the size of a filter of 120 000 distinct values.
	maxBloomBytes = 64 << 10
	// pageBytes is the text in a page of a column without a dictionary: the library's
	// default for a page. Other columns have one page in each row group.
	pageBytes = 1 << 20
	// boundLength is Iceberg's usual truncation of string bounds.
	boundLength = 16

	kvPrefix = propPrefix
	kvStore  = kvPrefix + "store"
	kvBatch  = kvPrefix + "batch"
	kvSeq    = kvPrefix + "seq"
	kvLayout = kvPrefix + "layout"
	kvTool   = kvPrefix + "tool"
)

// writerProperties describe the files that this version writes. Readers do not depend
// on any of it.
//
// Bloom filters are sized by the distinct values of first, the file's first row group.
// The library can also find the size while it writes, but then keeps filters of every
// size for every row group until the file is closed: with 62 open files that was 150 MB
// and growing.
func writerProperties(first *rowGroup, tool string) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy(tool),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithMaxRowGroupLength(maxRowGroup),
		parquet.WithDataPageSize(math.MaxInt64), // plainText cuts pages
		parquet.WithStats(true),
		parquet.WithDictionaryDefault(true),
		parquet.WithMaxBloomFilterBytes(maxBloomBytes),
		parquet.WithBloomFilterFPP(bloomFPP),
	}
	for _, c := range plainColumns() {
		props = append(props,
			parquet.WithDictionaryFor(c, false),
			parquet.WithEncodingFor(c, parquet.Encodings.DeltaLengthByteArray),
			parquet.WithStatsFor(c, false), // the bounds of ids and JSON leave nothing out
		)
	}
	for _, c := range needleColumns {
		n := int64(first.rows)
		if !slices.Contains(plainColumns(), c) {
			n = int64(len(first.text(first.find(c)).values))
		}
		props = append(props, parquet.WithBloomFilterEnabledFor(c, true), parquet.WithBloomFilterNDVFor(c, max(1, int64(bloomShare*float64(n)))))
	}
	return parquet.NewWriterProperties(props...)
}

// plainColumns hold values that hardly repeat; a dictionary of them is the column
// written twice.
func plainColumns() []string {
	columns := []string{schema.ColEventID, "requestid", schema.ColRaw}
	for _, c := range schema.Stored() {
		if c.Kind == schema.KindJSON {
			columns = append(columns, c.Name)
		}
	}
	return columns
}

// sameColumns fails when the columns of a record batch are not those of the store. Text
// may be a dictionary.
func sameColumns(store, batch []arrow.Field, path string) error {
	if len(store) != len(batch) {
		return fmt.Errorf("record batch has %d columns%s, the store has %d", len(batch), at(path), len(store))
	}
	for i, f := range store {
		if batch[i].Name != f.Name {
			return fmt.Errorf("column %d%s of the record batch is %s, the store has %s", i, at(path), batch[i].Name, f.Name)
		}
		if err := sameType(f.Type, batch[i].Type, path+f.Name+"."); err != nil {
			return err
		}
	}
	return nil
}

func at(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path[:len(path)-1]
}

func sameType(store, batch arrow.DataType, path string) error {
	switch st := store.(type) {
	case *arrow.StructType:
		if bt, ok := batch.(*arrow.StructType); ok {
			return sameColumns(st.Fields(), bt.Fields(), path)
		}
	case *arrow.ListType:
		if bt, ok := batch.(*arrow.ListType); ok {
			return sameType(st.Elem(), bt.Elem(), path)
		}
	default:
		if bt, ok := batch.(*arrow.DictionaryType); ok && arrow.TypeEqual(bt.ValueType, store) {
			return nil
		}
		if arrow.TypeEqual(store, batch) {
			return nil
		}
	}
	return fmt.Errorf("column %s of the record batch is %s, the store has %s", path[:len(path)-1], batch, store)
}

// fieldID returns the id that a column has in the table.
func fieldID(f arrow.Field) (int, error) {
	v, ok := f.Metadata.GetValue("PARQUET:field_id")
	if !ok {
		return 0, fmt.Errorf("column %s has no field id", f.Name)
	}
	return strconv.Atoi(v)
}
