package dialect

import (
	"fmt"
	"regexp"
	"strings"

	"traillake/engine/dialect/syntax"
)

// TrinoOptions connect the Trino printer with the stores.
type TrinoOptions struct {
	// Table returns the SQL that names the table of a scan's stored columns, such as
	// iceberg.lake.events FOR VERSION AS OF 17.
	Table func(*StoreScan) string
	// Storage returns how a scan's columns are stored, with Trino's SQL in
	// Stored.SQL. Nil means that each is stored as it is shown.
	Storage func(*StoreScan) *Storage
	// Where returns a condition that every row of the scan meets which can matter to
	// the statement, over the stored columns of alias; "" for none. It lets Trino
	// leave out files. Nil means none.
	Where func(s *StoreScan, alias string) string
}

// PrintTrino writes a statement as SQL that a real Trino takes, for tables of stored
// columns. The text expects a session in UTC. What CloudTrail Lake takes beyond Trino
// is written in Trino's strict way, and what depends on the clock or on parameters as
// literals.
//
// A store becomes a sub-select that makes the logical columns which are used out of
// the stored ones. Relations are called t0, t1 and so on; columns keep their names
// where these are not ambiguous.
//
// The error is a *PrintError for what Trino cannot be told.
func PrintTrino(s *Statement, o TrinoOptions) (string, error) {
	// What is used of a relation is known when the rest has been printed, so that the
	// statement is printed twice.
	first := &trinoPrinter{opts: o, use: newTrinoUse(), seen: newTrinoUse(), rels: map[int]*trinoRel{}}
	first.query(s.Query, trinoOutputs{})
	p := &trinoPrinter{opts: o, use: first.seen, seen: newTrinoUse(), rels: map[int]*trinoRel{}, known: true}
	sql := p.query(s.Query, trinoOutputs{})
	if p.err != nil {
		return "", p.err
	}
	return sql, nil
}

// trinoUse is what a statement uses of its relations.
type trinoUse struct {
	columns map[int]map[int]bool         // by relation
	ctes    map[int]map[int]bool         // by common table expression
	forms   map[int]map[string]trinoForm // by scan and column
}

func newTrinoUse() *trinoUse {
	return &trinoUse{columns: map[int]map[int]bool{}, ctes: map[int]map[int]bool{}, forms: map[int]map[string]trinoForm{}}
}

// trinoForm is a set of forms in which a column of a store is used.
type trinoForm uint8

const (
	usedLogical trinoForm = 1 << iota
	usedStored
)

// trinoPrinter is one pass of printing. use is what the pass before it saw.
type trinoPrinter struct {
	opts  TrinoOptions
	err   *PrintError
	use   *trinoUse
	seen  *trinoUse
	known bool // use is complete
	rels  map[int]*trinoRel
	group *Grouping // of the select around
	items []Expr    // the outputs that may be repeated in ORDER BY
	binds int
}

// trinoRel is a relation as printed.
type trinoRel struct {
	alias string
	cols  []string // as written
	cte   *CTE
	scan  *StoreScan
	store *Storage
}

// trinoOutputs says how a query's outputs are to be called. Nil names leave them as the
// query has them; keep are the outputs that are used, nil for all.
type trinoOutputs struct {
	names []string
	keep  func(i int) bool
}

func (p *trinoPrinter) refuse(pos int, format string, args ...any) {
	if p.err == nil {
		p.err = &PrintError{Code: string(CodeNotSupported), Message: fmt.Sprintf(format, args...), Pos: pos}
	}
}

func (p *trinoPrinter) name(prefix string) string {
	p.binds++
	return fmt.Sprintf("%s%d", prefix, p.binds)
}

// columnNames are the names of a relation's columns as written: those that the user
// sees, and others for columns without one or of which there are two.
func columnNames(cols []Column) []string {
	count := map[string]int{}
	for _, c := range cols {
		count[strings.ToLower(c.Name)]++
	}
	names := make([]string, len(cols))
	for i, c := range cols {
		name := c.Name
		if low := strings.ToLower(name); name == "" || count[low] > 1 {
			for name = fmt.Sprintf("c%d", i); count[name] > 0; name += "_" {
			}
		}
		names[i] = syntax.QuoteName(name)
	}
	return names
}

// query prints a query. Only a *Select calls its outputs by the names wanted; see
// namesOutputs.
func (p *trinoPrinter) query(q *Query, out trinoOutputs) string {
	group, items := p.group, p.items
	defer func() { p.group, p.items = group, items }()
	p.items = nil
	sql := p.with(q)
	var order []string
	switch b := q.Body.(type) {
	case *Select:
		text, places := p.selectOf(q, b, out)
		sql += text
		if !b.Distinct {
			p.items = b.Items
		}
		for _, o := range q.OrderBy {
			order = append(order, p.sortKey(o, places))
		}
	default:
		sql += p.body(q.Body)
		for _, o := range q.OrderBy {
			order = append(order, p.sortKey(o, nil))
		}
	}
	if order != nil {
		sql += " ORDER BY " + strings.Join(order, ", ")
	}
	if q.Offset != nil {
		sql += " OFFSET " + rowCount(q.Offset) + " ROWS"
	}
	switch {
	case q.Limit != nil && q.Ties:
		sql += " FETCH FIRST " + rowCount(q.Limit) + " ROWS WITH TIES"
	case q.Limit != nil:
		sql += " LIMIT " + rowCount(q.Limit)
	}
	return sql
}

// namesOutputs says whether query calls the outputs of q by the names wanted.
func namesOutputs(q *Query) bool {
	_, ok := q.Body.(*Select)
	return ok
}

// with prints the common table expressions that are referred to.
func (p *trinoPrinter) with(q *Query) string {
	var parts []string
	word := "WITH "
	for _, c := range q.With {
		used := p.use.ctes[c.ID]
		if p.known && used == nil {
			continue
		}
		names := columnNames(c.Columns)
		list := ""
		out := trinoOutputs{names: names}
		if c.Recursive {
			word = "WITH RECURSIVE "
		}
		if c.Recursive || !namesOutputs(c.Query) {
			list = " (" + strings.Join(names, ", ") + ")"
		} else {
			out.keep = func(i int) bool { return used[i] }
		}
		parts = append(parts, syntax.QuoteName(c.Name)+list+" AS ("+p.query(c.Query, out)+")")
	}
	if parts == nil {
		return ""
	}
	return word + strings.Join(parts, ", ") + " "
}

func (p *trinoPrinter) body(b Body) string {
	switch b := b.(type) {
	case *Query:
		return "(" + p.query(b, trinoOutputs{}) + ")"
	case *SetOp:
		op := [...]string{" UNION ", " INTERSECT ", " EXCEPT "}[b.Kind]
		if b.All {
			op += "ALL "
		}
		return p.branch(b.Left, b) + op + p.branch(b.Right, nil)
	case *Values:
		rows := make([]string, len(b.Rows))
		for i, r := range b.Rows {
			rows[i] = "(" + p.values(r) + ")"
			if len(r) == 1 && r[0].Type().Kind == KindRow {
				rows[i] = "ROW" + rows[i] // a row in brackets is the row
			}
		}
		return "VALUES " + strings.Join(rows, ", ")
	default:
		panic(fmt.Sprintf("BUG: body %T", b))
	}
}

// branch prints one side of a set operation, in brackets where it needs them. The
// left side of an operation of the same kind, around, does not.
func (p *trinoPrinter) branch(q *Query, around *SetOp) string {
	sql := p.query(q, trinoOutputs{})
	bare := q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil
	switch b := q.Body.(type) {
	case *Query:
		bare = false
	case *SetOp:
		bare = bare && around != nil && b.Kind == around.Kind && b.All == around.All
	}
	if bare {
		return sql
	}
	return "(" + sql + ")"
}

// selectOf prints one SELECT. places are the numbers of the outputs as printed.
func (p *trinoPrinter) selectOf(q *Query, s *Select, out trinoOutputs) (sql string, places []int) {
	from := ""
	if s.From != nil {
		// Relations come first, so that their names are known.
		from = " FROM " + p.relation(s.From)
	}
	p.group = s.Group
	sql = "SELECT "
	if s.Distinct {
		sql += "DISTINCT "
	}
	sorted := map[int]bool{}
	for _, o := range q.OrderBy {
		walkExpr(o.X, func(x Expr) {
			if r, ok := x.(*OutputRef); ok {
				sorted[r.Index] = true
			}
		})
	}
	var items []string
	places = make([]int, len(s.Items))
	for i, e := range s.Items {
		// What nobody reads is NULL in the tree.
		if l, ok := e.(*Literal); ok && l.Value == nil && p.known && out.keep != nil && !out.keep(i) && !sorted[i] && !s.Distinct {
			continue
		}
		items = append(items, p.item(e, i, q, out))
		places[i] = len(items)
	}
	if items == nil {
		items = []string{"1 AS one"}
	}
	sql += strings.Join(items, ", ") + from
	if s.Where != nil {
		sql += " WHERE " + p.expr(s.Where)
	}
	if s.Group != nil {
		sql += p.groupBy(s.Group)
	}
	if s.Having != nil {
		sql += " HAVING " + p.expr(s.Having)
	}
	return sql, places
}

// plainName is an expression that is a name alone. Trino calls the output as its last
// part.
var plainName = regexp.MustCompile(`^(?:[A-Za-z_]\w*|"(?:[^"]|"")*")(?:\.([A-Za-z_]\w*|"(?:[^"]|"")*"))+$`)

// item prints an output with the name that is wanted. Inside of the statement the
// letter case of names does not matter.
func (p *trinoPrinter) item(e Expr, i int, q *Query, out trinoOutputs) string {
	sql := p.expr(e)
	natural := ""
	if m := plainName.FindStringSubmatch(sql); m != nil {
		natural = m[1]
	}
	if out.names != nil {
		if strings.EqualFold(natural, out.names[i]) {
			return sql
		}
		return sql + " AS " + out.names[i]
	}
	name, number := q.Columns[i].Name, fmt.Sprintf("_col%d", i)
	if name == "" {
		name = number
	}
	if name == number && natural == "" || syntax.QuoteName(name) == natural {
		return sql
	}
	return sql + " AS " + syntax.QuoteName(name)
}

func (p *trinoPrinter) groupBy(g *Grouping) string {
	keys := make([]string, len(g.Keys))
	for i := range keys {
		keys[i] = p.key(g, i)
	}
	list := func(set []int) string {
		names := make([]string, len(set))
		for j, k := range set {
			names[j] = keys[k]
		}
		return strings.Join(names, ", ")
	}
	switch {
	case g.Sets != nil:
		sets := make([]string, len(g.Sets))
		for i, set := range g.Sets {
			sets[i] = "(" + list(set) + ")"
		}
		return " GROUP BY GROUPING SETS (" + strings.Join(sets, ", ") + ")"
	case len(keys) > 0:
		return " GROUP BY " + strings.Join(keys, ", ")
	case len(g.Aggs) == 0:
		return " GROUP BY ()"
	}
	return ""
}

// key prints a grouping expression. Wherever it stands its text is the same, by which
// Trino knows it again.
func (p *trinoPrinter) key(g *Grouping, i int) string {
	walkExpr(g.Keys[i], func(e Expr) {
		if q := subquery(e); q != nil && q.text == "" {
			p.refuse(-1, "grouping by an expression that holds a query of columns around it cannot be written for Trino: compute it in a query in FROM, and group by its column")
		}
	})
	return p.constant(g.Keys[i])
}

// constant prints an expression where a bare number would mean an output.
func (p *trinoPrinter) constant(e Expr) string {
	if l, ok := e.(*Literal); ok {
		if v, ok := l.Value.(int64); ok && l.Typ.IsInteger() {
			return fmt.Sprintf("CAST(%d AS %s)", v, l.Typ)
		}
	}
	return p.expr(e)
}

// sortKey prints a key of an order. NULLS LAST is Trino's default for both directions.
func (p *trinoPrinter) sortKey(o SortItem, places []int) string {
	sql := ""
	if r, ok := o.X.(*OutputRef); ok && places != nil {
		sql = fmt.Sprint(places[r.Index])
	} else if ok {
		sql = fmt.Sprint(r.Index + 1)
	} else {
		sql = p.constant(o.X)
	}
	if o.Desc {
		sql += " DESC"
	}
	if o.NullsFirst {
		sql += " NULLS FIRST"
	}
	return sql
}

// rowCount prints the number of OFFSET or LIMIT.
func rowCount(e Expr) string { return fmt.Sprint(e.(*Literal).Value) }
