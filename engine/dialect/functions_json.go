package dialect

import "traillake/engine/dialect/scalar"

var jsonFunctions = []spec{
	{sig: "json_extract(varchar, varchar) json", fn: jsonPath},
	{sig: "json_extract(json, varchar) json", fn: jsonPath},
	{sig: "json_extract_scalar(varchar, varchar) varchar", fn: jsonPath},
	{sig: "json_extract_scalar(json, varchar) varchar", fn: jsonPath},
	{sig: "json_size(varchar, varchar) bigint", fn: jsonPath},
	{sig: "json_size(json, varchar) bigint", fn: jsonPath},
	{sig: "json_parse(varchar) json", duck: "t_json_parse($1)"},
	{sig: "json_format(json) varchar", duck: "CAST($1 AS VARCHAR)"},
	{sig: "json_array_get(varchar, bigint) json", duck: "t_json_array_get($1, $2)"},
	{sig: "json_array_get(json, bigint) json", duck: "t_json_array_get($1, $2)"},
	{sig: "json_array_length(varchar) bigint", duck: "t_json_array_length($1)"},
	{sig: "json_array_length(json) bigint", duck: "t_json_array_length($1)"},
	{sig: "json_array_contains(varchar, boolean) boolean", duck: "t_json_array_contains($1, 'b', CAST($2 AS VARCHAR))"},
	{sig: "json_array_contains(json, boolean) boolean", duck: "t_json_array_contains($1, 'b', CAST($2 AS VARCHAR))"},
	{sig: "json_array_contains(varchar, bigint) boolean", duck: "t_json_array_contains($1, 'i', CAST($2 AS VARCHAR))"},
	{sig: "json_array_contains(json, bigint) boolean", duck: "t_json_array_contains($1, 'i', CAST($2 AS VARCHAR))"},
	{sig: "json_array_contains(varchar, double) boolean", duck: "t_json_array_contains($1, 'f', CAST($2 AS VARCHAR))"},
	{sig: "json_array_contains(json, double) boolean", duck: "t_json_array_contains($1, 'f', CAST($2 AS VARCHAR))"},
	{sig: "json_array_contains(varchar, varchar) boolean", duck: "t_json_array_contains($1, 's', $2)"},
	{sig: "json_array_contains(json, varchar) boolean", duck: "t_json_array_contains($1, 's', $2)"},
	{sig: "is_json_scalar(varchar) boolean", duck: "t_is_json_scalar($1)"},
	{sig: "is_json_scalar(json) boolean", duck: "t_is_json_scalar($1)"},
}

// jsonPath prints json_extract, json_extract_scalar and json_size.
func jsonPath(p *duckPrinter, c *Call) string {
	scalar := c.Fn.Name == "json_extract_scalar"
	f := map[string]string{"json_extract": "t_json_extract", "json_extract_scalar": "t_json_scalar", "json_size": "t_json_size"}[c.Fn.Name]
	text := c.Args[0]
	parsed := false
	// json_parse of a record is the record: its text is valid.
	if inner, ok := text.(*Call); ok && inner.Fn.Name == "json_parse" && p.isRecord(inner.Args[0]) {
		text, parsed = inner.Args[0], true
	}
	l, ok := c.Args[1].(*Literal)
	if !ok {
		return f + "_at(" + p.textOf(text) + ", " + p.expr(c.Args[1]) + ")"
	}
	if l.Value == nil {
		return "CAST(NULL AS " + duckType(c.Typ) + ")"
	}
	steps, err := ParseJSONPath(l.Value.(string))
	if err != nil {
		p.refuse(c.Pos, "INVALID_FUNCTION_ARGUMENT", "Invalid JSON path: '%s'", l.Value)
	}
	out := ""
	if sql, ok := p.recordPath(text, steps, scalar); ok && f != "t_json_size" {
		out = sql
	} else {
		out = f + "(" + p.textOf(text) + ", " + quoteString(pointer(steps...)) + ")"
	}
	if parsed && c.Fn.Name == "json_extract" {
		// What json_parse makes has its keys sorted.
		out = "t_json_parse(" + out + ")"
	}
	return out
}

// isRecord says whether e is the text of a whole record.
func (p *duckPrinter) isRecord(e Expr) bool {
	c, ok := e.(*ColRef)
	if !ok {
		return false
	}
	s := p.rels[c.Rel].cols[c.Index].stored
	return s != nil && s.Text
}

// textOf prints an argument that is JSON text. A text-backed map stands for its text,
// as queries written for Athena expect (L9).
func (p *duckPrinter) textOf(e Expr) string {
	if c, ok := e.(*Cast); ok && c.Implicit && c.X.Type().Kind == KindMap {
		if sql, s := p.stored(c.X); s != nil && s.Kind == StoredMap {
			return sql
		}
		e = c.X
	}
	if e.Type().Kind == KindMap {
		if sql, s := p.stored(e); s != nil && s.Kind == StoredMap {
			return sql
		}
		return p.jsonOf(p.expr(e), e.Type())
	}
	return p.expr(e)
}

// ParseJSONPath reads a path of json_extract: $ and then .name, [n], [name] and
// ["quoted"]. Beyond Trino's rules a name behind a point may hold a hyphen, as paths
// written for CloudTrail do (L5). The error is a *scalar.PathError.
func ParseJSONPath(path string) (steps []string, err error) { return scalar.ParsePath(path) }
