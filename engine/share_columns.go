package engine

import (
	"slices"
	"strings"

	"traillake/schema"
)

// columns lists the stored columns that the readers read, of structs the members alone that
// they name: to read userIdentity whole takes a third of the time of a copy.
func (s *sharing) columns(readers []reader) string {
	var list []string
	for _, c := range schema.Stored() {
		var statements []string
		for _, r := range readers {
			if s.reads(r, c.Name) {
				statements = append(statements, s.requests[r.request].plan.sql)
			}
		}
		if statements != nil {
			list = append(list, narrowed(quoteName(c.Name), c, statements)+" AS "+quoteName(c.Name))
		}
	}
	if list == nil {
		list = append(list, quoteName(schema.ColEventName))
	}
	return strings.Join(list, ", ")
}

// narrowed writes a struct with those members alone that statements name, and all of it
// where one of them names it without a member. It stands as well where the struct is NULL:
// its members are NULL then, and nobody asks more of it.
func narrowed(path string, c schema.Column, statements []string) string {
	whole := func(sql string) bool {
		after := strings.Split(sql, path)[1:]
		return slices.ContainsFunc(after, func(rest string) bool { return !strings.HasPrefix(rest, `."`) })
	}
	if c.Kind != schema.KindStruct || slices.ContainsFunc(statements, whole) {
		return path
	}
	var members []string
	for _, m := range c.Members {
		at := path + "." + quoteName(m.Name)
		if slices.ContainsFunc(statements, func(sql string) bool { return strings.Contains(sql, at) }) {
			members = append(members, quoteName(m.Name)+" := "+narrowed(at, m, statements))
		}
	}
	if members == nil {
		return path
	}
	return "struct_pack(" + strings.Join(members, ", ") + ")"
}
