package engine

import (
	"fmt"
	"slices"
	"strings"
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

// TestMoved says which readers of few rows read the others' copy, for the columns that each
// reads.
func TestMoved(t *testing.T) {
	for _, tt := range []struct{ few, some, stay, others string }{
		{"resources requestparameters, requestparameters, errorcode", "resources requestparameters, awsregion", "1 2", "3 4 0"},
		{"resources, resources, errorcode", "resources, awsregion", "0 1 2", "3 4"},
		{"resources responseelements, errorcode", "resources, awsregion", "0 1", "2 3"},
		{"resources responseelements, errorcode", "resources, responseelements", "1", "2 3 0"},
		{"resources, responseelements, errorcode", "resources, responseelements", "2", "3 4 1 0"},
		{"resources, errorcode", "resources", "0 1", "2"},
		{"errorcode, awsregion", "errorcode, resources", "0 1", "2 3"},
	} {
		s := &sharing{Batch: &Batch{}}
		readers := func(columns string) (list []reader) {
			for read := range strings.SplitSeq(columns, ", ") {
				list = append(list, reader{request: len(s.requests)})
				s.requests = append(s.requests, batchRequest{plan: &plan{tables: []planTable{{
					reads: func(c string) bool { return slices.Contains(strings.Fields(read), c) },
				}}}})
			}
			return list
		}
		names := func(list []reader) string {
			var numbers []string
			for _, r := range list {
				numbers = append(numbers, fmt.Sprint(r.request))
			}
			return strings.Join(numbers, " ")
		}
		stay, others := s.moved(readers(tt.few), readers(tt.some))
		if names(stay) != tt.stay || names(others) != tt.others {
			t.Errorf("%s; %s: %s and %s, not %s and %s", tt.few, tt.some, names(stay), names(others), tt.stay, tt.others)
		}
	}
}
