package engine

import (
	"testing"

	"traillake/schema"
)

func TestNarrowed(t *testing.T) {
	text := func(name string) schema.Column { return schema.Column{Name: name, Kind: schema.KindString} }
	c := schema.Column{Name: "u", Kind: schema.KindStruct, Members: []schema.Column{
		text("a"), text("ab"), {Name: "s", Kind: schema.KindStruct, Members: []schema.Column{text("x"), text("y")}},
	}}
	for _, tt := range []struct {
		statements []string
		want       string
	}{
		{[]string{`t0."u"."a"`}, `struct_pack("a" := "u"."a")`},
		{[]string{`t0."u"."ab" = 1`, `f("u"."s"."y")`}, `struct_pack("ab" := "u"."ab", "s" := struct_pack("y" := "u"."s"."y"))`},
		{[]string{`t0."u"."s" IS NULL AND t0."u"."s"."x" = 1`}, `struct_pack("s" := "u"."s")`},
		{[]string{`t0."u"."a"`, `t0."u" IS NULL`}, `"u"`},
		{[]string{`SELECT t0."u"`}, `"u"`},
		{[]string{`SELECT *`}, `"u"`},
	} {
		if got := narrowed(`"u"`, c, tt.statements); got != tt.want {
			t.Errorf("%q: %s, not %s", tt.statements, got, tt.want)
		}
	}
}
