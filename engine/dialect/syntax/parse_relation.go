package syntax

// relation takes a relation with its joins.
func (p *parser) relation() Relation {
	p.enter()
	defer p.leave()
	defer p.measured()()
	start := p.tok().Start
	left := p.sampled()
	for {
		j := p.join(left)
		if j == nil {
			return left
		}
		p.chain()
		j.Span = p.span(start)
		left = j
	}
}

// join takes one join behind left, nil for none.
func (p *parser) join(left Relation) *Join {
	j := &Join{Left: left}
	if p.accept("CROSS") {
		p.expect("JOIN")
		j.Right = p.sampled()
		return j
	}
	j.Natural = p.accept("NATURAL")
	switch {
	case p.accept("JOIN"):
		j.Kind = InnerJoin
		return p.joined(j)
	case p.accept("INNER"):
		j.Kind = InnerJoin
	case p.accept("LEFT"):
		j.Kind = LeftJoin
		p.accept("OUTER")
	case p.accept("RIGHT"):
		j.Kind = RightJoin
		p.accept("OUTER")
	case p.accept("FULL"):
		j.Kind = FullJoin
		p.accept("OUTER")
	default:
		if j.Natural {
			p.mismatch()
		}
		return nil
	}
	p.expect("JOIN")
	return p.joined(j)
}

// joined takes the right side and the condition.
func (p *parser) joined(j *Join) *Join {
	if j.Natural {
		j.Right = p.sampled()
		return j
	}
	// The right side may have joins of its own: a JOIN b JOIN c ON … ON ….
	j.Right = p.relation()
	switch {
	case p.accept("ON"):
		j.On = p.expression()
	case p.accept("USING"):
		p.expect("(")
		j.Using = p.idents()
	default:
		p.mismatch()
	}
	return j
}

func (p *parser) sampled() Relation {
	start := p.tok().Start
	r := p.aliased()
	if p.tok().Key == "MATCH_RECOGNIZE" && p.peek(1).Key == "(" {
		p.refuse(p.tok().Span, "MATCH_RECOGNIZE", "")
		return r
	}
	if !p.accept("TABLESAMPLE") {
		return r
	}
	s := &Sample{Rel: r}
	if p.accept("SYSTEM") {
		s.System = true
	} else {
		p.expect("BERNOULLI")
	}
	p.expect("(")
	s.Percent = p.expression()
	p.expect(")")
	s.Span = p.span(start)
	return s
}

// foreignJoins are kinds of joins of other systems. Trino would take the word as
// the name of the relation before it.
var foreignJoins = map[string]string{
	"ANTI": "use NOT EXISTS", "ASOF": "use max_by or a window", "POSITIONAL": "number the rows and join on that",
	"SEMI": "use EXISTS or IN",
}

func (p *parser) aliased() Relation {
	start := p.tok().Start
	r := p.relationPrimary()
	if t := p.tok(); t.Kind == Word && p.peek(1).Key == "JOIN" {
		word := upper(p.text[t.Start:t.End])
		if hint, ok := foreignJoins[word]; ok {
			p.refuse(t.Span, word+" JOIN", hint)
		}
	}
	alias := p.alias()
	if alias == nil {
		return r
	}
	a := &Aliased{Rel: r, Alias: *alias}
	if p.accept("(") {
		a.Columns = p.idents()
	}
	a.Span = p.span(start)
	return a
}

func (p *parser) relationPrimary() Relation {
	start := p.tok().Start
	switch {
	case p.is("("):
		query := p.isQuery(p.pos + 1)
		p.next()
		if query {
			r := &SubqueryRel{Query: p.nestedQuery()}
			p.expect(")")
			r.Span = p.span(start)
			return r
		}
		p.want("<query>")
		r := p.relation()
		p.expect(")")
		return r
	case p.accept("UNNEST"):
		return p.unnest(start)
	case p.tok().Key == "LATERAL" && p.peek(1).Key == "(":
		p.next()
		p.next()
		r := &SubqueryRel{Lateral: true, Query: p.nestedQuery()}
		p.expect(")")
		r.Span = p.span(start)
		return r
	case p.is("TABLE"):
		p.refuse(p.tok().Span, "a table function", "name an event data store")
	case p.is("JSON_TABLE"):
		p.refuse(p.tok().Span, "JSON_TABLE", "use json_extract, CAST and UNNEST")
	}
	p.want("LATERAL")
	return p.tableRef()
}

func (p *parser) unnest(start int) Relation {
	u := &Unnest{}
	p.expect("(")
	for {
		u.Args = append(u.Args, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	if p.accept("WITH") {
		p.expect("ORDINALITY")
		u.Ordinality = true
	}
	u.Span = p.span(start)
	return u
}

// tableRef takes the name of a table, the id of a store, $EDS_ID or a parameter.
func (p *parser) tableRef() *TableRef {
	start := p.tok().Start
	if p.err == nil {
		if r := p.storeID(); r != nil {
			return r
		}
	}
	if p.tok().Key == "?" || p.namedParam() {
		x := p.param()
		return &TableRef{Span: x.Span, Param: x}
	}
	r := &TableRef{Name: p.qualifiedName()}
	r.Span = p.span(start)
	switch {
	case p.tok().Key == "(" && p.err == nil:
		p.refuse(r.Span, "table function "+r.Name.String(), "name an event data store")
	case p.tok().Key == "FOR" && (p.peek(1).Key == "VERSION" || p.peek(1).Key == "TIMESTAMP"):
		p.refuse(Span{p.tok().Start, p.peek(1).End}, "FOR "+p.peek(1).Key+" AS OF", "")
	}
	return r
}

const placeholder = "$EDS_ID"

// storeID takes $EDS_ID or a bare id of an event data store, and returns nil for
// anything else. The id is read from the text and not from tokens, since parts of
// it may look like numbers: 3e5e2676-9fce-46ef-8142-3e36a94e6691. Nothing in the
// grammar lets a minus sign follow the name of a table.
func (p *parser) storeID() *TableRef {
	start := p.tok().Start
	rest := p.text[start:]
	if len(rest) >= len(placeholder) && equalFold(rest[:len(placeholder)], placeholder) && !isWord(at(rest, len(placeholder))) {
		p.skipTo(start + len(placeholder))
		span := Span{start, start + len(placeholder)}
		return &TableRef{Span: span, Name: Name{{Span: span, Name: placeholder}}, Placeholder: true}
	}
	n, parts := 0, 0
	for {
		part := n
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
			n++
		}
		if n == part {
			break
		}
		parts++
		if at(rest, n) != '-' || !isLetter(at(rest, n+1)) && !isDigit(at(rest, n+1)) {
			break
		}
		n++
	}
	if parts < 2 {
		return nil
	}
	span := Span{start, start + n}
	if !isUUID(rest[:n]) || isWord(at(rest, n)) {
		for n < len(rest) && (isWord(rest[n]) || rest[n] == '-') {
			n++
		}
		span.End = start + n
		p.fail(span, CodeSyntax, "quote names that contain '-'", "%s is not an event data store ID", rest[:n])
		return nil
	}
	p.skipTo(span.End)
	return &TableRef{Span: span, Name: Name{{Span: span, Name: rest[:n]}}, ID: true}
}

// skipTo moves to the first token at or behind the offset.
func (p *parser) skipTo(offset int) {
	for p.tok().Kind != EOF && p.tok().End <= offset {
		p.next()
	}
	if t := p.tok(); t.Start < offset && t.Kind != EOF {
		p.fail(Span{offset, t.End}, CodeSyntax, "", "mismatched input '%s'", p.text[offset:t.End])
	}
}

// isUUID says whether s has the form 8-4-4-4-12 of hexadecimal digits.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHex(s[i]) {
				return false
			}
		}
	}
	return true
}

// isQuery says whether a query begins at token i, behind an opening parenthesis.
// Between several parentheses, what follows the inner ones decides: ((SELECT 1) + 1)
// is a value, ((SELECT 1) UNION SELECT 2) is not. A query in parentheses of a query
// has no WITH, so that in ((WITH a AS … SELECT 1)) the outer ones are not its own.
func (p *parser) isQuery(i int) bool {
	for first := i; ; {
		switch p.tokAt(i).Key {
		case "SELECT", "VALUES", "TABLE":
			return true
		case "WITH":
			return i == first
		case "(":
		default:
			return false
		}
		if p.closing[i] < 0 {
			i++ // not closed: an error in any case
			continue
		}
		after := p.closing[i] + 1
		switch p.toks[after].Key {
		case "UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "OFFSET", "FETCH", ")":
		default:
			return false
		}
		i++
	}
}
