package dialect

import "slices"

// FilterAlias is the alias under which Reads.Filter names the relation.
const FilterAlias = "f"

// Filter is a condition on the stored columns of a scan, as SQL: every row that can
// matter to the statement meets all of its parts. The rows are those that WHERE
// directly above the scan leaves, or more: what is costly to compute is left out.
type Filter struct {
	// Parts are conditions on a relation called FilterAlias. Without any, all rows
	// may matter.
	Parts []string
	// Keys are the values of Storage.Key of which the parts demand one, sorted; nil
	// means that they demand none.
	Keys []string
	// Demands are, by the names of Storage.Needles, the values of which the parts demand
	// one, sorted. What they demand nothing of is not there.
	Demands map[string][]string
}

// filter notes the filters of the scans that stand directly in a SELECT, once its FROM
// is printed.
func (p *duckPrinter) filter(s *Select) {
	for _, scan := range innerScans(s.From) {
		rel := p.rels[scan.ID]
		if rel.store == nil {
			continue
		}
		saved := rel.alias
		rel.alias = FilterAlias
		f := &Filter{}
		for _, x := range conjuncts(s.Where) {
			if x, _ = p.implied(x, scan); x == nil {
				continue
			}
			f.Parts = append(f.Parts, p.expr(x))
			if keys := p.demanded(x, scan, rel.store.Key); keys != nil {
				f.Keys = keys
			}
			for _, name := range rel.store.Needles {
				if texts := p.demanded(x, scan, name); texts != nil {
					if f.Demands == nil {
						f.Demands = map[string][]string{}
					}
					f.Demands[name] = texts
				}
			}
		}
		rel.alias = saved
		p.reads[scan.ID].Filter = f
	}
}

// innerScans returns the scans below inner joins alone: rows of theirs that do not meet
// a condition of WHERE on their columns are in no row of the result. Below outer joins
// leaving one out can bring a row with NULL in its place.
func innerScans(r Relation) []*StoreScan {
	switch r := r.(type) {
	case *StoreScan:
		return []*StoreScan{r}
	case *Join:
		if r.Kind == Cross || r.Kind == Inner {
			return append(innerScans(r.Left), innerScans(r.Right)...)
		}
	}
	return nil
}

func conjuncts(e Expr) []Expr {
	if l, ok := e.(*Logic); ok && !l.Or {
		var all []Expr
		for _, x := range l.Args {
			all = append(all, conjuncts(x)...)
		}
		return all
	}
	if e == nil {
		return nil
	}
	return []Expr{e}
}

// implied returns a condition on the cheap columns of a scan that is true where e is,
// nil for none. exact says that it is true only there.
func (p *duckPrinter) implied(e Expr, scan *StoreScan) (_ Expr, exact bool) {
	switch x := e.(type) {
	case *Logic:
		parts := []Expr{}
		exact = true
		for _, arg := range x.Args {
			part, same := p.implied(arg, scan)
			exact = exact && same
			switch {
			case part != nil:
				parts = append(parts, part)
			case x.Or:
				return nil, false
			}
		}
		if len(parts) < 2 {
			if len(parts) == 0 {
				return nil, false
			}
			return parts[0], exact
		}
		return &Logic{Or: x.Or, Args: parts}, exact
	case *Not:
		if part, same := p.implied(x.X, scan); same {
			return &Not{X: part}, true
		}
	case *Compare, *IsDistinct, *Between, *In, *Like, *IsNull:
		if p.cheap(e, scan) {
			return e, true
		}
	case *ColRef:
		if p.cheap(e, scan) {
			return e, true
		}
	}
	return nil, false
}

// cheap says whether an expression reads nothing but constants and scalar columns of the
// scan that are stored as they are, and cannot fail.
func (p *duckPrinter) cheap(e Expr, scan *StoreScan) bool {
	switch x := e.(type) {
	case *Literal:
		return true
	case *ColRef, *Deref:
		return scalarKind(e.Type()) && p.storedAs(e, scan) != nil
	case *Cast:
		_, constant := x.X.(*Literal)
		return !x.Try && (constant || x.To.Kind == KindVarchar && x.X.Type().Kind == KindVarchar) && p.cheap(x.X, scan)
	case *Compare, *IsDistinct, *Between, *In, *Like, *IsNull, *Coalesce, *NullIf:
		ok := true
		eachChild(e, func(c *Expr) { ok = ok && p.cheap(*c, scan) })
		return ok
	}
	return false
}

func scalarKind(t *Type) bool {
	switch t.Kind {
	case KindRow, KindArray, KindMap, KindJSON:
		return false
	}
	return true
}

// storedAs returns the stored form of a column of the scan, or of a member of one, where
// that is read as it is; nil for others.
func (p *duckPrinter) storedAs(e Expr, scan *StoreScan) *Stored {
	switch x := e.(type) {
	case *ColRef:
		rel := p.rels[x.Rel]
		if x.Rel != scan.ID || rel.store == nil {
			return nil
		}
		s := rel.store.Column(scan.Columns[x.Index].Name)
		if s == nil || s.SQL != nil || s.Text || s.Kind != StoredPlain && s.Kind != StoredRow {
			return nil
		}
		return s
	case *Deref:
		s := p.storedAs(x.X, scan)
		if s == nil || s.Kind != StoredRow {
			return nil
		}
		m := s.member(x.Field)
		if m == nil || m.Kind != StoredPlain && m.Kind != StoredRow {
			return nil
		}
		return m
	}
	return nil
}

// demanded returns the texts of which a condition on the scan demands that its column of
// the given name, or the member of one, as column.member, has one; nil for none.
func (p *duckPrinter) demanded(e Expr, scan *StoreScan, name string) []string {
	var column Expr
	var values []Expr
	switch x := e.(type) {
	case *Compare:
		if x.Op == EQ {
			column, values = x.L, []Expr{x.R}
			if _, constant := uncast(x.L).(*Literal); constant {
				column, values = x.R, []Expr{x.L}
			}
		}
	case *In:
		if !x.Not {
			column, values = x.X, x.List
		}
	case *Logic:
		var all []string
		for _, arg := range x.Args {
			texts := p.demanded(arg, scan, name)
			switch {
			case x.Or && texts == nil:
				return nil
			case !x.Or && texts != nil:
				return texts
			}
			all = append(all, texts...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	if name == "" || p.path(uncast(column), scan) != name {
		return nil
	}
	var texts []string
	for _, v := range values {
		l, ok := uncast(v).(*Literal)
		if !ok {
			return nil
		}
		s, ok := l.Value.(string)
		if !ok {
			return nil
		}
		texts = append(texts, s)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// path returns the name of a column of the scan, or that of a member of one that is stored as
// it is, as column.member; "" for other expressions.
func (p *duckPrinter) path(e Expr, scan *StoreScan) string {
	switch x := e.(type) {
	case *ColRef:
		if x.Rel == scan.ID {
			return scan.Columns[x.Index].Name
		}
	case *Deref:
		of, m := p.path(x.X, scan), p.storedAs(x, scan)
		if of != "" && m != nil {
			return of + "." + m.Name
		}
	}
	return ""
}

// uncast takes off what makes texts of different lengths comparable.
func uncast(e Expr) Expr {
	if c, ok := e.(*Cast); ok && c.Implicit && c.To.Kind == KindVarchar {
		return c.X
	}
	return e
}
