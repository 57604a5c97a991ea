package lake

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"traillake/schema"
)

// How columns are encoded. Paths are those of Parquet.
var (
	// plainColumns hold values that hardly repeat; a dictionary of them is the column
	// written twice.
	plainColumns = []string{schema.ColEventID, "requestid", schema.ColRaw}
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
	// bloomFPP is the share of row groups that a lookup reads in vain.
	bloomFPP = 0.05
	// maxBloomBytes is the size of a filter of 120 000 distinct values at bloomFPP,
	// rounded up to a power of two.
	maxBloomBytes = 128 << 10
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
func writerProperties(first arrow.RecordBatch, tool string) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy(tool),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithMaxRowGroupLength(maxRowGroup),
		parquet.WithStats(true),
		parquet.WithDictionaryDefault(true),
		parquet.WithMaxBloomFilterBytes(maxBloomBytes),
		parquet.WithBloomFilterFPP(bloomFPP),
	}
	for _, c := range plainColumns {
		props = append(props, parquet.WithDictionaryFor(c, false))
	}
	for _, c := range schema.Stored() {
		if c.Kind == schema.KindJSON {
			props = append(props, parquet.WithDictionaryFor(c.Name, false))
		}
	}
	for _, c := range needleColumns {
		props = append(props, parquet.WithBloomFilterEnabledFor(c, true), parquet.WithBloomFilterNDVFor(c, distinct(first, c)))
	}
	return parquet.NewWriterProperties(props...)
}

// fileSchema returns the schema of a file: the store's, with the field ids, in which
// columns that arrive as dictionaries are dictionaries. It fails when the columns of
// the batch are not those of the store.
func fileSchema(store, batch *arrow.Schema, kv map[string]string) (*arrow.Schema, error) {
	fields, err := mergeFields(store.Fields(), batch.Fields(), "")
	if err != nil {
		return nil, err
	}
	md := arrow.MetadataFrom(kv)
	return arrow.NewSchema(fields, &md), nil
}

func mergeFields(store, batch []arrow.Field, path string) ([]arrow.Field, error) {
	if len(store) != len(batch) {
		return nil, fmt.Errorf("record batch has %d columns%s, the store has %d", len(batch), at(path), len(store))
	}
	fields := make([]arrow.Field, len(store))
	for i, f := range store {
		if batch[i].Name != f.Name {
			return nil, fmt.Errorf("column %d%s of the record batch is %s, the store has %s", i, at(path), batch[i].Name, f.Name)
		}
		t, err := mergeType(f.Type, batch[i].Type, path+f.Name+".")
		if err != nil {
			return nil, err
		}
		f.Type = t
		fields[i] = f
	}
	return fields, nil
}

func at(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path[:len(path)-1]
}

func mergeType(store, batch arrow.DataType, path string) (arrow.DataType, error) {
	switch st := store.(type) {
	case *arrow.StructType:
		if bt, ok := batch.(*arrow.StructType); ok {
			fields, err := mergeFields(st.Fields(), bt.Fields(), path)
			return arrow.StructOf(fields...), err
		}
	case *arrow.ListType:
		if bt, ok := batch.(*arrow.ListType); ok {
			elem := st.ElemField()
			t, err := mergeType(elem.Type, bt.Elem(), path)
			elem.Type = t
			return arrow.ListOfField(elem), err
		}
	default:
		if bt, ok := batch.(*arrow.DictionaryType); ok && arrow.TypeEqual(bt.ValueType, store) {
			return bt, nil
		}
		if arrow.TypeEqual(store, batch) {
			return store, nil
		}
	}
	return nil, fmt.Errorf("column %s of the record batch is %s, the store has %s", path[:len(path)-1], batch, store)
}

// fieldID returns the id that a column has in the table.
func fieldID(f arrow.Field) (int, error) {
	v, ok := f.Metadata.GetValue("PARQUET:field_id")
	if !ok {
		return 0, fmt.Errorf("column %s has no field id", f.Name)
	}
	return strconv.Atoi(v)
}

func arrowWriterProperties() pqarrow.ArrowWriterProperties {
	return pqarrow.NewArrowWriterProperties()
}

// distinct returns the number of distinct values of a text column, at least one. A dot
// in the path leads into a struct.
func distinct(rec arrow.RecordBatch, path string) int64 {
	name, member, nested := strings.Cut(path, ".")
	values := rec.Column(rec.Schema().FieldIndices(name)[0])
	if nested {
		parent := values.(*array.Struct)
		i, _ := parent.DataType().(*arrow.StructType).FieldIdx(member)
		values = parent.Field(i)
	}
	seen := make(map[string]struct{})
	switch v := values.(type) {
	case *array.Dictionary:
		return max(1, int64(v.Dictionary().Len()))
	case *array.String:
		for i := range v.Len() {
			if v.IsValid(i) {
				seen[v.Value(i)] = struct{}{}
			}
		}
	}
	return max(1, int64(len(seen)))
}
