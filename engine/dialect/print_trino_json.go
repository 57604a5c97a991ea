package dialect

import (
	"fmt"
	"strings"
)

// sqlJSON prints a function of SQL/JSON with the clauses that its mode says, and false
// for any other call. What Trino does by default is left out.
func (p *trinoPrinter) sqlJSON(c *Call) (string, bool) {
	switch c.Fn {
	case sqlJSONText:
		return p.textOf(c.Args[0]) + " FORMAT JSON", true
	case sqlJSONExists, sqlJSONQuery, sqlJSONValue:
		return c.Fn.Signature + "(" + p.jsonPathClauses(c) + ")", true
	case sqlJSONObject, sqlJSONArray:
		return c.Fn.Signature + "(" + p.jsonMembers(c) + ")", true
	}
	return "", false
}

// jsonPathClauses prints what stands in the parentheses of a function with a path.
func (p *trinoPrinter) jsonPathClauses(c *Call) string {
	mode, rest, _ := strings.Cut(c.Args[2].(*Literal).Value.(string), "\n")
	args := c.Args[3:]
	// The values of DEFAULT come first.
	behavior := func(m byte, when string) string {
		switch m {
		case '!':
			return " ERROR ON " + when
		case 'a':
			return " EMPTY ARRAY ON " + when
		case 'o':
			return " EMPTY OBJECT ON " + when
		case 'd':
			x := args[0]
			args = args[1:]
			return " DEFAULT " + p.expr(x) + " ON " + when
		}
		return ""
	}
	clauses := ""
	switch c.Fn {
	case sqlJSONExists:
		clauses = map[byte]string{'!': " ERROR ON ERROR", 't': " TRUE ON ERROR", 'n': " UNKNOWN ON ERROR"}[mode[0]]
	case sqlJSONQuery:
		clauses = map[byte]string{'u': " WITH UNCONDITIONAL ARRAY WRAPPER", 'c': " WITH CONDITIONAL ARRAY WRAPPER"}[mode[0]]
		if mode[1] == 'o' {
			clauses += " OMIT QUOTES"
		}
		clauses += behavior(mode[2], "EMPTY")
		clauses += behavior(mode[3], "ERROR")
	case sqlJSONValue:
		if !c.Typ.Equal(Varchar) {
			clauses = " RETURNING " + trinoType(c.Typ)
		}
		clauses += behavior(mode[1], "EMPTY")
		clauses += behavior(mode[2], "ERROR")
	}
	sql := p.textOf(c.Args[0]) + ", " + trinoText(c.Args[1].(*Literal).Value.(string))
	if rest != "" {
		var passing []string
		for i, name := range strings.Split(rest, "\n") {
			passing = append(passing, p.expr(args[i])+" AS "+quoteIdent(name))
		}
		sql += " PASSING " + strings.Join(passing, ", ")
	}
	return sql + clauses
}

// jsonMembers prints what stands in the parentheses of a constructor.
func (p *trinoPrinter) jsonMembers(c *Call) string {
	mode := c.Args[0].(*Literal).Value.(string)
	var members []string
	object := c.Fn == sqlJSONObject
	for i := 1; i < len(c.Args); i++ {
		member := ""
		if object {
			member = "KEY (" + p.expr(c.Args[i]) + ") VALUE "
			i++
		}
		members = append(members, member+p.expr(c.Args[i]))
	}
	sql := strings.Join(members, ", ")
	switch {
	case len(members) == 0:
		return ""
	case object && mode[0] == 'a':
		sql += " ABSENT ON NULL"
	case !object && mode[0] == 'n':
		sql += " NULL ON NULL"
	}
	if object && mode[1] == 'u' {
		sql += " WITH UNIQUE KEYS"
	}
	return sql
}

// listaggArgs prints the arguments of LISTAGG, with ON OVERFLOW.
func (p *trinoPrinter) listaggArgs(a *Agg) string {
	text := func(i int) string { return a.Args[i].(*Literal).Value.(string) }
	sql := p.expr(a.Args[0])
	if text(1) != "" {
		sql += ", " + trinoText(text(1))
	}
	if mode := text(3); mode != "error" {
		sql += fmt.Sprintf(" ON OVERFLOW TRUNCATE %s %s COUNT", trinoText(text(2)), map[bool]string{true: "WITH", false: "WITHOUT"}[mode == "count"])
	}
	return sql
}

// outerKey prints a grouping key of the SELECT around, of which Trino takes columns
// only.
func (p *trinoPrinter) outerKey(e *GroupRef) string {
	key := e.Outer.Keys[e.Index]
	for x := key; ; {
		switch y := x.(type) {
		case *Deref:
			x = y.X
			continue
		case *ColRef:
		default:
			p.refuse(-1, "a query that refers to an expression of the GROUP BY around it cannot be written for Trino: compute the expression in a query in FROM, and group by its column")
		}
		return p.at(key, levelPostfix)
	}
}
