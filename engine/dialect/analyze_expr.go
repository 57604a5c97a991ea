package dialect

import (
	"fmt"
	"math/big"
	"strings"

	"traillake/engine/dialect/scalar"
	"traillake/engine/dialect/syntax"
)

// exprAnalyzer analyzes the expressions of one clause.
type exprAnalyzer struct {
	*analyzer
	scope *scope
	// where names the clause in errors.
	where string
	// aggregates and windows say what may stand in the clause.
	aggregates, windows bool
	// inAggregate and inWindow name the function around, "" for none.
	inAggregate, inWindow string
	// inTry says that TRY is around, which makes NULL of what fails for a row.
	inTry bool
	// params are the parameters of the lambdas around, the innermost last.
	params []LambdaParam
	// named are the windows of the WINDOW clause.
	named map[string]*namedWindow
}

func (a *analyzer) clause(where string, s *scope) *exprAnalyzer {
	return &exprAnalyzer{analyzer: a, scope: s, where: where}
}

// condition analyzes an expression that must be boolean.
func (x *exprAnalyzer) condition(e syntax.Expr, what string) Expr {
	return x.boolean(e, func(t *Type) string { return what + ": actual type " + t.brief() })
}

func (x *exprAnalyzer) boolean(e syntax.Expr, message func(*Type) string) Expr {
	r := x.expr(e)
	if k := r.Type().Kind; k != KindBoolean && k != KindUnknown {
		return x.failed(e.At(), CodeTypeMismatch, "", "%s", message(r.Type()))
	}
	return x.coerce(r, Boolean)
}

// maxAnalyzed bounds the expressions that are analyzed: a row that becomes columns is analyzed for each
// of them, and rows inside of it for each of theirs. As many take about a second.
const maxAnalyzed = 500_000

// expr analyzes an expression.
func (x *exprAnalyzer) expr(e syntax.Expr) Expr {
	if x.analyzed++; x.analyzed > maxAnalyzed {
		return x.failed(e.At(), CodeTooLarge, "", "statement is too large: rows become columns inside of one another")
	}
	r := x.node(e)
	if _, ok := x.spans[r]; !ok {
		x.note(r, e.At())
	}
	return r
}

// fieldsOf are the fields of a row, each of a tree of its own.
func (x *exprAnalyzer) fieldsOf(e syntax.Expr, row Expr) []Expr {
	fields := make([]Expr, len(row.Type().Elems))
	for i := range fields {
		if i > 0 {
			row = x.expr(e)
		}
		if fields[i] = row; x.err == nil {
			fields[i] = &Deref{X: row, Field: i}
		}
	}
	return fields
}

func (x *exprAnalyzer) exprs(list []syntax.Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = x.expr(e)
	}
	return out
}

func (x *exprAnalyzer) node(e syntax.Expr) Expr {
	if r := x.literal(e); r != nil {
		return r
	}
	switch e := e.(type) {
	case *syntax.ColumnRef:
		return x.named1(e)
	case *syntax.Deref:
		return x.deref(e)
	case *syntax.Param:
		vs := x.parameter(e)
		if len(vs) != 1 {
			return x.failed(e.At(), CodeInvalidParameter, "write IN (:"+e.Name+")", "a list of values stands where one value is expected")
		}
		c := *vs[0]
		return &c
	case *syntax.Compare:
		return x.compare(e)
	case *syntax.Between:
		return x.between(e)
	case *syntax.InList:
		return x.inList(e)
	case *syntax.InQuery:
		return x.inQuery(e)
	case *syntax.Quantified:
		return x.quantified(e)
	case *syntax.Like:
		return x.like(e)
	case *syntax.IsNull:
		return &IsNull{X: x.expr(e.X), Not: e.Not}
	case *syntax.IsDistinct:
		return x.isDistinct(e)
	case *syntax.Not:
		return &Not{X: x.boolean(e.X, func(t *Type) string {
			return "Value of logical NOT expression must evaluate to a boolean (actual: " + t.brief() + ")"
		})}
	case *syntax.Logic:
		l := &Logic{Or: e.Or}
		for _, t := range e.Terms {
			l.Args = append(l.Args, x.boolean(t, func(t *Type) string {
				return "Logical expression term must evaluate to a boolean (actual: " + t.brief() + ")"
			}))
		}
		return l
	case *syntax.Unary:
		return x.unary(e)
	case *syntax.Binary:
		return x.binary(e)
	case *syntax.AtTimeZone:
		return x.atTimeZone(e)
	case *syntax.Subscript:
		return x.subscript(e)
	case *syntax.Call:
		return x.call(e)
	case *syntax.Extract:
		return x.extract(e)
	case *syntax.Grouping:
		return x.grouping(e)
	case *syntax.Lambda:
		return x.failed(e.At(), CodeTypeMismatch, "", "a lambda can stand only as an argument of a function")
	case *syntax.Subquery:
		return x.scalarQuery(e)
	case *syntax.Exists:
		return &Exists{Query: x.valueQuery(e.Query)}
	case *syntax.Case:
		return x.caseExpr(e)
	case *syntax.Cast:
		return x.cast(e)
	case *syntax.ArrayCtor:
		elems := x.exprs(e.Elems)
		t := x.common(elems, e.Elems, "All ARRAY elements")
		return &ArrayCtor{Elems: elems, Typ: ArrayOf(t)}
	case *syntax.RowCtor:
		fields := x.exprs(e.Fields)
		types := make([]*Type, len(fields))
		for i, f := range fields {
			types[i] = f.Type()
		}
		return &RowCtor{Fields: fields, Typ: RowOf(types, nil)}
	case *syntax.Current:
		return x.current(e)
	case *syntax.JSONPathCall:
		return x.jsonPathCall(e)
	case *syntax.JSONCtor:
		return x.jsonCtor(e)
	}
	panic("BUG: unknown expression")
}

// literal analyzes constants, nil for anything else.
func (x *exprAnalyzer) literal(e syntax.Expr) Expr {
	switch e := e.(type) {
	case *syntax.NullLit:
		return &Literal{Typ: Unknown}
	case *syntax.BoolLit:
		return &Literal{Typ: Boolean, Value: e.Value}
	case *syntax.StringLit:
		return textLiteral(e.Value)
	case *syntax.BinaryLit:
		return &Literal{Typ: Varbinary, Value: e.Value}
	case *syntax.IntLit:
		return intLiteral(e.Value)
	case *syntax.DoubleLit:
		return &Literal{Typ: Double, Value: e.Value}
	case *syntax.DecimalLit:
		l, ok := decimalLiteral(e.Text)
		if !ok {
			return x.failed(e.At(), CodeInvalidLiteral, "a decimal has 38 digits at most", "Invalid decimal literal: %s", e.Text)
		}
		return l
	case *syntax.TypedLit:
		return x.typedLiteral(e, x)
	case *syntax.IntervalLit:
		return x.interval(e)
	}
	return nil
}

func (x *exprAnalyzer) named1(e *syntax.ColumnRef) Expr {
	if p := x.param(e.Name); p != nil {
		return p
	}
	if r := x.lookup(x.scope, []string{e.Name}, e.Span); r != nil {
		return r
	}
	return x.missing(x.scope, []string{e.Name}, e.Span)
}

// param returns the lambda parameter of the given name, nil for none.
func (x *exprAnalyzer) param(name string) Expr {
	for i := len(x.params) - 1; i >= 0; i-- {
		if p := x.params[i]; strings.EqualFold(p.Name, name) {
			return &ParamRef{ID: p.ID, Typ: p.Type, Name: p.Name}
		}
	}
	return nil
}

// deref analyzes a.b.c: the longest beginning that names a column, and fields behind.
func (x *exprAnalyzer) deref(e *syntax.Deref) Expr {
	parts, spans, ok := nameParts(e)
	if !ok {
		return x.field(x.expr(e.X), e.Field.Name, e)
	}
	for n := len(parts); n > 0; n-- {
		var base Expr
		if n == 1 {
			base = x.param(parts[0])
		}
		if base == nil {
			base = x.lookup(x.scope, parts[:n], spans[n-1])
		}
		if base == nil {
			continue
		}
		for i := n; i < len(parts); i++ {
			f := x.rowField(base, parts[i])
			if f == nil {
				if base.Type().Kind != KindRow {
					return x.notRow(base, parts[i], spans[i])
				}
				return x.missingField(base.Type(), parts[i], spans[i])
			}
			base = x.note(f, spans[i])
		}
		return base
	}
	return x.missing(x.scope, parts, e.At())
}

func (x *exprAnalyzer) missingField(row *Type, name string, at syntax.Span) Expr {
	return x.failed(at, CodeColumnNotFound, fieldHint(name, row), "Column '%s' cannot be resolved", name)
}

func (x *exprAnalyzer) field(base Expr, name string, e *syntax.Deref) Expr {
	if base.Type().Kind != KindRow {
		return x.notRow(base, name, e.At())
	}
	if f := x.rowField(base, name); f != nil {
		return f
	}
	return x.missingField(base.Type(), name, e.At())
}

func (x *exprAnalyzer) notRow(base Expr, name string, at syntax.Span) Expr {
	hint := ""
	switch t := base.Type(); {
	case t.Kind == KindMap:
		hint = "a map has entries; use element_at(map, '" + name + "')"
	case t.Kind == KindArray:
		hint = "an array has elements; use element_at(array, 1)." + name + " or UNNEST"
	}
	if base.Type().Kind == KindUnknown {
		return &Literal{Typ: Unknown}
	}
	return x.failed(at, CodeTypeMismatch, hint, "Expression %s is not of type ROW", strings.TrimSuffix(x.source(at), "."+name))
}

// rowField returns the field of a row, nil when it has none of that name.
func (x *exprAnalyzer) rowField(base Expr, name string) Expr {
	t := base.Type()
	if t.Kind != KindRow {
		return nil
	}
	i, ambiguous := t.Field(name)
	if i < 0 {
		if other, ok := fieldAliases[strings.ToLower(name)]; ok {
			i, ambiguous = t.Field(other)
		}
	}
	if ambiguous {
		return x.failed(x.spans[base], CodeAmbiguousName, "", "Ambiguous row field reference: %s", name)
	}
	if i < 0 {
		return nil
	}
	return &Deref{X: base, Field: i}
}

// coerce casts e to t where it has another type. Constants are converted at once
// where that is exact.
func (a *analyzer) coerce(e Expr, t *Type) Expr {
	from := e.Type()
	if from.Equal(t) && from.Zone == t.Zone {
		return e
	}
	if l, ok := e.(*Literal); ok {
		if c := convert(l, t); c != nil {
			return a.note(c, a.spans[e])
		}
	}
	switch c := e.(type) {
	case *RowCtor:
		// Field by field, so that it stays a row of expressions.
		if t.Kind == KindRow && len(t.Elems) == len(c.Fields) {
			row := &RowCtor{Fields: make([]Expr, len(c.Fields)), Typ: t}
			for i, f := range c.Fields {
				row.Fields[i] = a.coerce(f, t.Elems[i])
			}
			return a.note(row, a.spans[e])
		}
	case *ArrayCtor:
		if t.Kind == KindArray {
			array := &ArrayCtor{Elems: make([]Expr, len(c.Elems)), Typ: t}
			for i, f := range c.Elems {
				array.Elems[i] = a.coerce(f, t.Elem())
			}
			return a.note(array, a.spans[e])
		}
	}
	return a.note(&Cast{X: e, To: t, Implicit: true, Pos: a.spans[e].Start}, a.spans[e])
}

// convert returns a constant as one of another type, nil where that is not simple.
func convert(l *Literal, t *Type) *Literal {
	if l.Value == nil {
		return &Literal{Typ: t}
	}
	from := l.Typ
	switch {
	case from.Kind == KindVarchar && t.Kind == KindVarchar:
		if t.Length == Unbounded || from.Length <= t.Length && from.Length != Unbounded {
			return &Literal{Typ: t, Value: l.Value}
		}
	case from.IsInteger() && t.IsInteger() && t.Kind > from.Kind:
		return &Literal{Typ: t, Value: l.Value}
	case from.IsInteger() && t.Kind == KindDouble:
		return &Literal{Typ: t, Value: float64(l.Value.(int64))}
	case from.IsInteger() && t.Kind == KindDecimal:
		v := new(big.Int).Mul(big.NewInt(l.Value.(int64)), pow10(t.Scale))
		if fits(v, t.Precision) {
			return &Literal{Typ: t, Value: v}
		}
	case from.Kind == KindDecimal && t.Kind == KindDecimal && t.Scale >= from.Scale:
		v := new(big.Int).Mul(l.Value.(*big.Int), pow10(t.Scale-from.Scale))
		if fits(v, t.Precision) {
			return &Literal{Typ: t, Value: v}
		}
	case from.Kind == KindDecimal && t.Kind == KindDouble:
		f, _ := new(big.Float).SetString(DecimalText(l.Value.(*big.Int), from.Scale))
		v, _ := f.Float64()
		return &Literal{Typ: t, Value: v}
	case from.Kind == KindDate && t.Kind == KindTimestamp:
		return &Literal{Typ: t, Value: l.Value.(int64) * microsPerDay}
	case from.Kind == t.Kind && (t.Kind == KindTimestamp || t.Kind == KindTimestampTZ || t.Kind == KindTime) && t.Precision >= from.Precision:
		return &Literal{Typ: t, Value: l.Value}
	case from.Kind == KindTimestamp && t.Kind == KindTimestampTZ && t.Zone == "" && t.Precision >= from.Precision:
		return &Literal{Typ: t, Value: l.Value}
	}
	return nil
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func fits(v *big.Int, precision int) bool { return new(big.Int).Abs(v).Cmp(pow10(precision)) < 0 }

// common casts expressions to one type, and returns it.
func (x *exprAnalyzer) common(list []Expr, from []syntax.Expr, what string) *Type {
	t := Unknown
	for i, e := range list {
		c, ok := CommonType(t, e.Type())
		if !ok {
			x.fail(from[i].At(), CodeTypeMismatch, "cast one of them", "%s must be the same type or coercible to a common type. Cannot find common type between %s and %s", what, t, e.Type())
			return t
		}
		t = c
	}
	for i := range list {
		list[i] = x.coerce(list[i], t)
	}
	return t
}

func (x *exprAnalyzer) caseExpr(e *syntax.Case) Expr {
	c := &Case{}
	var results []Expr
	var places []syntax.Expr
	var whens []Expr
	if e.Operand != nil {
		c.Operand = x.expr(e.Operand)
	}
	for _, w := range e.Whens {
		if e.Operand == nil {
			whens = append(whens, x.boolean(w.When, func(t *Type) string { return "CASE WHEN clause must evaluate to a boolean: actual type " + t.brief() }))
		} else {
			whens = append(whens, x.expr(w.When))
		}
		results, places = append(results, x.expr(w.Then)), append(places, w.Then)
	}
	if e.Else != nil {
		results, places = append(results, x.expr(e.Else)), append(places, e.Else)
	}
	if e.Operand != nil {
		all, at := append([]Expr{c.Operand}, whens...), []syntax.Expr{e.Operand}
		for _, w := range e.Whens {
			at = append(at, w.When)
		}
		x.textWithTime(all, at)
		x.common(all, at, "CASE operand and WHEN clauses")
		c.Operand, whens = all[0], all[1:]
	}
	c.Typ = x.common(results, places, "All CASE results")
	for i := range whens {
		c.Whens = append(c.Whens, When{When: whens[i], Then: results[i]})
	}
	if e.Else != nil {
		c.Else = results[len(results)-1]
	}
	return c
}

func (x *exprAnalyzer) cast(e *syntax.Cast) Expr {
	v := x.expr(e.X)
	t, err := ParseType(e.To.Text)
	if err != nil {
		return x.failed(e.To.At(), CodeTypeMismatch, typeHint(e.To.Text), "Unknown type: %s", e.To.Text)
	}
	if !CanCast(v.Type(), t) {
		return x.failed(e.At(), CodeTypeMismatch, castHint(v.Type(), t), "Cannot cast %s to %s", v.Type(), t)
	}
	if t.Kind == KindTimestampTZ {
		t = t.InZone(zoneOf(v))
	}
	return &Cast{X: v, To: t, Try: e.Try, Pos: e.Start}
}

// zoneOf is the zone that a value keeps as a timestamp with time zone.
func zoneOf(e Expr) string {
	if l, ok := e.(*Literal); ok && l.Value != nil && l.Typ.IsText() {
		if _, loc, err := scalar.ParseTimestamp(l.Value.(string), false); err == nil && loc != nil {
			return zoneName(loc)
		}
	}
	return e.Type().Zone
}

func typeHint(name string) string {
	switch name {
	case "string", "text":
		return "use varchar"
	case "int64", "long":
		return "use bigint"
	case "float", "float8":
		return "use double or real"
	case "bool":
		return "use boolean"
	case "datetime":
		return "use timestamp"
	case "struct":
		return "use row"
	}
	return ""
}

func castHint(from, to *Type) string {
	if to.Kind == KindVarchar && (from.Kind == KindMap || from.Kind == KindArray || from.Kind == KindRow) {
		return "use json_format(CAST(value AS json))"
	}
	return ""
}

func (x *exprAnalyzer) unary(e *syntax.Unary) Expr {
	v := x.expr(e.X)
	t := v.Type()
	interval := t.Kind == KindIntervalDay || t.Kind == KindIntervalYear
	if !t.IsNumeric() && !interval && t.Kind != KindUnknown {
		return x.failed(e.At(), CodeTypeMismatch, "", "Cannot negate %s", t)
	}
	if e.Op == "+" {
		return v
	}
	if t.Kind == KindUnknown {
		return v
	}
	if l, ok := v.(*Literal); ok && l.Value != nil {
		switch n := l.Value.(type) {
		case int64:
			// The least integer has no other sign, which is an error when it is computed.
			if least := int64(-1) << 63; n != least && (!t.IsInteger() || n != least>>(64-integerBits[t.Kind])) {
				return &Literal{Typ: t, Value: -n}
			}
		case float64:
			return &Literal{Typ: t, Value: -n}
		case *big.Int:
			return &Literal{Typ: t, Value: new(big.Int).Neg(n)}
		}
	}
	return &Negate{X: v}
}

func (x *exprAnalyzer) binary(e *syntax.Binary) Expr {
	l, r := x.expr(e.L), x.expr(e.R)
	if e.Op == "||" {
		return x.concat(l, r, e)
	}
	lt, rt, t, ok := Arithmetic(ArithOp(e.Op[0]), l.Type(), r.Type())
	if !ok {
		return x.failed(e.At(), CodeTypeMismatch, arithmeticHint(e.Op, l.Type(), r.Type()), "Cannot apply operator: %s %s %s", l.Type(), e.Op, r.Type())
	}
	if t.Kind == KindDate && (hours(l) || hours(r)) {
		return x.failed(e.At(), CodeInvalidArguments, "make a timestamp of the date with CAST(… AS timestamp)", "Cannot add hour, minutes or seconds to a date")
	}
	return &Arith{Op: ArithOp(e.Op[0]), L: x.coerce(l, lt), R: x.coerce(r, rt), Typ: t, Pos: e.OpAt.Start}
}

// hours reports whether a value is an interval that is known not to be of whole days.
func hours(e Expr) bool {
	l, ok := uncast(e).(*Literal)
	if !ok || l.Typ.Kind != KindIntervalDay {
		return false
	}
	ms, ok := l.Value.(int64)
	return ok && ms%(24*60*60*1000) != 0
}

func arithmeticHint(op string, l, r *Type) string {
	switch {
	case op == "+" && l.IsText() && r.IsText():
		return "join texts with ||"
	case l.IsTemporal() && r.IsNumeric():
		return "add an interval, such as INTERVAL '1' DAY"
	case l.IsText() || r.IsText():
		return "cast the text to a number"
	}
	return ""
}

func (x *exprAnalyzer) concat(l, r Expr, e *syntax.Binary) Expr {
	lt, rt := l.Type(), r.Type()
	text := func(t *Type) bool { return t.IsText() || t.Kind == KindUnknown || t.Kind == KindVarbinary }
	if lt.Kind != KindArray && rt.Kind != KindArray && !(text(lt) && text(rt)) {
		return x.failed(e.At(), CodeTypeMismatch, "cast values to varchar to join them", "Cannot apply operator: %s || %s", lt, rt)
	}
	return x.resolveCall("concat", []Expr{l, r}, e.At())
}

func (x *exprAnalyzer) atTimeZone(e *syntax.AtTimeZone) Expr {
	v := x.expr(e.X)
	t := v.Type()
	switch t.Kind {
	case KindTimestamp:
		t = TimestampTZ(t.Precision)
		v = x.coerce(v, t)
	case KindTimestampTZ:
	case KindTime, KindTimeTZ:
		return x.failed(e.At(), CodeNotSupported, "", "AT TIME ZONE of a time is not supported: it has no date that says the offset of the zone")
	default:
		return x.failed(e.At(), CodeTypeMismatch, "", "Type of value must be a time or timestamp with or without time zone (actual %s)", t)
	}
	zone := x.expr(e.Zone).(*Literal)
	name := ""
	switch z := zone.Value.(type) {
	case string:
		loc, err := scalar.Zone(z)
		if err != nil {
			return x.failed(e.Zone.At(), CodeInvalidArguments, "", "%v", err)
		}
		name = zoneName(loc)
	case int64:
		name = offset(int(z / 60_000))
		if max(z, -z) > 14*60*60_000 || z%60_000 != 0 {
			return x.failed(e.Zone.At(), CodeInvalidArguments, "", "Invalid time zone offset interval")
		}
	}
	if name == "+00:00" {
		name = ""
	}
	return &AtTimeZone{X: v, Zone: zone, Typ: t.InZone(name)}
}

// offset writes the offset of a zone in minutes.
func offset(minutes int) string {
	sign := "+"
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	return sign + pad2(minutes/60) + ":" + pad2(minutes%60)
}

func (x *exprAnalyzer) subscript(e *syntax.Subscript) Expr {
	v, i := x.expr(e.X), x.expr(e.Index)
	t := v.Type()
	switch t.Kind {
	case KindArray:
		if !CanCoerce(i.Type(), Bigint) {
			return x.failed(e.Index.At(), CodeTypeMismatch, "", "Cannot use %s for subscript of %s", i.Type(), t)
		}
		return &Subscript{X: v, Index: x.coerce(i, Bigint), Pos: e.Start}
	case KindMap:
		// Both sides may widen: the keys of MAP(ARRAY['a'], …) are varchar(1).
		key, ok := CommonType(t.Key(), i.Type())
		if !ok {
			return x.failed(e.Index.At(), CodeTypeMismatch, "", "Cannot use %s for subscript of %s", i.Type(), t)
		}
		return &Subscript{X: x.coerce(v, MapOf(key, t.Value())), Index: x.coerce(i, key), Pos: e.Start}
	case KindRow:
		l, ok := i.(*Literal)
		if !ok || l.Typ.Kind != KindInteger {
			hint := ""
			if ok && l.Typ.IsText() {
				hint = fmt.Sprintf("a row has fields: write %s.%s", x.source(e.X.At()), l.Value)
			}
			return x.failed(e.Index.At(), CodeNotConstant, hint, "Subscript expression on ROW requires a constant index")
		}
		n, _ := l.Value.(int64)
		if n < 1 || n > int64(len(t.Elems)) {
			return x.failed(e.Index.At(), CodeInvalidArguments, "", "ROW index out of bounds: %d, max value is %d", n, len(t.Elems))
		}
		return &Deref{X: v, Field: int(n) - 1}
	case KindUnknown:
		return v
	}
	return x.failed(e.At(), CodeTypeMismatch, "", "Cannot use %s for subscript of %s", i.Type(), t)
}
