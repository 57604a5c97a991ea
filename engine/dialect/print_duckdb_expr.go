package dialect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"traillake/engine/dialect/scalar"
)

// expr prints an expression in its logical form. What it returns may stand anywhere
// that an operand may.
func (p *duckPrinter) expr(e Expr) string {
	if p.trace == nil {
		return p.bounded(e)
	}
	return p.trace.of(e, func() string { return p.bounded(e) })
}

// maxSQL bounds the text of an expression, and maxPrinted how many are printed: parts of the user's
// may stand more than once in DuckDB's, and so do parts of them.
const (
	maxSQL     = 1 << 20
	maxPrinted = 200_000
)

// maxTwice bounds operands that stand twice: with each inside of another the text would double. Short ones
// cost less twice than bound to a name.
const maxTwice = 512

// doubles says whether operands are too much to stand twice: they are long, or have parts that stand twice
// once DuckDB has bound them (version 1.5.5): the first operands of BETWEEN, of nullif and of CASE.
func doubles(operands ...string) bool {
	n := 0
	for _, o := range operands {
		if n += len(o); n > maxTwice || strings.Contains(o, " BETWEEN ") || strings.Contains(o, "nullif(") ||
			strings.Count(o, "(CASE ") > strings.Count(o, "(CASE WHEN ") {
			return true
		}
	}
	return false
}

func (p *duckPrinter) bounded(e Expr) string {
	if p.printed++; p.printed <= maxPrinted {
		if sql := p.outside(p.exprText(e)); len(sql) <= maxSQL {
			return sql
		}
	}
	p.refuse(-1, string(CodeTooLarge), "statement is too large: in DuckDB's SQL it grows beyond %d MB", maxSQL>>20)
	return "NULL"
}

// maxLambdaDepth is the most lambdas, and queries around them, that stand inside of one another as DuckDB gets
// them: it binds each twice, and so the innermost one as often as all that are (version 1.5.5).
const maxLambdaDepth = 16

// checkLambdas refuses what DuckDB would take too long for.
func (p *duckPrinter) checkLambdas(sql string) {
	if strings.Count(sql, "lambda ")+p.subs > maxLambdaDepth && lambdaDepth(sql)+p.subs > maxLambdaDepth {
		p.refuse(-1, string(CodeTooLarge), "functions with lambdas, which many functions of arrays and maps become, are nested deeper than %d", maxLambdaDepth)
	}
}

// lambdaDepth returns how many lambdas stand inside of one another.
func lambdaDepth(sql string) (deepest int) {
	brackets := 0
	var open []int // the brackets around those that are not at their end
	for i := 0; i < len(sql); {
		switch sql[i] {
		case '\'', '"':
			i = quotedEnd(sql, i)
			continue
		case '(', '[', '{':
			brackets++
		case ')', ']', '}':
			brackets--
			for len(open) > 0 && open[len(open)-1] > brackets {
				open = open[:len(open)-1]
			}
		case 'l':
			if strings.HasPrefix(sql[i:], "lambda ") && (i == 0 || !wordByte(sql[i-1])) {
				open = append(open, brackets)
				deepest = max(deepest, len(open))
			}
		}
		i++
	}
	return deepest
}

func (p *duckPrinter) exprText(e Expr) string {
	switch e := e.(type) {
	case *Literal:
		return p.literal(e)
	case *ColRef:
		return p.column(e)
	case *GroupRef:
		if e.Outer != nil {
			return fmt.Sprintf("%s.g%d", p.groups[e.Outer], e.Index)
		}
		return fmt.Sprintf("%s.g%d", p.group, e.Index)
	case *AggRef:
		return fmt.Sprintf("%s.a%d", p.group, e.Index)
	case *GroupingRef:
		return fmt.Sprintf("%s.n%d", p.group, e.Index)
	case *OutputRef:
		s, ok := p.body.Body.(*Select)
		if !ok || p.outputs {
			return "s." + col(e.Index) // see bodyOf and overOutputs
		}
		return p.expr(s.Items[e.Index])
	case *Cast:
		return p.castExpr(e)
	case *Call:
		return p.call(e)
	case *Try:
		return p.try(p.expr(e.X))
	case *ParamRef:
		return p.params[e.ID]
	case *Case:
		return p.caseExpr(e)
	case *Coalesce:
		return "coalesce(" + p.list(e.Args) + ")"
	case *NullIf:
		return p.nullIf(e)
	case *Compare:
		return p.compare(e.Op, e.L, e.R)
	case *IsDistinct:
		return isDistinct(e, p.expr(e.L), p.expr(e.R))
	case *Between:
		not := ""
		if e.Not {
			not = "NOT "
		}
		return p.twice([]string{p.expr(e.X)}, func(x []string) string {
			low, high := p.expr(e.Low), p.expr(e.High)
			if hasParts(e.X.Type()) || !hasNumber(e.High) && (mayBeNaN(e.X) || mayBeNaN(e.High)) {
				return "(" + not + "(" + p.compareTexts(GE, e.X, e.Low, x[0], low) + " AND " + p.compareTexts(LE, e.X, e.High, x[0], high) + "))"
			}
			return "(" + x[0] + " " + not + "BETWEEN " + low + " AND " + high + ")"
		})
	case *In:
		return p.in(e)
	case *InQuery:
		if hasParts(e.X.Type()) {
			return p.inParts(e)
		}
		not := ""
		if e.Not {
			not = "NOT "
		}
		return "(" + p.expr(e.X) + " " + not + "IN (" + p.sub(e.Query) + "))"
	case *Quantified:
		return p.quantified(e)
	case *Exists:
		return "EXISTS (" + p.valueSub(e.Query) + ")"
	case *ScalarQuery:
		return "(" + p.valueSub(e.Query) + ")"
	case *Like:
		return p.like(e)
	case *IsNull:
		return p.isNull(e)
	case *Logic:
		return p.logic(e)
	case *Not:
		return "(NOT " + p.expr(e.X) + ")"
	case *Arith:
		return p.arith(e)
	case *Negate:
		return "(- " + p.expr(e.X) + ")"
	case *Subscript:
		return p.subscript(e)
	case *Deref:
		if sql, s := p.stored(e); s != nil {
			return p.logical(sql, s, e.Type())
		}
		return fmt.Sprintf("struct_extract(%s, 'f%d')", p.expr(e.X), e.Field)
	case *RowCtor:
		parts := make([]string, len(e.Fields))
		for i, f := range e.Fields {
			parts[i] = fmt.Sprintf("f%d := %s", i, p.typed(f, e.Typ.Elems[i]))
		}
		return "struct_pack(" + strings.Join(parts, ", ") + ")"
	case *ArrayCtor:
		if len(e.Elems) == 0 {
			return "CAST([] AS " + duckType(e.Typ) + ")"
		}
		return "[" + p.list(e.Elems) + "]"
	case *AtTimeZone:
		// The instant stays as it is; its zone is the type's.
		return p.expr(e.X)
	case *Window:
		return p.window(e)
	case *Agg:
		return p.aggregate(e, "")
	default:
		panic(fmt.Sprintf("BUG: expression %T", e))
	}
}

func (p *duckPrinter) list(args []Expr) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = p.expr(a)
	}
	return strings.Join(parts, ", ")
}

// sub prints a query inside of an expression.
func (p *duckPrinter) sub(q *Query) string {
	group, body := p.group, p.body
	defer func() { p.group, p.body = group, body }()
	return p.query(q, nil)
}

// valueSub prints one that is a value, or stands in EXISTS.
func (p *duckPrinter) valueSub(q *Query) string {
	p.subs++
	defer func() { p.subs-- }()
	sql := p.sub(q)
	if p.subs > 1 {
		p.checkLambdas(sql)
	}
	return sql
}

func (p *duckPrinter) column(e *ColRef) string {
	rel := p.rels[e.Rel]
	if rel == nil {
		panic(fmt.Sprintf("BUG: column of relation %d", e.Rel))
	}
	c := rel.cols[e.Index]
	name := rel.alias + "." + c.name
	if rel.scan != nil {
		p.note(rel, c, e.Index)
	}
	if c.stored != nil {
		return p.logicalColumn(rel, name, c.stored, e.Typ)
	}
	return name
}

func (p *duckPrinter) note(rel *duckRel, c duckCol, i int) {
	r := p.reads[rel.scan.ID]
	if c.stored != nil && (c.stored.Text || c.stored.Whole) {
		r.Text = true
	}
	if c.stored == nil {
		r.Columns[rel.scan.Columns[i].Name] = true
		return
	}
	for _, name := range c.stored.Read() {
		r.Columns[name] = true
	}
}

// isDistinct prints the comparison of sides that are printed.
func isDistinct(e *IsDistinct, l, r string) string {
	if e.Not {
		return "(" + l + " IS NOT DISTINCT FROM " + r + ")"
	}
	return "(" + l + " IS DISTINCT FROM " + r + ")"
}

var compareWords = map[CompareOp]string{EQ: "=", NE: "<>", LT: "<", LE: "<=", GT: ">", GE: ">="}

func (p *duckPrinter) compare(op CompareOp, l, r Expr) string {
	if lc, ok := l.(*RowCtor); ok && (op == EQ || op == NE) {
		if rc, ok := r.(*RowCtor); ok {
			return p.compareRows(op, lc, rc)
		}
	}
	return p.compareTexts(op, l, r, p.expr(l), p.expr(r))
}

// compareTexts compares two values that are printed.
func (p *duckPrinter) compareTexts(op CompareOp, l, r Expr, lt, rt string) string {
	left, right := mayBeNaN(l), mayBeNaN(r)
	var tested bool
	switch op {
	case EQ, NE:
		tested = left && right
	case GT, GE:
		tested = left
	case LT, LE:
		tested = right
	}
	if !tested {
		return p.compareValues(op, lt, rt, l.Type())
	}
	// NaN is less than nothing, nor greater, nor equal to itself; in DuckDB it is the greatest number. What
	// is compared with NULL is NULL all the same.
	compared := func(x []string) string {
		s := p.compareValues(op, x[0], x[1], l.Type())
		number, other, o := x[0], x[1], r
		switch op {
		case NE:
			return "(" + s + " OR isnan(" + x[0] + ") AND isnan(" + x[1] + "))"
		case LT, LE:
			number, other, o = x[1], x[0], l
		}
		s += " AND "
		if hasNumber(o) {
			return "(" + s + "NOT isnan(" + number + "))"
		}
		return "(" + s + "(" + other + " IS NULL OR NOT isnan(" + number + ")))"
	}
	return p.twice([]string{lt, rt}, compared)
}

// mayBeNaN says whether a value is a double or real that is neither a constant nor made of an exact number.
func mayBeNaN(e Expr) bool {
	switch e := e.(type) {
	case *Literal:
		f, _ := e.Value.(float64)
		return math.IsNaN(f)
	case *Cast:
		if t := e.X.Type(); t.IsInteger() || t.Kind == KindDecimal {
			return false
		}
	}
	return e.Type().Kind == KindDouble || e.Type().Kind == KindReal
}

// hasNumber says whether an expression is a constant that is not NULL, nor NaN.
func hasNumber(e Expr) bool {
	if c, ok := e.(*Cast); ok {
		e = c.X
	}
	l, ok := e.(*Literal)
	return ok && l.Value != nil && l.Typ.IsNumeric() && !mayBeNaN(l)
}

// compareRows compares field by field, so that NULL in one field does not hide that
// another differs.
func (p *duckPrinter) compareRows(op CompareOp, l, r *RowCtor) string {
	join := " AND "
	if op == NE {
		join = " OR "
	}
	parts := make([]string, len(l.Fields))
	for i := range l.Fields {
		parts[i] = p.compare(op, l.Fields[i], r.Fields[i])
	}
	return "(" + strings.Join(parts, join) + ")"
}

// hasParts says whether values have parts, which may be NULL in them: it is then not known whether they
// are equal. DuckDB takes one NULL for equal to another there.
func hasParts(t *Type) bool { return t.Kind == KindRow || t.Kind == KindArray || t.Kind == KindMap }

// compareValues compares two printed values of a type.
func (p *duckPrinter) compareValues(op CompareOp, l, r string, t *Type) string {
	if !hasParts(t) {
		return "(" + l + " " + compareWords[op] + " " + r + ")"
	}
	if op != EQ && op != NE {
		return p.bound([]string{l, r}, func(x []string) string {
			return "(CASE WHEN " + x[0] + " IS NULL OR " + x[1] + " IS NULL THEN NULL WHEN " + p.meetsNull(x[0], x[1], t) +
				" THEN " + failing("BOOLEAN", "NOT_SUPPORTED", orderOfNull[t.Kind]) + " ELSE " + x[0] + " " + compareWords[op] + " " + x[1] + " END)"
		})
	}
	return p.bound([]string{l, r}, func(x []string) string {
		var all string // list of the comparisons of the parts
		differ := fmt.Sprint(op == NE)
		guard := fmt.Sprintf("WHEN %s IS NULL OR %s IS NULL THEN NULL ", x[0], x[1])
		switch t.Kind {
		case KindRow:
			parts := make([]string, len(t.Elems))
			for i, e := range t.Elems {
				f := func(s string) string { return fmt.Sprintf("struct_extract(%s, 'f%d')", s, i) }
				parts[i] = p.compareValues(EQ, f(x[0]), f(x[1]), e)
			}
			all = "(" + strings.Join(parts, " AND ") + ")"
		case KindMap: // keys are sorted, and never NULL
			guard += fmt.Sprintf("WHEN map_keys(%s) <> map_keys(%s) THEN %s ", x[0], x[1], differ)
			all = p.compareValues(EQ, "map_values("+x[0]+")", "map_values("+x[1]+")", ArrayOf(t.Value()))
		default:
			v := p.name()
			guard += fmt.Sprintf("WHEN len(%s) <> len(%s) THEN %s ", x[0], x[1], differ)
			eq := p.compareValues(EQ, x[0]+"["+v+"]", x[1]+"["+v+"]", t.Elem())
			all = fmt.Sprintf("coalesce(list_bool_and(list_transform(range(1, len(%s) + 1), lambda %s : %s)), true)", x[0], v, eq)
			// bool_and passes over NULL, so NULL is looked for where nothing differs.
			all = fmt.Sprintf("CASE WHEN NOT %s THEN false WHEN len(list_filter(range(1, len(%s) + 1), lambda %s : %s IS NULL)) > 0 THEN NULL ELSE true END", all, x[0], v, eq)
		}
		if op == NE {
			all = "NOT (" + all + ")"
		}
		return "(CASE " + guard + "ELSE " + all + " END)"
	})
}

// quantified prints ANY and ALL. Where numbers may be NaN, which is the greatest for DuckDB, an order is
// asked of the least or the greatest of them, as Trino does, for which NaN counts where nothing else does.
func (p *duckPrinter) quantified(e *Quantified) string {
	if k := e.X.Type().Kind; e.Op == EQ || e.Op == NE || k != KindDouble && k != KindReal {
		word := "ANY"
		if e.All {
			word = "ALL"
		}
		return "(" + p.expr(e.X) + " " + compareWords[e.Op] + " " + word + " (" + p.sub(e.Query) + "))"
	}
	limit := "min"
	if (e.Op == GT || e.Op == GE) == e.All {
		limit = "max"
	}
	found := "(SELECT struct_pack(n := count(*), known := count(s.c0), m := coalesce(" + limit + "(s.c0) FILTER (WHERE NOT isnan(s.c0)), max(s.c0)))" +
		" FROM (" + p.valueSub(e.Query) + ") AS s)"
	return p.bound([]string{p.expr(e.X), found}, func(x []string) string {
		of := func(field string) string { return "struct_extract(" + x[1] + ", '" + field + "')" }
		holds := p.compareTexts(e.Op, e.X, &ColRef{Typ: e.X.Type()}, x[0], of("m"))
		unknown := of("known") + " < " + of("n")
		if e.All {
			return "(CASE WHEN " + of("n") + " = 0 THEN true WHEN " + holds + " THEN CASE WHEN NOT " + unknown + " THEN true END WHEN NOT " + holds + " THEN false END)"
		}
		return "(CASE WHEN " + of("n") + " = 0 THEN false WHEN " + holds + " THEN true WHEN NOT " + holds + " THEN CASE WHEN NOT " + unknown + " THEN false END END)"
	})
}

// orderOfNull is what Trino says of rows and arrays whose order depends on a part that is NULL.
var orderOfNull = map[TypeKind]string{
	KindRow:   "ROW comparison not supported for fields with null elements",
	KindArray: "ARRAY comparison not supported for arrays with null elements",
}

// meetsNull prints whether two rows or arrays have no part that differs before one of them is NULL. DuckDB
// takes NULL for the greatest value.
func (p *duckPrinter) meetsNull(l, r string, t *Type) string {
	part := func(l, r string, t *Type) string {
		s := l + " IS NULL OR " + r + " IS NULL"
		if hasParts(t) {
			s += " OR " + p.meetsNull(l, r, t)
		}
		return s
	}
	if t.Kind == KindArray {
		i, x := p.name(), p.name()
		le, re := l+"["+i+"]", r+"["+i+"]"
		return "coalesce(list_filter(list_transform(range(1, least(len(" + l + "), len(" + r + ")) + 1), lambda " + i + " : CASE WHEN " + part(le, re, t.Elem()) +
			" THEN true WHEN " + le + " <> " + re + " THEN false END), lambda " + x + " : " + x + " IS NOT NULL)[1], false)"
	}
	s := ""
	for i := len(t.Elems) - 1; i >= 0; i-- {
		lf, rf := fmt.Sprintf("struct_extract(%s, 'f%d')", l, i), fmt.Sprintf("struct_extract(%s, 'f%d')", r, i)
		if s != "" {
			s = " OR " + lf + " = " + rf + " AND " + s
		}
		s = "(" + part(lf, rf, t.Elems[i]) + s + ")"
	}
	return s
}

func (p *duckPrinter) in(e *In) string {
	if hasParts(e.X.Type()) || mayBeNaN(e.X) && slices.ContainsFunc(e.List, mayBeNaN) {
		s := p.twice([]string{p.expr(e.X)}, func(x []string) string {
			parts := make([]string, len(e.List))
			for i, v := range e.List {
				if _, ok := e.X.(*RowCtor); ok {
					parts[i] = p.compare(EQ, e.X, v)
				} else {
					parts[i] = p.compareTexts(EQ, e.X, v, x[0], p.expr(v))
				}
			}
			return "(" + strings.Join(parts, " OR ") + ")"
		})
		if e.Not {
			return "(NOT " + s + ")"
		}
		return s
	}
	not := ""
	if e.Not {
		not = "NOT "
	}
	return "(" + p.expr(e.X) + " " + not + "IN (" + p.list(e.List) + "))"
}

// inParts compares a value that is found with itself: it is not known whether it is there if a part is NULL.
func (p *duckPrinter) inParts(e *InQuery) string {
	s := "(" + p.expr(e.X) + " IN (" + p.sub(e.Query) + ") AND " + p.compare(EQ, e.X, e.X) + ")"
	if e.Not {
		return "(NOT " + s + ")"
	}
	return s
}

const escapeOfASCII = "ESCAPE takes a character of ASCII where the pattern is no constant"

func (p *duckPrinter) like(e *Like) string {
	not := ""
	if e.Not {
		not = "NOT "
	}
	pattern, escape := e.Pattern, e.Escape
	if c, ok := textOf(uncast(escape)); ok && len(c) > 1 {
		// DuckDB takes one byte.
		text, ok := textOf(uncast(pattern))
		if !ok {
			p.refuse(-1, "NOT_SUPPORTED", escapeOfASCII)
		}
		// That which is escaped twice stands for itself.
		parts := strings.Split(strings.ReplaceAll(text, `\`, `\\`), c+c)
		for i := range parts {
			parts[i] = strings.ReplaceAll(parts[i], c, `\`)
		}
		pattern, escape = textLiteral(strings.Join(parts, c)), textLiteral(`\`)
	}
	if escape == nil {
		return "(" + p.expr(e.X) + " " + not + "LIKE " + p.expr(pattern) + ")"
	}
	t := "($1 " + not + "LIKE $2 ESCAPE $3)"
	_, knownPattern := textOf(uncast(pattern))
	_, knownEscape := textOf(uncast(escape))
	if !knownPattern || !knownEscape {
		// DuckDB takes what is escaped without need for itself. Where Trino does not, an escape character is left
		// of a pattern without the right pairs.
		check := "CASE"
		if !knownEscape {
			check += " WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND length($3) <> 1 THEN {!INVALID_FUNCTION_ARGUMENT|Escape string must be a single character!}" +
				" WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND strlen($3) <> 1 THEN {!NOT_SUPPORTED|" + escapeOfASCII + "!}"
		}
		t = check + " WHEN $1 IS NOT NULL AND contains(replace(replace(replace($2, $3 || $3, ''), $3 || '%', ''), $3 || '_', ''), $3)" +
			" THEN {!INVALID_FUNCTION_ARGUMENT|Escape character must be followed by '%', '_' or the escape character itself!} ELSE " + t + " END"
	}
	return p.template(t, []string{p.expr(e.X), p.expr(pattern), p.expr(escape)}, []*Type{Varchar, Varchar, Varchar}, Boolean)
}

func (p *duckPrinter) isNull(e *IsNull) string {
	word := " IS NULL)"
	if e.Not {
		word = " IS NOT NULL)"
	}
	if sql, s := p.stored(e.X); s != nil && s.SQL == nil && !s.Text {
		switch s.Kind {
		case StoredMap:
			// Only objects are maps; JSON null and others are NULL.
			not := "NOT "
			if e.Not {
				not = ""
			}
			return "(" + not + "coalesce(" + sql + " LIKE '{%', false))"
		default:
			return "(" + sql + word
		}
	}
	return "(" + p.expr(e.X) + word
}

func (p *duckPrinter) caseExpr(e *Case) string {
	if e.Operand == nil {
		return p.whens(e, func(w Expr) string { return "WHEN " + p.condition(w) })
	}
	branches := func(x []string) string {
		if simple(x[0]) {
			return p.whens(e, func(w Expr) string {
				return "WHEN " + p.compareTexts(EQ, e.Operand, w, x[0], p.expr(w))
			})
		}
		return strings.Replace(p.whens(e, func(w Expr) string { return "WHEN " + p.expr(w) }), "CASE", "CASE "+x[0], 1)
	}
	x := []string{p.expr(e.Operand)}
	nan := mayBeNaN(e.Operand) && slices.ContainsFunc(e.Whens, func(w When) bool { return mayBeNaN(w.When) })
	// DuckDB compares a copy of the operand with each value, which is another value where it varies.
	if hasParts(e.Operand.Type()) || nan || len(e.Whens) > 1 && (doubles(x[0]) || varies(e.Operand)) {
		return p.bound(x, branches)
	}
	return branches(x)
}

// whens prints the branches of CASE.
func (p *duckPrinter) whens(e *Case, when func(Expr) string) string {
	var b strings.Builder
	b.WriteString("(CASE")
	for _, w := range e.Whens {
		b.WriteString(" " + when(w.When) + " THEN " + p.typed(w.Then, e.Typ))
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + p.typed(e.Else, e.Typ))
	}
	return b.String() + " END)"
}

func (p *duckPrinter) nullIf(e *NullIf) string {
	return p.bound([]string{p.expr(e.X)}, func(x []string) string {
		l := x[0]
		if !e.X.Type().Equal(e.Common) {
			l = p.cast(l, e.X.Type(), e.Common, castMode{implicit: true})
		}
		r := p.typed(e.Y, e.Common)
		return "(CASE WHEN " + p.compareTexts(EQ, e.X, e.Y, l, r) + " THEN NULL ELSE " + x[0] + " END)"
	})
}

// name returns a fresh name for a value.
func (p *duckPrinter) name() string {
	p.binds++
	return fmt.Sprintf("b%d", p.binds)
}

// bound prints an expression that uses values more than once. Those that are not simple
// are computed once: a list of one element gives them a name.
func (p *duckPrinter) bound(values []string, body func([]string) string) string {
	var names, parts []string
	b := ""
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v
		if simple(v) {
			continue
		}
		if b == "" {
			b = p.name()
		}
		names = append(names, fmt.Sprintf("v%d", i))
		parts = append(parts, fmt.Sprintf("v%d := %s", i, v))
		out[i] = fmt.Sprintf("struct_extract(%s, 'v%d')", b, i)
	}
	if len(names) == 0 {
		return body(out)
	}
	if len(names) == 1 {
		for i := range out {
			if strings.HasPrefix(out[i], "struct_extract("+b+",") {
				parts[0] = values[i]
				out[i] = b
			}
		}
		return "list_transform([" + parts[0] + "], lambda " + b + " : " + body(out) + ")[1]"
	}
	return "list_transform([struct_pack(" + strings.Join(parts, ", ") + ")], lambda " + b + " : " + body(out) + ")[1]"
}

// twice prints an expression that uses values twice, and gives names to those alone that would be too much.
func (p *duckPrinter) twice(values []string, body func([]string) string) string {
	if doubles(values...) {
		return p.bound(values, body)
	}
	return body(values)
}

// failing prints an expression of a DuckDB type that always fails with an error of
// Trino's. It is not volatile, so that TRY takes it and CASE does not reach for it.
func failing(duckType, code, message string) string {
	return failingText(duckType, quoteString(ErrorText(code, message)))
}

// failingText casts what is no truth value to one. No CASE is around it: DuckDB works
// out constant conditions before it runs, also those that are never reached.
func failingText(duckType, text string) string {
	s := "CAST(" + text + " AS BOOLEAN)"
	if duckType == "BOOLEAN" {
		return s
	}
	return "CAST(CAST(" + s + " AS VARCHAR) AS " + duckType + ")"
}

// ErrorText is how an error of Trino's travels inside one of DuckDB's: see
// RuntimeError.
func ErrorText(code, message string) string { return "!!" + code + "|" + message + "!!" }

// RaisedText is the ErrorText of an error that a function raises, by its name in printed SQL.
func RaisedText(function, code, message string) string {
	return ErrorText(code+"@"+strings.TrimSuffix(function, scalar.Fixed), message)
}
