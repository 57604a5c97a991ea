package dialect

import (
	"slices"
	"strings"
	"unicode"

	"traillake/engine/dialect/syntax"
)

// scope is what names can mean in one query: the columns of its FROM, and then those
// of the queries around it.
type scope struct {
	parent *scope
	fields []scopeField
	// outputs are the outputs of the SELECT, for ORDER BY, which sees them first.
	outputs []Column
	// output makes the node for an output.
	output func(i int) Expr
	// setOp is the set operation whose outputs these are, "" for none.
	setOp string
	// items are the select list, whose aliases mean nothing before ORDER BY.
	items []syntax.SelectItem
}

// scopeField is a column in sight.
type scopeField struct {
	// qualifier is the relation's alias, or the parts of its name; nil for columns
	// of USING, which belong to no relation.
	qualifier []string
	name      string
	typ       *Type
	hidden    bool
	// make returns a new node for the column.
	make func() Expr
}

// relationFields returns the fields of a relation's columns.
func relationFields(id int, qualifier []string, cols []Column) []scopeField {
	fields := make([]scopeField, len(cols))
	for i, c := range cols {
		fields[i] = scopeField{qualifier: qualifier, name: c.Name, typ: c.Type, hidden: c.Hidden,
			make: func() Expr { return &ColRef{Rel: id, Index: i, Typ: c.Type, Name: c.Name} }}
	}
	return fields
}

// matches says whether the parts of a name, of which the last is the column's, name
// the field.
func (f *scopeField) matches(parts []string) bool {
	last := len(parts) - 1
	if f.name == "" || !strings.EqualFold(f.name, parts[last]) {
		return false
	}
	return f.qualifiedBy(parts[:last])
}

// qualifiedBy says whether the parts are the end of the relation's name.
func (f *scopeField) qualifiedBy(parts []string) bool {
	n := len(f.qualifier) - len(parts)
	if n < 0 {
		return false
	}
	for i, p := range parts {
		if !strings.EqualFold(f.qualifier[n+i], p) {
			return false
		}
	}
	return true
}

// lookup returns what a name means in the scope or those around it; nil for nothing.
// Outputs are in sight in the ORDER BY itself, and not in queries inside of it.
func (a *analyzer) lookup(s *scope, parts []string, at syntax.Span) Expr {
	for first := s; s != nil; s = s.parent {
		if len(parts) == 1 && s == first && s.outputs != nil {
			var found []int
			for i, c := range s.outputs {
				if c.Name != "" && strings.EqualFold(c.Name, parts[0]) {
					found = append(found, i)
				}
			}
			if len(found) > 1 {
				return a.ambiguous(parts, at)
			}
			if len(found) == 1 {
				return s.output(found[0])
			}
		}
		var found *scopeField
		for i := range s.fields {
			if !s.fields[i].matches(parts) {
				continue
			}
			if found != nil {
				return a.ambiguous(parts, at)
			}
			found = &s.fields[i]
		}
		if found != nil {
			return a.column(found, at)
		}
	}
	return nil
}

func (a *analyzer) ambiguous(parts []string, at syntax.Span) Expr {
	return a.failed(at, CodeAmbiguousName, "put the name of the relation in front", "Column '%s' is ambiguous", strings.Join(parts, "."))
}

// column makes the node of a field.
func (a *analyzer) column(f *scopeField, at syntax.Span) Expr {
	e := f.make()
	walkExpr(e, func(x Expr) { a.note(x, at) })
	return e
}

// fieldAliases are spellings of row fields that are taken for another: AWS's schema
// misspells one.
var fieldAliases = map[string]string{"credentialsissuedto": "credentiaisissuedto"}

// internalColumns are the columns that files and tables have beside those that are told: ours,
// and those of Trino's connectors.
var internalColumns = map[string]bool{
	"_raw": true, "$path": true, "$bucket": true, "$file_size": true, "$file_modified_time": true, "$partition": true,
	"$row_id": true, "$data": true, "$properties": true,
}

// missing fails for a name that means nothing.
func (a *analyzer) missing(s *scope, parts []string, at syntax.Span) Expr {
	name := strings.Join(parts, ".")
	last := strings.ToLower(parts[len(parts)-1])
	if internalColumns[last] {
		return a.failed(at, CodeNotSupported, "", "Column '%s' is internal and cannot be named", name)
	}
	if last == "all" && len(parts) == 1 {
		return a.failed(at, CodeColumnNotFound, "GROUP BY and ORDER BY name their expressions", "Column '%s' cannot be resolved", name)
	}
	var known []string
	var fields []scopeField
	setOp, outputs := s.setOp, s.outputs
	for ; s != nil; s = s.parent {
		for _, it := range s.items {
			if it.Alias != nil && len(parts) == 1 && strings.EqualFold(it.Alias.Name, name) {
				return a.failed(at, CodeColumnNotFound, "an alias of the select list cannot be used here; repeat its expression, or use a sub-query", "Column '%s' cannot be resolved", name)
			}
		}
		fields = append(fields, s.fields...)
		for _, f := range s.fields {
			known = append(known, f.name)
			if len(parts) > 1 && f.qualifier != nil {
				known = append(known, f.qualifier[len(f.qualifier)-1]+"."+f.name)
			}
			if f.typ.Kind == KindRow {
				for _, n := range f.typ.Names {
					known = append(known, f.name+"."+n)
				}
			}
		}
	}
	hint := partitionHint(last, known)
	if hint == "" && len(parts) > 1 {
		hint = unqualifiedHint(fields, parts)
	}
	quoted := a.text[at.Start] == '"' && len(parts) == 1
	if hint == "" && !(quoted && strings.ContainsFunc(name, neverInNames)) {
		hint = didYouMean(name, known)
	}
	if hint == "" && quoted {
		hint = "double quotes make a name; texts stand in single quotes: '" + name + "'"
	}
	switch {
	case setOp != "":
		hint = outputsHint(setOp, outputs)
	case hint != "" || len(parts) != 1:
	case len(known) == 0:
		hint = "there is no FROM to take columns from"
	default:
		hint = "a text stands in single quotes: '" + name + "'"
	}
	return a.failed(at, CodeColumnNotFound, hint, "Column '%s' cannot be resolved", name)
}

// unqualifiedHint says that a name is that of a column without what stands in front of it, ""
// where it is not that.
func unqualifiedHint(fields []scopeField, parts []string) string {
	if strings.EqualFold(parts[0], "eventdata") {
		return "stores of configuration items and of events from outside AWS have it, which are none of Traillake's"
	}
	last := parts[len(parts)-1]
	for _, f := range fields {
		switch {
		case !strings.EqualFold(f.name, last):
		case f.qualifier == nil && len(parts) == 2:
			return "it belongs to no relation with a name: write " + f.name
		default:
			return "did you mean " + f.name + "?"
		}
	}
	return ""
}

// neverInNames says whether a character stands in texts rather than in names.
func neverInNames(r rune) bool {
	return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// didYouMean suggests one of the known names, or nothing.
func didYouMean(name string, known []string) string {
	known = slices.DeleteFunc(known, func(s string) bool { return s == "" || s == "." })
	for i, k := range known {
		known[i] = strings.ToLower(k)
	}
	name = strings.ToLower(name)
	s := closest(name, known)
	if i := slices.IndexFunc(known, func(k string) bool { return anagram(k, name) }); s == "" && i >= 0 {
		s = known[i]
	}
	if s == "" {
		return ""
	}
	return "did you mean " + s + "?"
}

// anagram says whether two names have the same letters: swapped ones are common.
func anagram(a, b string) bool {
	if len(a) != len(b) || len(a) < 4 {
		return false
	}
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}
