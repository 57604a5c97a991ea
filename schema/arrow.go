package schema

import "github.com/apache/arrow-go/v18/arrow"

// ArrowSchema returns the schema of the stored columns in their order, all
// nullable and without field ids.
func ArrowSchema() *arrow.Schema { return arrow.NewSchema(arrowFields(stored), nil) }

func arrowFields(cols []Column) []arrow.Field {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.arrowType(), Nullable: true}
	}
	return fields
}

func (c Column) arrowType() arrow.DataType {
	switch c.Kind {
	case KindBool:
		return arrow.FixedWidthTypes.Boolean
	case KindTimestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case KindInt:
		return arrow.PrimitiveTypes.Int64
	case KindStruct:
		return arrow.StructOf(arrowFields(c.Members)...)
	case KindList:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.StructOf(arrowFields(c.Members)...), Nullable: true})
	default:
		return arrow.BinaryTypes.String
	}
}
