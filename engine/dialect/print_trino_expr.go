package dialect

import (
	"fmt"
	"strings"

	"traillake/engine/dialect/syntax"
)

// The levels of binding of Trino's grammar, from the loosest.
const (
	levelOr = iota
	levelAnd
	levelNot
	levelPredicate
	levelConcat
	levelAdd
	levelMultiply
	levelUnary
	levelZone
	levelPostfix
)

// expr prints an expression that stands alone, or in a list.
func (p *trinoPrinter) expr(e Expr) string {
	sql, _ := p.bind(e)
	return sql
}

// at prints an expression where one of the given level or a tighter one may stand.
func (p *trinoPrinter) at(e Expr, level int) string {
	sql, l := p.bind(e)
	if l < level {
		return "(" + sql + ")"
	}
	return sql
}

// operand prints an expression beside others that say its type: a constant then needs
// not say it.
func (p *trinoPrinter) operand(e Expr, level int) string {
	if l, ok := e.(*Literal); ok {
		switch v := l.Value.(type) {
		case int64:
			if l.Typ.IsInteger() && int64(int32(v)) == v {
				return p.at(intLiteral(v), level)
			}
		case string:
			if l.Typ.Kind == KindVarchar {
				return trinoText(v)
			}
		}
	}
	return p.at(e, level)
}

// operands prints the arguments of a function. A constant need not say its type where
// the function takes no other, or where an argument that is no constant says it. The
// state of a lambda begins with a constant that must.
func (p *trinoPrinter) operands(fn *Overload, list []Expr) string {
	said := false
	for _, e := range list {
		switch e.(type) {
		case *Literal:
		case *Lambda:
			said = false
		default:
			said = true
		}
	}
	parts := make([]string, len(list))
	for i, e := range list {
		fixed := fn != nil && i < len(fn.params) && fn.params[i].t != nil
		if l, ok := e.(*Lambda); ok {
			parts[i] = p.lambda(l)
		} else if said || fixed {
			parts[i] = p.operand(e, levelOr)
		} else {
			parts[i] = p.expr(e)
		}
	}
	return strings.Join(parts, ", ")
}

// value prints an expression among others of one type. The types of texts are made
// equal by Trino.
func (p *trinoPrinter) value(e Expr) string {
	if e.Type().Kind == KindVarchar {
		return p.operand(e, levelOr)
	}
	return p.expr(e)
}

func (p *trinoPrinter) values(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = p.value(e)
	}
	return strings.Join(parts, ", ")
}

func (p *trinoPrinter) list(list []Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = p.expr(e)
	}
	return strings.Join(parts, ", ")
}

// bind prints an expression and says how tight its outermost operator binds.
func (p *trinoPrinter) bind(e Expr) (sql string, level int) {
	not := func(n bool, word string) string {
		if n {
			return " NOT " + word
		}
		return " " + word
	}
	switch e := e.(type) {
	case *Literal:
		sql = p.literal(e)
		if strings.HasPrefix(sql, "-") {
			return sql, levelUnary
		}
		return sql, levelPostfix
	case *ColRef:
		return p.column(e), levelPostfix
	case *GroupRef:
		if e.Outer != nil {
			return p.outerKey(e), levelPostfix
		}
		if p.group == nil {
			panic("BUG: a grouping key outside of a grouping")
		}
		if _, lit := p.group.Keys[e.Index].(*Literal); lit {
			return p.key(p.group, e.Index), levelPostfix
		}
		return p.bind(p.group.Keys[e.Index])
	case *AggRef:
		return p.aggregate(p.group.Aggs[e.Index], ""), levelPostfix
	case *GroupingRef:
		var keys []string
		for _, k := range p.group.Groupings[e.Index] {
			keys = append(keys, p.key(p.group, k))
		}
		return "GROUPING(" + strings.Join(keys, ", ") + ")", levelPostfix
	case *OutputRef:
		// Inside of an expression of ORDER BY; the output by itself is its number.
		if p.items != nil && !varies(p.items[e.Index]) {
			return p.bind(p.items[e.Index])
		}
		p.refuse(-1, "an expression of output columns in ORDER BY cannot be written for Trino: give the expression an output column, and order by that")
		return "NULL", levelPostfix
	case *Cast:
		return p.cast(e)
	case *Call:
		return p.call(e), levelPostfix
	case *Try:
		return "TRY(" + p.expr(e.X) + ")", levelPostfix
	case *ParamRef:
		return trinoParam(e.Name, e.ID), levelPostfix
	case *Case:
		return p.caseOf(e), levelPostfix
	case *Coalesce:
		return "coalesce(" + p.operands(nil, e.Args) + ")", levelPostfix
	case *NullIf:
		return "nullif(" + p.expr(e.X) + ", " + p.operand(e.Y, levelOr) + ")", levelPostfix
	case *Compare:
		return p.operand(e.L, levelConcat) + " " + compareWords[e.Op] + " " + p.operand(e.R, levelConcat), levelPredicate
	case *IsDistinct:
		return p.operand(e.L, levelConcat) + " IS" + not(e.Not, "DISTINCT FROM ") + p.operand(e.R, levelConcat), levelPredicate
	case *Between:
		return p.operand(e.X, levelConcat) + not(e.Not, "BETWEEN ") + p.operand(e.Low, levelConcat) + " AND " + p.operand(e.High, levelConcat), levelPredicate
	case *In:
		items := make([]string, len(e.List))
		for i, x := range e.List {
			items[i] = p.operand(x, levelOr)
		}
		return p.operand(e.X, levelConcat) + not(e.Not, "IN (") + strings.Join(items, ", ") + ")", levelPredicate
	case *InQuery:
		return p.operand(e.X, levelConcat) + not(e.Not, "IN (") + p.sub(e.Query) + ")", levelPredicate
	case *Quantified:
		word := " ANY ("
		if e.All {
			word = " ALL ("
		}
		return p.operand(e.X, levelConcat) + " " + compareWords[e.Op] + word + p.sub(e.Query) + ")", levelPredicate
	case *Exists:
		return "EXISTS (" + p.sub(e.Query) + ")", levelPostfix
	case *ScalarQuery:
		return "(" + p.sub(e.Query) + ")", levelPostfix
	case *Like:
		sql = p.operand(e.X, levelConcat) + not(e.Not, "LIKE ") + p.operand(e.Pattern, levelConcat)
		if e.Escape != nil {
			sql += " ESCAPE " + p.operand(e.Escape, levelConcat)
		}
		return sql, levelPredicate
	case *IsNull:
		return p.isNull(e)
	case *Logic:
		op, level := " AND ", levelAnd
		if e.Or {
			op, level = " OR ", levelOr
		}
		parts := make([]string, len(e.Args))
		for i, a := range e.Args {
			parts[i] = p.at(a, level+1)
		}
		return strings.Join(parts, op), level
	case *Not:
		return "NOT " + p.at(e.X, levelNot), levelNot
	case *Arith:
		return p.arith(e)
	case *Negate:
		x := p.at(e.X, levelUnary)
		if strings.HasPrefix(x, "-") || isNumber(e.X) {
			x = "(" + x + ")"
		}
		return "-" + x, levelUnary
	case *Subscript:
		return p.at(e.X, levelPostfix) + "[" + p.operand(e.Index, levelOr) + "]", levelPostfix
	case *Deref:
		return p.deref(e), levelPostfix
	case *RowCtor:
		sql = "ROW(" + p.list(e.Fields) + ")"
		for _, n := range e.Typ.Names {
			if n != "" {
				return "CAST(" + sql + " AS " + trinoType(e.Typ) + ")", levelPostfix
			}
		}
		return sql, levelPostfix
	case *ArrayCtor:
		sql = "ARRAY[" + p.values(e.Elems) + "]"
		if len(e.Elems) == 0 && e.Typ.Elem().Kind != KindUnknown {
			sql = "CAST(" + sql + " AS " + trinoType(e.Typ) + ")"
		}
		return sql, levelPostfix
	case *AtTimeZone:
		return p.at(e.X, levelZone) + " AT TIME ZONE " + p.operand(e.Zone, levelPostfix), levelZone
	case *Window:
		return p.window(e), levelPostfix
	case *Agg:
		return p.aggregate(e, ""), levelPostfix
	default:
		panic(fmt.Sprintf("BUG: expression %T", e))
	}
}

// isNumber says whether a minus in front of e would be read as its sign.
func isNumber(e Expr) bool {
	l, ok := e.(*Literal)
	return ok && l.Typ.IsNumeric()
}

func (p *trinoPrinter) sub(q *Query) string { return p.query(q, trinoOutputs{}) }

// column prints a column and notes that it is used.
func (p *trinoPrinter) column(e *ColRef) string {
	rel := p.rels[e.Rel]
	if rel == nil {
		panic(fmt.Sprintf("BUG: column of relation %d", e.Rel))
	}
	if rel.scan != nil {
		return p.form(rel, rel.scan.Columns[e.Index].Name, usedLogical)
	}
	if p.seen.columns[e.Rel] == nil {
		p.seen.columns[e.Rel] = map[int]bool{}
	}
	p.seen.columns[e.Rel][e.Index] = true
	if rel.cte != nil {
		p.seen.ctes[rel.cte.ID][e.Index] = true
	}
	return rel.alias + "." + rel.cols[e.Index]
}

// deref prints a field of a row: by its name, or by its number where it has none of
// its own.
func (p *trinoPrinter) deref(e *Deref) string {
	if s := p.formOf(e); s != nil {
		return p.logical(p.stored(e), s, e.Type())
	}
	t := e.X.Type()
	x := p.at(e.X, levelPostfix)
	if name := t.Names[e.Field]; name != "" {
		if i, ambiguous := t.Field(name); i == e.Field && !ambiguous {
			return x + "." + syntax.QuoteName(name)
		}
	}
	return fmt.Sprintf("%s[%d]", x, e.Field+1)
}

// cast prints a cast. Trino makes those by itself that are implicit there; what only
// CloudTrail Lake converts (L2) is written out.
func (p *trinoPrinter) cast(e *Cast) (string, int) {
	if e.Implicit && CanCoerce(e.X.Type(), e.To) {
		return p.bind(e.X)
	}
	word := "CAST("
	if e.Try {
		word = "TRY_CAST("
	}
	return word + p.operandOfCast(e.X) + " AS " + trinoType(e.To) + ")", levelPostfix
}

func (p *trinoPrinter) operandOfCast(e Expr) string {
	if l, ok := e.(*Literal); ok && l.Value == nil {
		return "NULL"
	}
	return p.expr(e)
}

func (p *trinoPrinter) caseOf(e *Case) string {
	var b strings.Builder
	b.WriteString("CASE")
	when := p.expr
	if e.Operand != nil {
		b.WriteString(" " + p.expr(e.Operand))
		when = func(x Expr) string { return p.operand(x, levelOr) }
	}
	for _, w := range e.Whens {
		fmt.Fprintf(&b, " WHEN %s THEN %s", when(w.When), p.value(w.Then))
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + p.value(e.Else))
	}
	b.WriteString(" END")
	return b.String()
}

func (p *trinoPrinter) isNull(e *IsNull) (string, int) {
	word := " IS NULL"
	if e.Not {
		word = " IS NOT NULL"
	}
	if s := p.formOf(e.X); s != nil {
		sql := p.stored(e.X)
		if s.Kind != StoredMap {
			return sql + word, levelPredicate
		}
		// Only objects are maps; JSON null and others are NULL.
		object := "coalesce(starts_with(" + sql + ", '{'), false)"
		if e.Not {
			return object, levelPostfix
		}
		return "NOT " + object, levelNot
	}
	return p.operand(e.X, levelConcat) + word, levelPredicate
}

func (p *trinoPrinter) arith(e *Arith) (string, int) {
	level := levelMultiply
	if e.Op == Add || e.Op == Sub {
		level = levelAdd
	}
	print := p.operand
	_, l := e.L.(*Literal)
	if _, r := e.R.(*Literal); l && r {
		print = p.at
	}
	return print(e.L, level) + " " + string(e.Op) + " " + print(e.R, level+1), level
}

// trinoForms are functions that Trino's documentation has under another name, or only
// since lately, or not at all: how they are written with those that it always had. $ are
// the arguments.
var trinoForms = map[string]string{
	"any_value":   "arbitrary($)",
	"array_first": "element_at($, 1)", "array_last": "element_at($, -1)",
	"set_agg": "array_distinct(array_agg($))", "set_union": "array_distinct(flatten(array_agg($)))",
}

// trinoLacks are functions that Trino's documentation does not have.
var trinoLacks = map[string]bool{
	"regr_avgx": true, "regr_avgy": true, "regr_count": true, "regr_r2": true, "regr_sxx": true, "regr_sxy": true, "regr_syy": true,
}

// call prints the call of a scalar function.
func (p *trinoPrinter) call(c *Call) string {
	if sql, ok := p.sqlJSON(c); ok {
		return sql
	}
	if jsonText[c.Fn.Name] || c.Fn.Name == "element_at" {
		if sql := p.jsonCall(c); sql != "" {
			return sql
		}
	}
	switch name := c.Fn.Name; {
	case name == "normalize" && len(c.Args) == 2:
		// The form is a keyword.
		return "normalize(" + p.expr(c.Args[0]) + ", " + c.Args[1].(*Literal).Value.(string) + ")"
	case name == "ends_with":
		return "starts_with(reverse(" + p.operand(c.Args[0], levelOr) + "), reverse(" + p.operand(c.Args[1], levelOr) + "))"
	case trinoForms[name] != "":
		return strings.Replace(trinoForms[name], "$", p.operands(c.Fn, c.Args), 1)
	default:
		return name + "(" + p.operands(c.Fn, c.Args) + ")"
	}
}

// lambda prints a lambda under the names that the user gave.
func (p *trinoPrinter) lambda(l *Lambda) string {
	names := make([]string, len(l.Params))
	for i, prm := range l.Params {
		names[i] = trinoParam(prm.Name, prm.ID)
	}
	head := names[0]
	if len(names) != 1 {
		head = "(" + strings.Join(names, ", ") + ")"
	}
	return head + " -> " + p.expr(l.Body)
}

// trinoParam is the name of a lambda's parameter. One that could be taken for a
// relation's gets another.
func trinoParam(name string, id int) string {
	if strings.HasPrefix(strings.ToLower(name), "t") && strings.Trim(name[1:], "0123456789") == "" || name == "" {
		return fmt.Sprintf("x%d", id)
	}
	return syntax.QuoteName(name)
}

// aggregate prints an aggregate call; over is the text of an OVER clause, or empty.
func (p *trinoPrinter) aggregate(a *Agg, over string) string {
	args := p.operands(a.Fn, a.Args)
	if len(a.Args) == 0 && a.Fn.Kind == Aggregate {
		args = "*"
	}
	if a.Fn.Name == "listagg" {
		args = p.listaggArgs(a)
	}
	if a.Distinct {
		args = "DISTINCT " + args
	}
	order := ""
	if len(a.OrderBy) > 0 {
		order = "ORDER BY " + p.sortKeys(a.OrderBy)
	}
	if trinoLacks[a.Fn.Name] {
		p.refuse(a.Pos, "Function '%s' is none of Trino's", a.Fn.Name)
	}
	// What stands around the call follows its clauses.
	form := trinoForms[a.Fn.Name]
	if form == "" {
		form = a.Fn.Name + "($)"
	}
	head, tail, _ := strings.Cut(form, "$")
	tail = tail[1:]
	if tail != "" && over != "" {
		p.refuse(a.Pos, "Function '%s' over a window cannot be written for Trino", a.Fn.Name)
	}
	sql := head + args
	switch {
	case order == "":
		sql += ")"
	case a.Fn.Name == "listagg":
		sql += ") WITHIN GROUP (" + order + ")"
	default:
		sql += " " + order + ")"
	}
	if a.Filter != nil {
		sql += " FILTER (WHERE " + p.expr(a.Filter) + ")"
	}
	if a.IgnoreNulls {
		sql += " IGNORE NULLS"
	}
	return sql + over + tail
}

func (p *trinoPrinter) sortKeys(list []SortItem) string {
	keys := make([]string, len(list))
	for i, o := range list {
		keys[i] = p.sortKey(o, nil)
	}
	return strings.Join(keys, ", ")
}

// window prints a call over a window.
func (p *trinoPrinter) window(w *Window) string {
	var parts []string
	if len(w.PartitionBy) > 0 {
		parts = append(parts, "PARTITION BY "+p.list(w.PartitionBy))
	}
	if len(w.Order) > 0 {
		parts = append(parts, "ORDER BY "+p.sortKeys(w.Order))
	}
	if f := w.Frame; f != nil {
		unit := [...]string{"RANGE", "ROWS", "GROUPS"}[f.Unit]
		parts = append(parts, unit+" BETWEEN "+p.frameBound(f.Start)+" AND "+p.frameBound(f.End))
	}
	return p.aggregate(&w.Agg, " OVER ("+strings.Join(parts, " ")+")")
}

func (p *trinoPrinter) frameBound(b Bound) string {
	switch b.Kind {
	case UnboundedPreceding:
		return "UNBOUNDED PRECEDING"
	case UnboundedFollowing:
		return "UNBOUNDED FOLLOWING"
	case CurrentRow:
		return "CURRENT ROW"
	case Preceding:
		return p.operand(b.Value, levelAdd) + " PRECEDING"
	default:
		return p.operand(b.Value, levelAdd) + " FOLLOWING"
	}
}
