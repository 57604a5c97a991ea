package syntax

// jsonCall takes the functions of SQL/JSON, at their name.
func (p *parser) jsonCall() Expr {
	t := p.next()
	p.expect("(")
	if t.Key == "JSON_OBJECT" || t.Key == "JSON_ARRAY" {
		return p.jsonCtor(t)
	}
	c := &JSONPathCall{Func: t.Key, Input: p.jsonInput()}
	p.expect(",")
	if !isString(p.tok()) {
		p.want("<string>")
		p.mismatch()
		return c
	}
	c.Path = p.stringLit()
	if p.accept("AS") {
		id := p.ident()
		c.PathName = &id
	}
	if p.accept("PASSING") {
		for {
			start := p.tok().Start
			a := &JSONArgument{Value: p.jsonInput()}
			p.expect("AS")
			a.Name = p.ident()
			a.Span = p.span(start)
			c.Passing = append(c.Passing, a)
			if !p.accept(",") {
				break
			}
		}
	}
	if t.Key != "JSON_EXISTS" && p.accept("RETURNING") {
		c.Returning = p.typeName()
		if t.Key == "JSON_QUERY" {
			c.Format, c.Encoding = p.jsonFormat()
		}
	}
	if t.Key == "JSON_QUERY" {
		p.jsonWrapper(c)
	}
	c.OnEmpty, c.OnError = p.jsonBehaviors(t.Key)
	p.expect(")")
	c.Span = p.span(t.Start)
	return c
}

func (p *parser) jsonInput() *JSONInput {
	start := p.tok().Start
	in := &JSONInput{X: p.expression()}
	in.Format, in.Encoding = p.jsonFormat()
	in.Span = p.span(start)
	return in
}

// jsonFormat takes [FORMAT JSON [ENCODING …]].
func (p *parser) jsonFormat() (format bool, encoding string) {
	if !p.accept("FORMAT") {
		return false, ""
	}
	p.expect("JSON")
	if p.accept("ENCODING") {
		for _, e := range []string{"UTF8", "UTF16", "UTF32"} {
			if p.accept(e) {
				return true, e
			}
		}
		p.mismatch()
	}
	return true, ""
}

func (p *parser) jsonWrapper(c *JSONPathCall) {
	switch {
	case p.accept("WITHOUT"):
		c.Wrapper = "WITHOUT"
	case p.accept("WITH"):
		c.Wrapper = "UNCONDITIONAL"
		if p.accept("CONDITIONAL") {
			c.Wrapper = "CONDITIONAL"
		} else {
			p.accept("UNCONDITIONAL")
		}
	}
	if c.Wrapper != "" {
		p.accept("ARRAY")
		p.expect("WRAPPER")
	}
	switch {
	case p.accept("KEEP"):
		c.Quotes = "KEEP"
	case p.accept("OMIT"):
		c.Quotes = "OMIT"
	default:
		return
	}
	p.expect("QUOTES")
	if p.is("ON") && p.peek(1).Key == "SCALAR" {
		p.next()
		p.next()
		p.expect("STRING")
	}
}

// jsonBehaviors takes [… ON EMPTY] [… ON ERROR], as far as the function has them.
func (p *parser) jsonBehaviors(fn string) (onEmpty, onError *JSONBehavior) {
	for {
		b := p.jsonBehavior(fn)
		if b == nil {
			return onEmpty, onError
		}
		p.expect("ON")
		if fn != "JSON_EXISTS" && onEmpty == nil && onError == nil && p.accept("EMPTY") {
			onEmpty = b
			continue
		}
		p.expect("ERROR")
		return onEmpty, b
	}
}

func (p *parser) jsonBehavior(fn string) *JSONBehavior {
	start := p.tok().Start
	words := map[string][]string{
		"JSON_EXISTS": {"ERROR", "FALSE", "TRUE", "UNKNOWN"},
		"JSON_QUERY":  {"ERROR", "NULL"},
		"JSON_VALUE":  {"ERROR", "NULL"},
	}[fn]
	b := &JSONBehavior{}
	for _, w := range words {
		if b.What == "" && p.accept(w) {
			b.What = w
		}
	}
	switch {
	case b.What != "":
	case fn == "JSON_VALUE" && p.accept("DEFAULT"):
		b.What = "DEFAULT"
		b.Default = p.expression()
	case fn == "JSON_QUERY" && p.accept("EMPTY"):
		b.What = "EMPTY ARRAY"
		if !p.accept("ARRAY") {
			p.expect("OBJECT")
			b.What = "EMPTY OBJECT"
		}
	default:
		return nil
	}
	b.Span = p.span(start)
	return b
}

// jsonCtor takes JSON_OBJECT or JSON_ARRAY behind its parenthesis.
func (p *parser) jsonCtor(t Token) Expr {
	c := &JSONCtor{Object: t.Key == "JSON_OBJECT"}
	if !p.is(")") && p.tok().Key != "RETURNING" {
		for {
			c.Members = append(c.Members, p.jsonMember(c.Object))
			if !p.accept(",") {
				break
			}
		}
		switch {
		case p.accept("NULL"):
			c.Nulls = "NULL"
		case p.accept("ABSENT"):
			c.Nulls = "ABSENT"
		}
		if c.Nulls != "" {
			p.expectAll("ON", "NULL")
		}
		if c.Object {
			if p.accept("WITH") {
				c.Unique = "WITH"
			} else if p.accept("WITHOUT") {
				c.Unique = "WITHOUT"
			}
		}
		if c.Unique != "" {
			p.expect("UNIQUE")
			p.accept("KEYS")
		}
	}
	if p.accept("RETURNING") {
		c.Returning = p.typeName()
		c.Format, c.Encoding = p.jsonFormat()
	}
	p.expect(")")
	c.Span = p.span(t.Start)
	return c
}

// jsonMember takes [KEY] key VALUE value, key : value, or a value alone.
func (p *parser) jsonMember(object bool) *JSONMember {
	start := p.tok().Start
	m := &JSONMember{}
	if object {
		colon := true
		if p.tok().Key == "KEY" {
			// KEY is also a name; what follows it tells.
			switch n := p.peek(1); {
			case n.Key == "VALUE" || n.Key == "." || n.Key == ":" || n.Key == "[", binaryPower[n.Key] > 0, comparisons[n.Key] != "":
			default:
				p.next()
				colon = false
			}
		}
		m.Key = p.expression()
		if !colon || !p.accept(":") {
			p.expect("VALUE")
		}
	}
	m.Value = p.jsonInput()
	m.Span = p.span(start)
	return m
}
