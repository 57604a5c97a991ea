package report

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// schemaNode is what the test reads of a schema.
type schemaNode struct {
	Ref         string                `json:"$ref"`
	Type        string                `json:"type"`
	Format      string                `json:"format"`
	Const       string                `json:"const"`
	Description string                `json:"description"`
	Required    []string              `json:"required"`
	Properties  map[string]schemaNode `json:"properties"`
	Items       *schemaNode           `json:"items"`
	Enum        []string              `json:"enum"`
	Defs        map[string]schemaNode `json:"$defs"`
}

// TestSchemaIsTheReport compares the schema with the types: the same names, the same
// types, and required is what omitempty and omitzero do not leave out.
func TestSchemaIsTheReport(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(JSONSchema, &root); err != nil {
		t.Fatal(err)
	}
	if got := root.Properties["schema"].Const; got != Schema {
		t.Errorf("the schema is of %s, not %s", got, Schema)
	}
	var check func(path string, n schemaNode, typ reflect.Type)
	check = func(path string, n schemaNode, typ reflect.Type) {
		if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
			n = root.Defs[name]
		}
		want := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Bool: "boolean", reflect.Struct: "object", reflect.Map: "object", reflect.Slice: "array"}[typ.Kind()]
		switch {
		case typ == reflect.TypeFor[time.Time]():
			if n.Type != "string" || n.Format != "date-time" {
				t.Errorf("%s is %s %s, and a time", path, n.Type, n.Format)
			}
			return
		case typ == reflect.TypeFor[Cell](), n.Const != "":
			return
		case n.Type != want:
			t.Errorf("%s is %q, and %s", path, n.Type, typ)
			return
		}
		switch typ.Kind() {
		case reflect.Slice:
			if typ.Elem() != reflect.TypeFor[[]Cell]() {
				check(path+"[]", *n.Items, typ.Elem())
			}
		case reflect.Struct:
			if n.Description == "" {
				t.Errorf("%s is not described", path)
			}
			var required []string
			for i := range typ.NumField() {
				name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if options == "" {
					required = append(required, name)
				}
				p, ok := n.Properties[name]
				if !ok {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				check(path+"."+name, p, typ.Field(i).Type)
			}
			if len(n.Properties) != typ.NumField() {
				t.Errorf("%s has %d properties and %d fields", path, len(n.Properties), typ.NumField())
			}
			slices.Sort(required)
			slices.Sort(n.Required)
			if !slices.Equal(required, n.Required) {
				t.Errorf("%s requires %v, and always has %v", path, n.Required, required)
			}
		}
	}
	check("report", root, reflect.TypeFor[Report]())
	verdicts := root.Defs["control"].Properties["verdict"].Enum
	if len(verdicts) != len(Verdicts()) {
		t.Errorf("the verdicts of the schema are %v", verdicts)
	}
}
