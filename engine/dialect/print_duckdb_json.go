package dialect

import (
	"fmt"
	"strings"
)

// The calls of SQL/JSON have as arguments the document, the path, the mode of
// scalar/sqljson.go with the names of the variables, the default values, and the
// values of the variables. JSON_OBJECT and JSON_ARRAY have their mode and members.

// jsonCall prints the call that evaluates the path; vars are the values of variables.
func (p *duckPrinter) jsonCall(fn string, c *Call, vars []Expr) string {
	parts := make([]string, len(vars))
	for i, v := range vars {
		parts[i] = p.jsonVariable(v)
	}
	list := "[" + strings.Join(parts, ", ") + "]"
	if len(parts) == 0 {
		list = "CAST([] AS VARCHAR[])"
	}
	return fmt.Sprintf("%s(%s, %s, %s, %s)", fn, p.textOf(c.Args[0]), p.expr(c.Args[1]), p.expr(c.Args[2]), list)
}

// jsonVariable prints a value with a letter for its type in front.
func (p *duckPrinter) jsonVariable(e Expr) string {
	t := e.Type()
	sql := p.expr(e)
	switch t.Kind {
	case KindVarchar:
		return "('s' || " + sql + ")"
	case KindJSON:
		return "('j' || CAST(" + sql + " AS VARCHAR))"
	case KindBoolean:
		return "('t' || CAST(" + sql + " AS VARCHAR))"
	case KindDouble, KindReal:
		return "('d' || " + p.plainText(sql, t) + ")"
	case KindBigint:
		return "('b' || CAST(" + sql + " AS VARCHAR))"
	default:
		return "('n' || " + p.text(sql, t) + ")"
	}
}

func printJSONExists(p *duckPrinter, c *Call) string {
	return "CAST(" + p.jsonCall("t_sql_json_exists", c, c.Args[3:]) + " AS BOOLEAN)"
}

func printJSONQuery(p *duckPrinter, c *Call) string {
	return p.jsonCall("t_sql_json_query", c, c.Args[3:])
}

// printJSONValue casts the value that the path gives. A cast that fails is an error of
// the call, too.
func printJSONValue(p *duckPrinter, c *Call) string {
	mode, _, _ := strings.Cut(c.Args[2].(*Literal).Value.(string), "\n")
	rest := c.Args[3:]
	d := duckType(c.Typ)
	null := "CAST(NULL AS " + d + ")"
	behavior := func(m byte) string {
		if m != 'd' {
			return null
		}
		sql := p.typed(rest[0], c.Typ)
		rest = rest[1:]
		return sql
	}
	empty := behavior(mode[1])
	failed := behavior(mode[2])
	call := p.jsonCall("t_sql_json_value", c, rest)
	return p.bound([]string{call}, func(b []string) string {
		text := "substr(" + b[0] + ", 2)"
		value := text
		if !c.Typ.IsText() || c.Typ.Length != Unbounded {
			value = p.cast(text, Varchar, c.Typ, castMode{try: true})
			if mode[2] == '!' {
				value = "coalesce(" + value + ", " + failing(d, "JSON_VALUE_RESULT_ERROR", "cannot extract SQL scalar from JSON: Cannot cast value to declared return type of function JSON_VALUE: "+c.Typ.String()) + ")"
			} else if failed != null {
				value = "coalesce(" + value + ", " + failed + ")"
			}
		}
		return "(CASE left(" + b[0] + ", 1) WHEN 'v' THEN " + value + " WHEN 'e' THEN " + empty + " WHEN 'x' THEN " + failed + " ELSE " + null + " END)"
	})
}

func textList(parts []string) string { return "CAST([" + strings.Join(parts, ", ") + "] AS VARCHAR[])" }

func printJSONObject(p *duckPrinter, c *Call) string {
	var keys, values []string
	for i := 1; i < len(c.Args); i += 2 {
		keys = append(keys, p.expr(c.Args[i]))
		values = append(values, p.jsonVariable(c.Args[i+1]))
	}
	return "t_sql_json_object(" + textList(keys) + ", " + textList(values) + ", " + p.expr(c.Args[0]) + ")"
}

func printJSONArray(p *duckPrinter, c *Call) string {
	var values []string
	for _, a := range c.Args[1:] {
		values = append(values, p.jsonVariable(a))
	}
	return "t_sql_json_array(" + textList(values) + ", " + p.expr(c.Args[0]) + ")"
}
