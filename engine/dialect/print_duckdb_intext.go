package dialect

import (
	"slices"
	"strings"
)

// inText prints a condition that holds wherever e is true, and that DuckDB evaluates
// while it reads a file: on the text of a stored map, where e asks for the value of a
// key. Rows that it leaves out cost no call of ours, and their other columns are not read.
// It is "" where there is none.
//
// A text stands in the JSON text of the map as it is, unless a character of it is written
// as an escape, for which \u and \/ are looked for too.
func (p *duckPrinter) inText(e Expr) string {
	var all []string
	for _, c := range p.clauses(e) {
		var parts []string
		for i, part := range c.parts {
			if !slices.Contains(c.parts[:i], part) &&
				!slices.ContainsFunc(c.parts, func(p string) bool { return p != part && strings.Contains(part, p) }) {
				parts = append(parts, "contains("+c.text+", "+quoteString(part)+")")
			}
		}
		all = append(all, "("+strings.Join(parts, " OR ")+")")
	}
	return strings.Join(all, " AND ")
}

// clause is the condition that a text holds one of its parts at least.
type clause struct {
	text  string
	parts []string
}

// anyOf makes one clause of those of alternatives, each of which must have one over the
// same text.
func anyOf(alternatives [][]clause) []clause {
	var c clause
	for _, a := range alternatives {
		if a == nil || c.text != "" && c.text != a[0].text {
			return nil
		}
		c.text, c.parts = a[0].text, append(c.parts, a[0].parts...)
	}
	return []clause{c}
}

// clauses returns what e implies, all of which holds wherever e is true.
func (p *duckPrinter) clauses(e Expr) []clause {
	switch e := e.(type) {
	case *Logic:
		var of [][]clause
		for _, a := range e.Args {
			of = append(of, p.clauses(a))
		}
		if e.Or {
			return anyOf(of)
		}
		return slices.Concat(of...)
	case *Compare:
		zero, ok := e.R.(*Literal)
		switch c, isCall := e.L.(*Call); {
		case e.Op == EQ:
			return slices.Concat(p.holds(e.L, e.R, `"`), p.holds(e.R, e.L, `"`))
		case ok && isCall && e.Op == GT && isZero(zero.Value) && c.Fn.Name == "strpos" && len(c.Args) == 2:
			return p.holds(c.Args[0], c.Args[1], "")
		}
	case *In:
		if e.Not {
			return nil
		}
		var of [][]clause
		for _, v := range e.List {
			of = append(of, p.holds(e.X, v, `"`))
		}
		return anyOf(of)
	}
	return nil
}

func textOf(e Expr) (text string, ok bool) {
	l, ok := e.(*Literal)
	if !ok || l.Value == nil || l.Typ.Kind != KindVarchar {
		return "", false
	}
	return l.Value.(string), true
}

// holds is the clause that a map's text has a constant in it, before the end given, or a
// key, where value is that of the key, or stands in it; nil where there is none. DuckDB looks for the first
// byte first: a quote before the constant would cost more than it leaves out. The constant must be
// one that is nothing but part of a string in JSON, whatever its form.
func (p *duckPrinter) holds(value, constant Expr, end string) []clause {
	c, ok := value.(*Call)
	if ok && c.Fn.Name == "json_extract_scalar" {
		c, ok = c.Args[0].(*Call)
		constant, end = nil, `"`
	}
	if !ok || c.Fn.Name != "element_at" {
		return nil
	}
	v, isText := textOf(constant)
	switch {
	case isText && end != "" && (v == "true" || v == "false"):
		end = "" // it may be a boolean
	case !isText || !onlyInStrings(v):
		// Any value stands behind its key.
		if v, isText = textOf(c.Args[1]); !isText || !onlyInStrings(v) || strings.Contains(v, "/") {
			return nil
		}
		end = `"`
	}
	if _, isCol := c.Args[0].(*ColRef); !isCol {
		return nil
	}
	text, s := p.stored(c.Args[0])
	if s == nil || s.Kind != StoredMap {
		return nil
	}
	parts := []string{v + end, `\u`}
	if strings.Contains(v, "/") {
		parts = append(parts, `\/`)
	}
	return []clause{{text, parts}}
}

// onlyInStrings says whether a text, wherever it is found in the value of a key, was
// written in a string of JSON in the same characters: it is plain, and it is no part of a
// number, of true, false or null, or of what stands between values.
func onlyInStrings(s string) bool {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./@=*:", r)
	}
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return false
	}
	if s[0] == ':' && !strings.HasPrefix(s, "::") {
		return false // it can stand behind a key
	}
	if strings.Contains("true", s) || strings.Contains("false", s) || strings.Contains("null", s) {
		return false
	}
	return strings.Trim(s, "0123456789+-.eE") != ""
}
