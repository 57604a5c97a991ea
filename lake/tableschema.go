package lake

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"

	"traillake/schema"
)

// newTableSchema derives the Iceberg schema of a new store from the stored columns.
func newTableSchema() (*iceberg.Schema, error) {
	var ids int
	fields, err := tableFields(schema.Stored(), &ids)
	if err != nil {
		return nil, err
	}
	return iceberg.AssignFreshSchemaIDs(iceberg.NewSchema(0, fields...), nil)
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
	fields, err := arrowFields(sc.Fields())
	if err != nil {
		return nil, err
	}
	return arrow.NewSchema(fields, nil), nil
}

func arrowFields(columns []iceberg.NestedField) ([]arrow.Field, error) {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		t, err := arrowType(c.Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		meta := map[string]string{"PARQUET:field_id": strconv.Itoa(c.ID)}
		if c.Doc != "" {
			meta["doc"] = c.Doc
		}
		fields[i] = arrow.Field{Name: c.Name, Type: t, Nullable: !c.Required, Metadata: arrow.MetadataFrom(meta)}
	}
	return fields, nil
}

// arrowType knows the types that tableType makes.
func arrowType(t iceberg.Type) (arrow.DataType, error) {
	switch t := t.(type) {
	case iceberg.StringType:
		return arrow.BinaryTypes.String, nil
	case iceberg.BooleanType:
		return arrow.FixedWidthTypes.Boolean, nil
	case iceberg.TimestampType:
		return &arrow.TimestampType{Unit: arrow.Microsecond}, nil
	case iceberg.Int64Type:
		return arrow.PrimitiveTypes.Int64, nil
	case *iceberg.StructType:
		fields, err := arrowFields(t.FieldList)
		return arrow.StructOf(fields...), err
	case *iceberg.ListType:
		elements, err := arrowFields([]iceberg.NestedField{t.ElementField()})
		if err != nil {
			return nil, err
		}
		return arrow.ListOfField(elements[0]), nil
	default:
		return nil, fmt.Errorf("%w: this program knows no columns of type %s", ErrLayout, t)
	}
}
