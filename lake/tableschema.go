package lake

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"traillake/schema"
)

// newTableSchema derives the Iceberg schema of a new store from the stored columns.
// The ids given here do not last: table.NewMetadata assigns its own.
func newTableSchema() (*iceberg.Schema, error) {
	var ids int
	fields, err := tableFields(schema.Stored(), &ids)
	if err != nil {
		return nil, err
	}
	return iceberg.NewSchema(0, fields...), nil
}

func tableFields(cols []schema.Column, ids *int) ([]iceberg.NestedField, error) {
	fields := make([]iceberg.NestedField, len(cols))
	for i, c := range cols {
		*ids++
		id := *ids
		t, err := tableType(c, ids)
		if err != nil {
			return nil, err
		}
		fields[i] = iceberg.NestedField{ID: id, Name: c.Name, Type: t, Doc: c.Doc}
	}
	return fields, nil
}

func tableType(c schema.Column, ids *int) (iceberg.Type, error) {
	switch c.Kind {
	case schema.KindString, schema.KindJSON:
		return iceberg.PrimitiveTypes.String, nil
	case schema.KindBool:
		return iceberg.PrimitiveTypes.Bool, nil
	case schema.KindTimestamp:
		return iceberg.PrimitiveTypes.Timestamp, nil
	case schema.KindInt:
		return iceberg.PrimitiveTypes.Int64, nil
	case schema.KindStruct:
		fields, err := tableFields(c.Members, ids)
		return &iceberg.StructType{FieldList: fields}, err
	case schema.KindList:
		*ids++
		element := *ids
		fields, err := tableFields(c.Members, ids)
		return &iceberg.ListType{ElementID: element, Element: &iceberg.StructType{FieldList: fields}}, err
	default:
		return nil, fmt.Errorf("column %s: storage kind %d has no table type", c.Name, c.Kind)
	}
}

// newPartitionSpec partitions by the day of the event.
func newPartitionSpec(sc *iceberg.Schema) (iceberg.PartitionSpec, error) {
	f, ok := sc.FindFieldByName(schema.ColEventTime)
	if !ok {
		return iceberg.PartitionSpec{}, fmt.Errorf("schema has no column %s", schema.ColEventTime)
	}
	return iceberg.NewPartitionSpec(iceberg.PartitionField{
		SourceIDs: []int{f.ID}, FieldID: iceberg.PartitionDataIDStart, Name: partitionField, Transform: iceberg.DayTransform{},
	}), nil
}

// arrowSchema returns the Arrow form of a table's schema. The field metadata
// PARQUET:field_id holds the table's own ids.
func arrowSchema(sc *iceberg.Schema) (*arrow.Schema, error) {
	return table.SchemaToArrowSchema(sc, nil, true, false)
}
