package dialect

import (
	"slices"
	"strings"

	"traillake/engine/dialect/syntax"
)

// MaxRecursion bounds the rounds of a recursive common table expression. Trino stops
// at 10 by default and lets a session raise it; there are no sessions here.
const MaxRecursion = 1000

// maxNesting bounds how deeply queries nest. The parser bounds the text; named
// queries that name each other in turn are bounded here.
const maxNesting = 500

// withScope is a list of the common table expressions in sight, the latest first.
type withScope struct {
	next *withScope
	name string
	cte  *CTE
	// recursive is set inside of the query's own definition. used counts references
	// there.
	recursive bool
	used      int
}

func (a *analyzer) findCTE(name string) *withScope {
	for w := a.with; w != nil; w = w.next {
		if strings.EqualFold(w.name, name) {
			return w
		}
	}
	return nil
}

// query analyzes a query whose outer columns are those of parent.
func (a *analyzer) query(q *syntax.Query, parent *scope) *Query {
	if a.depth++; a.depth > maxNesting {
		a.fail(q.At(), CodeTooLarge, "", "statement is too large: nested deeper than %d", maxNesting)
		return emptyQuery()
	}
	before := a.with
	defer func() {
		a.depth--
		a.with = before
	}()
	res := &Query{}
	if q.With != nil {
		a.withClause(q.With, res, parent)
	}
	if a.err != nil {
		return emptyQuery()
	}
	order := a.body(q, res, parent)
	a.orderBy(q, res, order)
	res.Offset = a.rowCount(q.Offset)
	res.Limit = a.rowCount(q.Limit)
	res.Ties = q.Ties
	if q.Ties && q.OrderBy == nil {
		a.fail(q.Limit.At(), CodeMissingOrderBy, "", "FETCH FIRST WITH TIES clause requires ORDER BY")
	}
	if lit, ok := res.Limit.(*Literal); ok && q.Ties && lit.Value == int64(0) {
		a.fail(q.Limit.At(), CodeOutOfRange, "", "FETCH FIRST row count must be positive (actual value: 0)")
	}
	return res
}

// emptyQuery stands for a query that could not be analyzed.
func emptyQuery() *Query {
	return &Query{Body: &Values{Rows: [][]Expr{{&Literal{Typ: Unknown}}}, Types: []*Type{Unknown}}, Columns: []Column{{Type: Unknown}}}
}

func (a *analyzer) withClause(w *syntax.With, q *Query, parent *scope) {
	seen := map[string]bool{}
	for _, n := range w.Queries {
		key := strings.ToLower(n.Name.Name)
		if seen[key] {
			a.fail(n.Name.Span, CodeDuplicateNamedQuery, "", "WITH query name '%s' specified more than once", n.Name.Name)
			return
		}
		seen[key] = true
		c := a.namedQuery(n, w.Recursive, parent)
		q.With = append(q.With, c)
		a.with = &withScope{next: a.with, name: n.Name.Name, cte: c}
	}
}

func (a *analyzer) namedQuery(n *syntax.NamedQuery, recursive bool, parent *scope) *CTE {
	c := &CTE{ID: a.id(), Name: n.Name.Name}
	if recursive && mentions(n.Query, n.Name.Name) {
		a.recursive(n, c, parent)
		return c
	}
	c.Query = a.query(n.Query, parent)
	c.Columns = a.rename(c.Query.Columns, n.Columns, n.Name)
	return c
}

// rename gives columns the names of an alias list.
func (a *analyzer) rename(cols []Column, names []syntax.Ident, of syntax.Ident) []Column {
	out := make([]Column, len(cols))
	copy(out, cols)
	if names == nil {
		return out
	}
	if len(names) != len(cols) {
		a.fail(of.Span, CodeMismatchedAliases, "", "Column alias list has %d entries but '%s' has %d columns available", len(names), of.Name, len(cols))
		return out
	}
	for i, n := range names {
		out[i].Name = n.Name
	}
	return out
}

// mentions says whether a query names the table anywhere.
func mentions(q *syntax.Query, name string) bool {
	found := false
	syntax.Walk(q, func(n syntax.Node) {
		if r, ok := n.(*syntax.TableRef); ok && len(r.Name) == 1 && strings.EqualFold(r.Name[0].Name, name) {
			found = true
		}
	})
	return found
}

// recursive analyzes a query that refers to itself: a union whose left side does not.
func (a *analyzer) recursive(n *syntax.NamedQuery, c *CTE, parent *scope) {
	bad := func(at syntax.Span, format string, args ...any) {
		a.fail(at, CodeInvalidRecursive, "", format, args...)
		c.Query = emptyQuery()
		c.Columns = c.Query.Columns
	}
	if n.Columns == nil {
		a.fail(n.Name.Span, CodeMissingAliases, "write "+n.Name.Name+" (column, …) AS", "missing column aliases in recursive WITH query")
	}
	op, ok := n.Query.Body.(*syntax.SetOp)
	switch {
	case !ok || op.Kind != syntax.Union:
		bad(n.Query.At(), "recursive query must be a UNION of a base and a step")
		return
	case !op.All:
		a.fail(op.At(), CodeNotSupported, "write UNION ALL", "UNION DISTINCT is not supported in a recursive query")
		c.Query = emptyQuery()
		c.Columns = c.Query.Columns
		return
	case n.Query.With != nil || n.Query.OrderBy != nil || n.Query.Limit != nil || n.Query.Offset != nil:
		code := CodeNotSupported
		if n.Query.Limit != nil {
			code = CodeInvalidLimit
		}
		a.fail(n.Query.At(), code, "", "immediate WITH, ORDER BY, OFFSET and LIMIT clauses are not supported in a recursive query")
		c.Query = emptyQuery()
		c.Columns = c.Query.Columns
		return
	case mentions(&syntax.Query{Body: op.Left}, n.Name.Name):
		bad(op.Left.At(), "WITH table name is referenced in the base relation of recursion")
		return
	}
	base := a.side(op.Left, parent)
	c.Columns = a.rename(base.Columns, n.Columns, n.Name)
	for i := range c.Columns {
		if c.Columns[i].Type.Kind == KindUnknown {
			a.fail(op.Left.At(), CodeTypeMismatch, "cast it", "column %d of the base relation has no type", i+1)
		}
	}
	w := &withScope{next: a.with, name: n.Name.Name, cte: c, recursive: true}
	before := a.with
	a.with = w
	step := a.side(op.Right, parent)
	a.with = before
	if w.used > 1 {
		bad(op.Right.At(), "multiple recursive references in the step relation of recursion")
		return
	}
	set := &SetOp{Kind: Union, All: op.All, Left: base, Right: step}
	if len(step.Columns) != len(base.Columns) {
		a.fail(op.Right.At(), CodeTypeMismatch, "", "base and step relations of recursion have different number of fields: %d, %d", len(base.Columns), len(step.Columns))
		step.Columns = base.Columns
	}
	for i, col := range base.Columns {
		if !CanCoerce(step.Columns[i].Type, col.Type) {
			a.fail(op.Right.At(), CodeTypeMismatch, "cast it in the base relation", "recursion step relation output type (%s) is not coercible to recursion base relation output type (%s) at column %d", step.Columns[i].Type, col.Type, i+1)
		}
		set.Types = append(set.Types, col.Type)
	}
	c.Recursive = true
	c.Query = &Query{Body: set, Columns: c.Columns}
}

// body analyzes what stands in front of ORDER BY, and returns the scope that ORDER BY
// sees.
func (a *analyzer) body(q *syntax.Query, res *Query, parent *scope) *scope {
	set := ""
	switch b := q.Body.(type) {
	case *syntax.Select:
		return a.selectQuery(b, q.OrderBy, res, parent)
	case *syntax.SetOp:
		res.Body, res.Columns = a.setOp(b, parent)
		set = b.Kind.String()
	case *syntax.Values:
		res.Body, res.Columns = a.values(b, parent)
	case *syntax.Query:
		inner := a.query(b, parent)
		res.Body, res.Columns = inner, append([]Column(nil), inner.Columns...)
	case *syntax.Table:
		a.tableQuery(b, res, parent)
	}
	return &scope{parent: parent, outputs: res.Columns, output: a.outputRef(res), setOp: set}
}

func (a *analyzer) outputRef(q *Query) func(i int) Expr {
	return func(i int) Expr { return &OutputRef{Index: i, Typ: q.Columns[i].Type} }
}

// tableQuery analyzes TABLE name, which is SELECT * FROM name.
func (a *analyzer) tableQuery(t *syntax.Table, res *Query, parent *scope) {
	s := &syntax.Select{Span: t.Span, Items: []syntax.SelectItem{{Span: t.Span, Star: true}}, From: []syntax.Relation{t.Ref}}
	a.selectQuery(s, nil, res, parent)
}

// side analyzes one side of a set operation as a query of its own.
func (a *analyzer) side(b syntax.Body, parent *scope) *Query {
	if q, ok := b.(*syntax.Query); ok {
		return a.query(q, parent)
	}
	return a.query(&syntax.Query{Span: b.At(), Body: b}, parent)
}

func (a *analyzer) setOp(op *syntax.SetOp, parent *scope) (Body, []Column) {
	set := &SetOp{All: op.All, Left: a.side(op.Left, parent), Right: a.side(op.Right, parent)}
	set.Kind = map[syntax.SetKind]SetKind{syntax.Union: Union, syntax.Intersect: Intersect, syntax.Except: Except}[op.Kind]
	left, right := set.Left.Columns, set.Right.Columns
	cols := make([]Column, len(left))
	copy(cols, left)
	if len(left) != len(right) {
		a.fail(op.Right.At(), CodeTypeMismatch, "", "%s query has different number of fields: %d, %d", op.Kind, len(left), len(right))
		right = left
	}
	for i := range cols {
		t, ok := CommonType(left[i].Type, right[i].Type)
		if !ok {
			a.fail(outputPlace(op.Right, i), CodeTypeMismatch, "cast one of them", "column %d in %s query has incompatible types: %s, %s", i+1, op.Kind, left[i].Type, right[i].Type)
			t = left[i].Type
		}
		if !t.Comparable() && !(op.Kind == syntax.Union && op.All) {
			a.fail(outputPlace(op.Left, i), CodeTypeMismatch, "", "Type %s is not comparable and therefore cannot be used in %s", t, op.Kind)
		}
		cols[i] = Column{Name: left[i].Name, Type: t}
		set.Types = append(set.Types, t)
	}
	return set, cols
}

// outputPlace is the place of an output of a query, or of the query where that is not written
// out by itself.
func outputPlace(b syntax.Body, i int) syntax.Span {
	s, ok := b.(*syntax.Select)
	if !ok || i >= len(s.Items) || slices.ContainsFunc(s.Items, func(it syntax.SelectItem) bool { return it.Star }) {
		return b.At()
	}
	return s.Items[i].At()
}

func (a *analyzer) values(v *syntax.Values, parent *scope) (Body, []Column) {
	res := &Values{}
	x := a.clause("VALUES", &scope{parent: parent})
	for _, r := range v.Rows {
		var row []Expr
		if c, ok := r.(*syntax.RowCtor); ok {
			for _, f := range c.Fields {
				row = append(row, x.expr(f))
			}
		} else if e := x.expr(r); e.Type().Kind == KindRow {
			row = x.fieldsOf(r, e)
		} else {
			row = []Expr{e}
		}
		if len(res.Rows) > 0 && len(row) != len(res.Rows[0]) {
			a.fail(r.At(), CodeTypeMismatch, "", "Values rows have mismatched sizes: %d vs %d", len(res.Rows[0]), len(row))
			return res, nil
		}
		res.Rows = append(res.Rows, row)
	}
	cols := make([]Column, len(res.Rows[0]))
	for i := range cols {
		t := res.Rows[0][i].Type()
		for r, row := range res.Rows[1:] {
			c, ok := CommonType(t, row[i].Type())
			if !ok {
				a.fail(v.Rows[r+1].At(), CodeTypeMismatch, "", "Values rows have mismatched types: %s vs %s", t, row[i].Type())
				c = t
			}
			t = c
		}
		for _, row := range res.Rows {
			row[i] = a.coerce(row[i], t)
		}
		cols[i].Type = t
		res.Types = append(res.Types, t)
	}
	return res, cols
}

// rowCount analyzes the count of OFFSET and LIMIT.
func (a *analyzer) rowCount(x syntax.Expr) Expr {
	if x == nil {
		return nil
	}
	n, ok := int64(0), false
	switch x := x.(type) {
	case *syntax.IntLit:
		n, ok = x.Value, true
	case *syntax.Param:
		vs := a.parameter(x)
		if len(vs) == 1 && vs[0].Typ.IsInteger() {
			n, ok = vs[0].Value.(int64)
		}
	}
	if !ok || n < 0 {
		return a.failed(x.At(), CodeInvalidLimit, "", "a number of rows must be an integer that is not negative")
	}
	return &Literal{Typ: Bigint, Value: n}
}
