package dialect

import (
	"fmt"
	"strings"
)

// TypeKind is the constructor of a type.
type TypeKind uint8

// The kinds. The order of the integer kinds is their order of width.
const (
	// KindUnknown is the type of NULL.
	KindUnknown TypeKind = iota
	KindBoolean
	KindTinyint
	KindSmallint
	KindInteger
	KindBigint
	KindReal
	KindDouble
	KindDecimal
	KindVarchar
	KindChar
	KindVarbinary
	KindJSON
	KindDate
	KindTime
	KindTimeTZ
	KindTimestamp
	KindTimestampTZ
	// KindIntervalDay is interval day to second, KindIntervalYear interval year to
	// month.
	KindIntervalDay
	KindIntervalYear
	KindIPAddress
	KindUUID
	KindArray
	KindMap
	KindRow
	// KindFunction is the type of a lambda.
	KindFunction
)

// Unbounded is the length of a varchar that is not limited.
const Unbounded = -1

// Type is a type of Trino. Types are immutable: whoever wants another makes a new
// one. Compare them with Equal.
type Type struct {
	Kind TypeKind
	// Precision is the number of digits of a decimal, or of the fraction of a second
	// of a time or timestamp (0 to 12).
	Precision int
	// Scale is the number of digits of a decimal behind the point.
	Scale int
	// Length bounds a varchar or char, in code points; Unbounded for none.
	Length int
	// Elems are the element of an array; key and value of a map; the fields of a row;
	// the arguments and then the result of a function.
	Elems []*Type
	// Names are the names of a row's fields, "" where a field has none.
	Names []string
	// Zone is the zone that values with time zone are shown in, where the analyzer
	// knows it; empty is UTC. It is no part of the type's identity: see Equal.
	Zone string
}

// The types without parameters, and the usual ones with.
var (
	Unknown      = &Type{Kind: KindUnknown}
	Boolean      = &Type{Kind: KindBoolean}
	Tinyint      = &Type{Kind: KindTinyint}
	Smallint     = &Type{Kind: KindSmallint}
	Integer      = &Type{Kind: KindInteger}
	Bigint       = &Type{Kind: KindBigint}
	Real         = &Type{Kind: KindReal}
	Double       = &Type{Kind: KindDouble}
	Varchar      = &Type{Kind: KindVarchar, Length: Unbounded}
	Varbinary    = &Type{Kind: KindVarbinary}
	JSON         = &Type{Kind: KindJSON}
	Date         = &Type{Kind: KindDate}
	IntervalDay  = &Type{Kind: KindIntervalDay}
	IntervalYear = &Type{Kind: KindIntervalYear}
	IPAddress    = &Type{Kind: KindIPAddress}
	UUID         = &Type{Kind: KindUUID}
)

// VarcharN returns varchar(n).
func VarcharN(n int) *Type { return &Type{Kind: KindVarchar, Length: n} }

// CharN returns char(n).
func CharN(n int) *Type { return &Type{Kind: KindChar, Length: n} }

// Decimal returns decimal(p,s).
func Decimal(p, s int) *Type { return &Type{Kind: KindDecimal, Precision: p, Scale: s} }

// Time returns time(p).
func Time(p int) *Type { return &Type{Kind: KindTime, Precision: p} }

// TimeTZ returns time(p) with time zone.
func TimeTZ(p int) *Type { return &Type{Kind: KindTimeTZ, Precision: p} }

// Timestamp returns timestamp(p).
func Timestamp(p int) *Type { return &Type{Kind: KindTimestamp, Precision: p} }

// TimestampTZ returns timestamp(p) with time zone, shown in UTC.
func TimestampTZ(p int) *Type { return &Type{Kind: KindTimestampTZ, Precision: p} }

// InZone returns t with its values shown in zone.
func (t *Type) InZone(zone string) *Type {
	c := *t
	c.Zone = zone
	return &c
}

// ArrayOf returns array(e).
func ArrayOf(e *Type) *Type { return &Type{Kind: KindArray, Elems: []*Type{e}} }

// MapOf returns map(k,v).
func MapOf(k, v *Type) *Type { return &Type{Kind: KindMap, Elems: []*Type{k, v}} }

// RowOf returns a row. names may be nil, which leaves the fields without names.
func RowOf(fields []*Type, names []string) *Type {
	if names == nil {
		names = make([]string, len(fields))
	}
	return &Type{Kind: KindRow, Elems: fields, Names: names}
}

// FunctionOf returns the type of a lambda.
func FunctionOf(args []*Type, result *Type) *Type {
	return &Type{Kind: KindFunction, Elems: append(append([]*Type(nil), args...), result)}
}

// Elem returns the element type of an array.
func (t *Type) Elem() *Type { return t.Elems[0] }

// Key returns the key type of a map.
func (t *Type) Key() *Type { return t.Elems[0] }

// Value returns the value type of a map.
func (t *Type) Value() *Type { return t.Elems[1] }

// Args returns the argument types of a function.
func (t *Type) Args() []*Type { return t.Elems[:len(t.Elems)-1] }

// Result returns the result type of a function.
func (t *Type) Result() *Type { return t.Elems[len(t.Elems)-1] }

// Field returns the index of the row field of the given name, in any case, or -1.
// A second field of the same name is reported as ambiguous.
func (t *Type) Field(name string) (index int, ambiguous bool) {
	index = -1
	for i, n := range t.Names {
		if n == "" || !strings.EqualFold(n, name) {
			continue
		}
		if index >= 0 {
			return index, true
		}
		index = i
	}
	return index, false
}

// Equal says whether the types are the same. The names of row fields count, in any
// case; the zone of values with time zone does not.
func (t *Type) Equal(o *Type) bool {
	if t == o {
		return true
	}
	if t.Kind != o.Kind || len(t.Elems) != len(o.Elems) {
		return false
	}
	switch t.Kind {
	case KindDecimal:
		return t.Precision == o.Precision && t.Scale == o.Scale
	case KindVarchar, KindChar:
		return t.Length == o.Length
	case KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		return t.Precision == o.Precision
	}
	for i := range t.Elems {
		if !t.Elems[i].Equal(o.Elems[i]) {
			return false
		}
	}
	for i := range t.Names {
		if !strings.EqualFold(t.Names[i], o.Names[i]) {
			return false
		}
	}
	return true
}

// IsInteger says whether t is one of the four integer types.
func (t *Type) IsInteger() bool { return t.Kind >= KindTinyint && t.Kind <= KindBigint }

// IsNumeric says whether t is a number.
func (t *Type) IsNumeric() bool { return t.Kind >= KindTinyint && t.Kind <= KindDecimal }

// IsText says whether t is varchar or char.
func (t *Type) IsText() bool { return t.Kind == KindVarchar || t.Kind == KindChar }

// IsTemporal says whether t is a date, a time or a timestamp.
func (t *Type) IsTemporal() bool { return t.Kind >= KindDate && t.Kind <= KindTimestampTZ }

// Comparable says whether values of t can be compared for equality.
func (t *Type) Comparable() bool {
	if t.Kind == KindFunction {
		return false
	}
	for _, e := range t.Elems {
		if !e.Comparable() {
			return false
		}
	}
	return true
}

// Orderable says whether values of t have an order.
func (t *Type) Orderable() bool {
	switch t.Kind {
	case KindFunction, KindMap, KindJSON:
		return false
	}
	for _, e := range t.Elems {
		if !e.Orderable() {
			return false
		}
	}
	return true
}

var kindNames = map[TypeKind]string{
	KindUnknown: "unknown", KindBoolean: "boolean", KindTinyint: "tinyint", KindSmallint: "smallint",
	KindInteger: "integer", KindBigint: "bigint", KindReal: "real", KindDouble: "double", KindDecimal: "decimal",
	KindVarchar: "varchar", KindChar: "char", KindVarbinary: "varbinary", KindJSON: "json", KindDate: "date",
	KindTime: "time", KindTimeTZ: "time", KindTimestamp: "timestamp", KindTimestampTZ: "timestamp",
	KindIntervalDay: "interval day to second", KindIntervalYear: "interval year to month",
	KindIPAddress: "ipaddress", KindUUID: "uuid", KindArray: "array", KindMap: "map", KindRow: "row",
	KindFunction: "function",
}

// String returns the type as Trino writes it.
func (t *Type) String() string {
	name := kindNames[t.Kind]
	switch t.Kind {
	case KindDecimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case KindVarchar:
		if t.Length == Unbounded {
			return name
		}
		return fmt.Sprintf("varchar(%d)", t.Length)
	case KindChar:
		return fmt.Sprintf("char(%d)", t.Length)
	case KindTime, KindTimestamp:
		return fmt.Sprintf("%s(%d)", name, t.Precision)
	case KindTimeTZ, KindTimestampTZ:
		return fmt.Sprintf("%s(%d) with time zone", name, t.Precision)
	case KindRow:
		parts := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			parts[i] = e.String()
			if n := t.Names[i]; n != "" {
				parts[i] = rowFieldName(n) + " " + parts[i]
			}
		}
		return "row(" + strings.Join(parts, ", ") + ")"
	case KindArray, KindMap, KindFunction:
		parts := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			parts[i] = e.String()
		}
		sep := ", "
		if t.Kind == KindFunction {
			sep = ","
		}
		return name + "(" + strings.Join(parts, sep) + ")"
	default:
		return name
	}
}

// brief is String for messages, in which long rows are row(…).
func (t *Type) brief() string {
	const long = 80 // that of a user's identity has 900 characters
	s := t.String()
	if len(s) <= long {
		return s
	}
	if t.Kind == KindRow {
		return "row(…)"
	}
	parts := make([]string, len(t.Elems))
	for i, e := range t.Elems {
		parts[i] = e.brief()
	}
	return kindNames[t.Kind] + "(" + strings.Join(parts, ", ") + ")"
}

// rowFieldName writes a field's name, in quotes where Trino needs them.
func rowFieldName(n string) string {
	for i, r := range n {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return quoteIdent(n)
		}
	}
	return n
}
