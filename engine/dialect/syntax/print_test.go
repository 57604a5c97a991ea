package syntax

import (
	"fmt"
	"strconv"
	"strings"
)

// printed writes a query as Trino SQL. What it writes parses to the same tree, but for
// the places.
func printed(q *Query) string {
	p := &printer{}
	p.query(q)
	return p.String()
}

type printer struct{ strings.Builder }

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

// list writes n parts with commas between them.
func (p *printer) list(n int, part func(i int)) {
	for i := range n {
		if i > 0 {
			p.put(", ")
		}
		part(i)
	}
}

func (p *printer) exprs(list []Expr) { p.list(len(list), func(i int) { p.expr(list[i]) }) }

// ident writes a name, in quotes where it was quoted or needs them.
func (p *printer) ident(id Ident) {
	if id.Quoted {
		p.put(quoteIdent(id.Name))
		return
	}
	p.put(QuoteName(id.Name))
}

func (p *printer) idents(list []Ident) {
	p.put("(")
	p.list(len(list), func(i int) { p.ident(list[i]) })
	p.put(")")
}

func (p *printer) name(n Name) {
	for i, id := range n {
		if i > 0 {
			p.put(".")
		}
		p.ident(id)
	}
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (p *printer) query(q *Query) {
	if q.With != nil {
		p.put("WITH ")
		if q.With.Recursive {
			p.put("RECURSIVE ")
		}
		p.list(len(q.With.Queries), func(i int) {
			n := q.With.Queries[i]
			p.ident(n.Name)
			if n.Columns != nil {
				p.put(" ")
				p.idents(n.Columns)
			}
			p.put(" AS (")
			p.query(n.Query)
			p.put(")")
		})
		p.put(" ")
	}
	p.body(q.Body)
	if q.OrderBy != nil {
		p.put(" ORDER BY ")
		p.sortItems(q.OrderBy)
	}
	if q.Offset != nil {
		p.put(" OFFSET ")
		p.expr(q.Offset)
		p.put(" ROWS")
	}
	switch {
	case q.Ties:
		p.put(" FETCH FIRST ")
		p.expr(q.Limit)
		p.put(" ROWS WITH TIES")
	case q.Limit != nil:
		p.put(" LIMIT ")
		p.expr(q.Limit)
	}
}

func (p *printer) body(b Body) {
	switch b := b.(type) {
	case *Query:
		p.put("(")
		p.query(b)
		p.put(")")
	case *Select:
		p.selectBody(b)
	case *Values:
		p.put("VALUES ")
		p.exprs(b.Rows)
	case *Table:
		p.put("TABLE ")
		p.relation(b.Ref, false)
	case *SetOp:
		p.body(b.Left)
		p.put(" ", b.Kind.String(), " ")
		if b.All {
			p.put("ALL ")
		}
		p.body(b.Right)
	}
}

func (p *printer) selectBody(s *Select) {
	p.put("SELECT ")
	if s.Distinct {
		p.put("DISTINCT ")
	}
	p.list(len(s.Items), func(i int) { p.selectItem(s.Items[i]) })
	if s.From != nil {
		p.put(" FROM ")
		p.list(len(s.From), func(i int) { p.relation(s.From[i], false) })
	}
	if s.Where != nil {
		p.put(" WHERE ")
		p.expr(s.Where)
	}
	if s.Group != nil {
		p.put(" GROUP BY ")
		p.groupBy(s.Group)
	}
	if s.Having != nil {
		p.put(" HAVING ")
		p.expr(s.Having)
	}
	if s.Windows != nil {
		p.put(" WINDOW ")
		p.list(len(s.Windows), func(i int) {
			p.ident(s.Windows[i].Name)
			p.put(" AS ")
			p.window(s.Windows[i].Window)
		})
	}
}

func (p *printer) selectItem(s SelectItem) {
	if !s.Star {
		p.expr(s.X)
		if s.Alias != nil {
			p.put(" AS ")
			p.ident(*s.Alias)
		}
		return
	}
	if s.X != nil {
		p.base(s.X)
		p.put(".")
	}
	p.put("*")
	if s.Columns != nil {
		p.put(" AS ")
		p.idents(s.Columns)
	}
}

func (p *printer) groupBy(g *GroupBy) {
	if g.Distinct {
		p.put("DISTINCT ")
	}
	p.list(len(g.Elements), func(i int) {
		e := g.Elements[i]
		if e.Kind == GroupSimple {
			p.groupingSet(e.Sets[0])
			return
		}
		p.put([...]string{"", "ROLLUP", "CUBE", "GROUPING SETS"}[e.Kind], " (")
		p.list(len(e.Sets), func(i int) { p.groupingSet(e.Sets[i]) })
		p.put(")")
	})
}

func (p *printer) groupingSet(set []Expr) {
	if len(set) == 1 {
		p.expr(set[0])
		return
	}
	p.put("(")
	p.exprs(set)
	p.put(")")
}

func (p *printer) sortItems(items []SortItem) {
	p.list(len(items), func(i int) {
		s := items[i]
		p.expr(s.X)
		if s.Desc {
			p.put(" DESC")
		}
		switch s.Nulls {
		case NullsFirst:
			p.put(" NULLS FIRST")
		case NullsLast:
			p.put(" NULLS LAST")
		}
	})
}

// relation writes a relation, in parentheses where operand is set and it is more
// than one primary.
func (p *printer) relation(r Relation, operand bool) {
	switch r.(type) {
	case *Join, *Aliased, *Sample:
		if operand {
			p.put("(")
			defer p.put(")")
		}
	}
	switch r := r.(type) {
	case *TableRef:
		p.tableRef(r)
	case *SubqueryRel:
		if r.Lateral {
			p.put("LATERAL ")
		}
		p.put("(")
		p.query(r.Query)
		p.put(")")
	case *Unnest:
		p.put("UNNEST(")
		p.exprs(r.Args)
		p.put(")")
		if r.Ordinality {
			p.put(" WITH ORDINALITY")
		}
	case *Aliased:
		p.relation(r.Rel, true)
		p.put(" AS ")
		p.ident(r.Alias)
		if r.Columns != nil {
			p.put(" ")
			p.idents(r.Columns)
		}
	case *Sample:
		_, twice := r.Rel.(*Aliased)
		p.relation(r.Rel, !twice)
		method := "BERNOULLI"
		if r.System {
			method = "SYSTEM"
		}
		p.put(" TABLESAMPLE ", method, " (")
		p.expr(r.Percent)
		p.put(")")
	case *Join:
		p.join(r)
	}
}

func (p *printer) tableRef(r *TableRef) {
	switch {
	case r.Param != nil:
		p.expr(r.Param)
	case r.ID, r.Placeholder:
		p.put(r.Name[0].Name)
	default:
		p.name(r.Name)
	}
}

func (p *printer) join(j *Join) {
	p.relation(j.Left, false)
	p.put(" ")
	if j.Natural {
		p.put("NATURAL ")
	}
	p.put(j.Kind.String(), " ")
	_, nested := j.Right.(*Join)
	p.relation(j.Right, nested)
	switch {
	case j.On != nil:
		p.put(" ON ")
		p.expr(j.On)
	case j.Using != nil:
		p.put(" USING ")
		p.idents(j.Using)
	}
}

func (p *printer) window(w *Window) {
	if w.Bare {
		p.ident(*w.Name)
		return
	}
	p.put("(")
	sep := ""
	part := func(text string) {
		p.put(sep, text)
		sep = " "
	}
	if w.Name != nil {
		part("")
		p.ident(*w.Name)
	}
	if w.PartitionBy != nil {
		part("PARTITION BY ")
		p.exprs(w.PartitionBy)
	}
	if w.OrderBy != nil {
		part("ORDER BY ")
		p.sortItems(w.OrderBy)
	}
	if f := w.Frame; f != nil {
		part(f.Unit.String() + " ")
		if f.Between {
			p.put("BETWEEN ")
		}
		p.bound(f.Start)
		if f.Between {
			p.put(" AND ")
			p.bound(f.End)
		}
	}
	p.put(")")
}

func (p *printer) bound(b Bound) {
	if b.Value != nil {
		p.expr(b.Value)
		p.put(" ")
	}
	p.put([...]string{"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"}[b.Kind])
}

func (p *printer) literal(x Expr) bool {
	switch x := x.(type) {
	case *NullLit:
		p.put("NULL")
	case *BoolLit:
		p.put(upper(strconv.FormatBool(x.Value)))
	case *StringLit:
		p.put(quoteText(x.Value))
	case *BinaryLit:
		p.put(fmt.Sprintf("X'%X'", x.Value))
	case *IntLit:
		p.put(strconv.FormatInt(x.Value, 10))
	case *DecimalLit:
		p.put(x.Text)
	case *DoubleLit:
		p.put(strings.NewReplacer("+Inf", "1E999", "Inf", "1E999").Replace(strconv.FormatFloat(x.Value, 'E', -1, 64)))
	case *TypedLit:
		p.ident(Ident{Name: x.Type})
		p.put(" ", quoteText(x.Value.Value))
	case *IntervalLit:
		p.put("INTERVAL ")
		if x.Negative {
			p.put("-")
		}
		p.put(quoteText(x.Value.Value), " ", string(x.From))
		if x.To != "" {
			p.put(" TO ", string(x.To))
		}
	case *Param:
		if x.Name == "" {
			p.put("?")
		} else {
			p.put(":", x.Name)
		}
	default:
		return false
	}
	return true
}
