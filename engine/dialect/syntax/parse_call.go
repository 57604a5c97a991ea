package syntax

import "fmt"

// call takes a call of a function by name.
func (p *parser) call() Expr {
	start := p.tok().Start
	c := &Call{Name: p.qualifiedName()}
	p.expect("(")
	switch {
	case p.accept("*"):
		c.Star = true
	case p.accept(")"):
		return p.callEnd(c, start)
	case isIdent(p.tok()) && p.peek(1).Key == "." && p.peek(2).Key == "*" && p.peek(3).Key == ")":
		p.refuse(Span{p.tok().Start, p.peek(2).End}, c.Name.String()+"(relation.*)", "count(*) counts rows")
	case p.tok().Key == "ORDER" && p.peek(1).Key == "BY":
	default:
		if p.accept("DISTINCT") {
			c.Distinct = true
		} else if p.want("ORDER"); p.quantifierAll() {
			p.next()
		}
		for {
			c.Args = append(c.Args, p.expression())
			if !p.accept(",") {
				break
			}
		}
	}
	if !c.Star && p.acceptAll("ORDER", "BY") {
		c.OrderBy = p.sortItems()
	}
	p.expect(")")
	return p.callEnd(c, start)
}

// callEnd takes what follows the arguments: FILTER, the null treatment and OVER.
func (p *parser) callEnd(c *Call, start int) Expr {
	if p.is("FILTER") && p.peek(1).Key == "(" {
		p.next()
		p.next()
		p.expect("WHERE")
		c.Filter = p.expression()
		p.expect(")")
	}
	if p.acceptAll("IGNORE", "NULLS") {
		c.Nulls = IgnoreNulls
	} else if p.acceptAll("RESPECT", "NULLS") {
		c.Nulls = RespectNulls
	}
	if p.is("OVER") && (p.peek(1).Key == "(" || isIdent(p.peek(1))) || c.Nulls != NullsUnset {
		p.expect("OVER")
		c.Over = p.over()
	}
	c.Span = p.span(start)
	return c
}

// over takes the name of a window, or its definition in parentheses.
func (p *parser) over() *Window {
	start := p.tok().Start
	if !p.accept("(") {
		id := p.ident()
		return &Window{Span: id.Span, Name: &id, Bare: true}
	}
	w := p.window()
	p.expect(")")
	w.Span = p.span(start)
	return w
}

func (p *parser) namedWindow() NamedWindow {
	start := p.tok().Start
	n := NamedWindow{Name: p.ident()}
	p.expect("AS")
	at := p.tok().Start
	p.expect("(")
	n.Window = p.window()
	p.expect(")")
	n.Window.Span = p.span(at)
	n.Span = p.span(start)
	return n
}

// window takes the inside of a window's parentheses.
func (p *parser) window() *Window {
	w := &Window{}
	if t := p.tok(); t.Key == "MEASURES" {
		switch p.peek(1).Key {
		case ")", "PARTITION", "ORDER", "RANGE", "ROWS", "GROUPS": // the name of a window
		default:
			p.refuse(t.Span, "row pattern recognition in a window", "")
		}
	}
	if isIdent(p.tok()) && !p.startsFrame() && !(p.tok().Key == "PARTITION" && p.peek(1).Key == "BY") {
		id := p.ident()
		w.Name = &id
	}
	if p.acceptAll("PARTITION", "BY") {
		for {
			w.PartitionBy = append(w.PartitionBy, p.expression())
			if !p.accept(",") {
				break
			}
		}
	}
	if p.acceptAll("ORDER", "BY") {
		w.OrderBy = p.sortItems()
	}
	if t := p.tok(); t.Key == "MEASURES" {
		p.refuse(t.Span, "row pattern recognition in a window", "")
	}
	w.Frame = p.frame()
	return w
}

// startsFrame says whether RANGE, ROWS or GROUPS begins a frame here, and is no name
// of a window.
func (p *parser) startsFrame() bool {
	switch p.tok().Key {
	case "RANGE", "ROWS", "GROUPS":
		n := p.peek(1)
		return n.Key != ")" && n.Key != "ORDER" && !(n.Key == "PARTITION" && p.peek(2).Key == "BY")
	}
	return false
}

func (p *parser) frame() *Frame {
	start := p.tok().Start
	f := &Frame{}
	switch {
	case p.accept("RANGE"):
	case p.accept("ROWS"):
		f.Unit = FrameRows
	case p.accept("GROUPS"):
		f.Unit = FrameGroups
	default:
		return nil
	}
	if p.accept("BETWEEN") {
		f.Between = true
		f.Start = p.bound()
		p.expect("AND")
		f.End = p.bound()
	} else {
		f.Start = p.bound()
		f.End = Bound{Kind: CurrentRow}
	}
	f.Span = p.span(start)
	switch t := p.tok(); t.Key {
	case "AFTER", "INITIAL", "SEEK", "PATTERN", "SUBSET", "DEFINE":
		p.refuse(t.Span, "row pattern recognition in a window", "")
	}
	return f
}

func (p *parser) bound() Bound {
	start := p.tok().Start
	var b Bound
	switch {
	case p.is("UNBOUNDED") && p.peek(1).Key != "(":
		p.next()
		if p.accept("FOLLOWING") {
			b.Kind = UnboundedFollowing
		} else {
			p.expect("PRECEDING")
		}
	case p.is("CURRENT") && p.peek(1).Key == "ROW":
		p.next()
		p.next()
		b.Kind = CurrentRow
	default:
		b.Value = p.expression()
		b.Kind = Following
		if !p.accept("FOLLOWING") {
			p.expect("PRECEDING")
			b.Kind = Preceding
		}
	}
	b.Span = p.span(start)
	return b
}

// special takes the functions that have keywords between their arguments.
func (p *parser) special() Expr {
	t := p.next()
	name := Ident{Span: t.Span, Name: lower(t.Key)}
	p.expect("(")
	c := &Call{}
	switch t.Key {
	case "EXTRACT":
		e := &Extract{Field: p.ident()}
		p.expect("FROM")
		e.X = p.value()
		p.expect(")")
		e.Span = p.span(t.Start)
		return e
	case "GROUPING":
		return p.grouping(t)
	case "LISTAGG":
		return p.listagg(name)
	case "NORMALIZE":
		c.Args = []Expr{p.value()}
		if p.accept(",") {
			c.Args = append(c.Args, p.normalForm())
		}
	case "POSITION":
		// position(x IN y) is strpos(y, x); there is no function position.
		x := p.value()
		p.expect("IN")
		c.Args = []Expr{p.value(), x}
		name.Name = "strpos"
	case "SUBSTRING":
		p.substring(c)
	case "TRIM":
		name.Name = p.trim(c)
	}
	c.Name = Name{name}
	p.expect(")")
	c.Span = p.span(t.Start)
	return c
}

func (p *parser) normalForm() Expr {
	t := p.tok()
	for _, f := range []string{"NFC", "NFD", "NFKC", "NFKD"} {
		if p.accept(f) {
			return &StringLit{t.Span, f}
		}
	}
	p.mismatch()
	return &NullLit{t.Span}
}

// substring takes (x FROM a FOR b), or plain arguments.
func (p *parser) substring(c *Call) {
	c.Args = []Expr{p.expression()}
	if p.accept("FROM") {
		c.Args = append(c.Args, p.value())
		if p.accept("FOR") {
			c.Args = append(c.Args, p.value())
		}
		return
	}
	for p.accept(",") {
		c.Args = append(c.Args, p.expression())
	}
}

// trim takes the arguments of TRIM and returns the function that does it.
func (p *parser) trim(c *Call) string {
	name, side := "trim", true
	switch {
	case p.accept("LEADING"):
		name = "ltrim"
	case p.accept("TRAILING"):
		name = "rtrim"
	case p.accept("BOTH"):
	default:
		side = false
	}
	if side && p.accept("FROM") {
		c.Args = []Expr{p.value()}
		return name
	}
	x := p.value()
	switch {
	case p.accept("FROM"):
		c.Args = []Expr{p.value(), x}
	case side:
		p.mismatch()
	case p.accept(","):
		c.Args = []Expr{x, p.value()}
	default:
		c.Args = []Expr{x}
	}
	return name
}

func (p *parser) grouping(t Token) Expr {
	g := &Grouping{}
	if !p.is(")") {
		for {
			// A qualified name, as a chain of fields.
			start := p.tok().Start
			var x Expr = &ColumnRef{p.ident()}
			end := p.measured()
			for p.accept(".") {
				p.chain()
				d := &Deref{X: x, Field: p.ident()}
				d.Span = p.span(start)
				x = d
			}
			end()
			g.Args = append(g.Args, x)
			if !p.accept(",") {
				break
			}
		}
	}
	p.expect(")")
	g.Span = p.span(t.Start)
	return g
}

func (p *parser) listagg(name Ident) Expr {
	c := &Call{Name: Name{name}, Overflow: &ListaggOverflow{}}
	if p.accept("DISTINCT") {
		c.Distinct = true
	} else if p.quantifierAll() {
		p.next()
	}
	c.Args = []Expr{p.expression()}
	if p.accept(",") {
		c.Args = append(c.Args, p.stringLit())
	}
	if p.acceptAll("ON", "OVERFLOW") {
		p.overflow(c.Overflow)
	}
	p.expect(")")
	p.expectAll("WITHIN", "GROUP", "(", "ORDER", "BY")
	c.OrderBy = p.sortItems()
	p.expect(")")
	return p.callEnd(c, name.Start)
}

func (p *parser) overflow(o *ListaggOverflow) {
	if p.accept("ERROR") {
		return
	}
	p.expect("TRUNCATE")
	o.Truncate = true
	if isString(p.tok()) {
		o.Filler = p.stringLit()
	}
	if p.accept("WITH") {
		o.WithCount = true
	} else {
		p.expect("WITHOUT")
	}
	p.expect("COUNT")
}

// typeName takes a type and gives it in the form of the registry.
func (p *parser) typeName() *Type {
	p.mute("<type>")
	t := &Type{}
	start := p.tok().Start
	p.enter()
	defer p.leave()
	defer p.measured()()
	t.Text = p.typeBase()
	for p.accept("ARRAY") {
		p.chain()
		if p.accept("[") {
			p.integer(1 << 31)
			p.expect("]")
		}
		t.Text = "array(" + t.Text + ")"
	}
	t.Span = p.span(start)
	return t
}

func (p *parser) typeBase() string {
	t, n := p.tok(), p.peek(1)
	switch {
	case t.Key == "ROW" && n.Key == "(":
		p.next()
		p.next()
		s := "row(" + p.rowField()
		for p.accept(",") {
			s += ", " + p.rowField()
		}
		p.expect(")")
		return s + ")"
	case t.Key == "INTERVAL":
		p.next()
		s := "interval " + lower(string(p.intervalField()))
		if p.accept("TO") {
			s += " to " + lower(string(p.intervalField()))
		}
		return s
	case t.Key == "TIME" || t.Key == "TIMESTAMP":
		return p.timeType()
	case t.Key == "DOUBLE" && n.Key == "PRECISION":
		p.next()
		p.next()
		return "double"
	case (t.Key == "ARRAY" || t.Key == "MAP") && n.Key == "<":
		p.next()
		p.next()
		s := lower(t.Key) + "(" + p.typeName().Text
		if t.Key == "MAP" {
			p.expect(",")
			s += "," + p.typeName().Text
		}
		p.expect(">")
		return s + ")"
	}
	if !isIdent(t) {
		p.mismatch()
		return "unknown"
	}
	s := lower(p.ident().Name)
	if !plain(s) && !Keyword(upper(s)) {
		s = quoteIdent(s)
	}
	if !p.accept("(") {
		return s
	}
	s += "("
	for i := 0; ; i++ {
		if i > 0 {
			s += ","
		}
		if p.tok().Kind == Integer {
			s += fmt.Sprint(p.integer(1 << 31))
		} else {
			p.want("<integer>")
			s += p.typeName().Text
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return s + ")"
}

func (p *parser) timeType() string {
	s := lower(p.next().Key)
	if p.accept("(") {
		s += fmt.Sprintf("(%d)", p.integer(1<<31))
		p.expect(")")
	}
	switch {
	case p.acceptAll("WITH", "TIME", "ZONE"):
		return s + " with time zone"
	case p.acceptAll("WITHOUT", "TIME", "ZONE"):
	}
	return s
}

// rowField takes a type, or a name and a type. Whether the first word is a name is
// seen from what follows it.
func (p *parser) rowField() string {
	t, n := p.tok(), p.peek(1)
	named := isIdent(t) && isIdent(n)
	switch {
	case !named, t.Key == "DOUBLE" && n.Key == "PRECISION", t.Key == "INTERVAL" && fields[n.Key], n.Key == "ARRAY" && p.peek(2).Key != "(" && p.peek(2).Key != "<":
		return p.typeName().Text
	}
	id := p.ident()
	name := id.Name
	if id.Quoted || !plain(name) {
		name = quoteIdent(name)
	}
	return name + " " + p.typeName().Text
}
