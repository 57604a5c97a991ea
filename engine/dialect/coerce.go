package dialect

// The rules of implicit coercion are those of Trino's TypeCoercion.

// CommonType returns the type that values of both types coerce to, or false when
// there is none.
func CommonType(a, b *Type) (*Type, bool) {
	switch {
	case a.Equal(b):
		if a.Zone != b.Zone {
			return a.InZone(""), true
		}
		return a, true
	case a.Kind == KindUnknown:
		return b, true
	case b.Kind == KindUnknown:
		return a, true
	case a.Kind == b.Kind:
		return commonParameters(a, b)
	}
	if c := widen(a, b); c != nil {
		return CommonType(c, b)
	}
	if c := widen(b, a); c != nil {
		return CommonType(a, c)
	}
	return nil, false
}

// CanCoerce says whether a value of type from may stand where to is wanted.
func CanCoerce(from, to *Type) bool {
	c, ok := CommonType(from, to)
	return ok && c.Equal(to)
}

// commonParameters is CommonType for types of one kind.
func commonParameters(a, b *Type) (*Type, bool) {
	switch a.Kind {
	case KindVarchar:
		if a.Length == Unbounded || b.Length == Unbounded {
			return Varchar, true
		}
		return VarcharN(max(a.Length, b.Length)), true
	case KindChar:
		return CharN(max(a.Length, b.Length)), true
	case KindDecimal:
		s := max(a.Scale, b.Scale)
		return Decimal(min(38, max(a.Precision-a.Scale, b.Precision-b.Scale)+s), s), true
	case KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		c := &Type{Kind: a.Kind, Precision: max(a.Precision, b.Precision)}
		if a.Zone == b.Zone {
			c.Zone = a.Zone
		}
		return c, true
	case KindArray, KindMap, KindRow, KindFunction:
		return commonElements(a, b)
	}
	return a, true
}

func commonElements(a, b *Type) (*Type, bool) {
	if len(a.Elems) != len(b.Elems) {
		return nil, false
	}
	c := &Type{Kind: a.Kind, Elems: make([]*Type, len(a.Elems))}
	for i := range a.Elems {
		e, ok := CommonType(a.Elems[i], b.Elems[i])
		if !ok {
			return nil, false
		}
		c.Elems[i] = e
	}
	if a.Kind == KindRow {
		c.Names = make([]string, len(a.Names))
		for i, n := range a.Names {
			if n == b.Names[i] {
				c.Names[i] = n
			}
		}
	}
	return c, true
}

// integerBits are the bits of an integer type.
var integerBits = map[TypeKind]int{KindTinyint: 8, KindSmallint: 16, KindInteger: 32, KindBigint: 64}

// integerDigits are the digits of the integer types as decimals.
var integerDigits = map[TypeKind]int{KindTinyint: 3, KindSmallint: 5, KindInteger: 10, KindBigint: 19}

// widen returns the type of to's kind that from coerces to, or nil.
func widen(from, to *Type) *Type {
	switch from.Kind {
	case KindTinyint, KindSmallint, KindInteger, KindBigint:
		switch {
		case to.IsInteger() && to.Kind > from.Kind, to.Kind == KindReal, to.Kind == KindDouble:
			return to
		case to.Kind == KindDecimal:
			return Decimal(integerDigits[from.Kind], 0)
		}
	case KindDecimal:
		if to.Kind == KindReal || to.Kind == KindDouble {
			return to
		}
	case KindReal:
		if to.Kind == KindDouble {
			return to
		}
	case KindDate:
		switch to.Kind {
		case KindTimestamp:
			return Timestamp(0)
		case KindTimestampTZ:
			return TimestampTZ(0) // of the session, whose zone is UTC
		}
	case KindTime:
		if to.Kind == KindTimeTZ {
			return TimeTZ(from.Precision)
		}
	case KindTimestamp:
		if to.Kind == KindTimestampTZ {
			return TimestampTZ(from.Precision)
		}
	case KindChar:
		if to.Kind == KindVarchar && (to.Length == Unbounded || to.Length > maxChar) {
			return VarcharN(from.Length)
		}
	case KindVarchar:
		if to.Kind == KindChar && from.Length != Unbounded && from.Length <= maxChar {
			return CharN(max(from.Length, 1))
		}
	}
	return nil
}

// maxChar is the longest char.
const maxChar = 65536

// CanCast says whether CAST from one type to the other exists.
func CanCast(from, to *Type) bool {
	if from.Kind == KindUnknown || CanCoerce(from, to) {
		return true
	}
	scalar := func(t *Type) bool { return t.Kind == KindBoolean || t.IsNumeric() }
	switch to.Kind {
	case KindBoolean, KindTinyint, KindSmallint, KindInteger, KindBigint, KindReal, KindDouble, KindDecimal:
		return scalar(from) || from.Kind == KindVarchar || from.Kind == KindJSON
	case KindVarchar:
		switch from.Kind {
		case KindArray, KindMap, KindRow, KindFunction, KindVarbinary:
			return false
		case KindIPAddress, KindUUID:
			return to.Length == Unbounded
		}
		return true
	case KindChar:
		return from.Kind == KindVarchar || from.Kind == KindChar
	case KindVarbinary:
		return from.Kind == KindVarchar || from.Kind == KindIPAddress || from.Kind == KindUUID
	case KindJSON:
		return castsToJSON(from)
	case KindDate:
		return from.Kind == KindVarchar || from.Kind == KindTimestamp || from.Kind == KindTimestampTZ
	case KindTime, KindTimeTZ:
		return from.Kind == KindVarchar || from.IsTemporal() && from.Kind != KindDate
	case KindTimestamp, KindTimestampTZ:
		return from.Kind == KindVarchar || from.IsTemporal() && from.Kind != KindTime && from.Kind != KindTimeTZ
	case KindIPAddress, KindUUID:
		return from.Kind == KindVarchar || from.Kind == KindVarbinary
	case KindArray, KindMap, KindRow:
		if from.Kind == KindJSON {
			return castsFromJSON(to)
		}
		if from.Kind != to.Kind || len(from.Elems) != len(to.Elems) {
			return false
		}
		for i := range from.Elems {
			if !CanCast(from.Elems[i], to.Elems[i]) {
				return false
			}
		}
		return true
	}
	return from.Kind == to.Kind
}

// castsToJSON says whether JSON can hold values of the type.
func castsToJSON(t *Type) bool {
	switch t.Kind {
	case KindUnknown, KindBoolean, KindTinyint, KindSmallint, KindInteger, KindBigint, KindReal, KindDouble,
		KindDecimal, KindVarchar, KindJSON, KindDate, KindTimestamp:
		return true
	case KindArray:
		return castsToJSON(t.Elem())
	case KindMap:
		k := t.Key()
		return (k.Kind == KindUnknown || k.Kind == KindBoolean || k.IsNumeric() || k.Kind == KindVarchar) && castsToJSON(t.Value())
	case KindRow:
		for _, e := range t.Elems {
			if !castsToJSON(e) {
				return false
			}
		}
		return true
	}
	return false
}

func castsFromJSON(t *Type) bool {
	switch t.Kind {
	case KindBoolean, KindTinyint, KindSmallint, KindInteger, KindBigint, KindReal, KindDouble, KindDecimal,
		KindVarchar, KindJSON:
		return true
	case KindArray:
		return castsFromJSON(t.Elem())
	case KindMap:
		k := t.Key()
		return (k.Kind == KindBoolean || k.IsNumeric() || k.Kind == KindVarchar) && castsFromJSON(t.Value())
	case KindRow:
		for _, e := range t.Elems {
			if !castsFromJSON(e) {
				return false
			}
		}
		return true
	}
	return false
}
