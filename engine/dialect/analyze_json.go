package dialect

import (
	"errors"
	"slices"
	"strings"

	"traillake/engine/dialect/jsonpath"
	"traillake/engine/dialect/syntax"
)

// The functions of SQL/JSON become calls of overloads that no query can name: see
// print_duckdb_json.go for their arguments.
var (
	sqlJSONExists = &Overload{Name: "json_exists", Signature: "JSON_EXISTS", special: printJSONExists}
	sqlJSONQuery  = &Overload{Name: "json_query", Signature: "JSON_QUERY", special: printJSONQuery}
	sqlJSONValue  = &Overload{Name: "json_value", Signature: "JSON_VALUE", special: printJSONValue}
	sqlJSONObject = &Overload{Name: "json_object", Signature: "JSON_OBJECT", special: printJSONObject}
	sqlJSONArray  = &Overload{Name: "json_array", Signature: "JSON_ARRAY", special: printJSONArray}
)

// jsonPathCall analyzes JSON_EXISTS, JSON_QUERY and JSON_VALUE.
func (x *exprAnalyzer) jsonPathCall(c *syntax.JSONPathCall) Expr {
	input := x.jsonText(c.Input)
	path, err := jsonpath.Compile(c.Path.Value)
	var bad *jsonpath.SyntaxError
	if errors.As(err, &bad) {
		return x.failed(x.pathPlace(c.Path, bad.Offset), CodeSyntax, "a path is lax or strict and then $, .name, [0], ?(condition)", "Invalid JSON path: %s", bad.Message)
	}
	names := ""
	var known []string
	var vars []Expr
	for _, a := range c.Passing {
		name := a.Name.Name
		if !a.Name.Quoted {
			name = strings.ToUpper(name)
		}
		switch {
		case strings.ContainsAny(name, "\n\r\x00"):
			return x.failed(a.Name.Span, CodeNotSupported, "", "a line feed in the name of a JSON path parameter is not supported")
		case slices.Contains(known, name):
			return x.failed(a.Name.Span, CodeDuplicateParameter, "", "%s JSON path parameter is specified more than once", name)
		}
		known = append(known, name)
		names += "\n" + name
		vars = append(vars, x.jsonArgument(a.Value))
	}
	for _, v := range path.Variables() {
		if !slices.Contains(known, v) {
			hint := "add PASSING value AS \"" + v + "\""
			if slices.Contains(known, strings.ToUpper(v)) {
				hint = "a name without quotes is upper case: write PASSING value AS \"" + v + "\""
			}
			return x.failed(c.Path.At(), CodeInvalidPath, hint, "no value passed for parameter %s", v)
		}
	}
	call := &Call{Args: []Expr{input, textLiteral(c.Path.Value)}, Pos: c.Start}
	switch c.Func {
	case "JSON_EXISTS":
		call.Fn, call.Typ = sqlJSONExists, Boolean
		mode := "f"
		if c.OnError != nil {
			mode = map[string]string{"ERROR": "!", "TRUE": "t", "FALSE": "f", "UNKNOWN": "n"}[c.OnError.What]
		}
		call.Args = append(append(call.Args, textLiteral(mode+names)), vars...)
		return call
	case "JSON_QUERY":
		call.Fn, call.Typ = sqlJSONQuery, Varchar
		if c.Quotes == "OMIT" && c.Wrapper != "" && c.Wrapper != "WITHOUT" {
			return x.failed(c.At(), CodeInvalidArguments, "", "OMIT QUOTES behavior specified with WITH %s ARRAY WRAPPER behavior", c.Wrapper)
		}
		mode := map[string]string{"": "w", "WITHOUT": "w", "CONDITIONAL": "c", "UNCONDITIONAL": "u"}[c.Wrapper] +
			map[string]string{"": "k", "KEEP": "k", "OMIT": "o"}[c.Quotes] + queryBehavior(c.OnEmpty) + queryBehavior(c.OnError)
		call.Args = append(append(call.Args, textLiteral(mode+names)), vars...)
		return x.jsonResult(call, c.Returning, c.Encoding)
	}
	return x.jsonValue(c, call, names, vars)
}

func queryBehavior(b *syntax.JSONBehavior) string {
	if b == nil {
		return "n"
	}
	return map[string]string{"ERROR": "!", "NULL": "n", "EMPTY ARRAY": "a", "EMPTY OBJECT": "o"}[b.What]
}

func (x *exprAnalyzer) jsonValue(c *syntax.JSONPathCall, call *Call, names string, vars []Expr) Expr {
	call.Fn, call.Typ = sqlJSONValue, Varchar
	if c.Returning != nil {
		t, err := ParseType(c.Returning.Text)
		if err != nil {
			return x.failed(c.Returning.At(), CodeTypeNotFound, typeHint(c.Returning.Text), "Unknown type: %s", c.Returning.Text)
		}
		if !t.IsText() && !t.IsNumeric() && t.Kind != KindBoolean && !t.IsTemporal() {
			return x.failed(c.Returning.At(), CodeTypeMismatch, "use JSON_QUERY for objects and arrays", "Invalid return type of function JSON_VALUE: %s", t)
		}
		call.Typ = t
	}
	mode := "s"
	switch t := call.Typ; {
	case t.Kind == KindBoolean:
		mode = "b"
	case t.IsInteger():
		mode = "i"
	case t.IsNumeric():
		mode = "f"
	}
	var defaults []Expr
	for _, b := range []*syntax.JSONBehavior{c.OnEmpty, c.OnError} {
		switch {
		case b == nil || b.What == "NULL":
			mode += "n"
		case b.What == "ERROR":
			mode += "!"
		default:
			mode += "d"
			d := x.expr(b.Default)
			if !CanCoerce(d.Type(), call.Typ) {
				return x.failed(b.Default.At(), CodeTypeMismatch, "cast the default value, or add RETURNING", "Return type of JSON_VALUE is %s, but the default value has type %s", call.Typ, d.Type())
			}
			defaults = append(defaults, x.coerce(d, call.Typ))
		}
	}
	call.Args = append(append(append(call.Args, textLiteral(mode+names)), defaults...), vars...)
	return call
}

// pathPlace is the place in the text of a byte of a path.
func (x *exprAnalyzer) pathPlace(l *syntax.StringLit, offset int) syntax.Span {
	at := l.At()
	if text := x.source(at); text == "'"+l.Value+"'" {
		at.Start += 1 + offset
	}
	return at
}

// jsonText analyzes a value that is read as JSON: text, or bytes in UTF-8.
func (x *exprAnalyzer) jsonText(in *syntax.JSONInput) Expr {
	e := x.expr(in.X)
	t := e.Type()
	format := "JSON"
	if in.Encoding != "" {
		format += " ENCODING " + in.Encoding
	}
	switch {
	case isTextMap(t) && in.Encoding == "":
		x.use(LenientMapText, in.X.At())
		return x.note(&Cast{X: e, To: Varchar, Implicit: true, Pos: in.X.At().Start}, in.X.At())
	case (t.IsText() || t.Kind == KindUnknown) && in.Encoding == "":
		return x.coerce(e, Varchar)
	case t.Kind == KindVarbinary && (in.Encoding == "UTF16" || in.Encoding == "UTF32"):
		return x.failed(in.At(), CodeNotSupported, "convert the bytes to text first", "FORMAT %s is not supported", format)
	case t.Kind == KindVarbinary:
		return x.resolveCall("from_utf8", []Expr{e}, in.At())
	}
	hint := ""
	if t.Kind == KindJSON {
		hint = "use json_format(value)"
	}
	return x.failed(in.At(), CodeTypeMismatch, hint, "Cannot read input of type %s as JSON using formatting %s", t, format)
}

// returnsJSON says whether a value is JSON text without FORMAT JSON behind it.
func returnsJSON(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.JSONCtor:
		return true
	case *syntax.JSONPathCall:
		return e.Func == "JSON_QUERY"
	}
	return false
}

// jsonArgument analyzes the value of a variable. Its type says how it travels.
func (x *exprAnalyzer) jsonArgument(in *syntax.JSONInput) Expr {
	if in.Format || returnsJSON(in.X) {
		text := x.jsonText(in)
		return x.note(&Call{Fn: sqlJSONText, Args: []Expr{text}, Typ: JSON, Pos: in.Start}, in.At())
	}
	e := x.expr(in.X)
	switch t := e.Type(); {
	case t.Kind == KindUnknown:
		return x.coerce(e, Varchar)
	case t.Kind == KindChar:
		return x.coerce(e, Varchar)
	case t.Kind == KindJSON:
		return x.note(&Cast{X: e, To: Varchar, Pos: in.Start}, in.At())
	case t.Kind == KindVarchar, t.IsNumeric(), t.Kind == KindBoolean:
		return e
	}
	return x.failed(in.At(), CodeNotSupported, "pass text, a number, a boolean, or JSON text with FORMAT JSON", "Unsupported type of JSON path parameter: %s", e.Type())
}

// sqlJSONText marks text as JSON.
var sqlJSONText = &Overload{Name: "json_text", Signature: "FORMAT JSON", duck: "$1"}

// jsonCtor analyzes JSON_OBJECT and JSON_ARRAY.
func (x *exprAnalyzer) jsonCtor(c *syntax.JSONCtor) Expr {
	call := &Call{Fn: sqlJSONArray, Typ: Varchar, Pos: c.Start}
	mode := "a" // ABSENT ON NULL
	if c.Object {
		call.Fn, mode = sqlJSONObject, "n"
	}
	switch c.Nulls {
	case "NULL":
		mode = "n"
	case "ABSENT":
		mode = "a"
	}
	if c.Object {
		mode += map[bool]string{true: "u", false: "n"}[c.Unique == "WITH"]
	}
	call.Args = []Expr{textLiteral(mode)}
	for _, m := range c.Members {
		if m.Key != nil {
			k := x.expr(m.Key)
			if !k.Type().IsText() {
				return x.failed(m.Key.At(), CodeInvalidArguments, "cast the key to varchar", "Invalid type of JSON object key: %s", k.Type())
			}
			call.Args = append(call.Args, x.coerce(k, Varchar))
		}
		call.Args = append(call.Args, x.jsonMember(m.Value))
	}
	return x.jsonResult(call, c.Returning, c.Encoding)
}

// jsonMember analyzes a value of an object or array. One that is no number or boolean, nor JSON text
// that says so, becomes text, as does one of the type json, which has to be a scalar.
func (x *exprAnalyzer) jsonMember(in *syntax.JSONInput) Expr {
	if in.Format || returnsJSON(in.X) {
		return x.jsonArgument(in)
	}
	e := x.expr(in.X)
	t := e.Type()
	switch {
	case t.Kind == KindUnknown:
		return x.coerce(e, Varchar)
	case t.IsNumeric(), t.Kind == KindBoolean, t.Kind == KindVarchar:
		return e
	case !CanCast(t, Varchar):
		return x.failed(in.At(), CodeNotSupported, "write json_format(CAST(value AS json)) FORMAT JSON", "Unsupported type of value passed to a JSON constructor: %s", t)
	}
	return x.note(&Cast{X: e, To: Varchar, Pos: in.Start}, in.At())
}

// jsonResult gives JSON text the type that is asked for.
func (x *exprAnalyzer) jsonResult(call *Call, returning *syntax.Type, encoding string) Expr {
	if returning == nil {
		return call
	}
	t, err := ParseType(returning.Text)
	if err != nil {
		return x.failed(returning.At(), CodeTypeNotFound, typeHint(returning.Text), "Unknown type: %s", returning.Text)
	}
	switch {
	case t.IsText() && encoding == "":
	case t.Kind == KindVarbinary && (encoding == "" || encoding == "UTF8"):
	case t.Kind == KindVarbinary:
		return x.failed(returning.At(), CodeNotSupported, "convert the text yourself", "FORMAT JSON ENCODING %s is not supported", encoding)
	default:
		return x.failed(returning.At(), CodeTypeMismatch, "leave RETURNING out, and cast the text", "Cannot output JSON value as %s using formatting JSON", t)
	}
	if t.Equal(Varchar) {
		return call
	}
	x.note(call, syntax.Span{Start: call.Pos, End: call.Pos})
	return &Cast{X: call, To: t, Pos: call.Pos}
}
