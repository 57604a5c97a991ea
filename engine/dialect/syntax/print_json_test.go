package syntax

func (p *printer) jsonPathCall(c *JSONPathCall) {
	p.put(c.Func, "(")
	p.jsonInput(c.Input)
	p.put(", ")
	p.expr(c.Path)
	if c.PathName != nil {
		p.put(" AS ")
		p.ident(*c.PathName)
	}
	for i, a := range c.Passing {
		p.put(map[bool]string{true: " PASSING ", false: ", "}[i == 0])
		p.jsonInput(a.Value)
		p.put(" AS ")
		p.ident(a.Name)
	}
	p.jsonReturning(c.Returning, c.Format, c.Encoding)
	switch c.Wrapper {
	case "WITHOUT":
		p.put(" WITHOUT ARRAY WRAPPER")
	case "CONDITIONAL", "UNCONDITIONAL":
		p.put(" WITH ", c.Wrapper, " ARRAY WRAPPER")
	}
	if c.Quotes != "" {
		p.put(" ", c.Quotes, " QUOTES")
	}
	p.jsonBehavior(c.OnEmpty, "EMPTY")
	p.jsonBehavior(c.OnError, "ERROR")
	p.put(")")
}

func (p *printer) jsonBehavior(b *JSONBehavior, when string) {
	if b == nil {
		return
	}
	p.put(" ", b.What)
	if b.Default != nil {
		p.put(" ")
		p.expr(b.Default)
	}
	p.put(" ON ", when)
}

func (p *printer) jsonInput(in *JSONInput) {
	p.expr(in.X)
	p.jsonFormat(in.Format, in.Encoding)
}

func (p *printer) jsonFormat(format bool, encoding string) {
	if !format {
		return
	}
	p.put(" FORMAT JSON")
	if encoding != "" {
		p.put(" ENCODING ", encoding)
	}
}

func (p *printer) jsonReturning(t *Type, format bool, encoding string) {
	if t != nil {
		p.put(" RETURNING ", t.Text)
		p.jsonFormat(format, encoding)
	}
}

func (p *printer) jsonCtor(c *JSONCtor) {
	p.put(map[bool]string{true: "JSON_OBJECT(", false: "JSON_ARRAY("}[c.Object])
	for i, m := range c.Members {
		if i > 0 {
			p.put(", ")
		}
		if m.Key != nil {
			// In parentheses, since KEY in front of other text may be a name.
			p.put("KEY (")
			p.expr(m.Key)
			p.put(") VALUE ")
		}
		p.jsonInput(m.Value)
	}
	if c.Nulls != "" {
		p.put(" ", c.Nulls, " ON NULL")
	}
	if c.Unique != "" {
		p.put(" ", c.Unique, " UNIQUE KEYS")
	}
	p.jsonReturning(c.Returning, c.Format, c.Encoding)
	p.put(")")
}
