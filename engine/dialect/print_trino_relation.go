package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"traillake/engine/dialect/syntax"
)

// relation prints what stands in FROM and notes how its columns are written.
func (p *trinoPrinter) relation(r Relation) string {
	switch r := r.(type) {
	case *StoreScan:
		return p.scan(r)
	case *Derived:
		rel := p.declare(r.ID, r.Columns)
		used := p.use.columns[r.ID]
		sql := "(" + p.query(r.Query, trinoOutputs{names: rel.cols, keep: func(i int) bool { return used[i] }}) + ") AS " + rel.alias
		if !namesOutputs(r.Query) {
			sql += " (" + strings.Join(rel.cols, ", ") + ")"
		}
		return sql
	case *CTERef:
		rel := p.declare(r.ID, r.Columns)
		rel.cte = r.CTE
		if p.seen.ctes[r.CTE.ID] == nil {
			p.seen.ctes[r.CTE.ID] = map[int]bool{}
		}
		// The columns are called as the common table expression has them.
		rel.cols = columnNames(r.CTE.Columns)
		return syntax.QuoteName(r.CTE.Name) + " AS " + rel.alias
	case *Unnest:
		return p.unnest(r)
	case *Join:
		return p.join(r)
	case *Sample:
		inner := p.relation(r.Rel)
		if _, ok := r.Rel.(*Join); ok {
			inner = "(" + inner + ")"
		}
		method := " TABLESAMPLE BERNOULLI ("
		if r.System {
			method = " TABLESAMPLE SYSTEM ("
		}
		return inner + method + p.expr(r.Percent) + ")"
	default:
		panic(fmt.Sprintf("BUG: relation %T", r))
	}
}

func (p *trinoPrinter) declare(id int, cols []Column) *trinoRel {
	rel := &trinoRel{alias: alias(id), cols: columnNames(cols)}
	p.rels[id] = rel
	return rel
}

func (p *trinoPrinter) join(j *Join) string {
	left := p.relation(j.Left)
	right := p.relation(j.Right)
	switch r := j.Right.(type) {
	case *Derived:
		if r.Lateral {
			right = "LATERAL " + right
		}
	case *Join:
		right = "(" + right + ")"
	}
	words := [...]string{" CROSS JOIN ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN "}
	sql := left + words[j.Kind] + right
	if j.On != nil {
		sql += " ON " + p.expr(j.On)
	}
	return sql
}

// unnest prints UNNEST. Trino takes rows apart, so that one that is to stay whole gets
// a row around it (L4).
func (p *trinoPrinter) unnest(u *Unnest) string {
	args := make([]string, len(u.Args))
	for i, a := range u.Args {
		args[i] = p.expr(a.X)
		if t := a.X.Type(); t.Kind == KindArray && t.Elem().Kind == KindRow && !a.Expand {
			v := p.name("e")
			args[i] = "transform(" + args[i] + ", " + v + " -> ROW(" + v + "))"
		}
	}
	sql := "UNNEST(" + strings.Join(args, ", ") + ")"
	if u.Ordinality {
		sql += " WITH ORDINALITY"
	}
	rel := p.declare(u.ID, u.Columns)
	return sql + " AS " + rel.alias + " (" + strings.Join(rel.cols, ", ") + ")"
}

// scan prints the sub-select that makes logical columns out of a store's table. Its
// select list holds what is used, by the order of the columns.
func (p *trinoPrinter) scan(s *StoreScan) string {
	rel := &trinoRel{alias: alias(s.ID), scan: s}
	if p.opts.Storage != nil {
		rel.store = p.opts.Storage(s)
	}
	p.rels[s.ID] = rel
	const from = "p"
	var items []string
	item := func(sql, name string) {
		if sql != from+"."+name {
			sql += " AS " + name
		}
		items = append(items, sql)
	}
	forms := p.use.forms[s.ID]
	done := map[string]bool{}
	for _, c := range s.Columns {
		done[c.Name] = true
		if forms[c.Name]&usedLogical != 0 {
			item(p.logicalColumn(from, rel, c), syntax.QuoteName(c.Name))
		}
		if forms[c.Name]&usedStored != 0 {
			item(from+"."+syntax.QuoteName(c.Name), p.storedName(s.ID, c.Name))
		}
	}
	for _, c := range slices.Sorted(maps.Keys(forms)) {
		if !done[c] {
			item(from+"."+syntax.QuoteName(c), p.storedName(s.ID, c))
		}
	}
	if items == nil {
		items = []string{"1 AS one"}
	}
	sql := "(SELECT " + strings.Join(items, ", ") + " FROM " + p.opts.Table(s) + " AS " + from
	if p.opts.Where != nil {
		if w := p.opts.Where(s, from); w != "" {
			sql += " WHERE " + w
		}
	}
	return sql + ") AS " + rel.alias
}

// form notes that a column of a scan is used in a form, and returns it as written.
func (p *trinoPrinter) form(rel *trinoRel, column string, f trinoForm) string {
	forms := p.seen.forms[rel.scan.ID]
	if forms == nil {
		forms = map[string]trinoForm{}
		p.seen.forms[rel.scan.ID] = forms
	}
	forms[column] |= f
	name := syntax.QuoteName(column)
	if f == usedStored {
		name = p.storedName(rel.scan.ID, column)
	}
	return rel.alias + "." + name
}

// storedName is the name under which a sub-select hands on the stored form of a
// column: its own, where the logical form does not have that.
func (p *trinoPrinter) storedName(scan int, column string) string {
	if p.use.forms[scan][column]&usedLogical != 0 {
		column += "_stored"
	}
	return syntax.QuoteName(column)
}
