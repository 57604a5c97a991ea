package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// relation prints what stands in FROM and notes how its columns are written.
func (p *duckPrinter) relation(r Relation) string {
	switch r := r.(type) {
	case *StoreScan:
		return p.scan(r)
	case *Derived:
		stored := make([]*Stored, len(r.Query.Columns))
		sql := p.query(r.Query, stored)
		rel := p.declare(r.ID, len(stored))
		for i, s := range stored {
			rel.cols[i].stored = s
		}
		return "(" + sql + ") AS " + rel.alias
	case *CTERef:
		rel := p.declare(r.ID, len(r.Columns))
		return alias(r.CTE.ID) + " AS " + rel.alias
	case *Unnest:
		return p.unnest(r)
	case *Join:
		return p.join(r)
	case *Sample:
		method := "BERNOULLI"
		if r.System {
			method = "SYSTEM"
		}
		return p.relation(r.Rel) + " TABLESAMPLE " + method + " (" + fmt.Sprintf("%f", r.Percent.(*Literal).Value) + " PERCENT)" // DuckDB takes a number only
	default:
		panic(fmt.Sprintf("BUG: relation %T", r))
	}
}

func (p *duckPrinter) declare(id, n int) *duckRel {
	rel := &duckRel{alias: alias(id), cols: make([]duckCol, n)}
	for i := range rel.cols {
		rel.cols[i].name = col(i)
	}
	p.rels[id] = rel
	return rel
}

func (p *duckPrinter) scan(s *StoreScan) string {
	rel := &duckRel{alias: alias(s.ID), scan: s, cols: make([]duckCol, len(s.Columns))}
	if p.opts.Storage != nil {
		rel.store = p.opts.Storage(s)
	}
	for i, c := range s.Columns {
		rel.cols[i].name = quoteIdent(c.Name)
		if rel.store != nil {
			if st := rel.store.Column(c.Name); st != nil && !st.plain() {
				rel.cols[i].stored = st
			}
		}
	}
	p.rels[s.ID] = rel
	if p.reads[s.ID] == nil {
		p.reads[s.ID] = &Reads{Columns: map[string]bool{}}
	}
	if rel.here = p.optional[s.ID] && p.computes(s); rel.here {
		return "(SELECT *, true AS here FROM " + quoteIdent(p.opts.Table(s)) + ") AS " + rel.alias
	}
	return quoteIdent(p.opts.Table(s)) + " AS " + rel.alias
}

// computes says whether the query around a scan reads a column of it that is computed: that would have a
// value even where the others are NULL.
func (p *duckPrinter) computes(s *StoreScan) (computed bool) {
	walkQuery(p.body, func(e Expr) {
		if c, ok := e.(*ColRef); ok && c.Rel == s.ID {
			stored := p.rels[s.ID].cols[c.Index].stored
			computed = computed || stored != nil && stored.SQL != nil
		}
	})
	return computed
}

func (p *duckPrinter) join(j *Join) string {
	if j.Kind == Left || j.Kind == Full {
		localRelations(j.Right, p.optional)
	}
	if j.Kind == Right || j.Kind == Full {
		localRelations(j.Left, p.optional)
	}
	left := p.relation(j.Left)
	right := p.relation(j.Right)
	if refersLeft(j.Right) {
		right = "LATERAL " + right
	}
	if _, ok := j.Right.(*Join); ok {
		right = "(" + right + ")"
	}
	if sql, ok := p.queriedJoin(j, left, right); ok {
		return sql
	}
	words := [...]string{"CROSS JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"}
	sql := left + " " + words[j.Kind] + " " + right
	if j.On != nil {
		sql += " ON " + p.condition(j.On)
	}
	return sql
}

// queriedJoin prints a LEFT or RIGHT JOIN with queries in its condition: DuckDB takes them where they
// stand in the WHERE of what is joined for each row of the other side. It takes those that ask of
// that side alone anywhere, but none in a FULL JOIN.
func (p *duckPrinter) queriedJoin(j *Join, left, right string) (sql string, ok bool) {
	if j.Kind == Cross || j.Kind == Inner {
		return "", false
	}
	inner := j.Right
	if j.Kind == Right {
		left, right, inner = right, left, j.Left
	}
	ids := map[int]bool{}
	localRelations(inner, ids)
	others := map[int]bool{}
	localRelations(&Join{Left: j.Left, Right: j.Right}, others)
	for id := range ids {
		delete(others, id)
	}
	if j.Kind == Full || len(ids) != 1 || refersLeft(inner) || !asksOthers(j.On, ids, others) {
		walkExpr(j.On, func(e Expr) {
			if subquery(e) != nil && !slices.Contains(p.queried, j.Pos) {
				p.queried = append(p.queried, j.Pos)
			}
		})
		return "", false
	}
	around, leave := p.around(inner)
	defer leave()
	for id := range ids {
		// What else this SELECT joins is around.
		around.aliases = slices.DeleteFunc(slices.Clone(around.aliases), func(a string) bool { return a == alias(id) })
		sql = left + " LEFT JOIN LATERAL (" + around.selected(nil, "*", " FROM "+right, " WHERE "+p.condition(j.On)) + ") AS " + alias(id) + " ON true"
	}
	return sql, true
}

// asksOthers says whether a part of a condition has a query inside of it and reads, in it or beside it,
// other relations than the given ones, or beside it nothing.
func asksOthers(on Expr, ids, others map[int]bool) bool {
	parts := []Expr{on}
	if l, ok := on.(*Logic); ok && !l.Or {
		parts = terms(l)
	}
	for _, part := range parts {
		queried, own, other := false, false, false
		walkExpr(part, func(e Expr) {
			if q := subquery(e); q != nil {
				queried = true
				walkQuery(q, func(e Expr) {
					if c, ok := e.(*ColRef); ok {
						other = other || others[c.Rel]
					}
				})
			}
			if c, ok := e.(*ColRef); ok {
				own, other = own || ids[c.Rel], other || !ids[c.Rel]
			}
		})
		if queried && (other || !own) {
			return true
		}
	}
	return false
}

// unnest prints a query that makes the rows: DuckDB's unnest in a select list fills
// shorter lists with NULL, as Trino does.
func (p *duckPrinter) unnest(u *Unnest) string {
	// Inner: one column for each list. Outer: rows taken apart.
	var inner, outer, lengths []string
	var forms []*Stored // of the columns
	out := func(sql string, form *Stored) {
		outer = append(outer, fmt.Sprintf("%s AS %s", sql, col(len(outer))))
		forms = append(forms, form)
	}
	around, leave := p.around(nil)
	defer leave()
	for i, a := range u.Args {
		name := fmt.Sprintf("u%d", i)
		if x, s := p.stored(a.X); s != nil && s.Kind == StoredList && s.SQL == nil && !a.Expand {
			// The rows stay as they are stored: what is not read of them is not made.
			inner = append(inner, fmt.Sprintf("unnest(%s) AS %s", x, name))
			lengths = append(lengths, fmt.Sprintf("coalesce(len(%s), 0)", x))
			out(name, s.element())
			continue
		}
		x := p.expr(a.X)
		switch t := a.X.Type(); {
		case t.Kind == KindMap:
			inner = append(inner, fmt.Sprintf("unnest(map_keys(%s)) AS %sk, unnest(map_values(%s)) AS %sv", x, name, x, name))
			lengths = append(lengths, fmt.Sprintf("coalesce(len(map_keys(%s)), 0)", x))
			out(name+"k", nil)
			out(name+"v", nil)
		case a.Expand && t.Elem().Kind == KindRow:
			inner = append(inner, fmt.Sprintf("unnest(%s) AS %s", x, name))
			lengths = append(lengths, fmt.Sprintf("coalesce(len(%s), 0)", x))
			for k := range t.Elem().Elems {
				out(fmt.Sprintf("%s.f%d", name, k), nil)
			}
		default:
			inner = append(inner, fmt.Sprintf("unnest(%s) AS %s", x, name))
			lengths = append(lengths, fmt.Sprintf("coalesce(len(%s), 0)", x))
			out(name, nil)
		}
	}
	if u.Ordinality {
		most := lengths[0]
		if len(lengths) > 1 {
			most = "greatest(" + strings.Join(lengths, ", ") + ")"
		}
		inner = append(inner, "unnest(range(1, 1 + "+most+")) AS ord")
		out("ord", nil)
	}
	rel := p.declare(u.ID, len(outer))
	for i, form := range forms {
		rel.cols[i].stored = form
	}
	return "(SELECT " + strings.Join(outer, ", ") + " FROM (" + around.selected(nil, strings.Join(inner, ", "), "", "") + ") AS x) AS " + rel.alias
}
