package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// DuckDB is a statement as DuckDB SQL.
type DuckDB struct {
	// SQL is one SELECT. It names the stores as DuckOptions.Table says and holds no
	// byte of the user's text but what stands in string literals.
	SQL string
	// Columns are the result's columns by the user's names and types. In the SQL
	// they are called c0, c1 and so on, and the fields of rows f0, f1 and so on.
	Columns []Column
	// Reads are the stored columns that each scan reads, by the scan's id.
	Reads map[int]*Reads
}

// Reads is what a scan reads of a store.
type Reads struct {
	// Columns are the stored columns, each once, in no order.
	Columns map[string]bool
	// Text says that members are read that only the rebuilt record has.
	Text bool
	// Filter is what its rows must meet to matter; nil means that all may matter.
	Filter *Filter
}

// DuckOptions connect the printer with the stores.
type DuckOptions struct {
	// Table returns the name of the table or view that holds a scan's data files,
	// under the names of Storage.
	Table func(*StoreScan) string
	// Storage returns how a scan's columns are stored. Nil means that each is stored
	// as it is shown.
	Storage func(*StoreScan) *Storage
}

// PrintDuckDB writes a statement as DuckDB SQL. The error is a *PrintError where the
// statement needs what DuckDB cannot do.
func PrintDuckDB(s *Statement, o DuckOptions) (*DuckDB, error) {
	p := newDuckPrinter(o)
	sql := p.shown(s.Query, p.query(s.Query, nil))
	p.checkLambdas(sql)
	if p.err != nil {
		return nil, p.err
	}
	return &DuckDB{SQL: fixed(sql), Columns: s.Query.Columns, Reads: p.reads}, nil
}

func newDuckPrinter(o DuckOptions) *duckPrinter {
	return &duckPrinter{opts: o, rels: map[int]*duckRel{}, params: map[int]string{}, paramStored: map[int]*Stored{}, reads: map[int]*Reads{}, optional: map[int]bool{}, ctes: map[int]*CTE{}, groups: map[*Grouping]string{}}
}

// shown turns outputs of types that other programs lack into text: intervals, times with time zone
// and addresses. Inside of arrays, maps and rows addresses stay as they are.
func (p *duckPrinter) shown(q *Query, sql string) string {
	items := make([]string, len(q.Columns))
	as := false
	for i, c := range q.Columns {
		items[i] = "s." + col(i)
		switch c.Type.Kind {
		case KindIPAddress:
			items[i] = p.text(items[i], c.Type) + " AS " + col(i)
			as = true
		default:
			if t := shownType(c.Type); t != c.Type {
				items[i] = p.cast(items[i], c.Type, t, castMode{}) + " AS " + col(i)
				as = true
			}
		}
	}
	if !as {
		return sql
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + sql + ") AS s"
}

// shownType is a type with text in the place of intervals and of times with time zone, the type
// itself where there are none.
func shownType(t *Type) *Type {
	switch t.Kind {
	case KindIntervalDay, KindIntervalYear, KindTimeTZ:
		return Varchar
	}
	res := t
	for i, e := range t.Elems {
		s := shownType(e)
		if s == e {
			continue
		}
		if res == t {
			c := *t
			res = &c
			res.Elems = slices.Clone(t.Elems)
		}
		res.Elems[i] = s
	}
	return res
}

// PrintError says that a statement cannot be printed.
type PrintError struct {
	Code    string
	Message string
	// Pos is the byte offset in the user's text.
	Pos int
}

func (e *PrintError) Error() string { return e.Message }

// duckPrinter holds what is known of the relations printed so far. The first refusal
// is kept; what is printed after it is of no use and is thrown away.
type duckPrinter struct {
	err    *PrintError
	opts   DuckOptions
	rels   map[int]*duckRel
	params map[int]string // lambda parameters
	// paramStored are the lambda parameters that stand for stored elements.
	paramStored map[int]*Stored
	reads       map[int]*Reads
	optional    map[int]bool // scans whose rows an outer join may lack
	ctes        map[int]*CTE
	group       string // alias of the grouping around, "" outside of one
	groups      map[*Grouping]string
	outputs     bool     // an expression is printed for a query around, of the outputs
	body        *Query   // whose ORDER BY is printed
	visible     []string // aliases of the relations whose columns can be named
	outer       *outer   // of the SELECT being printed
	queried     []int    // where conditions of outer joins stand that have queries which DuckDB may not take
	binds       int      // number of names given to bound values
	printed     int      // number of expressions
	subs        int      // queries around that are values or in EXISTS
	trace       *trace   // nil but where an error is looked for
}

// duckRel is a relation as printed.
type duckRel struct {
	alias string
	cols  []duckCol
	scan  *StoreScan
	store *Storage
	here  bool // has a column of this name, which is NULL where an outer join has no row
}

// duckCol is a column as printed.
type duckCol struct {
	name   string
	stored *Stored // nil where the column has its logical form
}

func (p *duckPrinter) refuse(pos int, code, format string, args ...any) {
	if p.err == nil {
		p.err = &PrintError{Code: code, Message: fmt.Sprintf(format, args...), Pos: pos}
	}
}

func alias(id int) string { return fmt.Sprintf("t%d", id) }

func col(i int) string { return fmt.Sprintf("c%d", i) }

// quoteIdent writes an identifier of DuckDB or Trino in quotes.
func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoteString writes a DuckDB string literal. Zero bytes cannot stand in SQL text.
func quoteString(s string) string {
	if !strings.Contains(s, "\x00") {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	parts := strings.Split(s, "\x00")
	for i, part := range parts {
		parts[i] = quoteString(part)
	}
	return "(" + strings.Join(parts, " || chr(0) || ") + ")"
}

// query prints a query whose outputs are c0, c1 and so on. stored, if not nil, is
// filled with the outputs that are left in their stored form.
func (p *duckPrinter) query(q *Query, stored []*Stored) string {
	var b strings.Builder
	if len(q.With) > 0 {
		b.WriteString("WITH ")
		for _, c := range q.With {
			if c.Recursive {
				b.WriteString("RECURSIVE ")
				break
			}
		}
		for i, c := range q.With {
			if i > 0 {
				b.WriteString(", ")
			}
			p.cte(&b, c)
		}
		b.WriteByte(' ')
	}
	if q.Ties && q.Limit != nil {
		return b.String() + p.ties(q)
	}
	b.WriteString(p.bodyOf(q, stored, nil))
	if q.Offset != nil {
		b.WriteString(" OFFSET " + p.expr(q.Offset))
	}
	if q.Limit != nil {
		b.WriteString(" LIMIT " + p.expr(q.Limit))
	}
	return b.String()
}

// ties prints FETCH FIRST n ROWS WITH TIES by rank over the same order.
func (p *duckPrinter) ties(q *Query) string {
	cols := make([]string, len(q.Columns))
	for i := range cols {
		cols[i] = col(i)
	}
	list := strings.Join(cols, ", ")
	inner := p.bodyOf(q, nil, func(order string) string {
		return "row_number() OVER (ORDER BY " + order + ") AS rn, rank() OVER (ORDER BY " + order + ") AS rk"
	})
	off := "0"
	if q.Offset != nil {
		off = p.expr(q.Offset)
	}
	// The sum of both may be out of range.
	place, limit := "rn - "+off, p.expr(q.Limit)
	return "SELECT " + list + " FROM (SELECT *, max(CASE WHEN " + place + " = " + limit + " THEN rk END) OVER () AS lk FROM (" + inner + ") AS w0) AS w1" +
		" WHERE rn > " + off + " AND (" + place + " <= " + limit + " OR rk = lk) ORDER BY rn"
}

// bodyOf prints body and ORDER BY. With extra, the order is not printed but handed to
// it, and what it returns is selected beside the outputs.
func (p *duckPrinter) bodyOf(q *Query, stored []*Stored, extra func(order string) string) string {
	if s, ok := q.Body.(*Select); ok {
		return p.selectOf(q, s, stored, extra)
	}
	cols := make([]string, len(q.Columns))
	for i := range cols {
		cols[i] = col(i)
	}
	inner := p.bodySQL(q.Body)
	if len(q.OrderBy) == 0 && extra == nil {
		if _, ok := q.Body.(*Query); ok {
			// Its own LIMIT, or its WITH, ends it.
			return "SELECT * FROM (" + inner + ") AS s"
		}
		return inner
	}
	outer := p.body
	p.body = q
	var order []string
	for _, o := range q.OrderBy {
		if relationsOf(o.X) == nil {
			p.refuse(-1, "NOT_SUPPORTED", "ORDER BY of a set operation takes expressions of output columns only")
		}
		order = append(order, p.sortKey(o, p.expr))
	}
	p.body = outer
	list := strings.Join(cols, ", ")
	if extra != nil {
		return "SELECT " + list + ", " + extra(strings.Join(order, ", ")) + " FROM (" + inner + ") AS s"
	}
	return "SELECT " + list + " FROM (" + inner + ") AS s ORDER BY " + strings.Join(order, ", ")
}

func (p *duckPrinter) bodySQL(b Body) string {
	switch b := b.(type) {
	case *SetOp:
		return p.setOp(b)
	case *Values:
		return p.values(b)
	case *Query:
		return p.query(b, nil)
	default:
		panic(fmt.Sprintf("BUG: body %T", b))
	}
}

func (p *duckPrinter) setOp(s *SetOp) string {
	op := [...]string{"UNION", "INTERSECT", "EXCEPT"}[s.Kind]
	if s.All {
		op += " ALL"
	}
	return "(" + p.branch(s.Left, s.Types) + ") " + op + " (" + p.branch(s.Right, s.Types) + ")"
}

// branch prints one side of a set operation with the types of the whole.
func (p *duckPrinter) branch(q *Query, types []*Type) string {
	same := true
	for i, t := range types {
		same = same && t.Equal(q.Columns[i].Type)
	}
	inner := p.query(q, nil)
	if same {
		return inner
	}
	items := make([]string, len(types))
	for i, t := range types {
		items[i] = p.cast("s."+col(i), q.Columns[i].Type, t, castMode{implicit: true}) + " AS " + col(i)
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + inner + ") AS s"
}

func (p *duckPrinter) values(v *Values) string {
	names := make([]string, len(v.Types))
	for i := range names {
		names[i] = col(i)
	}
	around, leave := p.around(nil)
	defer leave()
	rows, selects := make([]string, len(v.Rows)), make([]string, len(v.Rows))
	for i, r := range v.Rows {
		items := make([]string, len(r))
		for k, e := range r {
			items[k] = p.typed(e, v.Types[k])
		}
		rows[i] = "(" + strings.Join(items, ", ") + ")"
		for k := range items {
			items[k] += " AS " + names[k]
		}
		selects[i] = around.selected(nil, strings.Join(items, ", "), "", "")
	}
	if around.row() != "" {
		// DuckDB's VALUES take nothing from FROM.
		return strings.Join(selects, " UNION ALL ")
	}
	return "SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS v(" + strings.Join(names, ", ") + ")"
}

// typed prints an expression so that DuckDB knows its type even when it is NULL.
func (p *duckPrinter) typed(e Expr, t *Type) string {
	s := p.expr(e)
	if !e.Type().Equal(t) {
		return p.cast(s, e.Type(), t, castMode{implicit: true})
	}
	return s
}

func (p *duckPrinter) cte(b *strings.Builder, c *CTE) {
	p.ctes[c.ID] = c
	names := make([]string, len(c.Columns))
	for i := range names {
		names[i] = col(i)
	}
	if !c.Recursive {
		fmt.Fprintf(b, "%s(%s) AS (%s)", alias(c.ID), strings.Join(names, ", "), p.query(c.Query, nil))
		return
	}
	s := c.Query.Body.(*SetOp)
	// The depth is counted beside the outputs, so that the recursion ends with an
	// error where Trino's does. UNION would compare the depth as well; Trino allows
	// UNION ALL only.
	fmt.Fprintf(b, "%s(%s, depth) AS (SELECT *, 0 FROM (%s) AS s UNION ALL SELECT s.*, CASE WHEN d.depth >= %d THEN %s ELSE d.depth + 1 END FROM (SELECT max(depth) AS depth FROM %s) AS d, (%s) AS s)",
		alias(c.ID), strings.Join(names, ", "), p.branch(s.Left, s.Types), MaxRecursion,
		failing("INTEGER", "NOT_SUPPORTED", fmt.Sprintf("Recursion depth limit exceeded (%d); a condition of the step must end it, such as WHERE n < 100", MaxRecursion)),
		alias(c.ID), p.branch(s.Right, s.Types))
}

// selectOf prints one SELECT with the ORDER BY of the query that it is the body of.
func (p *duckPrinter) selectOf(q *Query, s *Select, stored []*Stored, extra func(string) string) string {
	savedGroup, savedBody := p.group, p.body
	defer func() { p.group, p.body = savedGroup, savedBody }()
	p.body = q
	around, leave := p.around(s.From)
	defer leave()
	from, relation := "", s.From
	if s.From != nil {
		from = " FROM " + p.relation(s.From)
	}
	where := ""
	p.group = ""
	if s.Where != nil {
		where = p.where(s)
		// DuckDB keeps the order where it reads.
		first := slices.Concat(p.ofKeys(s), p.asStored(s), p.inText(s.Where))
		where = strings.Join(append(first, where), " AND ")
		where = " WHERE " + where
		p.filter(s)
	}
	if s.Group != nil {
		from, where = p.grouping(s, from, where), ""
		leave()
		around, leave = p.around(nil)
		defer leave()
		relation = nil
		p.visible = append(p.visible, p.group)
		if s.Having != nil {
			where = " WHERE " + p.condition(s.Having)
		}
	}
	items := make([]string, len(s.Items))
	for i, e := range s.Items {
		items[i] = p.item(e, i, s, stored) + " AS " + col(i)
	}
	list := strings.Join(items, ", ")
	distinct := ""
	if s.Distinct {
		distinct = "DISTINCT "
	}
	if extra != nil && s.Distinct || s.Distinct && len(q.OrderBy) > 0 || p.ordersByOutput(q, s) {
		// The order is by outputs: a query around keeps DuckDB from reading names in
		// ORDER BY as it likes.
		cols := make([]string, len(items))
		for i := range cols {
			cols[i] = col(i)
		}
		var order []string
		keys := ""
		for i, o := range q.OrderBy {
			order = append(order, p.sortKey(o, func(e Expr) string {
				if r, ok := e.(*OutputRef); ok {
					return "s." + col(r.Index)
				}
				for k, it := range s.Items {
					if sameExpr(it, e) {
						return "s." + col(k)
					}
				}
				if asksVarying(e, s.Items) {
					return p.overOutputs(e)
				}
				keys += fmt.Sprintf(", %s AS k%d", p.expr(e), i)
				return fmt.Sprintf("s.k%d", i)
			}))
		}
		inner := around.selected(relation, distinct+list+keys, from, where)
		out := "SELECT " + strings.Join(cols, ", ")
		if extra != nil {
			return out + ", " + extra(strings.Join(order, ", ")) + " FROM (" + inner + ") AS s"
		}
		return out + " FROM (" + inner + ") AS s ORDER BY " + strings.Join(order, ", ")
	}
	var order []string
	for _, o := range q.OrderBy {
		order = append(order, p.sortKey(o, p.expr))
	}
	if extra != nil {
		list += ", " + extra(strings.Join(order, ", "))
		order = nil
	}
	if len(order) > 0 {
		where += " ORDER BY " + strings.Join(order, ", ")
	}
	return around.selected(relation, distinct+list, from, where)
}

// ordersByOutput says whether an output stands in ORDER BY that is no plain column, so that repeating
// it would compute it twice, or inside of an expression one whose value varies.
func (p *duckPrinter) ordersByOutput(q *Query, s *Select) bool {
	for _, o := range q.OrderBy {
		if r, ok := o.X.(*OutputRef); ok {
			switch s.Items[r.Index].(type) {
			case *ColRef, *AggRef, *GroupRef:
			default:
				return true
			}
		} else if asksVarying(o.X, s.Items) {
			return true
		}
	}
	return false
}

// asksVarying says whether an expression of ORDER BY asks for an output that is another each time.
func asksVarying(e Expr, items []Expr) (asks bool) {
	walkExpr(e, func(e Expr) {
		if r, ok := e.(*OutputRef); ok {
			asks = asks || varies(items[r.Index])
		}
	})
	return asks
}

// varies says whether an expression may have another value each time that it is computed.
func varies(e Expr) (is bool) {
	walkDeep(e, func(e Expr) {
		if c, ok := e.(*Call); ok {
			is = is || c.Fn.Varies
		}
	})
	return is
}

// overOutputs prints an expression of ORDER BY for a query around, which knows the outputs alone.
func (p *duckPrinter) overOutputs(e Expr) string {
	walkExpr(e, func(e Expr) {
		switch e.(type) {
		case *ColRef, *GroupRef, *AggRef, *GroupingRef, *Window:
			p.refuse(-1, "NOT_SUPPORTED", "ORDER BY of an output whose value varies together with columns is not supported; give the expression an output column, and order by that")
		}
		if subquery(e) != nil {
			p.refuse(-1, "NOT_SUPPORTED", "ORDER BY of an output whose value varies together with a query is not supported; give the expression an output column, and order by that")
		}
	})
	p.outputs = true
	defer func() { p.outputs = false }()
	return p.expr(e)
}

// item prints an output. A text-backed map that is passed on as it is keeps its text,
// which a query around then reads; so do other stored forms.
func (p *duckPrinter) item(e Expr, i int, s *Select, stored []*Stored) string {
	if stored != nil && !s.Distinct && s.Group == nil {
		if sql, st := p.stored(e); st != nil && st.SQL == nil && !st.Text {
			stored[i] = st
			return sql
		}
	}
	return p.expr(e)
}

func (p *duckPrinter) sortKey(o SortItem, print func(Expr) string) string {
	return p.sortValue(o, print) + " " + o.direction()
}

func (p *duckPrinter) sortValue(o SortItem, print func(Expr) string) string {
	if l, ok := o.X.(*Literal); ok {
		// DuckDB refuses a constant that is not the number of an output.
		return "CAST(" + p.literal(l) + " AS " + duckType(l.Typ) + ")"
	}
	return print(o.X)
}

// direction is what stands behind a key in ORDER BY.
func (o SortItem) direction() string {
	s := "ASC"
	if o.Desc {
		s = "DESC"
	}
	if o.NullsFirst {
		return s + " NULLS FIRST"
	}
	return s + " NULLS LAST"
}

// grouping prints the aggregation as a query of its own, whose columns are keys, aggregates
// and groupings, and sets the alias under which they are then found.
func (p *duckPrinter) grouping(s *Select, from, where string) string {
	g := s.Group
	var items, keys []string
	for i, k := range g.Keys {
		sql := p.expr(k)
		if l, ok := k.(*Literal); ok {
			// A constant in GROUP BY would be read as the number of an output.
			sql = "CAST(" + p.literal(l) + " AS " + duckType(l.Typ) + ")"
		}
		keys = append(keys, sql)
		items = append(items, fmt.Sprintf("%s AS g%d", sql, i))
	}
	for i, a := range g.Aggs {
		sql := p.aggregate(a, "")
		if own := p.visible[len(p.outer.aliases):]; !refers(withoutTry(sql), own, false) {
			sql = p.outer.all(sql)
		}
		items = append(items, fmt.Sprintf("%s AS a%d", sql, i))
	}
	for i, cols := range g.Groupings {
		names := make([]string, len(cols))
		for j, k := range cols {
			names[j] = keys[k]
		}
		items = append(items, fmt.Sprintf("CAST(GROUPING(%s) AS INTEGER) AS n%d", strings.Join(names, ", "), i))
	}
	if len(items) == 0 {
		items = append(items, "count(*) AS a0")
	}
	by := ""
	switch {
	case g.Sets != nil:
		sets := make([]string, len(g.Sets))
		for i, set := range g.Sets {
			names := make([]string, len(set))
			for j, k := range set {
				names[j] = keys[k]
			}
			sets[i] = "(" + strings.Join(names, ", ") + ")"
		}
		by = " GROUP BY GROUPING SETS (" + strings.Join(sets, ", ") + ")"
	case len(keys) > 0:
		by = " GROUP BY " + strings.Join(keys, ", ")
	}
	sql := p.outer.selected(s.From, strings.Join(items, ", "), from, where+by)
	p.binds++
	p.group = fmt.Sprintf("q%d", p.binds)
	p.groups[g] = p.group
	return " FROM (" + sql + ") AS " + p.group
}
