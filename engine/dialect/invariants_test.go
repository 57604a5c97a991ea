package dialect

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// treeChecker checks what a printer may rely on in a typed tree.
type treeChecker struct {
	rels     map[int][]Column
	params   map[int]*Type
	problems []string
}

func checkTree(s *Statement) []string {
	c := &treeChecker{rels: map[int][]Column{}, params: map[int]*Type{}}
	c.query(s.Query)
	return c.problems
}

func (c *treeChecker) bad(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *treeChecker) same(what string, list ...Expr) {
	for _, e := range list[1:] {
		if !e.Type().Equal(list[0].Type()) {
			c.bad("%s of %s and %s", what, list[0].Type(), e.Type())
		}
	}
}

func (c *treeChecker) query(q *Query) {
	for _, w := range q.With {
		if w.Recursive {
			c.query(w.Query.Body.(*SetOp).Left)
		}
		c.query(w.Query)
		if len(w.Columns) != len(w.Query.Columns) {
			c.bad("named query %s: %d columns, not %d", w.Name, len(w.Columns), len(w.Query.Columns))
		}
	}
	switch b := q.Body.(type) {
	case *Query:
		c.query(b)
	case *SetOp:
		c.query(b.Left)
		c.query(b.Right)
		if len(b.Types) != len(q.Columns) || len(b.Left.Columns) != len(b.Types) || len(b.Right.Columns) != len(b.Types) {
			c.bad("set operation of %d and %d columns gives %d", len(b.Left.Columns), len(b.Right.Columns), len(q.Columns))
		}
	case *Values:
		for _, r := range b.Rows {
			for i, e := range r {
				c.expr(e)
				if !e.Type().Equal(q.Columns[i].Type) {
					c.bad("value of %s for %s", e.Type(), q.Columns[i].Type)
				}
			}
		}
	case *Select:
		c.selectBody(q, b)
	}
	for _, s := range q.OrderBy {
		if o, ok := s.X.(*OutputRef); ok && o.Index >= len(q.Columns) {
			c.bad("output %d of %d", o.Index, len(q.Columns))
		}
	}
}

func (c *treeChecker) selectBody(q *Query, s *Select) {
	local := map[int]bool{}
	localRelations(s.From, local)
	c.relation(s.From)
	late := append([]Expr{}, s.Items...)
	if s.Having != nil {
		late = append(late, s.Having)
	}
	for _, o := range q.OrderBy {
		late = append(late, o.X)
	}
	for _, e := range late {
		c.expr(e)
		if s.Group == nil {
			continue
		}
		walkExpr(e, func(x Expr) {
			switch x := x.(type) {
			case *ColRef:
				if local[x.Rel] {
					c.bad("column %s behind a grouping", x.Name)
				}
			case *GroupRef:
				if !s.Group.Keys[x.Index].Type().Equal(x.Typ) {
					c.bad("key %d is no %s", x.Index, x.Typ)
				}
			case *AggRef:
				if !s.Group.Aggs[x.Index].Typ.Equal(x.Typ) {
					c.bad("aggregate %d is no %s", x.Index, x.Typ)
				}
			case *Agg:
				c.bad("an aggregate that is not gathered")
			}
		})
	}
	if s.Where != nil {
		c.expr(s.Where)
	}
	if s.Group != nil {
		for _, k := range s.Group.Keys {
			c.expr(k)
		}
		for _, a := range s.Group.Aggs {
			c.expr(a)
		}
	}
	if len(s.Items) != len(q.Columns) {
		c.bad("%d outputs, not %d", len(s.Items), len(q.Columns))
		return
	}
	for i, e := range s.Items {
		if !e.Type().Equal(q.Columns[i].Type) {
			c.bad("output %s of %s is a %s", q.Columns[i].Name, q.Columns[i].Type, e.Type())
		}
	}
}

func (c *treeChecker) relation(r Relation) {
	switch r := r.(type) {
	case *StoreScan:
		c.rels[r.ID] = r.Columns
	case *Derived:
		c.query(r.Query)
		c.rels[r.ID] = r.Columns
	case *CTERef:
		c.rels[r.ID] = r.Columns
	case *Unnest:
		for _, a := range r.Args {
			c.expr(a.X)
		}
		c.rels[r.ID] = r.Columns
	case *Join:
		c.relation(r.Left)
		c.relation(r.Right)
		if r.On != nil {
			c.expr(r.On)
		}
	case *Sample:
		c.relation(r.Rel)
	}
}

func (c *treeChecker) boolean(what string, list ...Expr) {
	for _, e := range list {
		if e != nil && e.Type().Kind != KindBoolean {
			c.bad("%s of %s", what, e.Type())
		}
	}
}

func (c *treeChecker) expr(e Expr) {
	if l, ok := e.(*Lambda); ok {
		for _, p := range l.Params {
			c.params[p.ID] = p.Type
		}
	}
	switch e := e.(type) {
	case *ColRef:
		if cols := c.rels[e.Rel]; e.Index >= len(cols) {
			c.bad("column %s of relation %d, which is not in sight", e.Name, e.Rel)
		} else if !cols[e.Index].Type.Equal(e.Typ) {
			c.bad("column %s is no %s", e.Name, e.Typ)
		}
	case *ParamRef:
		if t := c.params[e.ID]; t == nil || !t.Equal(e.Typ) {
			c.bad("parameter %s of %v is no %s", e.Name, t, e.Typ)
		}
	case *Compare:
		c.same("comparison", e.L, e.R)
	case *IsDistinct:
		c.same("IS DISTINCT", e.L, e.R)
	case *Between:
		c.same("BETWEEN", e.X, e.Low, e.High)
	case *In:
		c.same("IN", append([]Expr{e.X}, e.List...)...)
	case *InQuery:
		if !e.X.Type().Equal(e.Query.Columns[0].Type) || len(e.Query.Columns) != 1 {
			c.bad("IN query of %s and %s", e.X.Type(), e.Query.Columns[0].Type)
		}
	case *Quantified:
		if !e.X.Type().Equal(e.Query.Columns[0].Type) || len(e.Query.Columns) != 1 {
			c.bad("quantified query of %s and %s", e.X.Type(), e.Query.Columns[0].Type)
		}
	case *Logic:
		c.boolean("logic", e.Args...)
	case *Not:
		c.boolean("NOT", e.X)
	case *Coalesce:
		c.same("COALESCE", e.Args...)
	case *Case:
		for _, w := range e.Whens {
			if e.Operand != nil {
				c.same("CASE", e.Operand, w.When)
			} else {
				c.boolean("WHEN", w.When)
			}
			c.same("CASE results", w.Then, &Literal{Typ: e.Typ})
		}
		if e.Else != nil {
			c.same("CASE results", e.Else, &Literal{Typ: e.Typ})
		}
	case *ArrayCtor:
		for _, x := range e.Elems {
			c.same("array", x, &Literal{Typ: e.Typ.Elem()})
		}
	case *RowCtor:
		for i, x := range e.Fields {
			c.same("row", x, &Literal{Typ: e.Typ.Elems[i]})
		}
	case *Deref:
		if t := e.X.Type(); t.Kind != KindRow || e.Field >= len(t.Elems) {
			c.bad("field %d of %s", e.Field, t)
		}
	case *groupingCall:
		c.bad("GROUPING that is not gathered")
	}
	if q := subquery(e); q != nil {
		c.query(q)
	}
	eachChild(e, func(x *Expr) { c.expr(*x) })
}

// TestTreeInvariants checks the trees of all queries in the test data.
func TestTreeInvariants(t *testing.T) {
	o := testOptions(t)
	n := 0
	for _, text := range testQueries(t) {
		a, err := Analyze(text, forText(o, text))
		if err != nil {
			continue
		}
		n++
		for _, p := range checkTree(a.Statement) {
			t.Errorf("%s\n%s", text, p)
		}
	}
	if n < 100 {
		t.Errorf("only %d queries were checked", n)
	}
}

// testQueries returns the queries of all files of test data.
func testQueries(t testing.TB) []string {
	t.Helper()
	list := statementsIn(t, "testdata/accepted.sql")
	files, err := filepath.Glob("testdata/analyze/*")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?ms)^(expr|tree|columns|facts)\n(.*?)\n----$`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(string(text), -1) {
			q := strings.TrimSpace(m[2])
			if m[1] == "expr" {
				q = "SELECT " + q + " FROM trail"
			}
			list = append(list, q)
		}
	}
	return list
}
