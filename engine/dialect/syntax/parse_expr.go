package syntax

// expression takes OR of AND of NOT of predicates.
func (p *parser) expression() Expr {
	p.mute("<expression>")
	p.enter()
	defer p.leave()
	return p.logic(true)
}

// logic takes terms joined by OR, or by AND, as one flat node.
func (p *parser) logic(or bool) Expr {
	start := p.tok().Start
	key, term := "AND", p.negation
	if or {
		key, term = "OR", func() Expr { return p.logic(false) }
	}
	x := term()
	if !p.is(key) {
		return x
	}
	l := &Logic{Or: or, Terms: []Expr{x}}
	for p.accept(key) {
		p.mute("<expression>")
		l.Terms = append(l.Terms, term())
	}
	l.Span = p.span(start)
	return l
}

func (p *parser) negation() Expr {
	start := p.tok().Start
	if !p.accept("NOT") {
		return p.predicated()
	}
	p.mute("<expression>")
	p.enter()
	defer p.leave()
	x := &Not{X: p.negation()}
	x.Span = p.span(start)
	return x
}

// comparisons maps the spelling of a comparison to its operator.
var comparisons = map[string]string{
	"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}

// predicated takes a value and at most one predicate on it.
func (p *parser) predicated() Expr {
	start := p.tok().Start
	x := p.value()
	p.mute("<predicate>")
	t := p.tok()
	if op, ok := comparisons[t.Key]; ok {
		p.next()
		// CloudTrail Lake's documentation has a blank in "< =".
		if n := p.tok(); n.Key == "=" && (op == "<" || op == ">") && n.Start > t.End {
			p.next()
			op += "="
			t.End = n.End
		}
		return p.comparison(start, x, op, t.Span)
	}
	if p.accept("IS") {
		return p.isPredicate(start, x)
	}
	if t.Key == "NOT" {
		switch p.peek(1).Key {
		case "BETWEEN", "IN", "LIKE":
			p.next()
		default:
			p.next()
			p.want("BETWEEN")
			p.want("IN")
			p.want("LIKE")
			p.mismatch()
			return x
		}
	}
	not := t.Key == "NOT"
	switch {
	case p.accept("BETWEEN"):
		b := &Between{X: x, Not: not, Low: p.value()}
		p.expect("AND")
		b.High = p.value()
		b.Span = p.span(start)
		return b
	case p.accept("IN"):
		return p.in(start, x, not)
	case p.accept("LIKE"):
		l := &Like{X: x, Not: not, Pattern: p.value()}
		if p.accept("ESCAPE") {
			l.Escape = p.value()
		}
		l.Span = p.span(start)
		return l
	}
	p.muted = -1
	return x
}

func (p *parser) comparison(start int, x Expr, op string, opAt Span) Expr {
	switch p.tok().Key {
	case "ALL", "SOME", "ANY":
		if p.peek(1).Key != "(" || !p.isQuery(p.pos+2) {
			break
		}
		q := &Quantified{X: x, Op: op, All: p.next().Key == "ALL"}
		p.next()
		q.Query = p.nestedQuery()
		p.expect(")")
		q.Span = p.span(start)
		return q
	}
	c := &Compare{Op: op, OpAt: opAt, L: x, R: p.value()}
	c.Span = p.span(start)
	return c
}

func (p *parser) isPredicate(start int, x Expr) Expr {
	not := p.accept("NOT")
	switch {
	case p.accept("NULL"):
		return &IsNull{Span: p.span(start), X: x, Not: not}
	case p.accept("DISTINCT"):
		p.expect("FROM")
		d := &IsDistinct{L: x, R: p.value(), Not: not}
		d.Span = p.span(start)
		return d
	}
	p.mismatch()
	return x
}

func (p *parser) in(start int, x Expr, not bool) Expr {
	p.expect("(")
	// IN ((SELECT …)) is a list of one value.
	list := p.tok().Key == "(" && p.closing[p.pos] >= 0 && p.toks[p.closing[p.pos]+1].Key == ")"
	if !list && p.isQuery(p.pos) {
		q := &InQuery{X: x, Query: p.nestedQuery(), Not: not}
		p.expect(")")
		q.Span = p.span(start)
		return q
	}
	p.want("<query>")
	l := &InList{X: x, Not: not}
	for {
		l.List = append(l.List, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	l.Span = p.span(start)
	return l
}

// The binding powers of the operators on values, loosest first.
const (
	precOr = iota + 1
	precAnd
	precNot
	precPredicate
	precConcat
	precAdd
	precMultiply
	precUnary
	precAtTimeZone
	precPrimary
)

var binaryPower = map[string]int{
	"||": precConcat, "+": precAdd, "-": precAdd, "*": precMultiply, "/": precMultiply, "%": precMultiply,
}

// precedence returns how tightly the outermost operator of an expression binds.
func precedence(x Expr) int {
	switch x := x.(type) {
	case *Logic:
		if x.Or {
			return precOr
		}
		return precAnd
	case *Not:
		return precNot
	case *Compare, *Quantified, *Between, *InList, *InQuery, *Like, *IsNull, *IsDistinct:
		return precPredicate
	case *Binary:
		return binaryPower[x.Op]
	case *Unary:
		return precUnary
	case *AtTimeZone:
		return precAtTimeZone
	case *Lambda:
		return precOr // it takes all that follows
	default:
		return precPrimary
	}
}

// value takes a value without predicates outside of parentheses.
func (p *parser) value() Expr {
	p.mute("<expression>")
	return p.operand(precConcat)
}

// operand takes a value whose operators bind at least as tightly as least.
func (p *parser) operand(least int) Expr {
	defer p.measured()()
	start := p.tok().Start
	x := p.unary()
	for {
		t := p.tok()
		power := binaryPower[t.Key]
		if power == 0 || power < least {
			for _, op := range []string{"%", "*", "+", "-", "/", "||"} {
				if binaryPower[op] >= least {
					p.want(op)
				}
			}
			return x
		}
		p.chain()
		p.next()
		p.mute("<expression>")
		b := &Binary{Op: t.Key, OpAt: t.Span, L: x, R: p.operand(power + 1)}
		b.Span = p.span(start)
		x = b
	}
}

func (p *parser) unary() Expr {
	t := p.tok()
	if t.Key != "-" && t.Key != "+" {
		return p.atTimeZone()
	}
	if n := p.peek(1); t.Key == "-" && (n.Kind == Integer || n.Kind == Decimal || n.Kind == Double) {
		return p.atTimeZone() // the sign is part of the number
	}
	p.next()
	p.mute("<expression>")
	p.enter()
	defer p.leave()
	u := &Unary{Op: t.Key, X: p.unary()}
	u.Span = p.span(t.Start)
	return u
}

func (p *parser) atTimeZone() Expr {
	defer p.measured()()
	start := p.tok().Start
	x := p.primary()
	for p.is("AT") && p.peek(1).Key == "TIME" {
		p.chain()
		p.expectAll("AT", "TIME", "ZONE")
		z := &AtTimeZone{X: x}
		if p.tok().Key == "INTERVAL" {
			z.Zone = p.interval()
		} else {
			z.Zone = p.stringLit()
		}
		z.Span = p.span(start)
		x = z
	}
	return x
}
