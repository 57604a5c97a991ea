package dialect

import "reflect"

// SameExpr says whether two expressions are the same once names are resolved. The
// places in the text do not count.
func SameExpr(a, b Expr) bool { return sameValue(reflect.ValueOf(a), reflect.ValueOf(b)) }

var typeOfType = reflect.TypeFor[*Type]()

func sameValue(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		if a.Type() == typeOfType {
			return a.Interface().(*Type).Equal(b.Interface().(*Type))
		}
		if a.Kind() == reflect.Pointer && a.Pointer() == b.Pointer() {
			return true
		}
		return sameValue(a.Elem(), b.Elem())
	case reflect.Struct:
		if c, ok := a.Interface().(ColRef); ok {
			d := b.Interface().(ColRef)
			return c.Rel == d.Rel && c.Index == d.Index
		}
		if a.Type() == reflect.TypeFor[Query]() || a.Type() == reflect.TypeFor[Overload]() {
			return a.CanAddr() && b.CanAddr() && a.Addr().Pointer() == b.Addr().Pointer()
		}
		if a.Type().PkgPath() != typeOfType.Elem().PkgPath() {
			return reflect.DeepEqual(a.Interface(), b.Interface())
		}
		for i := range a.NumField() {
			if a.Type().Field(i).Name != "Pos" && !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
}
