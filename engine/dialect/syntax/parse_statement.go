package syntax

// statement takes the whole text: one query and perhaps a semicolon.
func (p *parser) statement() *Query {
	p.refuseStatement()
	q := p.query()
	if p.err == nil && p.tok().Key == ";" {
		at := p.next()
		if p.tok().Kind != EOF {
			p.fail(Span{at.Start, p.tok().End}, CodeSyntax, "send one statement at a time",
				"mismatched input ';'. Expecting: <EOF>")
		}
	}
	p.end()
	return q
}

// statements are the first words of statements that are no queries: those of Trino
// first, and then those of other systems, whose names are no keywords here.
var statements = map[string]bool{
	"ALTER": true, "ANALYZE": true, "CALL": true, "COMMENT": true, "COMMIT": true, "CREATE": true, "DEALLOCATE": true,
	"DELETE": true, "DENY": true, "DESC": true, "DESCRIBE": true, "DROP": true, "EXECUTE": true, "EXPLAIN": true,
	"GRANT": true, "INSERT": true, "MERGE": true, "PREPARE": true, "REFRESH": true, "RESET": true, "REVOKE": true,
	"ROLLBACK": true, "SET": true, "SHOW": true, "START": true, "TRUNCATE": true, "UPDATE": true, "USE": true,

	"ATTACH": true, "BEGIN": true, "CHECKPOINT": true, "COPY": true, "DETACH": true, "EXPORT": true, "FROM": true,
	"IMPORT": true, "INSTALL": true, "LOAD": true, "PIVOT": true, "PRAGMA": true, "SUMMARIZE": true, "UNLOAD": true,
	"UNPIVOT": true, "VACUUM": true,
}

func (p *parser) refuseStatement() {
	t := p.tok()
	if t.Kind != Word {
		return
	}
	word := upper(p.text[t.Start:t.End])
	if !statements[word] {
		return
	}
	if word == "FROM" {
		p.fail(t.Span, CodeSyntax, "a query begins with SELECT", "mismatched input '%s'. Expecting: <query>", p.text[t.Start:t.End])
		return
	}
	p.refuse(t.Span, word, "only a SELECT query is allowed")
}

// query takes [WITH …] and the rest of a query.
func (p *parser) query() *Query {
	p.mute("<query>")
	start := p.tok().Start
	with := p.with()
	q := p.queryNoWith()
	if with != nil {
		q.With = with
		q.Span = p.span(start)
	}
	return q
}

func (p *parser) with() *With {
	start := p.tok().Start
	if !p.accept("WITH") {
		return nil
	}
	p.refuseScoped()
	w := &With{Recursive: p.accept("RECURSIVE")}
	for {
		w.Queries = append(w.Queries, p.namedQuery())
		if !p.accept(",") {
			break
		}
	}
	w.Span = p.span(start)
	return w
}

// refuseScoped refuses WITH FUNCTION … and WITH SESSION …; both words can also be
// the name of a query.
func (p *parser) refuseScoped() {
	t, n := p.tok(), p.peek(1)
	if t.Key != "FUNCTION" && t.Key != "SESSION" || n.Key == "AS" || n.Key == "(" {
		return
	}
	if t.Key == "FUNCTION" {
		p.refuse(t.Span, "an inline function", "use a lambda or a named query")
	} else {
		p.refuse(t.Span, "WITH SESSION", "leave the session properties out")
	}
}

func (p *parser) namedQuery() *NamedQuery {
	start := p.tok().Start
	n := &NamedQuery{Name: p.ident()}
	if p.accept("(") {
		n.Columns = p.idents()
	}
	p.expect("AS")
	p.expect("(")
	n.Query = p.nestedQuery()
	p.expect(")")
	n.Span = p.span(start)
	return n
}

// nestedQuery takes a query inside of another.
func (p *parser) nestedQuery() *Query {
	p.enter()
	defer p.leave()
	return p.query()
}
