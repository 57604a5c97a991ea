package dialect

// OrderTotally adds all outputs to the ORDER BY of a query, behind what it is ordered by
// already, so that rows that differ come in one order only, and LIMIT takes the same ones
// every time. What the query computes is left as it is: an aggregate that depends on the
// order of its input, such as array_agg without ORDER BY, still does. FETCH FIRST WITH TIES
// means the given order and no other, and keeps it.
func (q *Query) OrderTotally() {
	if q.Ties {
		return
	}
	by := map[int]bool{}
	for _, o := range q.OrderBy {
		if r, ok := o.X.(*OutputRef); ok {
			by[r.Index] = true
		}
	}
	for i, c := range q.Columns {
		if !by[i] {
			q.OrderBy = append(q.OrderBy, SortItem{X: &OutputRef{Index: i, Typ: c.Type}})
		}
	}
}
