package dialect

// pruner puts NULL in the place of outputs that nobody reads, so that SELECT * in a
// sub-query costs no more than the columns that are used of it, and notes which
// columns of every relation are used, and which rows of a window.
type pruner struct {
	used map[int]map[int]bool // columns by relation
	refs map[int][]int        // ids of the references by common table expression
}

// prune prunes a whole query and returns the columns used of each relation, which tests
// compare.
func prune(q *Query) map[int]map[int]bool {
	p := &pruner{used: map[int]map[int]bool{}, refs: map[int][]int{}}
	p.query(q, nil)
	return p.used
}

// query prunes a query of whose outputs only the needed ones are read; nil means all.
//
// What refers to a relation is visited before the relation is: expressions before
// FROM, and in FROM the right before the left, to which LATERAL refers.
func (p *pruner) query(q *Query, needed map[int]bool) {
	if needed != nil {
		for _, s := range q.OrderBy {
			walkExpr(s.X, func(x Expr) {
				if o, ok := x.(*OutputRef); ok {
					needed[o.Index] = true
				}
			})
		}
	}
	for _, s := range q.OrderBy {
		p.mark(s.X)
	}
	switch b := q.Body.(type) {
	case *Query:
		p.query(b, needed)
	case *SetOp:
		if b.Kind != Union || !b.All {
			needed = nil // whether rows are equal depends on all columns
		}
		p.query(b.Left, copySet(needed))
		p.query(b.Right, copySet(needed))
	case *Values:
		for _, r := range b.Rows {
			p.mark(r...)
		}
	case *Select:
		p.selectBody(b, needed)
	}
	for i := len(q.With) - 1; i >= 0; i-- {
		c := q.With[i]
		if c.Recursive {
			p.query(c.Query, nil)
			continue
		}
		cols := map[int]bool{}
		for _, ref := range p.refs[c.ID] {
			for col := range p.used[ref] {
				cols[col] = true
			}
		}
		p.query(c.Query, cols)
	}
}

func copySet(s map[int]bool) map[int]bool {
	if s == nil {
		return nil
	}
	c := make(map[int]bool, len(s))
	for k := range s {
		c[k] = true
	}
	return c
}

func (p *pruner) selectBody(s *Select, needed map[int]bool) {
	if needed != nil && !s.Distinct {
		for i, x := range s.Items {
			if !needed[i] {
				s.Items[i] = &Literal{Typ: x.Type()}
			}
		}
	}
	firstRows(s)
	p.mark(s.Items...)
	p.mark(s.Where, s.Having)
	if g := s.Group; g != nil {
		p.mark(g.Keys...)
		for _, x := range g.Aggs {
			p.mark(x)
		}
	}
	p.relation(s.From)
}

// mark notes the columns in expressions, and prunes the queries inside of them.
func (p *pruner) mark(list ...Expr) {
	for _, e := range list {
		if e == nil {
			continue
		}
		walkExpr(e, func(x Expr) {
			switch x := x.(type) {
			case *ColRef:
				if p.used[x.Rel] == nil {
					p.used[x.Rel] = map[int]bool{}
				}
				p.used[x.Rel][x.Index] = true
			case *Exists:
				p.query(x.Query, map[int]bool{})
			default:
				if q := subquery(x); q != nil {
					p.query(q, nil)
				}
			}
		})
	}
}

func (p *pruner) relation(r Relation) {
	switch r := r.(type) {
	case *Derived:
		p.query(r.Query, p.columns(r.ID))
	case *CTERef:
		p.refs[r.CTE.ID] = append(p.refs[r.CTE.ID], r.ID)
	case *Unnest:
		for _, a := range r.Args {
			p.mark(a.X)
		}
	case *Join:
		p.mark(r.On)
		p.relation(r.Right)
		p.relation(r.Left)
	case *Sample:
		p.relation(r.Rel)
	}
}

// columns returns the columns used of a relation, never nil.
func (p *pruner) columns(id int) map[int]bool {
	c := copySet(p.used[id])
	if c == nil {
		c = map[int]bool{}
	}
	return c
}
