package dialect

import (
	"reflect"
	"slices"

	"traillake/engine/dialect/syntax"
)

const (
	// maxGroupingSets is a quarter of Trino's limit: DuckDB (version 1.5.5) takes more than 2 MB for each set,
	// over two rows, too, and a time that grows with their square.
	maxGroupingSets = 512
	// maxGroupingCells bounds sets times keys.
	maxGroupingCells = 204_800
	fewerSets        = "write fewer keys in CUBE and ROLLUP, or GROUPING SETS with the groups that you read"
)

// groupingCall is GROUPING(…) until it becomes a GroupingRef.
type groupingCall struct {
	args []Expr
	at   syntax.Span
}

// Type is integer, as for all calls of up to 31 arguments.
func (*groupingCall) Type() *Type { return Integer }

// grouper collects the grouping of a SELECT and then rewrites its expressions.
type grouper struct {
	a    *analyzer
	g    *Grouping
	keys map[string]int
	aggs map[string]int
	// roots are the kinds of nodes that keys begin with: no other can be a key.
	roots map[reflect.Type]bool
	// local are the relations of the SELECT's own FROM.
	local map[int]bool
}

func newGrouper(a *analyzer) *grouper {
	return &grouper{a: a, g: &Grouping{}, keys: map[string]int{}, aggs: map[string]int{}, roots: map[reflect.Type]bool{}}
}

// groupBy analyzes GROUP BY into keys and sets.
func (a *analyzer) groupBy(by *syntax.GroupBy, items []syntax.SelectItem, sel *Select, from *scope) *grouper {
	gr := newGrouper(a)
	x := a.clause("GROUP BY clause", from)
	plain := true
	sets := [][]int{{}}
	for _, el := range by.Elements {
		var parts [][]int // the sets in the element's parentheses
		for _, s := range el.Sets {
			set := []int{}
			for _, e := range s {
				set = union(set, []int{gr.key(e, items, sel, x)})
			}
			parts = append(parts, set)
		}
		alternatives := parts
		switch el.Kind {
		case syntax.GroupRollup:
			alternatives = rollup(parts)
		case syntax.GroupCube:
			if len(parts) > 9 { // 2^9 = maxGroupingSets
				a.fail(el.At(), CodeTooManyGroupingSets, fewerSets, "GROUP BY has more than %d grouping sets", maxGroupingSets)
				return gr
			}
			alternatives = cube(parts)
		}
		if el.Kind != syntax.GroupSimple {
			plain = false
		}
		if n := len(sets) * len(alternatives); n > maxGroupingSets || n*len(gr.g.Keys) > maxGroupingCells && n > 1 {
			a.fail(by.At(), CodeTooManyGroupingSets, fewerSets, "GROUP BY has more than %d grouping sets", maxGroupingSets)
			return gr
		}
		var product [][]int
		for _, s := range sets {
			for _, alt := range alternatives {
				product = append(product, union(s, alt))
			}
		}
		sets = product
	}
	if plain {
		return gr
	}
	if by.Distinct {
		var unique [][]int
		for _, s := range sets {
			sorted := slices.Sorted(slices.Values(s))
			if !slices.ContainsFunc(unique, func(u []int) bool { return slices.Equal(slices.Sorted(slices.Values(u)), sorted) }) {
				unique = append(unique, s)
			}
		}
		sets = unique
	}
	gr.g.Sets = sets
	return gr
}

// union returns the elements of both, each once.
func union(x, y []int) []int {
	out := slices.Clone(x)
	for _, v := range y {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if out == nil {
		out = []int{}
	}
	return out
}

// rollup returns all beginnings of the list, the longest first.
func rollup(parts [][]int) [][]int {
	var sets [][]int
	for n := len(parts); n >= 0; n-- {
		set := []int{}
		for _, p := range parts[:n] {
			set = union(set, p)
		}
		sets = append(sets, set)
	}
	return sets
}

// cube returns all choices from the list.
func cube(parts [][]int) [][]int {
	var sets [][]int
	for m := 1<<len(parts) - 1; m >= 0; m-- {
		set := []int{}
		for i, p := range parts {
			if m&(1<<(len(parts)-1-i)) != 0 {
				set = union(set, p)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// key analyzes a grouping expression and returns the index of its key.
func (gr *grouper) key(e syntax.Expr, items []syntax.SelectItem, sel *Select, x *exprAnalyzer) int {
	a := gr.a
	var key Expr
	if n, ok := e.(*syntax.IntLit); ok {
		if n.Value < 1 || n.Value > int64(len(sel.Items)) {
			a.fail(n.At(), CodeInvalidColumnRef, "", "GROUP BY position %d is not in select list", n.Value)
			return 0
		}
		key = sel.Items[n.Value-1]
		walkExpr(key, func(y Expr) {
			switch y.(type) {
			case *Agg, *Window, *groupingCall:
				a.fail(n.At(), CodeNotScalar, "", "GROUP BY clause cannot contain aggregations, window functions or grouping operations: position %d", n.Value)
			}
		})
	} else {
		key = x.expr(e)
	}
	if !key.Type().Comparable() {
		a.fail(e.At(), CodeTypeMismatch, "", "%s is not comparable, and therefore cannot be used in GROUP BY", key.Type())
	}
	k := exprKey(key)
	if i, ok := gr.keys[k]; ok {
		return i
	}
	gr.roots[reflect.TypeOf(key)] = true
	gr.keys[k] = len(gr.g.Keys)
	gr.g.Keys = append(gr.g.Keys, key)
	return len(gr.g.Keys) - 1
}

// group makes a grouped SELECT of one that has GROUP BY or aggregates: all that is
// computed behind the grouping refers to its results.
func (a *analyzer) group(s *syntax.Select, sel *Select, res *Query, gr *grouper, from *scope) {
	grouped := gr != nil || s.Having != nil
	look := func(e Expr) {
		walkExpr(e, func(x Expr) {
			switch x := x.(type) {
			case *Agg:
				grouped = true
			case *groupingCall:
				if gr == nil {
					a.fail(x.at, CodeMissingGroupBy, "", "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
				}
			}
		})
	}
	for _, e := range sel.Items {
		look(e)
	}
	for _, o := range res.OrderBy {
		look(o.X)
	}
	if !grouped || a.err != nil {
		return
	}
	if gr == nil {
		gr = newGrouper(a)
	}
	gr.local = map[int]bool{}
	localRelations(sel.From, gr.local)
	sel.Group = gr.g
	for i := range sel.Items {
		gr.rewrite(&sel.Items[i])
	}
	if sel.Having != nil {
		gr.rewrite(&sel.Having)
	}
	for i := range res.OrderBy {
		gr.rewrite(&res.OrderBy[i].X)
	}
}

// localRelations notes the ids of the relations of a FROM.
func localRelations(r Relation, ids map[int]bool) {
	switch r := r.(type) {
	case *StoreScan:
		ids[r.ID] = true
	case *Derived:
		ids[r.ID] = true
	case *CTERef:
		ids[r.ID] = true
	case *Unnest:
		ids[r.ID] = true
	case *Join:
		localRelations(r.Left, ids)
		localRelations(r.Right, ids)
	case *Sample:
		localRelations(r.Rel, ids)
	}
}

// rewrite replaces keys, aggregates and GROUPING by references.
func (gr *grouper) rewrite(e *Expr) {
	switch x := (*e).(type) {
	case *Literal, *OutputRef, *ParamRef:
		return
	case *Agg:
		k := exprKey(x)
		i, ok := gr.aggs[k]
		if !ok {
			i = len(gr.g.Aggs)
			gr.aggs[k] = i
			gr.g.Aggs = append(gr.g.Aggs, x)
		}
		*e = &AggRef{Index: i, Typ: x.Typ}
		return
	case *groupingCall:
		*e = gr.grouping(x)
		return
	}
	if i, ok := gr.find(*e); ok {
		*e = gr.a.note(&GroupRef{Index: i, Typ: (*e).Type()}, gr.a.spans[*e])
		return
	}
	if c, ok := (*e).(*ColRef); ok {
		if gr.local[c.Rel] {
			at := gr.a.spans[c]
			gr.a.fail(at, CodeNotAggregate, "add it to GROUP BY, or take one value with arbitrary(…), max(…) or min(…)", "'%s' must be an aggregate expression or appear in GROUP BY clause", gr.a.source(at))
		}
		return
	}
	if q := subquery(*e); q != nil {
		gr.correlated(q)
	}
	eachChild(*e, gr.rewrite)
}

// find returns the index of the key that an expression is.
func (gr *grouper) find(e Expr) (int, bool) {
	if !gr.roots[reflect.TypeOf(e)] {
		return 0, false
	}
	i, ok := gr.keys[exprKey(e)]
	return i, ok
}

// correlated lets a query inside of the grouped SELECT refer to its keys. What else it
// refers to of the SELECT's relations is gone by then.
func (gr *grouper) correlated(q *Query) {
	var inner func(e *Expr)
	inner = func(e *Expr) {
		switch (*e).(type) {
		case *Literal, *OutputRef, *ParamRef, *GroupRef, *AggRef, *GroupingRef:
			return
		}
		if i, ok := gr.find(*e); ok && gr.refersLocally(*e) {
			*e = gr.a.note(&GroupRef{Index: i, Typ: (*e).Type(), Outer: gr.g}, gr.a.spans[*e])
			return
		}
		if c, ok := (*e).(*ColRef); ok && gr.local[c.Rel] {
			at := gr.a.spans[c]
			gr.a.fail(at, CodeNotAggregate, "add it to GROUP BY", "Subquery uses '%s' which must appear in GROUP BY clause", gr.a.source(at))
			return
		}
		if s := subquery(*e); s != nil {
			queryExprs(s, inner)
		}
		eachChild(*e, inner)
	}
	queryExprs(q, inner)
}

// refersLocally says whether an expression has columns of the SELECT's own FROM.
func (gr *grouper) refersLocally(e Expr) bool {
	found := false
	walkExpr(e, func(x Expr) {
		c, ok := x.(*ColRef)
		found = found || ok && gr.local[c.Rel]
	})
	return found
}

func (gr *grouper) grouping(x *groupingCall) Expr {
	var set []int
	for _, arg := range x.args {
		i, ok := gr.keys[exprKey(arg)]
		if !ok {
			return gr.a.failed(x.at, CodeInvalidGrouping, "", "The arguments to GROUPING() must be expressions referenced by the GROUP BY associated with the query")
		}
		set = append(set, i)
	}
	gr.g.Groupings = append(gr.g.Groupings, set)
	return &GroupingRef{Index: len(gr.g.Groupings) - 1}
}
