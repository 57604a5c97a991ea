package dialect

import (
	"strings"

	"traillake/engine/dialect/syntax"
)

// maxOutputs and maxFields bound the outputs of a SELECT and the columns of its FROM:
// named queries that join each other twice and select * would double them each time.
// People's queries stay below a tenth of that.
const (
	maxOutputs = 2_000
	maxFields  = 10_000
)

// selectQuery analyzes one SELECT into the body of res, and returns the scope of its
// ORDER BY, whose expressions it has analyzed into res already, for they take part in
// the grouping.
func (a *analyzer) selectQuery(s *syntax.Select, order []syntax.SortItem, res *Query, parent *scope) *scope {
	sel := &Select{Distinct: s.Distinct}
	res.Body = sel
	from := &scope{parent: parent, items: s.Items}
	if s.From != nil {
		sel.From, from.fields = a.from(s.From, parent)
	}
	if s.Where != nil {
		sel.Where = a.clause("WHERE clause", from).condition(s.Where, "WHERE clause must evaluate to a boolean")
	}
	x := a.clause("SELECT clause", from)
	x.aggregates, x.windows = true, true
	x.named = a.namedWindows(s.Windows)
	for _, it := range s.Items {
		a.selectItem(it, x, sel, res, from)
	}
	if len(sel.Items) > maxOutputs {
		a.fail(s.At(), CodeTooLarge, "name the columns that are needed", "SELECT has %d columns, more than %d", len(sel.Items), maxOutputs)
	}
	if len(sel.Items) == 0 {
		a.fail(s.At(), CodeColumnNotFound, "", "SELECT * not allowed from relation that has no columns")
		sel.Items, res.Columns = []Expr{&Literal{Typ: Unknown}}, []Column{{Type: Unknown}}
	}
	var group *grouper
	if s.Group != nil {
		group = a.groupBy(s.Group, s.Items, sel, from)
	}
	if s.Having != nil {
		h := a.clause("HAVING clause", from)
		h.aggregates = true
		sel.Having = h.condition(s.Having, "HAVING clause must evaluate to a boolean")
	}
	outputs := &scope{parent: from, outputs: res.Columns, output: a.outputRef(res)}
	a.sortSelect(order, sel, res, x, outputs)
	a.group(s, sel, res, group, from)
	if s.Distinct {
		for i, c := range res.Columns {
			if !c.Type.Comparable() {
				a.fail(s.Items[min(i, len(s.Items)-1)].At(), CodeTypeMismatch, "", "DISTINCT can only be applied to comparable types (actual: %s)", c.Type)
			}
		}
		a.distinctOrder(order, sel, res)
	}
	return outputs
}

func (a *analyzer) selectItem(it syntax.SelectItem, x *exprAnalyzer, sel *Select, res *Query, from *scope) {
	if it.Star {
		a.star(it, x, sel, res, from)
		return
	}
	e := x.expr(it.X)
	if e.Type().Kind == KindFunction {
		a.fail(it.At(), CodeTypeMismatch, "", "a lambda cannot be selected")
	}
	name := ""
	if it.Alias != nil {
		name = it.Alias.Name
	} else {
		name = a.outputName(it.X, e)
	}
	sel.Items = append(sel.Items, e)
	res.Columns = append(res.Columns, Column{Name: name, Type: e.Type()})
}

// outputName is the name of an output without an alias: a column's as typed, a row
// field's in lower case, and none for anything else.
func (a *analyzer) outputName(x syntax.Expr, e Expr) string {
	switch x := x.(type) {
	case *syntax.ColumnRef:
		return x.Name
	case *syntax.Deref:
		if _, ok := e.(*Deref); ok {
			return strings.ToLower(x.Field.Name)
		}
		return x.Field.Name
	}
	return ""
}

// star writes out *, relation.* and row.*.
func (a *analyzer) star(it syntax.SelectItem, x *exprAnalyzer, sel *Select, res *Query, from *scope) {
	add := func(name string, e Expr) {
		sel.Items = append(sel.Items, e)
		res.Columns = append(res.Columns, Column{Name: name, Type: e.Type()})
	}
	first := len(res.Columns)
	if it.X == nil {
		if from.fields == nil {
			a.fail(it.At(), CodeColumnNotFound, "", "SELECT * not allowed in queries without FROM clause")
		}
		for i := range from.fields {
			if f := &from.fields[i]; !f.hidden {
				add(f.name, a.column(f, it.At()))
			}
		}
		return
	}
	if parts, _, ok := nameParts(it.X); ok {
		for s := from; s != nil; s = s.parent {
			found := false
			for i := range s.fields {
				if f := &s.fields[i]; f.qualifier != nil && f.qualifiedBy(parts) {
					found = true
					if !f.hidden {
						add(f.name, a.column(f, it.At()))
					}
				}
			}
			if found {
				a.renameOutputs(it, res, first)
				return
			}
		}
	}
	e := x.expr(it.X)
	if e.Type().Kind != KindRow {
		if a.err != nil && len(it.Columns) == 0 {
			if parts, _, ok := nameParts(it.X); ok && a.err.Code == CodeColumnNotFound {
				a.err.Message, a.err.Code, a.err.Hint = "Unable to resolve reference "+strings.Join(parts, "."), CodeTableNotFound, ""
			}
		}
		a.fail(it.At(), CodeTypeMismatch, "", "expected expression of type Row")
		return
	}
	names := e.Type().Names
	for i, field := range x.fieldsOf(it.X, e) {
		add(names[i], field)
	}
	a.renameOutputs(it, res, first)
}

// renameOutputs gives the outputs of x.* AS (…) their names.
func (a *analyzer) renameOutputs(it syntax.SelectItem, res *Query, first int) {
	if it.Columns == nil {
		return
	}
	if n := len(res.Columns) - first; n != len(it.Columns) {
		a.fail(it.At(), CodeMismatchedAliases, "", "Column alias list has %d entries but relation has %d columns", len(it.Columns), n)
		return
	}
	for i, id := range it.Columns {
		res.Columns[first+i].Name = id.Name
	}
}

// nameParts returns the parts of a name that is written a.b.c, and their places.
func nameParts(x syntax.Expr) (parts []string, spans []syntax.Span, ok bool) {
	switch x := x.(type) {
	case *syntax.ColumnRef:
		return []string{x.Name}, []syntax.Span{x.Span}, true
	case *syntax.Deref:
		parts, spans, ok = nameParts(x.X)
		if !ok {
			return nil, nil, false
		}
		return append(parts, x.Field.Name), append(spans, x.Span), true
	}
	return nil, nil, false
}
