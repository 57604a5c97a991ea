package dialect

import "traillake/engine/dialect/syntax"

// sortSelect analyzes the ORDER BY of a SELECT. The outputs are in sight in front of
// the columns of FROM.
func (a *analyzer) sortSelect(order []syntax.SortItem, sel *Select, res *Query, x *exprAnalyzer, outputs *scope) {
	y := *x
	y.where, y.scope = "ORDER BY clause", outputs
	for _, s := range order {
		res.OrderBy = append(res.OrderBy, a.sortItem(s, &y, res))
	}
}

// orderBy analyzes the ORDER BY of what is no SELECT: of its outputs alone.
func (a *analyzer) orderBy(q *syntax.Query, res *Query, outputs *scope) {
	if _, ok := res.Body.(*Select); ok && len(res.OrderBy) == len(q.OrderBy) {
		return
	}
	x := a.clause("ORDER BY clause", outputs)
	for _, s := range q.OrderBy {
		res.OrderBy = append(res.OrderBy, a.sortItem(s, x, res))
	}
}

func (a *analyzer) sortItem(s syntax.SortItem, x *exprAnalyzer, res *Query) SortItem {
	item := SortItem{Desc: s.Desc, NullsFirst: s.Nulls == syntax.NullsFirst}
	if n, ok := s.X.(*syntax.IntLit); ok {
		if n.Value < 1 || n.Value > int64(len(res.Columns)) {
			item.X = a.failed(n.At(), CodeInvalidColumnRef, "", "ORDER BY position %d is not in select list", n.Value)
			return item
		}
		item.X = a.note(&OutputRef{Index: int(n.Value) - 1, Typ: res.Columns[n.Value-1].Type}, n.At())
	} else {
		item.X = x.expr(s.X)
	}
	a.orderable(item.X, s.X.At())
	return item
}

func (a *analyzer) orderable(e Expr, at syntax.Span) {
	if t := e.Type(); !t.Orderable() {
		a.fail(at, CodeTypeMismatch, orderHint(t), "Type %s is not orderable, and therefore cannot be used in ORDER BY: %s", t, a.source(at))
	}
}

func orderHint(t *Type) string {
	switch t.Kind {
	case KindMap:
		return "order by one entry, as element_at(map, 'key')"
	case KindJSON:
		return "use json_format or CAST(… AS varchar)"
	}
	return ""
}

// distinctOrder sees to it that a SELECT DISTINCT is ordered by its outputs only.
func (a *analyzer) distinctOrder(order []syntax.SortItem, sel *Select, res *Query) {
	for i, s := range res.OrderBy {
		if _, ok := s.X.(*OutputRef); ok {
			continue
		}
		found := false
		for k, item := range sel.Items {
			if sameExpr(item, s.X) {
				res.OrderBy[i].X = &OutputRef{Index: k, Typ: item.Type()}
				found = true
				break
			}
		}
		if !found {
			a.fail(order[i].X.At(), CodeNotInDistinct, "", "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
	}
}
