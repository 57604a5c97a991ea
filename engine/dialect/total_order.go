package dialect

import "slices"

// OrderTotally leaves nothing of a query to the order in which rows happen to come, so that
// the same rows give the same answer each time. All outputs are added to its ORDER BY, behind
// what it is ordered by already, so that rows that differ come in one order only, and LIMIT
// takes the same ones every time; so it is with the queries inside that have a LIMIT. An
// aggregate whose value depends on the order of its rows meets them in the order of its
// arguments, behind its own ORDER BY, and a window tells rows apart that its ORDER BY does not.
//
// FETCH FIRST WITH TIES means the given order and no other, and keeps it. What is left is an
// aggregate like avg(double), or array_agg, over a window with ORDER BY and no frame of ROWS:
// where rows tie, they come in any order. To sort them for each row anew takes DuckDB a minute for
// some ten thousands. An aggregate of DISTINCT values that queries give is left as well.
func (q *Query) OrderTotally() {
	q.orderOutputs()
	q.orderInside()
	walkQuery(q, func(e Expr) {
		if s := subquery(e); s != nil {
			s.orderInside()
		}
	})
}

func (q *Query) orderOutputs() {
	if q.Ties {
		return
	}
	by := map[int]bool{}
	for _, o := range q.OrderBy {
		if r, ok := o.X.(*OutputRef); ok {
			by[r.Index] = true
		}
	}
	for i, c := range q.Columns {
		if !by[i] {
			q.OrderBy = append(q.OrderBy, SortItem{X: &OutputRef{Index: i, Typ: c.Type}})
		}
	}
}

// orderInside does what OrderTotally does but for the outputs, and for the queries in expressions.
func (q *Query) orderInside() {
	if q.Limit != nil || q.Offset != nil {
		q.orderOutputs()
	}
	for _, c := range q.With {
		c.Query.orderInside()
	}
	switch b := q.Body.(type) {
	case *Query:
		b.orderInside()
	case *SetOp:
		b.Left.orderInside()
		b.Right.orderInside()
	case *Select:
		orderRelation(b.From)
		if b.Group != nil {
			for _, a := range b.Group.Aggs {
				a.orderTotally()
			}
		}
		orderWindows(q, b)
	}
}

func orderRelation(r Relation) {
	switch r := r.(type) {
	case *Derived:
		r.Query.orderInside()
	case *Join:
		orderRelation(r.Left)
		orderRelation(r.Right)
	case *Sample:
		orderRelation(r.Rel)
	}
}

func (a *Agg) orderTotally() {
	if !a.Fn.ByOrder {
		return
	}
	if a.Distinct && slices.ContainsFunc(a.Args, func(x Expr) bool { return relationsOf(x) == nil }) {
		return // DuckDB wants the keys to be arguments, and finds no query equal to another
	}
	a.Total = slices.ContainsFunc(a.Args, func(x Expr) bool { return !isConstant(x) && !sortedBy(a.OrderBy, x) })
}

func sortedBy(items []SortItem, x Expr) bool {
	return slices.ContainsFunc(items, func(s SortItem) bool { return sameExpr(s.X, x) })
}

// orderWindows orders the rows of the windows of a SELECT by all that it reads of them: rows that
// are equal in that can stand for each other.
func orderWindows(q *Query, s *Select) {
	exprs := slices.Clone(s.Items)
	for _, o := range q.OrderBy {
		exprs = append(exprs, o.X)
	}
	local := map[int]bool{}
	localRelations(s.From, local)
	var windows []*Window
	var reads []Expr
	for _, x := range exprs {
		walkExpr(x, func(x Expr) {
			if w, ok := x.(*Window); ok {
				windows = append(windows, w)
			}
		})
		reads = appendReads(reads, x, func(x Expr) Expr {
			switch x := x.(type) {
			case *ColRef:
				if local[x.Rel] {
					return x
				}
			case *GroupRef:
				if x.Outer != nil && x.Outer == s.Group {
					return &GroupRef{Index: x.Index, Typ: x.Typ}
				}
			}
			return nil
		})
	}
	for _, w := range windows {
		switch rows := w.Frame != nil && w.Frame.Unit == FrameRows; {
		case ranks[w.Fn.Name] && w.Fn.Name != "row_number" && w.Fn.Name != "ntile":
			// Rows that tie have the same rank.
		case (w.Fn.Name == "any_value" || len(w.Args) == 2 && (w.Fn.Name == "max_by" || w.Fn.Name == "min_by")) && len(w.OrderBy) == 0 && !rows:
			w.Total = true // the least of the frame, whatever its order
		case rows, w.Fn.Name == "row_number", w.Fn.Name == "ntile", w.Fn.Name == "lag", w.Fn.Name == "lead":
			for _, x := range reads {
				if !sortedBy(w.Order, x) && !slices.ContainsFunc(w.PartitionBy, func(p Expr) bool { return sameExpr(p, x) }) {
					w.Order = append(w.Order, SortItem{X: x})
				}
			}
		case w.Fn.Kind == WindowOnly: // first_value and its like
			w.OrderBy, w.Total = w.Order, true
		case len(w.Order) == 0:
			w.orderTotally()
		}
	}
}

// appendReads adds the columns, and fields of them, that an expression reads of its rows, those that
// are in the list left out. Outer returns what stands in a query for one, nil for what does not.
func appendReads(list []Expr, e Expr, outer func(Expr) Expr) []Expr {
	add := func(e Expr) {
		if !slices.ContainsFunc(list, func(y Expr) bool { return sameExpr(e, y) }) {
			list = append(list, e)
		}
	}
	x := e
	for {
		d, ok := x.(*Deref)
		if !ok {
			break
		}
		x = d.X
	}
	switch x.(type) {
	case *ColRef, *GroupRef, *AggRef, *GroupingRef:
		add(e)
		return list
	}
	if q := subquery(e); q != nil {
		walkQuery(q, func(x Expr) {
			if o := outer(x); o != nil {
				add(o)
			}
		})
	}
	eachChild(e, func(x *Expr) { list = appendReads(list, *x, outer) })
	return list
}
