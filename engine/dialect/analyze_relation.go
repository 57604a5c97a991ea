package dialect

import (
	"slices"
	"strings"

	"traillake/engine/dialect/syntax"
)

// from analyzes the relations of a FROM clause; commas are cross joins.
func (a *analyzer) from(list []syntax.Relation, parent *scope) (Relation, []scopeField) {
	var rel Relation
	var fields []scopeField
	for _, r := range list {
		right, more := a.relation(r, &scope{parent: parent, fields: fields})
		if rel == nil {
			rel, fields = right, more
			continue
		}
		rel = &Join{Kind: Cross, Left: rel, Right: right}
		fields = a.bothFields(fields, more, r.At())
		if a.err != nil {
			break
		}
	}
	return rel, fields
}

// bothFields joins the fields of two relations.
func (a *analyzer) bothFields(left, right []scopeField, at syntax.Span) []scopeField {
	if n := len(left) + len(right); n > maxFields {
		a.fail(at, CodeTooLarge, "", "FROM has %d columns, more than %d", n, maxFields)
		return left
	}
	return slices.Concat(left, right)
}

// relation analyzes one relation. left is what LATERAL and UNNEST can refer to: the
// relations to the left, and the queries around.
func (a *analyzer) relation(r syntax.Relation, left *scope) (Relation, []scopeField) {
	switch r := r.(type) {
	case *syntax.TableRef:
		return a.table(r, nil)
	case *syntax.SubqueryRel:
		return a.derived(r, nil, left)
	case *syntax.Unnest:
		return a.unnest(r, nil, left)
	case *syntax.Aliased:
		return a.aliased(r, left)
	case *syntax.Join:
		return a.join(r, left)
	case *syntax.Sample:
		return a.sample(r, left)
	}
	panic("BUG: unknown relation")
}

func (a *analyzer) aliased(r *syntax.Aliased, left *scope) (Relation, []scopeField) {
	switch inner := r.Rel.(type) {
	case *syntax.TableRef:
		return a.table(inner, r)
	case *syntax.SubqueryRel:
		return a.derived(inner, r, left)
	case *syntax.Unnest:
		return a.unnest(inner, r, left)
	}
	rel, fields := a.relation(r.Rel, left)
	names := r.Columns
	if visible := visibleFields(fields); names != nil && len(names) != visible {
		a.fail(r.Alias.Span, CodeMismatchedAliases, "", "Column alias list has %d entries but '%s' has %d columns available", len(names), r.Alias.Name, visible)
		names = nil
	}
	out := make([]scopeField, 0, len(fields))
	for _, f := range fields {
		if f.hidden {
			continue
		}
		f.qualifier = []string{r.Alias.Name}
		if names != nil {
			f.name = names[len(out)].Name
		}
		out = append(out, f)
	}
	return rel, out
}

func visibleFields(fields []scopeField) int {
	n := 0
	for _, f := range fields {
		if !f.hidden {
			n++
		}
	}
	return n
}

// aliasOf returns the alias' parts of a node's alias, nil for none.
func aliasOf(as *syntax.Aliased) (qualifier []string, names []syntax.Ident, id syntax.Ident) {
	if as == nil {
		return nil, nil, syntax.Ident{}
	}
	return []string{as.Alias.Name}, as.Columns, as.Alias
}

// table analyzes the name of a store or of a common table expression.
func (a *analyzer) table(r *syntax.TableRef, as *syntax.Aliased) (Relation, []scopeField) {
	alias, names, id := aliasOf(as)
	if len(r.Name) == 1 && !r.ID && !r.Placeholder {
		if w := a.findCTE(r.Name[0].Name); w != nil {
			w.used++
			ref := &CTERef{ID: a.id(), CTE: w.cte}
			ref.Columns = a.rename(w.cte.Columns, names, id)
			if alias == nil {
				alias = []string{r.Name[0].Name}
			}
			return ref, relationFields(ref.ID, alias, ref.Columns)
		}
	}
	name := TableName{Default: r.Placeholder}
	switch {
	case r.Param != nil:
		vs := a.parameter(r.Param)
		if a.err != nil {
			return noRelation(a)
		}
		s, ok := "", false
		if len(vs) == 1 {
			s, ok = vs[0].Value.(string)
		}
		if !ok {
			a.fail(r.At(), CodeInvalidParameter, "", "the name of an event data store must be one text")
			return noRelation(a)
		}
		name.Parts = []string{s}
	case !r.Placeholder:
		for _, p := range r.Name {
			name.Parts = append(name.Parts, p.Name)
		}
	}
	var t *Table
	if a.opts.Catalog != nil {
		t = a.opts.Catalog.Table(name)
	}
	if t == nil {
		a.noTable(r, name)
		return noRelation(a)
	}
	if r.ID || r.Placeholder || r.Param != nil {
		a.use(LenientBareID, r.At())
	}
	if alias == nil {
		alias = name.Parts
		if alias == nil {
			alias = []string{t.Store}
		}
	}
	scan := &StoreScan{ID: a.id(), Store: t.Store, Columns: t.Columns, Pos: r.Start}
	a.scans = append(a.scans, scan)
	a.times[scan.ID] = t.Time
	fields := relationFields(scan.ID, alias, t.Columns)
	if names != nil {
		if n := visibleFields(fields); len(names) != n {
			a.fail(id.Span, CodeMismatchedAliases, "", "Column alias list has %d entries but '%s' has %d columns available", len(names), id.Name, n)
			return scan, fields
		}
		fields = slices.DeleteFunc(fields, func(f scopeField) bool { return f.hidden })
		for i := range names {
			fields[i].name = names[i].Name
		}
	}
	return scan, fields
}

func (a *analyzer) noTable(r *syntax.TableRef, name TableName) {
	if name.Default {
		a.fail(r.At(), CodeTableNotFound, "name the store, or choose one for the query", "there is no default event data store for $EDS_ID")
		return
	}
	var known []string
	for w := a.with; w != nil; w = w.next {
		known = append(known, w.name)
	}
	hint := didYouMean(strings.Join(name.Parts, "."), known)
	if hint == "" && len(name.Parts) > 1 {
		hint = "an event data store has its name or id alone, without catalog and schema"
	}
	a.fail(r.At(), CodeTableNotFound, hint, "Table '%s' does not exist", strings.Join(name.Parts, "."))
}

// noRelation stands for a relation that could not be analyzed.
func noRelation(a *analyzer) (Relation, []scopeField) {
	q := emptyQuery()
	return &Derived{ID: a.id(), Query: q, Columns: q.Columns}, nil
}

func (a *analyzer) derived(r *syntax.SubqueryRel, as *syntax.Aliased, left *scope) (Relation, []scopeField) {
	alias, names, id := aliasOf(as)
	parent := left.parent
	if r.Lateral {
		parent = left
	}
	d := &Derived{Query: a.query(r.Query, parent), Lateral: r.Lateral}
	d.ID = a.id()
	d.Columns = a.rename(d.Query.Columns, names, id)
	return d, relationFields(d.ID, alias, d.Columns)
}

// unnest analyzes UNNEST. CloudTrail Lake and Athena take an array of rows as one
// column, Trino as one column for each field; how many names the alias list has
// decides.
func (a *analyzer) unnest(r *syntax.Unnest, as *syntax.Aliased, left *scope) (Relation, []scopeField) {
	alias, names, id := aliasOf(as)
	u := &Unnest{Ordinality: r.Ordinality}
	x := a.clause("UNNEST", left)
	expanded, single := 0, 0
	for _, arg := range r.Args {
		e := x.expr(arg)
		t := e.Type()
		switch {
		case t.Kind == KindMap:
			expanded, single = expanded+2, single+2
		case t.Kind == KindArray && t.Elem().Kind == KindRow:
			expanded, single = expanded+len(t.Elem().Elems), single+1
		case t.Kind == KindArray:
			expanded, single = expanded+1, single+1
		default:
			a.fail(arg.At(), CodeInvalidArguments, "", "Cannot unnest type: %s", t)
			return noRelation(a)
		}
		u.Args = append(u.Args, UnnestArg{X: e})
	}
	if u.Ordinality {
		expanded, single = expanded+1, single+1
	}
	expand := len(names) != single || expanded == single
	for i := range u.Args {
		arg := &u.Args[i]
		t := arg.X.Type()
		switch {
		case t.Kind == KindMap:
			u.Columns = append(u.Columns, Column{Type: t.Key()}, Column{Type: t.Value()})
		case t.Elem().Kind != KindRow:
			u.Columns = append(u.Columns, Column{Type: t.Elem()})
		case expand:
			arg.Expand = true
			for k, f := range t.Elem().Elems {
				u.Columns = append(u.Columns, Column{Name: t.Elem().Names[k], Type: f})
			}
		default:
			a.use(LenientUnnestRow, r.Args[i].At())
			u.Columns = append(u.Columns, Column{Type: t.Elem()})
		}
	}
	if u.Ordinality {
		u.Columns = append(u.Columns, Column{Type: Bigint})
	}
	u.ID = a.id()
	u.Columns = a.rename(u.Columns, names, id)
	return u, relationFields(u.ID, alias, u.Columns)
}

var joinKinds = map[syntax.JoinKind]JoinKind{
	syntax.CrossJoin: Cross, syntax.InnerJoin: Inner, syntax.LeftJoin: Left, syntax.RightJoin: Right, syntax.FullJoin: Full,
}

func (a *analyzer) join(r *syntax.Join, around *scope) (Relation, []scopeField) {
	j := &Join{Kind: joinKinds[r.Kind]}
	var lf, rf []scopeField
	j.Left, lf = a.relation(r.Left, around)
	if a.err != nil {
		return j.Left, lf
	}
	inside := &scope{parent: around.parent, fields: a.bothFields(around.fields, lf, r.At())}
	j.Right, rf = a.relation(r.Right, inside)
	if refersLeft(j.Right) && (j.Kind == Right || j.Kind == Full) {
		a.fail(r.Right.At(), CodeInvalidColumnRef, "", "LATERAL reference not allowed in RIGHT or FULL JOIN")
	}
	fields := a.bothFields(lf, rf, r.At())
	switch {
	case r.Natural:
		a.fail(r.At(), CodeNotSupported, "write JOIN … USING (column, …)", "Natural join not supported")
	case r.Using != nil:
		return j, a.using(j, r, lf, rf, r.Using)
	case r.On != nil:
		j.Pos = r.On.At().Start
		j.On = a.clause("JOIN clause", &scope{parent: around.parent, fields: fields}).condition(r.On, "JOIN ON clause must evaluate to a boolean")
		if refersLeft(j.Right) && j.Kind == Left && !isTrue(j.On) {
			a.fail(r.On.At(), CodeNotSupported, "", "LEFT JOIN involving UNNEST or LATERAL is only supported with condition ON TRUE")
		}
	}
	return j, fields
}

// refersLeft says whether a relation can refer to what stands to its left.
func refersLeft(r Relation) bool {
	switch r := r.(type) {
	case *Derived:
		return r.Lateral
	case *Unnest:
		return true
	}
	return false
}

// refersBefore says whether a relation refers to relations whose ids are less than the first of its own.
func refersBefore(r Relation, first int) (before bool) {
	see := func(e Expr) {
		if c, ok := e.(*ColRef); ok && c.Rel < first {
			before = true
		}
	}
	walkRelation(r, see, func(e Expr) { walkDeep(e, see) })
	return before
}

func isTrue(e Expr) bool {
	l, ok := e.(*Literal)
	return ok && l.Value == true
}

// using writes out JOIN … USING: the named columns come once and first, and belong to
// no relation.
func (a *analyzer) using(j *Join, r *syntax.Join, lf, rf []scopeField, names []syntax.Ident) []scopeField {
	var merged []scopeField
	var terms []Expr
	find := func(fields []scopeField, id syntax.Ident, side string) *scopeField {
		var found *scopeField
		for i := range fields {
			if !strings.EqualFold(fields[i].name, id.Name) {
				continue
			}
			if found != nil {
				a.fail(id.Span, CodeAmbiguousName, "", "Column '%s' is ambiguous", id.Name)
			}
			found = &fields[i]
		}
		if found == nil {
			a.fail(id.Span, CodeColumnNotFound, "", "Column '%s' is missing from %s side of join", id.Name, side)
		}
		return found
	}
	used := map[string]bool{}
	for _, id := range names {
		key := strings.ToLower(id.Name)
		if used[key] {
			a.fail(id.Span, CodeDuplicateColumn, "", "Column '%s' appears multiple times in USING clause", id.Name)
		}
		used[key] = true
		l, rr := find(lf, id, "left"), find(rf, id, "right")
		if l == nil || rr == nil {
			continue
		}
		t, ok := CommonType(l.typ, rr.typ)
		if !ok || !t.Comparable() {
			a.fail(id.Span, CodeTypeMismatch, "", "Column Types of left and right side are not comparable: left is %s, right is %s", l.typ, rr.typ)
			continue
		}
		make1 := func(f *scopeField) Expr { return a.coerce(a.column(f, id.Span), t) }
		terms = append(terms, &Compare{Op: EQ, L: make1(l), R: make1(rr)})
		merged = append(merged, scopeField{name: id.Name, typ: t, make: func() Expr {
			switch j.Kind {
			case Right:
				return a.coerce(rr.make(), t)
			case Full:
				return &Coalesce{Args: []Expr{a.coerce(l.make(), t), a.coerce(rr.make(), t)}}
			default:
				return a.coerce(l.make(), t)
			}
		}})
	}
	switch len(terms) {
	case 0: // an error was found
	case 1:
		j.On = terms[0]
	default:
		j.On = &Logic{Args: terms}
	}
	for _, f := range slices.Concat(lf, rf) {
		if !used[strings.ToLower(f.name)] {
			merged = append(merged, f)
		}
	}
	return merged
}

func (a *analyzer) sample(r *syntax.Sample, left *scope) (Relation, []scopeField) {
	s := &Sample{System: r.System}
	a.varies = true
	var fields []scopeField
	first := a.ids
	s.Rel, fields = a.relation(r.Rel, left)
	if a.err == nil && refersBefore(s.Rel, first) {
		a.fail(r.At(), CodeNotSupported, "sample what stands before it, or write WHERE random() < 0.1", "TABLESAMPLE of what refers to other relations, as UNNEST of a column and LATERAL, is not supported")
	}
	e := a.clause("TABLESAMPLE", &scope{}).expr(r.Percent)
	if !e.Type().IsNumeric() {
		s.Percent = a.failed(r.Percent.At(), CodeTypeMismatch, "", "Sample percentage should be a numeric expression")
		return s, fields
	}
	lit, ok := a.coerce(e, Double).(*Literal)
	if !ok || lit.Value == nil {
		s.Percent = a.failed(r.Percent.At(), CodeNotConstant, "", "Sample percentage must be a constant number")
		return s, fields
	}
	if v, _ := lit.Value.(float64); v < 0 || v > 100 {
		a.fail(r.Percent.At(), CodeOutOfRange, "", "Sample percentage must be between 0 and 100")
	}
	s.Percent = lit
	return s, fields
}
