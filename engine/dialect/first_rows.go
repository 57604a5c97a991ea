package dialect

import (
	"slices"
	"strings"
)

// The first rows of each partition, as in
//
//	SELECT … FROM (SELECT …, row_number() OVER (PARTITION BY a ORDER BY b, c) AS n …) WHERE n = 1
//
// need no sorting of all rows: DuckDB keeps as many rows of each partition as are wanted (its
// TopNWindowElimination), but only where the window is ordered by one key. So several are made
// one by create_sort_key, which is how DuckDB compares them in any case. What is kept stays in
// memory, where a sort spills, and of a million rows of a partition DuckDB fails ("n value must be
// < 1000000"): where many are wanted, one key is written twice, and the window stays a window.

// firstRowsMax is the greatest number of rows of a partition that are kept: of some ten thousand
// of each of many partitions a sort of all takes less time, and less memory.
const firstRowsMax = 1000

// firstRows notes on windows that number rows how many of these a SELECT reads, where no other
// condition is asked of the numbered rows: with two DuckDB sorts them all.
func firstRows(s *Select) {
	if s.Where == nil {
		return
	}
	conditions := terms(&Logic{Args: []Expr{s.Where}})
	for _, x := range conditions {
		c, n, ok := atMost(x)
		if !ok || n < 1 {
			continue
		}
		w := windowOf(s.From, c)
		if w == nil || w.Fn.Name != "row_number" {
			continue
		}
		asked := 0
		for _, y := range conditions {
			if r := relationsOf(y); r == nil || slices.Contains(r, c.Rel) {
				asked++
			}
		}
		if asked == 1 {
			w.First = max(w.First, n)
		}
	}
}

// atMost takes apart conditions such as c = 1, c <= 3 and 4 > c: c is at most n, and may be each
// number up to it.
func atMost(e Expr) (c *ColRef, n int64, ok bool) {
	x, ok := e.(*Compare)
	if !ok {
		return nil, 0, false
	}
	l, r, op := x.L, x.R, x.Op
	if _, ok := l.(*Literal); ok {
		l, r, op = r, l, flipped[op]
	}
	c, _ = l.(*ColRef)
	lit, _ := r.(*Literal)
	if c == nil || lit == nil {
		return nil, 0, false
	}
	if n, ok = lit.Value.(int64); !ok {
		return nil, 0, false
	}
	switch op {
	case EQ:
		return c, n, n == 1
	case LE:
		return c, n, true
	case LT:
		return c, n - 1, true
	}
	return nil, 0, false
}

// windowOf returns the window that a column of a relation of FROM is, nil if it is none.
func windowOf(from Relation, c *ColRef) *Window {
	for {
		q := queryOf(from, c.Rel)
		if q == nil {
			return nil
		}
		s, ok := q.Body.(*Select)
		if !ok {
			return nil
		}
		switch x := s.Items[c.Index].(type) {
		case *Window:
			return x
		case *ColRef:
			from, c = s.From, x
		default:
			return nil
		}
	}
}

// queryOf returns the query that is relation id of a FROM, nil if that is not a query.
func queryOf(r Relation, id int) *Query {
	switch r := r.(type) {
	case *Derived:
		if r.ID == id {
			return r.Query
		}
	case *CTERef:
		if r.ID == id {
			return r.CTE.Query
		}
	case *Join:
		if q := queryOf(r.Left, id); q != nil {
			return q
		}
		return queryOf(r.Right, id)
	case *Sample:
		return queryOf(r.Rel, id)
	}
	return nil
}

// windowOrder prints the order of a window.
func (p *duckPrinter) windowOrder(w *Window) string {
	keys := make([]string, len(w.Order))
	one := w.First > 0 && w.First <= firstRowsMax && len(keys) > 1
	for i, o := range w.Order {
		keys[i] = p.sortValue(o, p.expr)
		if one {
			keys[i] += ", '" + o.direction() + "'"
		} else {
			keys[i] += " " + o.direction()
		}
	}
	if one {
		return "create_sort_key(" + strings.Join(keys, ", ") + ")"
	}
	if w.First > firstRowsMax && len(keys) == 1 {
		keys = append(keys, keys[0])
	}
	return strings.Join(keys, ", ")
}
