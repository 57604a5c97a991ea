package syntax

import (
	"fmt"
	"reflect"
	"strings"
)

// dump writes a tree for goldens: one node a line, without the fields that are unset.
func dump(n any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(n), "", 0)
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value, label string, depth int) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	indent := strings.Repeat("  ", depth)
	switch v.Kind() {
	case reflect.Struct:
		if id, ok := v.Interface().(Ident); ok {
			q := ""
			if id.Quoted {
				q = " quoted"
			}
			fmt.Fprintf(b, "%s%s%s%s @%d-%d\n", indent, label, id.Name, q, id.Start, id.End)
			return
		}
		at := ""
		if n, ok := v.Interface().(Node); ok {
			at = fmt.Sprintf(" @%d-%d", n.At().Start, n.At().End)
		}
		scalars := ""
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			if f.IsZero() || name == "Span" || name == "OpAt" {
				continue
			}
			switch f.Kind() {
			case reflect.Bool:
				scalars += " " + name
			case reflect.String, reflect.Int, reflect.Int64, reflect.Float64, reflect.Uint8:
				scalars += fmt.Sprintf(" %s=%v", name, f.Interface())
			}
		}
		fmt.Fprintf(b, "%s%s%s%s%s\n", indent, label, v.Type().Name(), scalars, at)
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			if f.IsZero() || name == "Span" || name == "OpAt" {
				continue
			}
			switch f.Kind() {
			case reflect.Struct, reflect.Pointer, reflect.Interface, reflect.Slice:
				dumpValue(b, f, name+": ", depth+1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			fmt.Fprintf(b, "%s%s%x\n", indent, label, v.Bytes())
			return
		}
		if v.Len() == 0 {
			fmt.Fprintf(b, "%s%snone\n", indent, label)
		}
		for i := range v.Len() {
			dumpValue(b, v.Index(i), label, depth)
		}
	default:
		fmt.Fprintf(b, "%s%s%v\n", indent, label, v.Interface())
	}
}
