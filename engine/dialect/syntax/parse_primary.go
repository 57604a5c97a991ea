package syntax

// primary takes a value with what stands behind it: fields and subscripts.
func (p *parser) primary() Expr {
	defer p.measured()()
	start := p.tok().Start
	x := p.atom()
	for p.err == nil {
		switch {
		case p.is("."):
			if p.peek(1).Key == "*" {
				return x // a star of the select list
			}
			p.chain()
			p.next()
			if !isIdent(p.tok()) {
				p.want("*")
			}
			d := &Deref{X: x, Field: p.ident()}
			d.Span = p.span(start)
			x = d
		case p.is("["):
			p.chain()
			p.next()
			s := &Subscript{X: x}
			p.enter()
			s.Index = p.value()
			p.leave()
			p.expect("]")
			s.Span = p.span(start)
			x = s
		default:
			return x
		}
	}
	return x
}

// atom takes a value that no operator splits.
func (p *parser) atom() Expr {
	t := p.tok()
	switch t.Kind {
	case Integer, Decimal, Double:
		return p.number(false)
	case String, UnicodeString:
		return p.stringLit()
	case BinaryString:
		return p.binaryLit()
	case Operator:
		return p.operatorAtom()
	case Word:
		if x := p.keywordAtom(); x != nil {
			return x
		}
	}
	if !isIdent(t) {
		p.mismatch()
		return &NullLit{t.Span}
	}
	return p.named()
}

func (p *parser) operatorAtom() Expr {
	t := p.tok()
	switch {
	case t.Key == "-":
		return p.number(true)
	case t.Key == "?" || p.namedParam():
		return p.param()
	case t.Key == "(":
		return p.parenthesised()
	}
	p.mismatch()
	return &NullLit{t.Span}
}

// parenthesised takes a lambda, a query, a row or an expression.
func (p *parser) parenthesised() Expr {
	t := p.tok()
	if end := p.closing[p.pos]; end >= 0 && p.toks[end+1].Key == "->" && p.isParams(end) {
		p.next()
		l := &Lambda{}
		if p.accept(")") {
			l.Params = []Ident{}
		} else {
			l.Params = p.idents()
		}
		p.expect("->")
		l.Body = p.expression()
		l.Span = p.span(t.Start)
		return l
	}
	query := p.isQuery(p.pos + 1)
	p.next()
	if query {
		q := &Subquery{Query: p.nestedQuery()}
		p.expect(")")
		q.Span = p.span(t.Start)
		return q
	}
	p.want("<query>")
	x := p.expression()
	if !p.is(",") {
		p.expect(")")
		return x
	}
	r := &RowCtor{Fields: []Expr{x}}
	for p.accept(",") {
		r.Fields = append(r.Fields, p.expression())
	}
	p.expect(")")
	r.Span = p.span(t.Start)
	return r
}

// isParams says whether names and commas alone stand between the parenthesis at the
// current token and its closing one.
func (p *parser) isParams(end int) bool {
	for i := p.pos + 1; i < end; i++ {
		if odd := (i-p.pos)%2 == 1; odd && !isIdent(p.toks[i]) || !odd && p.toks[i].Key != "," {
			return false
		}
	}
	return end == p.pos+1 || (end-p.pos)%2 == 0
}

// namedParam says whether :name stands here, without a blank between.
func (p *parser) namedParam() bool {
	t, n := p.tok(), p.peek(1)
	return t.Key == ":" && n.Kind == Word && n.Start == t.End
}

func (p *parser) param() *Param {
	t := p.next()
	if t.Key == "?" {
		p.params++
		return &Param{Span: t.Span, Index: p.params - 1}
	}
	n := p.next()
	return &Param{Span: Span{t.Start, n.End}, Name: p.text[n.Start:n.End]}
}

// keywordAtom takes what begins with a keyword, and returns nil where the word is a
// name.
func (p *parser) keywordAtom() Expr {
	t, n := p.tok(), p.peek(1)
	switch t.Key {
	case "":
		return nil
	case "NULL":
		p.next()
		return &NullLit{t.Span}
	case "TRUE", "FALSE":
		p.next()
		return &BoolLit{t.Span, t.Key == "TRUE"}
	case "CASE":
		return p.caseExpr()
	case "CAST":
		return p.cast()
	case "EXISTS":
		p.next()
		p.expect("(")
		e := &Exists{Query: p.nestedQuery()}
		p.expect(")")
		e.Span = p.span(t.Start)
		return e
	case "CURRENT_DATE", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH":
		p.next()
		return &Current{Span: t.Span, What: t.Key, Precision: -1}
	case "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP":
		return p.currentTime()
	case "EXTRACT", "GROUPING", "LISTAGG", "NORMALIZE", "TRIM":
		return p.special()
	case "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_VALUE":
		return p.jsonCall()
	}
	if n.Key == "(" {
		switch t.Key {
		case "TRY_CAST":
			return p.cast()
		case "ROW":
			return p.row()
		case "POSITION", "SUBSTRING":
			return p.special()
		}
	}
	switch {
	case t.Key == "ARRAY" && n.Key == "[":
		return p.array()
	case t.Key == "INTERVAL" && (isString(n) || (n.Key == "+" || n.Key == "-") && isString(p.peek(2))):
		return p.interval()
	case t.Key == "DOUBLE" && n.Key == "PRECISION" && isString(p.peek(2)):
		p.next()
		p.next()
		l := &TypedLit{Type: "double", Value: p.stringLit()}
		l.Span = p.span(t.Start)
		return l
	case (t.Key == "RUNNING" || t.Key == "FINAL") && isIdent(n):
		p.refuse(t.Span, t.Key+" in front of a function", "")
	}
	return nil
}

// named takes what begins with a name: a typed literal, a lambda, a call or a column.
func (p *parser) named() Expr {
	t, n := p.tok(), p.peek(1)
	switch {
	case isString(n):
		id := p.ident()
		l := &TypedLit{Type: lower(id.Name), Value: p.stringLit()}
		l.Span = p.span(t.Start)
		return l
	case n.Key == "->":
		id := p.ident()
		p.next()
		l := &Lambda{Params: []Ident{id}, Body: p.expression()}
		l.Span = p.span(t.Start)
		return l
	}
	// A name of several parts is a function's only in front of a parenthesis.
	i := p.pos
	for p.tokAt(i+1).Key == "." && isIdent(p.tokAt(i+2)) {
		i += 2
	}
	if p.tokAt(i+1).Key == "(" {
		return p.call()
	}
	if n.Key == "OVER" && (p.peek(2).Key == "(") {
		p.refuse(Span{t.Start, n.End}, "a measure over a window", "")
	}
	return &ColumnRef{p.ident()}
}

func isString(t Token) bool { return t.Kind == String || t.Kind == UnicodeString }

func (p *parser) caseExpr() Expr {
	start := p.next().Start
	c := &Case{}
	if !p.is("WHEN") {
		c.Operand = p.expression()
	}
	for p.is("WHEN") {
		at := p.next().Start
		w := When{When: p.expression()}
		p.expect("THEN")
		w.Then = p.expression()
		w.Span = p.span(at)
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		p.mismatch()
	}
	if p.accept("ELSE") {
		c.Else = p.expression()
	}
	p.expect("END")
	c.Span = p.span(start)
	return c
}

func (p *parser) cast() Expr {
	t := p.next()
	p.expect("(")
	c := &Cast{Try: t.Key == "TRY_CAST", X: p.expression()}
	p.expect("AS")
	c.To = p.typeName()
	p.expect(")")
	c.Span = p.span(t.Start)
	return c
}

func (p *parser) row() Expr {
	start := p.next().Start
	p.expect("(")
	r := &RowCtor{}
	for {
		r.Fields = append(r.Fields, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	r.Span = p.span(start)
	return r
}

func (p *parser) array() Expr {
	start := p.next().Start
	p.next()
	a := &ArrayCtor{}
	if !p.accept("]") {
		for {
			a.Elems = append(a.Elems, p.expression())
			if !p.accept(",") {
				break
			}
		}
		p.expect("]")
	}
	a.Span = p.span(start)
	return a
}

func (p *parser) currentTime() Expr {
	t := p.next()
	c := &Current{What: t.Key, Precision: -1}
	if p.accept("(") {
		c.Precision = p.integer(12)
		p.expect(")")
	}
	c.Span = p.span(t.Start)
	return c
}
