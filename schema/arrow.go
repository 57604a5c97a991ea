package schema

import "github.com/apache/arrow-go/v18/arrow"

// ArrowSchema returns the schema of the stored columns in their order, all
// nullable and without field ids.
func ArrowSchema() *arrow.Schema { return arrow.NewSchema(arrowFields(stored, false), nil) }

// BatchSchema returns the schema of the record batches that Builder makes: that of
// ArrowSchema, with dictionaries of 32-bit indices in place of structs, lists, and the
// text, at any depth, that Column.Dictionary names. Dictionaries of text hold each value
// once; those of structs and lists may repeat one.
func BatchSchema() *arrow.Schema { return batchSchema }

var (
	batchSchema    = arrow.NewSchema(batchFields(), nil)
	dictionaryType = dictionaryOf(arrow.BinaryTypes.String)
	timestampType  = &arrow.TimestampType{Unit: arrow.Microsecond}
)

func arrowFields(cols []Column, batch bool) []arrow.Field {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.arrowType(batch), Nullable: true}
	}
	return fields
}

func dictionaryOf(t arrow.DataType) *arrow.DictionaryType {
	return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: t}
}

func batchFields() []arrow.Field {
	fields := arrowFields(stored, true)
	for i, c := range stored {
		if len(c.Members) > 0 {
			fields[i].Type = dictionaryOf(fields[i].Type)
		}
	}
	return fields
}

// arrowType returns the type of c, or the one that it has in a batch.
func (c Column) arrowType(batch bool) arrow.DataType {
	switch c.Kind {
	case KindBool:
		return arrow.FixedWidthTypes.Boolean
	case KindTimestamp:
		return timestampType
	case KindInt:
		return arrow.PrimitiveTypes.Int64
	case KindStruct:
		return arrow.StructOf(arrowFields(c.Members, batch)...)
	case KindList:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.StructOf(arrowFields(c.Members, batch)...), Nullable: true})
	}
	if batch && c.Dictionary() {
		return dictionaryType
	}
	return arrow.BinaryTypes.String
}
