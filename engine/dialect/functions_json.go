package dialect

import "strings"

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
		return "CAST(" + p.castToJSON(p.expr(e), e.Type()) + " AS VARCHAR)"
	}
	return p.expr(e)
}

// PathError says that a text is no JSON path.
type PathError struct {
	// Path is the text, At the byte where it goes wrong.
	Path string
	At   int
}

func (e *PathError) Error() string { return "Invalid JSON path: '" + e.Path + "'" }

// ParseJSONPath reads a path of json_extract: $ and then .name, [n], [name] and
// ["quoted"]. Beyond Trino's rules a name may hold a hyphen, as paths written for
// CloudTrail do (L5).
func ParseJSONPath(path string) (steps []string, err error) {
	bad := func(i int) ([]string, error) { return nil, &PathError{path, i} }
	if path == "" {
		return bad(0)
	}
	if path[0] != '$' {
		return bad(0)
	}
	i := 1
	for i < len(path) {
		switch path[i] {
		case '.':
			j := pathName(path, i+1)
			if j == i+1 {
				return bad(i)
			}
			steps, i = append(steps, path[i+1:j]), j
		case '[':
			i++
			if i < len(path) && path[i] == '"' {
				step, n := pathQuoted(path[i:])
				if n == 0 || i+n >= len(path) || path[i+n] != ']' {
					return bad(i)
				}
				steps, i = append(steps, step), i+n+1
				continue
			}
			j := i
			for j < len(path) && (isWord(path[j]) || path[j] >= 0x80) {
				j++
			}
			if j == i || j == len(path) || path[j] != ']' {
				return bad(i)
			}
			steps, i = append(steps, path[i:j]), j+1
		default:
			return bad(i)
		}
	}
	return steps, nil
}

func pathByte(c byte) bool {
	return isWord(c) || c == ':' || c == '-' || c >= 0x80
}

func pathName(path string, i int) int {
	for i < len(path) && pathByte(path[i]) {
		i++
	}
	return i
}

// pathQuoted reads a quoted step; n is its length with the quotes, 0 if it has no end.
func pathQuoted(s string) (step string, n int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), i + 1
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0
}
