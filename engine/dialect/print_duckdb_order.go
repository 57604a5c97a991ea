package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// Trino evaluates the parts of AND and OR from left to right, and no more of them than it
// takes: in cardinality(a) > 1 AND a[2] = 'x' the second part is asked of long arrays only.
// DuckDB evaluates all parts that stand for a value, and conditions in an order that it tries
// out, some of them while it reads a file. So a part that may fail is put behind a CASE, which
// keeps its order, with the other parts as what has to hold first. Those that follow in the
// text hold as well: a query never fails where Trino's would not, and sometimes it does not
// where Trino's would.

// condition prints an expression for where NULL is as good as false, as in WHERE.
func (p *duckPrinter) condition(e Expr) string {
	switch e := e.(type) {
	case *Logic:
		args := terms(e)
		parts := make([]string, len(args))
		for i, a := range args {
			parts[i] = p.condition(a)
		}
		if e.Or {
			return "(" + p.anyInOrder(args, parts) + ")"
		}
		return "(" + p.allInOrder(args, parts) + ")"
	case *Not:
		s := p.expr(e)
		if l, ok := e.X.(*Logic); ok && mayFail(s) {
			opposite := &Logic{Or: !l.Or}
			for _, a := range l.Args {
				opposite.Args = append(opposite.Args, &Not{X: a})
			}
			return p.condition(opposite)
		}
		return s
	}
	return p.expr(e)
}

// terms returns the parts of an AND, or an OR, those of such parts included.
func terms(l *Logic) []Expr {
	var all []Expr
	for _, a := range l.Args {
		if inner, ok := a.(*Logic); ok && inner.Or == l.Or {
			all = append(all, terms(inner)...)
		} else {
			all = append(all, a)
		}
	}
	return all
}

// allInOrder joins the printed parts of an AND of which NULL is as good as false. What may
// fail is kept apart by the relations that it reads, so that a join finds what is to be asked
// of one side.
func (p *duckPrinter) allInOrder(args []Expr, parts []string) string {
	type group struct {
		reads  relations
		behind []int // the parts in a CASE: those that may fail, and what is costly before them
	}
	var groups []*group
	fails, joins := make([]bool, len(parts)), make([]bool, len(parts))
	for i, s := range parts {
		reads := relationsOf(args[i])
		_, _, joins[i] = sides(args[i])
		if fails[i] = reads != nil && !joins[i] && mayFail(s); !fails[i] {
			continue
		}
		k := slices.IndexFunc(groups, func(g *group) bool { return g.reads.within(reads) && reads.within(g.reads) })
		if k < 0 {
			k = len(groups)
			groups = append(groups, &group{reads: reads})
		}
		groups[k].behind = append(groups[k].behind, i)
	}
	// cheap returns the parts that are asked first where some relations are read.
	cheap := func(of relations) (first []string) {
		for i, s := range parts {
			if reads := relationsOf(args[i]); !fails[i] && !joins[i] && reads != nil && reads.within(of) && !costly(s) {
				first = append(first, s)
			}
		}
		return first
	}
	moved := make([]bool, len(parts))
	var cases []string
	for _, g := range groups {
		first := cheap(g.reads)
		for i, s := range parts[:slices.Max(g.behind)] {
			reads := relationsOf(args[i])
			if !fails[i] && !joins[i] && reads != nil && reads.within(g.reads) && g.reads.within(reads) && costly(s) {
				g.behind = append(g.behind, i)
			}
		}
		if len(first)+len(g.behind) == 1 {
			continue
		}
		slices.Sort(g.behind)
		var s string
		for _, i := range slices.Backward(g.behind) {
			moved[i] = true
			if s == "" {
				s = parts[i]
			} else {
				s = "(CASE WHEN " + parts[i] + " THEN " + s + " END)"
			}
		}
		if len(first) > 0 {
			s = "(CASE WHEN " + strings.Join(first, " AND ") + " THEN " + s + " END)"
		}
		cases = append(cases, s)
	}
	var plain []string
	for i, s := range parts {
		if joins[i] && mayFail(s) {
			s = p.guardedSides(args[i], cheap)
		}
		if !moved[i] {
			plain = append(plain, s)
		}
	}
	return strings.Join(append(plain, cases...), " AND ")
}

// sides returns the sides of a comparison of what different relations have: DuckDB joins by it, if
// it is one, and compares all pairs of rows if it stands in a CASE.
func sides(e Expr) (l, r Expr, ok bool) {
	switch e := e.(type) {
	case *Compare:
		l, r = e.L, e.R
	case *IsDistinct:
		l, r = e.L, e.R
	default:
		return nil, nil, false
	}
	left, right := relationsOf(l), relationsOf(r)
	shared := slices.ContainsFunc(left, func(id int) bool { return slices.Contains(right, id) })
	return l, r, len(left) > 0 && len(right) > 0 && !shared
}

// guardedSides prints a comparison whose sides may fail: each is asked for where what comes first
// of its relations holds, and NULL elsewhere, where the AND is not true anyway.
func (p *duckPrinter) guardedSides(e Expr, first func(relations) []string) string {
	side := func(x Expr) string {
		s := p.expr(x)
		conditions := first(relationsOf(x))
		if len(conditions) == 0 || !mayFail(s) {
			return s
		}
		return "(CASE WHEN " + strings.Join(conditions, " AND ") + " THEN " + s + " END)"
	}
	switch e := e.(type) {
	case *Compare:
		if _, ok := e.L.(*RowCtor); ok {
			return p.expr(e) // compares field by field
		}
		return p.compareValues(e.Op, side(e.L), side(e.R), e.L.Type())
	case *IsDistinct:
		return isDistinct(e, side(e.L), side(e.R))
	}
	panic(fmt.Sprintf("BUG: sides of %T", e))
}

// anyInOrder joins the printed parts of an OR of which NULL is as good as false.
func (p *duckPrinter) anyInOrder(args []Expr, parts []string) string {
	first, last, ok := split(args, parts)
	if !ok {
		return strings.Join(parts, " OR ")
	}
	s := "CASE"
	if len(first) > 0 {
		s += " WHEN " + strings.Join(first, " OR ") + " THEN true"
	}
	for _, part := range last[:len(last)-1] {
		s += " WHEN " + part + " THEN true"
	}
	return s + " ELSE " + last[len(last)-1] + " END"
}

// maxLogic bounds a printed AND or OR whose parts stand there twice, in bytes: those inside of
// each other become twice as long each time.
const maxLogic = 1 << 16

// logic prints an AND or OR whose value is wanted. What is left behind the CASE is neither true nor
// false by any part that was asked, so that all of them together make the value.
func (p *duckPrinter) logic(e *Logic) string {
	op, enough := " AND ", " THEN false"
	if e.Or {
		op, enough = " OR ", " THEN true"
	}
	args := terms(e)
	parts := make([]string, len(args))
	size := 0
	for i, a := range args {
		parts[i] = p.expr(a)
		size += len(parts[i])
	}
	first, last, ok := split(args, parts)
	if !ok || size > maxLogic {
		return "(" + strings.Join(parts, op) + ")"
	}
	all := slices.Concat(first, last)
	var whens []string
	if len(first) > 0 {
		whens = append(whens, "("+strings.Join(first, op)+")")
	}
	s := "(CASE"
	for _, w := range append(whens, last[:len(last)-1]...) {
		if !e.Or {
			w = "(NOT " + w + ")"
		}
		s += " WHEN " + w + enough
	}
	return s + " ELSE (" + strings.Join(all, op) + ") END)"
}

// split returns the parts that never fail and those that may. ok says that their order matters.
func split(args []Expr, parts []string) (never, may []string, ok bool) {
	for i, s := range parts {
		if relationsOf(args[i]) == nil {
			return nil, nil, false
		}
		if mayFail(s) {
			may = append(may, s)
		} else {
			never = append(never, s)
		}
	}
	return never, may, len(may) > 0 && len(parts) > 1
}

// relations are identifiers of relations. What was grouped, and what a window sees, is one
// more.
type relations []int

const grouped = -1

func (r relations) within(other relations) bool {
	return !slices.ContainsFunc(r, func(id int) bool { return !slices.Contains(other, id) })
}

// relationsOf returns the relations that an expression reads; nil, not empty, where it has a
// query inside of it or where its value varies, so that it must not stand anywhere else.
func relationsOf(e Expr) relations {
	all := relations{}
	movable := true
	walkExpr(e, func(e Expr) {
		switch e := e.(type) {
		case *ColRef:
			all = append(all, e.Rel)
		case *GroupRef, *AggRef, *GroupingRef, *OutputRef, *Window, *Agg:
			all = append(all, grouped)
		case *InQuery, *Quantified, *Exists, *ScalarQuery:
			movable = false
		case *Call:
			movable = movable && !e.Fn.Varies
		}
	})
	if !movable {
		return nil
	}
	return all
}

// costly reports whether a printed condition takes more than DuckDB's own work on a column.
func costly(sql string) bool {
	return len(sql) > 500 || scan(sql, func(word string, _ int) (bool, int) { return strings.HasPrefix(word, "t_"), 0 })
}
