package schema

import "github.com/apache/arrow-go/v18/arrow"

var (
	// batchSchema is that of the record batches that Builder makes: the stored columns in
	// their order, all nullable and without field ids. Dictionaries of 32-bit indices stand
	// for structs, lists, and the text, at any depth, that Column.Dictionary names. Those of
	// text hold each value once; those of structs and lists may repeat one.
	batchSchema    = arrow.NewSchema(batchFields(), nil)
	dictionaryType = dictionaryOf(arrow.BinaryTypes.String)
	timestampType  = &arrow.TimestampType{Unit: arrow.Microsecond}
)

func arrowFields(cols []Column) []arrow.Field {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.arrowType(), Nullable: true}
	}
	return fields
}

func dictionaryOf(t arrow.DataType) *arrow.DictionaryType {
	return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: t}
}

func batchFields() []arrow.Field {
	fields := arrowFields(stored)
	for i, c := range stored {
		if len(c.Members) > 0 {
			fields[i].Type = dictionaryOf(fields[i].Type)
		}
	}
	return fields
}

// arrowType returns the type that c has in a batch, where a column with members is a
// dictionary of it.
func (c Column) arrowType() arrow.DataType {
	switch c.Kind {
	case KindBool:
		return arrow.FixedWidthTypes.Boolean
	case KindTimestamp:
		return timestampType
	case KindInt:
		return arrow.PrimitiveTypes.Int64
	case KindStruct:
		return arrow.StructOf(arrowFields(c.Members)...)
	case KindList:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.StructOf(arrowFields(c.Members)...), Nullable: true})
	}
	if c.Dictionary() {
		return dictionaryType
	}
	return arrow.BinaryTypes.String
}
