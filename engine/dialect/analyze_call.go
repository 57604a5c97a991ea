package dialect

import (
	"slices"
	"strings"

	"traillake/engine/dialect/scalar"
	"traillake/engine/dialect/syntax"
)

// call analyzes a call of a function: the forms that are no functions, and then the
// registry.
func (x *exprAnalyzer) call(c *syntax.Call) Expr {
	if len(c.Name) > 1 {
		return x.failed(c.Name.At(), CodeFunctionNotFound, "", "Function '%s' not registered", c.Name)
	}
	name := strings.ToLower(c.Name[0].Name)
	if r := x.form(c, name); r != nil {
		return r
	}
	kind, known := functionKind(name)
	if c.Star && name != "count" {
		return x.failed(c.At(), CodeFunctionNotFound, "", "%s(*) is not a function; only count(*) is", name)
	}
	inner := x
	if known && kind != Scalar {
		inner = x.insideAggregate(c, name, kind)
	} else if known {
		x.scalarOnly(c, name)
	}
	args, places, bodies := inner.arguments(c.Args)
	if x.err != nil {
		x.unquotedUnit(name, c.Args)
		return &Literal{Typ: Unknown}
	}
	if len(c.Args) > 0 && jsonText[name] && args[0].Type != nil && isTextMap(args[0].Type) {
		x.use(LenientMapText, c.Args[0].At())
		bodies[0] = x.note(&Cast{X: bodies[0], To: Varchar, Implicit: true, Pos: c.Args[0].At().Start}, c.Args[0].At())
		args[0].Type = Varchar
	}
	res, err := Resolve(name, args)
	if err != nil {
		x.failWith(c.At(), err)
		if x.err.Hint == "" {
			if x.err.Hint = foreignFunctions[name]; known {
				x.err.Hint = x.argumentHint(name, args, bodies, places)
			}
		}
		return &Literal{Typ: Unknown}
	}
	final := x.bind(res, args, bodies, places)
	x.constants(res.Fn, final, places)
	x.zoneArgument(name, res, final, places)
	if res.Fn.Kind == Scalar {
		return folded(&Call{Fn: res.Fn, Args: final, Typ: res.Result, Pos: c.Start})
	}
	return x.aggregate(c, inner, res, final)
}

// unquotedUnit corrects the hint about a unit that stands there as the name of a column.
func (x *exprAnalyzer) unquotedUnit(name string, args []syntax.Expr) {
	if len(args) == 0 || !takesUnit[name] {
		return
	}
	if c, ok := args[0].(*syntax.ColumnRef); ok && x.err.Code == CodeColumnNotFound && x.err.Offset == c.Start {
		x.err.Hint = "a text stands in single quotes: '" + c.Name + "'"
	}
}

// functionKind returns where the functions of a name may stand.
func functionKind(name string) (FunctionKind, bool) {
	o := Overloads(name)
	if o == nil {
		return Scalar, false
	}
	return o[0].Kind, true
}

// jsonText are the functions that take JSON text, for which a map of JSON values stands
// in queries written for Athena.
var jsonText = map[string]bool{
	"json_extract": true, "json_extract_scalar": true, "json_parse": true, "json_array_get": true, "json_size": true,
	"json_array_length": true, "json_array_contains": true, "is_json_scalar": true,
}

func isTextMap(t *Type) bool {
	return t.Kind == KindMap && t.Key().Kind == KindVarchar && t.Value().Kind == KindVarchar
}

// zoneArgument gives the result of a function that takes a zone that zone, which must be
// constant: a value has the zone of its type.
func (x *exprAnalyzer) zoneArgument(name string, res *Resolution, args []Expr, places []syntax.Expr) {
	if name == "parse_datetime" || strings.HasPrefix(name, "from_iso8601_timestamp") {
		x.zoneInText(res, args)
		return
	}
	if name != "at_timezone" && name != "with_timezone" && (name != "from_unixtime" || len(args) == 1) {
		return
	}
	zone, minutes := "", int64(0)
	for i, a := range args[1:] {
		l, ok := a.(*Literal)
		if c, isCast := a.(*Cast); isCast {
			l, ok = c.X.(*Literal)
		}
		if !ok {
			x.fail(places[i+1].At(), CodeNotSupported, "", "%s takes a constant time zone", name)
			return
		}
		switch v := l.Value.(type) {
		case string:
			zone = v
		case int64:
			minutes = 60*minutes + v
			zone = offset(int(minutes))
		default:
			return // NULL
		}
	}
	loc, err := scalar.Zone(zone)
	if err != nil {
		x.fail(places[1].At(), CodeInvalidArguments, "", "%v", err)
		return
	}
	res.Result = res.Result.InZone(zoneName(loc))
}

// zoneInText gives the result of a function that parses a time the zone that a constant text names,
// as zoneOf does for casts. The zones in texts of columns are not kept.
func (x *exprAnalyzer) zoneInText(res *Resolution, args []Expr) {
	var texts [2]string
	for i, a := range args {
		l, ok := uncast(a).(*Literal)
		if !ok {
			return
		}
		if texts[i], ok = l.Value.(string); !ok {
			return
		}
	}
	if loc := scalar.ZoneIn(texts[0], texts[1]); loc != nil {
		res.Result = res.Result.InZone(zoneName(loc))
	}
}

// arguments analyzes the arguments of a call. Lambdas are typed by the registry, which
// knows their parameters; bodies holds nil for them until then.
func (x *exprAnalyzer) arguments(list []syntax.Expr) (args []Arg, places []syntax.Expr, bodies []Expr) {
	bodies = make([]Expr, len(list))
	args = make([]Arg, len(list))
	for i, e := range list {
		l, ok := e.(*syntax.Lambda)
		if !ok {
			bodies[i] = x.expr(e)
			args[i] = Arg{Type: bodies[i].Type()}
			continue
		}
		// The registry asks several times, mostly for the same types.
		var last []*Type
		args[i] = Arg{Params: len(l.Params), Body: func(types []*Type) (*Type, error) {
			if last != nil && slices.EqualFunc(last, types, (*Type).Equal) {
				return bodies[i].(*Lambda).Body.Type(), nil
			}
			lambda, err := x.lambda(l, types)
			if err != nil {
				return nil, err
			}
			bodies[i], last = lambda, slices.Clone(types)
			return lambda.Body.Type(), nil
		}}
	}
	return args, list, bodies
}

// maxLambdas bounds how often lambdas are analyzed in one statement: one whose state
// grows wider is analyzed again, and so are all inside of it.
const maxLambdas = 5_000

// lambda analyzes a lambda for parameters of the given types. An error is returned and
// not kept: another overload may fit.
func (x *exprAnalyzer) lambda(l *syntax.Lambda, types []*Type) (*Lambda, error) {
	if x.lambdas++; x.lambdas > maxLambdas {
		return nil, syntax.ErrorAt(x.text, l.At(), CodeTooLarge, "too many nested lambdas")
	}
	before, lenient := x.err, len(x.lenient)
	y := *x
	y.where, y.aggregates, y.windows = "Lambda expression", false, false
	y.params = append([]LambdaParam(nil), x.params...)
	res := &Lambda{}
	for i, p := range l.Params {
		param := LambdaParam{ID: x.id(), Name: p.Name, Type: types[i]}
		res.Params = append(res.Params, param)
		y.params = append(y.params, param)
	}
	x.err = nil
	res.Body = y.expr(l.Body)
	err := x.err
	x.err = before
	if err != nil {
		x.lenient = x.lenient[:lenient]
		return nil, err
	}
	return res, nil
}

// bind casts the arguments of a call to the types that the overload takes.
func (x *exprAnalyzer) bind(res *Resolution, args []Arg, bodies []Expr, places []syntax.Expr) []Expr {
	x.varies = x.varies || res.Fn.Varies
	out := make([]Expr, len(bodies))
	for i, e := range bodies {
		t := res.Params[i]
		if args[i].Type == nil {
			l := e.(*Lambda)
			l.Body = x.coerce(l.Body, t.Result())
			out[i] = l
			continue
		}
		out[i] = x.coerce(e, t)
	}
	return out
}

// resolveCall calls a scalar function of the registry with analyzed arguments.
func (x *exprAnalyzer) resolveCall(name string, list []Expr, at syntax.Span) Expr {
	args := make([]Arg, len(list))
	for i, e := range list {
		args[i] = Arg{Type: e.Type()}
	}
	res, err := Resolve(name, args)
	if err != nil {
		x.failWith(at, err)
		return &Literal{Typ: Unknown}
	}
	return folded(&Call{Fn: res.Fn, Args: x.bind(res, args, list, nil), Typ: res.Result, Pos: at.Start})
}

// folded returns the text that a call joins of constants, else the call. Patterns are made
// like this of parameters, and whoever looks at one needs to know it.
func folded(c *Call) Expr {
	if c.Fn.Name != "concat" || c.Typ.Kind != KindVarchar {
		return c
	}
	var all strings.Builder
	for _, a := range c.Args {
		t, ok := textOf(uncast(a))
		if !ok {
			return c
		}
		all.WriteString(t)
	}
	return &Literal{Typ: c.Typ, Value: all.String()}
}

// form analyzes what is written as a call and is none; nil for calls.
func (x *exprAnalyzer) form(c *syntax.Call, name string) Expr {
	count := func(least, most int) bool {
		if n := len(c.Args); n >= least && n <= most {
			return true
		}
		x.fail(c.At(), CodeSyntax, "", "Invalid number of arguments for '%s' function", name)
		return false
	}
	switch name {
	case "if", "coalesce", "nullif", "try", "now":
		x.scalarOnly(c, name)
	default:
		return nil
	}
	null := func() Expr { return &Literal{Typ: Unknown} }
	switch name {
	case "if":
		if !count(2, 3) {
			return null()
		}
		cond := x.condition(c.Args[0], "IF condition must evaluate to a boolean")
		results := x.exprs(c.Args[1:])
		t := x.common(results, c.Args[1:], "All IF results")
		e := &Case{Whens: []When{{When: cond, Then: results[0]}}, Typ: t}
		if len(results) == 2 {
			e.Else = results[1]
		}
		return e
	case "coalesce":
		if len(c.Args) < 2 {
			x.fail(c.At(), CodeSyntax, "", "The 'coalesce' function must have at least two arguments")
			return null()
		}
		args := x.exprs(c.Args)
		x.common(args, c.Args, "All COALESCE operands")
		return &Coalesce{Args: args}
	case "nullif":
		if !count(2, 2) {
			return null()
		}
		l, r := x.expr(c.Args[0]), x.expr(c.Args[1])
		t, ok := CommonType(l.Type(), r.Type())
		if !ok || !t.Comparable() {
			return x.failed(c.At(), CodeTypeMismatch, "", "Types are not comparable with NULLIF: %s vs %s", l.Type(), r.Type())
		}
		return &NullIf{X: l, Y: r, Common: t}
	case "try":
		if !count(1, 1) {
			return null()
		}
		y := *x
		y.inTry = true
		return &Try{X: y.expr(c.Args[0])}
	default: // now
		if !count(0, 0) {
			return null()
		}
		x.varies = true
		return x.instant(3)
	}
}

// scalarOnly refuses what only aggregates take.
func (x *exprAnalyzer) scalarOnly(c *syntax.Call, name string) {
	switch {
	case c.Over != nil:
		x.fail(c.At(), CodeFunctionNotWindow, "", "Not a window function: %s", name)
	case c.Distinct:
		x.fail(c.At(), CodeFunctionNotAggregate, "", "DISTINCT is not supported for non-aggregation functions")
	case c.Filter != nil:
		x.fail(c.At(), CodeFunctionNotAggregate, "", "Filter is only valid for aggregation functions")
	case c.OrderBy != nil:
		x.fail(c.At(), CodeFunctionNotAggregate, "", "ORDER BY is only valid for aggregation functions")
	}
}

// extract analyzes EXTRACT, whose fields are functions.
func (x *exprAnalyzer) extract(e *syntax.Extract) Expr {
	field := strings.ToLower(e.Field.Name)
	switch field {
	case "year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
		"year_of_week", "yow", "hour", "minute", "second", "timezone_hour", "timezone_minute":
		v := x.expr(e.X)
		switch kind := v.Type().Kind; {
		case kind == KindDate && slices.Contains(timeUnits, field), strings.HasPrefix(field, "timezone") && kind != KindTimestampTZ:
			return x.failed(e.X.At(), CodeTypeMismatch, "", "Cannot extract %s from %s", strings.ToUpper(field), v.Type())
		}
		return x.resolveCall(field, []Expr{v}, e.At())
	}
	return x.failed(e.Field.Span, CodeSyntax, "", "Invalid EXTRACT field: %s", e.Field.Name)
}

func (x *exprAnalyzer) grouping(e *syntax.Grouping) Expr {
	if !x.aggregates && x.where != "SELECT clause" || x.inAggregate != "" {
		return x.failed(e.At(), CodeNotScalar, "", "%s cannot contain aggregations, window functions or grouping operations: [%s]", x.where, x.source(e.At()))
	}
	if len(e.Args) == 0 || len(e.Args) > 31 {
		return x.failed(e.At(), CodeTooManyArguments, "", "GROUPING supports up to 31 column arguments, and at least one")
	}
	y := *x
	if y.scope.outputs != nil {
		y.scope = y.scope.parent
	}
	return &groupingCall{args: y.exprs(e.Args), at: e.At()}
}

// instant is the moment of the query with the given digits behind the second.
func (x *exprAnalyzer) instant(precision int) *Literal {
	micros := x.opts.Now.UnixMicro()
	if precision < 6 {
		unit := pow10(6 - precision).Int64()
		micros = scalar.FloorDiv(micros, unit) * unit
	}
	return &Literal{Typ: TimestampTZ(precision), Value: micros}
}

func (x *exprAnalyzer) current(e *syntax.Current) Expr {
	p := e.Precision
	if p < 0 {
		p = 3
	}
	at := x.instant(p)
	x.varies = x.varies || e.What != "CURRENT_DATE"
	micros := at.Value.(int64)
	switch e.What {
	case "CURRENT_TIMESTAMP":
	case "LOCALTIMESTAMP":
		at = &Literal{Typ: Timestamp(p), Value: micros}
	case "CURRENT_DATE":
		at = &Literal{Typ: Date, Value: scalar.FloorDiv(micros, microsPerDay)}
	case "LOCALTIME":
		at = &Literal{Typ: Time(p), Value: micros - scalar.FloorDiv(micros, microsPerDay)*microsPerDay}
	case "CURRENT_TIME":
		at = &Literal{Typ: TimeTZ(p), Value: micros - scalar.FloorDiv(micros, microsPerDay)*microsPerDay}
	default:
		return x.failed(e.At(), CodeNotSupported, "", "%s is not supported", e.What)
	}
	return at
}
