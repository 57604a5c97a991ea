package duck

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
)

// column is the plan for turning one DuckDB type into one Arrow type.
type column struct {
	kind     duckdb.Type // how the value is stored, for enum and decimal the stored integer
	arrow    arrow.DataType
	logical  string // engine.LogicalType, if any
	width    int    // bytes of a value that is copied as it is; 0 otherwise
	text     func(c *column, p []byte) string
	names    []string // enum values
	children []column
	size     int // entries of a fixed-size array
}

func (c *column) field(name string) arrow.Field {
	f := arrow.Field{Name: name, Type: c.arrow, Nullable: true}
	if c.logical != "" {
		f.Metadata = arrow.NewMetadata([]string{engine.LogicalType}, []string{c.logical})
	}
	return f
}

// plain are the types whose values are copied as they are.
var plain = map[duckdb.Type]struct {
	arrow arrow.DataType
	width int
}{
	duckdb.TypeTinyInt:     {arrow.PrimitiveTypes.Int8, 1},
	duckdb.TypeSmallInt:    {arrow.PrimitiveTypes.Int16, 2},
	duckdb.TypeInteger:     {arrow.PrimitiveTypes.Int32, 4},
	duckdb.TypeBigInt:      {arrow.PrimitiveTypes.Int64, 8},
	duckdb.TypeUTinyInt:    {arrow.PrimitiveTypes.Uint8, 1},
	duckdb.TypeUSmallInt:   {arrow.PrimitiveTypes.Uint16, 2},
	duckdb.TypeUInteger:    {arrow.PrimitiveTypes.Uint32, 4},
	duckdb.TypeUBigInt:     {arrow.PrimitiveTypes.Uint64, 8},
	duckdb.TypeFloat:       {arrow.PrimitiveTypes.Float32, 4},
	duckdb.TypeDouble:      {arrow.PrimitiveTypes.Float64, 8},
	duckdb.TypeDate:        {arrow.FixedWidthTypes.Date32, 4},
	duckdb.TypeTime:        {arrow.FixedWidthTypes.Time64us, 8},
	duckdb.TypeTimeNS:      {arrow.FixedWidthTypes.Time64ns, 8},
	duckdb.TypeTimestamp:   {&arrow.TimestampType{Unit: arrow.Microsecond}, 8},
	duckdb.TypeTimestampS:  {&arrow.TimestampType{Unit: arrow.Second}, 8},
	duckdb.TypeTimestampMS: {&arrow.TimestampType{Unit: arrow.Millisecond}, 8},
	duckdb.TypeTimestampNS: {&arrow.TimestampType{Unit: arrow.Nanosecond}, 8},
	duckdb.TypeTimestampTZ: {&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, 8},
	// 39 digits at most: Arrow's 128 bits hold them all, whatever the precision says.
	duckdb.TypeHugeInt: {&arrow.Decimal128Type{Precision: 38}, 16},
}

// asText are the fixed-width types that Arrow or Parquet lack: they travel as text.
var asText = map[duckdb.Type]struct {
	width   int
	logical string
	text    func(c *column, p []byte) string
}{
	duckdb.TypeUUID:     {16, "uuid", uuidText},
	duckdb.TypeUHugeInt: {16, "uhugeint", uhugeintText},
	duckdb.TypeInterval: {16, "interval", intervalText},
	duckdb.TypeTimeTZ:   {8, "timetz", timeTZText},
}

func newColumn(t duckdb.LogicalType) (column, error) {
	id := duckdb.GetTypeId(t)
	if p, ok := plain[id]; ok {
		return column{kind: id, arrow: p.arrow, width: p.width}, nil
	}
	if p, ok := asText[id]; ok {
		return column{kind: id, arrow: arrow.BinaryTypes.String, logical: p.logical, width: p.width, text: p.text}, nil
	}
	switch id {
	case duckdb.TypeBoolean:
		return column{kind: id, arrow: arrow.FixedWidthTypes.Boolean}, nil
	case duckdb.TypeVarchar:
		c := column{kind: id, arrow: arrow.BinaryTypes.String}
		if duckdb.LogicalTypeGetAlias(t) == "JSON" {
			c.logical = engine.TypeJSON
		}
		return c, nil
	case duckdb.TypeBlob:
		return column{kind: id, arrow: arrow.BinaryTypes.Binary}, nil
	case duckdb.TypeBit:
		return column{kind: id, arrow: arrow.BinaryTypes.String, logical: "bit"}, nil
	case duckdb.TypeSQLNull:
		return column{kind: id, arrow: arrow.Null}, nil
	case duckdb.TypeDecimal:
		return column{
			kind:  duckdb.DecimalInternalType(t),
			arrow: &arrow.Decimal128Type{Precision: int32(duckdb.DecimalWidth(t)), Scale: int32(duckdb.DecimalScale(t))},
		}, nil
	case duckdb.TypeEnum:
		return enumColumn(t), nil
	case duckdb.TypeList, duckdb.TypeArray, duckdb.TypeMap, duckdb.TypeStruct:
		return nestedColumn(id, t)
	default:
		return column{}, fmt.Errorf("type %s cannot be returned; cast it to varchar", typeName(id))
	}
}

func enumColumn(t duckdb.LogicalType) column {
	names := make([]string, duckdb.EnumDictionarySize(t))
	for i := range names {
		names[i] = duckdb.EnumDictionaryValue(t, duckdb.IdxT(i))
	}
	c := column{kind: duckdb.EnumInternalType(t), arrow: arrow.BinaryTypes.String, logical: "enum", names: names, text: enumText}
	c.width = plain[c.kind].width
	return c
}

func nestedColumn(id duckdb.Type, t duckdb.LogicalType) (column, error) {
	c := column{kind: id}
	var fields []arrow.Field
	add := func(name string, child duckdb.LogicalType) error {
		defer duckdb.DestroyLogicalType(&child)
		cc, err := newColumn(child)
		if err != nil {
			return err
		}
		c.children = append(c.children, cc)
		fields = append(fields, cc.field(name))
		return nil
	}
	switch id {
	case duckdb.TypeList:
		if err := add("element", duckdb.ListTypeChildType(t)); err != nil {
			return column{}, err
		}
		c.arrow = arrow.ListOfField(fields[0])
	case duckdb.TypeArray:
		c.size = int(duckdb.ArrayTypeArraySize(t))
		if err := add("element", duckdb.ArrayTypeChildType(t)); err != nil {
			return column{}, err
		}
		c.arrow = arrow.FixedSizeListOfField(int32(c.size), fields[0])
	case duckdb.TypeMap:
		if err := add("key", duckdb.MapTypeKeyType(t)); err != nil {
			return column{}, err
		}
		if err := add("value", duckdb.MapTypeValueType(t)); err != nil {
			return column{}, err
		}
		fields[0].Nullable = false
		c.arrow = arrow.MapOfFields(fields[0], fields[1])
	default:
		for i := range duckdb.StructTypeChildCount(t) {
			if err := add(duckdb.StructTypeChildName(t, i), duckdb.StructTypeChildType(t, i)); err != nil {
				return column{}, err
			}
		}
		c.arrow = arrow.StructOf(fields...)
	}
	return c, nil
}

func typeName(id duckdb.Type) string {
	switch id {
	case duckdb.TypeUnion:
		return "union"
	case duckdb.TypeBigNum:
		return "bignum"
	case duckdb.TypeGeometry:
		return "geometry"
	case duckdb.TypeVariant:
		return "variant"
	default:
		return fmt.Sprintf("number %d", id)
	}
}
