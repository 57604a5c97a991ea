package syntax

import "fmt"

// within writes an expression in a place that takes operators of at least the given
// power, in parentheses where it needs them.
func (p *printer) within(x Expr, least int) {
	if precedence(x) >= least {
		p.expr(x)
		return
	}
	p.put("(")
	p.expr(x)
	p.put(")")
}

// base writes what stands in front of a point. A number would take the point.
func (p *printer) base(x Expr) {
	if isNumber(x) {
		p.put("(")
		defer p.put(")")
	}
	p.within(x, precPrimary)
}

func (p *printer) expr(x Expr) {
	if p.literal(x) || p.predicate(x) {
		return
	}
	switch x := x.(type) {
	case *ColumnRef:
		p.ident(x.Ident)
	case *Deref:
		p.base(x.X)
		p.put(".")
		p.ident(x.Field)
	case *Subscript:
		p.within(x.X, precPrimary)
		p.put("[")
		p.within(x.Index, precConcat)
		p.put("]")
	case *Unary:
		p.put(x.Op)
		// A blank keeps -(-1) from being a comment, and -(1) from being a number.
		if isNumber(x.X) || isUnary(x.X) {
			p.put("(")
			p.expr(x.X)
			p.put(")")
			return
		}
		p.within(x.X, precUnary)
	case *Binary:
		power := binaryPower[x.Op]
		p.within(x.L, power)
		p.put(" ", x.Op, " ")
		p.within(x.R, power+1)
	case *AtTimeZone:
		p.within(x.X, precAtTimeZone)
		p.put(" AT TIME ZONE ")
		p.expr(x.Zone)
	case *Call:
		p.call(x)
	case *Lambda:
		p.idents(x.Params)
		p.put(" -> ")
		p.expr(x.Body)
	case *Subquery:
		p.put("(")
		p.query(x.Query)
		p.put(")")
	case *Exists:
		p.put("EXISTS (")
		p.query(x.Query)
		p.put(")")
	case *Case:
		p.caseExpr(x)
	case *Cast:
		if x.Try {
			p.put("TRY_")
		}
		p.put("CAST(")
		p.expr(x.X)
		p.put(" AS ", x.To.Text, ")")
	case *ArrayCtor:
		p.put("ARRAY[")
		p.exprs(x.Elems)
		p.put("]")
	case *RowCtor:
		p.put("ROW(")
		p.exprs(x.Fields)
		p.put(")")
	case *Current:
		p.put(x.What)
		if x.Precision >= 0 {
			p.put(fmt.Sprintf("(%d)", x.Precision))
		}
	case *Extract:
		p.put("EXTRACT(")
		if x.Field.Quoted { // which Trino refuses
			p.ident(x.Field)
		} else {
			p.put(x.Field.Name)
		}
		p.put(" FROM ")
		p.within(x.X, precConcat)
		p.put(")")
	case *JSONPathCall:
		p.jsonPathCall(x)
	case *JSONCtor:
		p.jsonCtor(x)
	case *Grouping:
		p.put("GROUPING(")
		p.exprs(x.Args)
		p.put(")")
	default:
		panic(fmt.Sprintf("BUG: print of %T", x))
	}
}

func isNumber(x Expr) bool {
	switch x.(type) {
	case *IntLit, *DecimalLit, *DoubleLit:
		return true
	}
	return false
}

func isUnary(x Expr) bool {
	_, ok := x.(*Unary)
	return ok
}

// predicate writes conditions.
func (p *printer) predicate(x Expr) bool {
	not := func(n bool) string {
		if n {
			return "NOT "
		}
		return ""
	}
	switch x := x.(type) {
	case *Compare:
		p.within(x.L, precConcat)
		p.put(" ", x.Op, " ")
		p.within(x.R, precConcat)
	case *Quantified:
		p.within(x.X, precConcat)
		p.put(" ", x.Op, map[bool]string{true: " ALL (", false: " ANY ("}[x.All])
		p.query(x.Query)
		p.put(")")
	case *Between:
		p.within(x.X, precConcat)
		p.put(" ", not(x.Not), "BETWEEN ")
		p.within(x.Low, precConcat)
		p.put(" AND ")
		p.within(x.High, precConcat)
	case *InList:
		p.within(x.X, precConcat)
		p.put(" ", not(x.Not), "IN (")
		p.exprs(x.List)
		p.put(")")
	case *InQuery:
		p.within(x.X, precConcat)
		p.put(" ", not(x.Not), "IN (")
		p.query(x.Query)
		p.put(")")
	case *Like:
		p.within(x.X, precConcat)
		p.put(" ", not(x.Not), "LIKE ")
		p.within(x.Pattern, precConcat)
		if x.Escape != nil {
			p.put(" ESCAPE ")
			p.within(x.Escape, precConcat)
		}
	case *IsNull:
		p.within(x.X, precConcat)
		p.put(" IS ", not(x.Not), "NULL")
	case *IsDistinct:
		p.within(x.L, precConcat)
		p.put(" IS ", not(x.Not), "DISTINCT FROM ")
		p.within(x.R, precConcat)
	case *Not:
		p.put("NOT ")
		p.within(x.X, precNot)
	case *Logic:
		key, power := " AND ", precAnd
		if x.Or {
			key, power = " OR ", precOr
		}
		for i, t := range x.Terms {
			if i > 0 {
				p.put(key)
			}
			p.within(t, power+1)
		}
	default:
		return false
	}
	return true
}

func (p *printer) call(c *Call) {
	switch {
	case c.Overflow != nil:
		p.listagg(c)
		return
	case len(c.Name) == 1 && equalFold(c.Name[0].Name, "normalize") && !c.Name[0].Quoted:
		p.put("NORMALIZE(")
		p.within(c.Args[0], precConcat)
		if len(c.Args) > 1 {
			p.put(", ", c.Args[1].(*StringLit).Value)
		}
		p.put(")")
		return
	case len(c.Name) == 1 && equalFold(c.Name[0].Name, "trim") && !c.Name[0].Quoted:
		p.put("TRIM(")
		p.within(c.Args[0], precConcat)
		if len(c.Args) > 1 {
			p.put(", ")
			p.within(c.Args[1], precConcat)
		}
		p.put(")")
		return
	}
	for i, id := range c.Name {
		if i > 0 {
			p.put(".")
		}
		// A word that was a function's name without quotes is one again.
		if !id.Quoted && !Reserved(upper(id.Name)) {
			p.put(id.Name)
		} else {
			p.put(quoteIdent(id.Name))
		}
	}
	p.put("(")
	if c.Star {
		p.put("*")
	}
	if c.Distinct {
		p.put("DISTINCT ")
	}
	p.exprs(c.Args)
	if c.OrderBy != nil {
		if len(c.Args) > 0 {
			p.put(" ")
		}
		p.put("ORDER BY ")
		p.sortItems(c.OrderBy)
	}
	p.put(")")
	p.filter(c.Filter)
	switch c.Nulls {
	case IgnoreNulls:
		p.put(" IGNORE NULLS")
	case RespectNulls:
		p.put(" RESPECT NULLS")
	}
	if c.Over != nil {
		p.put(" OVER ")
		p.window(c.Over)
	}
}

func (p *printer) filter(x Expr) {
	if x == nil {
		return
	}
	p.put(" FILTER (WHERE ")
	p.expr(x)
	p.put(")")
}

func (p *printer) listagg(c *Call) {
	p.put("LISTAGG(")
	if c.Distinct {
		p.put("DISTINCT ")
	}
	p.exprs(c.Args)
	if o := c.Overflow; o.Truncate {
		p.put(" ON OVERFLOW TRUNCATE ")
		if o.Filler != nil {
			p.expr(o.Filler)
			p.put(" ")
		}
		p.put(map[bool]string{true: "WITH", false: "WITHOUT"}[o.WithCount], " COUNT")
	}
	p.put(") WITHIN GROUP (ORDER BY ")
	p.sortItems(c.OrderBy)
	p.put(")")
	p.filter(c.Filter)
	if c.Over != nil {
		p.put(" OVER ")
		p.window(c.Over)
	}
}

func (p *printer) caseExpr(c *Case) {
	p.put("CASE ")
	if c.Operand != nil {
		p.expr(c.Operand)
		p.put(" ")
	}
	for _, w := range c.Whens {
		p.put("WHEN ")
		p.expr(w.When)
		p.put(" THEN ")
		p.expr(w.Then)
		p.put(" ")
	}
	if c.Else != nil {
		p.put("ELSE ")
		p.expr(c.Else)
		p.put(" ")
	}
	p.put("END")
}
