package dialect

import (
	"cmp"
	"fmt"
	"strings"

	"traillake/engine/dialect/scalar"
	"traillake/engine/dialect/syntax"
)

var compareOps = map[string]CompareOp{"=": EQ, "<>": NE, "<": LT, "<=": LE, ">": GT, ">=": GE}

func (x *exprAnalyzer) compare(e *syntax.Compare) Expr {
	both := []Expr{x.expr(e.L), x.expr(e.R)}
	at := []syntax.Expr{e.L, e.R}
	op := compareOps[e.Op]
	t := x.comparable(both, at, op == EQ || op == NE)
	if t == nil {
		hint := compareHint(both[0].Type(), both[1].Type())
		if h := x.booleanHint(both[0], both[1], e.Op, e.L); h != "" {
			hint = h
		} else if h := x.booleanHint(both[1], both[0], e.Op, e.R); h != "" {
			hint = h
		}
		return x.failed(e.At(), CodeTypeMismatch, hint, "Cannot apply operator: %s %s %s", both[0].Type(), e.Op, both[1].Type())
	}
	return &Compare{Op: op, L: both[0], R: both[1]}
}

// booleanHint says how to compare a boolean that is compared with the text of one.
func (x *exprAnalyzer) booleanHint(v, text Expr, op string, at syntax.Expr) string {
	word, ok := textOf(text)
	word = strings.ToLower(word)
	if !ok || v.Type().Kind != KindBoolean || word != "true" && word != "false" {
		return ""
	}
	return "write " + x.source(at.At()) + " " + op + " " + word
}

func compareHint(l, r *Type) string {
	for _, p := range [][2]*Type{{l, r}, {r, l}} {
		switch a, b := p[0], p[1]; {
		case a.Kind == KindMap:
			return "compare one entry, as element_at(map, 'key')"
		case a.Kind == KindRow && b.IsText():
			return "compare one field of the row"
		case a.Kind == KindArray && b.IsText():
			return "use contains(array, value)"
		case a.Kind == KindJSON && b.IsText():
			return "use json_extract_scalar or CAST(… AS varchar)"
		case timelike(a) && b.IsNumeric():
			return "write the time as text: '2024-01-31 00:00:00'"
		case a.IsText() && b.IsNumeric():
			return "write the number in single quotes, or cast the text"
		case a.IsText() && b.Kind == KindBoolean:
			return "write true or false, without quotes"
		}
	}
	return ""
}

// comparable casts values that are compared to one type, with the leniencies of
// CloudTrail Lake, and returns it; nil where they cannot be compared.
func (x *exprAnalyzer) comparable(list []Expr, at []syntax.Expr, equality bool) *Type {
	x.textWithTime(list, at)
	x.textWithBoolean(list, at)
	x.timeWithZone(list)
	t := Unknown
	for _, e := range list {
		c, ok := CommonType(t, e.Type())
		if !ok {
			return nil
		}
		t = c
	}
	if !t.Comparable() || !equality && !t.Orderable() {
		return nil
	}
	for i := range list {
		list[i] = x.coerce(list[i], t)
	}
	return t
}

// textWithTime makes times of texts that stand beside times (L2). A constant is read
// here, so that a misprint is found, and the bare column is left for pruning.
func (x *exprAnalyzer) textWithTime(list []Expr, at []syntax.Expr) {
	var time *Type
	for _, e := range list {
		switch t := e.Type(); t.Kind {
		case KindDate, KindTimestamp, KindTimestampTZ:
			if time == nil || t.Kind > time.Kind {
				time = t
			}
		}
	}
	if time == nil {
		return
	}
	for i, e := range list {
		if e.Type().Kind != KindVarchar {
			continue
		}
		x.use(LenientTimeText, at[i].At())
		l, ok := e.(*Literal)
		if !ok || l.Value == nil {
			to := time
			if to.Kind == KindTimestampTZ {
				to = Timestamp(to.Precision)
			}
			list[i] = x.note(&Cast{X: e, To: to, Implicit: true, Pos: at[i].At().Start}, at[i].At())
			continue
		}
		list[i] = x.note(x.timeLiteral(l.Value.(string), time, at[i].At()), at[i].At())
	}
}

// timeLiteral reads a text as a time. Without a zone it is UTC, with one it is moved
// there.
func (x *exprAnalyzer) timeLiteral(s string, beside *Type, at syntax.Span) Expr {
	l, ok := parseTimestamp(s)
	if !ok {
		hint := "write 'YYYY-MM-DD hh:mm:ss' or 'YYYY-MM-DD'"
		switch {
		case s == "?":
			hint = "give the value of the parameter"
		case strings.ContainsAny(s, "$<{["):
			hint += " in the place of the placeholder"
		}
		return x.failed(at, CodeInvalidLiteral, hint, "'%s' is not a valid timestamp literal", s)
	}
	micros := l.Value.(int64)
	if beside.Kind == KindDate && micros%microsPerDay == 0 && !strings.Contains(s, ":") {
		return &Literal{Typ: Date, Value: scalar.FloorDiv(micros, microsPerDay)}
	}
	precision := min(l.Typ.Precision, 6)
	if beside.Kind != KindDate && fractionFits(micros, beside.Precision) {
		precision = beside.Precision
	}
	return &Literal{Typ: Timestamp(precision), Value: micros}
}

// fractionFits says whether a time has no digits behind the given number of them.
func fractionFits(micros int64, precision int) bool {
	if precision >= 6 {
		return true
	}
	return micros%pow10(6-precision).Int64() == 0
}

// timeWithZone takes the zone off values that stand beside timestamps without one:
// those are in UTC, and so the bare column can be compared, and pruned.
func (x *exprAnalyzer) timeWithZone(list []Expr) {
	var plain *Type
	for _, e := range list {
		if t := e.Type(); t.Kind == KindTimestamp || t.Kind == KindDate {
			if plain == nil || plain.Kind == KindDate {
				plain = t
			}
		}
	}
	if plain == nil {
		return
	}
	for i, e := range list {
		t := e.Type()
		if t.Kind != KindTimestampTZ {
			continue
		}
		if l, ok := e.(*Literal); ok && l.Value != nil {
			p := t.Precision
			if plain.Kind == KindTimestamp && fractionFits(l.Value.(int64), plain.Precision) {
				p = plain.Precision
			}
			list[i] = x.note(&Literal{Typ: Timestamp(p), Value: l.Value}, x.spans[e])
			continue
		}
		// A cast of a time in another zone gives its local time, so UTC comes first.
		if t.Zone != "" {
			e = x.note(&AtTimeZone{X: e, Zone: textLiteral("UTC"), Typ: t.InZone("")}, x.spans[e])
		}
		list[i] = x.note(&Cast{X: e, To: Timestamp(t.Precision), Implicit: true, Pos: x.spans[e].Start}, x.spans[e])
	}
}

// textWithBoolean makes texts of TRUE and FALSE beside texts (L3).
func (x *exprAnalyzer) textWithBoolean(list []Expr, at []syntax.Expr) {
	text := false
	for _, e := range list {
		if _, lit := e.(*Literal); !lit && e.Type().Kind == KindVarchar {
			text = true
		}
	}
	if !text {
		return
	}
	for i, e := range list {
		if l, ok := e.(*Literal); ok && l.Typ.Kind == KindBoolean && l.Value != nil {
			x.use(LenientBooleanText, at[i].At())
			word := "false"
			if l.Value == true {
				word = "true"
			}
			list[i] = x.note(&Literal{Typ: Varchar, Value: word}, at[i].At())
		}
	}
}

func (x *exprAnalyzer) between(e *syntax.Between) Expr {
	list, at := []Expr{x.expr(e.X), x.expr(e.Low), x.expr(e.High)}, []syntax.Expr{e.X, e.Low, e.High}
	if x.comparable(list, at, false) == nil {
		return x.failed(e.At(), CodeTypeMismatch, compareHint(list[0].Type(), list[1].Type()), "Cannot check if %s is BETWEEN %s and %s", list[0].Type(), list[1].Type(), list[2].Type())
	}
	return &Between{X: list[0], Low: list[1], High: list[2], Not: e.Not}
}

func (x *exprAnalyzer) isDistinct(e *syntax.IsDistinct) Expr {
	both := []Expr{x.expr(e.L), x.expr(e.R)}
	if x.comparable(both, []syntax.Expr{e.L, e.R}, true) == nil {
		return x.failed(e.At(), CodeTypeMismatch, compareHint(both[0].Type(), both[1].Type()), "Cannot apply operator: %s IS DISTINCT FROM %s", both[0].Type(), both[1].Type())
	}
	return &IsDistinct{L: both[0], R: both[1], Not: e.Not}
}

// inList analyzes IN. A parameter stands for all its values.
func (x *exprAnalyzer) inList(e *syntax.InList) Expr {
	list, at := []Expr{x.expr(e.X)}, []syntax.Expr{e.X}
	for _, v := range e.List {
		p, ok := v.(*syntax.Param)
		if !ok {
			list, at = append(list, x.expr(v)), append(at, v)
			continue
		}
		for _, l := range x.parameter(p) {
			c := *l
			list, at = append(list, x.note(&c, v.At())), append(at, v)
		}
	}
	if len(list) == 1 {
		return &Literal{Typ: Boolean, Value: e.Not} // no value is in an empty list
	}
	if x.comparable(list, at, true) == nil {
		other := list[1].Type()
		for _, v := range list[1:] {
			if _, ok := CommonType(list[0].Type(), v.Type()); !ok {
				other = v.Type()
			}
		}
		return x.failed(e.At(), CodeTypeMismatch, compareHint(list[0].Type(), other), "IN value and list items must be the same type or coercible to a common type. Cannot find common type between %s and %s", list[0].Type(), other)
	}
	return &In{X: list[0], List: list[1:], Not: e.Not}
}

func (x *exprAnalyzer) like(e *syntax.Like) Expr {
	v := x.expr(e.X)
	if t := v.Type(); !t.IsText() && t.Kind != KindUnknown {
		hint := ""
		switch t.Kind {
		case KindMap:
			hint = "test one entry, as element_at(map, 'key'), or json_format(CAST(map AS json))"
		case KindJSON:
			hint = "use json_format"
		case KindTimestamp, KindDate:
			hint = "compare with >= and <, or CAST(… AS varchar)"
		}
		return x.failed(e.X.At(), CodeTypeMismatch, hint, "Left side of LIKE expression must evaluate to a varchar (actual: %s)", t)
	}
	l := &Like{X: v, Not: e.Not, Pattern: x.expr(e.Pattern)}
	if t := l.Pattern.Type(); !t.IsText() && t.Kind != KindUnknown {
		return x.failed(e.Pattern.At(), CodeTypeMismatch, "", "Pattern for LIKE expression must evaluate to a varchar (actual: %s)", t)
	}
	l.Pattern = x.coerce(l.Pattern, Varchar)
	switch v.Type().Kind {
	case KindUnknown:
		l.X = x.coerce(v, Varchar)
	case KindChar: // with the blanks to its length
		l.X = x.coerce(v, VarcharN(v.Type().Length))
	}
	if e.Escape != nil {
		l.Escape = x.expr(e.Escape)
		if t := l.Escape.Type(); !t.IsText() && t.Kind != KindUnknown {
			return x.failed(e.Escape.At(), CodeTypeMismatch, "", "Escape for LIKE expression must evaluate to a varchar (actual: %s)", t)
		}
		if c, ok := l.Escape.(*Literal); ok && c.Value != nil && len([]rune(c.Value.(string))) != 1 {
			return x.failed(e.Escape.At(), CodeInvalidArguments, "", "Escape string must be a single character")
		}
		pattern, ok1 := textOf(uncast(l.Pattern))
		escape, ok2 := textOf(uncast(l.Escape))
		if ok1 && ok2 && !validEscapes(pattern, escape) {
			return x.failed(e.Pattern.At(), CodeInvalidArguments, "", "Escape character must be followed by '%%', '_' or the escape character itself")
		}
		l.Escape = x.coerce(l.Escape, Varchar)
	}
	return l
}

// validEscapes reports whether every escape in a pattern stands before what can be escaped.
func validEscapes(pattern, escape string) bool {
	for i := strings.Index(pattern, escape); i >= 0; i = strings.Index(pattern, escape) {
		pattern = pattern[i+len(escape):]
		switch {
		case strings.HasPrefix(pattern, "%"), strings.HasPrefix(pattern, "_"):
			pattern = pattern[1:]
		case strings.HasPrefix(pattern, escape):
			pattern = pattern[len(escape):]
		default:
			return false
		}
	}
	return true
}

// inner analyzes a query inside of an expression.
func (x *exprAnalyzer) inner(q *syntax.Query) *Query {
	if len(x.params) > 0 {
		x.fail(q.At(), CodeNotSupported, "", "Lambda expression cannot contain subqueries")
		return emptyQuery()
	}
	first := x.ids
	res := x.query(q, x.scope)
	res.text = x.textOf(q, res, first)
	return res
}

// textOf returns the words of a query whose relations have ids from first on: without columns of the queries
// around, and values given by their order, these alone say what it is. Else it returns "".
func (x *exprAnalyzer) textOf(q *syntax.Query, res *Query, first int) string {
	text := x.source(q.At())
	var words []string
	for _, t := range syntax.Lex(text) {
		if t.Key == "?" {
			return ""
		}
		words = append(words, cmp.Or(t.Key, text[t.Start:t.End]))
	}
	own := true
	walkQuery(res, func(e Expr) {
		switch e := e.(type) {
		case *ColRef:
			own = own && e.Rel >= first
		case *GroupRef:
			own = own && e.Outer == nil
		}
	})
	if !own {
		return ""
	}
	return strings.Join(words, " ")
}

// maxSubqueries is the most queries that stand as values and in EXISTS inside of one another: DuckDB takes
// two to three times as long for each more, which it does not for those of IN (version 1.5.5).
const maxSubqueries = 8

// valueQuery analyzes a query that is a value, or stands in EXISTS.
func (x *exprAnalyzer) valueQuery(q *syntax.Query) *Query {
	x.subqueries++
	defer func() { x.subqueries-- }()
	if x.subqueries > maxSubqueries {
		x.fail(q.At(), CodeTooLarge, "", "statement is too large: queries inside of expressions are nested deeper than %d", maxSubqueries)
		return emptyQuery()
	}
	return x.inner(q)
}

// oneColumn makes one column of a query's: a row, where it has several.
func (x *exprAnalyzer) oneColumn(q *Query) *Query {
	if len(q.Columns) == 1 {
		return q
	}
	d := &Derived{ID: x.id(), Query: q, Columns: q.Columns}
	row := &RowCtor{}
	var types []*Type
	var names []string
	for i, c := range q.Columns {
		row.Fields = append(row.Fields, &ColRef{Rel: d.ID, Index: i, Typ: c.Type, Name: c.Name})
		types, names = append(types, c.Type), append(names, c.Name)
	}
	row.Typ = RowOf(types, names)
	return &Query{Body: &Select{Items: []Expr{row}, From: d}, Columns: []Column{{Type: row.Typ}}, text: q.text}
}

func (x *exprAnalyzer) scalarQuery(e *syntax.Subquery) Expr {
	return &ScalarQuery{Query: x.oneColumn(x.valueQuery(e.Query)), Pos: e.Start}
}

// cast1 gives a query's only column another type.
func cast1(a *analyzer, q *Query, t *Type) *Query {
	from := q.Columns[0].Type
	if from.Equal(t) {
		return q
	}
	id := a.id()
	d := &Derived{ID: id, Query: q, Columns: q.Columns}
	item := a.coerce(&ColRef{Rel: id, Typ: from, Name: q.Columns[0].Name}, t)
	res := &Query{Body: &Select{Items: []Expr{item}, From: d}, Columns: []Column{{Type: t}}}
	if q.text != "" {
		res.text = fmt.Sprintf("%s as %s", q.text, t)
	}
	return res
}

// compareQuery makes one type of a value and the column of a query that it is compared
// with, and returns both; ok is false where there is none.
func (x *exprAnalyzer) compareQuery(v Expr, q *Query, equality bool) (Expr, *Query, bool) {
	t, from := q.Columns[0].Type, v.Type()
	if from.Kind == KindTimestamp && t.Kind == KindTimestampTZ {
		q = cast1(x.analyzer, q, Timestamp(t.Precision))
		t = q.Columns[0].Type
	}
	c, ok := CommonType(from, t)
	if !ok || !c.Comparable() || !equality && !c.Orderable() {
		return v, q, false
	}
	return x.coerce(v, c), cast1(x.analyzer, q, c), true
}

func (x *exprAnalyzer) inQuery(e *syntax.InQuery) Expr {
	v, q := x.expr(e.X), x.oneColumn(x.inner(e.Query))
	v2, q2, ok := x.compareQuery(v, q, true)
	if !ok {
		return x.failed(e.At(), CodeTypeMismatch, compareHint(v.Type(), q.Columns[0].Type), "Value expression and result of subquery must be of the same type for IN: %s vs %s", v.Type(), q.Columns[0].Type)
	}
	return &InQuery{X: v2, Query: q2, Not: e.Not}
}

func (x *exprAnalyzer) quantified(e *syntax.Quantified) Expr {
	v, q := x.expr(e.X), x.oneColumn(x.inner(e.Query))
	op := compareOps[e.Op]
	v2, q2, ok := x.compareQuery(v, q, op == EQ || op == NE)
	if !ok {
		return x.failed(e.At(), CodeTypeMismatch, compareHint(v.Type(), q.Columns[0].Type), "Value expression and result of subquery must be of the same type for quantified comparison: %s vs %s", v.Type(), q.Columns[0].Type)
	}
	return &Quantified{Op: op, All: e.All, X: v2, Query: q2}
}
