package engine

import (
	"strings"

	"traillake/schema"
)

// eventJSON returns the expression of a record's text: what was delivered, or the
// canonical text rebuilt from the columns of table p. Absent members are left out,
// JSON blocks stand as they are, an empty struct is {}.
func eventJSON(p string) string {
	return "coalesce(" + p + "." + quoteName(schema.ColRaw) + ", " + object(p, schema.DeliveredColumns()) + ")"
}

// object returns the text of an object with the given members of p.
func object(p string, members []schema.Column) string {
	parts := make([]string, len(members))
	for i, m := range members {
		// NULL when the value is: concat_ws passes over it.
		parts[i] = quoteText(`"`+m.Key+`":`) + " || " + jsonText(p+"."+quoteName(m.Name), m)
	}
	return "'{' || concat_ws(',', " + strings.Join(parts, ", ") + ") || '}'"
}

// jsonText returns the JSON text of a column, NULL where it is NULL.
func jsonText(p string, c schema.Column) string {
	switch c.Kind {
	case schema.KindBool:
		return "CAST(" + p + " AS VARCHAR)"
	case schema.KindTimestamp:
		return "strftime(" + p + `, '"%Y-%m-%dT%H:%M:%SZ"')`
	case schema.KindJSON:
		return p
	case schema.KindStruct:
		return "CASE WHEN " + p + " IS NOT NULL THEN " + object(p, c.Delivered()) + " END"
	case schema.KindList:
		return "'[' || array_to_string(list_transform(" + p + ", lambda r : " + entry("r", c) + "), ',') || ']'"
	default:
		// Escapes exactly what the canonical form escapes.
		return "CAST(to_json(" + p + ") AS VARCHAR)"
	}
}

// entry returns the text of an entry of resources, which AWS delivers in one of two
// orders.
func entry(p string, c schema.Column) string {
	members := c.Delivered()
	first := make([]schema.Column, 0, len(members))
	var rest []schema.Column
	for _, m := range members {
		if m.Name == "arn" || m.Name == "arnprefix" {
			first = append(first, m)
		} else {
			rest = append(rest, m)
		}
	}
	return "CASE WHEN " + p + ".arnfirst THEN " + object(p, append(first, rest...)) + " ELSE " + object(p, members) + " END"
}
