package dialect

import (
	"fmt"
	"strings"
)

// eachChild calls f with the place of each expression directly below e, those inside
// of queries left out.
func eachChild(e Expr, f func(*Expr)) {
	list := func(xs []Expr) {
		for i := range xs {
			f(&xs[i])
		}
	}
	one := func(x *Expr) {
		if *x != nil {
			f(x)
		}
	}
	switch e := e.(type) {
	case *Cast:
		f(&e.X)
	case *Call:
		list(e.Args)
	case *Try:
		f(&e.X)
	case *Lambda:
		f(&e.Body)
	case *Case:
		one(&e.Operand)
		for i := range e.Whens {
			f(&e.Whens[i].When)
			f(&e.Whens[i].Then)
		}
		one(&e.Else)
	case *Coalesce:
		list(e.Args)
	case *NullIf:
		f(&e.X)
		f(&e.Y)
	case *Compare:
		f(&e.L)
		f(&e.R)
	case *IsDistinct:
		f(&e.L)
		f(&e.R)
	case *Between:
		f(&e.X)
		f(&e.Low)
		f(&e.High)
	case *In:
		f(&e.X)
		list(e.List)
	case *InQuery:
		f(&e.X)
	case *Quantified:
		f(&e.X)
	case *Like:
		f(&e.X)
		f(&e.Pattern)
		one(&e.Escape)
	case *IsNull:
		f(&e.X)
	case *Logic:
		list(e.Args)
	case *Not:
		f(&e.X)
	case *Arith:
		f(&e.L)
		f(&e.R)
	case *Negate:
		f(&e.X)
	case *Subscript:
		f(&e.X)
		f(&e.Index)
	case *Deref:
		f(&e.X)
	case *RowCtor:
		list(e.Fields)
	case *ArrayCtor:
		list(e.Elems)
	case *AtTimeZone:
		f(&e.X)
		f(&e.Zone)
	case *Agg:
		eachAggChild(e, f)
	case *Window:
		eachAggChild(&e.Agg, f)
		list(e.PartitionBy)
		eachSortKey(e.Order, f)
		if e.Frame != nil {
			one(&e.Frame.Start.Value)
			one(&e.Frame.End.Value)
		}
	case *groupingCall:
		list(e.args)
	}
}

func eachAggChild(e *Agg, f func(*Expr)) {
	for i := range e.Args {
		f(&e.Args[i])
	}
	if e.Filter != nil {
		f(&e.Filter)
	}
	eachSortKey(e.OrderBy, f)
}

func eachSortKey(items []SortItem, f func(*Expr)) {
	for i := range items {
		f(&items[i].X)
	}
}

// walkExpr calls f with e and all expressions below it, those inside of queries left
// out.
func walkExpr(e Expr, f func(Expr)) {
	f(e)
	eachChild(e, func(x *Expr) { walkExpr(*x, f) })
}

// subquery returns the query in an expression's node, nil for none.
func subquery(e Expr) *Query {
	switch e := e.(type) {
	case *InQuery:
		return e.Query
	case *Quantified:
		return e.Query
	case *Exists:
		return e.Query
	case *ScalarQuery:
		return e.Query
	}
	return nil
}

// walkQuery calls f with all expressions of a query, also of those inside of it.
func walkQuery(q *Query, f func(Expr)) {
	deep := func(e Expr) { walkDeep(e, f) }
	for _, c := range q.With {
		walkQuery(c.Query, f)
	}
	switch b := q.Body.(type) {
	case *Query:
		walkQuery(b, f)
	case *SetOp:
		walkQuery(b.Left, f)
		walkQuery(b.Right, f)
	case *Values:
		for _, r := range b.Rows {
			for _, x := range r {
				deep(x)
			}
		}
	case *Select:
		for _, x := range b.Items {
			deep(x)
		}
		walkRelation(b.From, f, deep)
		deep(b.Where)
		if g := b.Group; g != nil {
			for _, x := range g.Keys {
				deep(x)
			}
			for _, x := range g.Aggs {
				deep(x)
			}
		}
		deep(b.Having)
	}
	for _, s := range q.OrderBy {
		deep(s.X)
	}
	deep(q.Offset)
	deep(q.Limit)
}

// walkDeep calls f with e, which may be nil, and all expressions below it, also of queries.
func walkDeep(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	walkExpr(e, func(x Expr) {
		f(x)
		if s := subquery(x); s != nil {
			walkQuery(s, f)
		}
	})
}

func walkRelation(r Relation, f, deep func(Expr)) {
	switch r := r.(type) {
	case *Derived:
		walkQuery(r.Query, f)
	case *Unnest:
		for _, x := range r.Args {
			deep(x.X)
		}
	case *Join:
		walkRelation(r.Left, f, deep)
		walkRelation(r.Right, f, deep)
		deep(r.On)
	case *Sample:
		walkRelation(r.Rel, f, deep)
	}
}

// queryExprs calls f with the place of each expression of a query, and of those in its
// FROM and WITH; queries inside of expressions are left to f.
func queryExprs(q *Query, f func(*Expr)) {
	place := func(e *Expr) {
		if *e != nil {
			f(e)
		}
	}
	for _, c := range q.With {
		queryExprs(c.Query, f)
	}
	switch b := q.Body.(type) {
	case *Query:
		queryExprs(b, f)
	case *SetOp:
		queryExprs(b.Left, f)
		queryExprs(b.Right, f)
	case *Values:
		for _, r := range b.Rows {
			for i := range r {
				place(&r[i])
			}
		}
	case *Select:
		for i := range b.Items {
			place(&b.Items[i])
		}
		relationExprs(b.From, f, place)
		place(&b.Where)
		if g := b.Group; g != nil {
			for i := range g.Keys {
				place(&g.Keys[i])
			}
			for _, agg := range g.Aggs {
				eachAggChild(agg, f)
			}
		}
		place(&b.Having)
	}
	for i := range q.OrderBy {
		place(&q.OrderBy[i].X)
	}
	place(&q.Offset)
	place(&q.Limit)
}

func relationExprs(r Relation, f, place func(*Expr)) {
	switch r := r.(type) {
	case *Derived:
		queryExprs(r.Query, f)
	case *Unnest:
		for i := range r.Args {
			place(&r.Args[i].X)
		}
	case *Join:
		relationExprs(r.Left, f, place)
		relationExprs(r.Right, f, place)
		place(&r.On)
	case *Sample:
		relationExprs(r.Rel, f, place)
	}
}

// sameExpr says whether two resolved expressions are the same, so that one may stand
// for the other.
func sameExpr(x, y Expr) bool { return exprKey(x) == exprKey(y) }

// exprKey writes a resolved expression so that equal ones, and no others, give equal
// text. Queries that read columns of those around are equal to themselves only. Parameters of
// lambdas are numbered from the outside. Texts of the user's, which the names in types are, too,
// are quoted.
func exprKey(e Expr) string {
	k := keyWriter{params: map[int]int{}}
	k.write(e)
	return k.String()
}

type keyWriter struct {
	strings.Builder
	params map[int]int
}

func (k *keyWriter) write(e Expr) {
	if q := subquery(e); q != nil {
		k.query(e, q)
		return
	}
	switch e := e.(type) {
	case *Literal:
		k.ofType(e.Typ)
		fmt.Fprintf(k, ":%T:", e.Value)
		if text, ok := e.Value.(string); ok {
			fmt.Fprintf(k, "%q", text)
		} else {
			fmt.Fprint(k, e.Value)
		}
		return
	case *ColRef:
		fmt.Fprintf(k, "col %d.%d", e.Rel, e.Index)
		return
	case *GroupRef:
		fmt.Fprintf(k, "key %d", e.Index)
		if e.Outer != nil {
			fmt.Fprintf(k, " of %p", e.Outer)
		}
		return
	case *AggRef:
		fmt.Fprintf(k, "agg %d", e.Index)
		return
	case *GroupingRef:
		fmt.Fprintf(k, "grouping %d", e.Index)
		return
	case *OutputRef:
		fmt.Fprintf(k, "out %d", e.Index)
		return
	case *ParamRef:
		n, ok := k.params[e.ID]
		if !ok {
			fmt.Fprintf(k, "free %d", e.ID)
			return
		}
		fmt.Fprintf(k, "param %d", n)
		return
	case *Lambda:
		for _, p := range e.Params {
			k.params[p.ID] = len(k.params)
		}
	}
	fmt.Fprintf(k, "%T", e)
	switch e := e.(type) {
	case *Cast:
		fmt.Fprintf(k, " %v", e.Try)
		k.ofType(e.To)
	case *Call:
		fmt.Fprintf(k, " %q", e.Fn.Signature)
		k.ofType(e.Typ) // RETURNING says what it is
	case *Lambda:
		fmt.Fprintf(k, " %d", len(e.Params))
	case *Case:
		fmt.Fprintf(k, " %v %v", e.Operand != nil, e.Else != nil)
		k.ofType(e.Typ)
	case *NullIf:
		k.ofType(e.Common)
	case *Compare:
		fmt.Fprintf(k, " %d", e.Op)
	case *IsDistinct:
		fmt.Fprintf(k, " %v", e.Not)
	case *Between:
		fmt.Fprintf(k, " %v", e.Not)
	case *In:
		fmt.Fprintf(k, " %v", e.Not)
	case *Like:
		fmt.Fprintf(k, " %v", e.Not)
	case *IsNull:
		fmt.Fprintf(k, " %v", e.Not)
	case *Logic:
		fmt.Fprintf(k, " %v", e.Or)
	case *Arith:
		fmt.Fprintf(k, " %c", e.Op)
	case *Deref:
		fmt.Fprintf(k, " %d", e.Field)
	case *RowCtor:
		k.ofType(e.Typ)
	case *ArrayCtor:
		k.ofType(e.Typ)
	case *AtTimeZone:
		k.ofType(e.Typ)
	case *Agg:
		k.agg(e)
	case *Window:
		k.agg(&e.Agg)
		fmt.Fprintf(k, " %d", len(e.PartitionBy))
		k.order(e.Order)
		if f := e.Frame; f != nil {
			fmt.Fprintf(k, " %d %d %d", f.Unit, f.Start.Kind, f.End.Kind)
		}
	}
	k.WriteByte('(')
	eachChild(e, func(x *Expr) {
		k.write(*x)
		k.WriteByte(',')
	})
	k.WriteByte(')')
}

// ofType writes a type, and the zones in it, which are no part of its identity but of what is shown.
func (k *keyWriter) ofType(t *Type) {
	fmt.Fprintf(k, " %q", t.String())
	var zones func(t *Type)
	zones = func(t *Type) {
		if t.Kind == KindTimestampTZ {
			fmt.Fprintf(k, " %q", t.Zone)
		}
		for _, e := range t.Elems {
			zones(e)
		}
	}
	zones(t)
}

// query writes an expression with a query.
func (k *keyWriter) query(e Expr, q *Query) {
	if q.text == "" {
		fmt.Fprintf(k, "%p", q)
		return
	}
	fmt.Fprintf(k, "%T %q", e, q.text)
	switch e := e.(type) {
	case *InQuery:
		fmt.Fprintf(k, " %v", e.Not)
	case *Quantified:
		fmt.Fprintf(k, " %d %v", e.Op, e.All)
	}
	k.WriteByte('(')
	eachChild(e, func(x *Expr) { k.write(*x) })
	k.WriteByte(')')
}

func (k *keyWriter) agg(e *Agg) {
	fmt.Fprintf(k, " %q %d %v %v %v", e.Fn.Signature, len(e.Args), e.Distinct, e.Filter != nil, e.IgnoreNulls)
	k.order(e.OrderBy)
}

func (k *keyWriter) order(items []SortItem) {
	fmt.Fprintf(k, " %d", len(items))
	for _, s := range items {
		fmt.Fprintf(k, " %v %v", s.Desc, s.NullsFirst)
	}
}
