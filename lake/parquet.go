package lake

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"

	"traillake/schema"
)

// How columns are encoded. Paths are those of Parquet.
var (
	// needleColumns are where people look for one value among millions, and the name of the
	// event: most of what detections look for happens on few days.
	needleColumns = []string{
		schema.ColEventID, "requestid", "sharedeventid", "sourceipaddress", "useridentity.accesskeyid", "useridentity.arn",
		schema.ColEventName,
	}
	// boundColumns get bounds in the manifests, so that a planner can leave out whole files.
	boundColumns = []string{
		"awsregion", "eventsource", "recipientaccountid", schema.ColSourceRegion, schema.ColSourceAccount,
		schema.ColRaw, // for its nulls
	}
)

const (
	// zstdLevel is the fastest. zstd's default takes 0.8 s more for a million records,
	// and saves 0.8 % of their files.
	zstdLevel = 1
	// bloomFPP is the share of row groups that a lookup reads in vain at most, before the
	// size of the filter is rounded up to a power of two, so that it takes 6 to 12 bits for
	// each value. With half of that a lookup of an id read 31 of 81 files, and each of them
	// costs it as much as looking into the filters of all.
	bloomFPP = 0.05
	// namesFPP is bloomFPP for names of events. There are a few hundred in a row group, and
	// a query asks for up to thirty: one in a hundred is read in vain at most, for 1 kB.
	namesFPP = bloomFPP / 100
	// maxBloomBytes is the size of a filter of 120 000 distinct values.
	maxBloomBytes = 128 << 10
	// maxBound is the longest bound in a footer, in bytes: those of long texts leave nothing
	// out, and two whole records in _raw's were a third of a footer.
	maxBound = 256
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
func writerProperties(tool string) []parquet.WriterProperty {
	props := []parquet.WriterProperty{
		parquet.WithCreatedBy(tool),
		parquet.WithCompressionLevel(zstdLevel),
		parquet.WithStats(true),
		parquet.WithMaxStatsSize(maxBound),
		parquet.WithMaxBloomFilterBytes(maxBloomBytes),
		parquet.WithBloomFilterFPP(bloomFPP),
		parquet.WithBloomFilterFPPFor(schema.ColEventName, namesFPP),
	}
	for _, c := range plainColumns {
		if c != schema.ColRaw { // its nulls are counted
			props = append(props, parquet.WithStatsFor(c, false)) // the bounds of ids and JSON leave nothing out
		}
	}
	for _, c := range needleColumns {
		props = append(props, parquet.WithBloomFilterEnabledFor(c, true))
	}
	return props
}

// plainColumns hold values that hardly repeat; a dictionary of them is the column
// written twice.
var plainColumns = func() []string {
	columns := []string{schema.ColEventID, "requestid", schema.ColRaw}
	for _, c := range schema.Stored() {
		if c.Kind == schema.KindJSON {
			columns = append(columns, c.Name)
		}
	}
	return columns
}()

// sameColumns fails when the columns of a record batch are not those of the store. Any
// of them may be a dictionary.
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
	if d, ok := batch.(*arrow.DictionaryType); ok {
		batch = d.ValueType
	}
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
