package trino

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Type is a type of Trino's: its name and what stands in parentheses behind it.
type Type struct {
	Name      string     `json:"rawType"`
	Arguments []Argument `json:"arguments"`
}

// Argument is one of a type's arguments: a type, a field of a row, or a number.
type Argument struct {
	// Field is the name of a field of a row; empty where it has none.
	Field  string
	Type   Type
	Number int64
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *Argument) UnmarshalJSON(text []byte) error {
	var of struct {
		Kind  string
		Value json.RawMessage
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return err
	}
	switch of.Kind {
	case "TYPE":
		return json.Unmarshal(of.Value, &a.Type)
	case "LONG":
		return json.Unmarshal(of.Value, &a.Number)
	case "NAMED_TYPE":
		var field struct {
			FieldName     *struct{ Name string }
			TypeSignature Type
		}
		if err := json.Unmarshal(of.Value, &field); err != nil {
			return err
		}
		if field.FieldName != nil {
			a.Field = field.FieldName.Name
		}
		a.Type = field.TypeSignature
		return nil
	default:
		return fmt.Errorf("a type's argument of the kind %q", of.Kind)
	}
}

// arrow is the type in which Traillake gives such values.
func (t Type) arrow() (arrow.DataType, error) {
	inner := make([]arrow.DataType, len(t.Arguments))
	for i, a := range t.Arguments {
		if a.Type.Name == "" {
			continue
		}
		var err error
		if inner[i], err = a.Type.arrow(); err != nil {
			return nil, err
		}
	}
	switch t.Name {
	case "boolean":
		return arrow.FixedWidthTypes.Boolean, nil
	case "integer":
		return arrow.PrimitiveTypes.Int32, nil
	case "bigint":
		return arrow.PrimitiveTypes.Int64, nil
	case "double":
		return arrow.PrimitiveTypes.Float64, nil
	case "decimal":
		return &arrow.Decimal128Type{Precision: int32(t.Arguments[0].Number), Scale: int32(t.Arguments[1].Number)}, nil
	case "varchar":
		return arrow.BinaryTypes.String, nil
	case "date":
		return arrow.FixedWidthTypes.Date32, nil
	case "timestamp":
		return &arrow.TimestampType{Unit: arrow.Microsecond}, nil
	case "array":
		return arrow.ListOf(inner[0]), nil
	case "map":
		return arrow.MapOf(inner[0], inner[1]), nil
	case "row":
		fields := make([]arrow.Field, len(inner))
		for i, a := range t.Arguments {
			fields[i] = arrow.Field{Name: a.Field, Type: inner[i], Nullable: true}
		}
		return arrow.StructOf(fields...), nil
	default:
		return nil, fmt.Errorf("columns of Trino's type %s are not compared", t.Name)
	}
}

// Record makes a batch of rows. The caller releases it.
func Record(columns []Column, rows [][]any) (arrow.RecordBatch, error) {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		t, err := c.Type.arrow()
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		fields[i] = arrow.Field{Name: c.Name, Type: t, Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range rows {
		for i, v := range row {
			if err := appendValue(b.Field(i), v); err != nil {
				return nil, fmt.Errorf("column %s: value %v: %w", columns[i].Name, v, err)
			}
		}
	}
	return b.NewRecordBatch(), nil
}

// appendValue appends a value of JSON, as Trino writes it.
func appendValue(b array.Builder, v any) error {
	switch v := v.(type) {
	case nil:
		b.AppendNull()
		return nil
	case bool:
		if b, ok := b.(*array.BooleanBuilder); ok {
			b.Append(v)
			return nil
		}
	case json.Number:
		return appendText(b, v.String())
	case string:
		return appendText(b, v)
	case []any:
		switch b := b.(type) {
		case *array.ListBuilder:
			b.Append(true)
			for _, e := range v {
				if err := appendValue(b.ValueBuilder(), e); err != nil {
					return err
				}
			}
			return nil
		case *array.StructBuilder:
			b.Append(true)
			for i, e := range v {
				if err := appendValue(b.FieldBuilder(i), e); err != nil {
					return err
				}
			}
			return nil
		}
	case map[string]any:
		if b, ok := b.(*array.MapBuilder); ok {
			b.Append(true)
			for _, key := range slices.Sorted(maps.Keys(v)) { // the order of Traillake's
				if err := errors.Join(appendText(b.KeyBuilder(), key), appendValue(b.ItemBuilder(), v[key])); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return fmt.Errorf("%T is no %s", v, b.Type())
}

// appendText appends a value that is written as text: besides text itself numbers, and
// what JSON has no values for.
func appendText(b array.Builder, text string) error {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(text)
	case *array.Int32Builder:
		n, err := strconv.ParseInt(text, 10, 32)
		b.Append(int32(n))
		return err
	case *array.Int64Builder:
		n, err := strconv.ParseInt(text, 10, 64)
		b.Append(n)
		return err
	case *array.Float64Builder:
		f, err := strconv.ParseFloat(text, 64)
		b.Append(f)
		return err
	case *array.Decimal128Builder:
		t := b.Type().(*arrow.Decimal128Type)
		n, err := decimal128.FromString(text, t.Precision, t.Scale)
		b.Append(n)
		return err
	case *array.Date32Builder:
		d, err := time.Parse(time.DateOnly, text)
		b.Append(arrow.Date32FromTime(d))
		return err
	case *array.TimestampBuilder:
		at, err := time.Parse("2006-01-02 15:04:05.999999", text)
		b.Append(arrow.Timestamp(at.UnixMicro()))
		return err
	default:
		return fmt.Errorf("a text is no %s", b.Type())
	}
	return nil
}
