package syntax

// queryNoWith takes set operations, ORDER BY and limits.
func (p *parser) queryNoWith() *Query {
	start := p.tok().Start
	q := &Query{Body: p.queryTerm()}
	if p.acceptAll("ORDER", "BY") {
		q.OrderBy = p.sortItems()
	}
	if p.accept("OFFSET") {
		q.Offset = p.rowCount()
		if !p.accept("ROWS") {
			p.accept("ROW")
		}
	}
	switch {
	case p.accept("LIMIT"):
		if !p.accept("ALL") {
			q.Limit = p.rowCount()
		}
	case p.accept("FETCH"):
		p.fetch(q)
	}
	inner, ok := q.Body.(*Query)
	if ok && q.OrderBy == nil && q.Offset == nil && q.Limit == nil {
		return inner // parentheses only
	}
	q.Span = p.span(start)
	return q
}

// fetch takes FETCH FIRST behind its first word. Without a count it is one row.
func (p *parser) fetch(q *Query) {
	if !p.accept("FIRST") {
		p.expect("NEXT")
	}
	if p.tok().Key == "ROW" || p.tok().Key == "ROWS" {
		q.Limit = &IntLit{Span: Span{p.tok().Start, p.tok().Start}, Value: 1}
	} else {
		q.Limit = p.rowCount()
	}
	if !p.accept("ROWS") {
		p.expect("ROW")
	}
	if p.accept("WITH") {
		p.expect("TIES")
		q.Ties = true
		return
	}
	p.expect("ONLY")
}

// rowCount takes an integer or a parameter.
func (p *parser) rowCount() Expr {
	t := p.tok()
	switch {
	case t.Kind == Integer:
		return p.number(false)
	case p.is("?") || p.namedParam():
		return p.param()
	}
	p.want("<integer>")
	p.mismatch()
	return &NullLit{t.Span}
}

func (p *parser) queryTerm() Body {
	defer p.measured()()
	start := p.tok().Start
	left := p.intersection()
	for {
		var kind SetKind
		switch {
		case p.accept("UNION"):
			kind = Union
		case p.accept("EXCEPT"):
			kind = Except
		default:
			return left
		}
		p.chain()
		op := &SetOp{Kind: kind, All: p.setAll(), Left: left}
		op.Right = p.intersection()
		op.Span = p.span(start)
		left = op
	}
}

func (p *parser) intersection() Body {
	defer p.measured()()
	start := p.tok().Start
	left := p.queryPrimary()
	for p.accept("INTERSECT") {
		p.chain()
		op := &SetOp{Kind: Intersect, All: p.setAll(), Left: left}
		op.Right = p.queryPrimary()
		op.Span = p.span(start)
		left = op
	}
	return left
}

// setAll takes ALL or DISTINCT, the default.
func (p *parser) setAll() bool {
	if p.accept("ALL") {
		return true
	}
	p.accept("DISTINCT")
	return false
}

func (p *parser) queryPrimary() Body {
	start := p.tok().Start
	switch {
	case p.is("SELECT"):
		return p.selectBody()
	case p.accept("TABLE"):
		if p.tok().Key == "(" {
			p.refuse(p.tok().Span, "a table function", "")
		}
		return &Table{Ref: p.tableRef(), Span: p.span(start)}
	case p.accept("VALUES"):
		v := &Values{Rows: []Expr{p.expression()}}
		for p.accept(",") {
			v.Rows = append(v.Rows, p.expression())
		}
		v.Span = p.span(start)
		return v
	case p.accept("("):
		p.enter()
		q := p.queryNoWith()
		p.leave()
		p.expect(")")
		return q
	}
	p.mismatch()
	return &Values{Span: p.tok().Span}
}

func (p *parser) selectBody() *Select {
	start := p.tok().Start
	p.expect("SELECT")
	s := &Select{}
	if p.accept("DISTINCT") {
		s.Distinct = true
	} else if p.quantifierAll() {
		p.next()
	}
	for {
		s.Items = append(s.Items, p.selectItem())
		if !p.accept(",") {
			break
		}
	}
	if p.accept("FROM") {
		for {
			s.From = append(s.From, p.relation())
			if !p.accept(",") {
				break
			}
		}
	}
	if p.accept("WHERE") {
		s.Where = p.expression()
	}
	if p.acceptAll("GROUP", "BY") {
		s.Group = p.groupBy()
	}
	if p.accept("HAVING") {
		s.Having = p.expression()
	}
	if p.accept("WINDOW") {
		for {
			s.Windows = append(s.Windows, p.namedWindow())
			if !p.accept(",") {
				break
			}
		}
	}
	s.Span = p.span(start)
	return s
}

// quantifierAll says whether the current token is ALL as a quantifier: ALL is also
// a name, and is one where no expression can follow.
func (p *parser) quantifierAll() bool {
	return p.is("ALL") && !p.startsClause(p.pos+1) && (p.startsExpression(p.peek(1)) || p.peek(1).Key == "*")
}

// startsExpression says whether an expression can begin with the token.
func (p *parser) startsExpression(t Token) bool {
	switch t.Kind {
	case Operator:
		switch t.Key {
		case "(", "+", "-", "?", ":":
			return true
		}
		return false
	case EOF, Unrecognized:
		return false
	case Word:
		return !Reserved(t.Key) || expressionWords[t.Key]
	default:
		return true
	}
}

// expressionWords are the reserved words that an expression can begin with.
var expressionWords = map[string]bool{
	"CASE": true, "CAST": true, "CURRENT_CATALOG": true, "CURRENT_DATE": true, "CURRENT_PATH": true,
	"CURRENT_SCHEMA": true, "CURRENT_TIME": true, "CURRENT_TIMESTAMP": true, "CURRENT_USER": true, "EXISTS": true,
	"EXTRACT": true, "FALSE": true, "GROUPING": true, "JSON_ARRAY": true, "JSON_EXISTS": true, "JSON_OBJECT": true,
	"JSON_QUERY": true, "JSON_VALUE": true, "LISTAGG": true, "LOCALTIME": true, "LOCALTIMESTAMP": true,
	"NORMALIZE": true, "NOT": true, "NULL": true, "TRIM": true, "TRUE": true,
}

func (p *parser) selectItem() SelectItem {
	start := p.tok().Start
	if p.accept("*") {
		return SelectItem{Span: p.span(start), Star: true}
	}
	item := SelectItem{X: p.expression()}
	if p.tok().Key == "." && p.peek(1).Key == "*" && precedence(item.X) == precPrimary {
		p.next()
		p.next()
		item.Star = true
		if p.accept("AS") {
			p.expect("(")
			item.Columns = p.idents()
		}
		item.Span = p.span(start)
		return item
	}
	item.Alias = p.alias()
	item.Span = p.span(start)
	return item
}

// alias takes [AS] name, nil for none. Words that begin a clause are none.
func (p *parser) alias() *Ident {
	if p.accept("AS") {
		id := p.ident()
		return &id
	}
	if !isIdent(p.tok()) || p.startsClause(p.pos) {
		p.want("<identifier>")
		return nil
	}
	id := p.ident()
	return &id
}

// startsClause says whether token i, which could be a name, begins a clause instead.
func (p *parser) startsClause(i int) bool {
	n := p.tokAt(i + 1)
	switch p.tokAt(i).Key {
	case "LIMIT":
		return n.Kind == Integer || n.Key == "ALL" || n.Key == "?" || n.Key == ":"
	case "OFFSET":
		return n.Kind == Integer || n.Key == "?" || n.Key == ":"
	case "FETCH":
		return n.Key == "FIRST" || n.Key == "NEXT"
	case "TABLESAMPLE":
		return n.Key == "BERNOULLI" || n.Key == "SYSTEM"
	case "MATCH_RECOGNIZE":
		return n.Key == "("
	case "WINDOW":
		return isIdent(n) && p.tokAt(i+2).Key == "AS" && p.tokAt(i+3).Key == "("
	}
	return false
}

func (p *parser) groupBy() *GroupBy {
	start := p.tok().Start
	g := &GroupBy{}
	if p.accept("DISTINCT") {
		g.Distinct = true
	} else if p.quantifierAll() || p.is("ALL") && (p.peek(1).Key == "ROLLUP" || p.peek(1).Key == "CUBE") {
		p.next()
	}
	for {
		g.Elements = append(g.Elements, p.groupingElement())
		if !p.accept(",") {
			break
		}
	}
	g.Span = p.span(start)
	return g
}

func (p *parser) groupingElement() GroupingElement {
	start := p.tok().Start
	var e GroupingElement
	switch {
	case p.accept("ROLLUP"):
		e.Kind = GroupRollup
	case p.accept("CUBE"):
		e.Kind = GroupCube
	case p.tok().Key == "GROUPING" && p.peek(1).Key == "SETS":
		p.next()
		p.next()
		e.Kind = GroupSets
	default:
		p.want("GROUPING")
		e.Sets = [][]Expr{p.groupingSet()}
		e.Span = p.span(start)
		return e
	}
	p.expect("(")
	if e.Kind == GroupSets || !p.is(")") {
		for {
			e.Sets = append(e.Sets, p.groupingSet())
			if !p.accept(",") {
				break
			}
		}
	}
	p.expect(")")
	e.Span = p.span(start)
	return e
}

// groupingSet takes an expression or a list of them in parentheses.
func (p *parser) groupingSet() []Expr {
	if !p.isGroupingList() {
		return []Expr{p.expression()}
	}
	p.next()
	list := []Expr{}
	if p.accept(")") {
		return list
	}
	for {
		list = append(list, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// isGroupingList says whether the parentheses at the current token are the whole
// set, and not the beginning of an expression such as (a + b) * c.
func (p *parser) isGroupingList() bool {
	if !p.is("(") || p.closing[p.pos] < 0 || p.isQuery(p.pos+1) {
		return false
	}
	after := p.toks[p.closing[p.pos]+1]
	switch after.Key {
	case ",", ")", ";", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "WINDOW", "UNION", "EXCEPT", "INTERSECT":
		return true
	}
	return after.Kind == EOF
}

func (p *parser) sortItems() []SortItem {
	var list []SortItem
	for {
		start := p.tok().Start
		s := SortItem{X: p.expression()}
		if p.accept("DESC") {
			s.Desc = true
		} else {
			p.accept("ASC")
		}
		if p.accept("NULLS") {
			s.Nulls = NullsFirst
			if !p.accept("FIRST") {
				p.expect("LAST")
				s.Nulls = NullsLast
			}
		}
		s.Span = p.span(start)
		list = append(list, s)
		if !p.accept(",") {
			return list
		}
	}
}
